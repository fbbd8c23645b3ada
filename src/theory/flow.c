/* flow.c - training as the kernel sees it: every eigenmode by itself (rule.c), and back to points.
 *
 * r(s) = r_out + V^T diag(factor) V r(0), V [count, n], r_out the part of r(0) outside the pairs.  Elsewhere the
 * function moves along K(x*, x): f(x*) = f_0(x*) + K(x*, x) V^T diag(gain/l) V r(0) (Lee et al. 1902.06720, eq. 14). */
#include <fqp/ntk.h>

#include "fail.h"
#include "kernel.h"
#include "mem.h"
#include "rule.h"
#include "team.h"

#include <math.h>
#include <string.h>

struct fqp_flow {
    fqp_ctx *ctx;
    const fqpi_kernel *k; /* f64 */
    const fqpi_rule *rule;
    fqp_flow_opts opts;
    int64_t n, m, count, n_out;
    int64_t row, out_row; /* n and n_out rounded up to whole vectors */
    double *value;        /* [count], 0 where it is cut off */
    double largest;       /* of value */
    double *vector;       /* [count, row] */
    double *start;        /* [count, m] = V r(0) */
    double *rest;         /* [n, m] = r_out */
    double *cross;        /* [count, out_row] = V K(x, x*) */
    double *f0;           /* [n_out, m] */
    double *weight;       /* [count, m] of a sum over modes */
    double *panel;        /* [m, row or out_row] that sum */
};

/* ---- sums over modes ------------------------------------------------------------------------------------------- */

typedef struct sum_job {
    const fqp_flow *f;
    const double *b;
    int64_t row;
} sum_job;

enum { COLUMNS = 512 };

static void sum_columns(void *arg, int64_t i, int member) {
    (void)member;
    const sum_job *j = arg;
    const fqp_flow *f = j->f;
    const int64_t first = i * COLUMNS, left = j->row - first;
    f->k->gemm(&(fqpi_gemm){.m = f->m,
                            .n = left < COLUMNS ? left : COLUMNS,
                            .k = f->count,
                            .a = f->weight,
                            .a_row = 1,
                            .a_col = f->m,
                            .b = j->b + first,
                            .b_row = j->row,
                            .c = f->panel + first,
                            .c_row = j->row,
                            .c_panel = true},
               NULL);
}

/* out [points, m] = begin + weight^T b, b [count, row] */
static void sum_modes(const fqp_flow *f, const double *b, int64_t row, int64_t points, const double *begin,
                      double *out) {
    sum_job job = {f, b, row};
    fqpi_team_for(f->ctx, (row + COLUMNS - 1) / COLUMNS, sum_columns, &job);
    for (int64_t j = 0; j < points; j++)
        for (int64_t o = 0; o < f->m; o++)
            out[j * f->m + o] = (begin ? begin[j * f->m + o] : 0) + f->panel[o * row + j];
}

/* ---- creation -------------------------------------------------------------------------------------------------- */

static fqp_status check(fqp_ctx *ctx, const fqp_eigen *e, const double *r0, int64_t m, const fqp_flow_opts *o) {
    const char *const who = "fqp_flow_create";
    const fqpi_rule *rule = fqpi_rule_row(o->rule);
    if (e->n < 1 || e->count < 1 || e->count > e->n || m < 1)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "%s: %lld pairs of %lld points and %lld outputs; each must be at least 1", who,
                         (long long)e->count, (long long)e->n, (long long)m);
    if (!rule)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s: rule %d is not in the table", who, o->rule);
    if (!(o->lr >= 0) || !isfinite(o->lr) || !(o->c > 0) || !isfinite(o->c))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s: lr %g and c %g; lr must be at least 0, c above 0, both finite", who,
                         o->lr, o->c);
    if (rule->inert && !(o->momentum >= 0 && o->momentum < 1))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s: momentum %g is outside [0, 1)", who, o->momentum);
    if (!(o->cutoff >= 0 && o->cutoff < 1))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s: cutoff %g is outside [0, 1)", who, o->cutoff);
    for (int64_t i = 0; i < e->count; i++)
        if (!isfinite(e->value[i]))
            return fqpi_fail(ctx, FQP_E_DATA, NULL, "%s: eigenvalue %lld is %g", who, (long long)i, e->value[i]);
    for (int64_t i = 0; i < e->n * m; i++)
        if (!isfinite(r0[i]))
            return fqpi_fail(ctx, FQP_E_DATA, NULL, "%s: the residual at the start is %g at point %lld", who, r0[i],
                             (long long)(i / m));
    return FQP_OK;
}

