/* filter.c - the table of filters of multiplicative filter networks, and how they are drawn (Fathony, Sahu, Willmott &
 * Kolter, ICLR 2021, section 3 and appendix).
 *
 *   h1 = g1(x),  h(l+1) = (W h(l) + b) g(l+1)(x),  y = W h + b
 *
 * Of q filters each has frequencies U(+-1/sqrt d) times model.filter_scale/sqrt q, so that their product spreads as far
 * whatever the depth, and phases U(+-pi); Gabor filters also gamma ~ Gamma(model.filter_alpha/q, model.filter_beta),
 * frequencies times sqrt(gamma), and mu uniform in [-1, 1]^d. */
#include "feature.h"
#include "rng.h"

#include <math.h>

enum { ANGLE, BIAS, GAMMA, MU }; /* streams of a filter's draws */

static double spread(const fqpi_feature *f, uint64_t seed, uint32_t kind, int64_t i) {
    return 2 * fqpi_rng_uniform(seed, f->stream + kind, (uint64_t)i) - 1;
}

static int64_t sine_numbers(int64_t d, int64_t width) {
    return width * (d + 1);
}

static void draw_sine(const fqpi_feature *f, const fqp_model_opts *o, int64_t filters, uint64_t seed, double *w) {
    const double size = o->filter_scale / sqrt((double)filters) / sqrt((double)f->d);
    for (int64_t i = 0; i < f->units * f->d; i++)
        w[i] = size * spread(f, seed, ANGLE, i);
    for (int64_t u = 0; u < f->units; u++)
        w[f->units * f->d + u] = 3.14159265358979323846 * spread(f, seed, BIAS, u);
}

/* Gamma(shape, 1) as a function of (seed, stream, index): Marsaglia & Tsang 2000; below 1 by Gamma(a) = Gamma(a + 1)
 * U^(1/a). */
static double draw_gamma(double shape, uint64_t seed, uint32_t stream, uint64_t index) {
    enum { TRIES = 64 };
    const double a = shape < 1 ? shape + 1 : shape, d = a - 1.0 / 3, c = 1 / sqrt(9 * d);
    const uint64_t first = 4 * TRIES * index;
    double value = d;
    for (uint64_t i = 0; i < TRIES; i++) {
        const double x = fqpi_rng_normal(seed, stream, first + i), root = 1 + c * x, v = root * root * root;
        const double u = fqpi_rng_uniform(seed, stream, first + 2 * TRIES + i);
        if (v > 0 && log(u) < 0.5 * x * x + d - d * v + d * log(v)) {
            value = d * v;
            break;
        }
    }
    return shape < 1 ? value * pow(fqpi_rng_uniform(seed, stream, first + 3 * TRIES), 1 / shape) : value;
}

static int64_t gabor_numbers(int64_t d, int64_t width) {
    return width * (2 * d + 2);
}

static void draw_gabor(const fqpi_feature *f, const fqp_model_opts *o, int64_t filters, uint64_t seed, double *w) {
    double *gamma = w + f->units * (f->d + 1), *mu = gamma + f->units;
    draw_sine(f, o, filters, seed, w);
    for (int64_t u = 0; u < f->units; u++) {
        gamma[u] = draw_gamma(o->filter_alpha / (double)filters, seed, f->stream + GAMMA, (uint64_t)u) / o->filter_beta;
        for (int64_t c = 0; c < f->d; c++)
            w[u * f->d + c] *= sqrt(gamma[u]);
    }
    for (int64_t i = 0; i < f->units * f->d; i++)
        mu[i] = spread(f, seed, MU, i);
}

static const fqpi_filter_kind rows[] = {
    {"none", "no filters: a network of activations", NULL, NULL, NULL},
    {"fourier", "layers multiplied by sines of the coordinates", &fqpi_feature_sine, sine_numbers, draw_sine},
    {"gabor", "layers multiplied by sines under Gaussian envelopes", &fqpi_feature_gabor, gabor_numbers, draw_gabor},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

const fqpi_filter_kind *fqpi_filter_row(int filter) {
    return filter >= 0 && filter < ROWS ? &rows[filter] : NULL;
}

const char *fqp_filter_name(size_t i, const char **doc) {
    if (i >= ROWS)
        return NULL;
    if (doc)
        *doc = rows[i].doc;
    return rows[i].name;
}
