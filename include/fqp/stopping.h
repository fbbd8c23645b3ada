/* stopping.h - when to stop learning from noisy points: from then on the network learns the noise.
 *
 * A smooth signal is strong at low frequencies, white noise is the same at all: beyond the frequency where they cross
 * there is nothing to learn (Xu, Zhang, Luo 2201.07395, section 5).  So the rule first measures both, frequency by
 * frequency: waves on a box 1.5 times as long as the data's in every direction are fitted to all noisy points, each
 * shell of |k| with the power the points support, and the noise with the power that is left (empirical Bayes by
 * expectation and maximisation, MacKay 1992; smoothed over neighbouring shells).  What stands above the noise is the
 * estimated signal, and the distance of a frame's prediction from it, at training and held-out points, is the estimated
 * error.
 *
 * Stop when   the training residual has come down to the noise (before that there is signal left to learn: without
 *             noise the rule never stops early),
 *             the estimated error was least `hold` frames ago or more, and a fifth of the steps,
 *       and   the held-out loss has not fallen since.
 * The held-out points also judge the estimate: its twin, fitted to the training points alone, must not be beaten by any
 * frame at the held-out points by three standard errors.  Where it is, or where waves cannot be fitted (more than three
 * inputs, fewer than 8 points, a wave of too high a frequency), the held-out loss decides alone: it must have risen by
 * two standard errors above its least value.
 */
#ifndef FQP_STOPPING_H
#define FQP_STOPPING_H

#include <fqp/array.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fqp_stopping_setup {
    fqp_view x, y;           /* training points [n,d], targets [n,m] (or [n]), f64 or f32 */
    fqp_view held_x, held_y; /* held-out points [h,d], targets [h,m], not learnt from, as noisy as the others */
    int64_t hold;            /* frames without a better one before the rule stops; 0: 20 */
} fqp_stopping_setup;

typedef struct fqp_stopping fqp_stopping;

/* Everything is copied; of more than 4096 points of either kind as many are drawn.  FQP_E_ARG without held-out points
 * (two at least). */
FQP_API fqp_status fqp_stopping_create(fqp_ctx *ctx, const fqp_stopping_setup *setup, fqp_stopping **out);
FQP_API void fqp_stopping_destroy(fqp_stopping *s);

/* What a frame comes down to.  Mean squares are over points and outputs, in the units of y squared. */
typedef struct fqp_stopping_frame {
    double error;      /* mean square of prediction - estimated signal; NaN without an estimate */
    double train;      /* mean square of prediction - y at the training points */
    double held;       /* ... at the held-out points */
    double held_error; /* standard error of `held` */
    double beaten;     /* held-out loss less that of the estimate's twin, in standard errors; NaN without an estimate */
} fqp_stopping_frame;

/* prediction [n,m], held [h,m] (f64 or f32).  Steps must increase (FQP_E_ARG); values must be finite (FQP_E_DATA);
 * nothing is recorded then. */
FQP_API fqp_status fqp_stopping_observe(fqp_stopping *s, int64_t step, fqp_view prediction, fqp_view held);
/* The same from numbers that were stored; `frame` may hold NaN: such a frame is never recommended. */
FQP_API fqp_status fqp_stopping_restore(fqp_stopping *s, int64_t step, const fqp_stopping_frame *frame);

FQP_API size_t fqp_stopping_frames(const fqp_stopping *s);
/* [frames] */
FQP_API const fqp_stopping_frame *fqp_stopping_frame_at(const fqp_stopping *s, size_t i, int64_t *step);

/* What the points alone tell. */
typedef struct fqp_stopping_noise {
    bool known;      /* waves could be fitted */
    double noise;    /* standard deviation per output; NaN: not known */
    double signal;   /* root mean square of the estimated signal about its mean */
    double crossing; /* highest frequency that stands above the noise [cycles per domain] */
} fqp_stopping_noise;
FQP_API fqp_stopping_noise fqp_stopping_noise_of(const fqp_stopping *s);
/* Shell i: frequency in cycles per domain, standard deviations that signal and noise give one of its coefficients, and
 * the part of it, 0 to 1, that is signal; false past the end. */
FQP_API bool fqp_stopping_band(const fqp_stopping *s, size_t i, double *frequency, double *signal, double *noise,
                               double *part);

typedef struct fqp_stop {
    bool stop;      /* end training: the rule was met at frame `at` */
    int64_t step;   /* the best frame's (up to `at`, or so far): keep the network of that step; -1: none */
    int64_t frame;  /* its number */
    int64_t at;     /* frame at which the rule was met; -1: not yet */
    bool held_only; /* the held-out loss decided alone */
    char why[320];  /* one sentence with the numbers */
} fqp_stop;
/* The rule over the frames so far.  Once met it stays met: asked after every frame or at the end, it says the same. */
FQP_API fqp_stop fqp_stopping_judge(const fqp_stopping *s);

#ifdef __cplusplus
}
#endif
#endif
