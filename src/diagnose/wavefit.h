/* wavefit.h - signal and noise of scattered points, frequency by frequency: waves with the power that the points
 * support.
 *
 *   y(x) = mean + sum_j c_j phi_j(x) + noise,   c_j ~ N(0, s_b) with b the shell of wave j,   noise ~ N(0, r)
 *
 * phi: 1, cos(k.u), sin(k.u) with u = 2 pi (x - low)/(1.5 range), so that the ends of the data need not meet.  s_b and
 * r maximise the likelihood of the points (MacKay 1992, "Bayesian interpolation"), s_b as a geometric mean over
 * neighbouring shells, five at low frequency and more at high, without which noise is taken for lines of a spectrum. */
#ifndef FQPI_WAVEFIT_H
#define FQPI_WAVEFIT_H

#include <fqp/array.h>

enum { FQPI_WAVEFIT_INPUTS = 3 };

typedef struct fqpi_wavefit {
    int64_t d, m;                                               /* inputs, outputs */
    int64_t shells;                                             /* highest shell, round(|k|) */
    int64_t count, functions;                                   /* waves, and 1 + 2 count functions */
    int *k;                                                     /* [count, d] */
    double low[FQPI_WAVEFIT_INPUTS], turn[FQPI_WAVEFIT_INPUTS]; /* u = turn (x - low) */
    double *mean;                                               /* [m] */
    double *coefficient;                                        /* [functions, m] */
    double *power;                                              /* [shells + 1] s_b */
    double *part; /* [shells + 1] of the power, the part that the points determine: 1 - posterior/prior variance */
    double noise; /* r, of one output */
} fqpi_wavefit;

/* x [n,d], y [n,m], f64.  FQP_E_SHAPE: fewer than 8 points, more than 3 inputs; FQP_E_UNSUPPORTED: no LAPACK, or
 * a wave of the targets beyond those that can be fitted (512). */
fqp_status fqpi_wavefit_fit(fqp_ctx *ctx, fqp_view x, fqp_view y, fqpi_wavefit *out);
/* out [n, m] at x [n, d] */
fqp_status fqpi_wavefit_at(fqp_ctx *ctx, const fqpi_wavefit *w, fqp_view x, double *out);
void fqpi_wavefit_free(fqpi_wavefit *w);

/* A shell's frequency in cycles per domain. */
double fqpi_wavefit_frequency(int64_t shell);

#endif
