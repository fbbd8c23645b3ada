/* Networks: layout of the flat vector, evaluation against the plain formula, refusals, defaults. */
#include "defaults.h"
#include "init.h"
#include "mem.h"
#include "net.h"
#include "support.h"

#include <stdlib.h>

static fqp_ctx *open_ctx(int threads) {
    fqp_ctx *ctx;
    fqp_ctx_opts o = {.threads = threads};
    assert_int_equal(fqp_ctx_create(&o, &ctx), FQP_OK);
    return ctx;
}

static void parameters_lie_layer_by_layer(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    int64_t hidden[] = {5, 7}, in, out, weight, bias;
    for (int biases = 0; biases < 2; biases++) {
        fqp_model_opts o = fqpi_model_defaults;
        o.hidden = (fqp_ints){hidden, 2};
        o.bias = biases;
        fqp_model *net = NULL;
        assert_ok(ctx, fqp_model_create(ctx, 3, 2, &o, 1, &net));
        assert_int_equal(fqp_model_layers(net), 3);
        assert_int_equal(fqp_model_inputs(net), 3);
        assert_int_equal(fqp_model_outputs(net), 2);
        assert_int_equal(fqp_model_precision(net), FQP_F32);
        int64_t at = 0;
        const int64_t width[] = {3, 5, 7, 2};
        for (int64_t l = 0; l < 3; l++) {
            fqp_model_layer(net, l, &in, &out, &weight, &bias);
            assert_int_equal(in, width[l]);
            assert_int_equal(out, width[l + 1]);
            assert_int_equal(weight, at);
            at += in * out;
            assert_int_equal(bias, biases ? at : -1);
            at += biases ? out : 0;
        }
        assert_int_equal(fqp_model_parameter_count(net), at);
        assert_int_equal((uintptr_t)fqp_model_parameters(net) % 64, 0);
        fqp_model_destroy(net);
    }
    fqp_model_destroy(NULL);
    fqp_ctx_destroy(ctx);
}

/* The network at one point by the formula of model.h, in double. */
static void plain(const fqp_model *net, const double *w, const double *x, double *out) {
    double h[64], z[64];
    memcpy(h, x, (size_t)net->d * sizeof *h);
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        for (int64_t i = 0; i < y->out; i++) {
            z[i] = y->bias < 0 ? 0 : w[y->bias + i];
            for (int64_t j = 0; j < y->in; j++)
                z[i] += y->scale * w[y->weight + i * y->in + j] * h[j];
        }
        for (int64_t i = 0; i < y->out; i++) {
            double f[4];
            const bool sine = y->act == FQPI_ACT_SIN; /* whose own parameter is omega */
            fqp_activation_eval(y->act, sine ? y->omega : y->param, sine ? z[i] : y->omega * z[i], f);
            h[i] = f[0];
        }
    }
    enum { LD = 8 }; /* of the panel, of which one column counts */
    double panel[16 * LD] = {0}, work[FQPI_WORK_ROWS * LD];
    assert_true(net->m <= 16);
    for (int64_t i = 0; i < net->m; i++)
        panel[i * LD] = z[i];
    if (net->output->map)
        net->output->map(net->k64, net->m, LD, panel, work);
    for (int64_t i = 0; i < net->m; i++)
        out[i] = panel[i * LD];
}

static void evaluation_is_the_formula(void **state) {
    (void)state;
    enum { N = 131, D = 3, M = 4 };
    int64_t hidden[] = {11, 17};
    double *x = calloc(N * D, sizeof *x), *got = calloc(N * M, sizeof *got);
    for (int i = 0; i < N * D; i++)
        x[i] = sin(1.7 * i);
    for (int a = 0; a < FQPI_ACT_COUNT; a++)
        for (int o = 0; fqpi_output_row(o); o++)
            for (int threads = 1; threads < 4; threads += 2) {
                fqp_ctx *ctx = open_ctx(threads);
                fqp_model_opts mo = fqpi_model_defaults;
                mo.hidden = (fqp_ints){hidden, 2};
                mo.activation = a;
                mo.output = o;
                mo.precision = 1;
                mo.parameters = a % 2;
                mo.init = a == FQPI_ACT_SIN ? FQPI_INIT_SIREN : FQPI_INIT_TORCH;
                fqp_model *net = NULL;
                assert_ok(ctx, fqp_model_create(ctx, D, M, &mo, 2, &net));
                fqp_view v = {.data = x, .dtype = FQP_F64, .ndim = 2, .shape = {N, D}};
                assert_ok(ctx, fqp_model_eval(ctx, net, v, got));
                for (int i = 0; i < N; i++) {
                    double want[M];
                    plain(net, fqp_model_parameters(net), x + i * D, want);
                    for (int c = 0; c < M; c++)
                        assert_near(got[i * M + c], want[c], 1e-12 * (1 + fabs(want[c])));
                }
                fqp_model_destroy(net);
                fqp_ctx_destroy(ctx);
            }
    free(x);
    free(got);
}

