/* grid.h - is this list of points a regular grid?  Found from the points alone. */
#ifndef FQPI_GRID_H
#define FQPI_GRID_H

#include <fqp/array.h>

enum { FQPI_GRID_MAX = 3 };

/* Axes in memory order, the slowest first.  Columns of x may run along the axes in any order ("ij" and "xy" meshes). */
typedef struct fqpi_grid {
    int ndim;
    int64_t n; /* points in all */
    int64_t shape[FQPI_GRID_MAX];
    int column[FQPI_GRID_MAX];    /* the column of x that changes along this axis */
    double step[FQPI_GRID_MAX];   /* spacing, negative when descending */
    double period[FQPI_GRID_MAX]; /* shape * |step|: what the discrete transform takes for one period */
} fqpi_grid;

/* x [n,d] f32 or f64, d from 1 to 3.  Gaps may differ by 1e-9 of the spacing and by the rounding of the numbers (of
 * single precision when all of them are single precision numbers).  FQP_E_SHAPE names the first bad gap with index and
 * values: "<who> needs a regular grid: ...; <instead>". */
fqp_status fqpi_grid_find(fqp_ctx *ctx, fqp_view x, const char *who, const char *instead, const fqp_origin *origin,
                          fqpi_grid *out);
/* The largest period of the axes. */
double fqpi_grid_longest(const fqpi_grid *g);

#endif
