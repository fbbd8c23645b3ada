/* Kernels of infinitely wide networks: the circle, doors of the matrix, any number of threads, layers of options
 * against Monte Carlo over networks, refusals. */
#include "activation.h"
#include "init.h"
#include "kernel.h"
#include "mem.h"
#include "net.h"
#include "rng.h"
#include "support.h"

#include <fqp/ntk.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;

static fqp_ctx *open_ctx(int threads) {
    fqp_ctx *ctx = NULL;
    assert_ok(NULL, fqp_ctx_create(&(fqp_ctx_opts){.threads = threads}, &ctx));
    return ctx;
}

static double *normals(uint64_t seed, int64_t n) {
    double *v = malloc((size_t)n * sizeof *v);
    fqpi_rng_normals(seed, FQPI_STREAM_TEST, 0, n, v);
    return v;
}

static fqp_ntk *network(fqp_ctx *ctx, int activation, size_t depth) {
    fqp_ntk_layer layer[8];
    for (size_t l = 0; l < depth; l++)
        layer[l] = (fqp_ntk_layer){.gain = 1,
                                   .weight_var = 2,
                                   .bias_gain = 1,
                                   .bias_var = 0.2,
                                   .train_weight = true,
                                   .train_bias = true,
                                   .activation = activation,
                                   .param = NAN,
                                   .omega = 1};
    fqp_ntk *k = NULL;
    assert_ok(ctx, fqp_ntk_infinite_layers(ctx, depth, layer, &k));
    return k;
}

/* ---- formulas ------------------------------------------------------------------------------------ */

enum { N = 40 };

/* Two layers of relu on the unit circle, weights of variance 1 without bias: both layers trained, the first, the last
 * (Basri et al. 1906.00425). */
static void two_layers_of_relu_on_the_circle(void **state) {
    (void)state;
    double x[2 * N], K[N * N];
    for (int i = 0; i < N; i++) {
        x[2 * i] = cos(2 * pi * i / N);
        x[2 * i + 1] = sin(2 * pi * i / N);
    }
    for (int trained = 1; trained < 4; trained++) {
        fqp_ctx *ctx = open_ctx(1);
        const fqp_ntk_layer layer[] = {
            {.gain = 2, .weight_var = 1, .train_weight = trained & 1, .activation = FQPI_ACT_RELU, .omega = 1},
            {.gain = 1, .weight_var = 1, .train_weight = trained & 2}};
        fqp_ntk *k = NULL;
        assert_ok(ctx, fqp_ntk_infinite_layers(ctx, 2, layer, &k));
        assert_ok(ctx, fqp_ntk_gram(k, fqp_view_2d(x, N, 2), (fqp_view){0}, FQP_NTK_TANGENT, K));
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                const double th = fabs(remainder(2 * pi * (i - j) / N, 2 * pi));
                const double first = cos(th) * (pi - th) / (2 * pi), last = first + sin(th) / (2 * pi);
                assert_near(K[i * N + j], (trained & 1 ? first : 0) + (trained & 2 ? last : 0), 1e-14);
            }
        fqp_ntk_destroy(k);
        fqp_ctx_destroy(ctx);
    }
}

/* ---- doors of the matrix ------------------------------------------------------------------------- */

enum { M = 331, D = 7, COUNT = 3 };

static fqp_view points(const double *x, int64_t n) {
    return fqp_view_2d(x, n, D);
}

