/* The last layer solved for: at the solution the engine's own gradient by it is zero, whatever the features are. */
#include "unit/train/fixture.h"

typedef struct setting {
    size_t layers;
    int64_t m;
    int activation, embedding;
    bool ntk, bias, classes;
    double decay;
    int filters, slopes;
    bool train_features;
} setting;

static const setting settings[] = {
    {.layers = 1, .m = 1, .activation = FQPI_ACT_TANH, .bias = true},
    {.layers = 2, .m = 3, .activation = FQPI_ACT_SIN, .bias = true},
    {.layers = 2, .m = 2, .activation = FQPI_ACT_S2RELU, .bias = false},
    {.layers = 1, .m = 2, .activation = FQPI_ACT_GELU, .bias = true, .ntk = true, .decay = 1e-3},
    {.layers = 0, .m = 1, .embedding = 1, .bias = true, .decay = 0.02},
    {.layers = 0, .m = 2, .bias = true},
    {.layers = 1, .m = 3, .activation = FQPI_ACT_RELU, .bias = true, .classes = true},
    {.layers = 2, .m = 2, .bias = true, .filters = 1},
    {.layers = 2, .m = 1, .activation = FQPI_ACT_TANH, .bias = true, .slopes = 3},
    {.layers = 1, .m = 1, .activation = FQPI_ACT_TANH, .embedding = 1, .bias = true, .train_features = true},
};

static void open_setting(fixture *f, const setting *s, int64_t n) {
    static int64_t hidden[] = {6, 9};
    fixture_open(f, 2);
    fixture_data(f, n, 2, s->m);
    if (s->classes)
        fixture_classes(f);
    fqp_model_opts mo = small_model(hidden, s->layers, s->activation, true);
    mo.embedding = s->embedding;
    mo.features = 3;
    mo.filters = s->filters;
    mo.slopes = s->slopes;
    mo.train_features = s->train_features;
    mo.init = FQPI_INIT_NORMAL;
    mo.weight_std = 1;
    mo.bias_range = 1;
    mo.parameters = s->ntk;
    mo.bias = s->bias;
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, "least_squares");
    o.weight_decay = s->decay;
    o.steps = 50;
    assert_ok(f->ctx, fqp_model_create(f->ctx, 2, s->m, &mo, 5, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &o, 1, NULL, &f->trainer));
}

static void the_gradient_of_the_last_layer_is_zero(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        for (int64_t n = 5; n <= 60; n += 55) { /* fewer points than features, and more */
            fixture f;
            open_setting(&f, &settings[i], n);
            const int64_t parameters = fqp_model_parameter_count(f.net), last = fqp_model_layers(f.net) - 1;
            const double *w = fqp_model_parameters(f.net);
            double *start = calloc((size_t)parameters, sizeof *start), *g = calloc((size_t)parameters, sizeof *g),
                   before, after;
            memcpy(start, w, (size_t)parameters * sizeof *w);
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &before, g));
            assert_ok(f.ctx, fqp_trainer_run(f.trainer));
            assert_int_equal(fqp_trainer_steps_done(f.trainer), 1); /* it knows that it has arrived */
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &after, g));
            assert_true(after < before);
            int64_t in, out, weight, bias;
            fqp_model_layer(f.net, last, &in, &out, &weight, &bias);
            const int64_t past = weight + in * out + (bias >= 0 ? out : 0);
            for (int64_t p = 0; p < parameters; p++)
                if (p < weight || p >= past)
                    assert_true(w[p] == start[p]);
                else if (!(fabs(g[p] + settings[i].decay * w[p]) <= 1e-10))
                    fail_msg("setting %zu, %lld points: parameter %lld is %g, gradient %g", i, (long long)n,
                             (long long)(p - weight), w[p], g[p]);
            free(start);
            free(g);
            fixture_close(&f);
        }
}

static void what_cannot_be_solved_is_refused(void **state) {
    (void)state;
    static int64_t hidden[] = {3};
    fixture f;
    fixture_open(&f, 1);
    fixture_data(&f, 30, 2, 1);
    fqp_model_opts mo = small_model(hidden, 1, FQPI_ACT_TANH, true);
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, "least_squares");
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 5, &f.net));
    o.loss = find(fqp_loss_name, "mae");
    assert_refused(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer), FQP_E_CONFIG,
                   "train.optimizer: least_squares solves for mse; train.loss is mae");
    o.loss = find(fqp_loss_name, "mse");
    o.batch = 7;
    assert_refused(
        f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer), FQP_E_CONFIG,
        "train.batch: least_squares needs every training point in each step; set 0, or another train.optimizer");
    o.batch = 0;
    fqp_model_destroy(f.net);
    mo.output = find(fqpi_output_name, "sigmoid");
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 5, &f.net));
    assert_refused(
        f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer), FQP_E_CONFIG,
        "train.optimizer: least_squares needs model.output linear; through sigmoid the outputs are not linear "
        "in the last layer");
    fqp_model_destroy(f.net);
    mo.output = 0;
    static int64_t four[] = {4};
    double phase = 7;
    fqp_model_opts gated = mo;
    gated.hidden = (fqp_ints){four, 1};
    gated.gate = 1;
    gated.phases = (fqp_reals){&phase, 1};
    fqp_dataset line = f.data;
    line.d = 1;
    line.x.shape[1] = 1;
    assert_ok(f.ctx, fqp_model_create(f.ctx, 1, 1, &gated, 5, &f.net));
    assert_refused(f.ctx, fqp_trainer_create(f.ctx, f.net, &line, &o, 1, NULL, &f.trainer), FQP_E_CONFIG,
                   "train.optimizer: least_squares solves for the last layer's outputs, which model.gate multiplies; "
                   "choose gate none");
    fqp_model_destroy(f.net);
    mo.slopes = 4;
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 5, &f.net));
    assert_refused(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer), FQP_E_CONFIG,
                   "train.optimizer: least_squares solves for the last layer's weights, which model.slopes multiplies; "
                   "choose none, network, layer or neuron");
    fqp_model_destroy(f.net);
    mo.slopes = 0;
    mo.precision = 0;
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 5, &f.net));
    assert_refused(
        f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer), FQP_E_CONFIG,
        "train.optimizer: least_squares needs model.precision f64; what it solves for is larger than the sum "
        "it gives in f32");
    fixture_close(&f);
}

static void features_that_are_not_finite_are_named(void **state) {
    (void)state;
    fixture f;
    open_setting(&f, &settings[0], 12);
    ((double *)fqp_model_parameters(f.net))[0] = NAN;
    assert_refused(f.ctx, fqp_trainer_run(f.trainer), FQP_E_DATA,
                   "train.optimizer: least_squares: the features of point 0 are not finite");
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_of_the_last_layer_is_zero),
        cmocka_unit_test(what_cannot_be_solved_is_refused),
        cmocka_unit_test(features_that_are_not_finite_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
