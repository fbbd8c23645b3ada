/* Effective targets: the closed form on a ring, invariances, hidden layers by a second road; entropies by hand. */
#include "support.h"

#include <fqp.h>
#include <math.h>
#include <stdlib.h>

static fqp_ctx *open_ctx(void) {
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    return ctx;
}

enum { RING = 400, WIDTHS = 200, NODES = 400 };

/* I_k(x)/I_0(x) by the integral over half a period, which the trapezoidal rule gives to the last digit. */
static double bessel_ratio(int k, double x) {
    double top = 0, bottom = 0;
    for (int i = 0; i < NODES; i++) {
        const double t = (i + 0.5) * M_PI / NODES, w = exp(x * (cos(t) - 1));
        top += w * cos(k * t);
        bottom += w;
    }
    return top / bottom;
}

static void ring(int k, double radius, double *h, double *y) {
    for (int i = 0; i < RING; i++) {
        const double t = 2 * M_PI * i / RING;
        h[2 * i] = radius * cos(t);
        h[2 * i + 1] = radius * sin(t);
        y[i] = 3 + cos(k * t + 0.3);
    }
}

static void grid(double low, double high, double *k) {
    for (int i = 0; i < WIDTHS; i++)
        k[i] = low * pow(high / low, (double)i / (WIDTHS - 1));
}

/* On a ring |h_i - h_j|^2 = 2 - 2 cos(t_i - t_j): the filter multiplies cos kt by I_k(1/delta)/I_0(1/delta), so that
 * LFR(delta) is its square; neither the mean of y nor the scale of h counts. */
static void pure_tone_has_its_closed_form(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx();
    double h[2 * RING], y[RING], k[WIDTHS], lfr[WIDTHS], rdf[WIDTHS], mean[3];
    grid(0.1, 500, k);
    static const int tone[] = {1, 3, 6};
    for (int c = 0; c < 3; c++) {
        ring(tone[c], c == 1 ? 7 : 1, h, y);
        assert_int_equal(
            fqp_effective_target(ctx, fqp_view_2d(h, RING, 2), fqp_view_1d(y, RING), WIDTHS, k, lfr, rdf, &mean[c]),
            FQP_OK);
        double most = 0;
        for (int i = 0; i < WIDTHS; i++) {
            const double want = pow(bessel_ratio(tone[c], k[i]), 2);
            assert_true(fabs(lfr[i] - want) < 1e-11);
            most = fmax(most, rdf[i]);
            if (i > 0 && i < WIDTHS - 1) /* up to the common factor that makes the largest 1 */
                assert_true(fabs(rdf[i] * (lfr[61] - lfr[59]) / (k[61] - k[59]) -
                                 rdf[60] * (lfr[i + 1] - lfr[i - 1]) / (k[i + 1] - k[i - 1])) < 1e-12);
        }
        assert_true(most == 1);
    }
    assert_true(mean[0] < mean[1] && mean[1] < mean[2]);
    fqp_ctx_destroy(ctx);
}

/* int k dLFR by parts: k LFR at the ends less int LFR dk, with the closed form on a fine grid. */
static void mean_is_the_integral(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx();
    double h[2 * RING], y[RING], k[WIDTHS], lfr[WIDTHS], mean;
    grid(0.1, 200, k);
    ring(2, 1, h, y);
    assert_int_equal(
        fqp_effective_target(ctx, fqp_view_2d(h, RING, 2), fqp_view_1d(y, RING), WIDTHS, k, lfr, NULL, &mean), FQP_OK);
    enum { FINE = 2000 };
    double area = 0;
    for (int i = 0; i < FINE; i++) {
        const double at = 0.1 + (200 - 0.1) * (i + 0.5) / FINE;
        area += pow(bessel_ratio(2, at), 2) * (200 - 0.1) / FINE;
    }
    const double a = pow(bessel_ratio(2, 0.1), 2), b = pow(bessel_ratio(2, 200), 2);
    assert_true(fabs(mean / ((200 * b - 0.1 * a - area) / (b - a)) - 1) < 2e-3);
    fqp_ctx_destroy(ctx);
}

