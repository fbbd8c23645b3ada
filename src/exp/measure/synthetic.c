/* synthetic.c - series whose order is known beforehand: the instrument must be able to say yes, no, and neither. */
#include "measure.h"
#include "mem.h"
#include "rng.h"

#include <math.h>

enum { POINTS = 128, FRAMES = 400, BANDS = 3 };

static double verdict_of(const fqp_order *o) {
    return o->verdict == FQP_ORDER_LOW_FIRST    ? 1
           : o->verdict == FQP_ORDER_HIGH_FIRST ? -1
           : o->verdict == FQP_ORDER_NONE       ? 0
                                                : NAN;
}

/* Order of the selected bins of the first probe, judged from a live monitor. */
static double judge_monitor(const fqp_monitor *monitor, double tau, int64_t hold) {
    fqp_bins first;
    const size_t frames = fqp_monitor_frames(monitor);
    if (fqp_monitor_bins(monitor, 0, 0, &first))
        return NAN;
    double axis[64], t[64], error[FRAMES];
    size_t n = 0;
    for (size_t b = 0; b < first.nbins && n < 64; b++) {
        if (!first.selected[b])
            continue;
        for (size_t f = 0; f < frames && f < FRAMES; f++) {
            fqp_bins bins;
            if (fqp_monitor_bins(monitor, 0, f, &bins))
                return NAN;
            error[f] = bins.error[b];
        }
        const int64_t at = fqp_capture_frame(error, frames, 1, tau, hold);
        axis[n] = first.axis[b];
        t[n++] = at < 0 ? INFINITY : (double)fqp_monitor_steps(monitor)[at];
    }
    fqp_order o;
    fqp_order_judge(axis, t, n, &o);
    return verdict_of(&o);
}

/* Predictions whose bands 1, 3, 5 decay at rates arg[0] : arg[1] : arg[2]. */
static double synthetic_order(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    static const double band[BANDS] = {1, 3, 5};
    double x[POINTS], y[POINTS], h[POINTS];
    for (int j = 0; j < POINTS; j++) {
        x[j] = (double)j / POINTS;
        y[j] = 0;
        for (int b = 0; b < BANDS; b++)
            y[j] += sin(2 * M_PI * band[b] * x[j]);
    }
    fqp_monitor *monitor =
        fqpi_measuring_monitor(m, "monitor: {probes: [dft]}", fqp_view_1d(x, POINTS), fqp_view_1d(y, POINTS));
    if (!monitor)
        return NAN;
    fqp_status s = FQP_OK;
    for (int f = 0; f < FRAMES && !s; f++) {
        for (int j = 0; j < POINTS; j++) {
            h[j] = 0;
            for (int b = 0; b < BANDS; b++)
                h[j] += (1 - exp(-0.01 * arg[b] * f)) * sin(2 * M_PI * band[b] * x[j]);
        }
        s = fqp_monitor_observe(monitor, f, 0, fqp_view_1d(h, POINTS));
    }
    const double verdict = s ? NAN : judge_monitor(monitor, 0.1, 20);
    fqp_monitor_destroy(monitor);
    return verdict;
}

/* The recorded frames in arg[0] random orders: how many are judged low first? */
static double shuffled_low_first(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_series *s = fqpi_measuring_series(m, m->seed, NULL);
    const fqpi_seed *seed = &m->trial->seed[m->seed];
    if (!s || !s->frames)
        return NAN;
    int64_t *order = fqpi_alloc(m->ctx, s->frames, sizeof *order);
    double *error = fqpi_alloc(m->ctx, s->frames, sizeof *error), count = 0;
    for (uint64_t draw = 0; order && error && (double)draw < arg[0]; draw++) {
        fqpi_rng_permutation((uint64_t)seed->number, FQPI_STREAM_TEST, draw, (int64_t)s->frames, order);
        double axis[64], t[64];
        size_t n = 0;
        for (size_t b = 0; b < s->nbins && n < 64; b++) {
            if (!fqpi_series_selected(s, b))
                continue;
            for (size_t f = 0; f < s->frames; f++)
                error[f] = fqpi_series_error(s, (size_t)order[f], b);
            const int64_t at = fqp_capture_frame(error, s->frames, 1, m->trial->tau, m->trial->hold);
            axis[n] = ((const double *)s->axis.data)[b];
            t[n++] = at < 0 ? INFINITY : (double)((const int64_t *)seed->step.data)[at];
        }
        fqp_order o;
        fqp_order_judge(axis, t, n, &o);
        count += o.verdict == FQP_ORDER_LOW_FIRST;
    }
    if (!order || !error)
        count = NAN;
    fqpi_free(order);
    fqpi_free(error);
    return count;
}

