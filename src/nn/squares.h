/* squares.h - the damped normal equations of a sum of squares, for the optimisers that step by them. */
#ifndef FQPI_SQUARES_H
#define FQPI_SQUARES_H

#include "optimizer.h"

typedef struct fqpi_normal {
    const fqpi_objective *o;
    const fqpi_squares *s;
    double *w0, *g, *d; /* [o->n] where the step begins, gradient there, the step */
    double top;         /* largest entry of the diagonal of the normal matrix */
} fqpi_normal;

/* Residuals, Jacobian, gradient at the present w, which becomes w0. */
void fqpi_normal_take(fqpi_normal *q);
/* d for this damping; false when the matrix is singular to rounding. */
bool fqpi_normal_solve(fqpi_normal *q, double lambda);

#endif
