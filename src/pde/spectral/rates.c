/* rates.c - the equations solved for the highest derivatives by time, u_tt = -M^-1 r(.., u_tt = 0), and what of them is
 * linear. */
#include "spectral/problem.h"

#include "fail.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { UNKNOWNS = FQPI_SPECTRAL_UNKNOWNS, ALONG = 16 };

static fqp_status make_room(fqpi_spectral_plan *p, int64_t n) {
    fqpi_free(p->u);
    p->room = 0;
    p->u = fqpi_calloc(p->ctx, (size_t)(n * (p->m * p->count + p->m + p->d + p->m * p->m)), sizeof *p->u);
    if (!p->u)
        return FQP_E_NOMEM;
    p->r = p->u + n * p->m * p->count;
    p->x = p->r + n * p->m;
    p->mass = p->x + n * p->d;
    p->room = n;
    return FQP_OK;
}

/* u [n, m, count] from terms w [n, terms]. */
static void into_unknowns(fqpi_spectral_plan *p, int64_t n, const double *w) {
    const int64_t size = p->m * p->count;
    memset(p->u, 0, (size_t)(n * size) * sizeof *p->u);
    for (int64_t e = 0; e < size; e++) {
        fqpi_spectral_term own[FQPI_SPECTRAL_AXES];
        const int parts = fqpi_spectral_terms_of(p, e / p->count, e % p->count, own);
        for (int part = 0; part < parts; part++) {
            const double *from = w + fqpi_spectral_term_number(p, own[part]);
            for (int64_t i = 0; i < n; i++)
                p->u[i * size + e] += from[i * p->flow.terms];
        }
    }
}

static void into_points(fqpi_spectral_plan *p, double t, int64_t n, const double *x) {
    const int64_t axes = p->d - 1;
    for (int64_t i = 0; i < n; i++) {
        memcpy(p->x + i * p->d, x + i * axes, (size_t)axes * sizeof *x);
        p->x[i * p->d + axes] = t;
    }
}

static int rate_term(const fqpi_spectral_plan *p, int64_t j) { /* of an unknown of second order */
    return fqpi_spectral_term_number(p, (fqpi_spectral_term){.field = p->field[j] + 1});
}

/* -M^-1 r at place i, of unknown j */
static double solved(const fqpi_spectral_plan *p, int64_t i, int64_t j, const double *r) {
    double sum = 0;
    for (int64_t k = 0; k < p->m; k++)
        sum -= p->mass[(i * p->m + j) * p->m + k] * r[k];
    return sum;
}

fqp_status fqpi_spectral_rate(void *plan, double t, int64_t n, const double *x, const double *w, double *dw) {
    fqpi_spectral_plan *p = plan;
    const int fields = p->flow.fields;
    into_points(p, t, n, x);
    into_unknowns(p, n, w);
    const fqp_status s = fqpi_spectral_residual(p, p->equation, n, p->x, NULL, p->u, p->r, NULL);
    for (int64_t j = 0; j < p->m && !s; j++) {
        const int by = p->order[j] == 2 ? rate_term(p, j) : -1;
        for (int64_t i = 0; i < n; i++) {
            double *own = dw + i * fields + p->field[j];
            if (by >= 0)
                own[0] = w[i * p->flow.terms + by];
            own[p->order[j] - 1] = solved(p, i, j, p->r + i * p->m);
        }
    }
    return s;
}

/* ---- M ----------------------------------------------------------------------------------------------------------- */

/* The derivatives of the rows by the highest derivatives of the unknowns by time: mass [n, m, m] from dr. */
static void masses(const fqpi_spectral_plan *p, int64_t n, const double *dr, double *mass) {
    const int64_t m = p->m;
    memset(mass, 0, (size_t)(n * m * m) * sizeof *mass);
    for (int64_t q = 0; q < p->count; q++) {
        const fqp_derivative which = fqpi_spectral_derivative(p, q);
        for (int64_t j = 0; j < m; j++)
            for (int64_t e = 0; e < n * m && which.order[p->d - 1] == p->order[j]; e++)
                mass[e * m + j] += fqpi_spectral_in_space(p, which) ? 0 : dr[(e * m + j) * p->count + q];
    }
}

static fqp_status inverted(const fqpi_spectral_plan *p, int64_t n, double *mass) {
    for (int64_t i = 0; i < n; i++)
        if (!fqpi_spectral_invert(p->m, mass + i * p->m * p->m))
            return fqpi_spectral_refuse(p->ctx, "the equations cannot be solved for the derivatives by time");
    return FQP_OK;
}

