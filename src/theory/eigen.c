/* eigen.c - eigenpairs of kernels: all of them by LAPACK, or the leading ones by block Lanczos iteration. */
#include "eigen.h"
#include "fail.h"
#include "gram_i.h"
#include "lapack.h"
#include "mem.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const double TOLERANCE = 1e-10; /* of the iteration, when none is given */
enum { SMALL = 600, SHARE = 5 }; /* all pairs are as quick for fewer rows, or for more than 1/SHARE of the pairs */

void fqp_eigen_free(fqp_eigen *e) {
    if (!e)
        return;
    fqpi_free(e->value);
    fqpi_free(e->vector);
    *e = (fqp_eigen){0};
}

/* ---- room ---------------------------------------------------------------------------------------- */

static fqp_status ask(fqp_ctx *ctx, int64_t n, int64_t count, double bytes) {
    const double free = fqpi_memory_free();
    char need[FQPI_BYTES_SIZE], have[FQPI_BYTES_SIZE];
    if (bytes <= free)
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_NOMEM, NULL,
                     "%lld eigenpairs of %lld rows take %s, %s are free: ask for fewer of the leading ones, or take "
                     "fewer points",
                     (long long)count, (long long)n, fqpi_bytes_text(bytes, need), fqpi_bytes_text(free, have));
}

static fqp_status room(fqp_ctx *ctx, int64_t n, int64_t count, fqp_eigen *out) {
    *out = (fqp_eigen){.n = n, .count = count, .residual = NAN};
    out->value = fqpi_alloc(ctx, (size_t)count, sizeof(double));
    out->vector = fqpi_alloc(ctx, (size_t)(count * n), sizeof(double));
    return out->value && out->vector ? FQP_OK : FQP_E_NOMEM;
}

/* ---- all pairs ----------------------------------------------------------------------------------- */

typedef fqp_status (*fill_fn)(void *from, double *a);

static double direct_bytes(int64_t n, int64_t count) {
    return ((double)n * (double)n + (double)count * (double)(n + 1)) * sizeof(double) + fqpi_symmetric_eigen_bytes(n);
}

/* a [n, n] is filled by `fill`. */
static fqp_status direct(fqp_ctx *ctx, const char *who, int64_t n, int64_t count, fill_fn fill, void *from,
                         fqp_eigen *out) {
    fqp_status s = ask(ctx, n, count, direct_bytes(n, count));
    if (s)
        return s;
    double *a = fqpi_alloc(ctx, (size_t)(n * n), sizeof *a), *value = fqpi_alloc(ctx, (size_t)n, sizeof *value);
    s = a && value ? fill(from, a) : FQP_E_NOMEM;
    if (!s)
        s = fqpi_symmetric_eigen(ctx, who, n, a, value);
    if (!s)
        s = room(ctx, n, count, out);
    for (int64_t i = 0; i < count && !s; i++) {
        out->value[i] = value[n - 1 - i];
        memcpy(out->vector + i * n, a + (n - 1 - i) * n, (size_t)n * sizeof(double));
    }
    fqpi_free(value);
    fqpi_free(a);
    return s;
}

/* ---- leading pairs ------------------------------------------------------------------------------- */

/* The sign of a vector is free: its largest element (the first of equals) becomes positive. */
static void orient(fqp_eigen *e) {
    for (int64_t i = 0; i < e->count; i++) {
        double *v = e->vector + i * e->n, largest = 0;
        for (int64_t j = 0; j < e->n; j++)
            if (fabs(v[j]) > fabs(largest) * (1 + 1e-8))
                largest = v[j];
        for (int64_t j = 0; j < e->n && largest < 0; j++)
            v[j] = -v[j];
    }
}

/* `beside`: bytes that the operator takes. */
static fqp_status ask_iteration(fqp_ctx *ctx, int64_t n, const fqpi_lanczos_opts *o, double beside) {
    const double result = (double)o->count * (double)(n + 1) * sizeof(double);
    return ask(ctx, n, o->count, fqpi_lanczos_bytes(ctx, n, o) + result + beside);
}

static fqp_status iterate(fqp_ctx *ctx, const char *who, int64_t n, fqpi_operator a, const fqpi_lanczos_opts *o,
                          fqp_eigen *out) {
    fqp_status s = room(ctx, n, o->count, out);
    if (!s)
        s = fqpi_lanczos(ctx, who, n, a, o, out->value, out->vector, &out->residual);
    if (!s && out->residual > 10 * o->tolerance)
        s = fqpi_fail(ctx, FQP_E_DATA, NULL, "%s: a residual is %.2g of the largest eigenvalue, %.2g was asked for",
                      who, out->residual, o->tolerance);
    return s;
}

static fqp_status finish(fqp_status s, fqp_eigen *out) {
    if (s)
        fqp_eigen_free(out);
    else
        orient(out);
    return s;
}

/* ---- of a matrix --------------------------------------------------------------------------------- */

static fqp_status fill_view(void *from, double *a) {
    const fqp_view v = *(fqp_view *)from;
    const int64_t count = v.shape[0] * v.shape[1];
    if (v.dtype == FQP_F64)
        memcpy(a, v.data, (size_t)count * sizeof(double));
    else
        for (int64_t i = 0; i < count; i++)
            a[i] = (double)((const float *)v.data)[i];
    return FQP_OK;
}

