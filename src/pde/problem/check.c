/* check.c - conditions that are missing, and conditions that contradict each other.
 *
 * Derivatives in space of order 2 (4) want one (two) conditions at every point of the border, derivatives in time of
 * order q want q conditions in time; on a line without time the order is the number of conditions at both ends
 * together. A first order in space may want its condition on a part of the border only: nothing is asked for there.
 * Where there are measured points, they may stand for what is missing. */
#include "fail.h"
#include "mem.h"
#include "problem_i.h"
#include "rng.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct samples {
    int64_t n;
    double *x, *normal;   /* [n, d] of the border, at times between the first and the last */
    unsigned char *holds; /* [npieces, n] */
} samples;

static void samples_free(samples *s) {
    fqpi_free(s->x);
    fqpi_free(s->holds);
}

/* The border as a piece of its own would draw it. */
static fqp_status samples_make(fqpi_pde_job *job, samples *s) {
    fqp_pde *p = job->p;
    fqpi_pde_piece *whole = fqpi_pde_piece_add(job, FQP_PIECE_BORDER, "");
    if (!whole)
        return FQP_E_NOMEM;
    const size_t last = p->npieces - 1;
    whole->place.where = WHERE_BORDER;
    fqpi_pde_place_border(job, &whole->place);
    s->n = p->space == 1 && p->time < 0 ? p->piece[last].place.count : FQPI_PDE_SAMPLES;
    s->x = fqpi_calloc(job->ctx, (size_t)(2 * s->n * p->d), sizeof *s->x);
    s->holds = fqpi_calloc(job->ctx, p->npieces * (size_t)s->n, 1);
    s->normal = s->x ? s->x + s->n * p->d : NULL;
    fqp_status status = job->status;
    if (!status)
        status = s->x && s->holds ? FQP_OK : FQP_E_NOMEM;
    if (!status)
        status = fqp_problem_draw(job->ctx, p, last, FQP_POINTS_SOBOL, 1, 0, s->n, s->x, s->normal, NULL);
    fqpi_free(p->piece[last].text);
    fqpi_pde_place_free(&p->piece[last].place);
    p->npieces--;
    return status;
}

static void on_faces(const fqp_pde *p, int axis, const samples *s, unsigned char *holds) {
    for (int64_t i = 0; i < s->n; i++) {
        const double x = s->x[i * p->d + axis], close = 1e-9 * fqpi_pde_size(p, axis);
        holds[i] = axis != p->time && (fabs(x - p->lower[axis]) <= close || fabs(x - p->upper[axis]) <= close);
    }
}

static fqp_status where_they_hold(fqpi_pde_job *job, const samples *s) {
    const fqp_pde *p = job->p;
    fqp_status status = FQP_OK;
    for (size_t i = 0; i < p->npieces && !status; i++) {
        const fqpi_pde_place *place = &p->piece[i].place;
        unsigned char *holds = s->holds + i * (size_t)s->n;
        if (place->where == WHERE_BORDER || place->where == WHERE_POINT)
            status = fqpi_pde_place_holds(job->ctx, p, place, s->n, s->x, holds);
        if (place->where == WHERE_PAIRS)
            on_faces(p, place->axis, s, holds);
    }
    return status;
}

/* ---- what is missing
 * -------------------------------------------------------------------------------------------------- */

/* Highest order of unknown k in space, in time. */
static int order_of(const fqp_pde *p, int k, bool time) {
    const fqpi_pde_rows *rows = &p->piece[0].rows;
    int most = 0;
    for (int c = 0; c < rows->ncolumns; c++) {
        const fqp_derivative *w = &rows->which[rows->column[c].k];
        int order = w->summed ? 2 : 0;
        for (int a = 0; a < p->d && !w->summed; a++)
            order += (a == p->time) == time ? w->order[a] : 0;
        if (rows->column[c].unknown == k && !(w->summed && time) && order > most)
            most = order;
    }
    return most;
}

