/* The laws of fqp selftest hold, and give the same numbers on every run. */
#include "support.h"

#include <fqp/selftest.h>

static void laws_hold(void **state) {
    (void)state;
    fqp_law law;
    for (size_t i = 0; fqp_selftest_law(i, &law); i++) {
        double first = -1;
        for (int threads = 1; threads <= 2; threads++) {
            fqp_ctx *ctx;
            double deviation = NAN;
            assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = threads}, &ctx), FQP_OK);
            assert_ok(ctx, fqp_selftest_measure(ctx, i, &deviation));
            if (!(deviation <= law.limit))
                fail_msg("%s: %g, at most %g", law.name, deviation, law.limit);
            assert_true(deviation > 0); /* nothing measured would be 0 */
            if (threads > 1)
                assert_near(deviation, first, 0);
            first = deviation;
            fqp_ctx_destroy(ctx);
        }
        assert_true(strlen(law.name) > 0 && strlen(law.says) > 20);
    }
    assert_false(fqp_selftest_law(1000, &law));
}

static void refusals(void **state) {
    (void)state;
    fqp_ctx *ctx;
    double deviation;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    assert_refused(ctx, fqp_selftest_measure(ctx, 1000, &deviation), FQP_E_ARG,
                   "fqp_selftest_measure: there is no law 1000");
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(laws_hold), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
