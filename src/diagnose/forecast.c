/* forecast.c - the step at which a band will be learnt, with an interval, or the reason why that cannot be said.
 *
 * Every rate model is fitted to the frames since the error left its first level, and to the earlier half of them alone:
 * how well that predicts the later half is its weight (a mean of forecasts by past performance, Bates & Granger 1969).
 * Models are averaged in the logarithm of time, where the error of a forecast grows with its distance.  The level to
 * be reached is tau less the scatter of single frames, since all of `hold` frames must stay below it. */
#include "forecast_i.h"

#include <fqp/monitor.h>
#include <math.h>

static const double LEFT = 0.9;    /* below it the error has left its first level */
static const size_t LEAST = 5;     /* frames of decay */
static const double SCATTER = 1.5; /* of single frames' standard deviations the mean must lie below tau */
static const double RISE = 2;      /* standard errors by which a slope may be above zero and still fall */
static const double FARTHEST = 50; /* times the steps so far, where a model's answer counts as never */
static const double HORIZON = 12;  /* times the steps so far: an interval that ends later is open */
static const double LEVEL = 0.8;
static const double HALF = 0.5;  /* steps before the first frame at which time begins, so that it is above 0 */
static const double FLAT = 1e-9; /* slopes within rounding of zero */

/* Standard deviation of ln(true step/median): a constant, a part of ln(median/now), a part of the models' spread, added
 * as squares.  Calibrated on the even runs of recipes/forecast_bank.yaml; `fqp verify forecast_bank` shows how well
 * intervals of every level hold there and on the odd runs. */
static const double WIDTH = 0.4, WIDTH_DISTANCE = 0.5, WIDTH_SPREAD = 0.5;