static void missing(fqpi_pde_job *job, const char *what) {
    const fqp_problem_opts *o = job->o;
    fqpi_pde_refuse(job,
                    o->conditions.n  ? "conditions"
                    : o->equations.n ? "equations"
                                     : "operator",
                    SIZE_MAX, "%s", what);
}

static int conditions_at(const fqp_pde *p, int k, const samples *s, int64_t at, int need) {
    int count = 0;
    for (size_t i = 0; i < p->npieces; i++) {
        const fqpi_pde_piece *piece = &p->piece[i];
        if ((piece->unknowns >> k & 1u) && s->holds[i * (size_t)s->n + (size_t)at])
            count += piece->kind == FQP_PIECE_PERIODIC ? need : 1;
    }
    return count;
}

/* On a line: conditions at the ends, and at points between them. */
static int conditions_of_a_line(const fqp_pde *p, int k, int order) {
    int count = 0;
    for (size_t i = 0; i < p->npieces; i++)
        if (p->piece[i].unknowns >> k & 1u)
            count += p->piece[i].kind == FQP_PIECE_PERIODIC ? order : (int)p->piece[i].place.count;
    return count;
}

static void check_border(fqpi_pde_job *job, int k, const samples *s) {
    const fqp_pde *p = job->p;
    const int order = order_of(p, k, false), need = order / 2;
    char what[300], where[FQPI_PDE_PLACE_TEXT];
    if (p->d == 1 && conditions_of_a_line(p, k, order) >= order)
        return;
    for (int64_t i = 0; i < s->n; i++) {
        const int given = conditions_at(p, k, s, i, need);
        if (given >= need)
            continue;
        fqpi_pde_point_text(p, s->x + i * p->d, where);
        if (need == 1)
            snprintf(what, sizeof what, "no condition for %s on the border at %s", p->unknown[k], where);
        else
            snprintf(what, sizeof what, "%d of %d conditions for %s on the border at %s", given, need, p->unknown[k],
                     where);
        missing(job, what);
        return;
    }
}

static void check_time(fqpi_pde_job *job, int k) {
    const fqp_pde *p = job->p;
    const int order = order_of(p, k, true);
    int given = 0;
    char what[300];
    for (size_t i = 0; i < p->npieces; i++) {
        const fqpi_pde_place *place = &p->piece[i].place;
        if (p->piece[i].unknowns >> k & 1u)
            given += place->where == WHERE_MOMENT                            ? 1
                     : place->where == WHERE_PAIRS && place->axis == p->time ? order
                                                                             : 0;
    }
    if (given >= order)
        return;
    snprintf(what, sizeof what, "%d of %d condition%s in time for %s; \"%s = ... at t = %.10g\"%s", given, order,
             order > 1 ? "s" : "", p->unknown[k], p->unknown[k], p->lower[p->time],
             order > 1 ? ", and the same for its derivative" : "");
    missing(job, what);
}

/* ---- what contradicts
 * ------------------------------------------------------------------------------------------------ */

/* "u = g": the unknown; -1: another condition. */
static int dirichlet(const fqpi_pde_piece *piece) {
    const fqpi_pde_rows *rows = &piece->rows;
    const bool value = rows->n == 1 && rows->nentries == 1 && rows->linear && rows->count == 1 &&
                       fqpi_pde_order(&rows->which[0]) == 0 &&
                       (piece->kind == FQP_PIECE_BORDER || piece->kind == FQP_PIECE_INITIAL);
    return value ? rows->entry[0].unknown : -1;
}