static void points_of_the_wrong_shape_are_refused(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    fqp_model *net = NULL;
    double x[4] = {0}, out[8];
    assert_ok(ctx, fqp_model_create(ctx, 2, 1, NULL, 1, &net)); /* NULL: defaults */
    assert_int_equal(fqp_model_layers(net), 5);
    assert_refused(ctx, fqp_model_eval(ctx, net, (fqp_view){.data = x, .ndim = 2, .shape = {1, 3}}, out), FQP_E_SHAPE,
                   "model: points have 3 columns, the network takes 2 inputs");
    assert_refused(ctx,
                   fqp_model_eval(ctx, net, (fqp_view){.data = x, .dtype = FQP_I64, .ndim = 2, .shape = {1, 2}}, out),
                   FQP_E_ARG, "model: points must be an f32 or f64 array");
    fqp_model_destroy(net);
    fqp_ctx_destroy(ctx);
}

static void refuse(fqp_ctx *ctx, int64_t m, const fqp_model_opts *o, const char *text) {
    fqp_model *net = NULL;
    assert_refused(ctx, fqp_model_create(ctx, 1, m, o, 1, &net), m < 1 ? FQP_E_ARG : FQP_E_CONFIG, text);
    assert_null(net);
}

static void every_mistake_is_named(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    int64_t zero[] = {20, 0}, huge[] = {65536, 65536};
    fqp_model_opts o = fqpi_model_defaults;
    refuse(ctx, 0, &o, "model: 1 inputs and 0 outputs; each must be at least 1");
    o.hidden = (fqp_ints){zero, 2};
    refuse(ctx, 1, &o, "model.hidden: 0 is outside [1, 65536]");
    o.hidden = (fqp_ints){huge, 2};
    refuse(ctx, 1, &o, "model.hidden: 4.3e+09 parameters are more than 1073741824");
    o = fqpi_model_defaults;
    o.activation = 99;
    refuse(ctx, 1, &o, "model.activation: there is no choice number 99");
    o = fqpi_model_defaults;
    o.output = 1;
    refuse(ctx, 1, &o, "model.output: softmax of a single output is always 1");
    o = fqpi_model_defaults;
    o.init = FQPI_INIT_SIREN;
    refuse(ctx, 1, &o, "model.init: siren needs model.activation sin (or gabor, finer), not tanh");
    o.activation = FQPI_ACT_SIN;
    o.activation_param = 5;
    refuse(ctx, 1, &o, "model.activation_param: for init siren the factor is model.omega0");
    o = fqpi_model_defaults;
    o.activation_param = 1;
    refuse(ctx, 1, &o, "model.activation_param: tanh has no parameter");
    o.activation = FQPI_ACT_RELU_POWER;
    o.activation_param = 0.5;
    refuse(ctx, 1, &o, "model.activation_param: power of relu_power: 0.5 is outside [1, 16]");
    o = fqpi_model_defaults;
    o.bias_std = -1;
    refuse(ctx, 1, &o, "model.bias_std: -1 is outside [0, 1000]");
    o = fqpi_model_defaults;
    o.omega0 = -1;
    o.weight_std = 0;
    o.precision = 7;
    fqp_model *net = NULL;
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqp_model_create(ctx, 1, 1, &o, 1, &net), FQP_E_CONFIG);
    assert_int_equal(fqp_ctx_problem_count(ctx), 3); /* all at once */
    fqp_ctx_destroy(ctx);
}

static void failing_memory_leaves_nothing_behind(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(2);
    double x = 0, out;
    fqp_view v = {.data = &x, .dtype = FQP_F64, .ndim = 1, .shape = {1}};
    for (long n = 0;; n++) {
        fqp_model *net = NULL;
        fqpi_mem_fail_after(ctx, n);
        fqp_status s = fqp_model_create(ctx, 1, 1, NULL, 1, &net);
        s = s ? s : fqp_model_eval(ctx, net, v, &out);
        fqpi_mem_fail_after(ctx, -1);
        fqp_model_destroy(net);
        if (!s) {
            assert_true(n >= 4);
            break;
        }
        assert_int_equal(s, FQP_E_NOMEM);
    }
    fqp_ctx_destroy(ctx);
}

/* The defaults used without a configuration are those of the key table. */
static void defaults_agree_with_the_table(void **state) {
    (void)state;
    assert_defaults(&fqp_model_section, &fqpi_model_defaults);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_lie_layer_by_layer),         cmocka_unit_test(evaluation_is_the_formula),
        cmocka_unit_test(points_of_the_wrong_shape_are_refused), cmocka_unit_test(every_mistake_is_named),
        cmocka_unit_test(failing_memory_leaves_nothing_behind),  cmocka_unit_test(defaults_agree_with_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
