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

/* Terms that root needs, renumbered; place[t] is 1 on entry where needed. */
static void copy_needed(const fqpi_graph *g, int root, int *place, fqpi_program *p) {
    int n = 0;
    for (int t = 0; t <= root; t++) {
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
static void assign_registers(fqpi_program *p, int *last, int *unused) {
    for (int t = 0; t < p->n; t++) {
        last[t] = t;
        for (int j = 0; j < p->term[t].nargs; j++)
            last[p->term[t].arg[j]] = t;
    }
    last[p->n - 1] = p->n;
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

fqp_status fqpi_program_build(fqp_ctx *ctx, const fqpi_graph *g, int root, fqpi_program *p) {
    *p = (fqpi_program){0};
    int *place = fqpi_alloc(ctx, (size_t)root + 1, sizeof *place);
    int *scratch = NULL;
    fqp_status status = FQP_E_NOMEM;
    if (place) {
        memset(place, 0xff, ((size_t)root + 1) * sizeof *place);
        place[root] = 1;
        int n = 0;
        for (int t = root; t >= 0; t--) {
            n += place[t] >= 0;
            for (int j = 0; place[t] >= 0 && j < g->term[t].nargs; j++)
                place[g->term[t].arg[j]] = 1;
        }
        scratch = fqpi_alloc(ctx, 2 * (size_t)n, sizeof *scratch);
        if (scratch && program_alloc(ctx, n, p)) {
            copy_needed(g, root, place, p);
            assign_registers(p, scratch, scratch + n);
            status = FQP_OK;
        }
    }
    fqpi_free(place);
    fqpi_free(scratch);
    if (status)
        fqpi_program_free(p);
    return status;
}
