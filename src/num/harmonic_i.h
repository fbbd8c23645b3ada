/* harmonic_i.h - the state of a least-squares fit of waves: harmonic.c, and harmonic_cg.c for many of them. */
#ifndef FQPI_HARMONIC_I_H
#define FQPI_HARMONIC_I_H

#include "fft.h"
#include "harmonic.h"
#include "nufft.h"

enum { FQPI_HARMONIC_AXES = FQPI_NUFFT_AXES };

struct fqpi_harmonic {
    int d;
    int64_t n, box, K[FQPI_HARMONIC_AXES];
    fqpi_nufft *transform;
    double *weight;   /* [n] */
    double *strength; /* [n][2] */
    double *sum;      /* [box][2] */
    double *unknown;  /* [box] */
    double *factor;   /* [box, box] of the normal matrix; NULL: by conjugate gradients */
    double condition;
    /* conjugate gradients: the circulant that the Toeplitz matrix is part of */
    fqpi_cfft *fft;
    int64_t cells[FQPI_HARMONIC_AXES];
    double *symbol;                     /* [cells ...] its eigenvalues, over their number */
    double *rest, *direction, *product; /* [box][2] each */
    double *step, *ratio;               /* [FQPI_HARMONIC_ROUNDS] of the last solution */
};

enum { FQPI_HARMONIC_ROUNDS = 400 };

/* T [4 K_0 + 1, ...][2]; sets up what fqpi_harmonic_cg needs. */
fqp_status fqpi_harmonic_cg_create(fqp_ctx *ctx, fqpi_harmonic *h, const double *T);
void fqpi_harmonic_cg_destroy(fqpi_harmonic *h);
/* x [box][2] from h->sum; how many rounds, FQPI_HARMONIC_ROUNDS where they did not suffice. */
int fqpi_harmonic_cg(fqpi_harmonic *h, double *x);
/* Condition number that the rounds of the last solution saw, from below. */
fqp_status fqpi_harmonic_cg_condition(fqp_ctx *ctx, fqpi_harmonic *h, int rounds);

#endif
