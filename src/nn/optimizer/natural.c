/* natural: natural gradient descent (Amari 1998).  For squared errors the Fisher matrix is that of Gauss and Newton, so
 *   w <- w - lr (J^T J + lambda I)^-1 g,   lambda = damping times the largest entry of the diagonal,
 * without a line search: in function space all modes that J can reach fall alike, (1 - lr) a step, while plain gradient
 * descent moves each by its own eigenvalue. */
#include "squares.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { VECTORS = 3 };

static bool minimise(const fqpi_objective *o, int64_t memory, double *state, int64_t stride, double *memo, double *f) {
    (void)memory, (void)memo;
    fqpi_normal q = {.o = o, .s = o->squares, .w0 = state, .g = state + stride, .d = state + 2 * stride};
    fqpi_normal_take(&q);
    double lambda = q.s->damping * fmax(q.top + q.s->decay, DBL_MIN);
    while (isfinite(lambda) && !fqpi_normal_solve(&q, lambda)) /* singular to rounding */
        lambda *= 10;
    *f = NAN;
    if (!isfinite(lambda))
        return false;
    o->k->axpy(o->n, o->lr, q.d, o->w);
    *f = o->value(o->self, NULL);
    return true;
}

const fqpi_optimizer fqpi_optimizer_natural = {
    .name = "natural",
    .doc = "natural gradient, damped Gauss-Newton steps of length lr; mse, full batch, f64, small networks",
    .states = VECTORS,
    .minimise = minimise,
    .squares = true};
