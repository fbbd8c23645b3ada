/* principal.h - principal components of a cloud of points, without forming the covariance. */
#ifndef FQPI_PRINCIPAL_H
#define FQPI_PRINCIPAL_H

#include <fqp/array.h>

/* Column means of x [n,d] (f32 or f64). */
void fqpi_column_means(fqp_view x, double *mean);

/* The first `count` principal components of x [n,d]: unit vectors direction [count,d] by falling variance [count] (of
 * the population: divided by n).  mean [d] of the columns is subtracted.  The largest component of each is positive.
 * FQP_E_ARG when the points vary in fewer than `count` directions. */
fqp_status fqpi_principal(fqp_ctx *ctx, fqp_view x, const double *mean, int64_t count, double *direction,
                          double *variance);

#endif
