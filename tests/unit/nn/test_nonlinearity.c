/* Activations layer by layer: the network by its formula, SIREN's ranges with an omega per layer, refusals. */
#include "init.h"
#include "kernel.h"
#include "net.h"
#include "support.h"

#include <stdlib.h>

static int64_t hidden[] = {40, 30};
static double omegas[] = {9, 4};

static fqp_model_opts two_layers(int activation) {
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){hidden, 2};
    o.activation = activation;
    o.precision = 1;
    return o;
}

static fqp_model *made(fqp_ctx *ctx, const fqp_model_opts *o) {
    fqp_model *net = NULL;
    assert_ok(ctx, fqp_model_create(ctx, 1, 1, o, 1, &net));
    return net;
}

static double through(const fqp_model *net, double x, double (*first)(double), double (*second)(double),
                      const double omega[2]) {
    const double *w = net->w;
    double h[64] = {x}, z[64];
    for (int64_t l = 0; l < 3; l++) {
        const fqpi_layer *y = &net->layer[l];
        for (int64_t i = 0; i < y->out; i++) {
            z[i] = w[y->bias + i];
            for (int64_t j = 0; j < y->in; j++)
                z[i] += w[y->weight + i * y->in + j] * h[j];
        }
        for (int64_t i = 0; i < y->out; i++)
            h[i] = l == 0 ? first(omega[0] * z[i]) : l == 1 ? second(omega[1] * z[i]) : z[i];
    }
    return h[0];
}

static void check(const fqp_model_opts *o, double (*first)(double), double (*second)(double), double a, double b) {
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    fqp_model *net = made(ctx, o);
    for (double x = -1; x <= 1; x += 0.125) {
        double out;
        assert_ok(ctx,
                  fqp_model_eval(ctx, net, (fqp_view){.data = &x, .dtype = FQP_F64, .ndim = 1, .shape = {1}}, &out));
        assert_near(out, through(net, x, first, second, (double[]){a, b}), 1e-13);
    }
    fqp_model_destroy(net);
    fqp_ctx_destroy(ctx);
}

static void every_layer_has_its_own(void **state) {
    (void)state;
    fqp_model_opts o = two_layers(FQPI_ACT_TANH);
    o.first_activation = 1 + FQPI_ACT_SIN;
    check(&o, sin, tanh, 1, 1);
    o.first_omega0 = 7;
    check(&o, sin, tanh, 7, 1);
    o = two_layers(FQPI_ACT_SIN);
    o.activation_param = 2;
    check(&o, sin, sin, 2, 2);
    o.first_omega0 = 7;
    check(&o, sin, sin, 7, 2);
    o.first_omega0 = 0;
    o.omegas = (fqp_reals){omegas, 2};
    check(&o, sin, sin, 9, 4);
    o = two_layers(FQPI_ACT_SIN);
    o.first_activation = 1 + FQPI_ACT_TANH;
    o.activation_param = 2;
    check(&o, tanh, sin, 1, 2);
    o = two_layers(FQPI_ACT_SIN);
    o.init = FQPI_INIT_SIREN;
    o.omega0 = 5;
    o.first_omega0 = 20;
    check(&o, sin, sin, 20, 5);
}

static double largest(const fqp_model *net, int64_t l) {
    const double *w = net->w;
    double most = 0;
    for (int64_t i = 0; i < net->layer[l].in * net->layer[l].out; i++)
        most = fmax(most, fabs(w[net->layer[l].weight + i]));
    return most;
}

/* 1/in, sqrt(6/in)/omega of the layer; the last divides by the omega of the last sines. */
static void siren_divides_by_the_omega_of_the_layer(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    fqp_model_opts o = two_layers(FQPI_ACT_SIN);
    o.init = FQPI_INIT_SIREN;
    o.omegas = (fqp_reals){omegas, 2};
    fqp_model *net = made(ctx, &o);
    const double bound[] = {1, sqrt(6.0 / 40) / 4, sqrt(6.0 / 30) / 4};
    for (int64_t l = 0; l < 3; l++)
        assert_true(largest(net, l) <= bound[l] && largest(net, l) > 0.85 * bound[l]);
    fqp_model_destroy(net);
    o.omegas.n = 0;
    o.omega0 = 4;
    o.first_omega0 = 9;
    net = made(ctx, &o);
    for (int64_t l = 0; l < 3; l++)
        assert_true(largest(net, l) <= bound[l] && largest(net, l) > 0.85 * bound[l]);
    fqp_model_destroy(net);
    fqp_ctx_destroy(ctx);
}

static void refuse(fqp_ctx *ctx, const fqp_model_opts *o, const char *text) {
    fqp_model *net = NULL;
    assert_refused(ctx, fqp_model_create(ctx, 1, 1, o, 1, &net), FQP_E_CONFIG, text);
    assert_null(net);
}

static void what_does_not_go_together_is_named(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    fqp_model_opts o = two_layers(FQPI_ACT_TANH);
    o.first_omega0 = 3;
    refuse(ctx, &o, "model.first_omega0: the first layer is tanh, which has no omega; sin, gabor and finer have");
    o = two_layers(FQPI_ACT_SIN);
    o.omegas = (fqp_reals){omegas, 1};
    refuse(ctx, &o, "model.omegas: 1 factors for the 2 hidden layers of model.hidden");
    o.omegas.n = 2;
    o.first_omega0 = 3;
    refuse(ctx, &o, "model.first_omega0: model.omegas says 9 for the first layer already");
    o.first_omega0 = 0;
    o.first_activation = 1 + FQPI_ACT_TANH;
    refuse(ctx, &o, "model.omegas: layer 1 is tanh, which has no omega; sin, gabor and finer have");
    o.omegas.n = 0;
    o.init = FQPI_INIT_SIREN;
    refuse(ctx, &o, "model.first_activation: init siren is for sin (or gabor, finer), not for tanh");
    o = two_layers(FQPI_ACT_TANH);
    o.hidden.n = 0;
    o.first_activation = 1 + FQPI_ACT_SIN;
    refuse(ctx, &o, "model.first_activation: model.hidden [] has no activations");
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layer_has_its_own),
        cmocka_unit_test(siren_divides_by_the_omega_of_the_layer),
        cmocka_unit_test(what_does_not_go_together_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
