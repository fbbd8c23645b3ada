/* reference.h - a problem in time, solved by Fourier series and ETDRK4 (spectral.h), where its solution is wanted. */
#ifndef FQPI_SPECTRAL_REFERENCE_H
#define FQPI_SPECTRAL_REFERENCE_H

#include <fqp/problem.h>

/* u [n, m] of the solution at x [n, d], time the last coordinate.  points along each axis of space and the longest step
 * in time; 0: doubled, and halved, until the solution changes by no more than 1e-9 of its size (or limits are reached,
 * which the log says; above 1e-4 as a warning).  At the first time the initial conditions themselves are answered.
 * Numbers to be found (problem.find) have their start values.  FQP_E_UNSUPPORTED with the reason for problems that are
 * not in time, not on a box of one or two coordinates, or with walls that are neither periodic nor u = 0 nor u_n = 0.
 */
fqp_status fqpi_spectral_reference(fqp_ctx *ctx, const fqp_pde *problem, int64_t n, const double *x, double *u,
                                   int64_t points, double step);

#endif
