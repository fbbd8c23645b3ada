/* rewrite.c - questions about a graph and changes of it. */
#include "rewrite.h"
#include "mem.h"

#include <string.h>

/* needed [last + 1] of the terms that the roots reach; NULL: out of memory. */
static unsigned char *reached(const fqpi_graph *g, int nroots, const int *root, int *last) {
    *last = 0;
    for (int i = 0; i < nroots; i++)
        *last = root[i] > *last ? root[i] : *last;
    unsigned char *needed = fqpi_calloc(g->ctx, (size_t)*last + 1, 1);
    if (!needed)
        return NULL;
    for (int i = 0; i < nroots; i++)
        needed[root[i]] = 1;
    for (int t = *last; t >= 0; t--)
        for (int j = 0; needed[t] && j < g->term[t].nargs; j++)
            needed[g->term[t].arg[j]] = 1;
    return needed;
}

fqp_status fqpi_graph_variables(const fqpi_graph *g, int nroots, const int *root, int n, unsigned char *mark) {
    int last;
    unsigned char *needed = reached(g, nroots, root, &last);
    if (!needed)
        return FQP_E_NOMEM;
    memset(mark, 0, (size_t)n);
    for (int t = 0; t <= last; t++)
        if (needed[t] && g->term[t].op == &fqpi_op_variable && g->term[t].index < n)
            mark[g->term[t].index] = 1;
    fqpi_free(needed);
    return FQP_OK;
}

fqp_status fqpi_graph_has_parameters(const fqpi_graph *g, int root, bool *has) {
    int last;
    unsigned char *needed = reached(g, 1, &root, &last);
    if (!needed)
        return FQP_E_NOMEM;
    *has = false;
    for (int t = 0; t <= last; t++)
        *has |= needed[t] && g->term[t].op == &fqpi_op_parameter;
    fqpi_free(needed);
    return FQP_OK;
}

/* Term t with the arguments' places; itself where none has moved. */
static int moved(fqpi_graph *g, int t, const int *place) {
    fqpi_term term = g->term[t]; /* a copy: the graph moves as it grows */
    int args[FQPI_MAX_ARGS] = {0};
    bool same = true;
    for (int j = 0; j < term.nargs; j++) {
        args[j] = place[term.arg[j]];
        same &= args[j] == term.arg[j];
    }
    return same ? t : fqpi_graph_copy(g, &term, args);
}

int fqpi_graph_replace(fqpi_graph *g, int root, int n, const int *leaf, const int *with) {
    int last, result = 0;
    if (g->status)
        return 0;
    unsigned char *needed = reached(g, 1, &root, &last);
    int *place = fqpi_alloc(g->ctx, (size_t)root + 1, sizeof *place);
    if (needed && place) {
        for (int t = 0; t <= root; t++) {
            place[t] = t;
            if (!needed[t])
                continue;
            int found = -1;
            for (int i = 0; i < n && found < 0; i++)
                found = leaf[i] == t ? i : -1;
            place[t] = found >= 0 ? with[found] : moved(g, t, place);
        }
        result = place[root];
    } else {
        g->status = FQP_E_NOMEM;
    }
    fqpi_free(needed);
    fqpi_free(place);
    return g->status ? 0 : result;
}

fqp_status fqpi_graph_join(fqpi_graph *g, const fqpi_graph *from, int *place) {
    for (int t = 0; t < from->n; t++) {
        int args[FQPI_MAX_ARGS] = {0};
        for (int j = 0; j < from->term[t].nargs; j++)
            args[j] = place[from->term[t].arg[j]];
        place[t] = fqpi_graph_copy(g, &from->term[t], args);
    }
    return g->status;
}
