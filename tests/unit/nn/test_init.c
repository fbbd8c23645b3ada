/* Rules of initialisation: the drawn parameters have the spread the rule promises, whatever the threads. */
#include "init.h"
#include "mem.h"
#include "net.h"
#include "support.h"

enum { IN = 400, OUT = 300 };

typedef struct moments {
    double mean, deviation, largest;
} moments;

static moments measure(const double *w, int64_t n) {
    moments m = {0};
    for (int64_t i = 0; i < n; i++) {
        m.mean += w[i] / (double)n;
        m.deviation += w[i] * w[i] / (double)n;
        m.largest = fmax(m.largest, fabs(w[i]));
    }
    m.deviation = sqrt(m.deviation);
    return m;
}

static fqp_model *make(fqp_ctx *ctx, int init, int activation, int parameters, double bias_std, uint64_t seed) {
    int64_t hidden[] = {IN, OUT};
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){hidden, 2};
    o.init = init;
    o.activation = activation;
    o.parameters = parameters;
    o.bias_std = bias_std;
    o.weight_std = 0.05;
    o.precision = 1;
    fqp_model *net = NULL;
    assert_ok(ctx, fqp_model_create(ctx, 2, 3, &o, seed, &net));
    return net;
}

static void spreads(void **state) {
    (void)state;
    const struct {
        int init;
        bool uniform;
        double weight, bias; /* standard deviation of normal, half width of uniform */
    } rule[] = {
        {FQPI_INIT_NORMAL, false, 0.05, 0.05},
        {FQPI_INIT_UNIFORM, true, 0.05, 0.05},
        {FQPI_INIT_GLOROT_UNIFORM, true, sqrt(6.0 / (IN + OUT)), 0},
        {FQPI_INIT_GLOROT_NORMAL, false, sqrt(2.0 / (IN + OUT)), 0},
        {FQPI_INIT_HE_NORMAL, false, sqrt(2.0 / IN), 0},
        {FQPI_INIT_HE_UNIFORM, true, sqrt(6.0 / IN), 0},
        {FQPI_INIT_LECUN_NORMAL, false, sqrt(1.0 / IN), 0},
        {FQPI_INIT_LECUN_UNIFORM, true, sqrt(3.0 / IN), 0},
        {FQPI_INIT_TORCH, true, sqrt(1.0 / IN), sqrt(1.0 / IN)},
        {FQPI_INIT_SIREN, true, sqrt(6.0 / IN) / 30, sqrt(1.0 / IN)},
        {FQPI_INIT_MSCALE, false, 2 / sqrt(IN + OUT), 2 / sqrt(IN + OUT)},
    };
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    for (size_t r = 0; r < sizeof rule / sizeof rule[0]; r++) {
        fqp_model *net =
            make(ctx, rule[r].init, rule[r].init == FQPI_INIT_SIREN ? FQPI_ACT_SIN : FQPI_ACT_TANH, 0, NAN, 9);
        int64_t in, out, weight, bias;
        fqp_model_layer(net, 1, &in, &out, &weight, &bias);
        const double *w = fqp_model_parameters(net);
        moments m = measure(w + weight, in * out), b = measure(w + bias, out);
        double deviation = rule[r].uniform ? rule[r].weight / sqrt(3) : rule[r].weight, n = IN * OUT;
        assert_near(m.mean, 0, 5 * deviation / sqrt(n));
        assert_near(m.deviation, deviation, 5 * deviation / sqrt(n));
        if (rule[r].uniform)
            assert_true(m.largest < rule[r].weight && m.largest > 0.999 * rule[r].weight);
        else
            assert_true(m.largest > 3.5 * deviation && m.largest < 6 * deviation);
        double bias_deviation = rule[r].uniform ? rule[r].bias / sqrt(3) : rule[r].bias;
        assert_near(b.deviation, bias_deviation, 5 * bias_deviation / sqrt(OUT));
        fqp_model_destroy(net);
    }
    fqp_ctx_destroy(ctx);
}

static void given_biases_override_the_rule(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    int64_t in, out, weight, bias;
    fqp_model *net = make(ctx, FQPI_INIT_TORCH, FQPI_ACT_TANH, 0, 0, 1);
    fqp_model_layer(net, 1, &in, &out, &weight, &bias);
    assert_near(measure((double *)fqp_model_parameters(net) + bias, out).largest, 0, 0);
    fqp_model_destroy(net);
    net = make(ctx, FQPI_INIT_GLOROT_UNIFORM, FQPI_ACT_TANH, 0, 2, 1);
    assert_near(measure((double *)fqp_model_parameters(net) + bias, out).deviation, 2, 0.5);
    fqp_model_destroy(net);
    fqp_ctx_destroy(ctx);
}

