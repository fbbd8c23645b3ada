/* signal_raw.h - a file as samples on a grid or as rows of a table, numbers still as they are stored. */
#ifndef FQPI_SIGNAL_RAW_H
#define FQPI_SIGNAL_RAW_H

#include "stream.h"

#include <fqp/signal.h>

typedef struct fqpi_raw_signal {
    fqp_signal_kind kind;
    fqp_array a; /* as its reader gives it */
    fqpi_note note;
    int ndim;         /* axes of the grid; table: 0 */
    int64_t shape[3]; /* a table's rows stand in shape[0] */
    int64_t channels; /* table: columns */
    double white;     /* stored number that means 1 */
    bool counts;      /* unsigned integers: from 0 to white */
} fqpi_raw_signal;

/* axes: how many dimensions of an array file are axes of the grid, the next one counts channels; 0: all up to three. */
fqp_status fqpi_signal_load(fqp_ctx *ctx, const char *path, int axes, fqpi_raw_signal *out);
void fqpi_signal_unload(fqpi_raw_signal *s);
/* "FILE, image of 512 x 512, 3 channels, 8 bit" as owned text. */
char *fqpi_signal_title(fqp_ctx *ctx, const char *path, const fqpi_raw_signal *s);

#endif
