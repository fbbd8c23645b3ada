/* lfp_norm.c - the FP-norm of a function on a grid, the norm of gamma, and the a-priori bound made of both.
 *
 * On a box of one period f = sum_k c_k exp(2 pi i xi_k.x), F_k = c_k prod P, xi_k = k/P:
 *     ||f||^2 = sum |F_k|^2/(gamma^2 prod P),   ||gamma||^2 = sum gamma^2/prod P,   |f| <= ||f|| ||gamma|| (Cauchy). */
#include "lfp_i.h"

#include "fail.h"
#include "fft.h"
#include "gamma.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { AXES = 3 };

static fqp_status check_axes(fqp_ctx *ctx, const fqp_lfp_law *law, const double *period) {
    const fqp_status s = fqpi_lfp_check(ctx, law);
    if (s)
        return s;
    if (law->d > AXES)
        return fqpi_fail(
            ctx, FQP_E_UNSUPPORTED, NULL,
            "lfp: sums over a lattice of frequencies are made in up to %d dimensions, not in %lld: the lattice "
            "grows as a power of the dimension",
            AXES, (long long)law->d);
    for (int64_t j = 0; j < law->d; j++)
        if (!(period[j] > 0) || !isfinite(period[j]))
            return fqpi_fail(ctx, FQP_E_ARG, NULL, "lfp: period %lld is %g, it must be above 0", (long long)j,
                             period[j]);
    return FQP_OK;
}

/* ---- of a function on a grid ------------------------------------------------------------------------------------- */

/* Sum over the stored half of the transform; modes with k_last strictly inside count twice. */
static void sum_modes(const fqp_lfp_law *law, const int64_t *shape, const double *period, const double *z, double *all,
                      double *upper) {
    const int64_t last = law->d - 1, half = shape[last] / 2 + 1;
    int64_t outer = 1;
    double cells = 1, volume = 1;
    for (int64_t j = 0; j < law->d; j++) {
        outer *= j < last ? shape[j] : 1;
        cells *= (double)shape[j];
        volume *= period[j];
    }
    for (int64_t o = 0; o < outer; o++)
        for (int64_t q = 0; q < half; q++) {
            int64_t rest = o, k = q;
            double xi2 = 0, high = 0;
            for (int64_t j = last; j >= 0; j--) {
                if (j < last) {
                    k = rest % shape[j];
                    rest /= shape[j];
                    k = 2 * k > shape[j] ? k - shape[j] : k;
                }
                xi2 += (double)k / period[j] * (double)k / period[j];
                high = fmax(high, 4 * fabs((double)k) / (double)shape[j]); /* above 1: upper half of this axis */
            }
            if (xi2 == 0)
                continue;
            const double *c = z + 2 * (o * half + q), twice = q == 0 || 2 * q == shape[last] ? 1 : 2;
            const double term =
                twice * (c[0] * c[0] + c[1] * c[1]) / (cells * cells) * volume / fqp_lfp_symbol(law, sqrt(xi2));
            *all += term;
            *upper += high > 1 ? term : 0;
        }
}

fqp_status fqp_lfp_norm(fqp_ctx *ctx, const fqp_lfp_law *law, const int64_t *shape, const double *period,
                        const double *f, double *norm, double *tail) {
    if (!shape || !period || !f || !norm)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_lfp_norm: shape, period and values are needed");
    fqp_status s = check_axes(ctx, law, period);
    fqpi_fft *fft = NULL;
    int64_t count = 1;
    for (int64_t j = 0; j < (s ? 0 : law->d); j++) {
        if (shape[j] < 2)
            return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "fqp_lfp_norm: axis %lld has %lld points, at least 2 are needed",
                             (long long)j, (long long)shape[j]);
        count *= shape[j];
    }
    if (!s)
        s = fqpi_fft_create(ctx, (int)law->d, shape, &fft);
    if (s)
        return s;
    memcpy(fqpi_fft_field(fft), f, (size_t)count * sizeof *f);
    double all = 0, upper = 0;
    sum_modes(law, shape, period, fqpi_fft_run(fft), &all, &upper);
    fqpi_fft_destroy(fft);
    *norm = sqrt(all);
    if (tail)
        *tail = all > 0 ? upper / all : 0;
    return FQP_OK;
}

/* ---- of gamma ---------------------------------------------------------------------------------------------------- */

/* int_{|xi| > from} gamma^2 dxi, by xi = from/u and the midpoint rule, whose integrand is smooth on [0, 1]. */
static double beyond(const fqp_lfp_law *law, double from) {
    enum { PARTS = 400 };
    const double d = (double)law->d, sphere = 2 * exp(d / 2 * log(M_PI) - fqpi_log_gamma(d / 2));
    double sum = 0;
    for (int p = 0; p < PARTS; p++) {
        const double u = (p + 0.5) / PARTS, xi = from / u;
        sum += pow(xi, d - 1) * fqp_lfp_symbol(law, xi) * from / (u * u) / PARTS;
    }
    return sphere * sum;
}

fqp_status fqp_lfp_gamma(fqp_ctx *ctx, const fqp_lfp_law *law, const double *period, double *gamma) {
    static const int64_t reach[AXES + 1] = {0, 4000, 60, 16}; /* of the shortest axis */
    if (!period || !gamma)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_lfp_gamma: periods are needed");
    const fqp_status s = check_axes(ctx, law, period);
    if (s)
        return s;
    double volume = 1, shortest = INFINITY, sum = 0;
    int64_t count = 1, side[AXES];
    for (int64_t j = 0; j < law->d; j++) {
        volume *= period[j];
        shortest = fmin(shortest, period[j]);
    }
    const double ball = ((double)reach[law->d] + 0.5) / shortest;
    for (int64_t j = 0; j < law->d; j++) {
        side[j] = (int64_t)ceil(ball * period[j]);
        count *= 2 * side[j] + 1;
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t rest = i;
        double xi2 = 0;
        for (int64_t j = 0; j < law->d; j++) {
            const double xi = (double)(rest % (2 * side[j] + 1) - side[j]) / period[j];
            rest /= 2 * side[j] + 1;
            xi2 += xi * xi;
        }
        if (xi2 > 0 && xi2 <= ball * ball)
            sum += fqp_lfp_symbol(law, sqrt(xi2)) / volume;
    }
    *gamma = sqrt(sum + beyond(law, ball));
    return FQP_OK;
}

/* ---- the bound --------------------------------------------------------------------------------------------------- */

static double constant(double delta) {
    return 2 + 4 * sqrt(2 * log(4 / delta));
}

double fqp_lfp_bound(double norm, double gamma, double n, double delta) {
    return norm * gamma * constant(delta) / sqrt(n);
}

double fqp_lfp_samples(double norm, double gamma, double error, double delta) {
    const double root = norm * gamma * constant(delta) / error;
    return ceil(root * root);
}
