/* SIREN's law: with its initialisation the spread of pre-activations settles with depth (Sitzmann et al. 2006.09661).
 *
 * W ~ U(+-sqrt(6/in)/omega0) makes the arguments omega0 (W h + b) of a wide layer nearly Gaussian with variance
 * A = 2 Var h + omega0^2 Var b, and a sine of such an argument has variance (1 - exp(-2A))/2.  The fixed point is 0.80
 * without biases (the paper rounds to 1) and 2.16 with biases U(+-1/sqrt(in)) at width 256, a spread of 1.47. */
#include "init.h"
#include "kernel.h"
#include "mem.h"
#include "net.h"
#include "support.h"

#include <stdlib.h>

enum { WIDTH = 256, DEPTH = 5, POINTS = 128, SEEDS = 8 };

/* Variance of sin and of its argument omega0 (W h + b) in layer l, from the parameters by the plain formula. */
static void variances(const fqp_model *net, double argument[DEPTH], double activation[DEPTH]) {
    const double *w = net->w;
    for (int p = 0; p < POINTS; p++) {
        double h[WIDTH] = {2.0 * p / POINTS - 1}, next[WIDTH];
        for (int l = 0; l < DEPTH; l++) {
            const fqpi_layer *y = &net->layer[l];
            for (int64_t i = 0; i < y->out; i++) {
                double z = y->bias < 0 ? 0 : w[y->bias + i];
                for (int64_t j = 0; j < y->in; j++)
                    z += w[y->weight + i * y->in + j] * h[j];
                next[i] = sin(y->omega * z);
                argument[l] += y->omega * z * y->omega * z / (SEEDS * POINTS * WIDTH);
                activation[l] += next[i] * next[i] / (SEEDS * POINTS * WIDTH);
            }
            memcpy(h, next, sizeof h);
        }
    }
}

static void measure(bool bias, double argument[DEPTH], double activation[DEPTH]) {
    int64_t hidden[DEPTH] = {WIDTH, WIDTH, WIDTH, WIDTH, WIDTH};
    fqp_ctx *ctx;
    fqp_model *net = NULL;
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){hidden, DEPTH};
    o.activation = FQPI_ACT_SIN;
    o.init = FQPI_INIT_SIREN;
    o.bias = bias;
    o.precision = 1;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        assert_ok(ctx, fqp_model_create(ctx, 1, 1, &o, seed, &net));
        variances(net, argument, activation);
        fqp_model_destroy(net);
    }
    fqp_ctx_destroy(ctx);
}

static double settled(double bias) {
    double a = 1;
    for (int i = 0; i < 100; i++)
        a = bias + 1 - exp(-2 * a);
    return a;
}

static void check(bool bias) {
    double argument[DEPTH] = {0}, activation[DEPTH] = {0};
    double added = bias ? 30.0 * 30.0 / (3 * WIDTH) : 0;
    measure(bias, argument, activation);
    for (int l = 1; l < DEPTH; l++) {
        /* 8 networks of 256 neurons: a standard deviation of the means is about 1.5 % */
        assert_near(argument[l], 2 * activation[l - 1] + added, 0.06 * argument[l]);
        assert_near(activation[l], (1 - exp(-2 * argument[l])) / 2, 0.06 * activation[l]);
    }
    assert_near(sqrt(argument[DEPTH - 1]), sqrt(settled(added)), 0.1);
}

static void without_biases(void **state) {
    (void)state;
    assert_near(settled(0), 0.797, 1e-3);
    check(false);
}

static void with_biases(void **state) {
    (void)state;
    check(true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_biases),
        cmocka_unit_test(with_biases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
