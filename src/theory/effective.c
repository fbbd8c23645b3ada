/* effective.c - the frequencies of the effective target behind a hidden layer (Xu, Zhou arXiv 2007.14313).
 *
 *   LFR(delta) = sum_i |y_i^low|^2 / sum_i |y_i|^2,   y^low = Gaussian low-pass of variance delta in feature space
 *   RDF = d LFR / d(1/delta)
 * Layers of different width and scale are made comparable by dividing the features by their mean norm. */
#include <fqp/layers.h>

#include "fail.h"
#include "gauss_filter.h"
#include "mem.h"
#include "real.h"

#include <math.h>

static const double ROUNDING = 1e-12; /* of the mean of a constant */

static int64_t columns(fqp_view v) {
    return v.ndim == 2 ? v.shape[1] : 1;
}

/* h over its mean norm; false: all of it is 0. */
static bool normalise(fqp_view h, int64_t n, int64_t w, double *out) {
    double norms = 0;
    for (int64_t i = 0; i < n; i++) {
        double square = 0;
        for (int64_t c = 0; c < w; c++) {
            out[i * w + c] = fqpi_real_at(h, i * w + c);
            square += out[i * w + c] * out[i * w + c];
        }
        norms += sqrt(square);
    }
    for (int64_t i = 0; i < n * w; i++)
        out[i] *= (double)n / norms;
    return norms > 0;
}

/* y less its mean; its energy, 0 when that is nothing but rounding. */
static double centre(fqp_view y, int64_t n, int64_t m, double *out) {
    double energy = 0, whole = 0;
    for (int64_t c = 0; c < m; c++) {
        double mean = 0;
        for (int64_t i = 0; i < n; i++)
            mean += fqpi_real_at(y, i * m + c) / (double)n;
        for (int64_t i = 0; i < n; i++) {
            const double v = fqpi_real_at(y, i * m + c);
            out[i * m + c] = v - mean;
            energy += (v - mean) * (v - mean);
            whole += v * v;
        }
    }
    return energy > ROUNDING * ROUNDING * whole ? energy : 0;
}

static void density(size_t nk, const double *k, const double *lfr, double *rdf) {
    double most = 0;
    for (size_t i = 0; i < nk; i++) {
        const size_t a = i ? i - 1 : 0, b = i + 1 < nk ? i + 1 : i;
        rdf[i] = (lfr[b] - lfr[a]) / (k[b] - k[a]);
        most = fmax(most, rdf[i]);
    }
    for (size_t i = 0; i < nk && most > 0; i++)
        rdf[i] /= most;
}

static double mean_of(size_t nk, const double *k, const double *lfr) {
    double sum = 0;
    for (size_t i = 0; i + 1 < nk; i++)
        sum += (k[i] + k[i + 1]) / 2 * (lfr[i + 1] - lfr[i]);
    return sum / (lfr[nk - 1] - lfr[0]);
}

static fqp_status check(fqp_ctx *ctx, fqp_view h, fqp_view y, size_t nk, const double *k, const double *lfr) {
    if (!h.data || !y.data || !k || !lfr || !fqpi_is_real(h.dtype) || !fqpi_is_real(y.dtype) || h.ndim < 1 ||
        h.ndim > 2 || y.ndim < 1 || y.ndim > 2 || h.shape[0] < 2 || columns(h) < 1 || columns(y) < 1)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "effective target: features [n, w], targets [n, m] and room for the ratios are needed");
    if (h.shape[0] != y.shape[0])
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "effective target: %lld rows of features, %lld of targets",
                         (long long)h.shape[0], (long long)y.shape[0]);
    bool rising = nk >= 3 && k[0] > 0 && isfinite(k[nk - 1]);
    for (size_t i = 1; i < nk; i++)
        rising = rising && k[i] > k[i - 1];
    return rising ? FQP_OK
                  : fqpi_fail(ctx, FQP_E_ARG, NULL,
                              "effective target: at least three rising values of 1/delta above 0 "
                              "are needed");
}

/* Everything in one block: features, target, widths, filtered targets. */
static fqp_status ratios(fqp_ctx *ctx, fqp_view h, fqp_view y, size_t nk, const double *k, double *lfr) {
    const int64_t n = h.shape[0], w = columns(h), m = columns(y);
    double *block = fqpi_alloc(ctx, (size_t)(n * w + n * m) + nk + nk * (size_t)(n * m), sizeof *block);
    if (!block)
        return FQP_E_NOMEM;
    double *feature = block, *target = feature + n * w, *delta = target + n * m, *low = delta + nk;
    const double energy = centre(y, n, m, target);
    fqp_status s = FQP_OK;
    if (!normalise(h, n, w, feature))
        s = fqpi_fail(ctx, FQP_E_DATA, NULL, "effective target: all features are 0");
    else if (!(energy > 0))
        s = fqpi_fail(ctx, FQP_E_DATA, NULL, "effective target: the target is constant, it has no frequencies");
    for (size_t i = 0; i < nk; i++)
        delta[i] = 1 / k[i];
    if (!s)
        s = fqpi_filter(ctx, fqp_view_2d(feature, n, w), fqp_view_2d(target, n, m), delta, nk, low);
    for (size_t i = 0; i < nk && !s; i++) {
        lfr[i] = 0;
        for (int64_t j = 0; j < n * m; j++)
            lfr[i] += low[(int64_t)i * n * m + j] * low[(int64_t)i * n * m + j] / energy;
    }
    fqpi_free(block);
    return s;
}

fqp_status fqp_effective_target(fqp_ctx *ctx, fqp_view h, fqp_view y, size_t nk, const double *k, double *lfr,
                                double *rdf, double *mean) {
    if (!ctx)
        return FQP_E_ARG;
    fqp_status s = check(ctx, h, y, nk, k, lfr);
    if (!s)
        s = ratios(ctx, h, y, nk, k, lfr);
    if (!s && rdf)
        density(nk, k, lfr, rdf);
    if (!s && mean)
        *mean = mean_of(nk, k, lfr);
    return s;
}
