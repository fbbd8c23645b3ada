/* The gradient of training is the derivative of its loss: every activation, loss, output map, initialisation and
 * scaling against central differences, and the work cut in different ways against itself. */
#include "unit/train/fixture.h"

#include "init.h"

static void check(const fqp_model_opts *mo, const fqp_train_opts *to, int64_t n, int64_t m, bool classes) {
    fixture f;
    fixture_open(&f, 2);
    fixture_data(&f, n, 2, m);
    if (classes)
        fixture_classes(&f);
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, m, mo, 3, &f.net));
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, to, 1, NULL, &f.trainer));
    double worst = worst_difference(&f);
    if (!(worst < 2e-7))
        fail_msg("%s, init %s, output %s, loss %s: gradient differs by %.2e",
                 fqp_activation_name((size_t)mo->activation, NULL), fqp_init_name((size_t)mo->init, NULL),
                 fqpi_output_name((size_t)mo->output, NULL), fqp_loss_name((size_t)to->loss, NULL), worst);
    fixture_close(&f);
}

static void every_activation_and_init(void **state) {
    (void)state;
    int64_t hidden[] = {7, 5};
    for (int a = 0; fqp_activation_name((size_t)a, NULL); a++)
        for (int i = 0; fqp_init_name((size_t)i, NULL); i++)
            for (int ntk = 0; ntk < 2; ntk++) {
                if (i == FQPI_INIT_SIREN && a != FQPI_ACT_SIN)
                    continue;
                fqp_model_opts mo = small_model(hidden, 2, a, true);
                mo.init = i;
                /* their own parameters bend too much for differences */
                mo.activation_param = a == FQPI_ACT_GABOR ? 1 : a == FQPI_ACT_FINER ? 0.1 : NAN;
                mo.parameters = ntk;
                mo.weight_std = 0.8;
                mo.omega0 = 3;
                mo.bias_std = 0.3;
                check(&mo, &fqpi_train_defaults, 19, 1, false);
            }
}

static void every_loss_and_output(void **state) {
    (void)state;
    int64_t hidden[] = {6};
    for (int o = 0; fqpi_output_name((size_t)o, NULL); o++)
        for (int l = 0; fqp_loss_name((size_t)l, NULL); l++)
            for (int bias = 0; bias < 2; bias++) {
                if (fqpi_loss_is_entropy(fqpi_loss_row(l)) && !fqpi_output_row(o)->entropy)
                    continue;
                if (fqpi_loss_row(l)->spectrum) /* of points on a grid: tests/unit/train/test_spectral.c */
                    continue;
                fqp_model_opts mo = small_model(hidden, 1, FQPI_ACT_TANH, true);
                mo.output = o;
                mo.bias = bias;
                mo.weight_std = 1;
                fqp_train_opts to = fqpi_train_defaults;
                to.loss = l;
                to.loss_param = fmax(0.21, 1.7 * fqpi_loss_row(l)->least);
                check(&mo, &to, 37, 3, bias);
            }
}

static void every_cut(void **state) {
    (void)state;
    int64_t hidden[] = {9, 9};
    const int64_t n[] = {1, 2, 8, 15, 16, 17, 31, 33, 61, 64, 65, 127, 129, 200, 257, 700};
    for (size_t i = 0; i < sizeof n / sizeof n[0]; i++) {
        fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, true);
        check(&mo, &fqpi_train_defaults, n[i], 2, false);
    }
}

static void a_linear_model_and_no_hidden_layer(void **state) {
    (void)state;
    fqp_model_opts mo = small_model(NULL, 0, FQPI_ACT_TANH, true);
    check(&mo, &fqpi_train_defaults, 50, 3, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_activation_and_init),
        cmocka_unit_test(every_loss_and_output),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(a_linear_model_and_no_hidden_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
