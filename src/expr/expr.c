/* expr.c - creating, copying and querying expressions. */
#include "fail.h"
#include "mem.h"
#include "op.h"
#include "program.h"

#include <stdio.h>
#include <string.h>

/* Pointers and texts in one block; NULL when memory ran out. */
static char **copy_names(fqp_ctx *ctx, const char *const *name, size_t n) {
    size_t bytes = n * sizeof(char *);
    for (size_t i = 0; i < n; i++)
        bytes += strlen(name[i]) + 1;
    char **copy = fqpi_alloc(ctx, bytes, 1);
    char *to = (char *)copy + n * sizeof(char *);
    for (size_t i = 0; copy && i < n; i++) {
        size_t length = strlen(name[i]) + 1;
        copy[i] = memcpy(to, name[i], length);
        to += length;
    }
    return copy;
}

static void free_hosts(fqpi_hosts *h) {
    for (int i = 0; i < h->n; i++)
        fqpi_free(h->name[i]);
    fqpi_free(h->name);
    *h = (fqpi_hosts){0};
}

void fqp_expr_destroy(fqp_expr *e) {
    if (!e)
        return;
    fqpi_free(e->text);
    fqpi_free(e->variable);
    fqpi_free(e->parameter);
    free_hosts(&e->hosts);
    fqpi_program_free(&e->program);
    fqpi_free(e);
}

/* Takes the hosts over whatever happens. */
static fqp_status finish(const fqpi_graph *g, int root, const char *text, const fqpi_names *names, fqpi_hosts *hosts,
                         fqp_expr **out) {
    fqp_expr *e = fqpi_calloc(g->ctx, 1, sizeof *e);
    if (!e) {
        free_hosts(hosts);
        return FQP_E_NOMEM;
    }
    e->hosts = *hosts;
    if (names->host)
        e->host = *names->host;
    e->coords = names->coords;
    e->nvariables = names->nvariables;
    e->nparameters = names->nparameters;
    e->text = fqpi_strdup(g->ctx, text);
    e->variable = copy_names(g->ctx, names->variable, names->nvariables);
    e->parameter = copy_names(g->ctx, names->parameter, names->nparameters);
    fqp_status status = fqpi_program_build(g->ctx, g, root, &e->program);
    if (status || !e->text || !e->variable || !e->parameter) {
        fqp_expr_destroy(e);
        return FQP_E_NOMEM;
    }
    *out = e;
    return FQP_OK;
}

static fqp_status compile(fqp_ctx *ctx, const char *text, fqpi_where where, const fqpi_names *names, fqp_expr **out) {
    fqpi_graph g;
    fqpi_hosts hosts = {0};
    int root = 0;
    fqp_status status = fqpi_graph_init(&g, ctx);
    if (!status)
        status = fqpi_parse(&g, text, where, names, &hosts, &root);
    if (!status)
        status = finish(&g, root, text, names, &hosts, out);
    else
        free_hosts(&hosts);
    fqpi_graph_free(&g);
    return status;
}

fqp_status fqpi_expr_create_at(fqp_ctx *ctx, const char *text, const fqp_expr_opts *opts, const char *key,
                               fqp_expr **out) {
    static const fqp_expr_opts none = {0};
    if (!text || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s is NULL", text ? "out" : "the text of an expression");
    opts = opts ? opts : &none;
    if (opts->host && (!opts->host->known || !opts->host->eval))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "a host of functions needs both known and eval");
    fqpi_names names = {.variable = opts->variables,
                        .nvariables = opts->nvariables,
                        .parameter = opts->parameters,
                        .nparameters = opts->nparameters,
                        .host = opts->host};
    return compile(ctx, text, (fqpi_where){.origin = opts->origin, .key = key}, &names, out);
}

fqp_status fqpi_expr_create(fqp_ctx *ctx, const char *text, const fqp_expr_opts *opts, fqp_expr **out) {
    return fqpi_expr_create_at(ctx, text, opts, NULL, out);
}

fqp_status fqpi_expr_create_coords(fqp_ctx *ctx, const char *text, int d, const char *const *parameters,
                                   size_t nparameters, fqpi_where where, fqp_expr **out) {
    enum { LENGTH = 12 };
    if (!text || !out || d < 1)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s",
                         !text   ? "the text of an expression is NULL"
                         : d < 1 ? "a domain needs at least one dimension"
                                 : "out is NULL");
    const char **name = fqpi_alloc(ctx, (size_t)d, sizeof *name + LENGTH);
    if (!name)
        return FQP_E_NOMEM;
    char *to = (char *)(name + d);
    for (int i = 0; i < d; i++, to += LENGTH) {
        snprintf(to, LENGTH, "x%d", i + 1);
        name[i] = to;
    }
    fqpi_names names = {
        .variable = name, .nvariables = (size_t)d, .parameter = parameters, .nparameters = nparameters, .coords = d};
    fqp_status status = compile(ctx, text, where, &names, out);
    fqpi_free(name);
    return status;
}

/* ---- derivatives ------------------------------------------------------------------------------------------------ */

