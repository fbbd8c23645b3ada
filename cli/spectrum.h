/* spectrum.h - what fqp spectrum shows (spectrum_show.c) and writes (spectrum_files.c). */
#ifndef FQP_CLI_SPECTRUM_H
#define FQP_CLI_SPECTRUM_H

#include "cli.h"

#include <fqp/periodogram.h>

void show_spectrum(FILE *f, const fqp_periodogram *p);
json_t *spectrum_json(const fqp_periodogram *p);
/* dir/spectrum.csv, spectrum.npy (its numbers), spectrum.json, and figures in `formats`. */
fqp_status spectrum_write(fqp_ctx *ctx, const fqp_periodogram *p, const char *dir, const char *formats);

/* One line: how it was found, over what, scaled and windowed how. */
void spectrum_method(const fqp_periodogram *p, char *text, size_t size);
/* "frequency [cycles per domain], wavenumber = 6.28 times it" */
void spectrum_axis(const fqp_periodogram *p, char *text, size_t size);

#endif
