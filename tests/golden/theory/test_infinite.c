/* Kernels of infinitely wide networks against their formulas in 80 digits (infinite.npz, written by make.py), at every
 * level of the kernel: to 1e-12 of the diagonal, also where points are near, opposite or in one direction. */
#include "support.h"

#include <fqp/ntk.h>

static const char *const path = FQP_SOURCE_DIR "/tests/golden/theory/infinite.npz";

static int find(const char *word) {
    for (size_t i = 0; fqp_activation_name(i, NULL); i++)
        if (!strcmp(fqp_activation_name(i, NULL), word))
            return (int)i;
    return -1;
}

static fqp_ntk *network(fqp_ctx *ctx, int activation, size_t depth, bool bias, double omega) {
    fqp_ntk_layer layer[8];
    for (size_t l = 0; l < depth; l++)
        layer[l] = (fqp_ntk_layer){.gain = 1.5,
                                   .weight_var = 1.3,
                                   .bias_gain = 1,
                                   .bias_var = bias ? 0.1 : 0,
                                   .train_weight = true,
                                   .train_bias = true,
                                   .activation = activation,
                                   .param = NAN,
                                   .omega = omega};
    fqp_ntk *k = NULL;
    assert_ok(ctx, fqp_ntk_infinite_layers(ctx, depth, layer, &k));
    return k;
}

/* want [n, n, 2] */
static void compare(const char *what, int part, int64_t n, const double *got, const double *want) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            const double wanted = want[2 * (i * n + j) + part];
            const double size = sqrt(want[2 * (i * n + i) + part]) * sqrt(want[2 * (j * n + j) + part]);
            if (!(fabs(got[i * n + j] - wanted) <= 1e-12 * size))
                fail_msg("%s, part %d, points %d and %d: %.17g, exact %.17g, of %g", what, part, (int)i, (int)j,
                         got[i * n + j], wanted, size);
        }
}

static void at_level(const char *level) {
    fqp_ctx *ctx = NULL;
    fqp_array x = {0};
    static double got[32 * 32];
    if (fqp_ctx_create(&(fqp_ctx_opts){.kernel = level}, &ctx))
        return; /* not this processor */
    assert_ok(ctx, fqp_npz_read(ctx, path, "x", &x));
    static const char *const names[] = {"relu", "leaky_relu", "relu_power", "erf",  "sin",
                                        "cos",  "gaussian",   "ricker",     "gelu", "identity"};
    for (size_t a = 0; a < sizeof names / sizeof names[0]; a++)
        for (int bias = 0; bias < 2; bias++)
            for (size_t depth = 2; depth < 5; depth += 2) {
                char what[64];
                fqp_array want = {0};
                snprintf(what, sizeof what, "%s_%zu_%d", names[a], depth, bias);
                assert_ok(ctx, fqp_npz_read(ctx, path, what, &want));
                const bool turned = !strcmp(names[a], "sin") && depth == 2;
                fqp_ntk *k = network(ctx, find(names[a]), depth, bias, turned ? 3 : 1);
                for (int part = 0; part < 2; part++) {
                    assert_ok(ctx, fqp_ntk_gram(k, fqp_view_2d(x.data, x.shape[0], x.shape[1]), (fqp_view){0},
                                                (fqp_ntk_part)part, got));
                    compare(what, part, x.shape[0], got, want.data);
                }
                fqp_ntk_destroy(k);
                fqp_array_free(&want);
            }
    fqp_array_free(&x);
    fqp_ctx_destroy(ctx);
}

static void formulas_in_many_digits(void **state) {
    (void)state;
    static const char *const levels[] = {"reference", "base", "avx2", "avx512"};
    for (int l = 0; l < 4; l++)
        at_level(levels[l]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(formulas_in_many_digits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
