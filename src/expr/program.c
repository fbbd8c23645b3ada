/* program.c - pruning, order and registers. */
#include "program.h"
#include "mem.h"

#include <string.h>

void fqpi_program_free(fqpi_program *p) {
    fqpi_free(p->term);
    fqpi_free(p->reg);
    fqpi_free(p->varies);
    *p = (fqpi_program){0};
}

static bool program_alloc(fqp_ctx *ctx, int n, fqpi_program *p) {
    p->n = n;
    p->term = fqpi_alloc(ctx, (size_t)n, sizeof *p->term);
    p->reg = fqpi_alloc(ctx, (size_t)n, sizeof *p->reg);
    p->varies = fqpi_calloc(ctx, (size_t)n, sizeof *p->varies);
    return p->term && p->reg && p->varies;
}

/* Terms up to `last` that are needed, renumbered; place[t] is 1 on entry where needed. */
static void copy_needed(const fqpi_graph *g, int last, int *place, fqpi_program *p) {
    int n = 0;
    for (int t = 0; t <= last; t++) {
        if (place[t] < 0)
            continue;
        fqpi_term *s = &p->term[n];
        *s = g->term[t];
        p->varies[n] = s->op == &fqpi_op_variable;
        for (int j = 0; j < s->nargs; j++) {
            s->arg[j] = place[s->arg[j]];
            p->varies[n] |= p->varies[s->arg[j]];
        }
        place[t] = n++;
    }
}

/* Give every varying term a register, free again after the last use. `last` [n] and `unused` [n] are scratch. */
static void assign_registers(fqpi_program *p, int nresults, const int *result, int *last, int *unused) {
    for (int t = 0; t < p->n; t++) {
        last[t] = t;
        for (int j = 0; j < p->term[t].nargs; j++)
            last[p->term[t].arg[j]] = t;
    }
    for (int i = 0; i < nresults; i++)
        last[result[i]] = p->n;
    int nunused = 0;
    for (int t = 0; t < p->n; t++) {
        p->reg[t] = -1;
        if (!p->varies[t])
            continue;
        p->reg[t] = nunused ? unused[--nunused] : p->nregs++;
        for (int j = 0; j < p->term[t].nargs; j++) {
            int a = p->term[t].arg[j];
            if (p->varies[a] && last[a] == t) {
                unused[nunused++] = p->reg[a];
                last[a] = -1; /* an argument used twice is freed once */
            }
        }
    }
}

/* place [last + 1] gets 1 where a term is needed, else -1; answers how many are. */
static int mark_needed(const fqpi_graph *g, int last, int nroots, const int *root, int *place) {
    memset(place, 0xff, ((size_t)last + 1) * sizeof *place);
    for (int i = 0; i < nroots; i++)
        place[root[i]] = 1;
    int n = 0;
    for (int t = last; t >= 0; t--) {
        n += place[t] >= 0;
        for (int j = 0; place[t] >= 0 && j < g->term[t].nargs; j++)
            place[g->term[t].arg[j]] = 1;
    }
    return n;
}

fqp_status fqpi_program_build_all(fqp_ctx *ctx, const fqpi_graph *g, int nroots, const int *root, fqpi_program *p,
                                  int *result) {
    *p = (fqpi_program){0};
    int last = 0, *scratch = NULL;
    for (int i = 0; i < nroots; i++)
        last = root[i] > last ? root[i] : last;
    int *place = fqpi_alloc(ctx, (size_t)last + 1, sizeof *place);
    fqp_status status = FQP_E_NOMEM;
    if (place) {
        int n = mark_needed(g, last, nroots, root, place);
        scratch = fqpi_alloc(ctx, 2 * (size_t)n, sizeof *scratch);
        if (scratch && program_alloc(ctx, n, p)) {
            copy_needed(g, last, place, p);
            for (int i = 0; i < nroots; i++)
                result[i] = place[root[i]];
            assign_registers(p, nroots, result, scratch, scratch + n);
            status = FQP_OK;
        }
    }
    fqpi_free(place);
    fqpi_free(scratch);
    if (status)
        fqpi_program_free(p);
    return status;
}

/* The result is the last term. */
fqp_status fqpi_program_build(fqp_ctx *ctx, const fqpi_graph *g, int root, fqpi_program *p) {
    int result;
    return fqpi_program_build_all(ctx, g, 1, &root, p, &result);
}
