/* output.h - one row per output map: from the last layer's z to the prediction h, and back.
 *
 * Panels are [m][ld] of double, samples along the fast axis; ld is a multiple of the kernel's lanes, and whole columns
 * are worked on, padding included.  k64 is a kernel of f64; work holds FQPI_WORK_ROWS rows of ld. */
#ifndef FQPI_OUTPUT_H
#define FQPI_OUTPUT_H

#include "kernel.h"

enum { FQPI_WORK_ROWS = 4 };

typedef struct fqpi_output {
    const char *name, *doc;
    /* z becomes h = map(z).  NULL: h = z */
    void (*map)(const fqpi_kernel *k64, int64_t m, int64_t ld, double *z, double *work);
    /* dh becomes dz = (dh/dz)^T dh at the predictions h.  NULL: dz = dh */
    void (*pull)(int64_t m, int64_t ld, const double *h, double *dh, double *work);
    /* loss [ld] receives the cross entropy of target y against map(z), straight from z so that no logarithm of 0 is
     * met, dz weight times its derivative.  NULL: the map gives no probabilities. */
    void (*entropy)(const fqpi_kernel *k64, int64_t m, int64_t ld, const double *z, const double *y, double weight,
                    double *loss, double *dz, double *work);
    bool mean_outputs; /* entropy is averaged over outputs as well (independent ones), not only over samples */
} fqpi_output;

const fqpi_output *fqpi_output_row(int output); /* NULL outside the table */
const char *fqpi_output_name(size_t i, const char **doc);

/* Predictions h [m][ld] of z [m][ld], which is of k's precision.  work: FQPI_WORK_ROWS rows of ld. */
void fqpi_output_panel(const fqpi_output *o, const fqpi_kernel *k, const fqpi_kernel *k64, int64_t m, int64_t ld,
                       const void *z, double *h, double *work);

#endif
