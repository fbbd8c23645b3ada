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

/* L becomes the inverse of L L^T, both triangles. */
void fqpi_cholesky_inverse(int64_t n, double *a);

/* A x = b for the symmetric, possibly indefinite A [n, n] whose lower triangle is given row by row (Bunch and Kaufman's
 * pivots; A is overwritten) and `columns` right-hand sides b [columns, n], which become the solutions.  *condition
 * (or NULL) receives an estimate of 1/(|A| |A^-1|) in the 1-norm.  FQP_E_DATA with a problem that begins with `who`
 * when that is below n times the rounding of a double: nothing of b is changed then. */
fqp_status fqpi_symmetric_solve(fqp_ctx *ctx, const char *who, int64_t n, double *a, int64_t columns, double *b,
                                double *condition);

/* All eigenpairs of the symmetric a [n, n] whose lower triangle is given row by row: value [n] rises, row i of a
 * becomes the unit vector of value[i].  Takes fqpi_symmetric_eigen_bytes(n) more.  FQP_E_DATA when the numbers are not
 * finite or the iteration fails. */
fqp_status fqpi_symmetric_eigen(fqp_ctx *ctx, const char *who, int64_t n, double *a, double *value);
double fqpi_symmetric_eigen_bytes(int64_t n);

typedef enum fqpi_decomposition { FQPI_BY_SVD, FQPI_BY_QR } fqpi_decomposition;

typedef struct fqpi_least_told {
    int64_t rank;             /* what the cut left */
    double largest, smallest; /* singular values (QR: of the diagonal of R) */
} fqpi_least_told;

/* The x of least norm that minimises |A x - b|, for `columns` right-hand sides: A [rows, n] column by column
 * (overwritten), b [max(rows, n), columns] column by column, whose first n rows become x.  By singular values (dgelsd)
 * or rank-revealing QR (dgelsy, some times quicker); what is below `cut` times the largest counts as 0 (0: the rounding
 * of a double).  told may be NULL.  FQP_E_DATA when numbers are not finite or the iteration fails. */
fqp_status fqpi_least_squares(fqp_ctx *ctx, const char *who, fqpi_decomposition by, int64_t rows, int64_t n, double *a,
                              int64_t columns, double *b, double cut, fqpi_least_told *told);

#endif
