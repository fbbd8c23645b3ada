/* eigen.h - the leading eigenpairs of a large symmetric operator, by block Lanczos iteration.
 *
 * "Leading" are the algebraically largest.  Starting vectors are fixed random numbers and every sum has a fixed order:
 * the same operator gives the same bits for any number of threads. */
#ifndef FQPI_EIGEN_H
#define FQPI_EIGEN_H

#include "panel.h"

enum { FQPI_LANCZOS_BLOCK = 128 }; /* most vectors of a block */

/* out = A v, panels of p->b columns and p->n rows. */
typedef struct fqpi_operator {
    fqp_status (*apply)(void *user, const fqpi_panels *p, const double *v, double *out);
    void *user;
} fqpi_operator;

typedef struct fqpi_lanczos_opts {
    int64_t count;    /* pairs wanted */
    double tolerance; /* of |A v - l v|, relative to the largest |l| */
    int64_t block;    /* vectors multiplied together, a multiple of 8; 0: by count */
    int64_t room;     /* vectors of the basis; 0: by count */
} fqpi_lanczos_opts;

/* Can the iteration be used, or is n too small for so many pairs? */
bool fqpi_lanczos_fits(int64_t n, const fqpi_lanczos_opts *o);
/* Bytes it takes. */
double fqpi_lanczos_bytes(fqp_ctx *ctx, int64_t n, const fqpi_lanczos_opts *o);

/* value [count] falls, vector [count, n] of unit length, *residual = max |A v - l v| / max |l|, computed from the
 * vectors at the end.  `who` begins messages.  FQP_E_DATA: A gave numbers that are not finite, or the tolerance was
 * not reached. */
fqp_status fqpi_lanczos(fqp_ctx *ctx, const char *who, int64_t n, fqpi_operator a, const fqpi_lanczos_opts *o,
                        double *value, double *vector, double *residual);

#endif
