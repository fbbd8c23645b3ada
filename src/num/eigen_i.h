/* eigen_i.h - the state of a block Lanczos iteration (eigen.c) and its new blocks (eigen_block.c). */
#ifndef FQPI_EIGEN_I_H
#define FQPI_EIGEN_I_H

#include "eigen.h"

typedef struct fqpi_lanczos_state {
    fqp_ctx *ctx;
    const char *who;
    fqpi_panels p;
    fqpi_operator a;
    int64_t most, panels; /* of the basis: there may be, there are; the next block stands behind them */
    int64_t kept;         /* panels of the last restart */
    double *basis;        /* [most + 1] panels */
    double *t;            /* [most b, most b] projected operator Q^T A Q */
    double *h;            /* [most b, b] */
    double *coupling;     /* [b, b]: A Q - Q T = X coupling in the columns of the last panel, X the next block */
    double *gram, *turn, *saved, *value; /* [b, b], [b, b], [b, b], [most b] */
    double norm;                         /* of A, as far as it was seen */
    uint64_t draws;                      /* random numbers taken */
} fqpi_lanczos_state;

/* The panel behind the basis becomes random numbers ... */
void fqpi_lanczos_random(fqpi_lanczos_state *l);
/* ... and orthonormal to the basis and in itself; what is taken out is added to the last columns of t when it is A
 * times the last panel (`image`), and coupling says what is left. */
fqp_status fqpi_lanczos_orthonormal(fqpi_lanczos_state *l, bool image);

#endif
