/* run.c - a program over tiles of points.
 *
 * Every operation is one loop over a tile.  Points never meet each other, so a result does not depend on how many
 * points there are or where in a tile one stands. */
#include "fail.h"
#include "mem.h"
#include "program.h"

#include <string.h>

/* ---- uniform terms -------------------------------------------------------------------------------------------- */

static void call_host(const fqpi_run *r, const fqpi_term *t, int m, const double *const *a, double *y) {
    double args[FQPI_MAX_ARGS] = {0};
    const fqp_expr_host *host = &r->e->host;
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < t->nargs; j++)
            args[j] = a[j][i];
        y[i] = host->eval(host->user, r->e->hosts.name[t->index], t->nargs, args);
    }
}

static void apply(const fqpi_run *r, const fqpi_term *t, int m, double *y) {
    const double *a[FQPI_MAX_ARGS];
    for (int j = 0; j < t->nargs; j++)
        a[j] = r->value[t->arg[j]];
    if (t->op == &fqpi_op_host)
        call_host(r, t, m, a, y);
    else
        t->op->tile(t->op, m, a, y);
}

static void spread(double *y, int width) {
    for (int i = 1; i < width; i++)
        y[i] = y[0];
}

/* Each once, as one number spread over its tile: users may read it at any point. */
static void compute_uniform(const fqpi_run *r, const double *parameters) {
    const fqpi_program *p = r->program;
    for (int t = 0; t < p->n; t++) {
        if (p->varies[t])
            continue;
        const fqpi_term *s = &p->term[t];
        if (s->op == &fqpi_op_number)
            r->value[t][0] = s->value;
        else if (s->op == &fqpi_op_parameter)
            r->value[t][0] = parameters[s->index];
        else
            apply(r, s, 1, r->value[t]);
        spread(r->value[t], r->width);
    }
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static size_t rounded(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

/* Tiles: one per register and per uniform term, or one per term. */
static size_t tile_count(const fqpi_program *p, bool keep_all) {
    if (keep_all)
        return (size_t)p->n;
    size_t n = (size_t)p->nregs;
    for (int t = 0; t < p->n; t++)
        n += !p->varies[t];
    return n;
}

static void carve(const fqpi_run *r, bool keep_all, double *tile) {
    const fqpi_program *p = r->program;
    int uniform = p->nregs;
    for (int t = 0; t < p->n; t++) {
        int slot = keep_all ? t : p->varies[t] ? p->reg[t] : uniform++;
        r->value[t] = tile + (size_t)slot * (size_t)r->width;
    }
}

static fqp_status start(fqpi_run *r, int64_t n, const double *parameters, bool keep_all, void *stack, size_t size) {
    int widest = keep_all ? FQPI_TILE_TAPE : FQPI_TILE;
    r->width = n < widest ? (int)n : widest;
    size_t pointers = rounded((size_t)r->program->n * sizeof *r->value);
    size_t bytes = pointers + tile_count(r->program, keep_all) * (size_t)r->width * sizeof(double);
    char *memory = stack;
    if (bytes > size) {
        memory = r->block = fqpi_alloc(r->ctx, bytes, 1);
        if (!memory)
            return FQP_E_NOMEM;
    }
    r->value = (double **)(void *)memory;
    carve(r, keep_all, (double *)(void *)(memory + pointers));
    compute_uniform(r, parameters);
    return FQP_OK;
}

fqp_status fqpi_run_begin(fqpi_run *r, fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *parameters,
                          bool keep_all, void *stack, size_t size) {
    *r = (fqpi_run){.ctx = ctx, .e = e, .program = &e->program};
    return start(r, n, parameters, keep_all, stack, size);
}

fqp_status fqpi_run_start(fqpi_run *r, fqp_ctx *ctx, const fqpi_program *p, int64_t n, const double *parameters,
                          bool keep_all, void *stack, size_t size) {
    *r = (fqpi_run){.ctx = ctx, .program = p};
    return start(r, n, parameters, keep_all, stack, size);
}

void fqpi_run_end(fqpi_run *r) {
    fqpi_free(r->block);
    r->block = NULL;
}

/* ---- tiles --------------------------------------------------------------------------------------------------------
 */

static void gather(double *restrict y, int m, const double *restrict x, size_t stride) {
    for (int i = 0; i < m; i++)
        y[i] = x[(size_t)i * stride];
}

void fqpi_run_tile(const fqpi_run *r, int m, const double *x) {
    const fqpi_program *p = r->program;
    for (int t = 0; t < p->n; t++) {
        const fqpi_term *s = &p->term[t];
        if (!p->varies[t])
            continue;
        if (s->op == &fqpi_op_variable)
            gather(r->value[t], m, x + s->index, r->e->nvariables);
        else
            apply(r, s, m, r->value[t]);
    }
}

void fqpi_run_columns(const fqpi_run *r, int m, int64_t first, const fqpi_column *column) {
    const fqpi_program *p = r->program;
    for (int t = 0; t < p->n; t++) {
        const fqpi_term *s = &p->term[t];
        if (!p->varies[t])
            continue;
        const fqpi_column *c = s->op == &fqpi_op_variable ? &column[s->index] : NULL;
        if (c)
            gather(r->value[t], m, c->at + first * c->stride, (size_t)c->stride);
        else
            apply(r, s, m, r->value[t]);
    }
}

fqp_status fqpi_run_check(fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *x, const double *parameters) {
    if (n < 0)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%lld points were asked for", (long long)n);
    for (int t = 0; t < e->program.n; t++) {
        const fqpi_term *s = &e->program.term[t];
        if (s->op == &fqpi_op_variable && !x && n > 0)
            return fqpi_fail(ctx, FQP_E_ARG, NULL, "\"%s\" uses %s, but no points were given", e->text,
                             e->variable[s->index]);
        if (s->op == &fqpi_op_parameter && !parameters)
            return fqpi_fail(ctx, FQP_E_ARG, NULL, "\"%s\" uses %s, but no parameters were given", e->text,
                             e->parameter[s->index]);
    }
    return FQP_OK;
}

enum { STACK = 32 * 1024 };

fqp_status fqpi_expr_eval(fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *x, const double *parameters,
                          double *out) {
    _Alignas(64) char stack[STACK];
    if (!e || (!out && n > 0))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s is NULL", e ? "the array of results" : "the expression");
    fqp_status status = fqpi_run_check(ctx, e, n, x, parameters);
    if (status || n == 0)
        return status;
    fqpi_run r;
    size_t before = ctx ? fqp_ctx_problem_count(ctx) : 0;
    status = fqpi_run_begin(&r, ctx, e, n, parameters, false, stack, sizeof stack);
    const double *result = status ? NULL : r.value[e->program.n - 1];
    for (int64_t i = 0; !status && i < n; i += r.width) {
        int m = n - i < r.width ? (int)(n - i) : r.width;
        fqpi_run_tile(&r, m, x ? x + i * (int64_t)e->nvariables : NULL);
        memcpy(out + i, result, (size_t)m * sizeof *out);
    }
    fqpi_run_end(&r);
    if (!status && ctx && fqp_ctx_problem_count(ctx) > before) /* a host function's */
        status = fqp_ctx_problem(ctx, before).status;
    return status;
}

fqp_status fqp_expr_eval(fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *x, const double *parameters,
                         double *out) {
    if (ctx)
        fqp_ctx_problems_clear(ctx);
    return fqpi_expr_eval(ctx, e, n, x, parameters, out);
}
