/* nufft.h - Fourier sums over scattered points in one to three dimensions, and their adjoint.
 *
 *   type 1:  F_k = sum_j c_j exp(-2 pi i k.u_j)      type 2:  c_j = sum_k F_k exp(+2 pi i k.u_j)
 * for |k_a| <= K_a; u in turns (period 1).  A box of coefficients is [2 K_0 + 1, ...][2], k_a = -K_a first, the last
 * axis fastest.  By the sums themselves where they are few, else by way of an equispaced grid (non-uniform FFT; Dutt &
 * Rokhlin 1993, Barnett, Magland & af Klinteberg, SIAM J. Sci. Comput. 41, C479, 2019). */
#ifndef FQPI_NUFFT_H
#define FQPI_NUFFT_H

#include <fqp/base.h>

enum { FQPI_NUFFT_AXES = 3 };
typedef enum fqpi_nufft_road { FQPI_NUFFT_AUTO, FQPI_NUFFT_SUM, FQPI_NUFFT_GRID, FQPI_NUFFT_LIBRARY } fqpi_nufft_road;

typedef struct fqpi_nufft_opts {
    double tolerance; /* relative, 1e-13 to 1e-2; 0: 1e-12 */
    fqpi_nufft_road road;
} fqpi_nufft_opts;

typedef struct fqpi_nufft fqpi_nufft;

/* Is LIBRARY (FINUFFT, where the build found it) there?  AUTO takes it instead of GRID. */
bool fqpi_nufft_has_library(void);

/* u [n, d] is copied; opts may be NULL. */
fqp_status fqpi_nufft_create(fqp_ctx *ctx, int d, int64_t n, const double *u, const int64_t *K,
                             const fqpi_nufft_opts *opts, fqpi_nufft **out);
void fqpi_nufft_destroy(fqpi_nufft *f);
int64_t fqpi_nufft_box(const fqpi_nufft *f);           /* coefficients */
fqpi_nufft_road fqpi_nufft_taken(const fqpi_nufft *f); /* never AUTO */

/* c [n][2], box [..][2]; allocate nothing, the same bits for any number of threads. */
void fqpi_nufft_type1(fqpi_nufft *f, const double *c, double *box);
void fqpi_nufft_type2(fqpi_nufft *f, const double *box, double *c);

#endif