static void the_first_layer_may_have_a_spread_of_its_own(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    int64_t hidden[] = {IN, OUT}, in, out, weight, bias;
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){hidden, 2};
    o.precision = 1;
    fqp_model *plain = NULL, *wide = NULL;
    assert_ok(ctx, fqp_model_create(ctx, 2, 3, &o, 1, &plain));
    o.first_std = 10;
    assert_ok(ctx, fqp_model_create(ctx, 2, 3, &o, 1, &wide));
    const double *a = fqp_model_parameters(plain), *b = fqp_model_parameters(wide);
    fqp_model_layer(wide, 0, &in, &out, &weight, &bias);
    assert_near(measure(b + weight, in * out).deviation, 10, 1.5);
    fqp_model_layer(wide, 1, &in, &out, &weight, &bias);
    assert_memory_equal(a + weight, b + weight, (size_t)(in * out) * sizeof *a);
    fqp_model_destroy(plain);
    fqp_model_destroy(wide);
    fqp_ctx_destroy(ctx);
}

/* NTK parameters and the same rule with standard parameters are one function. */
static void ntk_is_the_same_function_in_both_scalings(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    fqp_model *a = make(ctx, FQPI_INIT_NTK, FQPI_ACT_TANH, 0, NAN, 4),
              *b = make(ctx, FQPI_INIT_NTK, FQPI_ACT_TANH, 1, NAN, 4);
    double x[] = {0.3, -0.8, 1.2, 0.1}, ya[6], yb[6];
    fqp_view points = {.data = x, .dtype = FQP_F64, .ndim = 2, .shape = {2, 2}};
    assert_ok(ctx, fqp_model_eval(ctx, a, points, ya));
    assert_ok(ctx, fqp_model_eval(ctx, b, points, yb));
    for (int i = 0; i < 6; i++)
        assert_near(ya[i], yb[i], 1e-13);
    assert_near(measure(fqp_model_parameters(b), fqp_model_parameter_count(b)).deviation, 1, 0.02);
    fqp_model_destroy(a);
    fqp_model_destroy(b);
    fqp_ctx_destroy(ctx);
}

static void draws_depend_on_seed_and_layer_alone(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    fqp_model *a = make(ctx, FQPI_INIT_NORMAL, FQPI_ACT_TANH, 0, NAN, 4),
              *b = make(ctx, FQPI_INIT_NORMAL, FQPI_ACT_RELU, 0, NAN, 4),
              *c = make(ctx, FQPI_INIT_NORMAL, FQPI_ACT_TANH, 0, NAN, 5);
    size_t bytes = (size_t)fqp_model_parameter_count(a) * sizeof(double);
    const double *w = fqp_model_parameters(a);
    assert_memory_equal(w, fqp_model_parameters(b), bytes);
    assert_true(memcmp(w, fqp_model_parameters(c), bytes) != 0);
    int64_t in, out, weight, bias;
    fqp_model_layer(a, 1, &in, &out, &weight, &bias);
    assert_true(memcmp(w, w + weight, 8 * sizeof *w) != 0); /* layers draw from different streams */
    fqp_model_destroy(a);
    fqp_model_destroy(b);
    fqp_model_destroy(c);
    fqp_ctx_destroy(ctx);
}

/* Every hidden bias within the range and spread over it; those of the outputs as ever. */
static void hidden_biases_spread_over_a_range(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    int64_t hidden[] = {400, 300};
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){hidden, 2};
    o.precision = 1;
    o.bias_std = 0;
    o.bias_range = 3.14;
    fqp_model *net;
    assert_ok(ctx, fqp_model_create(ctx, 1, 2, &o, 1, &net));
    for (int64_t l = 0; l < 3; l++) {
        const double *b = (const double *)net->w + net->layer[l].bias;
        const int64_t n = net->layer[l].out;
        double sum = 0, squares = 0, most = 0;
        for (int64_t i = 0; i < n; i++) {
            sum += b[i];
            squares += b[i] * b[i];
            most = fmax(most, fabs(b[i]));
        }
        const double range = l < 2 ? 3.14 : 0, deviation = range / sqrt(3);
        assert_true(most <= range && most >= 0.97 * range);
        assert_near(sum / (double)n, 0, 4 * deviation / sqrt((double)n));
        assert_near(sqrt(squares / (double)n), deviation, 0.1 * deviation);
    }
    fqp_model_destroy(net);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spreads),
        cmocka_unit_test(given_biases_override_the_rule),
        cmocka_unit_test(the_first_layer_may_have_a_spread_of_its_own),
        cmocka_unit_test(ntk_is_the_same_function_in_both_scalings),
        cmocka_unit_test(draws_depend_on_seed_and_layer_alone),
        cmocka_unit_test(hidden_biases_spread_over_a_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
