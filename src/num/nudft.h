/* nudft.h - Fourier sums over points that need not be equally spaced.
 *
 *   Y(k) = 1/n sum_j y_j exp(-2 pi i k s_j),   k = k0, k0 + dk, ..., `count` of them */
#ifndef FQPI_NUDFT_H
#define FQPI_NUDFT_H

#include <fqp/base.h>

typedef struct fqpi_nudft fqpi_nudft;

/* s [n] is not kept; fields have m columns. */
fqp_status fqpi_nudft_create(fqp_ctx *ctx, int64_t n, const double *s, double k0, double dk, int64_t count, int64_t m,
                             fqpi_nudft **out);
void fqpi_nudft_destroy(fqpi_nudft *f);

/* Field y: element (j, c) is y[j*y_row + c], shift[c] is subtracted.  out [count, m, 2]. */
void fqpi_nudft_run(fqpi_nudft *f, const double *y, int64_t y_row, const double *shift, double *out);

#endif