fqp_status fqpi_spectral_plan_ready(fqpi_spectral_plan *p, int64_t n, const double *x) {
    const int64_t size = p->m * p->count, square = n * p->m * p->m;
    fqp_status s = make_room(p, n);
    double *dr = s ? NULL : fqpi_calloc(p->ctx, (size_t)(n * p->m * size + square), sizeof *dr);
    if (!dr)
        return FQP_E_NOMEM;
    double *other = dr + n * p->m * size;
    into_points(p, p->begin, n, x);
    s = fqpi_spectral_residual(p, p->equation, n, p->x, NULL, p->u, p->r, dr);
    masses(p, n, dr, p->mass);
    into_points(p, p->end, n, x);
    for (int64_t i = 0; i < n * size; i++)
        p->u[i] = sin(1 + 7.3 * (double)i); /* values without a pattern */
    s = s ? s : fqpi_spectral_residual(p, p->equation, n, p->x, NULL, p->u, p->r, dr);
    masses(p, n, dr, other);
    for (int64_t i = 0; i < square && !s; i++)
        if (fabs(other[i] - p->mass[i]) > 1e-12 * fabs(p->mass[i]))
            s = fqpi_spectral_refuse(p->ctx, "what multiplies the derivatives by time depends on time or unknowns");
    s = s ? s : inverted(p, n, p->mass);
    fqpi_free(dr);
    return s;
}

/* ---- L ----------------------------------------------------------------------------------------------------------- */

/* The mean of -M^-1 dr over the places, for every term. */
static void add_linear(fqpi_spectral_plan *p, int64_t n, const double *dr) {
    const int64_t size = p->m * p->count;
    for (int64_t j = 0; j < p->m; j++) {
        double *row = p->linear + (p->field[j] + p->order[j] - 1) * p->flow.terms;
        if (p->order[j] == 2)
            p->linear[p->field[j] * p->flow.terms + rate_term(p, j)] = 1;
        for (int64_t e = 0; e < size; e++) {
            fqpi_spectral_term own[FQPI_SPECTRAL_AXES];
            const int parts = fqpi_spectral_terms_of(p, e / p->count, e % p->count, own);
            double mean = 0;
            for (int64_t i = 0; i < n; i++) {
                double by[UNKNOWNS];
                for (int64_t k = 0; k < p->m; k++)
                    by[k] = dr[(i * p->m + k) * size + e];
                mean += solved(p, i, j, by) / (double)n;
            }
            for (int part = 0; part < parts; part++)
                row[fqpi_spectral_term_number(p, own[part])] += mean;
        }
    }
}

/* Around the initial values of n places, without their derivatives. */
static fqp_status linear_at(fqpi_spectral_plan *p, int64_t n, const double *x) {
    const int64_t size = p->m * p->count, fields = p->flow.fields, terms = p->flow.terms;
    double *w = fqpi_calloc(p->ctx, (size_t)(n * (fields + terms + p->m * size)), sizeof *w);
    if (!w)
        return FQP_E_NOMEM;
    double *seen = w + n * fields, *dr = seen + n * terms;
    fqp_status s = fqpi_spectral_initial(p, n, x, w);
    for (int t = 0; t < terms; t++)
        for (int64_t i = 0; i < n && p->term[t].order[0] + p->term[t].order[1] == 0; i++)
            seen[i * terms + t] = w[i * fields + p->term[t].field];
    s = s ? s : fqpi_spectral_plan_ready(p, n, x);
    if (!s) {
        into_points(p, p->begin, n, x);
        into_unknowns(p, n, seen);
        s = fqpi_spectral_residual(p, p->equation, n, p->x, NULL, p->u, p->r, dr);
    }
    if (!s)
        add_linear(p, n, dr);
    fqpi_free(w);
    return s;
}

fqp_status fqpi_spectral_linearise(fqpi_spectral_plan *p) {
    double x[ALONG * ALONG * FQPI_SPECTRAL_AXES];
    const int64_t axes = p->d - 1, n = axes == 1 ? ALONG : ALONG * ALONG;
    for (int64_t i = 0; i < n; i++)
        for (int64_t a = 0, at = i; a < axes; a++, at /= ALONG)
            x[i * axes + a] =
                p->flow.lower[a] + (p->flow.upper[a] - p->flow.lower[a]) * ((double)(at % ALONG) + 0.5) / ALONG;
    return linear_at(p, n, x);
}
