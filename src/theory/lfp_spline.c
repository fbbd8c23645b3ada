/* lfp_spline.c - the two limits of the linear frequency principle in one dimension, by the textbook: the linear
 * interpolant (A = 0), and the natural cubic spline (B = 0), whose second derivatives solve a tridiagonal system
 * (de Boor 1978, chapter 4). */
#include <fqp/lfp.h>

#include "fail.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>

typedef struct knot {
    double x, y, second; /* second derivative of the spline */
} knot;

static int by_x(const void *a, const void *b) {
    const double p = ((const knot *)a)->x, q = ((const knot *)b)->x;
    return (p > q) - (p < q);
}

static fqp_status sorted(fqp_ctx *ctx, int64_t n, const double *x, const double *y, knot **out) {
    if (n < 2 || !x || !y)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "a spline needs two points or more, and their values");
    knot *k = fqpi_alloc(ctx, (size_t)n, sizeof *k);
    if (!k)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < n; i++)
        k[i] = (knot){x[i], y[i], 0};
    qsort(k, (size_t)n, sizeof *k, by_x);
    for (int64_t i = 0; i + 1 < n; i++)
        if (!(k[i].x < k[i + 1].x) || !isfinite(k[i].x) || !isfinite(k[i + 1].x)) {
            const double at = k[i].x;
            fqpi_free(k);
            return fqpi_fail(ctx, FQP_E_DATA, NULL, "a spline needs points that are finite and distinct; %g is not",
                             at);
        }
    *out = k;
    return FQP_OK;
}

/* M_i of (h_{i-1} M_{i-1} + 2 (h_{i-1} + h_i) M_i + h_i M_{i+1})/6 = slope_i - slope_{i-1}, 0 at both ends. */
static fqp_status second_derivatives(fqp_ctx *ctx, int64_t n, knot *k) {
    double *upper = fqpi_calloc(ctx, (size_t)n, sizeof *upper);
    if (!upper)
        return FQP_E_NOMEM;
    for (int64_t i = 1; i + 1 < n; i++) {
        const double h0 = k[i].x - k[i - 1].x, h1 = k[i + 1].x - k[i].x;
        const double jump = (k[i + 1].y - k[i].y) / h1 - (k[i].y - k[i - 1].y) / h0;
        const double pivot = 2 * (h0 + h1) - h0 * upper[i - 1];
        upper[i] = h1 / pivot;
        k[i].second = (6 * jump - h0 * k[i - 1].second) / pivot;
    }
    for (int64_t i = n - 2; i > 0; i--)
        k[i].second -= upper[i] * k[i + 1].second;
    fqpi_free(upper);
    return FQP_OK;
}

static double eval(int64_t n, const knot *k, double x) {
    int64_t i = 0;
    while (i + 2 < n && x >= k[i + 1].x)
        i++;
    const double h = k[i + 1].x - k[i].x, slope = (k[i + 1].y - k[i].y) / h;
    const double t = fmin(fmax(x, k[0].x), k[n - 1].x), p = t - k[i].x, q = k[i + 1].x - t;
    const double m0 = k[i].second, m1 = k[i + 1].second;
    const double inside = k[i].y + slope * p - p * q * (m0 * (1 + q / h) + m1 * (1 + p / h)) / 6;
    if (t == x)
        return inside;
    const double end = x < t ? slope - h * (2 * m0 + m1) / 6 : slope + h * (m0 + 2 * m1) / 6;
    return inside + end * (x - t);
}

static fqp_status spline(fqp_ctx *ctx, bool cubic, int64_t n, const double *x, const double *y, int64_t k,
                         const double *at, double *out) {
    knot *knots = NULL;
    fqp_status s = sorted(ctx, n, x, y, &knots);
    if (!s && cubic)
        s = second_derivatives(ctx, n, knots);
    for (int64_t i = 0; i < k && !s; i++)
        out[i] = eval(n, knots, at[i]);
    fqpi_free(knots);
    return s;
}

fqp_status fqp_spline_linear(fqp_ctx *ctx, int64_t n, const double *x, const double *y, int64_t k, const double *at,
                             double *out) {
    return spline(ctx, false, n, x, y, k, at, out);
}

fqp_status fqp_spline_cubic(fqp_ctx *ctx, int64_t n, const double *x, const double *y, int64_t k, const double *at,
                            double *out) {
    return spline(ctx, true, n, x, y, k, at, out);
}