static fqpi_names names_of(const fqp_expr *e) {
    return (fqpi_names){.variable = (const char *const *)e->variable,
                        .nvariables = e->nvariables,
                        .parameter = (const char *const *)e->parameter,
                        .nparameters = e->nparameters,
                        .coords = e->coords,
                        .host = e->host.eval ? &e->host : NULL};
}

static fqp_status copy_hosts(fqp_ctx *ctx, const fqpi_hosts *from, fqpi_hosts *to) {
    *to = (fqpi_hosts){.name = fqpi_calloc(ctx, (size_t)from->n, sizeof *to->name), .cap = from->n};
    if (!to->name)
        return FQP_E_NOMEM;
    for (; to->n < from->n; to->n++)
        if (!(to->name[to->n] = fqpi_strdup(ctx, from->name[to->n]))) {
            free_hosts(to);
            return FQP_E_NOMEM;
        }
    return FQP_OK;
}

/* The program's terms as a graph again. */
static fqp_status restore(const fqpi_program *p, fqpi_graph *g, int *root) {
    int *place = fqpi_alloc(g->ctx, (size_t)p->n, sizeof *place);
    if (!place)
        return g->status = FQP_E_NOMEM;
    for (int t = 0; t < p->n; t++) {
        int args[FQPI_MAX_ARGS] = {0};
        for (int j = 0; j < p->term[t].nargs; j++)
            args[j] = place[p->term[t].arg[j]];
        place[t] = fqpi_graph_copy(g, &p->term[t], args);
    }
    *root = place[p->n - 1];
    fqpi_free(place);
    return g->status;
}

static fqp_status derive(fqpi_graph *g, const fqp_expr *e, const char *name, const fqpi_op *leaf, int index,
                         fqp_expr **out) {
    int root = 0, derived = 0, host = -1;
    fqp_status status = restore(&e->program, g, &root);
    if (!status)
        status = fqpi_graph_derivative(g, root, leaf, index, &derived, &host);
    if (host >= 0)
        return fqpi_fail(g->ctx, FQP_E_EXPR, NULL, "\"%s\": %s has no derivative", e->text, e->hosts.name[host]);
    if (status)
        return status;
    fqpi_hosts hosts = {0};
    fqpi_names names = names_of(e);
    char *text = fqpi_format(g->ctx, "d/d%s (%s)", name, e->text);
    status = text ? copy_hosts(g->ctx, &e->hosts, &hosts) : FQP_E_NOMEM;
    if (!status)
        status = finish(g, derived, text, &names, &hosts, out);
    fqpi_free(text);
    return status;
}

fqp_status fqp_expr_derivative(fqp_ctx *ctx, const fqp_expr *e, const char *name, fqp_expr **out) {
    if (ctx)
        fqp_ctx_problems_clear(ctx);
    if (!e || !name || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s is NULL", !e ? "the expression" : !name ? "the name" : "out");
    fqpi_names names = names_of(e);
    const fqpi_op *leaf = &fqpi_op_variable;
    int index = fqpi_names_variable(&names, name);
    if (index < 0) {
        leaf = &fqpi_op_parameter;
        index = fqpi_names_parameter(&names, name);
    }
    if (index < 0)
        return fqpi_fail(ctx, FQP_E_EXPR, NULL, "\"%s\" has neither a variable nor a parameter \"%s\"", e->text, name);
    fqpi_graph g;
    fqp_status status = fqpi_graph_init(&g, ctx);
    if (!status)
        status = derive(&g, e, name, leaf, index, out);
    fqpi_graph_free(&g);
    return status;
}

/* ---- public doors and questions -----------------------------------------------------------------------------------
 */

fqp_status fqp_expr_create(fqp_ctx *ctx, const char *text, const fqp_expr_opts *opts, fqp_expr **out) {
    if (ctx)
        fqp_ctx_problems_clear(ctx);
    return fqpi_expr_create(ctx, text, opts, out);
}

fqp_status fqp_expr_create_coords(fqp_ctx *ctx, const char *text, int d, const char *const *parameters,
                                  size_t nparameters, fqp_origin origin, fqp_expr **out) {
    if (ctx)
        fqp_ctx_problems_clear(ctx);
    return fqpi_expr_create_coords(ctx, text, d, parameters, nparameters, (fqpi_where){.origin = origin}, out);
}

fqp_status fqp_expr_number(fqp_ctx *ctx, const char *text, fqp_origin origin, double *out) {
    fqp_expr *e = NULL;
    if (!out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "out is NULL");
    fqp_status status = fqp_expr_create(ctx, text, &(fqp_expr_opts){.origin = origin}, &e);
    if (!status)
        status = fqp_expr_eval(ctx, e, 1, NULL, NULL, out);
    fqp_expr_destroy(e);
    return status;
}

const char *fqp_expr_text(const fqp_expr *e) {
    return e->text;
}

bool fqp_expr_uses(const fqp_expr *e, size_t variable) {
    for (int t = 0; t < e->program.n; t++)
        if (e->program.term[t].op == &fqpi_op_variable && (size_t)e->program.term[t].index == variable)
            return true;
    return false;
}
