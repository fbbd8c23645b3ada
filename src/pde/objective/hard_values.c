/* hard_values.c - what is asked of a problem's inside: where a condition holds, and its right side as a function of x
 * with its derivatives.
 *
 * A row c u - g(x) of the problem's graph, with 0 in the place of u, is -g; its derivatives by the coordinates are
 * terms of a graph of our own, evaluated together. */
#include "bundle.h"
#include "mem.h"
#include "objective/hard.h"
#include "problem/problem_i.h"
#include "rewrite.h"

struct fqpi_hard_values {
    fqpi_graph g;
    fqpi_bundle *bundle;
    int count;                       /* of derivatives, by order */
    double factor[FQPI_SERIES_MOST]; /* -1 / (c a!) */
};

void fqpi_hard_values_free(struct fqpi_hard_values *v) {
    if (!v)
        return;
    fqpi_bundle_destroy(v->bundle);
    fqpi_graph_free(&v->g);
    fqpi_free(v);
}

/* The row's term in our graph, all slots 0. */
static fqp_status at_zero(const fqp_objective *o, struct fqpi_hard_values *v, int root, int *term) {
    const fqp_pde *p = o->problem;
    int *place = fqpi_alloc(o->ctx, (size_t)p->g.n, sizeof *place), leaf[FQPI_PDE_SLOTS], zero[FQPI_PDE_SLOTS];
    if (!place)
        return FQP_E_NOMEM;
    fqp_status s = fqpi_graph_join(&v->g, &p->g, place);
    for (size_t i = 0; i < p->nslots && !s; i++) {
        leaf[i] = fqpi_graph_leaf(&v->g, &fqpi_op_variable, (int)(2 * p->d) + (int)i);
        zero[i] = fqpi_graph_number(&v->g, 0);
    }
    if (!s)
        *term = fqpi_graph_replace(&v->g, place[root], (int)p->nslots, leaf, zero);
    fqpi_free(place);
    return s ? s : v->g.status;
}

/* D^a of the value from a derivative of one order less. */
static fqp_status derive(struct fqpi_hard_values *v, const fqpi_objective_series *s, int *root, int i) {
    uint8_t below[FQPI_SERIES_AXES] = {0};
    int axis = 0, host;
    for (int k = 0; k < s->d; k++) {
        below[k] = s->index[i][k];
        axis = below[k] ? k : axis;
    }
    below[axis]--;
    return fqpi_graph_derivative(&v->g, root[fqpi_objective_series_find(s, below)], &fqpi_op_variable, axis, &root[i],
                                 &host);
}

static fqp_status compile(const fqp_objective *o, struct fqpi_hard_values *v, const fqpi_objective_series *s, int root,
                          double factor) {
    int roots[FQPI_SERIES_MOST] = {0};
    v->count = s->count;
    fqp_status status = at_zero(o, v, root, &roots[0]);
    for (int i = 0; i < s->count && !status; i++) {
        v->factor[i] = -1 / (factor * fqpi_objective_series_factorial(s, i));
        if (i > 0)
            status = derive(v, s, roots, i);
    }
    return status ? status : fqpi_bundle_create(o->ctx, &v->g, s->count, roots, &v->bundle);
}

fqp_status fqpi_hard_values_create(const fqp_objective *o, size_t piece, int64_t row, double factor, int order,
                                   struct fqpi_hard_values **out) {
    struct fqpi_hard_values *v = fqpi_calloc(o->ctx, 1, sizeof *v);
    if (!v)
        return FQP_E_NOMEM;
    fqpi_objective_series s;
    fqpi_objective_series_create((int)o->d, order, &s);
    fqp_status status = fqpi_graph_init(&v->g, o->ctx);
    status = status ? status : compile(o, v, &s, o->problem->piece[piece].root[row], factor);
    if (status)
        fqpi_hard_values_free(v);
    else
        *out = v;
    return status;
}

/* Could the row's value be had away from where it holds? */
const char *fqpi_hard_values_bound(const fqp_objective *o, size_t piece, int64_t row) {
    const fqp_pde *p = o->problem;
    unsigned char used[2 * FQPI_PDE_AXES];
    bool numbers = false;
    int root = p->piece[piece].root[row];
    if (fqpi_graph_has_parameters(&p->g, root, &numbers) ||
        fqpi_graph_variables(&p->g, 1, &root, (int)(2 * p->d), used))
        return "out of memory";
    for (int64_t i = p->d; i < 2 * p->d; i++)
        if (used[i])
            return "its value depends on the normal";
    return numbers ? "its value depends on a number that is to be found" : NULL;
}

fqp_status fqpi_hard_holds(const fqp_objective *o, size_t piece, int64_t n, const double *x, unsigned char *holds) {
    return fqpi_pde_place_holds(o->ctx, o->problem, &o->problem->piece[piece].place, n, x, holds);
}

fqp_status fqpi_hard_values_eval(const fqp_objective *o, const struct fqpi_hard_values *v,
                                 const fqpi_objective_series *s, int64_t n, const double *x, double *out) {
    fqpi_column column[2 * FQPI_PDE_AXES] = {{0}};
    fqpi_result result[FQPI_SERIES_MOST];
    for (int64_t i = 0; i < o->d; i++)
        column[i] = (fqpi_column){x + i, o->d};
    for (int i = 0; i < v->count; i++) {
        bool wanted = i < s->count;
        result[i] = (fqpi_result){wanted ? out + (ptrdiff_t)i * FQPI_SERIES_TILE : NULL, 1};
    }
    fqp_status status = fqpi_bundle_eval(o->ctx, v->bundle, n, column, NULL, result);
    for (int i = 0; i < s->count && !status; i++)
        for (int64_t j = 0; j < n; j++)
            out[(ptrdiff_t)i * FQPI_SERIES_TILE + j] *= v->factor[i];
    return status;
}
