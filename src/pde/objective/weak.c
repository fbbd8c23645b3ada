/* weak.c - elements, test functions and quadrature. */
#include "objective/weak.h"

#include "legendre.h"
#include "mem.h"

#include <string.h>

/* ---- test functions ---------------------------------------------------------------------------------------------- */

/* phi_k = P_(k+1) - P_(k-1) on [-1, 1] and its derivative (2k + 1) P_k, k = 1 .. n. */
static void test_functions(int64_t n, double x, double *phi, double *slope) {
    double before = 1, here = x;
    for (int64_t k = 1; k <= n; k++) {
        double a = (double)k, next = ((2 * a + 1) * x * here - a * before) / (a + 1);
        phi[k - 1] = next - before;
        slope[k - 1] = (2 * a + 1) * here;
        before = here;
        here = next;
    }
}

/* The digit of `i` that belongs to an axis, in base `base`, the last axis fastest. */
static int64_t digit(int64_t i, int64_t base, int64_t d, int64_t axis) {
    for (int64_t k = d - 1; k > axis; k--)
        i /= base;
    return i % base;
}

enum { MOST = 100 }; /* nodes or test functions along an axis, as the keys allow */

/* Derivative `which` of the products of test functions at the products of nodes, times the weights of the mean. */
static void fill_table(const fqp_objective *o, const fqp_derivative *which, double *table, double *by_node) {
    const fqpi_weak *w = o->weak;
    int64_t q = o->opts.quadrature, n = o->opts.test_functions;
    double node[MOST], weight[MOST], phi[MOST][MOST], slope[MOST][MOST];
    fqpi_legendre(q, -1, 1, node, weight);
    for (int64_t i = 0; i < q; i++)
        test_functions(n, node[i], phi[i], slope[i]);
    for (int64_t k = 0; k < w->tests; k++)
        for (int64_t i = 0; i < w->nodes; i++) {
            double product = 1;
            for (int64_t a = 0; a < o->d; a++) {
                int64_t at = digit(i, q, o->d, a), of = digit(k, n, o->d, a);
                double half = (o->upper[a] - o->lower[a]) / (2 * (double)w->along[a]);
                product *= weight[at] / 2 * (which && which->order[a] ? slope[at][of] / half : phi[at][of]);
            }
            table[k * w->nodes + i] = by_node[i * w->tests + k] = product;
        }
}

/* ---- points ------------------------------------------------------------------------------------------------------ */

void fqpi_weak_points(fqp_objective *o, fqpi_objective_part *p) {
    const fqpi_weak *w = o->weak;
    int64_t q = o->opts.quadrature;
    double node[MOST], weight[MOST];
    fqpi_legendre(q, -1, 1, node, weight);
    for (int64_t e = 0; e < w->elements; e++) {
        int64_t rest = e, at[FQP_AXES] = {0};
        for (int64_t a = o->d - 1; a >= 0; rest /= w->along[a--])
            at[a] = rest % w->along[a];
        for (int64_t i = 0; i < w->nodes; i++)
            for (int64_t a = 0; a < o->d; a++) {
                double size = (o->upper[a] - o->lower[a]) / (double)w->along[a];
                p->x[(e * w->nodes + i) * o->d + a] =
                    o->lower[a] + size * ((double)at[a] + (1 + node[digit(i, q, o->d, a)]) / 2);
            }
    }
    memset(p->normal, 0, (size_t)(p->n * o->d) * sizeof *p->normal);
}

/* ---- the part ---------------------------------------------------------------------------------------------------- */

static bool first_order(size_t count, const fqp_derivative *which) {
    for (size_t i = 0; i < count; i++) {
        int order = 0;
        for (int k = 0; k < FQP_AXES; k++)
            order += which[i].order[k];
        if (order > 1)
            return false;
    }
    return true;
}

static double *carve(double *block, size_t *used, int64_t count) {
    double *at = block ? block + *used : NULL;
    *used += (size_t)(count + 7) / 8 * 8;
    return at;
}

