/* loss.h - one row per loss, and what a tile of samples contributes to it. */
#ifndef FQPI_LOSS_H
#define FQPI_LOSS_H

#include "output.h"
#include <fqp/array.h>

typedef struct fqpi_loss {
    const char *name, *doc;
    /* Loss of one residual r = h - y, derivative into *slope.  NULL: cross entropy, which the output map supplies. */
    double (*of)(double r, double param, double *slope);
} fqpi_loss;

const fqpi_loss *fqpi_loss_row(int loss); /* NULL outside the table */
const char *fqpi_loss_name(size_t i, const char **doc);

/* What is minimised: (1/(n m)) sum of loss(h - y) over n samples and m outputs, the mean PyTorch's losses take; cross
 * entropy of softmax outputs: (1/n) sum over samples. */
typedef struct fqpi_criterion {
    const fqpi_loss *loss;
    double param;
    const fqpi_output *output;
    int64_t m;
} fqpi_criterion;

/* Samples of a tile: sample j has target y + at[j]*m and class labels[at[j]]. */
typedef struct fqpi_samples {
    int64_t n;
    const int64_t *at;     /* [n] rows of the data set */
    const double *y;       /* [*, m] */
    const int64_t *labels; /* NULL: regression */
} fqpi_samples;

/* Factor that turns the sum over `samples` samples into the mean. */
double fqpi_criterion_weight(const fqpi_criterion *c, int64_t samples);

/* weight * sum of the tile's losses; z is the panel [m][ld] of the last layer.  dz (may be NULL, same panel shape)
 * receives weight * dloss/dz.  *hits counts samples put into their class.  scratch [4 m]. */
double fqpi_criterion_tile(const fqpi_criterion *c, fqp_dtype t, const fqpi_samples *s, const void *z, int64_t ld,
                           double weight, void *dz, int64_t *hits, double *scratch);

#endif