/* ---- tables without order -------------------------------------------------------------------------------------- */

enum { TABLE_BANDS = 5, TABLE_FRAMES = 300 };

/* One table: rates drawn independently of the band, or falling with it, 5 % noise. */
static fqp_order judge_table(uint64_t table, bool falling) {
    double axis[TABLE_BANDS], t[TABLE_BANDS], rate[TABLE_BANDS], error[TABLE_FRAMES];
    for (int b = 0; b < TABLE_BANDS; b++)
        rate[b] = 0.01 * exp(2 * fqpi_rng_uniform(table, FQPI_STREAM_TEST, (uint64_t)b));
    for (int i = 0; falling && i < TABLE_BANDS; i++) /* largest rate first */
        for (int b = 1; b < TABLE_BANDS; b++)
            if (rate[b] > rate[b - 1]) {
                const double swap = rate[b];
                rate[b] = rate[b - 1];
                rate[b - 1] = swap;
            }
    for (int b = 0; b < TABLE_BANDS; b++) {
        for (int f = 0; f < TABLE_FRAMES; f++) {
            const uint64_t at = 1000 + (uint64_t)(b * TABLE_FRAMES + f);
            error[f] = exp(-rate[b] * f) * (1 + 0.05 * fqpi_rng_normal(table, FQPI_STREAM_NOISE, at));
        }
        const int64_t f = fqp_capture_frame(error, TABLE_FRAMES, 1, 0.1, 20);
        axis[b] = b + 1;
        t[b] = f < 0 ? INFINITY : (double)f;
    }
    fqp_order o;
    fqp_order_judge(axis, t, TABLE_BANDS, &o);
    return o;
}

static double false_alarm(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)m;
    (void)nargs;
    double count = 0;
    for (uint64_t i = 1; (double)i <= arg[0]; i++) {
        const fqp_order o = judge_table(i, false);
        count += o.verdict == FQP_ORDER_LOW_FIRST || o.verdict == FQP_ORDER_HIGH_FIRST;
    }
    return count / arg[0];
}

static double perfect_by_chance(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)m;
    (void)nargs;
    double count = 0;
    for (uint64_t i = 1; (double)i <= arg[0]; i++)
        count += judge_table(i, false).kendall == 1;
    return count / arg[0];
}

static double falling_low_first(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)m;
    (void)nargs;
    double count = 0;
    for (uint64_t i = 1; (double)i <= arg[0]; i++)
        count += judge_table(i, true).verdict == FQP_ORDER_LOW_FIRST;
    return count / arg[0];
}

const fqpi_measure fqpi_measures_synthetic[] = {
    {"synthetic_order", 3, 3, false, false,
     "synthetic_order(a, b, c): order() of a series whose bands 1, 3, 5 decay at rates a : b : c", synthetic_order},
    {"shuffled_low_first", 1, 1, true, false,
     "shuffled_low_first(n): of n random orders of the recorded frames, how many are judged low first",
     shuffled_low_first},
    {"false_alarm", 1, 1, false, false,
     "false_alarm(n): share of n tables without order whose verdict is low first or high first", false_alarm},
    {"perfect_by_chance", 1, 1, false, false, "perfect_by_chance(n): share of n tables without order with kendall 1",
     perfect_by_chance},
    {"falling_low_first", 1, 1, false, false,
     "falling_low_first(n): share of n tables with rates falling with the band that are judged low first",
     falling_low_first},
    {0}};
