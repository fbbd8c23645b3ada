/* capture.c - capture times and their order, of the first probe that has an axis. */
#include "measure.h"

#include <math.h>

static const fqpi_series *series(const fqpi_measuring *m) {
    return fqpi_measuring_series(m, m->seed, NULL);
}

static const fqpi_seed *seed_of(const fqpi_measuring *m) {
    return &m->trial->seed[m->seed];
}

static double t_row(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqpi_series *s = series(m);
    const int64_t b = s ? fqpi_measuring_bin(s, arg[0]) : -1;
    if (b < 0)
        return NAN;
    return fqpi_series_capture(m->trial, seed_of(m), s, (size_t)b, nargs > 1 ? arg[1] : m->trial->tau);
}

static double captured(const fqpi_measuring *m, const double *arg, int nargs) {
    const double t = t_row(m, arg, nargs);
    return isnan(t) ? NAN : isfinite(t);
}

static double masked(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_series *s = series(m);
    const int64_t b = s ? fqpi_measuring_bin(s, arg[0]) : -1;
    return b < 0 ? NAN : !fqpi_series_valid(s, (size_t)b);
}

static double error_row(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqpi_series *s = series(m);
    const int64_t b = s ? fqpi_measuring_bin(s, arg[0]) : -1;
    if (b < 0 || !s->frames)
        return NAN;
    size_t f = s->frames - 1;
    const int64_t *step = seed_of(m)->step.data;
    while (nargs > 1 && f > 0 && (double)step[f] > arg[1])
        f--;
    return fqpi_series_error(s, f, (size_t)b);
}

/* Axis value of the i-th selected bin, counted from 1. */
static double peak(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_series *s = series(m);
    double left = arg[0];
    for (size_t b = 0; s && b < s->nbins; b++)
        if (fqpi_series_selected(s, b) && --left < 0.5)
            return ((const double *)s->axis.data)[b];
    return NAN;
}

static double peaks(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    const fqpi_series *s = series(m);
    double n = 0;
    for (size_t b = 0; s && b < s->nbins; b++)
        n += fqpi_series_selected(s, b);
    return n;
}

static double amplitude(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_series *s = series(m);
    const int64_t b = s ? fqpi_measuring_bin(s, arg[0]) : -1;
    return b < 0 ? NAN : fqpi_series_target(s, (size_t)b);
}

/* ---- order of the selected bins -------------------------------------------------------------------------------- */

static fqp_order order_of(const fqpi_measuring *m) {
    const fqpi_series *s = series(m);
    double axis[64], t[64];
    size_t n = 0;
    for (size_t b = 0; s && b < s->nbins && n < 64; b++)
        if (fqpi_series_selected(s, b)) {
            axis[n] = ((const double *)s->axis.data)[b];
            t[n++] = fqpi_series_capture(m->trial, seed_of(m), s, b, m->trial->tau);
        }
    fqp_order o;
    fqp_order_judge(axis, t, n, &o);
    return o;
}

static double gap(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    return order_of(m).gap;
}

static double no_gap(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    return isnan(order_of(m).gap);
}

static double kendall(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    return order_of(m).kendall;
}

static double order(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    const fqp_order_verdict v = order_of(m).verdict;
    return v == FQP_ORDER_LOW_FIRST ? 1 : v == FQP_ORDER_HIGH_FIRST ? -1 : v == FQP_ORDER_NONE ? 0 : NAN;
}

static double last(const fqp_array *a, size_t frames) {
    return frames ? ((const double *)a->data)[frames - 1] : NAN;
}

static double loss(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    return last(&seed_of(m)->loss, seed_of(m)->frames);
}

/* First recorded step with a training loss below arg[0]. */
static double loss_step(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_seed *s = seed_of(m);
    for (size_t f = 0; f < s->frames; f++)
        if (((const double *)s->loss.data)[f] < arg[0])
            return (double)((const int64_t *)s->step.data)[f];
    return INFINITY;
}

static double accuracy(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    return last(&seed_of(m)->accuracy, seed_of(m)->frames);
}

const fqpi_measure fqpi_measures_capture[] = {
    {"t", 1, 2, true, false, "t(k), t(k, tau): step at which frequency k was captured; inf: never", t_row},
    {"captured", 1, 2, true, false, "captured(k), captured(k, tau): 1 when frequency k was captured", captured},
    {"masked", 1, 1, true, false, "masked(k): 1 when the target has too little energy at k to be judged", masked},
    {"error", 1, 2, true, false,
     "error(k), error(k, step): relative error of k at the end, or at the last frame up to step", error_row},
    {"peak", 1, 1, true, false, "peak(i): the i-th selected frequency, i = 1, 2, ...", peak},
    {"peaks", 0, 0, true, false, "peaks(): number of selected frequencies", peaks},
    {"amplitude", 1, 1, true, false, "amplitude(k): |Y_k|/n of the target", amplitude},
    {"gap", 0, 0, true, false, "gap(): t(highest selected)/t(lowest selected)", gap},
    {"no_gap", 0, 0, true, false, "no_gap(): 1 when the gap does not apply", no_gap},
    {"kendall", 0, 0, true, false, "kendall(): rank correlation of frequency and capture time", kendall},
    {"order", 0, 0, true, false, "order(): 1 low first, -1 high first, 0 no order", order},
    {"loss", 0, 0, true, false, "loss(): training loss of the last frame", loss},
    {"loss_step", 1, 1, true, false, "loss_step(v): first recorded step with a training loss below v; inf: never",
     loss_step},
    {"accuracy", 0, 0, true, false, "accuracy(): training accuracy of the last frame", accuracy},
    {0}};
