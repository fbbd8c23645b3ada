/* forecast.c - forecasts held against the bank of runs, and against series whose capture is known exactly. */
#include "forecast_bank.h"

#include "mem.h"
#include "rng.h"

#include <fqp/forecast.h>
#include <math.h>
#include <stdlib.h>

/* Bands of half a bank asked from a third and from half of the frames. */
enum { MOST_ASKED = 8192, PARTS = 2 };
static const double parts[PARTS] = {1.0 / 3, 0.5};

typedef struct asked {
    int part;          /* which share of the frames was seen */
    double now, truth; /* last step seen; step of the capture, infinite: never in this run */
    fqp_forecast said;
} asked;

typedef struct half_bank {
    bool trained;
    fqpi_bank_run run[FQPI_BANK_RUNS / 2];
    double level; /* of the forecasts in `each`; 0: none made yet */
    size_t n;
    asked each[MOST_ASKED];
} half_bank;

static void drop_bank(void *place) {
    half_bank *h = place;
    for (size_t r = 0; r < FQPI_BANK_RUNS / 2; r++)
        fqpi_bank_free(&h->run[r]);
}

/* ---- asking ------------------------------------------------------------------------------------------------------ */

static void ask_band(half_bank *h, const fqpi_bank_run *r, size_t band, int part) {
    const double *error = r->error + band;
    const size_t seen = (size_t)(parts[part] * (double)r->frames);
    const fqp_forecast_opts opts = {.tau = FQPI_BANK_TAU, .hold = FQPI_BANK_HOLD, .level = h->level};
    if (seen == 0 || h->n == MOST_ASKED || fqp_capture_frame(error, seen, r->bands, FQPI_BANK_TAU, FQPI_BANK_HOLD) >= 0)
        return;
    const int64_t at = fqp_capture_frame(error, r->frames, r->bands, FQPI_BANK_TAU, FQPI_BANK_HOLD);
    asked *a = &h->each[h->n++];
    *a = (asked){
        .part = part, .now = (double)r->step[seen - 1], .truth = at < 0 ? (double)INFINITY : (double)r->step[at]};
    fqp_forecast_capture(r->step, error, seen, r->bands, &opts, &a->said);
}

static void ask_all(half_bank *h, double level) {
    h->level = level;
    h->n = 0;
    for (size_t i = 0; i < FQPI_BANK_RUNS / 2; i++)
        for (size_t b = 0; b < h->run[i].bands; b++)
            for (int p = 0; p < PARTS; p++)
                ask_band(h, &h->run[i], b, p);
}

/* Half 0 (even runs, development) or 1 (odd runs, kept); NULL with a problem. */
static const half_bank *bank(const fqpi_measuring *m, double half, double level) {
    static const char owner[2];
    if (half != 0 && half != 1)
        return NULL;
    half_bank *h = fqpi_cache_place(m, &owner[half == 1], sizeof *h, drop_bank);
    for (int64_t i = 0; h && !h->trained && i < FQPI_BANK_RUNS / 2; i++)
        if (fqpi_bank_train(m->ctx, 2 * i + (half == 1), &h->run[i]))
            return NULL;
    if (!h)
        return NULL;
    h->trained = true;
    if (h->level != level)
        ask_all(h, level);
    return h;
}

/* ---- counting ---------------------------------------------------------------------------------------------------- */

/* part 0: all; 1, 2: a third, half of the frames */
static bool counts(const asked *a, double part) {
    return part == 0 || part == a->part + 1;
}

static bool covers(const asked *a, double shift) {
    return a->truth >= shift * a->said.low && a->truth <= shift * a->said.high;
}

static double argument(const double *arg, int nargs, int i, double otherwise) {
    return nargs > i ? arg[i] : otherwise;
}

static double forecast_coverage(const fqpi_measuring *m, const double *arg, int nargs) {
    const half_bank *h = bank(m, arg[0], argument(arg, nargs, 3, 0.8));
    const double shift = argument(arg, nargs, 2, 1);
    double answered = 0, covered = 0;
    for (size_t i = 0; h && i < h->n; i++)
        if (counts(&h->each[i], arg[1]) && h->each[i].said.ok) {
            answered++;
            covered += covers(&h->each[i], shift);
        }
    return h && answered > 0 ? covered / answered : NAN;
}

static double forecast_refused(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const half_bank *h = bank(m, arg[0], 0.8);
    double all = 0, refused = 0;
    for (size_t i = 0; h && i < h->n; i++)
        if (counts(&h->each[i], arg[1])) {
            all++;
            refused += !h->each[i].said.ok;
        }
    return h && all > 0 ? refused / all : NAN;
}

static double forecast_asked(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const half_bank *h = bank(m, arg[0], 0.8);
    double all = 0;
    for (size_t i = 0; h && i < h->n; i++)
        all += counts(&h->each[i], arg[1]);
    return h ? all : NAN;
}

