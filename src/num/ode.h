/* ode.h - initial value problems y' = f(t, y) by the pair of Dormand and Prince (1980), order 5 with an error of order
 * 4. */
#ifndef FQPI_ODE_H
#define FQPI_ODE_H

#include <fqp/base.h>

typedef void (*fqpi_ode_fn)(void *user, double t, const double *y, double *dy);

/* y [n] from t0 to t1 > t0; the error of each step stays below tolerance times (|y|_max so far + 1) in the maximum
 * norm.  Steps taken, rejected ones included, into *steps (or NULL).  FQP_E_DATA when `most` steps do not suffice
 * (stiff: the work grows with the largest rate times the time). */
fqp_status fqpi_ode_run(fqp_ctx *ctx, int64_t n, double *y, double t0, double t1, double tolerance, int64_t most,
                        fqpi_ode_fn f, void *user, int64_t *steps);

#endif
