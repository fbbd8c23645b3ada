/* lfp.c - the function of least FP-norm through the points: h = sum_j alpha_j G(x - x_j) + c_0 + c.x.
 *
 * G is conditionally positive definite, of order 2 with the affine part, of order 1 with the constant alone, so that
 *     [ G   P ] [alpha]   [y]
 *     [ P^T 0 ] [  c  ] = [0],   P = [1, x]
 * has one solution when P has full rank, and ||h||^2 = alpha^T G alpha (Duchon 1977; Luo, Ma, Xu, Zhang 2010.08153).
 * G is divided by its mean modulus and the points are moved into [-1, 1], which the condition needs. */
#include "lfp_i.h"

#include "fail.h"
#include "lapack.h"
#include "mem.h"

#include <math.h>
#include <string.h>

struct fqp_lfp {
    fqp_ctx *ctx;
    fqpi_radial g;
    int64_t n, d, m, q; /* q: columns of P */
    fqp_array x, y;     /* [n, d], [n, m] */
    double *center;     /* [d] */
    double scale;       /* x~ = (x - center)/scale in [-1, 1] */
    double *alpha;      /* [m, n] */
    double *c;          /* [m, q] of 1, x~ */
    double size;        /* mean modulus of G */
    fqp_lfp_facts facts;
};

/* ---- arrays ------------------------------------------------------------------------------------------------------ */

fqp_status fqpi_lfp_matrix(fqp_ctx *ctx, const char *what, fqp_view v, int64_t n, int64_t columns, fqp_array *out) {
    if (!v.data || v.ndim < 1 || v.ndim > 2 || v.shape[0] < 1)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "lfp: %s [n] or [n, columns] are needed", what);
    const int64_t rows = v.shape[0], cols = v.ndim == 2 ? v.shape[1] : 1;
    if ((n > 0 && rows != n) || (columns > 0 && cols != columns) || cols < 1)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "lfp: %s are %lld x %lld, expected %lld x %lld", what, (long long)rows,
                         (long long)cols, (long long)(n > 0 ? n : rows), (long long)(columns > 0 ? columns : cols));
    fqp_array a = {0};
    const fqp_status s = fqp_array_convert(ctx, v, FQP_F64, &a);
    if (s)
        return s;
    a.ndim = 2;
    a.shape[1] = cols;
    const double *value = a.data;
    for (int64_t i = 0; i < rows * cols; i++)
        if (!isfinite(value[i])) {
            fqp_array_free(&a);
            return fqpi_fail(ctx, FQP_E_DATA, NULL, "lfp: %s: element (%lld, %lld) is not finite", what,
                             (long long)(i / cols), (long long)(i % cols));
        }
    *out = a;
    return FQP_OK;
}

