/* remedies.c - what two remedies do before any training: the kernel of Fourier features by their spread, and the laws
 * of SIREN's initialisation. */
#include <fqp/model.h>
#include <fqp/ntk.h>

#include "measure.h"
#include "mem.h"
#include "net.h"
#include "rng.h"
#include "trained.h"

#include <math.h>

/* ---- Fourier features composed with a relu kernel --------------------------------------------------------------- */

enum { GRID = 128, FREQUENCIES = 256, WIDTH = 2 * FREQUENCIES };

/* gamma(v) = [sin(2 pi b_j v), cos(2 pi b_j v)] at v = i/128, b_j ~ N(0, sigma^2); turn: what stands for 2 pi. */
static void embed(double sigma, double turn, uint64_t draw, double *x) {
    for (int64_t j = 0; j < FREQUENCIES; j++) {
        const double b = sigma * fqpi_rng_normal(draw, FQPI_STREAM_FEATURES, (uint64_t)j);
        for (int64_t i = 0; i < GRID; i++) {
            x[i * WIDTH + j] = sin(turn * b * (double)i / GRID);
            x[i * WIDTH + FREQUENCIES + j] = cos(turn * b * (double)i / GRID);
        }
    }
}

/* z* K z/n^2 of z = exp(2 pi i k j/n): the rate at which the kernel learns mode k. */
static double rayleigh(const double *K, int64_t n, int64_t k) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            sum += K[i * n + j] * cos(2 * M_PI * (double)(k * (i - j) % n) / (double)n);
    return sum / ((double)n * (double)n);
}

static bool relu_kernel(const fqpi_measuring *m, const double *x, double *K) {
    const fqp_ntk_layer layer = {
        .gain = 1, .weight_var = 1, .train_weight = true, .activation = FQPI_ACT_RELU, .param = NAN, .omega = 1};
    const fqp_ntk_layer layers[2] = {layer, layer};
    fqp_ntk *k = NULL;
    const bool good = !fqp_ntk_infinite_layers(m->ctx, 2, layers, &k) &&
                      !fqp_ntk_gram(k, fqp_view_2d(x, GRID, WIDTH), (fqp_view){0}, FQP_NTK_TANGENT, K);
    fqp_ntk_destroy(k);
    return good;
}

/* Rates of modes 0 .. 64 of this kernel, kept. */
static const double *feature_rates(const fqpi_measuring *m, double sigma, uint64_t draw, bool without) {
    static const char owner;
    bool fresh;
    double *kept = fqpi_measuring_memo(m, &owner, (int)(64 * sigma), (int)(2 * draw + without), &fresh);
    if (!kept || !fresh)
        return kept;
    double *x = fqpi_alloc(m->ctx, GRID * (WIDTH + GRID), sizeof *x);
    for (int64_t k = 0; k <= GRID / 2; k++)
        kept[k] = NAN;
    if (x) {
        double *K = x + GRID * WIDTH;
        embed(sigma, without ? 1 : 2 * M_PI, draw, x);
        for (int64_t k = 0; relu_kernel(m, x, K) && k <= GRID / 2; k++)
            kept[k] = rayleigh(K, GRID, k);
    }
    fqpi_free(x);
    return kept;
}

static double features_rate(const fqpi_measuring *m, const double *arg, int nargs) {
    const double *rate = feature_rates(m, arg[0], (uint64_t)arg[2], nargs > 3 && arg[3] != 0);
    return rate && arg[1] >= 0 && arg[1] <= GRID / 2.0 ? rate[(int)arg[1]] / rate[1] : NAN;
}

/* ---- SIREN at the start ------------------------------------------------------------------------------------------ */

enum { HIDDEN = 4, NEURONS = 256, INPUTS = 1000 };
enum { START_BIAS, START_ZERO, START_WRONG };

/* Biases as SIREN draws them; none; none, and hidden weights without the division by omega_0. */
static fqp_model_opts siren(int start, int64_t *widths) {
    for (int l = 0; l < HIDDEN; l++)
        widths[l] = NEURONS;
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){widths, HIDDEN};
    o.activation = FQPI_ACT_SIN;
    o.activation_param = start == START_WRONG ? 30 : NAN;
    o.init = start == START_WRONG ? FQPI_INIT_HE_UNIFORM : FQPI_INIT_SIREN;
    o.bias_std = start == START_BIAS ? NAN : 0;
    o.omega0 = 30;
    o.precision = 1;
    return o;
}

static double variance(const double *v, int64_t n) {
    double mean = 0, square = 0;
    for (int64_t i = 0; i < n; i++)
        mean += v[i] / (double)n;
    for (int64_t i = 0; i < n; i++)
        square += (v[i] - mean) * (v[i] - mean) / (double)n;
    return square;
}

