/* stopping.c - the object of stopping.h: points, the estimated signal at them, and a row of numbers for every frame. */
#include "stopping_i.h"

#include "fail.h"
#include "mem.h"
#include "real.h"
#include "rng.h"
#include "wavefit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { POINTS = 4096, HOLD = 20 };

/* Points of one kind: those that are looked at. */
typedef struct points {
    int64_t all, n, d, m; /* given, looked at, inputs, outputs */
    int64_t *row;         /* [n] their places among all */
    double *x, *y;        /* [n,d], [n,m] */
    double *signal;       /* [n,m] the estimate */
} points;

struct fqp_stopping {
    fqp_ctx *ctx;
    points train, held;
    double *twin; /* [held.n, m] the estimate from the training points alone */
    fqpi_wavefit waves;
    fqpi_stopping_facts facts;
    char unknown[160];
    size_t frames, room;
    int64_t *step;
    fqp_stopping_frame *frame;
    fqpi_stopping_course course;
};

/* ---- points ---------------------------------------------------------------------------------------------------- */

static int64_t columns(fqp_view v) {
    return v.ndim > 1 ? v.shape[1] : 1;
}

static fqp_status check(fqp_ctx *ctx, const char *what, fqp_view x, fqp_view y) {
    if (!x.data || !y.data || x.ndim < 1 || x.ndim > 2 || y.ndim < 1 || y.ndim > 2 || !fqpi_is_real(x.dtype) ||
        !fqpi_is_real(y.dtype))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s points: tables x [n,d] and y [n,m] of real numbers are needed",
                         what);
    if (x.shape[0] != y.shape[0] || x.shape[0] < 2)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL,
                         "%s points: x has %lld, y has %lld; two at least are needed, and as many", what,
                         (long long)x.shape[0], (long long)y.shape[0]);
    return FQP_OK;
}

/* Copies of rows of x and y: of all, or of POINTS drawn at random and kept in order. */
static fqp_status take(fqp_ctx *ctx, fqp_view x, fqp_view y, uint64_t draw, points *p) {
    *p = (points){.all = x.shape[0], .d = columns(x), .m = columns(y)};
    const size_t most = (size_t)(p->all < POINTS ? p->all : POINTS);
    p->row = fqpi_alloc(ctx, most, sizeof *p->row);
    p->x = fqpi_alloc(ctx, most * (size_t)(p->d + 2 * p->m), sizeof *p->x);
    if (!p->row || !p->x)
        return FQP_E_NOMEM;
    p->y = p->x + most * (size_t)p->d;
    p->signal = p->y + most * (size_t)p->m;
    for (int64_t i = 0; i < p->all; i++) {
        if (fqpi_rng_permuted(1, FQPI_STREAM_SPLIT, draw, (uint64_t)p->all, (uint64_t)i) >= most)
            continue;
        for (int64_t a = 0; a < p->d; a++)
            p->x[p->n * p->d + a] = fqpi_real_at(x, i * p->d + a);
        for (int64_t c = 0; c < p->m; c++)
            p->y[p->n * p->m + c] = fqpi_real_at(y, i * p->m + c);
        p->row[p->n++] = i;
    }
    return FQP_OK;
}

static void drop(points *p) {
    fqpi_free(p->row);
    fqpi_free(p->x);
}

/* ---- the estimate ---------------------------------------------------------------------------------------------- */

static fqp_status fit_both(fqp_stopping *s) {
    const points *t = &s->train, *h = &s->held;
    const int64_t n = t->n + h->n;
    double *x = fqpi_alloc(s->ctx, (size_t)(n * (t->d + t->m)), sizeof *x);
    if (!x)
        return FQP_E_NOMEM;
    double *y = x + n * t->d;
    memcpy(x, t->x, (size_t)(t->n * t->d) * sizeof *x);
    memcpy(x + t->n * t->d, h->x, (size_t)(h->n * t->d) * sizeof *x);
    memcpy(y, t->y, (size_t)(t->n * t->m) * sizeof *x);
    memcpy(y + t->n * t->m, h->y, (size_t)(h->n * t->m) * sizeof *x);
    const fqp_status status = fqpi_wavefit_fit(s->ctx, fqp_view_2d(x, n, t->d), fqp_view_2d(y, n, t->m), &s->waves);
    fqpi_free(x);
    return status;
}

static fqp_status fit_twin(fqp_stopping *s) {
    const points *t = &s->train, *h = &s->held;
    fqpi_wavefit w = {0};
    s->twin = fqpi_alloc(s->ctx, (size_t)(h->n * h->m), sizeof *s->twin);
    if (!s->twin)
        return FQP_E_NOMEM;
    fqp_status status = fqpi_wavefit_fit(s->ctx, fqp_view_2d(t->x, t->n, t->d), fqp_view_2d(t->y, t->n, t->m), &w);
    status = status ? status : fqpi_wavefit_at(s->ctx, &w, fqp_view_2d(h->x, h->n, h->d), s->twin);
    fqpi_wavefit_free(&w);
    return status;
}

