/* domain.h - the box that points lie in, and what is taken for one period of it.
 *
 * Along each axis  period = (largest - smallest) nodes/(nodes - 1):  nodes of the lattice that the coordinates lie on,
 * whether or not each is taken, so that a grid with points missing keeps the period of the whole grid; of coordinates
 * that lie on none, as many as are different. */
#ifndef FQPI_DOMAIN_H
#define FQPI_DOMAIN_H

#include "grid.h"

typedef struct fqpi_domain {
    int d;
    double low[FQPI_GRID_MAX], extent[FQPI_GRID_MAX], period[FQPI_GRID_MAX];
    double rounding[FQPI_GRID_MAX]; /* of a coordinate, as the numbers are written */
    int64_t nodes[FQPI_GRID_MAX];   /* 1: all points have this coordinate in common; its period is 1 */
} fqpi_domain;

/* x [n, d] f32 or f64, d from 1 to 3.  FQP_E_SHAPE when all points coincide; `who` begins the message. */
fqp_status fqpi_domain_find(fqp_ctx *ctx, const char *who, fqp_view x, fqpi_domain *out);
/* Highest index that the coordinates of an axis can tell. */
int64_t fqpi_domain_most(const fqpi_domain *domain, int a);
/* Waves of the box |k_a| <= K, no axis beyond what it can tell. */
double fqpi_domain_waves(const fqpi_domain *domain, int64_t K);
/* The largest K whose box has at most so many waves; 0: not even the first. */
int64_t fqpi_domain_highest(const fqpi_domain *domain, double waves);
/* Are the points a full regular grid, in whatever order?  place [n]: where each stands, the last column fastest. */
fqp_status fqpi_domain_grid(fqp_ctx *ctx, const fqpi_domain *domain, fqp_view x, int64_t *place, bool *grid);
/* u [n, d] = (x - low)/period */
void fqpi_domain_turns(const fqpi_domain *domain, fqp_view x, double *u);

#endif