/* g [n] of "u = g" at x: residual at u = 0 over its slope. */
static fqp_status values(fqpi_pde_job *job, const fqpi_pde_piece *piece, int k, int64_t n, const double *x,
                         const double *normal, double *g) {
    const fqp_pde *p = job->p;
    double *u = fqpi_calloc(job->ctx, (size_t)(n * (2 * p->m + 1)), sizeof *u);
    if (!u)
        return FQP_E_NOMEM;
    double *dr = u + n * p->m, *r = dr + n * p->m;
    fqp_status status = fqpi_pde_rows_eval(job->ctx, p, &piece->rows, n, x, normal, u, p->start, r, dr, NULL);
    for (int64_t i = 0; i < n; i++)
        g[i] = 0 - r[i] / dr[i * p->m + k];
    fqpi_free(u);
    return status;
}

/* Where both hold (NULL: everywhere) they must agree. */
static fqp_status compare(fqpi_pde_job *job, size_t a, size_t b, int64_t n, const double *x, const double *normal,
                          const samples *s) {
    const fqp_pde *p = job->p;
    const fqpi_pde_piece *first = &p->piece[a], *second = &p->piece[b];
    const int k = dirichlet(first);
    double *g = fqpi_alloc(job->ctx, (size_t)(2 * n), sizeof *g), size = 0;
    if (!g)
        return FQP_E_NOMEM;
    fqp_status status = values(job, first, k, n, x, normal, g);
    if (!status)
        status = values(job, second, k, n, x, normal, g + n);
    for (int64_t i = 0; i < n && !status; i++)
        if (isfinite(g[i]) && isfinite(g[n + i]))
            size = fmax(size, fmax(fabs(g[i]), fabs(g[n + i])));
    for (int64_t i = 0; i < n && !status; i++) {
        const bool both = !s || (s->holds[a * (size_t)s->n + (size_t)i] && s->holds[b * (size_t)s->n + (size_t)i]);
        char where[FQPI_PDE_PLACE_TEXT];
        if (!both || !(fabs(g[i] - g[n + i]) > 1e-6 * size))
            continue;
        status = fqpi_pde_refuse(job, "conditions", second->line,
                                 "\"%s\" contradicts \"%s\": %s is %.6g and %.6g at %s", second->text, first->text,
                                 p->unknown[k], g[n + i], g[i], fqpi_pde_point_text(p, x + i * p->d, where));
    }
    fqpi_free(g);
    return status;
}

enum { MOMENTS = 64 };

static fqp_status compare_moments(fqpi_pde_job *job, size_t a, size_t b) {
    const fqp_pde *p = job->p;
    double x[MOMENTS * FQPI_PDE_AXES];
    fqp_status status = fqp_problem_draw(job->ctx, p, a, FQP_POINTS_SOBOL, 1, 0, MOMENTS, x, NULL, NULL);
    return status ? status : compare(job, a, b, MOMENTS, x, NULL, NULL);
}

static void check_contradictions(fqpi_pde_job *job, const samples *s) {
    const fqp_pde *p = job->p;
    for (size_t b = 0; b < p->npieces; b++)
        for (size_t a = 0; a < b; a++) {
            const fqpi_pde_piece *first = &p->piece[a], *second = &p->piece[b];
            if (dirichlet(first) < 0 || dirichlet(first) != dirichlet(second) || first->kind != second->kind)
                continue;
            if (first->kind == FQP_PIECE_BORDER)
                fqpi_pde_note(job, compare(job, a, b, s->n, s->x, s->normal, s));
            else if (first->place.at == second->place.at)
                fqpi_pde_note(job, compare_moments(job, a, b));
        }
}

void fqpi_pde_check(fqpi_pde_job *job) {
    fqp_pde *p = job->p;
    samples s = {0};
    if (job->status || p->npieces == 0)
        return;
    fqp_status status = samples_make(job, &s);
    if (!status)
        status = where_they_hold(job, &s);
    fqpi_pde_note(job, status);
    const bool measured = p->data.shape[0] > 0;
    for (int k = 0; k < p->m && !status && !measured; k++) {
        check_border(job, k, &s);
        if (p->time >= 0)
            check_time(job, k);
    }
    if (!status)
        check_contradictions(job, &s);
    samples_free(&s);
}