static fqp_status fill(fqp_stopping *s) {
    points *const each[] = {&s->train, &s->held};
    fqp_status status = FQP_OK;
    double sum = 0, square = 0, count = 0;
    for (int i = 0; i < 2 && !status; i++) {
        points *p = each[i];
        status = fqpi_wavefit_at(s->ctx, &s->waves, fqp_view_2d(p->x, p->n, p->d), p->signal);
        for (int64_t j = 0; j < p->n * p->m && !status; j++) {
            const double v = p->signal[j] - s->waves.mean[j % p->m];
            sum += v;
            square += v * v;
            count++;
        }
    }
    s->facts.noise = (fqp_stopping_noise){.known = true,
                                          .noise = sqrt(s->waves.noise),
                                          .signal = sqrt(fmax(square / count - sum * sum / count / count, 0))};
    for (int64_t b = 0; b <= s->waves.shells; b++)
        if (s->waves.part[b] > 0.5)
            s->facts.noise.crossing = fqpi_wavefit_frequency(b);
    return status;
}

/* Points to which waves cannot be fitted are no failure: the held-out loss decides then. */
static fqp_status estimate(fqp_stopping *s) {
    fqp_ctx_problems_clear(s->ctx);
    fqp_status status = fit_both(s);
    status = status ? status : fit_twin(s);
    status = status ? status : fill(s);
    if (status == FQP_OK || status == FQP_E_NOMEM)
        return status;
    snprintf(s->unknown, sizeof s->unknown, "%s", fqp_ctx_problem(s->ctx, 0).message);
    fqp_ctx_problems_clear(s->ctx);
    s->facts.noise = (fqp_stopping_noise){.noise = NAN, .signal = NAN, .crossing = NAN};
    return FQP_OK;
}

static fqp_status build(fqp_stopping *s, const fqp_stopping_setup *setup) {
    fqp_status status = take(s->ctx, setup->x, setup->y, 0, &s->train);
    status = status ? status : take(s->ctx, setup->held_x, setup->held_y, 1, &s->held);
    s->facts.hold = setup->hold > 0 ? setup->hold : HOLD;
    s->facts.unknown = s->unknown;
    return status ? status : estimate(s);
}

fqp_status fqp_stopping_create(fqp_ctx *ctx, const fqp_stopping_setup *setup, fqp_stopping **out) {
    if (!ctx || !setup || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "fqp_stopping_create: a context, points and a place for the rule are needed");
    if (!setup->held_x.data || !setup->held_y.data)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "when to stop cannot be told without held-out points");
    fqp_status status = check(ctx, "training", setup->x, setup->y);
    status = status ? status : check(ctx, "held-out", setup->held_x, setup->held_y);
    if (!status && (columns(setup->x) != columns(setup->held_x) || columns(setup->y) != columns(setup->held_y)))
        status = fqpi_fail(ctx, FQP_E_SHAPE, NULL,
                           "held-out points have %lld inputs and %lld outputs, the training points %lld and %lld",
                           (long long)columns(setup->held_x), (long long)columns(setup->held_y),
                           (long long)columns(setup->x), (long long)columns(setup->y));
    fqp_stopping *s = status ? NULL : fqpi_calloc(ctx, 1, sizeof *s);
    if (!s)
        return status ? status : FQP_E_NOMEM;
    s->ctx = ctx;
    s->course = FQPI_STOPPING_BEGIN;
    status = build(s, setup);
    if (status)
        fqp_stopping_destroy(s);
    else
        *out = s;
    return status;
}

void fqp_stopping_destroy(fqp_stopping *s) {
    if (!s)
        return;
    drop(&s->train);
    drop(&s->held);
    fqpi_free(s->twin);
    fqpi_wavefit_free(&s->waves);
    fqpi_free(s->step);
    fqpi_free(s->frame);
    fqpi_free(s);
}

/* ---- frames ---------------------------------------------------------------------------------------------------- */

static fqp_status fits(const fqp_stopping *s, const char *what, const points *p, fqp_view v) {
    if (!v.data || !fqpi_is_real(v.dtype) || v.ndim < 1 || v.ndim > 2 || v.shape[0] != p->all || columns(v) != p->m)
        return fqpi_fail(s->ctx, FQP_E_SHAPE, NULL, "%s: %lld points with %lld real outputs are expected", what,
                         (long long)p->all, (long long)p->m);
    const int64_t n = fqp_view_count(v);
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(fqpi_real_at(v, i)))
            return fqpi_fail(s->ctx, FQP_E_DATA, NULL, "%s: value %lld (counted from 0) is not finite", what,
                             (long long)i);
    return FQP_OK;
}

