/* bundle.h - several terms of one graph evaluated together: what they share is computed once, variables are read where
 * they lie, results written where they belong. */
#ifndef FQPI_BUNDLE_H
#define FQPI_BUNDLE_H

#include "program.h"

/* Where result i goes: of point k to at[k * stride]; at NULL: not wanted. */
typedef struct fqpi_result {
    double *at;
    int64_t stride;
} fqpi_result;

typedef struct fqpi_bundle fqpi_bundle;
fqp_status fqpi_bundle_create(fqp_ctx *ctx, const fqpi_graph *g, int n, const int *root, fqpi_bundle **out);
void fqpi_bundle_destroy(fqpi_bundle *b);
/* column: one for every variable that the terms reach, by its index; parameters likewise.  Thread-safe. */
fqp_status fqpi_bundle_eval(fqp_ctx *ctx, const fqpi_bundle *b, int64_t n, const fqpi_column *column,
                            const double *parameters, const fqpi_result *out);

#endif