static void nothing_to_learn_is_refused(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx();
    double h[2 * RING], y[RING], zero[RING] = {0}, k[] = {1, 2, 4}, lfr[3];
    ring(1, 1, h, y);
    const fqp_view features = fqp_view_2d(h, RING, 2), target = fqp_view_1d(y, RING), nil = fqp_view_1d(zero, RING);
    assert_int_equal(fqp_effective_target(ctx, features, nil, 3, k, lfr, NULL, NULL), FQP_E_DATA);
    double same[RING];
    for (int i = 0; i < RING; i++)
        same[i] = 0.1;
    assert_int_equal(fqp_effective_target(ctx, features, fqp_view_1d(same, RING), 3, k, lfr, NULL, NULL), FQP_E_DATA);
    assert_int_equal(fqp_effective_target(ctx, nil, target, 3, k, lfr, NULL, NULL), FQP_E_DATA);
    assert_int_equal(fqp_effective_target(ctx, features, fqp_view_1d(y, 10), 3, k, lfr, NULL, NULL), FQP_E_SHAPE);
    assert_int_equal(fqp_effective_target(ctx, features, target, 3, (double[]){1, 1, 2}, lfr, NULL, NULL), FQP_E_ARG);
    assert_int_equal(fqp_effective_target(ctx, features, target, 2, k, lfr, NULL, NULL), FQP_E_ARG);
    fqp_ctx_destroy(ctx);
}

/* ---- hidden layers by loops over the parameters, and their ratio by the definition of the filter ---------------- */

enum { POINTS = 150, INPUTS = 3 };

static void forward(fqp_model *model, int64_t layers, const double *x, int64_t n, double *h, int64_t *width) {
    const double *w = fqp_model_parameters(model);
    double *from = malloc((size_t)n * 64 * sizeof *from), *to = malloc((size_t)n * 64 * sizeof *to);
    for (int64_t i = 0; i < n * INPUTS; i++)
        from[i] = x[i];
    for (int64_t l = 0; l < layers; l++) {
        int64_t in, out, weight, bias;
        fqp_model_layer(model, l, &in, &out, &weight, &bias);
        for (int64_t i = 0; i < n; i++)
            for (int64_t o = 0; o < out; o++) {
                double z = w[bias + o];
                for (int64_t c = 0; c < in; c++)
                    z += w[weight + o * in + c] * from[i * in + c];
                to[i * out + o] = tanh(z);
            }
        double *swap = from;
        from = to;
        to = swap;
        *width = out;
    }
    for (int64_t i = 0; i < n * *width; i++)
        h[i] = from[i];
    free(from);
    free(to);
}

static double ratio_by_definition(const double *h, int64_t n, int64_t w, const double *y, double delta) {
    double norm = 0, mean = 0, top = 0, bottom = 0;
    for (int64_t i = 0; i < n; i++) {
        double square = 0;
        for (int64_t c = 0; c < w; c++)
            square += h[i * w + c] * h[i * w + c];
        norm += sqrt(square) / (double)n;
        mean += y[i] / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        double low = 0, weight = 0;
        for (int64_t j = 0; j < n; j++) {
            double z = 0;
            for (int64_t c = 0; c < w; c++)
                z += pow((h[i * w + c] - h[j * w + c]) / norm, 2);
            const double g = exp(-z / (2 * delta));
            weight += g;
            low += g * (y[j] - mean);
        }
        top += pow(low / weight, 2);
        bottom += pow(y[i] - mean, 2);
    }
    return top / bottom;
}

