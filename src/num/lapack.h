/* lapack.h - routines of LAPACK, from whichever of its libraries is installed.
 *
 * The library is opened at first use (late.h): OpenBLAS takes 3 ms and starts threads when it is loaded.  Its own
 * threads stay idle while we call it, so that the bits of a result do not depend on them. */
#ifndef FQPI_LAPACK_H
#define FQPI_LAPACK_H

#include "late.h"

extern fqpi_late fqpi_lapack_library;

/* To be asked before anything below is called.  FQP_E_UNSUPPORTED when no library is installed; `who` begins the
 * message: "train.optimizer: lm needs". */
fqp_status fqpi_lapack_ready(fqp_ctx *ctx, const char *who);

/* A = L L^T of the symmetric positive definite A [n, n] whose lower triangle is given row by row; L takes its place.
 * False: A is not positive definite. */
bool fqpi_cholesky(int64_t n, double *a);
/* x [n], the right-hand side on entry, becomes the solution of L L^T x = b. */
void fqpi_cholesky_solve(int64_t n, const double *a, double *x);

#endif
