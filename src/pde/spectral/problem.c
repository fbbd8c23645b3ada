/* problem.c - the equations of a problem, solved for the highest derivatives by time: u_tt = -M^-1 r(.., u_tt = 0). */
#include "spectral/problem.h"

#include "fail.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { SAMPLES = 16 };

fqp_status fqpi_spectral_refuse(fqp_ctx *ctx, const char *what) {
    return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                     "problem.reference: spectral is not possible: %s; another reference is direct, or a file", what);
}

fqp_status fqpi_spectral_residual(const fqpi_spectral_plan *p, size_t piece, int64_t n, const double *x,
                                  const double *normal, const double *u, double *r, double *dr) {
    return fqp_problem_residual(p->ctx, p->problem, piece, n, x, normal, NULL, u, p->numbers, r, dr, NULL);
}

fqp_derivative fqpi_spectral_derivative(const fqpi_spectral_plan *p, int64_t q) {
    return fqp_problem_piece(p->problem, p->equation).which[q];
}

/* ---- what the equations are made of ------------------------------------------------------------------------------ */

bool fqpi_spectral_in_space(const fqpi_spectral_plan *p, fqp_derivative which) {
    for (int64_t a = 0; a < p->d - 1; a++)
        if (which.order[a])
            return true;
    return false;
}

/* used [m, count]: does any equation depend on it?  At places and values without a pattern. */
static fqp_status find_used(const fqpi_spectral_plan *p, bool *used) {
    const int64_t size = p->m * p->count, rows = p->m;
    double *x = fqpi_alloc(p->ctx, (size_t)(SAMPLES * (p->d + size + rows + rows * size)), sizeof *x);
    if (!x)
        return FQP_E_NOMEM;
    double *u = x + SAMPLES * p->d, *r = u + SAMPLES * size, *dr = r + SAMPLES * rows;
    for (int64_t i = 0; i < SAMPLES * size; i++)
        u[i] = sin(1 + 7.3 * (double)i);
    fqp_status s = fqp_problem_draw(p->ctx, p->problem, p->equation, FQP_POINTS_RANDOM, 1, 0, SAMPLES, x, NULL, NULL);
    s = s ? s : fqpi_spectral_residual(p, p->equation, SAMPLES, x, NULL, u, r, dr);
    for (int64_t i = 0; i < SAMPLES * rows && !s; i++)
        for (int64_t e = 0; e < size; e++)
            used[e] |= dr[i * size + e] != 0;
    fqpi_free(x);
    return s;
}

static fqp_status find_orders(fqpi_spectral_plan *p, const bool *used) {
    for (int64_t j = 0; j < p->m; j++) {
        for (int64_t q = 0; q < p->count; q++)
            if (used[j * p->count + q] && fqpi_spectral_derivative(p, q).order[p->d - 1] > p->order[j])
                p->order[j] = fqpi_spectral_derivative(p, q).order[p->d - 1];
        for (int64_t q = 0; q < p->count; q++) {
            const fqp_derivative which = fqpi_spectral_derivative(p, q);
            if (used[j * p->count + q] && p->order[j] > 0 && which.order[p->d - 1] == p->order[j] &&
                fqpi_spectral_in_space(p, which))
                return fqpi_spectral_refuse(p->ctx, "the highest derivative by time is one by space too");
        }
        if (p->order[j] < 1 || p->order[j] > 2)
            return fqpi_spectral_refuse(p->ctx, "an unknown without a first or second derivative by time as highest");
        p->field[j] = p->flow.fields;
        p->flow.fields += p->order[j];
    }
    return FQP_OK;
}

int fqpi_spectral_term_number(const fqpi_spectral_plan *p, fqpi_spectral_term term) {
    for (int t = 0; t < p->flow.terms; t++)
        if (memcmp(&p->term[t], &term, sizeof term) == 0)
            return t;
    return -1;
}

static int add_term(fqpi_spectral_plan *p, fqpi_spectral_term term) { /* its number; -1: no room */
    const int known = fqpi_spectral_term_number(p, term);
    if (known >= 0)
        return known;
    if (p->flow.terms == FQPI_SPECTRAL_TERMS)
        return -1;
    p->term[p->flow.terms] = term;
    return p->flow.terms++;
}

int fqpi_spectral_terms_of(const fqpi_spectral_plan *p, int64_t j, int64_t q, fqpi_spectral_term *out) {
    const fqp_derivative which = fqpi_spectral_derivative(p, q);
    const int by_time = which.order[p->d - 1];
    if (by_time >= p->order[j] || (which.summed && by_time > 0))
        return 0;
    int n = 0;
    for (int64_t a = 0; a < p->d - 1; a++) {
        if (which.summed && which.order[a] != 2)
            continue;
        out[n] = (fqpi_spectral_term){.field = p->field[j] + by_time};
        for (int64_t b = 0; b < p->d - 1; b++)
            out[n].order[b] = !which.summed || b == a ? which.order[b] : 0;
        n++;
        if (!which.summed)
            break;
    }
    return n;
}

