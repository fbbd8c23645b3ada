/* share.c - the captured share c(k) = |H_k|/|Y_k| (Rahaman et al. 1806.08734), pooled over seeds on request. */
#include "measure.h"
#include "mem.h"
#include "rng.h"

#include <math.h>

/* |H_k|/|Y_k| at the last frame up to `step` (infinite: the end). */
static double share_of_seed(const fqpi_measuring *m, int64_t seed, int64_t bin, double step) {
    fqpi_seed *s = &m->trial->seed[seed];
    fqpi_series *series = (fqpi_series *)(uintptr_t)fqpi_measuring_series(m, seed, NULL);
    if (!series || !series->frames || fqpi_series_prediction(m->trial, s, series))
        return NAN;
    size_t f = series->frames - 1;
    while (f > 0 && (double)((const int64_t *)s->step.data)[f] > step)
        f--;
    const double *h = (const double *)series->prediction.data + (f * series->nbins + (size_t)bin) * 2 * series->ncomp;
    double sum = 0;
    for (size_t i = 0; i < 2 * series->ncomp; i++)
        sum += h[i] * h[i];
    return sqrt(sum) / fqpi_series_target(series, (size_t)bin);
}

static double share_of(const fqpi_measuring *m, int64_t bin, double step) {
    if (m->seed >= 0)
        return share_of_seed(m, m->seed, bin, step);
    double sum = 0;
    for (size_t i = 0; i < m->trial->nseeds; i++)
        sum += share_of_seed(m, (int64_t)i, bin, step);
    return sum / (double)m->trial->nseeds;
}

/* Shares of the bins selected on the first seed; answers their number. */
static size_t all_shares(const fqpi_measuring *m, double *axis, double *share, size_t room) {
    const fqpi_series *s = fqpi_measuring_series(m, m->seed, NULL);
    size_t n = 0;
    for (size_t b = 0; s && b < s->nbins && n < room; b++)
        if (fqpi_series_selected(s, b)) {
            axis[n] = ((const double *)s->axis.data)[b];
            share[n++] = share_of(m, (int64_t)b, INFINITY);
        }
    return n;
}

static double share_row(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqpi_series *s = fqpi_measuring_series(m, m->seed, NULL);
    const int64_t b = s ? fqpi_measuring_bin(s, arg[0]) : -1;
    return b < 0 ? NAN : share_of(m, b, nargs > 1 ? arg[1] : INFINITY);
}

enum { ROOM = 256 };

static double share_mean(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double axis[ROOM], share[ROOM], sum = 0, count = 0;
    const size_t n = all_shares(m, axis, share, ROOM);
    for (size_t i = 0; i < n; i++)
        if (axis[i] >= arg[0] && axis[i] <= arg[1]) {
            sum += share[i];
            count++;
        }
    return count > 0 ? sum / count : NAN;
}

static double kendall_of(const double *axis, const double *share, size_t n) {
    fqp_order o;
    fqp_order_judge(axis, share, n, &o);
    return o.kendall;
}

static double share_kendall(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    double axis[ROOM], share[ROOM];
    return kendall_of(axis, share, all_shares(m, axis, share, ROOM));
}

/* The columns of the table permuted over k, arg[0] times: how often is |tau| below arg[1]? */
static double share_shuffled(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double axis[ROOM], share[ROOM], mixed[ROOM];
    int64_t order[ROOM];
    const size_t n = all_shares(m, axis, share, ROOM);
    double count = 0;
    for (uint64_t draw = 0; (double)draw < arg[0]; draw++) {
        fqpi_rng_permutation(1, FQPI_STREAM_TEST, draw, (int64_t)n, order);
        for (size_t i = 0; i < n; i++)
            mixed[i] = share[order[i]];
        count += fabs(kendall_of(axis, mixed, n)) < arg[1];
    }
    return count;
}

const fqpi_measure fqpi_measures_share[] = {
    {"share", 1, 2, true, true, "share(k), share(k, step): |H_k|/|Y_k| at the end, or at the last frame up to step",
     share_row},
    {"share_mean", 2, 2, true, true, "share_mean(a, b): mean share over the selected frequencies from a to b",
     share_mean},
    {"share_kendall", 0, 0, true, true, "share_kendall(): rank correlation of frequency and share", share_kendall},
    {"share_shuffled", 2, 2, true, true,
     "share_shuffled(n, a): of n permutations of the shares over the frequencies, how many have |kendall| < a",
     share_shuffled},
    {0}};