static fqp_status allocate(fqp_flow *f) {
    fqp_ctx *ctx = f->ctx;
    const size_t n = (size_t)f->n, m = (size_t)f->m, count = (size_t)f->count, row = (size_t)f->row;
    f->value = fqpi_alloc(ctx, count, sizeof(double));
    f->vector = fqpi_calloc(ctx, count * row, sizeof(double));
    f->start = fqpi_calloc(ctx, count * m, sizeof(double));
    f->rest = fqpi_calloc(ctx, n * m, sizeof(double));
    f->weight = fqpi_alloc(ctx, count * m, sizeof(double));
    f->panel = fqpi_alloc(ctx, m * row, sizeof(double));
    return f->value && f->vector && f->start && f->rest && f->weight && f->panel ? FQP_OK : FQP_E_NOMEM;
}

/* Coefficients of r(0), and what of it lies outside the pairs; all pairs span everything. */
static void project(fqp_flow *f, const double *r0) {
    for (int64_t i = 0; i < f->count; i++)
        for (int64_t j = 0; j < f->n; j++)
            f->k->axpy(f->m, f->vector[i * f->row + j], r0 + j * f->m, f->start + i * f->m);
    if (f->count == f->n)
        return;
    for (int64_t i = 0; i < f->count * f->m; i++)
        f->weight[i] = -f->start[i];
    sum_modes(f, f->vector, f->row, f->n, r0, f->rest);
}

static int64_t padded(const fqpi_kernel *k, int64_t n) {
    return (n + k->lanes - 1) / k->lanes * k->lanes;
}