/* The symmetric matrix, the rectangular one, blocks and products are the same numbers for any number of threads. */
static void doors_agree(void **state) {
    (void)state;
    double *x = normals(3, M * D), *v = normals(4, COUNT * M);
    double *first = malloc(M * M * sizeof *first), *K = malloc(M * M * sizeof *K), *product = malloc(COUNT * M * 8);
    for (int a = 0; a < 2; a++)
        for (int threads = 1; threads < 4; threads += 2) {
            fqp_ctx *ctx = open_ctx(threads);
            fqp_ntk *k = network(ctx, a ? FQPI_ACT_RELU_POWER : FQPI_ACT_RELU, 3);
            fqp_gram *gram = NULL;
            assert_ok(ctx, fqp_ntk_gram(k, points(x, M), (fqp_view){0}, FQP_NTK_TANGENT, threads == 1 ? first : K));
            for (int i = 0; i < M; i++)
                for (int j = 0; j < M; j++)
                    assert_true(first[i * M + j] == first[j * M + i]);
            if (threads > 1)
                assert_memory_equal(first, K, M * M * sizeof *K);
            assert_ok(ctx, fqp_ntk_gram(k, points(x + 100 * D, 80), points(x, M), FQP_NTK_TANGENT, K));
            for (int i = 0; i < 80 * M; i++)
                assert_near(K[i], first[100 * M + i], 1e-14 * fabs(first[100 * M + i]) + 1e-15);
            assert_ok(ctx, fqp_gram_of(k, points(x, M), &(fqp_gram_opts){.single = true}, &gram));
            for (int64_t i = 0; i < M * M; i++)
                assert_near(fqp_view_at(fqp_gram_view(gram), i), first[i], 1e-7 * fabs(first[i]));
            assert_ok(ctx, fqp_ntk_apply(k, points(x, M), COUNT, v, product));
            for (int c = 0; c < COUNT; c++)
                for (int i = 0; i < M; i++) {
                    double want = 0, size = 0;
                    for (int j = 0; j < M; j++) {
                        want += first[i * M + j] * v[c * M + j];
                        size += fabs(first[i * M + j] * v[c * M + j]);
                    }
                    assert_near(product[c * M + i], want, 1e-14 * size);
                }
            fqp_gram_destroy(gram);
            fqp_ntk_destroy(k);
            fqp_ctx_destroy(ctx);
        }
    free(x), free(v), free(first), free(K), free(product);
}

static void single_precision_points(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    const float x[] = {0.5F, -1, 2, 0.25F};
    const double same[] = {0.5, -1, 2, 0.25};
    double a[16], b[16];
    fqp_ntk *k = network(ctx, FQPI_ACT_ERF, 3);
    assert_ok(ctx, fqp_ntk_gram(k, fqp_view_make(x, FQP_F32, 1, (int64_t[]){4}), (fqp_view){0}, FQP_NTK_TANGENT, a));
    assert_ok(ctx, fqp_ntk_gram(k, fqp_view_1d(same, 4), (fqp_view){0}, FQP_NTK_TANGENT, b));
    assert_memory_equal(a, b, sizeof a);
    fqp_ntk_destroy(k);
    fqp_ctx_destroy(ctx);
}

/* ---- layers of options --------------------------------------------------------------------------- */

enum { INPUTS = 40, WIDTH = 128, DRAWS = 50, POINTS = 3, PAIRS = POINTS * POINTS };

/* Tangent kernel and covariance of one draw of a network of one hidden layer, from its parameters as they stand. */
static void of_one_draw(const fqp_model *net, const double *x, double both[2][PAIRS]) {
    const fqpi_layer *in = &net->layer[0], *out = &net->layer[1];
    const double *w = (const double *)net->w;
    memset(both, 0, 2 * PAIRS * sizeof(double));
    double f[POINTS] = {0};
    for (int64_t h = 0; h < WIDTH; h++) {
        double s[POINTS][4];
        const double a = out->scale * w[out->weight + h];
        for (int p = 0; p < POINTS; p++) {
            double z = in->bias < 0 ? 0 : in->bias_scale * w[in->bias + h];
            for (int c = 0; c < INPUTS; c++)
                z += in->scale * w[in->weight + h * INPUTS + c] * x[p * INPUTS + c];
            const bool turned = in->act == FQPI_ACT_SIN;
            fqp_activation_eval(in->act, turned ? in->omega : in->param, z, s[p]);
            f[p] += a * s[p][0];
        }
        for (int q = 0; q < PAIRS; q++) {
            const int i = q / POINTS, j = q % POINTS;
            double product = 0;
            for (int c = 0; c < INPUTS; c++)
                product += in->scale * in->scale * x[i * INPUTS + c] * x[j * INPUTS + c];
            both[0][q] += out->scale * out->scale * s[i][0] * s[j][0] +
                          a * a * s[i][1] * s[j][1] * (product + (in->bias < 0 ? 0 : in->bias_scale));
        }
    }
    for (int q = 0; q < PAIRS; q++) {
        const double bias = out->bias < 0 ? 0 : w[out->bias];
        both[0][q] += out->bias < 0 ? 0 : 1;
        both[1][q] = (f[q / POINTS] + bias) * (f[q % POINTS] + bias);
    }
}

