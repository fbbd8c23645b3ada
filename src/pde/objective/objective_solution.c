/* objective_solution.c - the solution that a network stands for: its outputs, or what follows from them. */
#include "mem.h"
#include "net.h"
#include "objective/hard.h"
#include "objective/objective_i.h"

#include <string.h>

enum { BLOCK = 1024 }; /* points at a time */

void fqpi_objective_numbers(const fqp_objective *o, const fqp_model *net, double *numbers) {
    int64_t first = 0, n = fqp_model_numbers(net, &first);
    const void *w = net->w; /* numbers have no trained factors */
    for (int64_t i = 0; i < n && i < (int64_t)o->numbers; i++)
        numbers[i] = fqp_model_precision(net) == FQP_F64 ? ((const double *)w)[first + i]
                                                         : (double)((const float *)w)[first + i];
}

static fqp_status plain(const fqp_objective *o, const fqp_model *net, int64_t n, const double *x, size_t count,
                        const fqp_derivative *which, double *u) {
    fqp_view points = fqp_view_2d(x, n, o->d);
    return fqp_model_derivatives(o->ctx, net, points, count, which, u);
}

/* Block by block: what hard conditions need at a point is more than the point. */
static fqp_status built(const fqp_objective *o, const fqp_model *net, fqpi_hard_points *h, int64_t n, const double *x,
                        double *v, double *u) {
    fqp_status s = FQP_OK;
    for (int64_t i = 0; i < n && !s; i += BLOCK) {
        h->n = n - i < BLOCK ? n - i : BLOCK;
        s = fqpi_hard_fill(o, h, x + i * o->d);
        s = s ? s : plain(o, net, h->n, x + i * o->d, h->asked, h->ask, v);
        if (!s)
            fqpi_hard_apply(o, h, v, u + i * o->m * (int64_t)h->count);
    }
    return s;
}

fqp_status fqpi_objective_derivatives(const fqp_objective *o, const fqp_model *net, int64_t n, const double *x,
                                      size_t count, const fqp_derivative *which, double *u) {
    if (!o->hard)
        return plain(o, net, n, x, count, which, u);
    fqpi_hard_points *h;
    fqp_status s = fqpi_hard_open(o, BLOCK, count, which, &h);
    if (s)
        return s;
    double *v = fqpi_alloc(o->ctx, (size_t)(BLOCK * o->m) * h->asked, sizeof *v);
    s = v ? built(o, net, h, n, x, v, u) : FQP_E_NOMEM;
    fqpi_free(v);
    fqpi_hard_points_free(h);
    return s;
}

fqp_status fqp_objective_residual(const fqp_objective *o, const fqp_model *net, int64_t n, const double *x, double *r) {
    if (!o || !net || n < 0 || (n > 0 && (!x || !r)))
        return FQP_E_ARG;
    fqp_piece piece = fqp_problem_piece(o->problem, 0);
    size_t wide = (size_t)o->m * piece.count;
    double *u = fqpi_calloc(o->ctx, (size_t)n * (wide + (size_t)o->d) + o->numbers, sizeof *u);
    if (!u)
        return FQP_E_NOMEM;
    double *normal = u + (size_t)n * wide, *numbers = normal + n * o->d;
    fqpi_objective_numbers(o, net, numbers);
    fqp_status s = fqpi_objective_derivatives(o, net, n, x, piece.count, piece.which, u);
    s = s ? s : fqp_problem_residual(o->ctx, o->problem, 0, n, x, normal, NULL, u, numbers, r, NULL, NULL);
    fqpi_free(u);
    return s;
}

bool fqp_objective_builds(const fqp_objective *o) {
    return o && o->hard;
}

fqp_status fqp_objective_solution(const fqp_objective *o, int64_t n, const double *x, const double *v, double *u) {
    static const fqp_derivative value = {.order = {0}};
    if (!o || n < 0 || (n > 0 && (!x || !v || !u)))
        return FQP_E_ARG;
    if (!o->hard) {
        memmove(u, v, (size_t)(n * o->m) * sizeof *u);
        return FQP_OK;
    }
    fqpi_hard_points *h = NULL;
    fqp_status s = fqpi_hard_open(o, BLOCK, 1, &value, &h);
    for (int64_t i = 0; i < n && !s; i += BLOCK) {
        h->n = n - i < BLOCK ? n - i : BLOCK;
        s = fqpi_hard_fill(o, h, x + i * o->d);
        for (int64_t k = 0; k < h->n * o->m && !s; k++) /* one derivative, one term: v may be u */
            u[i * o->m + k] = h->g[k] + h->phi[k] * v[i * o->m + k];
    }
    fqpi_hard_points_free(h);
    return s;
}
