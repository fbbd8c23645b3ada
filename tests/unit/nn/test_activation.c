/* Rows of activations: derivatives against differences of the order below, and against the kernel's vector form. */
#include "activation.h"
#include "kernel.h"
#include "support.h"

#include <fqp/model.h>

static const double points[] = {-30, -7.3, -2.5, -1.2, -0.6, -0.31, -0.02, 0.02, 0.28, 0.77, 1.4, 2.9, 6.1, 25};
enum { POINTS = sizeof points / sizeof points[0] };

static void each_order_is_the_derivative_of_the_one_below(void **state) {
    (void)state;
    for (int a = 0; a < FQPI_ACT_COUNT; a++) {
        const fqpi_activation *row = fqpi_activation_row(a);
        const double params[] = {row->value, row->parameter ? 0.7 * row->value + 1 : 0};
        for (int q = 0; q < 2; q++)
            for (int i = 0; i < POINTS; i++) {
                double f[FQPI_DERIVATIVES], up[2][FQPI_DERIVATIVES], down[2][FQPI_DERIVATIVES], h = 1e-4, z = points[i];
                int order = fqpi_activation_derivatives(a, params[q], z, f);
                for (int j = 0; j < 2; j++) {
                    fqpi_activation_derivatives(a, params[q], z + (j + 1) * h, up[j]);
                    fqpi_activation_derivatives(a, params[q], z - (j + 1) * h, down[j]);
                }
                assert_in_range(order, 1, FQPI_DERIVATIVES - 1);
                for (int k = 1; k <= order; k++) { /* of fourth order: (8 (f(z+h) - f(z-h)) - f(z+2h) + f(z-2h))/12h */
                    double difference =
                        (8 * (up[0][k - 1] - down[0][k - 1]) - (up[1][k - 1] - down[1][k - 1])) / (12 * h);
                    if (!(fabs(difference - f[k]) <= 1e-7 * (1 + fabs(f[k]) + fabs(f[k - 1]))))
                        fail_msg("%s(%g), param %g: order %d is %.12g, difference %.12g", row->name, z, params[q], k,
                                 f[k], difference);
                }
                for (int k = order + 1; k < FQPI_DERIVATIVES; k++)
                    assert_true(isnan(f[k]));
            }
    }
}

static void the_kernel_computes_the_same(void **state) {
    (void)state;
    for (size_t r = 0; fqpi_kernel_row(r); r++) {
        const fqpi_kernel *k = fqpi_kernel_row(r);
        if (k->dtype != FQP_F64)
            continue;
        for (int a = 0; a < FQPI_ACT_COUNT; a++) {
            const fqpi_activation *row = fqpi_activation_row(a);
            double p = row->parameter ? row->value : 0, omega = a == FQPI_ACT_SIN ? 1.7 : 1;
            _Alignas(64) double z[16] = {0}, out[4][16];
            memcpy(z, points, sizeof points);
            k->act3(a, p, omega, POINTS, z, out[0], out[1], out[2], out[3]);
            for (int i = 0; i < POINTS; i++) {
                double f[4];
                int order = fqp_activation_eval(a, a == FQPI_ACT_SIN ? omega : p, points[i], f);
                for (int q = 0; q <= order; q++)
                    if (!(fabs(out[q][i] - f[q]) <= 2e-14 * (1 + fabs(f[q]))))
                        fail_msg("%s level %s at %g: order %d is %.17g, row says %.17g", row->name, k->level, points[i],
                                 q, out[q][i], f[q]);
            }
        }
    }
}

static void values_of_the_definitions(void **state) {
    (void)state;
    double f[4];
    fqp_activation_eval(FQPI_ACT_GELU, 0, 1, f);
    assert_near(f[0], 0.8413447460685429, 1e-15); /* Phi(1) */
    fqp_activation_eval(FQPI_ACT_RICKER, 0.5, 0, f);
    assert_near(f[0], pow(acos(-1.0), 0.25) / 7.5, 1e-15);
    fqp_activation_eval(FQPI_ACT_SOFTPLUS, 0, 0, f);
    assert_near(f[0], log(2), 1e-15);
    fqp_activation_eval(FQPI_ACT_ELU, 1, -1, f);
    assert_near(f[0], exp(-1) - 1, 1e-15);
    assert_int_equal(fqp_activation_eval(FQPI_ACT_ELU, 2, -1, f), 1);
    fqp_activation_eval(FQPI_ACT_RELU_POWER, 3, 2, f);
    assert_near(f[3], 6, 0);
    assert_int_equal(fqp_activation_eval(FQPI_ACT_RELU_POWER, 2, 2, f), 2);
    fqp_activation_eval(FQPI_ACT_SRELU, 0, 0.5, f);
    assert_near(f[0], 0.25, 0);
    fqp_activation_eval(FQPI_ACT_S2RELU, 0, 0.25, f);
    assert_near(f[0], 0.1875, 1e-16);
    fqp_activation_eval(FQPI_ACT_PHI, 0, 1.5, f);
    assert_near(f[0], 1.5, 1e-15);
    fqp_activation_eval(FQPI_ACT_WAVE, 0, 0.75, f);
    assert_near(f[0], -0.25, 0);
    fqp_activation_eval(FQPI_ACT_GABOR, 0.5, 1, f);
    assert_near(f[0], cos(1) * exp(-0.25), 1e-16);
    fqp_activation_eval(FQPI_ACT_FINER, 2, -1, f);
    assert_near(f[0], -sin(3), 1e-16);
    assert_int_equal(fqp_activation_eval(-1, 0, 0, f), -1);
    assert_int_equal(fqp_activation_eval(FQPI_ACT_COUNT, 0, 0, f), -1);
}

static void names_follow_the_list(void **state) {
    (void)state;
    const char *doc;
    size_t i = 0;
    for (; fqp_activation_name(i, &doc); i++)
        assert_true(strlen(doc) > 4);
    assert_int_equal(i, FQPI_ACT_COUNT);
    assert_string_equal(fqp_activation_name(FQPI_ACT_LEAKY_RELU, NULL), "leaky_relu");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_order_is_the_derivative_of_the_one_below),
        cmocka_unit_test(the_kernel_computes_the_same),
        cmocka_unit_test(values_of_the_definitions),
        cmocka_unit_test(names_follow_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
