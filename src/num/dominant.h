/* dominant.h - the frequency that carries most of a field.
 *
 * On a regular grid from the discrete transform, on scattered points of up to three dimensions from the Fourier sums
 * over them.  Frequencies are what the points can tell apart: multiples of 1/period up to the Nyquist frequency of the
 * grid, or of a grid with as many points in the same box. */
#ifndef FQPI_DOMINANT_H
#define FQPI_DOMINANT_H

#include "grid.h"

typedef struct fqpi_dominant {
    double
        frequency[FQPI_GRID_MAX]; /* of each coordinate, cycles per unit; the half space where the last one is >= 0 */
    double size;                  /* their Euclidean norm */
    double per_period;            /* points in one period, along the axis with fewest; infinity: constant */
    double share;                 /* of the energy without the mean */
} fqpi_dominant;

/* Field y [n, m], outputs pooled, the mean of each subtracted, at x [n, d], d from 1 to 3 (else FQP_E_SHAPE).  A field
 * that is constant has frequency 0 and per_period infinity. */
fqp_status fqpi_dominant_find(fqp_ctx *ctx, fqp_view x, int64_t m, const double *y, fqpi_dominant *out);

#endif