static fqp_status apply_view(void *user, const fqpi_panels *p, const double *v, double *out) {
    fqpi_panels_apply(p, *(fqp_view *)user, v, out);
    return FQP_OK;
}

/* A kernel has no negative eigenvalue: what rounding of its n^2 entries can make of 0 is taken as 0, which is n times
 * the unit of the numbers it is held in, relative to the largest (Weyl: |dl| <= |dK| <= n max |dK_ij|).  Larger
 * negative ones are left to be seen. */
static void drop_rounding(fqp_dtype t, fqp_eigen *e) {
    const double unit = t == FQP_F32 ? FLT_EPSILON : DBL_EPSILON, least = unit * (double)e->n * e->value[0];
    for (int64_t i = 0; i < e->count; i++)
        if (e->value[i] < 0 && e->value[i] >= -least)
            e->value[i] = 0;
}

fqp_status fqp_gram_eigen(const fqp_gram *g, int64_t count, double tolerance, fqp_eigen *out) {
    static const char who[] = "eigenpairs";
    if (!g || !out)
        return FQP_E_ARG;
    *out = (fqp_eigen){0};
    fqp_view v = fqp_gram_view(g);
    const int64_t n = v.shape[0];
    if (count < 0 || count > n || !(tolerance >= 0))
        return fqpi_fail(g->ctx, FQP_E_ARG, NULL, "fqp_gram_eigen: %lld of %lld eigenpairs to %g", (long long)count,
                         (long long)n, tolerance);
    const fqpi_lanczos_opts o = {.count = count, .tolerance = tolerance > 0 ? tolerance : TOLERANCE};
    fqp_status s = fqpi_lapack_ready(g->ctx, "eigenpairs need");
    if (s)
        return s;
    if (count == 0 || n <= SMALL || count > n / SHARE || !fqpi_lanczos_fits(n, &o))
        s = direct(g->ctx, who, n, count ? count : n, fill_view, &v, out);
    else if (!(s = ask_iteration(g->ctx, n, &o, 0)))
        s = iterate(g->ctx, who, n, (fqpi_operator){apply_view, &v}, &o, out);
    if (!s)
        drop_rounding(v.dtype, out);
    return finish(s, out);
}

/* ---- of an operator ------------------------------------------------------------------------------ */

typedef struct caller {
    fqp_ctx *ctx;
    int64_t n;
    fqp_apply_fn apply;
    void *user;
    double *in, *out; /* [b, n] */
} caller;

static fqp_status fill_by_caller(void *from, double *a) {
    const caller *c = from;
    enum { TOGETHER = 64 };
    fqp_status s = FQP_OK;
    double *unit = fqpi_calloc(c->ctx, (size_t)(TOGETHER * c->n), sizeof *unit);
    if (!unit)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < c->n && !s; i += TOGETHER) {
        const int64_t some = c->n - i < TOGETHER ? c->n - i : TOGETHER;
        for (int64_t j = 0; j < some; j++)
            unit[j * c->n + i + j] = 1;
        s = c->apply(c->user, some, unit, a + i * c->n);
        for (int64_t j = 0; j < some; j++)
            unit[j * c->n + i + j] = 0;
    }
    fqpi_free(unit);
    return s;
}

static fqp_status apply_by_caller(void *user, const fqpi_panels *p, const double *v, double *out) {
    const caller *c = user;
    fqpi_panels_to_rows(p, p->b, v, c->in);
    fqp_status s = c->apply(c->user, p->b, c->in, c->out);
    if (!s)
        fqpi_panels_from_rows(p, p->b, c->out, out);
    return s;
}

fqp_status fqp_eigen_leading(fqp_ctx *ctx, int64_t n, fqp_apply_fn apply, void *user, int64_t count, double tolerance,
                             fqp_eigen *out) {
    static const char who[] = "eigenpairs";
    if (!ctx || !apply || !out)
        return FQP_E_ARG;
    *out = (fqp_eigen){0};
    if (n < 1 || count < 1 || count > n || !(tolerance >= 0))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_eigen_leading: %lld of %lld eigenpairs to %g", (long long)count,
                         (long long)n, tolerance);
    const fqpi_lanczos_opts o = {.count = count, .tolerance = tolerance > 0 ? tolerance : TOLERANCE};
    caller c = {.ctx = ctx, .n = n, .apply = apply, .user = user};
    fqp_status s = fqpi_lapack_ready(ctx, "eigenpairs need");
    if (s)
        return s;
    if (count > n / SHARE || !fqpi_lanczos_fits(n, &o))
        return finish(direct(ctx, who, n, count, fill_by_caller, &c, out), out);
    s = ask_iteration(ctx, n, &o, 2.0 * FQPI_LANCZOS_BLOCK * (double)n * sizeof(double));
    if (s)
        return s;
    c.in = fqpi_alloc(ctx, (size_t)(FQPI_LANCZOS_BLOCK * n), sizeof(double));
    c.out = fqpi_alloc(ctx, (size_t)(FQPI_LANCZOS_BLOCK * n), sizeof(double));
    s = c.in && c.out ? iterate(ctx, who, n, (fqpi_operator){apply_by_caller, &c}, &o, out) : FQP_E_NOMEM;
    fqpi_free(c.in);
    fqpi_free(c.out);
    return finish(s, out);
}
