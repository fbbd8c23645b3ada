/* Measures of kernels' spectra: three roads to an eigenvalue, and arguments that are not answered. */
#include "measure/measure.h"
#include "support.h"

static fqp_ctx *ctx;

static int open_context(void **state) {
    (void)state;
    return fqp_ctx_create(NULL, &ctx) != FQP_OK;
}

static int close_context(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

static double ask(const char *name, int n, double a, double b, double c, double d) {
    const fqpi_measure *row = fqpi_measure_find(name);
    assert_non_null(row);
    assert_true(n >= row->least && n <= row->most);
    fqpi_cache cache = {0};
    return row->eval(&(fqpi_measuring){.ctx = ctx, .cache = &cache}, (double[]){a, b, c, d}, n);
}

static void three_roads_to_an_eigenvalue(void **state) {
    (void)state;
    for (int kernel = 1; kernel <= 3; kernel++)
        for (int k = 0; k < 9; k++) {
            const double table = ask("circle_table", 2, kernel, k, 0, 0);
            assert_near(ask("circle_value", 2, kernel, k, 0, 0), table, 1e-13);
            assert_near(ask("circle_matrix", 3, kernel, k, 128, 0), table, 4e-5); /* aliases */
        }
    assert_near(ask("circle_value", 2, 4, 4, 0, 0), 2 / (M_PI * M_PI * 225), 1e-14);
    assert_near(ask("circle_value", 2, 0, 0, 0, 0), 0.46575960759364, 1e-13); /* exp(-1) I_0(1) */
    assert_near(ask("sphere_value", 3, 0, 3, 0, 0), 0.43233235838169, 1e-13); /* exp(-1) sinh(1) */
    assert_near(ask("circle_slope", 3, 2, 16, 64, 0), -2, 0.02);
    assert_near(ask("circle_slope", 4, 2, 16, 64, 512), ask("circle_slope", 3, 2, 16, 64, 0), 0.05);
}

static void eigenvectors_by_place(void **state) {
    (void)state;
    assert_near(ask("eigenvector_changes", 2, 5, 7, 0, 0), 7, 0);
    assert_near(ask("eigenvector_changes", 2, 5, 7.0000001, 0, 0), 7, 0);
    assert_near(ask("eigenvector_frequency", 2, 5, 8, 0, 0), 4, 0.5);
}

static void flows(void **state) {
    (void)state;
    assert_near(ask("stop_error", 3, 0, 1, 0, 0), 1, 1e-12);      /* f_0 = 0: the mean square of the signal */
    assert_near(ask("stop_error", 3, 0, 1, 1e6, 0), 0, 1e-20);    /* learnt */
    assert_near(ask("stop_error", 3, 0.5, 1, 1e6, 0), 0.25, 0.1); /* the noise too */
    assert_near(ask("dense_error", 3, 4, 0, 0, 0), sqrt(0.5), 0.01);
    assert_near(ask("dense_error", 3, 4, 1, 0, 0), sqrt(0.5), 0.01);
    assert_true(ask("dense_error", 3, 4, 0, 2, 0) < ask("dense_error", 3, 4, 1, 2, 0));
}

static void not_answered(void **state) {
    (void)state;
    assert_true(isnan(ask("circle_table", 2, 4, 1, 0, 0)));
    assert_true(isnan(ask("circle_value", 2, 6, 1, 0, 0)));
    assert_true(isnan(ask("circle_value", 2, 10, 1, 0, 0)));
    assert_true(isnan(ask("circle_value", 2, 1, 1.5, 0, 0)));
    assert_true(isnan(ask("circle_matrix", 3, 1, 40, 64, 0)));
    assert_true(isnan(ask("circle_slope", 3, 2, 5, 6, 0)));
    assert_true(isnan(ask("sphere_value", 3, 1, 1, 1, 0)));
    assert_true(isnan(ask("eigenvector_changes", 2, 5, 101, 0, 0)));
    assert_true(isnan(ask("dense_ratio", 1, 0.5, 0, 0, 0)));
    assert_true(isnan(ask("stop_ratio", 2, -1, 1, 0, 0)));
    assert_true(isnan(ask("parity_kernel", 2, 0, 1, 0, 0)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(three_roads_to_an_eigenvalue, open_context, close_context),
        cmocka_unit_test_setup_teardown(eigenvectors_by_place, open_context, close_context),
        cmocka_unit_test_setup_teardown(flows, open_context, close_context),
        cmocka_unit_test_setup_teardown(not_answered, open_context, close_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
