/* patches.h - the inside of random features: patches, what is drawn on them, and the equations so far. */
#ifndef FQPI_PATCHES_H
#define FQPI_PATCHES_H

#include <fqp/random_features.h>

struct fqp_features {
    fqp_ctx *ctx;
    fqp_features_opts opts;
    int64_t d, patches, count;
    int64_t along[FQP_FEATURES_AXES];                          /* patches along each axis */
    double lower[FQP_FEATURES_AXES], width[FQP_FEATURES_AXES]; /* of the box; of a patch */
    int derivatives;                                           /* that the activation has */
    double *k, *b;                                             /* [count, d], [count] */
    double *coefficient;                                       /* [count] */
    double *row, *value;                                       /* [room, count], [room] scaled equations */
    int64_t rows, room;
};

/* Derivative `order` [d] of the features of one patch at x [d], times factor, added to row [count]. */
void fqpi_features_add(const fqp_features *f, int64_t patch, const double *x, const int *order, double factor,
                       double *row);
/* The patch whose indicator is 1 at x. */
int64_t fqpi_features_patch(const fqp_features *f, const double *x);
void fqpi_features_place(const fqp_features *f, int64_t patch, int64_t *at); /* [d] its place along each axis */
/* Room for n more equations, or the sentence why not. */
fqp_status fqpi_features_grow(fqp_features *f, int64_t n);
/* The last equation is in its row: scale it and count it. */
void fqpi_features_take(fqp_features *f, double value, double weight);

#endif