double fqpi_lfp_distance(int64_t d, const double *a, const double *b) {
    if (d == 1)
        return fabs(a[0] - b[0]);
    double sum = 0;
    for (int64_t j = 0; j < d; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sqrt(sum);
}

static const double *point(const fqp_lfp *l, int64_t i) {
    return (const double *)l->x.data + i * l->d;
}

/* Row of P at x. */
static void affine(const fqp_lfp *l, const double *x, double *p) {
    p[0] = 1;
    for (int64_t j = 1; j < l->q; j++)
        p[j] = (x[j - 1] - l->center[j - 1]) / l->scale;
}

static void measure_points(fqp_lfp *l) {
    for (int64_t j = 0; j < l->d; j++) {
        double low = INFINITY, high = -INFINITY;
        for (int64_t i = 0; i < l->n; i++) {
            low = fmin(low, point(l, i)[j]);
            high = fmax(high, point(l, i)[j]);
        }
        l->center[j] = (low + high) / 2;
        l->scale = fmax(l->scale, (high - low) / 2);
    }
    if (l->scale == 0)
        l->scale = 1;
}

/* ---- what can be solved ------------------------------------------------------------------------------------------ */

/* Columns of P are made orthogonal one after another; one that vanishes is a combination of those before. */
static fqp_status check_rank(const fqp_lfp *l) {
    if (l->n < l->q)
        return fqpi_fail(
            l->ctx, FQP_E_DATA, NULL,
            "lfp: %lld points in %lld dimensions leave the affine part c_0 + c.x open, which costs nothing "
            "in FP-norm; at least %lld points are needed",
            (long long)l->n, (long long)l->d, (long long)l->q);
    double *p = fqpi_alloc(l->ctx, (size_t)(l->n * l->q), sizeof *p), row[1 + 64] = {0};
    double *room = l->q <= 64 ? row : fqpi_alloc(l->ctx, (size_t)l->q, sizeof *room);
    fqp_status s = p && room ? FQP_OK : FQP_E_NOMEM;
    for (int64_t i = 0; i < l->n && !s; i++) {
        affine(l, point(l, i), room);
        for (int64_t j = 0; j < l->q; j++)
            p[j * l->n + i] = room[j];
    }
    for (int64_t j = 0; j < l->q && !s; j++) {
        double *v = p + j * l->n, size = 0;
        for (int64_t k = 0; k < j; k++) {
            double dot = 0;
            for (int64_t i = 0; i < l->n; i++)
                dot += v[i] * p[k * l->n + i];
            for (int64_t i = 0; i < l->n; i++)
                v[i] -= dot * p[k * l->n + i];
        }
        for (int64_t i = 0; i < l->n; i++)
            size += v[i] * v[i];
        size = sqrt(size);
        if (size < 1e-9 * sqrt((double)l->n))
            s = fqpi_fail(
                l->ctx, FQP_E_DATA, NULL,
                "lfp: the points lie in a plane (coordinate %lld follows from those before), so that the affine "
                "part c_0 + c.x across it is open; add a point outside, or leave the coordinate out",
                (long long)j);
        for (int64_t i = 0; i < l->n && !s; i++)
            v[i] /= size;
    }
    if (room != row)
        fqpi_free(room);
    fqpi_free(p);
    return s;
}

static fqp_status check_distinct(const fqp_lfp *l, int64_t i, int64_t j) {
    const double *y = l->y.data;
    for (int64_t o = 0; o < l->m; o++)
        if (y[i * l->m + o] != y[j * l->m + o])
            return fqpi_fail(l->ctx, FQP_E_DATA, NULL,
                             "lfp: points %lld and %lld coincide and have other targets (%g and %g): no function goes "
                             "through both; ask for a ridge",
                             (long long)j, (long long)i, y[j * l->m + o], y[i * l->m + o]);
    return FQP_OK;
}

static fqp_status check_room(const fqp_lfp *l) {
    const double rows = (double)(l->n + l->q), bytes = 2 * rows * rows * sizeof(double), free = fqpi_memory_free();
    char need[FQPI_BYTES_SIZE], have[FQPI_BYTES_SIZE];
    if (bytes <= free)
        return FQP_OK;
    return fqpi_fail(l->ctx, FQP_E_NOMEM, NULL,
                     "lfp: the system of %lld points takes %s, %s are free: take fewer points", (long long)l->n,
                     fqpi_bytes_text(bytes, need), fqpi_bytes_text(free, have));
}

/* ---- the system -------------------------------------------------------------------------------------------------- */

/* Lower triangle of G between the points into g [n, n]. */
static fqp_status fill_kernel(fqp_lfp *l, double *g, bool ridged) {
    double sum = 0;
    for (int64_t i = 0; i < l->n; i++)
        for (int64_t j = 0; j <= i; j++) {
            const double far = fqpi_lfp_distance(l->d, point(l, i), point(l, j));
            const fqp_status s = far == 0 && i != j && !ridged ? check_distinct(l, i, j) : FQP_OK;
            if (s)
                return s;
            g[i * l->n + j] = fqpi_radial_at(&l->g, far);
            sum += fabs(g[i * l->n + j]);
        }
    l->size = l->n > 1 ? 2 * sum / ((double)l->n * (double)(l->n + 1)) : fmax(sum, 1);
    if (l->size == 0)
        l->size = 1;
    return FQP_OK;
}

/* [[G/size + ridge, P], [P^T, 0]], lower triangle, row by row. */
static void fill_system(const fqp_lfp *l, const double *g, double ridge, double *a) {
    const int64_t n = l->n, rows = n + l->q;
    memset(a, 0, (size_t)(rows * rows) * sizeof *a);
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j <= i; j++)
            a[i * rows + j] = g[i * n + j] / l->size;
        a[i * rows + i] += ridge;
        double *p = l->c; /* [q] is enough room, and not in use yet */
        affine(l, point(l, i), p);
        for (int64_t j = 0; j < l->q; j++)
            a[(n + j) * rows + i] = p[j];
    }
}

