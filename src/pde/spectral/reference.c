/* reference.c - the solution of a problem by series fine enough and steps short enough. */
#include "spectral/reference.h"

#include "fail.h"
#include "mem.h"
#include "spectral/problem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double ENOUGH = 1e-9, DOUBTFUL = 1e-4; /* relative change when points or steps are doubled */
enum { FEWEST = 32, STEPS_LEAST = 100, STEPS_MOST = 25600 };
static const int64_t points_most[FQPI_SPECTRAL_AXES] = {2048, 256};

typedef struct instant {
    double t;
    int64_t at;
} instant;

typedef struct wanted {
    const fqpi_spectral_plan *plan;
    int64_t n;
    const instant *order; /* [n], by time */
    double *place;        /* [n, axes], in that order */
    double *value;        /* [n, m] in that order */
} wanted;

static int by_time(const void *a, const void *b) {
    const instant *p = a, *q = b;
    return p->t != q->t ? (p->t > q->t) - (p->t < q->t) : (p->at > q->at) - (p->at < q->at);
}

/* ---- one solution ------------------------------------------------------------------------------------------------ */

/* The unknowns at n places of one instant. */
static fqp_status unknowns_at(fqpi_spectral *s, const fqpi_spectral_plan *p, bool first, int64_t n, const double *x,
                              double *u) {
    fqpi_spectral_term term[FQPI_SPECTRAL_UNKNOWNS] = {{0}};
    for (int64_t j = 0; j < p->m; j++)
        term[j].field = p->field[j];
    if (!first)
        return fqpi_spectral_eval(s, n, x, (int)p->m, term, u);
    double *w = fqpi_alloc(p->ctx, (size_t)(n * p->flow.fields), sizeof *w);
    const fqp_status status = w ? fqpi_spectral_initial(p, n, x, w) : FQP_E_NOMEM;
    for (int64_t i = 0; i < n && !status; i++)
        for (int64_t j = 0; j < p->m; j++)
            u[i * p->m + j] = w[i * p->flow.fields + p->field[j]];
    fqpi_free(w);
    return status;
}

static fqp_status march(fqpi_spectral *s, const wanted *want, double step, double *u) {
    const fqpi_spectral_plan *p = want->plan;
    const double instant_of = 1e-12 * (p->end - p->begin);
    fqp_status status = FQP_OK;
    for (int64_t i = 0; i < want->n && !status;) {
        const double t = want->order[i].t;
        int64_t end = i;
        while (end < want->n && want->order[end].t - t <= instant_of)
            end++;
        const bool first = t - p->begin <= instant_of;
        status = first ? FQP_OK : fqpi_spectral_run(s, t, step);
        if (!status)
            status = unknowns_at(s, p, first, end - i, want->place + i * p->flow.axes, u + i * p->m);
        i = end;
    }
    return status;
}

static fqp_status solve(fqpi_spectral_plan *p, const wanted *want, int64_t points, double step, double *u) {
    fqpi_spectral *s = NULL;
    const double *x;
    fqp_status status = fqpi_spectral_create(p->ctx, &p->flow, points, &s);
    if (status)
        return status;
    const int64_t places = fqpi_spectral_places(s, &x);
    double *w = fqpi_alloc(p->ctx, (size_t)(places * p->flow.fields), sizeof *w);
    status = w ? fqpi_spectral_plan_ready(p, places, x) : FQP_E_NOMEM;
    status = status ? status : fqpi_spectral_initial(p, places, x, w);
    if (!status) {
        fqpi_spectral_begin(s, p->begin, w);
        status = march(s, want, step, u);
    }
    fqpi_free(w);
    fqpi_spectral_destroy(s);
    return status;
}

/* ---- points and steps -------------------------------------------------------------------------------------------- */

typedef struct search {
    int64_t points, steps; /* of the last solution */
    bool fixed_points, fixed_steps;
    double change; /* relative, of the last doubling of either */
} search;

static double change(int64_t n, const double *now, const double *before) {
    double difference = 0, size = 0;
    for (int64_t i = 0; i < n; i++) {
        difference += (now[i] - before[i]) * (now[i] - before[i]);
        size += now[i] * now[i];
    }
    return size > 0 ? sqrt(difference / size) : sqrt(difference);
}

