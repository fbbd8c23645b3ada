/* outputs.h - a run as one table: bands.c. */
#ifndef FQPI_OUTPUTS_H
#define FQPI_OUTPUTS_H

#include "exp.h"

typedef enum fqpi_bands_how {
    FQPI_BANDS_THIN,     /* selected bins, at most 200,000 rows: bands.csv of a run directory */
    FQPI_BANDS_SELECTED, /* all frames of the selected bins */
    FQPI_BANDS_ALL       /* all frames of every bin with target energy */
} fqpi_bands_how;

/* *rows written, with at most *frames of each seed (0: all). */
fqp_status fqpi_bands_write(fqp_ctx *ctx, const fqpi_trial *trial, const char *path, fqpi_bands_how how, int64_t *rows,
                            int64_t *frames);
/* DIR/bands.csv, and into the summary how much of the run it holds: "bands": {"rows", "frames"}. */
fqp_status fqpi_bands_of_run(fqp_ctx *ctx, const fqpi_trial *trial, json_t *summary);

#endif
