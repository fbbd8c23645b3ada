/* stopping.c - stopping rules on the bank of noisy targets (noisy_bank.c): how much worse than the best frame is the
 * one they keep?
 *
 * Rules see noisy training and held-out points only.  Besides that of stopping.h: a frame drawn at random, the usual
 * rule (the least held-out loss until it was least PATIENCE frames ago), the least held-out loss of the whole run, and
 * the last frame. */
#include <fqp/stopping.h>

#include "mem.h"
#include "noisy_bank.h"
#include "rng.h"

#include <math.h>
#include <string.h>

enum { RULE, RANDOM, PATIENT, LEAST, LAST, RULES };
enum { PATIENCE = 20, HOLD = 20, CASES = 256 };
static const double tau = 0.1; /* captured: error below this part of the signal, root mean squares */

/* One case, trained once. */
typedef struct course {
    int64_t number, frames;
    bool noiseless;
    int64_t *step;                   /* [frames] */
    double *error, *held, *estimate; /* [frames] mean squares: without noise, at held-out points, as estimated */
    int64_t kept[RULES];             /* frames */
    int64_t captured;                /* frame; -1: never */
    bool stopped;
} course;

typedef struct courses {
    course each[CASES];
    size_t n;
} courses;

static void drop(void *place) {
    courses *all = place;
    for (size_t i = 0; i < all->n; i++) {
        fqpi_free(all->each[i].step);
        fqpi_free(all->each[i].error);
    }
}

/* ---- rules ----------------------------------------------------------------------------------------------------- */

static int64_t least(const double *v, int64_t n) {
    int64_t best = 0;
    for (int64_t f = 1; f < n; f++)
        best = v[f] < v[best] ? f : best;
    return best;
}

static int64_t patient(const double *v, int64_t n) {
    int64_t best = 0;
    for (int64_t f = 1; f < n && f - best < PATIENCE; f++)
        best = v[f] < v[best] ? f : best;
    return best;
}

static fqp_status apply_rule(fqp_ctx *ctx, const fqpi_noisy *c, course *o) {
    const fqp_stopping_setup setup = {.x = fqp_view_2d(c->x, c->n, 1),
                                      .y = fqp_view_2d(c->y, c->n, 1),
                                      .held_x = fqp_view_2d(c->x + c->n, c->held, 1),
                                      .held_y = fqp_view_2d(c->y + c->n, c->held, 1),
                                      .hold = HOLD};
    fqp_stopping *rule = NULL;
    fqp_status s = fqp_stopping_create(ctx, &setup, &rule);
    for (int64_t f = 0; f < c->frames && !s; f++) {
        const double *p = c->prediction + f * c->points;
        s = fqp_stopping_observe(rule, c->step[f], fqp_view_2d(p, c->n, 1), fqp_view_2d(p + c->n, c->held, 1));
        if (s)
            break;
        const fqp_stopping_frame *row = fqp_stopping_frame_at(rule, (size_t)f, NULL);
        o->held[f] = row->held;
        o->estimate[f] = row->error;
    }
    if (!s) {
        const fqp_stop stop = fqp_stopping_judge(rule);
        o->kept[RULE] = stop.frame;
        o->stopped = stop.stop;
    }
    fqp_stopping_destroy(rule);
    return s;
}

static int64_t capture(const fqpi_noisy *c, const course *o) {
    double power = 0;
    for (int64_t i = c->n + c->held; i < c->points; i++)
        power += c->y[i] * c->y[i] / FQPI_NOISY_CLEAN;
    return fqp_capture_frame(o->error, (size_t)o->frames, 1, tau * tau * power, HOLD);
}

static fqp_status follow(fqp_ctx *ctx, int64_t number, bool noiseless, course *o) {
    fqpi_noisy c;
    fqp_status s = fqpi_noisy_run(ctx, number, noiseless, &c);
    if (s)
        return s;
    *o = (course){.number = number, .noiseless = noiseless, .frames = c.frames};
    o->step = fqpi_alloc(ctx, (size_t)c.frames, sizeof *o->step);
    o->error = fqpi_alloc(ctx, 3 * (size_t)c.frames, sizeof *o->error);
    if (o->step && o->error) {
        o->held = o->error + c.frames;
        o->estimate = o->held + c.frames;
        memcpy(o->step, c.step, (size_t)c.frames * sizeof *o->step);
        for (int64_t f = 0; f < c.frames; f++)
            o->error[f] = fqpi_noisy_error(&c, f);
        s = apply_rule(ctx, &c, o);
        o->kept[RANDOM] = (int64_t)fqpi_rng_below((uint64_t)number, FQPI_STREAM_TEST, 0, (uint64_t)c.frames);
        o->kept[PATIENT] = patient(o->held, c.frames);
        o->kept[LEAST] = least(o->held, c.frames);
        o->kept[LAST] = c.frames - 1;
        o->captured = capture(&c, o);
    } else
        s = FQP_E_NOMEM;
    fqpi_noisy_free(&c);
    return s;
}