/* Steps that are too long diverge: halve them as long as that is so. */
static fqp_status attempt(fqpi_spectral_plan *p, const wanted *want, search *by, double *u) {
    for (;;) {
        const size_t problems = fqp_ctx_problem_count(p->ctx);
        const fqp_status s = solve(p, want, by->points, (p->end - p->begin) / (double)by->steps, u);
        if (s != FQP_E_DIVERGED || by->fixed_steps || 2 * by->steps > STEPS_MOST)
            return s;
        if (problems == 0)
            fqp_ctx_problems_clear(p->ctx);
        by->steps *= 2;
    }
}

/* Double *what until nothing changes any more; before: room for a solution. */
static fqp_status refine(fqpi_spectral_plan *p, const wanted *want, search *by, int64_t *what, int64_t most,
                         double *before) {
    const int64_t n = want->n * p->m;
    fqp_status s = FQP_OK;
    for (by->change = INFINITY; !s && by->change > ENOUGH && 2 * *what <= most;) {
        memcpy(before, want->value, (size_t)n * sizeof *before);
        *what *= 2;
        s = attempt(p, want, by, want->value);
        by->change = change(n, want->value, before);
    }
    return s;
}

static fqp_status find(fqpi_spectral_plan *p, const wanted *want, search *by) {
    const int64_t most = points_most[p->flow.axes - 1];
    double *before = fqpi_alloc(p->ctx, (size_t)(want->n * p->m), sizeof *before), points_change = 0;
    fqp_status s = before ? attempt(p, want, by, want->value) : FQP_E_NOMEM;
    if (!s && !by->fixed_points) {
        s = refine(p, want, by, &by->points, most, before);
        points_change = by->change;
    }
    by->change = 0;
    if (!s && !by->fixed_steps)
        s = refine(p, want, by, &by->steps, STEPS_MOST, before);
    by->change = fmax(by->change, points_change);
    fqpi_free(before);
    if (!s)
        fqpi_log(
            p->ctx, by->change > DOUBTFUL ? FQP_LOG_WARN : FQP_LOG_INFO,
            "spectral reference: %lld points along an axis and %lld steps; doubling either changed it by %.1e of its "
            "size at last",
            (long long)by->points, (long long)by->steps, by->change);
    return s;
}

/* ---- the entrance ------------------------------------------------------------------------------------------------ */

static fqp_status sort(const fqpi_spectral_plan *p, int64_t n, const double *x, instant *order, double *place) {
    const int64_t axes = p->d - 1;
    const double slack = 1e-12 * (p->end - p->begin);
    for (int64_t i = 0; i < n; i++) {
        order[i] = (instant){x[i * p->d + axes], i};
        if (!(order[i].t >= p->begin - slack && order[i].t <= p->end + slack))
            return fqpi_fail(p->ctx, FQP_E_ARG, NULL, "spectral reference: time %g of point %lld is outside %g to %g",
                             order[i].t, (long long)i, p->begin, p->end);
    }
    qsort(order, (size_t)n, sizeof *order, by_time);
    for (int64_t i = 0; i < n; i++)
        memcpy(place + i * axes, x + order[i].at * p->d, (size_t)axes * sizeof *place);
    return FQP_OK;
}

fqp_status fqpi_spectral_reference(fqp_ctx *ctx, const fqp_pde *problem, int64_t n, const double *x, double *u,
                                   int64_t points, double step) {
    fqpi_spectral_plan *p = NULL;
    fqp_status s = fqpi_spectral_plan_create(ctx, problem, &p);
    if (s)
        return s;
    instant *order = fqpi_alloc(ctx, (size_t)n, sizeof *order);
    double *place = fqpi_alloc(ctx, (size_t)(n * (p->d - 1 + p->m)), sizeof *place);
    s = order && place ? sort(p, n, x, order, place) : FQP_E_NOMEM;
    if (!s) {
        const wanted want = {.plan = p, .n = n, .order = order, .place = place, .value = place + n * (p->d - 1)};
        search by = {.points = points > 0 ? points : FEWEST,
                     .steps = step > 0 ? (int64_t)ceil((p->end - p->begin) / step * (1 - 1e-12)) : STEPS_LEAST,
                     .fixed_points = points > 0,
                     .fixed_steps = step > 0};
        s = find(p, &want, &by);
        for (int64_t i = 0; i < n && !s; i++)
            memcpy(u + order[i].at * p->m, want.value + i * p->m, (size_t)p->m * sizeof *u);
    }
    fqpi_free(place);
    fqpi_free(order);
    fqpi_spectral_plan_destroy(p);
    return s;
}
