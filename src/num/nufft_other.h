/* nufft_other.h - another library's non-uniform FFT, where the build found one (nufft_finufft.c, else nufft_none.c).
 *
 * Its points, coefficients and signs are those of nufft.h. */
#ifndef FQPI_NUFFT_OTHER_H
#define FQPI_NUFFT_OTHER_H

#include <fqp/base.h>

typedef struct fqpi_nufft_other {
    const char *name;
    /* u [n, d] in [0, 1], side [d] = 2 K + 1 */
    fqp_status (*create)(fqp_ctx *ctx, int d, int64_t n, const double *u, const int64_t *side, double tolerance,
                         void **state);
    void (*destroy)(void *state); /* NULL is legal */
    void (*type1)(void *state, const double *c, double *box);
    void (*type2)(void *state, const double *box, double *c);
} fqpi_nufft_other;

extern const fqpi_nufft_other *const fqpi_nufft_library; /* NULL: none */

#endif
