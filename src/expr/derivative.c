/* derivative.c - symbolic derivatives by the chain rule, term by term:
 *   dy = sum_j (dy/da_j) da_j,
 * every term once, so that the derivative of a graph of n operations has O(n) operations. */
#include "fail.h"
#include "graph.h"
#include "mem.h"
#include "op.h"

/* Which terms depend on the leaf, and which of those root needs. */
static void mark(const fqpi_graph *g, int root, int leaf, unsigned char *needed, unsigned char *depends) {
    needed[root] = 1;
    for (int t = root; t >= 0; t--)
        for (int j = 0; needed[t] && j < g->term[t].nargs; j++)
            needed[g->term[t].arg[j]] = 1;
    for (int t = 0; t <= root; t++) {
        depends[t] = t == leaf;
        for (int j = 0; j < g->term[t].nargs; j++)
            depends[t] |= depends[g->term[t].arg[j]];
    }
}

/* dy of one term, d holding those of its arguments. */
static int chain(fqpi_graph *g, int self, const int *d, const unsigned char *depends) {
    fqpi_term t = g->term[self]; /* a copy: the graph moves as it grows */
    int total = fqpi_graph_number(g, 0);
    for (int j = 0; j < t.nargs; j++) {
        if (!depends[t.arg[j]])
            continue;
        int partial = t.op->rule(g, t.arg, self, j);
        int product = fqpi_graph_2(g, t.op->gated ? &fqpi_op_gate : &fqpi_op_mul, partial, d[t.arg[j]]);
        total = fqpi_graph_2(g, &fqpi_op_add, total, product);
    }
    return total;
}

fqp_status fqpi_graph_derivative(fqpi_graph *g, int root, const fqpi_op *leaf, int index, int *out, int *host) {
    *host = -1;
    int wanted = fqpi_graph_leaf(g, leaf, index);
    size_t n = (size_t)root + 1;
    unsigned char *flags = fqpi_calloc(g->ctx, 2 * n, 1);
    int *d = fqpi_calloc(g->ctx, n, sizeof *d);
    if (flags && d && !g->status) {
        unsigned char *needed = flags, *depends = flags + n;
        mark(g, root, wanted, needed, depends);
        for (int t = 0; t <= root && !g->status; t++) {
            if (!needed[t] || !depends[t])
                continue;
            if (g->term[t].op == &fqpi_op_host) {
                *host = g->term[t].index;
                g->status = FQP_E_EXPR;
            } else {
                d[t] = t == wanted ? fqpi_graph_number(g, 1) : chain(g, t, d, depends);
            }
        }
        *out = d[root];
    } else if (!g->status) {
        g->status = FQP_E_NOMEM;
    }
    fqpi_free(flags);
    fqpi_free(d);
    return g->status;
}
