/* output.h - one row per output map: from the last layer's z to the prediction h, and back. */
#ifndef FQPI_OUTPUT_H
#define FQPI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fqpi_output {
    const char *name, *doc;
    /* h = map(z), one sample of m numbers; NULL: h = z */
    void (*map)(int64_t m, const double *z, double *h);
    /* dz = (dh/dz)^T dh at the sample whose prediction is h; NULL: dz = dh */
    void (*pull)(int64_t m, const double *h, const double *dh, double *dz);
    /* Cross entropy of target y against map(z), straight from z so that no logarithm of 0 is met, and its derivative dz
     * (may be NULL).  NULL row: the map gives no probabilities. */
    double (*entropy)(int64_t m, const double *z, const double *y, double *dz);
    bool mean_outputs; /* entropy is averaged over outputs as well (independent ones), not only over samples */
} fqpi_output;

const fqpi_output *fqpi_output_row(int output); /* NULL outside the table */
const char *fqpi_output_name(size_t i, const char **doc);

#endif
