/* settings.c - does the order hold in a setting?  For one seed 1 or 0; pooled over the seeds of a run the share of
 * them, with Wilson's interval (Wilson 1927): for a share p of n,
 *   (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n),  z = 1.96: 95 %. */
#include "measure.h"
#include "mem.h"
#include "rng.h"

#include <math.h>

enum { MOST = 8 }; /* frequencies of one question */

/* ---- one seed -------------------------------------------------------------------------------------------------- */

/* Words of the register: a <= b <= c with the first one finite. */
static bool rises(const double *t, int n) {
    bool good = isfinite(t[0]);
    for (int i = 0; i + 1 < n; i++)
        good = good && t[i] <= t[i + 1];
    return good;
}

typedef double capture_fn(const fqpi_measuring *m, const fqpi_seed *seed, const fqpi_series *s, int64_t bin,
                          int64_t first);

/* NaN when a frequency has no bin. */
static double order_of_seed(const fqpi_measuring *m, int64_t i, const double *k, int n, capture_fn *capture) {
    const fqpi_series *s = fqpi_measuring_series(m, i, NULL);
    double t[MOST] = {INFINITY};
    const int64_t first = s ? fqpi_measuring_bin(s, k[0]) : -1;
    for (int j = 0; j < n; j++) {
        const int64_t bin = s ? fqpi_measuring_bin(s, k[j]) : -1;
        if (bin < 0)
            return NAN;
        t[j] = capture(m, &m->trial->seed[i], s, bin, first);
    }
    return rises(t, n);
}

static double order_of(const fqpi_measuring *m, const double *k, int n, capture_fn *capture) {
    if (m->seed >= 0)
        return order_of_seed(m, m->seed, k, n, capture);
    double sum = 0;
    for (size_t i = 0; i < m->trial->nseeds; i++)
        sum += order_of_seed(m, (int64_t)i, k, n, capture);
    return sum / (double)m->trial->nseeds;
}

static double relative(const fqpi_measuring *m, const fqpi_seed *seed, const fqpi_series *s, int64_t bin,
                       int64_t first) {
    (void)first;
    return fqpi_series_capture(m->trial, seed, s, (size_t)bin, m->trial->tau);
}

/* |H - Y| < tau |Y_first| is a relative error below tau |Y_first|/|Y|. */
static double absolute(const fqpi_measuring *m, const fqpi_seed *seed, const fqpi_series *s, int64_t bin,
                       int64_t first) {
    const double ratio = fqpi_series_target(s, (size_t)first) / fqpi_series_target(s, (size_t)bin);
    return fqpi_series_capture(m->trial, seed, s, (size_t)bin, m->trial->tau * ratio);
}

/* The frames in a random order, the same for all frequencies. */
static double shuffled(const fqpi_measuring *m, const fqpi_seed *seed, const fqpi_series *s, int64_t bin,
                       int64_t first) {
    (void)first;
    int64_t *order = fqpi_alloc(m->ctx, s->frames, sizeof *order), at = -1;
    double *error = fqpi_alloc(m->ctx, s->frames, sizeof *error);
    if (order && error) {
        fqpi_rng_permutation((uint64_t)seed->number, FQPI_STREAM_TEST, 0, (int64_t)s->frames, order);
        for (size_t f = 0; f < s->frames; f++)
            error[f] = fqpi_series_error(s, (size_t)order[f], (size_t)bin);
        at = fqp_capture_frame(error, s->frames, 1, m->trial->tau, m->trial->hold);
    }
    const double t = !order || !error ? NAN : at < 0 ? INFINITY : (double)((const int64_t *)seed->step.data)[at];
    fqpi_free(order);
    fqpi_free(error);
    return t;
}

static double ordered(const fqpi_measuring *m, const double *arg, int nargs) {
    return order_of(m, arg, nargs, relative);
}

static double ordered_absolute(const fqpi_measuring *m, const double *arg, int nargs) {
    return order_of(m, arg, nargs, absolute);
}

static double ordered_shuffled(const fqpi_measuring *m, const double *arg, int nargs) {
    return order_of(m, arg, nargs, shuffled);
}

/* ---- shares of seeds ------------------------------------------------------------------------------------------- */

static fqp_order_verdict verdict_of(const fqpi_measuring *m, int64_t seed) {
    const fqpi_series *s = fqpi_measuring_series(m, seed, NULL);
    double axis[64], t[64];
    size_t n = 0;
    for (size_t b = 0; s && b < s->nbins && n < 64; b++)
        if (fqpi_series_selected(s, b)) {
            axis[n] = ((const double *)s->axis.data)[b];
            t[n++] = fqpi_series_capture(m->trial, &m->trial->seed[seed], s, b, m->trial->tau);
        }
    fqp_order o;
    fqp_order_judge(axis, t, n, &o);
    return o.verdict;
}

static double share_of(const fqpi_measuring *m, fqp_order_verdict verdict) {
    if (m->seed >= 0)
        return verdict_of(m, m->seed) == verdict;
    double count = 0;
    for (size_t i = 0; i < m->trial->nseeds; i++)
        count += verdict_of(m, (int64_t)i) == verdict;
    return count / (double)m->trial->nseeds;
}

static double low_first_share(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg, (void)nargs;
    return share_of(m, FQP_ORDER_LOW_FIRST);
}

static double high_first_share(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg, (void)nargs;
    return share_of(m, FQP_ORDER_HIGH_FIRST);
}

/* side -1: lower end, +1: upper end */
static double wilson(const fqpi_measuring *m, double side) {
    const double z = 1.959963984540054, n = m->seed >= 0 ? 1 : (double)m->trial->nseeds;
    const double p = share_of(m, FQP_ORDER_LOW_FIRST), centre = p + z * z / (2 * n);
    const double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return fmin(fmax((centre + side * half) / (1 + z * z / n), 0), 1);
}

static double wilson_low(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg, (void)nargs;
    return wilson(m, -1);
}

static double wilson_high(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg, (void)nargs;
    return wilson(m, 1);
}

const fqpi_measure fqpi_measures_settings[] = {
    {"ordered", 2, MOST, true, true,
     "ordered(k1, k2, ...): 1 when k1 was captured and each frequency not before the one named before it", ordered},
    {"ordered_absolute", 2, MOST, true, true,
     "ordered_absolute(k1, k2, ...): the same, captured meaning |H - Y| < tau |Y_k1|", ordered_absolute},
    {"ordered_shuffled", 2, MOST, true, true, "ordered_shuffled(k1, k2, ...): the same of the frames in random order",
     ordered_shuffled},
    {"low_first_share", 0, 0, true, true, "low_first_share(): share of the seeds judged low first", low_first_share},
    {"high_first_share", 0, 0, true, true, "high_first_share(): share of the seeds judged high first",
     high_first_share},
    {"wilson_low", 0, 0, true, true, "wilson_low(): lower end of the 95 % interval of low_first_share()", wilson_low},
    {"wilson_high", 0, 0, true, true, "wilson_high(): upper end of the 95 % interval of low_first_share()",
     wilson_high},
    {0}};