static fqp_status solve_once(fqp_lfp *l, const double *g, double ridge, double *a, double *b) {
    const int64_t rows = l->n + l->q;
    fill_system(l, g, ridge, a);
    memset(b, 0, (size_t)(l->m * rows) * sizeof *b);
    for (int64_t o = 0; o < l->m; o++)
        for (int64_t i = 0; i < l->n; i++)
            b[o * rows + i] = ((const double *)l->y.data)[i * l->m + o];
    double reciprocal = 0;
    const fqp_status s = fqpi_symmetric_solve(l->ctx, "lfp", rows, a, l->m, b, &reciprocal);
    l->facts.ridge = ridge;
    l->facts.condition = 1 / reciprocal;
    return s;
}

/* alpha, c and the norm from the solution b; g is the kernel. */
static void take_solution(fqp_lfp *l, const double *g, const double *b) {
    const int64_t n = l->n, rows = n + l->q;
    double norm2 = 0;
    for (int64_t o = 0; o < l->m; o++) {
        double *alpha = l->alpha + o * n;
        for (int64_t i = 0; i < n; i++)
            alpha[i] = b[o * rows + i] / l->size;
        memcpy(l->c + o * l->q, b + o * rows + n, (size_t)l->q * sizeof *b);
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j <= i; j++)
                norm2 += (i == j ? 1 : 2) * alpha[i] * alpha[j] * g[i * n + j];
    }
    l->facts.norm = sqrt(fmax(norm2, 0));
}

/* Exactly; when that is singular to working precision, with the ridge that the header states. */
static fqp_status solve(fqp_lfp *l, double asked, double *g, double *a, double *b) {
    fqp_status s = fill_kernel(l, g, asked > 0);
    const bool clean = fqp_ctx_problem_count(l->ctx) == 0;
    if (!s)
        s = solve_once(l, g, asked, a, b);
    if (s == FQP_E_DATA && asked == 0 && clean) {
        fqp_ctx_problems_clear(l->ctx);
        s = fill_kernel(l, g, false);
        if (!s)
            s = solve_once(l, g, 1e-12, a, b);
        if (!s)
            fqpi_log(l->ctx, FQP_LOG_WARN,
                     "lfp: the system of %lld points is singular to working precision; a ridge of "
                     "1e-12 of the kernel's mean was added",
                     (long long)l->n);
    }
    if (!s)
        take_solution(l, g, b);
    return s;
}

static double largest_miss(const fqp_lfp *l, const double *h) {
    double most = 0;
    for (int64_t i = 0; i < l->n * l->m; i++)
        most = fmax(most, fabs(h[i] - ((const double *)l->y.data)[i]));
    return most;
}