static fqp_status find_terms(fqpi_spectral_plan *p) {
    for (int64_t j = 0; j < p->m; j++) {
        if (p->order[j] == 2)
            add_term(p, (fqpi_spectral_term){.field = p->field[j] + 1});
        for (int64_t q = 0; q < p->count; q++) {
            fqpi_spectral_term own[FQPI_SPECTRAL_AXES];
            const int n = fqpi_spectral_terms_of(p, j, q, own);
            for (int i = 0; i < n; i++)
                if (add_term(p, own[i]) < 0)
                    return fqpi_spectral_refuse(p->ctx, "more terms than the solver has room for");
        }
    }
    return FQP_OK;
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

static fqp_status look(fqpi_spectral_plan *p) {
    const fqp_piece piece = fqp_problem_piece(p->problem, p->equation);
    p->count = (int64_t)piece.count;
    if (piece.rows != p->m)
        return fqpi_spectral_refuse(p->ctx, "there are not as many equations as unknowns");
    bool *used = fqpi_calloc(p->ctx, (size_t)(p->m * p->count), sizeof *used);
    fqp_status s = used ? find_used(p, used) : FQP_E_NOMEM;
    s = s ? s : find_orders(p, used);
    s = s ? s : find_terms(p);
    s = s ? s : fqpi_spectral_walls(p);
    fqpi_free(used);
    return s;
}

/* Box, time and numbers; the reason when the problem has not the shape. */
static fqp_status outline(fqpi_spectral_plan *p) {
    const int64_t time = fqp_problem_time(p->problem);
    const size_t numbers = fqp_problem_numbers(p->problem);
    double lower[FQP_AXES], upper[FQP_AXES];
    if (time < 0 || time != p->d - 1)
        return fqpi_spectral_refuse(p->ctx, "the problem has no time");
    if (!fqp_domain_is_box(fqp_problem_domain(p->problem)))
        return fqpi_spectral_refuse(p->ctx, "the domain is no box");
    if (p->d - 1 > FQPI_SPECTRAL_AXES || p->m > FQPI_SPECTRAL_UNKNOWNS)
        return fqpi_spectral_refuse(p->ctx, "more than two space coordinates or four unknowns");
    fqp_problem_box(p->problem, lower, upper);
    p->begin = lower[time];
    p->end = upper[time];
    p->flow.axes = (int)(p->d - 1);
    memcpy(p->flow.lower, lower, (size_t)p->flow.axes * sizeof *lower);
    memcpy(p->flow.upper, upper, (size_t)p->flow.axes * sizeof *upper);
    p->numbers = fqpi_calloc(p->ctx, numbers, sizeof *p->numbers);
    for (size_t i = 0; i < numbers && p->numbers; i++)
        fqp_problem_number(p->problem, i, &p->numbers[i]);
    return p->numbers ? FQP_OK : FQP_E_NOMEM;
}

static bool find_equation(fqpi_spectral_plan *p) {
    for (p->equation = 0; p->equation < fqp_problem_pieces(p->problem); p->equation++)
        if (fqp_problem_piece(p->problem, p->equation).kind == FQP_PIECE_EQUATION)
            return true;
    return false;
}

fqp_status fqpi_spectral_plan_create(fqp_ctx *ctx, const fqp_pde *problem, fqpi_spectral_plan **out) {
    fqpi_spectral_plan *p = fqpi_calloc(ctx, 1, sizeof *p);
    if (!p)
        return FQP_E_NOMEM;
    p->ctx = ctx;
    p->problem = problem;
    p->d = fqp_problem_inputs(problem);
    p->m = fqp_problem_unknowns(problem);
    fqp_status s = find_equation(p) ? outline(p) : fqpi_spectral_refuse(ctx, "there is no equation");
    s = s ? s : look(p);
    s = s ? s : fqpi_spectral_linearise(p);
    if (s) {
        fqpi_spectral_plan_destroy(p);
        return s;
    }
    p->flow.term = p->term;
    p->flow.linear = p->linear;
    p->flow.rate = fqpi_spectral_rate;
    p->flow.user = p;
    *out = p;
    return FQP_OK;
}

void fqpi_spectral_plan_destroy(fqpi_spectral_plan *p) {
    if (!p)
        return;
    fqpi_free(p->numbers);
    fqpi_free(p->u);
    fqpi_free(p);
}