/* z [INPUTS, NEURONS] = 30 (W h + b) of layer l, from 0. */
static void sums(const fqp_model *net, const double *w, int64_t l, const double *h, double *z) {
    int64_t in, out, weight, bias;
    fqp_model_layer(net, l, &in, &out, &weight, &bias);
    for (int64_t i = 0; i < INPUTS; i++)
        for (int64_t o = 0; o < out; o++) {
            double sum = w[bias + o];
            for (int64_t j = 0; j < in; j++)
                sum += w[weight + o * in + j] * h[i * in + j];
            z[i * out + o] = 30 * sum;
        }
}

/* number[l] the variance of layer l's activations, number[HIDDEN + l] the spread of its sums; l = 1 .. 4. */
static bool look(const fqpi_measuring *m, int start, uint64_t draw, double *number) {
    int64_t widths[HIDDEN];
    const fqp_model_opts o = siren(start, widths);
    fqp_model *net = NULL;
    double *x = fqpi_alloc(m->ctx, INPUTS * (2 + 2 * NEURONS), sizeof *x), *h = x + 2 * INPUTS,
           *z = h + INPUTS * NEURONS;
    bool good = x && !fqp_model_create(m->ctx, 2, 1, &o, draw, &net);
    for (int64_t i = 0; good && i < 2 * INPUTS; i++)
        x[i] = 2 * fqpi_rng_uniform(draw, FQPI_STREAM_TEST, (uint64_t)i) - 1;
    for (int64_t l = 0; good && l < HIDDEN; l++) {
        sums(net, fqp_model_parameters(net), l, l ? h : x, z);
        good = !fqp_model_hidden(m->ctx, net, l + 1, fqp_view_2d(x, INPUTS, 2), h);
        number[1 + l] = variance(h, INPUTS * NEURONS);
        number[1 + HIDDEN + l] = sqrt(variance(z, INPUTS * NEURONS));
    }
    fqp_model_destroy(net);
    fqpi_free(x);
    return good;
}

static double siren_number(const fqpi_measuring *m, const double *arg, int first) {
    static const char owner;
    const int layer = (int)arg[0], start = (int)arg[1];
    if (layer < 1 || layer > HIDDEN || start < START_BIAS || start > START_WRONG || arg[2] < 1)
        return NAN;
    bool fresh;
    double *kept = fqpi_measuring_memo(m, &owner, start, (int)arg[2], &fresh);
    if (kept && fresh && !look(m, start, (uint64_t)arg[2], kept))
        return NAN;
    return kept ? kept[first + layer] : NAN;
}

static double siren_variance(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return siren_number(m, arg, 0);
}

static double siren_spread(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return siren_number(m, arg, HIDDEN);
}

/* ---- trained slopes ---------------------------------------------------------------------------------------------- */

/* Mean of n a over the slopes the run ended with. */
static double mean_slope(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    fqpi_trained t;
    double sum = NAN;
    if (!fqpi_trained_load(m->ctx, m->dir, m->trial->seed[m->seed].number, &t)) {
        int64_t first = 0;
        const int64_t n = fqp_model_slopes(t.model, &first), all = fqp_model_parameter_count(t.model);
        const fqp_view w = fqp_view_make(fqp_model_parameters(t.model), fqp_model_precision(t.model), 1, &all);
        const fqp_model_opts *o = fqp_config_section(t.config, "model");
        for (int64_t i = 0; i < n; i++)
            sum = (i ? sum : 0) + o->slope_factor * fqp_view_at(w, first + i) / (double)n;
    }
    fqpi_trained_free(&t);
    return sum;
}

const fqpi_measure fqpi_measures_remedies[] = {
    {"features_rate", 3, 4, false, false,
     "features_rate(sigma, k, draw, without): rate of Fourier mode k over that of mode 1, relu kernel of 256 Gaussian "
     "features on 128 points; without 1: sigma read without the 2 pi",
     features_rate},
    {"siren_variance", 3, 3, false, false,
     "siren_variance(layer, start, draw): variance of the activations of a SIREN 2-256-256-256-256 at the start; start "
     "0: "
     "its biases, 1: none, 2: none and hidden weights not divided by omega_0",
     siren_variance},
    {"siren_spread", 3, 3, false, false,
     "siren_spread(layer, start, draw): standard deviation of omega_0 (W h + b) there", siren_spread},
    {"mean_slope", 0, 0, true, false,
     "mean_slope(): mean of n a over the trained slopes at the end of the run; 1 at the start", mean_slope},
    {0}};
