/* gauss_filter.h - Gaussian low-pass in input space, for many widths in one pass over tiles of point pairs.
 *
 *   y_low_i = sum_j G(x_i - x_j) y_j / sum_j G(x_i - x_j),   G(z) = exp(-|z|^2 / (2 delta))     (j = i included)
 * delta is the variance of the kernel (Xu, Zhang, Luo 2201.07395, sec. 3.2.2).  y_high = y - y_low. */
#ifndef FQPI_GAUSS_FILTER_H
#define FQPI_GAUSS_FILTER_H

#include <fqp/array.h>

/* low [nd, n, m] of y [n, m] (f64 or f32) at points x [n, d] (f64 or f32).  Memory grows with n, not with n^2. */
fqp_status fqpi_filter(fqp_ctx *ctx, fqp_view x, fqp_view y, const double *deltas, size_t nd, double *low);

/* The same for many fields over the same points. */
typedef struct fqpi_smoother fqpi_smoother;

/* Bytes that may be spent.  Distances are kept between passes when they fit in `distances`, and computed again in every
 * pass otherwise; points are held in double when they fit in `points`, in float otherwise. */
typedef struct fqpi_smoother_room {
    size_t distances, points;
} fqpi_smoother_room;
enum { FQPI_SMOOTHER_BYTES = 128 << 20 }; /* what fqpi_filter spends on points */

fqp_status fqpi_smoother_create(fqp_ctx *ctx, fqp_view x, int64_t m, const double *deltas, size_t nd,
                                fqpi_smoother_room room, fqpi_smoother **out);
void fqpi_smoother_destroy(fqpi_smoother *f);
void fqpi_smoother_run(fqpi_smoother *f, const double *y, double *low); /* y [n,m]; allocates nothing */

/* Widths that suit the points: count of them, evenly spaced in ln between the squared median distance to the nearest
 * neighbour and half the squared median distance, of a fixed subsample.  FQP_E_SHAPE when all points coincide. */
fqp_status fqpi_filter_widths(fqp_ctx *ctx, fqp_view x, size_t count, double *deltas);

#endif
