/* Kernels of infinitely wide networks against their formulas. */
#include "kernel.h"
#include "support.h"

#include <fqp/ntk.h>

static const double pi = 3.14159265358979323846;

enum { N = 40 };

static void circle(double *x) {
    for (int i = 0; i < N; i++) {
        x[2 * i] = cos(2 * pi * i / N);
        x[2 * i + 1] = sin(2 * pi * i / N);
    }
}

/* Two layers of relu on the unit circle, weights of variance 1 without bias: both layers trained, the first, the last
 * (Basri et al. 1906.00425). */
static void two_layers_of_relu_on_the_circle(void **state) {
    (void)state;
    double x[2 * N], K[N * N];
    circle(x);
    for (int trained = 1; trained < 4; trained++) {
        fqp_ctx *ctx = NULL;
        assert_ok(NULL, fqp_ctx_create(NULL, &ctx));
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

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_layers_of_relu_on_the_circle)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
