/* anti.c - the frequency-weighted loss on a linear model: the instrument must be able to say "no".
 *
 * Modes k = 1..32 of a grid of 128 points, kernel eigenvalues l_k = k^-2, loss weights w_k = k^(2s), f_0 = 0, gradient
 * descent with step 0.01/max(l_k w_k):  H_k(t) = (1 - (1 - eta l_k w_k)^t) Y_k.  The predictions are fed to the monitor
 * step by step; the order is what it measures.  s = 0: low first, s = 1: all together, s = 2: high first. */
#include "fail.h"
#include "measure.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { POINTS = 128, MODES = 32, CHUNK = 4096, STEPS = 300000, HOLD = 20 };

typedef struct bench {
    const fqpi_measuring *m;
    double wave[MODES][POINTS]; /* cos(2 pi k x) */
    double x[POINTS], y[POINTS];
    double keep[MODES]; /* 1 - eta l w */
    double left[MODES]; /* keep^t */
    double *error;      /* [STEPS][MODES] as the monitor measured it */
    size_t frames;
} bench;

static void set_up(bench *b, double s) {
    double rate[MODES], most = 0;
    for (int k = 0; k < MODES; k++) {
        rate[k] = pow(k + 1, 2 * s - 2);
        most = fmax(most, rate[k]);
    }
    for (int j = 0; j < POINTS; j++) {
        b->x[j] = (double)j / POINTS;
        b->y[j] = 0;
        for (int k = 0; k < MODES; k++) {
            b->wave[k][j] = cos(2 * M_PI * (k + 1) * b->x[j]);
            b->y[j] += b->wave[k][j];
        }
    }
    for (int k = 0; k < MODES; k++) {
        b->keep[k] = 1 - 0.01 * rate[k] / most;
        b->left[k] = 1;
    }
}

static void predict(const bench *b, double *h) {
    memset(h, 0, POINTS * sizeof *h);
    for (int k = 0; k < MODES; k++)
        for (int j = 0; j < POINTS; j++)
            h[j] += (1 - b->left[k]) * b->wave[k][j];
}

/* Steps [frames, frames + CHUNK) through a fresh monitor, which would not hold them all. */
static bool feed_chunk(bench *b) {
    fqp_monitor *monitor = fqpi_measuring_monitor(b->m, "monitor: {probes: [dft], dft: {peaks: all, kmax: 40}}",
                                                  fqp_view_1d(b->x, POINTS), fqp_view_1d(b->y, POINTS));
    bool good = monitor != NULL;
    double h[POINTS];
    for (size_t f = 0; f < CHUNK && good && b->frames < STEPS; f++) {
        predict(b, h);
        fqp_bins bins;
        good = !fqp_monitor_observe(monitor, (int64_t)b->frames, 0, fqp_view_1d(h, POINTS)) &&
               !fqp_monitor_bins(monitor, 0, f, &bins);
        for (int k = 0; k < MODES && good; k++) {
            b->error[b->frames * MODES + (size_t)k] = bins.error[k + 1]; /* bin 0 is the mean */
            b->left[k] *= b->keep[k];
        }
        b->frames++;
    }
    fqp_monitor_destroy(monitor);
    return good;
}

static bool all_captured(const bench *b) {
    for (int k = 0; k < MODES; k++)
        if (fqp_capture_frame(b->error + k, b->frames, MODES, 0.1, HOLD) < 0)
            return false;
    return true;
}

static bool times(const fqpi_measuring *m, double s, double axis[MODES], double t[MODES]) {
    bench *b = fqpi_calloc(m->ctx, 1, sizeof *b);
    if (!b)
        return false;
    b->m = m;
    b->error = fqpi_alloc(m->ctx, (size_t)STEPS * MODES, sizeof *b->error);
    bool good = b->error != NULL;
    if (good)
        set_up(b, s);
    while (good && b->frames < STEPS && !(b->frames > 0 && all_captured(b)))
        good = feed_chunk(b);
    for (int k = 0; k < MODES && good; k++) {
        const int64_t f = fqp_capture_frame(b->error + k, b->frames, MODES, 0.1, HOLD);
        axis[k] = k + 1;
        t[k] = f < 0 ? INFINITY : (double)f;
    }
    fqpi_free(b->error);
    fqpi_free(b);
    return good;
}

static double anti_kendall(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double axis[MODES], t[MODES];
    fqp_order o;
    if (!times(m, arg[0], axis, t))
        return NAN;
    fqp_order_judge(axis, t, MODES, &o);
    return o.kendall;
}

static double anti_spread(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double axis[MODES], t[MODES];
    if (!times(m, arg[0], axis, t))
        return NAN;
    double lo = t[0], hi = t[0];
    for (int k = 1; k < MODES; k++) {
        lo = fmin(lo, t[k]);
        hi = fmax(hi, t[k]);
    }
    return hi / lo;
}

static double anti_order(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double axis[MODES], t[MODES];
    fqp_order o;
    if (!times(m, arg[0], axis, t))
        return NAN;
    fqp_order_judge(axis, t, MODES, &o);
    return o.verdict == FQP_ORDER_LOW_FIRST    ? 1
           : o.verdict == FQP_ORDER_HIGH_FIRST ? -1
           : o.verdict == FQP_ORDER_NONE       ? 0
                                               : NAN;
}

const fqpi_measure fqpi_measures_anti[] = {
    {"anti_kendall", 1, 1, false, false, "anti_kendall(s): kendall of the linear model with loss weights k^(2s)",
     anti_kendall},
    {"anti_spread", 1, 1, false, false, "anti_spread(s): largest over smallest capture time of that model",
     anti_spread},
    {"anti_order", 1, 1, false, false, "anti_order(s): order() of that model", anti_order},
    {0}};