static void layers_of_a_network(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx();
    fqp_config *config;
    assert_int_equal(fqp_config_parse(ctx, "test",
                                      "model: {hidden: [20, 33, 7], activation: tanh, init: normal, "
                                      "weight_std: 0.5, bias_std: 0.3, precision: f64}",
                                      0, NULL, &config),
                     FQP_OK);
    fqp_model *model;
    assert_int_equal(fqp_model_create(ctx, INPUTS, 1, fqp_config_section(config, "model"), 5, &model), FQP_OK);
    double x[POINTS * INPUTS], y[POINTS], h[POINTS * 64], want[POINTS * 64], lfr[3];
    static const double k[] = {0.5, 20, 400};
    for (int i = 0; i < POINTS; i++) {
        for (int c = 0; c < INPUTS; c++)
            x[i * INPUTS + c] = sin(1.7 * i + 2.9 * c) + 0.01 * i;
        y[i] = cos(3 * x[i * INPUTS]) + x[i * INPUTS + 1];
    }
    static const int64_t width[] = {20, 33, 7};
    for (int64_t l = 1; l <= 3; l++) {
        int64_t w = 0;
        assert_int_equal(fqp_model_hidden(ctx, model, l, fqp_view_2d(x, POINTS, INPUTS), h), FQP_OK);
        forward(model, l, x, POINTS, want, &w);
        assert_int_equal(w, width[l - 1]);
        for (int64_t i = 0; i < POINTS * w; i++)
            assert_true(fabs(h[i] - want[i]) < 1e-13);
        assert_int_equal(
            fqp_effective_target(ctx, fqp_view_2d(h, POINTS, w), fqp_view_1d(y, POINTS), 3, k, lfr, NULL, NULL),
            FQP_OK);
        for (int i = 0; i < 3; i++)
            assert_true(fabs(lfr[i] - ratio_by_definition(want, POINTS, w, y, 1 / k[i])) < 1e-10);
    }
    assert_int_equal(fqp_model_hidden(ctx, model, 4, fqp_view_2d(x, POINTS, INPUTS), h), FQP_E_ARG);
    fqp_model_destroy(model);
    fqp_config_destroy(config);
    fqp_ctx_destroy(ctx);
}

/* ---- entropies ----------------------------------------------------------------------------------------------------
 */

/* Eight inputs; the layer has cells {A A | B B | C D D D}, the classes are {0 0 | 0 1 | 1 1 1 1}. */
static void information_by_hand(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx();
    const double t[16] = {-0.9, 0.9, -0.95, 0.8, 0.1, 0.1, 0.2, 0.05, 0.9, 0.9, 0.9, -0.9, 0.99, -0.7, 1.0, -1.0};
    const double y[8] = {0, 0, 0, 1, 1, 1, 1, 1};
    fqp_information got;
    assert_int_equal(fqp_layer_information(ctx, fqp_view_2d(t, 8, 2), fqp_view_1d(y, 8), 4, -1, 1, &got), FQP_OK);
    const double ht = 2 * 0.25 * log(4) + 0.125 * log(8) + 0.375 * log(8.0 / 3);
    const double hy = 0.375 * log(8.0 / 3) + 0.625 * log(8.0 / 5);
    const double hty = 0.25 * log(4) + 3 * 0.125 * log(8) + 0.375 * log(8.0 / 3);
    assert_true(fabs(got.xt - ht) < 1e-14);
    assert_true(fabs(got.ty - (ht + hy - hty)) < 1e-14);
    assert_true(fabs(got.x - log(8)) < 1e-14 && fabs(got.y - hy) < 1e-14);
    const double v[] = {0, 0.1, 0.26, 0.6, 0.6, 2, -3, 1};
    assert_true(fabs(fqp_binned_entropy(v, 8, 4, 0, 1) - (0.375 * log(8.0 / 3) + 0.125 * log(8) + 2 * 0.25 * log(4))) <
                1e-14);
    assert_true(isnan(fqp_binned_entropy(v, 8, 4, 1, 1)));
    assert_int_equal(fqp_layer_information(ctx, fqp_view_2d(t, 8, 2), fqp_view_1d(y, 8), 1, -1, 1, &got), FQP_E_ARG);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pure_tone_has_its_closed_form), cmocka_unit_test(mean_is_the_integral),
        cmocka_unit_test(nothing_to_learn_is_refused),   cmocka_unit_test(layers_of_a_network),
        cmocka_unit_test(information_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