/* The mean over draws is the kernel of infinite width, whatever the width, where the first sums are Gaussian. */
static void against_draws(const fqp_model_opts *o, const double *x) {
    fqp_ctx *ctx = open_ctx(1);
    double sum[2][PAIRS] = {{0}}, square[2][PAIRS] = {{0}}, want[2][PAIRS];
    for (uint64_t draw = 0; draw < DRAWS; draw++) {
        double both[2][PAIRS];
        fqp_model *net = NULL;
        assert_ok(ctx, fqp_model_create(ctx, INPUTS, 1, o, draw, &net));
        of_one_draw(net, x, both);
        for (int q = 0; q < 2 * PAIRS; q++) {
            sum[q / PAIRS][q % PAIRS] += both[q / PAIRS][q % PAIRS] / DRAWS;
            square[q / PAIRS][q % PAIRS] += both[q / PAIRS][q % PAIRS] * both[q / PAIRS][q % PAIRS] / DRAWS;
        }
        fqp_model_destroy(net);
    }
    fqp_ntk *k = NULL;
    assert_ok(ctx, fqp_ntk_infinite(ctx, o, INPUTS, &k));
    for (int part = 0; part < 2; part++) {
        assert_ok(ctx, fqp_ntk_gram(k, fqp_view_2d(x, POINTS, INPUTS), (fqp_view){0}, (fqp_ntk_part)part, want[part]));
        for (int q = 0; q < PAIRS; q++) {
            const double spread = sqrt((square[part][q] - sum[part][q] * sum[part][q]) / DRAWS);
            const int i = q / POINTS, j = q % POINTS;
            const double size = sqrt(want[part][i * POINTS + i] * want[part][j * POINTS + j]);
            if (!(fabs(sum[part][q] - want[part][q]) <= 5 * spread + 0.005 * size))
                fail_msg("%s, %s, parameters %d, bias %d (std %g), part %d, pair %d: mean %g +- %g, infinite %g",
                         fqp_activation_name((size_t)o->activation, NULL), fqp_init_name((size_t)o->init, NULL),
                         o->parameters, o->bias, o->bias_std, part, q, sum[part][q], spread, want[part][q]);
        }
    }
    fqp_ntk_destroy(k);
    fqp_ctx_destroy(ctx);
}

static void rules_of_initialisation(void **state) {
    (void)state;
    int64_t hidden[] = {WIDTH};
    double *x = normals(8, POINTS * INPUTS);
    for (int init = 0; fqpi_init_row(init); init++)
        for (int kind = 0; kind < 4; kind++) {
            fqp_model_opts o = fqpi_model_defaults;
            o.hidden = (fqp_ints){hidden, 1};
            o.precision = 1;
            o.init = init;
            o.activation = init == FQPI_INIT_SIREN ? FQPI_ACT_SIN : kind % 2 ? FQPI_ACT_ERF : FQPI_ACT_RELU;
            o.omega0 = 3;
            o.parameters = kind % 2;
            o.bias = kind != 2;
            o.bias_std = kind == 3 ? 0.4 : NAN;
            against_draws(&o, x);
        }
    free(x);
}

static void activations_by_draws(void **state) {
    (void)state;
    int64_t hidden[] = {WIDTH};
    double *x = normals(9, POINTS * INPUTS);
    for (int a = 0; a < FQPI_ACT_COUNT; a++) {
        fqp_model_opts o = fqpi_model_defaults;
        fqp_ctx *ctx = open_ctx(1);
        fqp_ntk *k = NULL;
        o.hidden = (fqp_ints){hidden, 1};
        o.precision = 1;
        o.parameters = 1;
        o.init = FQPI_INIT_NTK;
        o.activation = a;
        o.activation_param = a == FQPI_ACT_SIN ? 1.5 : NAN;
        if (fqp_ntk_infinite(ctx, &o, INPUTS, &k) == FQP_OK)
            against_draws(&o, x);
        fqp_ntk_destroy(k);
        fqp_ctx_destroy(ctx);
    }
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){hidden, 1};
    o.precision = 1;
    o.parameters = 1;
    o.init = FQPI_INIT_NTK;
    o.first_activation = 1 + FQPI_ACT_SIN; /* tanh is never met */
    o.first_omega0 = 1.5;
    against_draws(&o, x);
    free(x);
}

/* ---- refusals ------------------------------------------------------------------------------------ */

