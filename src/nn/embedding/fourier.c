/* fourier: gamma(x) = [sin(2 pi B x), cos(2 pi B x)], all sines, then all cosines; the rows of B are N(0, sigma^2) in
 * cycles per unit (Tancik et al. 2006.10739, Gaussian features). */
#include "embedding.h"
#include "fail.h"
#include "real.h"
#include "rng.h"

#include <math.h>

static const double TURN = 2 * 3.14159265358979323846;

static fqp_status check(fqp_ctx *ctx, const fqp_model_opts *o) {
    fqp_status s = FQP_OK;
    if (o->features < 1)
        s = fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.features: embedding fourier needs at least 1 frequency, not %lld",
                      (long long)o->features);
    if (!(o->feature_sigma > 0))
        s = fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                      "model.feature_sigma: frequencies of spread %g are all 0; embedding fourier needs more",
                      o->feature_sigma);
    return s;
}

static int64_t width(int64_t d, const fqp_model_opts *o) {
    (void)d;
    return 2 * o->features;
}

static int64_t fixed(int64_t d, const fqp_model_opts *o) {
    return d * o->features;
}

static void draw(int64_t d, const fqp_model_opts *o, uint64_t seed, int64_t n, double *B) {
    (void)d;
    fqpi_rng_normals(seed, FQPI_STREAM_FEATURES, 0, n, B);
    for (int64_t i = 0; i < n; i++)
        B[i] *= o->feature_sigma;
}

/* sin, cos, -sin, -cos: each the derivative of the one before, times the rate 2 pi b_axis. */
static int64_t map(const fqpi_embed *e, fqp_view x, int64_t at, int64_t from, int order, int64_t axis, double *f) {
    const int64_t count = e->width / 2, half = from < count ? 0 : 1, first = from - half * count;
    const int64_t n = count - first < FQPI_EMBEDDED ? count - first : FQPI_EMBEDDED;
    const double *B = e->fixed + first * e->d;
    const int turn = (int)half + order;
    for (int64_t i = 0; i < n; i++) {
        double turns = 0;
        for (int64_t c = 0; c < e->d; c++)
            turns += B[i * e->d + c] * fqpi_real_at(x, at + c);
        f[i] = TURN * e->scale * turns;
    }
    e->k64->vsincos(n, f, turn % 2 ? NULL : f, turn % 2 ? f : NULL);
    for (int64_t i = 0; i < n && turn > 0; i++)
        f[i] *= (turn < 2 ? 1 : -1) * (order > 0 ? pow(TURN * e->scale * B[i * e->d + axis], order) : 1);
    return n;
}

const fqpi_embedding fqpi_embedding_fourier = {.name = "fourier",
                                               .doc = "sines and cosines of model.features random frequencies",
                                               .check = check,
                                               .width = width,
                                               .fixed = fixed,
                                               .draw = draw,
                                               .map = map};