static size_t place(const fqp_objective *o, const fqpi_objective_part *p, double *block, fqpi_weak *w) {
    int64_t wide = o->m * (int64_t)p->count, points = w->elements * w->nodes;
    size_t used = 0;
    w->table = carve(block, &used, w->parts * w->tests * w->nodes);
    w->by_node = carve(block, &used, w->parts * w->tests * w->nodes);
    w->column = carve(block, &used, w->nodes);
    w->base = carve(block, &used, w->energy ? points * wide : 0);
    w->slope = carve(block, &used, w->energy ? points * wide * wide : 0);
    w->tested = carve(block, &used, w->elements * w->tests * w->equations);
    return used;
}

static int64_t power(int64_t base, int64_t n) {
    int64_t all = 1;
    while (n-- > 0 && all < INT64_C(1) << 40)
        all *= base;
    return all;
}

static void size_up(fqp_objective *o, fqpi_objective_part *p) {
    fqpi_weak *w = o->weak;
    const fqp_ints *along = &o->opts.elements;
    w->elements = 1;
    for (int64_t a = 0; a < o->d; a++)
        w->elements *= w->along[a] = along->v[along->n == 1 ? 0 : a];
    w->nodes = power(o->opts.quadrature, o->d);
    w->tests = power(o->opts.test_functions, o->d);
    size_t count;
    const fqp_derivative *which;
    w->energy = fqp_problem_piece(o->problem, p->piece).linear && o->numbers == 0 &&
                fqp_problem_energy(o->problem, &count, &which) && first_order(count, which);
    w->equations = w->energy ? o->m : p->rows;
    w->parts = 1;
    if (w->energy) {
        p->count = count;
        p->which = which;
        w->parts = (int64_t)count;
    }
    p->rows = w->equations * w->parts;
    p->n = w->elements * w->nodes;
    p->tested = w->elements * w->tests * w->equations;
    p->span = w->nodes;
    p->averaged = w->elements * w->tests;
    p->fixed = true;
}

fqp_status fqpi_weak_part(fqp_objective *o, fqpi_objective_part *p) {
    fqpi_weak *w = o->weak = fqpi_calloc(o->ctx, 1, sizeof *w);
    if (!w)
        return FQP_E_NOMEM;
    size_up(o, p);
    p->rule = &fqpi_weak_rule;
    w->block = fqpi_calloc(o->ctx, place(o, p, NULL, w), sizeof(double));
    if (!w->block)
        return FQP_E_NOMEM;
    place(o, p, w->block, w);
    for (int64_t a = 0; a < w->parts; a++)
        fill_table(o, w->energy ? &p->which[a] : NULL, w->table + a * w->tests * w->nodes,
                   w->by_node + a * w->tests * w->nodes);
    return FQP_OK;
}

/* The energy's derivatives are affine in u: their value at 0, and what each u alone adds. */
fqp_status fqpi_weak_linearise(fqp_objective *o, fqpi_objective_part *p) {
    fqpi_weak *w = o->weak;
    if (!w->energy)
        return FQP_OK;
    int64_t wide = o->m * (int64_t)p->count;
    double *e = fqpi_calloc(o->ctx, (size_t)(p->n * (1 + 2 * wide)), sizeof *e), *u = e + p->n, *de = u + p->n * wide;
    if (!e)
        return FQP_E_NOMEM;
    fqp_status s = fqp_problem_energy_eval(o->ctx, o->problem, p->n, p->x, u, e, w->base);
    for (int64_t b = 0; b < wide && !s; b++) {
        for (int64_t i = 0; i < p->n * wide; i++)
            u[i] = i % wide == b ? 1 : 0;
        s = fqp_problem_energy_eval(o->ctx, o->problem, p->n, p->x, u, e, de);
        for (int64_t i = 0; i < p->n * wide && !s; i++)
            w->slope[i * wide + b] = de[i] - w->base[i];
    }
    fqpi_free(e);
    return s;
}

void fqpi_weak_free(fqp_objective *o) {
    if (o->weak)
        fqpi_free(o->weak->block);
    fqpi_free(o->weak);
}
