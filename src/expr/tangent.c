/* tangent.c - derivatives by accumulation: forward mode (tangents) and reverse mode (adjoints; Griewank & Walther
 * 2008).
 *
 *   forward   ty = sum_j (dy/da_j) ta_j              over the terms from first to last
 *   reverse   sa_j += (dy/da_j) sy                   over the terms from last to first
 *
 * An adjoint that is exactly 0 is not passed on, and a gated operation lets 0 win in the product, so that infinities
 * and NaN of a branch not taken stay there. */
#include "fail.h"
#include "mem.h"
#include "program.h"

#include <string.h>

/* ---- what both modes share: values kept, one more tile per term, one for a partial ---------------------------- */

typedef struct tape {
    fqpi_run run;
    double *second; /* [n][width] tangents or adjoints */
    double *partial;
} tape;

static void tape_end(tape *t) {
    fqpi_run_end(&t->run);
    fqpi_free(t->second);
}

static fqp_status tape_begin(tape *t, fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *parameters) {
    *t = (tape){0};
    fqp_status status = fqpi_run_begin(&t->run, ctx, e, n, parameters, true, NULL, 0);
    if (status)
        return status;
    size_t tiles = (size_t)e->program.n + 1;
    t->second = fqpi_calloc(ctx, tiles * (size_t)t->run.width, sizeof *t->second);
    t->partial = t->second ? t->second + (tiles - 1) * (size_t)t->run.width : NULL;
    if (!t->second)
        tape_end(t);
    return t->second ? FQP_OK : FQP_E_NOMEM;
}

static double *second_of(const tape *t, int term) {
    return t->second + (size_t)term * (size_t)t->run.width;
}

/* The partial derivative of a term with respect to its argument j, into t->partial. */
static void partial_of(const tape *t, int term, int j, int m) {
    const fqpi_term *s = &t->run.e->program.term[term];
    const double *a[FQPI_MAX_ARGS];
    for (int i = 0; i < s->nargs; i++)
        a[i] = t->run.value[s->arg[i]];
    s->op->partial(s->op, m, j, a, t->run.value[term], t->partial);
}

/* y += d o w; where = 0 in w (and, gated, in d) nothing is added. */
static void accumulate(int m, const double *d, const double *w, bool w_gates, bool d_gates, double *y) {
    for (int i = 0; i < m; i++)
        if (!(w_gates && w[i] == 0) && !(d_gates && d[i] == 0))
            y[i] += d[i] * w[i];
}

static fqp_status check(fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *x, const double *parameters) {
    fqp_status status = fqpi_run_check(ctx, e, n, x, parameters);
    for (int t = 0; !status && t < e->program.n; t++)
        if (e->program.term[t].op == &fqpi_op_host && e->program.varies[t])
            status = fqpi_fail(ctx, FQP_E_EXPR, NULL, "\"%s\": %s has no derivative", e->text,
                               e->hosts.name[e->program.term[t].index]);
    return status;
}

/* ---- forward --------------------------------------------------------------------------------------------------------
 */

static void forward_tile(const tape *t, int m, const double *dx) {
    const fqp_expr *e = t->run.e;
    for (int k = 0; k < e->program.n; k++) {
        const fqpi_term *s = &e->program.term[k];
        double *ty = second_of(t, k);
        if (!e->program.varies[k])
            continue; /* stays 0 */
        if (s->op == &fqpi_op_variable) {
            for (int i = 0; i < m; i++)
                ty[i] = dx[(size_t)i * e->nvariables + (size_t)s->index];
            continue;
        }
        memset(ty, 0, (size_t)m * sizeof *ty);
        for (int j = 0; j < s->nargs; j++) {
            if (!e->program.varies[s->arg[j]])
                continue;
            partial_of(t, k, j, m);
            accumulate(m, t->partial, second_of(t, s->arg[j]), s->op->gated, s->op->gated, ty);
        }
    }
}

fqp_status fqp_expr_forward(fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *x, const double *dx,
                            const double *parameters, double *out, double *dout) {
    if (ctx)
        fqp_ctx_problems_clear(ctx);
    if (!e || (n > 0 && (!dout || !dx)))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s is NULL", !e ? "the expression" : dx ? "dout" : "dx");
    fqp_status status = check(ctx, e, n, x, parameters);
    if (status || n == 0)
        return status;
    tape t;
    status = tape_begin(&t, ctx, e, n, parameters);
    int last = e->program.n - 1;
    for (int64_t i = 0, m = 0; !status && i < n; i += m) {
        m = n - i < t.run.width ? n - i : t.run.width;
        int64_t at = i * (int64_t)e->nvariables;
        fqpi_run_tile(&t.run, (int)m, x ? x + at : NULL);
        forward_tile(&t, (int)m, dx + at);
        memcpy(dout + i, second_of(&t, last), (size_t)m * sizeof *dout);
        if (out)
            memcpy(out + i, t.run.value[last], (size_t)m * sizeof *out);
    }
    if (!status)
        tape_end(&t);
    return status;
}

/* ---- reverse
 * ---------------------------------------------------------------------------------------------------------- */

static void reverse_tile(const tape *t, int m, double *grad) {
    const fqp_expr *e = t->run.e;
    int n = e->program.n;
    memset(t->second, 0, (size_t)n * (size_t)t->run.width * sizeof *t->second);
    for (int i = 0; i < m; i++)
        second_of(t, n - 1)[i] = 1;
    for (int k = n - 1; k >= 0; k--) {
        const fqpi_term *s = &e->program.term[k];
        const double *sy = second_of(t, k);
        if (!e->program.varies[k])
            continue;
        if (s->op == &fqpi_op_variable)
            for (int i = 0; i < m; i++)
                grad[(size_t)i * e->nvariables + (size_t)s->index] = sy[i];
        for (int j = 0; j < s->nargs; j++) {
            if (!e->program.varies[s->arg[j]])
                continue;
            partial_of(t, k, j, m);
            accumulate(m, t->partial, sy, true, s->op->gated, second_of(t, s->arg[j]));
        }
    }
}

fqp_status fqp_expr_gradient(fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *x, const double *parameters,
                             double *out, double *grad) {
    if (ctx)
        fqp_ctx_problems_clear(ctx);
    if (!e || (n > 0 && !grad))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s is NULL", e ? "grad" : "the expression");
    fqp_status status = check(ctx, e, n, x, parameters);
    if (status || n == 0)
        return status;
    tape t;
    status = tape_begin(&t, ctx, e, n, parameters);
    if (status)
        return status;
    memset(grad, 0, (size_t)n * e->nvariables * sizeof *grad);
    for (int64_t i = 0, m = 0; i < n; i += m) {
        m = n - i < t.run.width ? n - i : t.run.width;
        int64_t at = i * (int64_t)e->nvariables;
        fqpi_run_tile(&t.run, (int)m, x ? x + at : NULL);
        reverse_tile(&t, (int)m, grad + at);
        if (out)
            memcpy(out + i, t.run.value[e->program.n - 1], (size_t)m * sizeof *out);
    }
    tape_end(&t);
    return FQP_OK;
}
