/* derive.c - slots, and total derivatives of terms:
 *   D_i F = dF/dx_i + sum over slots s of dF/ds s_i,   (u_x)_y = u_xy. */
#include "mem.h"
#include "op.h"
#include "problem_i.h"
#include "rewrite.h"

#include <string.h>

int fqpi_pde_order(const fqp_derivative *w) {
    int order = 0;
    for (int i = 0; i < FQP_AXES; i++)
        order += w->order[i];
    return w->summed ? 2 : order;
}

static bool same(const fqp_derivative *a, const fqp_derivative *b) {
    return a->summed == b->summed && memcmp(a->order, b->order, sizeof a->order) == 0;
}

/* Variable of a derivative, made when it is new. */
int fqpi_pde_slot_term(fqp_pde *p, int unknown, const fqp_derivative *which) {
    size_t s = 0;
    while (s < p->nslots && !(p->slot[s].unknown == unknown && same(&p->slot[s].which, which)))
        s++;
    if (s == FQPI_PDE_SLOTS)
        return -1;
    if (s == p->nslots)
        p->slot[p->nslots++] = (fqpi_pde_slot){unknown, *which};
    return fqpi_graph_leaf(&p->g, &fqpi_op_variable, (int)(2 * p->d) + (int)s);
}

/* Derivative of a variable along an axis: a term, -1 beyond the orders. */
static int of_variable(fqp_pde *p, int variable, int axis) {
    int first = (int)(2 * p->d);
    if (variable < first)
        return fqpi_graph_number(&p->g, variable == axis ? 1 : 0);
    fqpi_pde_slot s = p->slot[variable - first];
    s.which.order[axis]++;
    return fqpi_pde_order(&s.which) > FQPI_PDE_ORDER ? -1 : fqpi_pde_slot_term(p, s.unknown, &s.which);
}

static int along(fqp_pde *p, int term, int axis, const unsigned char *used, int n) {
    int total = fqpi_graph_number(&p->g, 0);
    for (int v = 0; v < n; v++) {
        int partial = 0, host, inner = used[v] ? of_variable(p, v, axis) : 0;
        if (inner < 0)
            return -1;
        if (!used[v] || fqpi_graph_equals(&p->g, inner, 0))
            continue;
        if (fqpi_graph_derivative(&p->g, term, &fqpi_op_variable, v, &partial, &host))
            return 0;
        total = fqpi_graph_2(&p->g, &fqpi_op_add, total, fqpi_graph_2(&p->g, &fqpi_op_mul, partial, inner));
    }
    return total;
}

static int along_normal(fqp_pde *p, int term) {
    int total = fqpi_graph_number(&p->g, 0);
    for (int i = 0; i < p->space; i++) {
        int slope = fqpi_pde_total(p, term, i);
        int n = fqpi_graph_leaf(&p->g, &fqpi_op_variable, (int)p->d + i);
        if (slope < 0)
            return -1;
        total = fqpi_graph_2(&p->g, &fqpi_op_add, total, fqpi_graph_2(&p->g, &fqpi_op_mul, n, slope));
    }
    return total;
}

int fqpi_pde_total(fqp_pde *p, int term, int axis) {
    unsigned char used[FQPI_PDE_COLUMNS];
    if (axis == FQPI_PDE_NORMAL)
        return along_normal(p, term);
    int n = (int)(2 * p->d) + (int)p->nslots;
    if (p->g.status || (p->g.status = fqpi_graph_variables(&p->g, 1, &term, n, used)))
        return 0;
    return along(p, term, axis, used, n);
}

int fqpi_pde_laplacian(fqp_pde *p, int term) {
    int total = fqpi_graph_number(&p->g, 0);
    for (int i = 0; i < p->space; i++) {
        int first = fqpi_pde_total(p, term, i);
        int second = first < 0 ? -1 : fqpi_pde_total(p, first, i);
        if (second < 0)
            return -1;
        total = fqpi_graph_2(&p->g, &fqpi_op_add, total, second);
    }
    return total;
}