/* NULL with a problem. */
static const course *course_of(const fqpi_measuring *m, double number, bool noiseless) {
    courses *all = number >= 1 && number < 1e9 ? fqpi_cache_place(m, fqpi_measures_stopping, sizeof *all, drop) : NULL;
    for (size_t i = 0; all && i < all->n; i++)
        if (all->each[i].number == (int64_t)number && all->each[i].noiseless == noiseless)
            return &all->each[i];
    if (!all || all->n == CASES)
        return NULL;
    course *c = &all->each[all->n];
    all->n++; /* what was allocated is released at the end, also after a failure */
    return follow(m->ctx, (int64_t)number, noiseless, c) ? NULL : c;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static double ratio(const course *c, int rule) {
    return c && c->kept[rule] >= 0 ? c->error[c->kept[rule]] / c->error[least(c->error, c->frames)] : NAN;
}

static int rule_of(const double *arg, int nargs, int place) {
    return nargs > place && arg[place] >= 0 && arg[place] < RULES ? (int)arg[place] : RULE;
}

static double noise_stop_ratio(const fqpi_measuring *m, const double *arg, int nargs) {
    return ratio(course_of(m, arg[0], false), rule_of(arg, nargs, 1));
}

static double stop_median(const fqpi_measuring *m, const double *arg, int nargs) {
    double r[CASES];
    size_t n = 0;
    for (double i = arg[0]; i <= arg[1] && n < CASES; i++)
        r[n++] = ratio(course_of(m, i, false), rule_of(arg, nargs, 2));
    for (size_t i = 0; i < n; i++)
        if (isnan(r[i]))
            return NAN;
    return n ? fqp_spread_of(r, n).median : NAN;
}

static double stop_share(const fqpi_measuring *m, const double *arg, int nargs) {
    double within = 0, n = 0;
    for (double i = arg[0]; i <= arg[1]; i++, n++)
        within += ratio(course_of(m, i, false), rule_of(arg, nargs, 3)) <= arg[2];
    return n > 0 ? within / n : NAN;
}

static double stop_met(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double count = 0;
    for (double i = arg[0]; i <= arg[1]; i++) {
        const course *c = course_of(m, i, false);
        if (!c)
            return NAN;
        count += c->stopped;
    }
    return count;
}

static double stop_early(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double count = 0;
    for (double i = arg[0]; i <= arg[1]; i++) {
        const course *c = course_of(m, i, true);
        if (!c)
            return NAN;
        count += c->stopped && (c->captured < 0 || c->kept[RULE] < c->captured);
    }
    return count;
}

static int64_t frame_of(const course *c, double step) {
    int64_t f = 0;
    while (f + 1 < c->frames && (double)c->step[f + 1] <= step)
        f++;
    return f;
}

static double stop_step(const fqpi_measuring *m, const double *arg, int nargs) {
    const course *c = course_of(m, arg[0], false);
    const int64_t f = c ? c->kept[rule_of(arg, nargs, 1)] : -1;
    return f < 0 ? NAN : (double)c->step[f];
}

static double noise_stop_error(const fqpi_measuring *m, const double *arg, int nargs) {
    const course *c = course_of(m, arg[0], nargs > 2 && arg[2] != 0);
    return c ? c->error[frame_of(c, arg[1])] : NAN;
}

static double stop_held(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const course *c = course_of(m, arg[0], false);
    return c ? c->held[frame_of(c, arg[1])] : NAN;
}

static double stop_estimate(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const course *c = course_of(m, arg[0], false);
    return c ? c->estimate[frame_of(c, arg[1])] : NAN;
}

const fqpi_measure fqpi_measures_stopping[] = {
    {"noise_stop_ratio", 1, 2, false, false,
     "noise_stop_ratio(i, rule): of noisy target i = 1, 2, ..., error without the noise at the frame that a rule keeps "
     "over "
     "the "
     "least of the run; rule 0: fqp's, 1: a random frame, 2: least held-out loss with a patience of 20 frames, 3: of "
     "the "
     "whole run, 4: the last frame",
     noise_stop_ratio},
    {"stop_median", 2, 3, false, false, "stop_median(from, to, rule): median of noise_stop_ratio over targets",
     stop_median},
    {"stop_share", 3, 4, false, false,
     "stop_share(from, to, limit, rule): share of targets with noise_stop_ratio up to limit", stop_share},
    {"stop_met", 2, 2, false, false,
     "stop_met(from, to): noisy targets whose training the rule ends before the last step", stop_met},
    {"stop_early", 2, 2, false, false,
     "stop_early(from, to): the same targets without noise: how many are stopped before their error is below a tenth "
     "of "
     "the signal",
     stop_early},
    {"stop_step", 1, 2, false, false, "stop_step(i, rule): the step that a rule keeps on noisy target i", stop_step},
    {"noise_stop_error", 2, 3, false, false,
     "noise_stop_error(i, step, noiseless): mean squared error without the noise while target i is learnt",
     noise_stop_error},
    {"stop_held", 2, 2, false, false, "stop_held(i, step): its held-out loss", stop_held},
    {"stop_estimate", 2, 2, false, false, "stop_estimate(i, step): its error as the rule estimates it", stop_estimate},
    {0}};