static fqp_status build(fqp_lfp *l, double ridge) {
    const size_t n = (size_t)l->n, rows = (size_t)(l->n + l->q);
    double *g = fqpi_alloc(l->ctx, n * n, sizeof *g), *a = fqpi_alloc(l->ctx, rows * rows, sizeof *a);
    double *b = fqpi_alloc(l->ctx, rows * (size_t)l->m, sizeof *b),
           *h = fqpi_alloc(l->ctx, n * (size_t)l->m, sizeof *h);
    fqp_status s = g && a && b && h ? fqpi_lapack_ready(l->ctx, "the linear frequency principle needs") : FQP_E_NOMEM;
    if (!s)
        s = solve(l, ridge, g, a, b);
    if (!s)
        s = fqp_lfp_eval(l, fqp_array_view(&l->x), h);
    if (!s)
        l->facts.miss = largest_miss(l, h);
    fqpi_free(g);
    fqpi_free(a);
    fqpi_free(b);
    fqpi_free(h);
    return s;
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

static fqp_status take_points(fqp_lfp *l, fqp_view x, fqp_view y) {
    fqp_status s = fqpi_lfp_matrix(l->ctx, "points", x, 0, l->g.law.d, &l->x);
    if (!s)
        s = fqpi_lfp_matrix(l->ctx, "targets", y, l->x.shape[0], 0, &l->y);
    if (s)
        return s;
    l->n = l->x.shape[0];
    l->d = l->x.shape[1];
    l->m = l->y.shape[1];
    l->q = fqpi_lfp_affine(&l->g.law) ? l->d + 1 : 1;
    l->center = fqpi_calloc(l->ctx, (size_t)l->d, sizeof *l->center);
    l->alpha = fqpi_calloc(l->ctx, (size_t)(l->m * l->n), sizeof *l->alpha);
    l->c = fqpi_calloc(l->ctx, (size_t)(l->m * l->q), sizeof *l->c);
    return l->center && l->alpha && l->c ? FQP_OK : FQP_E_NOMEM;
}

fqp_status fqp_lfp_create(fqp_ctx *ctx, const fqp_lfp_law *law, fqp_view x, fqp_view y, const fqp_lfp_opts *opts,
                          fqp_lfp **out) {
    if (!ctx || !out)
        return FQP_E_ARG;
    const double ridge = opts ? opts->ridge : 0;
    fqp_status s = fqpi_lfp_check(ctx, law);
    if (!s && !(ridge >= 0 && isfinite(ridge)))
        s = fqpi_fail(ctx, FQP_E_ARG, NULL, "lfp: the ridge is %g, it must be 0 or more", ridge);
    if (s)
        return s;
    fqp_lfp *l = fqpi_calloc(ctx, 1, sizeof *l);
    if (!l)
        return FQP_E_NOMEM;
    l->ctx = ctx;
    l->g = fqpi_radial_of(law);
    s = take_points(l, x, y);
    if (!s) {
        measure_points(l);
        s = check_rank(l);
    }
    if (!s)
        s = check_room(l);
    if (!s)
        s = build(l, ridge);
    if (s) {
        fqp_lfp_destroy(l);
        return s;
    }
    *out = l;
    return FQP_OK;
}

void fqp_lfp_destroy(fqp_lfp *l) {
    if (!l)
        return;
    fqp_array_free(&l->x);
    fqp_array_free(&l->y);
    fqpi_free(l->center);
    fqpi_free(l->alpha);
    fqpi_free(l->c);
    fqpi_free(l);
}

fqp_lfp_facts fqp_lfp_describe(const fqp_lfp *l) {
    fqp_lfp_facts f = l->facts;
    double reach = 0;
    for (int64_t i = 0; i < l->n; i++)
        reach = fmax(reach, fqpi_lfp_distance(l->d, point(l, i), l->center));
    f.n = l->n;
    f.d = l->d;
    f.m = l->m;
    f.crossover = fqp_lfp_crossover(&l->g.law);
    f.spread = l->g.law.spread / (l->g.law.radius * reach);
    return f;
}

const double *fqp_lfp_alpha(const fqp_lfp *l) {
    return l->alpha;
}

static void eval_point(const fqp_lfp *l, const double *z, double *p, double *g, double *out) {
    affine(l, z, p);
    for (int64_t j = 0; j < l->n; j++)
        g[j] = fqpi_radial_at(&l->g, fqpi_lfp_distance(l->d, z, point(l, j)));
    for (int64_t o = 0; o < l->m; o++) {
        double sum = 0;
        for (int64_t j = 0; j < l->n; j++)
            sum += l->alpha[o * l->n + j] * g[j];
        for (int64_t j = 0; j < l->q; j++)
            sum += l->c[o * l->q + j] * p[j];
        out[o] = sum;
    }
}

fqp_status fqp_lfp_eval(const fqp_lfp *l, fqp_view x, double *out) {
    fqp_array at = {0};
    fqp_status s = fqpi_lfp_matrix(l->ctx, "points to evaluate at", x, 0, l->d, &at);
    double *p = s ? NULL : fqpi_alloc(l->ctx, (size_t)(l->q + l->n), sizeof *p);
    if (!s && !p)
        s = FQP_E_NOMEM;
    for (int64_t k = 0; !s && k < at.shape[0]; k++)
        eval_point(l, (const double *)at.data + k * l->d, p, p + l->q, out + k * l->m);
    fqpi_free(p);
    fqp_array_free(&at);
    return s;
}
