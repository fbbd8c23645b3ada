/* periodogram_resample.c - error bars by bootstrap of what the fitted waves leave over.
 *
 * The points stay where they are; the residuals, blown up by sqrt(n/(n - waves)) for the freedom that the fit took, are
 * drawn again one by one and put on the fitted field, and the whole is fitted once more (Efron & Tibshirani 1993, ch.
 * 9). Squares of noise add to every energy, once in the data and once more in each resample: the bounds are of the
 * energy without them.
 *
 * Not in blocks: residuals have no energy where the waves were fitted, and blocks copy that hole into the noise they
 * make.  Bounds of 80 % for three tones under white noise then held the truth in 65 % of 300 cases, with single draws
 * in 77 %. */
#include "fail.h"
#include "mem.h"
#include "periodogram_i.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct draw {
    fqpi_samples *s;
    double *field, *rest; /* [n, columns] fitted, left over */
    double *again;        /* [n, columns] */
    double *coefficient;  /* [m, box, 2] */
    double *energy;       /* [resamples, nbins] */
    double *variance;     /* [nbins] */
} draw;

/* Residuals of mean 0, as large as the noise behind them. */
static void fill_rest(draw *w) {
    const fqpi_samples *s = w->s;
    const double grow = sqrt((double)s->n / (double)(s->n - s->box));
    for (int64_t c = 0; c < s->columns; c++) {
        double mean = 0;
        for (int64_t i = 0; i < s->n; i++) {
            const int64_t at = i * s->columns + c;
            w->rest[at] = grow * (s->y[at] - w->field[at]);
            mean += w->rest[at] / (double)s->n;
        }
        for (int64_t i = 0; i < s->n; i++)
            w->rest[i * s->columns + c] -= mean;
    }
}

/* All columns of a point together. */
static void draw_again(draw *w, int64_t round) {
    const fqpi_samples *s = w->s;
    const uint64_t seed = s->opts->seed ? s->opts->seed : 1;
    for (int64_t i = 0; i < s->n; i++) {
        const uint64_t from = fqpi_rng_below(seed, FQPI_STREAM_RESAMPLE, (uint64_t)(round * s->n + i), (uint64_t)s->n);
        for (int64_t c = 0; c < s->columns; c++) {
            const int64_t at = i * s->columns + c;
            w->again[at] = w->field[at] + w->rest[(int64_t)from * s->columns + c];
        }
    }
}

static void add_variance(draw *w) {
    const fqpi_samples *s = w->s;
    const double scale = 1 / (s->gain * s->gain * s->bandwidth * (double)s->opts->bootstrap);
    for (int64_t c = 0; c < s->m; c++)
        for (int64_t i = 0; i < s->box; i++) {
            const double *z = w->coefficient + 2 * (c * s->box + i), *z0 = s->coefficient + 2 * (c * s->box + i);
            if (s->bin[i] >= 0)
                w->variance[s->bin[i]] += scale * ((z[0] - z0[0]) * (z[0] - z0[0]) + (z[1] - z0[1]) * (z[1] - z0[1]));
        }
}

static fqp_status resample(draw *w, size_t nbins) {
    fqpi_samples *s = w->s;
    fqp_status status = fqpi_samples_field(s, s->coefficient, w->field);
    if (status)
        return status;
    fill_rest(w);
    for (int64_t round = 0; round < s->opts->bootstrap && !status; round++) {
        draw_again(w, round);
        status = fqpi_samples_transform(s, w->again, w->coefficient);
        fqpi_samples_energy(s, w->coefficient, nbins, w->energy + (size_t)round * nbins);
        add_variance(w);
    }
    return status;
}

static int rising(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Linear between neighbours of v [n], rising. */
static double quantile(const double *v, int64_t n, double share) {
    const double at = share * (double)(n - 1), below = floor(at);
    const int64_t i = (int64_t)below;
    return i + 1 < n ? v[i] + (at - below) * (v[i + 1] - v[i]) : v[n - 1];
}

static fqp_status take_quantiles(const draw *w, fqp_periodogram *p) {
    const int64_t rounds = w->s->opts->bootstrap;
    const double tail = (1 - (w->s->opts->level > 0 ? w->s->opts->level : 0.8)) / 2;
    double *v = fqpi_alloc(w->s->ctx, (size_t)rounds, sizeof *v);
    if (!v)
        return FQP_E_NOMEM;
    for (size_t b = 0; b < p->nbins; b++) {
        double mean = 0;
        for (int64_t r = 0; r < rounds; r++) {
            v[r] = w->energy[(size_t)r * p->nbins + b];
            mean += v[r] / (double)rounds;
        }
        const double noise = mean - p->energy[b];
        qsort(v, (size_t)rounds, sizeof *v, rising);
        p->low[b] = fmax(0, quantile(v, rounds, tail) - 2 * noise);
        p->high[b] = fmax(0, quantile(v, rounds, 1 - tail) - 2 * noise);
        p->error[b] = sqrt(w->variance[b]);
    }
    fqpi_free(v);
    return FQP_OK;
}

static fqp_status alloc_all(draw *w, fqp_periodogram *p) {
    const fqpi_samples *s = w->s;
    const size_t numbers = (size_t)(s->n * s->columns);
    p->low = fqpi_alloc(s->ctx, p->nbins, sizeof *p->low);
    p->high = fqpi_alloc(s->ctx, p->nbins, sizeof *p->high);
    p->error = fqpi_alloc(s->ctx, p->nbins, sizeof *p->error);
    w->field = fqpi_alloc(s->ctx, 3 * numbers, sizeof *w->field);
    w->coefficient = fqpi_alloc(s->ctx, 2 * (size_t)(s->m * s->box), sizeof *w->coefficient);
    w->energy = fqpi_alloc(s->ctx, (size_t)s->opts->bootstrap * p->nbins, sizeof *w->energy);
    w->variance = fqpi_calloc(s->ctx, p->nbins, sizeof *w->variance);
    if (!p->low || !p->high || !p->error || !w->field || !w->coefficient || !w->energy || !w->variance)
        return FQP_E_NOMEM;
    w->rest = w->field + numbers;
    w->again = w->rest + numbers;
    return FQP_OK;
}

fqp_status fqpi_samples_resample(fqpi_samples *s, fqp_periodogram *p) {
    if (s->box >= s->n)
        return fqpi_fail(
            s->ctx, FQP_E_ARG, NULL,
            "spectrum: %lld waves leave nothing over of %lld points to draw error bars from: ask for a lower "
            "kmax",
            (long long)s->box, (long long)s->n);
    if (s->box > FQPI_HARMONIC_DENSE)
        return fqpi_fail(s->ctx, FQP_E_ARG, NULL, "spectrum: error bars need at most %d waves, kmax asks for %lld",
                         FQPI_HARMONIC_DENSE, (long long)s->box);
    draw w = {.s = s};
    fqp_status status = alloc_all(&w, p);
    if (!status)
        status = resample(&w, p->nbins);
    if (!status)
        status = take_quantiles(&w, p);
    fqpi_free(w.field);
    fqpi_free(w.coefficient);
    fqpi_free(w.energy);
    fqpi_free(w.variance);
    return status;
}