fqp_status fqp_flow_create(fqp_ctx *ctx, const fqp_eigen *e, const double *r0, int64_t m, const fqp_flow_opts *opts,
                           fqp_flow **out) {
    if (!ctx || !e || !e->value || !e->vector || !r0 || !opts || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_flow_create: an argument is NULL");
    fqp_status s = check(ctx, e, r0, m, opts);
    if (s)
        return s;
    fqp_flow *f = fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    *f = (fqp_flow){.ctx = ctx,
                    .k = fqpi_kernel_get(ctx, FQP_F64),
                    .rule = fqpi_rule_row(opts->rule),
                    .opts = *opts,
                    .n = e->n,
                    .m = m,
                    .count = e->count};
    f->row = padded(f->k, f->n);
    s = allocate(f);
    if (s) {
        fqp_flow_destroy(f);
        return s;
    }
    for (int64_t i = 0; i < f->count; i++)
        f->largest = fmax(f->largest, e->value[i]);
    const double least = (opts->cutoff > 0 ? opts->cutoff : 1e-14) * f->largest;
    for (int64_t i = 0; i < f->count; i++) {
        f->value[i] = e->value[i] > 0 && e->value[i] >= least ? e->value[i] : 0;
        memcpy(f->vector + i * f->row, e->vector + i * f->n, (size_t)f->n * sizeof(double));
    }
    project(f, r0);
    *out = f;
    return FQP_OK;
}

void fqp_flow_destroy(fqp_flow *f) {
    if (!f)
        return;
    double *const owned[] = {f->value, f->vector, f->start, f->rest, f->cross, f->f0, f->weight, f->panel};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        fqpi_free(owned[i]);
    fqpi_free(f);
}

/* ---- modes ----------------------------------------------------------------------------------------------------- */

bool fqp_flow_stable(const fqp_flow *f, double *largest_lr) {
    const double largest = f->largest > 0 ? f->rule->limit(f->opts.momentum) / (f->opts.c * f->largest) : INFINITY;
    if (largest_lr)
        *largest_lr = largest;
    return f->opts.lr < largest;
}

static fqpi_decay decay(const fqp_flow *f, int64_t mode, double step) {
    return fqpi_rule_decay(f->rule, f->opts.lr * f->opts.c * f->value[mode], f->opts.momentum, step);
}

double fqp_flow_factor(const fqp_flow *f, int64_t mode, double step) {
    return decay(f, mode, f->rule->discrete ? rint(step) : step).factor;
}

/* Weights of the modes at a step: of the residual, or of how far the function has moved. */
static fqp_status weigh(const fqp_flow *f, const char *who, double step, bool moved) {
    if (!(step >= 0))
        return fqpi_fail(f->ctx, FQP_E_ARG, NULL, "%s: step %g is below 0", who, step);
    if (f->rule->discrete && isfinite(step) && step != rint(step))
        return fqpi_fail(f->ctx, FQP_E_ARG, NULL, "%s: step %g; %s has whole steps, flow any", who, step,
                         f->rule->name);
    for (int64_t i = 0; i < f->count; i++) {
        const fqpi_decay d = decay(f, i, step);
        const double by = !moved ? d.factor : f->value[i] > 0 ? d.gain / f->value[i] : 0;
        for (int64_t o = 0; o < f->m; o++) {
            const double start = f->start[i * f->m + o], weight = start == 0 ? 0 : by * start;
            f->weight[i * f->m + o] = weight;
            if (!isfinite(weight)) {
                double largest;
                fqp_flow_stable(f, &largest);
                return fqpi_fail(f->ctx, FQP_E_DIVERGED, NULL,
                                 "%s: mode %lld has left the finite numbers at step %g; lr %g is above the largest "
                                 "stable %.6g",
                                 who, (long long)i, step, f->opts.lr, largest);
            }
        }
    }
    return FQP_OK;
}

fqp_status fqp_flow_residual(const fqp_flow *f, double step, double *r) {
    if (!f || !r)
        return FQP_E_ARG;
    fqp_status s = weigh(f, "fqp_flow_residual", step, false);
    if (!s)
        sum_modes(f, f->vector, f->row, f->n, f->rest, r);
    return s;
}

/* ---- points elsewhere ------------------------------------------------------------------------------------------ */

enum { CROSS_ROWS = 64 };

typedef struct cross_job {
    const fqp_flow *f;
    const double *cross; /* [n_out, n] */
    double *to;          /* [count, out_row] */
    double *rows;        /* [threads, CROSS_ROWS, row] zero in the padding */
} cross_job;

static void cross_rows(void *arg, int64_t i, int member) {
    const cross_job *j = arg;
    const fqp_flow *f = j->f;
    const int64_t first = i * CROSS_ROWS, left = f->n_out - first, some = left < CROSS_ROWS ? left : CROSS_ROWS;
    double *rows = j->rows + member * CROSS_ROWS * f->row;
    for (int64_t q = 0; q < some; q++)
        memcpy(rows + q * f->row, j->cross + (first + q) * f->n, (size_t)f->n * sizeof(double));
    f->k->row_dots(&(fqpi_row_dots){.m = f->count,
                                    .n = some,
                                    .k = f->row,
                                    .a = f->vector,
                                    .a_row = f->row,
                                    .b = rows,
                                    .b_row = f->row,
                                    .c = j->to + first,
                                    .c_row = f->out_row,
                                    .scale = 1});
}

fqp_status fqp_flow_points(fqp_flow *f, int64_t n_out, const double *cross, const double *start) {
    if (!f)
        return FQP_E_ARG;
    if (n_out < 1 || !cross)
        return fqpi_fail(f->ctx, FQP_E_ARG, NULL, "fqp_flow_points: a kernel with at least one row is needed");
    if (f->n_out)
        return fqpi_fail(f->ctx, FQP_E_ARG, NULL, "fqp_flow_points: points were given before");
    const int64_t row = padded(f->k, n_out), widest = row > f->row ? row : f->row;
    const size_t threads = (size_t)fqp_ctx_threads(f->ctx), outputs = (size_t)n_out * (size_t)f->m;
    double *rows = fqpi_calloc(f->ctx, threads * CROSS_ROWS * (size_t)f->row, sizeof *rows);
    double *to = fqpi_calloc(f->ctx, (size_t)f->count * (size_t)row, sizeof *to);
    double *f0 = fqpi_calloc(f->ctx, outputs, sizeof *f0);
    double *panel = fqpi_alloc(f->ctx, (size_t)f->m * (size_t)widest, sizeof *panel);
    if (!rows || !to || !f0 || !panel) {
        double *const all[] = {rows, to, f0, panel};
        for (int i = 0; i < 4; i++)
            fqpi_free(all[i]);
        return FQP_E_NOMEM;
    }
    fqpi_free(f->panel);
    f->n_out = n_out, f->out_row = row, f->cross = to, f->f0 = f0, f->panel = panel;
    if (start)
        memcpy(f0, start, outputs * sizeof *f0);
    cross_job job = {f, cross, to, rows};
    fqpi_team_for(f->ctx, (n_out + CROSS_ROWS - 1) / CROSS_ROWS, cross_rows, &job);
    fqpi_free(rows);
    return FQP_OK;
}

fqp_status fqp_flow_eval(const fqp_flow *f, double step, double *out) {
    if (!f || !out)
        return FQP_E_ARG;
    if (!f->n_out)
        return fqpi_fail(f->ctx, FQP_E_ARG, NULL, "fqp_flow_eval: no points were given (fqp_flow_points)");
    fqp_status s = weigh(f, "fqp_flow_eval", step, true);
    if (!s)
        sum_modes(f, f->cross, f->out_row, f->n_out, f->f0, out);
    return s;
}