static double forecast_open(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const half_bank *h = bank(m, arg[0], 0.8);
    double answered = 0, open = 0;
    for (size_t i = 0; h && i < h->n; i++)
        if (counts(&h->each[i], arg[1]) && h->each[i].said.ok) {
            answered++;
            open += isinf(h->each[i].said.high);
        }
    return h && answered > 0 ? open / answered : NAN;
}

/* Half of the intervals are not wider than this; endless ones count as endless. */
static double forecast_width(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const half_bank *h = bank(m, arg[0], 0.8);
    double *ratio = fqpi_alloc(m->ctx, MOST_ASKED, sizeof *ratio);
    size_t n = 0;
    for (size_t i = 0; h && ratio && i < h->n; i++)
        if (counts(&h->each[i], arg[1]) && h->each[i].said.ok)
            ratio[n++] = h->each[i].said.high / h->each[i].said.low;
    const double median = ratio && n ? fqp_spread_of(ratio, n).median : NAN;
    fqpi_free(ratio);
    return median;
}

/* The i-th band, counted from 1, that got an answer from half of the frames; NULL past the end. */
static const asked *answered_at(const fqpi_measuring *m, double half, double i) {
    const half_bank *h = bank(m, half, 0.8);
    for (size_t k = 0; h && k < h->n; k++)
        if (h->each[k].part == 1 && h->each[k].said.ok && --i == 0)
            return &h->each[k];
    return NULL;
}

static double forecast_true(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const asked *a = answered_at(m, arg[0], arg[1]);
    return a && isfinite(a->truth) ? a->truth / a->now : NAN;
}

static double forecast_said(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const asked *a = answered_at(m, arg[0], arg[1]);
    return a && isfinite(a->said.median) ? a->said.median / a->now : NAN;
}

/* ---- series whose capture is known ------------------------------------------------------------------------------- */

/* exp(-rate step) at `frames` frames; seen up to a share of the step at which it meets tau.  True where the interval
 * holds that step; a refusal holds nothing. */
static bool exponential_held(uint64_t draw) {
    enum { FRAMES = 400 };
    double u[3], error[FRAMES];
    int64_t step[FRAMES];
    for (uint64_t k = 0; k < 3; k++)
        u[k] = fqpi_rng_uniform(draw, FQPI_STREAM_TEST, k);
    const int64_t every = 1 + (int64_t)(20 * u[0]);
    const size_t seen = 60 + (size_t)(300 * u[1]);
    const double end = (double)every * (double)(seen - 1) / (0.3 + 0.65 * u[2]); /* where the series meets tau */
    for (size_t f = 0; f < seen; f++) {
        step[f] = every * (int64_t)f;
        error[f] = pow(FQPI_BANK_TAU, (double)step[f] / end);
    }
    const fqp_forecast_opts opts = {.tau = FQPI_BANK_TAU, .hold = FQPI_BANK_HOLD};
    fqp_forecast f;
    fqp_forecast_capture(step, error, seen, 1, &opts, &f);
    return f.ok && end >= f.low && end <= f.high;
}

static double forecast_exponential(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)m;
    (void)nargs;
    double held = 0;
    for (uint64_t i = 1; (double)i <= arg[0]; i++)
        held += exponential_held(i);
    return held / arg[0];
}

const fqpi_measure fqpi_measures_forecast[] = {
    {"forecast_coverage", 2, 4, false, false,
     "forecast_coverage(half, part, shift, level): share of intervals, times shift, that hold the step of the capture, "
     "on half a bank of 200 runs (0 development, 1 kept); part 1: from a third of the frames, 2: half, 0: both",
     forecast_coverage},
    {"forecast_refused", 2, 2, false, false,
     "forecast_refused(half, part): share of bands not learnt yet for which a forecast is refused", forecast_refused},
    {"forecast_asked", 2, 2, false, false, "forecast_asked(half, part): number of those bands", forecast_asked},
    {"forecast_open", 2, 2, false, false, "forecast_open(half, part): share of intervals without an upper end",
     forecast_open},
    {"forecast_width", 2, 2, false, false, "forecast_width(half, part): median of upper end over lower end",
     forecast_width},
    {"forecast_true", 2, 2, false, false,
     "forecast_true(half, i): step at which the i-th band forecast from half of the frames was learnt, over the last"
     " step seen",
     forecast_true},
    {"forecast_said", 2, 2, false, false, "forecast_said(half, i): the forecast of that, over the last step seen",
     forecast_said},
    {"forecast_exponential", 1, 1, false, false,
     "forecast_exponential(n): share of n exactly exponential series whose capture lies in the interval",
     forecast_exponential},
    {0}};
