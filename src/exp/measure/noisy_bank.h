/* noisy_bank.h - the bank of noisy one-dimensional targets on which stopping rules are measured (noisy_bank.c). */
#ifndef FQPI_NOISY_BANK_H
#define FQPI_NOISY_BANK_H

#include "measure.h"

enum { FQPI_NOISY_SINES = 4, FQPI_NOISY_CLEAN = 512 };

/* One target, its noisy points, and the predictions of a network while it was trained on them.  The points of a frame
 * are the training points, the held-out points and the clean ones, in this order. */
typedef struct fqpi_noisy {
    int sines;
    double frequency[FQPI_NOISY_SINES]; /* cycles over the domain [-pi, pi) */
    double amplitude[FQPI_NOISY_SINES], phase[FQPI_NOISY_SINES];
    double ratio;            /* of noise to signal */
    double noise;            /* its standard deviation */
    bool grid;               /* training points equispaced, else drawn at random */
    int64_t n, held, points; /* training, held-out (drawn at random), both and the FQPI_NOISY_CLEAN ones */
    double *x, *y;           /* [points]; y noisy but at the clean points */
    int64_t frames;
    int64_t *step;      /* [frames] */
    double *prediction; /* [frames, points] */
} fqpi_noisy;

/* Case `number` = 1, 2, ..., trained; noiseless: the same signal and points with noise 0. */
fqp_status fqpi_noisy_run(fqp_ctx *ctx, int64_t number, bool noiseless, fqpi_noisy *out);
void fqpi_noisy_free(fqpi_noisy *c);
/* Mean squared error at the clean points. */
double fqpi_noisy_error(const fqpi_noisy *c, int64_t frame);

#endif