static double square_at(const points *p, fqp_view v, int64_t i, int64_t c, const double *from) {
    const double e = fqpi_real_at(v, p->row[i] * p->m + c) - from[i * p->m + c];
    return e * e;
}

/* Mean over the points of a kind, and how many numbers it is of. */
static double mean_square(const points *p, fqp_view v, const double *from) {
    double sum = 0;
    for (int64_t i = 0; i < p->n; i++)
        for (int64_t c = 0; c < p->m; c++)
            sum += square_at(p, v, i, c, from);
    return sum / (double)(p->n * p->m);
}

/* Mean and standard error over points of |v - y|^2, or (twin) of its difference to |twin - y|^2. */
static double held_mean(const fqp_stopping *s, fqp_view v, const double *twin, double *error) {
    const points *p = &s->held;
    double sum = 0, square = 0;
    for (int64_t i = 0; i < p->n; i++) {
        double e = 0;
        for (int64_t c = 0; c < p->m; c++) {
            const double to_twin = twin ? twin[i * p->m + c] - p->y[i * p->m + c] : 0;
            e += (square_at(p, v, i, c, p->y) - to_twin * to_twin) / (double)p->m;
        }
        sum += e;
        square += e * e;
    }
    const double n = (double)p->n, mean = sum / n;
    *error = sqrt(fmax(square / n - mean * mean, 0) / (n - 1));
    return mean;
}

static fqp_stopping_frame measure(const fqp_stopping *s, fqp_view prediction, fqp_view held) {
    fqp_stopping_frame f = {.error = NAN, .train = mean_square(&s->train, prediction, s->train.y), .beaten = NAN};
    f.held = held_mean(s, held, NULL, &f.held_error);
    if (s->facts.noise.known) {
        const double n = (double)s->train.n, h = (double)s->held.n;
        double error;
        f.error = (n * mean_square(&s->train, prediction, s->train.signal) +
                   h * mean_square(&s->held, held, s->held.signal)) /
                  (n + h);
        const double more = held_mean(s, held, s->twin, &error);
        f.beaten = error > 0 ? more / error : 0;
    }
    return f;
}

fqp_status fqp_stopping_restore(fqp_stopping *s, int64_t step, const fqp_stopping_frame *frame) {
    if (s->frames > 0 && step <= s->step[s->frames - 1])
        return fqpi_fail(s->ctx, FQP_E_ARG, NULL, "step %lld follows step %lld: steps must increase", (long long)step,
                         (long long)s->step[s->frames - 1]);
    if (s->frames == s->room) {
        const size_t room = s->room ? 2 * s->room : 64;
        int64_t *steps = fqpi_resize(s->ctx, s->step, room, sizeof *steps);
        s->step = steps ? steps : s->step;
        fqp_stopping_frame *frames = steps ? fqpi_resize(s->ctx, s->frame, room, sizeof *frames) : NULL;
        if (!frames)
            return FQP_E_NOMEM;
        s->frame = frames;
        s->room = room;
    }
    s->step[s->frames] = step;
    s->frame[s->frames] = *frame;
    fqpi_stopping_follow(&s->facts, &s->course, s->step, s->frame, s->frames++);
    return FQP_OK;
}

fqp_status fqp_stopping_observe(fqp_stopping *s, int64_t step, fqp_view prediction, fqp_view held) {
    fqp_status status = fits(s, "prediction", &s->train, prediction);
    status = status ? status : fits(s, "held-out prediction", &s->held, held);
    if (status)
        return status;
    const fqp_stopping_frame f = measure(s, prediction, held);
    return fqp_stopping_restore(s, step, &f);
}

size_t fqp_stopping_frames(const fqp_stopping *s) {
    return s->frames;
}

const fqp_stopping_frame *fqp_stopping_frame_at(const fqp_stopping *s, size_t i, int64_t *step) {
    if (i >= s->frames)
        return NULL;
    if (step)
        *step = s->step[i];
    return &s->frame[i];
}

fqp_stopping_noise fqp_stopping_noise_of(const fqp_stopping *s) {
    return s->facts.noise;
}

bool fqp_stopping_band(const fqp_stopping *s, size_t i, double *frequency, double *signal, double *noise,
                       double *part) {
    if (!s->facts.noise.known || (int64_t)i > s->waves.shells)
        return false;
    *frequency = fqpi_wavefit_frequency((int64_t)i);
    *signal = sqrt(s->waves.power[i]);
    *noise = sqrt(2 * s->waves.noise / (double)(s->train.n + s->held.n));
    *part = s->waves.part[i];
    return true;
}

const fqpi_stopping_facts *fqpi_stopping_facts_of(const fqp_stopping *s) {
    return &s->facts;
}

fqp_stop fqp_stopping_judge(const fqp_stopping *s) {
    fqp_stop out;
    fqpi_stopping_say(&s->facts, &s->course, s->step, s->frame, s->frames, &out);
    return out;
}
