/* graph.c - terms, each different one once: hash-consing, folding of constants. */
#include "graph.h"
#include "fail.h"
#include "mem.h"

#include <string.h>

const fqpi_op fqpi_op_number = {.name = ""};
const fqpi_op fqpi_op_variable = {.name = ""};
const fqpi_op fqpi_op_parameter = {.name = ""};
const fqpi_op fqpi_op_host = {.name = ""};

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ (h >> 29);
}

static uint64_t bits_of(double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static uint64_t hash_of(const fqpi_term *t) {
    uint64_t h = mix(mix((uint64_t)(uintptr_t)t->op, bits_of(t->value)), (uint64_t)t->index);
    for (int i = 0; i < t->nargs; i++)
        h = mix(h, (uint64_t)t->arg[i]);
    return h;
}

/* Numbers are compared by their bits: 0 and -0 differ, a NaN equals itself. */
static bool same(const fqpi_term *s, const fqpi_term *t) {
    return s->op == t->op && s->nargs == t->nargs && s->index == t->index && bits_of(s->value) == bits_of(t->value) &&
           memcmp(s->arg, t->arg, (size_t)t->nargs * sizeof *t->arg) == 0;
}

static int free_slot(const fqpi_graph *g, const fqpi_term *t, int *found) {
    int mask = g->nslots - 1;
    int i = (int)(hash_of(t) & (uint64_t)mask);
    *found = -1;
    for (; g->slot[i] >= 0; i = (i + 1) & mask)
        if (same(&g->term[g->slot[i]], t)) {
            *found = g->slot[i];
            break;
        }
    return i;
}

static bool grow(fqpi_graph *g) {
    int cap = g->cap ? 2 * g->cap : 64, nslots = 2 * cap;
    fqpi_term *term = fqpi_resize(g->ctx, g->term, (size_t)cap, sizeof *term);
    if (!term)
        return false;
    g->term = term;
    int *slot = fqpi_alloc(g->ctx, (size_t)nslots, sizeof *slot);
    if (!slot)
        return false;
    memset(slot, 0xff, (size_t)nslots * sizeof *slot);
    fqpi_free(g->slot);
    g->slot = slot;
    g->nslots = nslots;
    g->cap = cap;
    for (int t = 0; t < g->n; t++) {
        int found;
        slot[free_slot(g, &g->term[t], &found)] = t;
    }
    return true;
}

static int intern(fqpi_graph *g, const fqpi_term *t) {
    if (g->status)
        return 0;
    if (g->n == g->cap) {
        if (g->n >= FQPI_MAX_TERMS) {
            g->status = fqpi_fail(g->ctx, FQP_E_EXPR, NULL, "the expression grows beyond %d operations", g->n);
            return 0;
        }
        if (!grow(g)) {
            g->status = FQP_E_NOMEM;
            return 0;
        }
    }
    int found, slot = free_slot(g, t, &found);
    if (found >= 0)
        return found;
    g->term[g->n] = *t;
    g->slot[slot] = g->n;
    return g->n++;
}

fqp_status fqpi_graph_init(fqpi_graph *g, fqp_ctx *ctx) {
    *g = (fqpi_graph){.ctx = ctx};
    fqpi_graph_number(g, 0);
    return g->status;
}

void fqpi_graph_free(fqpi_graph *g) {
    fqpi_free(g->term);
    fqpi_free(g->slot);
    *g = (fqpi_graph){0};
}

int fqpi_graph_number(fqpi_graph *g, double v) {
    return intern(g, &(fqpi_term){.op = &fqpi_op_number, .value = v});
}

int fqpi_graph_leaf(fqpi_graph *g, const fqpi_op *op, int index) {
    return intern(g, &(fqpi_term){.op = op, .index = index});
}

int fqpi_graph_host(fqpi_graph *g, int index, int nargs, const int *args) {
    fqpi_term t = {.op = &fqpi_op_host, .index = index, .nargs = nargs};
    memcpy(t.arg, args, (size_t)nargs * sizeof *args);
    return intern(g, &t);
}

bool fqpi_graph_constant(const fqpi_graph *g, int term, double *v) {
    if (g->term[term].op != &fqpi_op_number)
        return false;
    if (v)
        *v = g->term[term].value;
    return true;
}

bool fqpi_graph_equals(const fqpi_graph *g, int term, double v) {
    return g->term[term].op == &fqpi_op_number && g->term[term].value == v;
}

static bool fold(fqpi_graph *g, const fqpi_op *op, const int *args, double *y) {
    double v[FQPI_MAX_ARGS] = {0};
    const double *a[FQPI_MAX_ARGS] = {0};
    for (int i = 0; i < op->arity; i++) {
        if (!fqpi_graph_constant(g, args[i], &v[i]))
            return false;
        a[i] = &v[i];
    }
    op->tile(op, 1, a, y);
    return true;
}

int fqpi_graph_op(fqpi_graph *g, const fqpi_op *op, const int *args) {
    if (g->status)
        return 0;
    if (op->expand)
        return op->expand(g, args);
    double y;
    if (fold(g, op, args, &y))
        return fqpi_graph_number(g, y);
    int simpler = op->simplify ? op->simplify(g, args) : -1;
    if (simpler >= 0)
        return simpler;
    fqpi_term t = {.op = op, .nargs = op->arity};
    memcpy(t.arg, args, (size_t)op->arity * sizeof *args);
    if (op->commutes && t.arg[0] > t.arg[1]) {
        t.arg[0] = args[1];
        t.arg[1] = args[0];
    }
    return intern(g, &t);
}

int fqpi_graph_copy(fqpi_graph *g, const fqpi_term *t, const int *args) {
    if (t->op == &fqpi_op_host)
        return fqpi_graph_host(g, t->index, t->nargs, args);
    return t->op->tile ? fqpi_graph_op(g, t->op, args) : intern(g, t);
}

int fqpi_graph_1(fqpi_graph *g, const fqpi_op *op, int a) {
    return fqpi_graph_op(g, op, (int[FQPI_MAX_ARGS]){a});
}

int fqpi_graph_2(fqpi_graph *g, const fqpi_op *op, int a, int b) {
    return fqpi_graph_op(g, op, (int[FQPI_MAX_ARGS]){a, b});
}

int fqpi_graph_3(fqpi_graph *g, const fqpi_op *op, int a, int b, int c) {
    return fqpi_graph_op(g, op, (int[FQPI_MAX_ARGS]){a, b, c});
}
