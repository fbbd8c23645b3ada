/* fft.h - transform of fields on 1-D to 3-D grids (FFTW).
 *
 *   Y_k = sum_j y_j exp(-2 pi i (j1 k1/n1 + j2 k2/n2 + ...)),  not scaled; axes in memory order, the slowest first. */
#ifndef FQPI_FFT_H
#define FQPI_FFT_H

#include <fqp/base.h>

typedef struct fqpi_fft fqpi_fft;

fqp_status fqpi_fft_create(fqp_ctx *ctx, int ndim, const int64_t *shape, fqpi_fft **out);
void fqpi_fft_destroy(fqpi_fft *f);

/* Put the samples here ... */
double *fqpi_fft_field(fqpi_fft *f); /* [n] */
/* ... and transform: [half][2], the last axis holds k = 0..n/2, the others k modulo n. */
const double *fqpi_fft_run(fqpi_fft *f);
size_t fqpi_fft_half(const fqpi_fft *f); /* complex numbers of the result */
/* Where Y_k stands in the result, k may be negative; *conj: the conjugate is stored. */
size_t fqpi_fft_index(const fqpi_fft *f, const int64_t *k, bool *conj);

/* ---- complex fields, in place ---------------------------------------------------------------------------------- */

typedef struct fqpi_cfft fqpi_cfft;

fqp_status fqpi_cfft_create(fqp_ctx *ctx, int ndim, const int64_t *shape, fqpi_cfft **out);
void fqpi_cfft_destroy(fqpi_cfft *f);
double *fqpi_cfft_field(fqpi_cfft *f); /* [n][2] */
/* sign -1: as above, for every k modulo n;  +1: with exp(+2 pi i ...), not scaled either */
void fqpi_cfft_run(fqpi_cfft *f, int sign);

/* ---- sine transforms, in place: DST-I ----------------------------------------------------------------------------
 *
 *   B_k = 2^d sum_j y_j prod_a sin(pi k_a j_a/(n_a + 1)),   j, k = 1 .. n: the values between two zeros (FFTW's
 * RODFT00)
 */
typedef struct fqpi_dst fqpi_dst;

fqp_status fqpi_dst_create(fqp_ctx *ctx, int ndim, const int64_t *shape, fqpi_dst **out);
void fqpi_dst_destroy(fqpi_dst *f);
double *fqpi_dst_field(fqpi_dst *f); /* [n] */
void fqpi_dst_run(fqpi_dst *f);

#endif