static void refuse(fqp_forecast *out, const char *reason) {
    *out = (fqp_forecast){.median = NAN, .low = NAN, .high = NAN, .reason = reason};
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

typedef struct series {
    const int64_t *step;
    const double *error;
    size_t frames, stride;
} series;

static double error_at(const series *s, size_t frame) {
    return s->error[frame * s->stride];
}

static bool usable(double error) {
    return error > 0 && isfinite(error);
}

/* First frame after the last one at the first level. */
static size_t start_of_decay(const series *s) {
    size_t first = s->frames;
    while (first > 0 && !(error_at(s, first - 1) >= LEFT))
        first--;
    return first;
}

/* Means over as many blocks of frames as there is room for; t in units of the last frame's distance from the first. */
typedef struct points {
    size_t n;
    double t[FQPI_DECAY_POINTS], y[FQPI_DECAY_POINTS];
} points;

static double elapsed(const series *s, size_t frame) {
    return (double)(s->step[frame] - s->step[0]) + HALF;
}

static void gather(const series *s, size_t first, points *p) {
    const size_t count = s->frames - first, blocks = count < FQPI_DECAY_POINTS ? count : FQPI_DECAY_POINTS;
    const double now = elapsed(s, s->frames - 1);
    p->n = 0;
    for (size_t b = 0; b < blocks; b++) {
        double t = 0, y = 0;
        size_t n = 0;
        for (size_t f = first + b * count / blocks; f < first + (b + 1) * count / blocks; f++)
            if (usable(error_at(s, f))) {
                t += elapsed(s, f) / now;
                y += log(error_at(s, f));
                n++;
            }
        if (n) {
            p->t[p->n] = t / (double)n;
            p->y[p->n++] = y / (double)n;
        }
    }
}

/* How far single frames lie from a line through the latest of them. */
static double scatter(const series *s, size_t first) {
    double t[FQPI_DECAY_POINTS], y[FQPI_DECAY_POINTS];
    size_t n = 0;
    const size_t most = (s->frames - first + 1) / 2;
    for (size_t f = s->frames; f > first && n < FQPI_DECAY_POINTS && s->frames - f < most; f--)
        if (usable(error_at(s, f - 1))) {
            t[n] = elapsed(s, f - 1);
            y[n++] = log(error_at(s, f - 1));
        }
    return n > 2 ? sqrt(fqpi_line_fit(n, t, y).rest / (double)(n - 2)) : 0;
}

/* Does the slope of the latest points leave room for a decay: below zero, or above by less than RISE of its standard
 * errors? */
static bool may_decay(const points *p) {
    const size_t from = p->n * 3 / 5, n = p->n - from;
    const fqpi_line l = fqpi_line_fit(n, p->t + from, p->y + from);
    double mean = 0, tt = 0;
    for (size_t i = from; i < p->n; i++)
        mean += p->t[i] / (double)n;
    for (size_t i = from; i < p->n; i++)
        tt += (p->t[i] - mean) * (p->t[i] - mean);
    const double error = n > 2 ? sqrt(l.rest / (double)(n - 2) / tt) : 0;
    return l.b < RISE * error - FLAT;
}

/* ---- models ------------------------------------------------------------------------------------------------------ */

enum { MODELS = 8 };

typedef struct average {
    double mean, spread; /* of ln(t/now) */
    const char *model;   /* of most weight */
} average;

/* Mean square error on the later half of the points of the model fitted to the earlier half. */
static double held_back(const fqpi_rate_model *row, const fqpi_decay *d) {
    fqpi_decay early = *d;
    early.n = d->n / 2;
    double p[FQPI_RATE_PARAMETERS], sum = 0;
    if (early.n < 3 || !row->fit(&early, p))
        return 1;
    for (size_t i = early.n; i < d->n; i++) {
        const double miss = row->at(p, d->t[i]) - d->y[i];
        sum += fmin(miss * miss, 100);
    }
    return sum / (double)(d->n - early.n);
}

static average average_models(const fqpi_decay *d, double noise, double level) {
    double at[MODELS], weight[MODELS], all = 0, most = 0;
    average a = {0};
    size_t n = 0;
    const fqpi_rate_model *row;
    for (size_t i = 0; (row = fqpi_rate_model_row(i)) && n < MODELS; i++) {
        double p[FQPI_RATE_PARAMETERS];
        if (!row->fit(d, p))
            continue;
        at[n] = log(fmin(fmax(row->reaches(p, level), 1), FARTHEST));
        weight[n] = 1 / (held_back(row, d) + noise * noise + 1e-6);
        all += weight[n];
        a.mean += weight[n] * at[n];
        if (weight[n] > most) {
            most = weight[n];
            a.model = row->name;
        }
        n++;
    }
    a.mean /= all;
    for (size_t i = 0; i < n; i++)
        a.spread += weight[i] / all * (at[i] - a.mean) * (at[i] - a.mean);
    a.spread = sqrt(a.spread);
    return a;
}

/* ---- answer ------------------------------------------------------------------------------------------------------ */

/* Point of the standard normal distribution with probability q above it (Abramowitz & Stegun 26.2.23, to 4.5e-4). */
static double normal_above(double q) {
    const double t = sqrt(-2 * log(q));
    return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

static double open_beyond(double step, double horizon) {
    return step > horizon ? (double)INFINITY : step;
}

static void answer(const average *a, const series *s, double level, fqp_forecast *out) {
    const double start = (double)s->step[0] - HALF, now = elapsed(s, s->frames - 1), end = start + HORIZON * now;
    const double width = sqrt(WIDTH * WIDTH + WIDTH_DISTANCE * WIDTH_DISTANCE * a->mean * a->mean +
                              WIDTH_SPREAD * WIDTH_SPREAD * a->spread * a->spread);
    const double half = normal_above((1 - level) / 2) * width, last = (double)s->step[s->frames - 1];
    *out = (fqp_forecast){.ok = true,
                          .model = a->model,
                          .median = open_beyond(fmax(start + now * exp(a->mean), last), end),
                          .low = fmax(start + now * exp(a->mean - half), last),
                          .high = open_beyond(start + now * exp(a->mean + half), end)};
}

static const char *why_not(const series *s, const fqp_forecast_opts *opts) {
    if (s->frames == 0)
        return "nothing was recorded";
    if (isnan(error_at(s, 0)))
        return "the target has no energy here";
    if (!(opts->tau > 0))
        return "the tolerance is not above 0";
    if (fqp_capture_frame(s->error, s->frames, s->stride, opts->tau, opts->hold) >= 0)
        return "already learnt";
    return NULL;
}

static const char *why_no_decay(const points *p) {
    return p->n == 0      ? "the error did not leave its first level"
           : p->n < LEAST ? "fewer than 5 frames while the error decays"
           : may_decay(p) ? NULL
                          : "the error does not decay";
}

void fqp_forecast_capture(const int64_t *step, const double *error, size_t frames, size_t stride,
                          const fqp_forecast_opts *opts, fqp_forecast *out) {
    const series s = {step, error, frames, stride};
    const char *reason = why_not(&s, opts);
    if (reason) {
        refuse(out, reason);
        return;
    }
    const size_t first = start_of_decay(&s);
    points p;
    gather(&s, first, &p);
    reason = why_no_decay(&p);
    if (reason) {
        refuse(out, reason);
        return;
    }
    const double noise = scatter(&s, first);
    const fqpi_decay d = {p.n, p.t, p.y, opts->rate * elapsed(&s, frames - 1)};
    const average a = average_models(&d, noise, log(opts->tau) - SCATTER * noise);
    answer(&a, &s, opts->level > 0 && opts->level < 1 ? opts->level : LEVEL, out);
}
