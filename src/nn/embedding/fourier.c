/* fourier: the rows of B are N(0, sigma^2) in cycles per unit (Tancik et al. 2006.10739, Gaussian features). */
#include "fail.h"
#include "rng.h"
#include "waves.h"

static double sigma(const fqp_model_opts *o, int64_t axis) {
    return o->feature_sigma.n == 0 ? 1 : o->feature_sigma.v[o->feature_sigma.n == 1 ? 0 : axis];
}

static fqp_status check(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o) {
    const int64_t given = (int64_t)o->feature_sigma.n;
    fqp_status s = FQP_OK;
    if (o->features < 1)
        s = fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.features: embedding fourier needs at least 1 frequency, not %lld",
                      (long long)o->features);
    if (given > 1 && given != d)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.feature_sigma: %lld numbers for %lld coordinates; give one, or one for each",
                         (long long)given, (long long)d);
    double most = 0;
    for (int64_t c = 0; c < d; c++)
        most = sigma(o, c) > most ? sigma(o, c) : most;
    if (!(most > 0))
        s = fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                      "model.feature_sigma: frequencies of spread %g are all 0; embedding fourier needs more", most);
    return s;
}

static int64_t width(int64_t d, const fqp_model_opts *o) {
    (void)d;
    return 2 * o->features;
}

static int64_t fixed(int64_t d, const fqp_model_opts *o) {
    return fqpi_waves_fixed(d, o, o->features);
}

static void draw(int64_t d, const fqp_model_opts *o, uint64_t seed, int64_t branch, double *B) {
    const int64_t n = d * o->features;
    fqpi_rng_normals(seed, FQPI_STREAM_FEATURES, (uint64_t)(branch * n), n, B);
    for (int64_t i = 0; i < n; i++)
        B[i] *= sigma(o, i % d);
    fqpi_waves_amplitudes(d, o, o->features, B);
}

const fqpi_embedding fqpi_embedding_fourier = {.name = "fourier",
                                               .doc = "sines and cosines of model.features random frequencies",
                                               .check = check,
                                               .width = width,
                                               .fixed = fixed,
                                               .draw = draw,
                                               .map = fqpi_waves_map,
                                               .learnt = &fqpi_feature_waves};