static void refusals_say_why(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    fqp_ntk *k = NULL;
    fqp_model_opts o = fqpi_model_defaults;
    assert_refused(
        ctx, fqp_ntk_infinite(ctx, &o, 1, &k), FQP_E_UNSUPPORTED,
        "model.init: glorot_uniform draws weights uniformly, and sums over 1 of them are not Gaussian, as the "
        "kernel of an infinitely wide network assumes (16 inputs are many enough); take a normal rule "
        "(glorot_normal, he_normal, lecun_normal, ntk, normal) or the empirical kernel");
    o.init = FQPI_INIT_NTK;
    o.output = 1;
    assert_refused(
        ctx, fqp_ntk_infinite(ctx, &o, 1, &k), FQP_E_UNSUPPORTED,
        "model.output: the kernel after softmax depends on the outputs, which are random; an infinitely wide "
        "network has a kernel for output linear");
    o.output = 0;
    o.activation = FQPI_ACT_RELU_POWER;
    o.activation_param = 1.5;
    assert_refused(ctx, fqp_ntk_infinite(ctx, &o, 1, &k), FQP_E_UNSUPPORTED,
                   "fqp_ntk_infinite: layer 0: relu_power with power 1.5: a closed form exists for whole powers only");
    o.activation = FQPI_ACT_SOFTSIGN;
    o.activation_param = NAN;
    assert_refused(ctx, fqp_ntk_infinite(ctx, &o, 1, &k), FQP_E_UNSUPPORTED,
                   "fqp_ntk_infinite: layer 0: the kernel of an infinitely wide network is made of Gaussian "
                   "expectations; softsign has none in closed form here, and its kink makes expansions converge too "
                   "slowly; known: relu leaky_relu relu_power sin cos erf ricker gaussian gelu identity tanh sigmoid "
                   "softplus silu");
    const double far[] = {1000};
    double K[1];
    o.activation = FQPI_ACT_TANH;
    assert_ok(ctx, fqp_ntk_infinite(ctx, &o, 1, &k));
    assert_refused(ctx, fqp_ntk_gram(k, fqp_view_1d(far, 1), (fqp_view){0}, FQP_NTK_TANGENT, K), FQP_E_UNSUPPORTED,
                   "kernel of an infinitely wide network: sums of standard deviation 1e+03 before tanh are too large "
                   "for its expansion in 8192 terms; take erf, which has a closed form and is close to tanh, or "
                   "smaller weights or inputs");
    fqp_ntk_destroy(k);
    const fqp_ntk_layer negative = {.gain = -1};
    assert_refused(ctx, fqp_ntk_infinite_layers(ctx, 1, &negative, &k), FQP_E_ARG,
                   "fqp_ntk_infinite_layers: layer 0: gain -1, weight_var 0, bias_gain 0, bias_var 0: each must be a "
                   "number of at least 0");
    fqp_ntk_layer layer[2];
    size_t n = 0;
    assert_refused(ctx, fqp_ntk_layers_of(ctx, &fqpi_model_defaults, 1, 2, layer, &n), FQP_E_ARG,
                   "fqp_ntk_layers_of: room for 2 layers, the network has 5");
    fqp_ctx_destroy(ctx);
}

/* Whichever allocation fails, the call says so and leaves nothing behind (the sanitizers would tell). */
static void without_memory(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double *x = normals(5, 50 * D), *v = normals(6, 50), K[50 * 50], out[50];
    bool passed = false;
    for (long n = 0; !passed; n++) {
        const fqp_ntk_layer layer[] = {
            {.gain = 1, .weight_var = 1, .train_weight = true, .activation = FQPI_ACT_TANH, .param = NAN, .omega = 1},
            {.gain = 1, .weight_var = 1, .train_weight = true}};
        fqp_ntk *k = NULL;
        fqpi_mem_fail_after(ctx, n);
        fqp_status s = fqp_ntk_infinite_layers(ctx, 2, layer, &k);
        s = s ? s : fqp_ntk_gram(k, points(x, 50), points(x, 40), FQP_NTK_TANGENT, K);
        s = s ? s : fqp_ntk_apply(k, points(x, 50), 1, v, out);
        fqpi_mem_fail_after(ctx, -1);
        fqp_ntk_destroy(k);
        assert_true(s == FQP_OK || s == FQP_E_NOMEM);
        passed = s == FQP_OK;
        assert_true(n < 200);
    }
    free(x), free(v);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_layers_of_relu_on_the_circle),
        cmocka_unit_test(doors_agree),
        cmocka_unit_test(single_precision_points),
        cmocka_unit_test(rules_of_initialisation),
        cmocka_unit_test(activations_by_draws),
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
