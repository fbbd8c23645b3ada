/* The bank of forecasts: its configurations, its runs, and what is measured without it. */
#include "measure/forecast_bank.h"
#include "unit/exp/room.h"

static double value(const char *name, const double *arg, int n) {
    fqpi_cache cache = {0};
    const fqpi_measuring m = {.ctx = ctx, .cache = &cache};
    const fqpi_measure *row = fqpi_measure_find(name);
    assert_non_null(row);
    const double v = row->eval(&m, arg, n);
    fqpi_cache_free(&cache);
    return v;
}

static void every_case_is_a_configuration(void **state) {
    (void)state;
    char *last = NULL;
    for (int64_t i = 0; i < FQPI_BANK_RUNS; i++) {
        char *text = fqpi_bank_yaml(ctx, i);
        assert_non_null(text);
        fqp_config_destroy(configured(text));
        assert_true(!last || strcmp(text, last) != 0);
        fqpi_free(last);
        last = text;
    }
    fqpi_free(last);
}

static void a_case_is_the_same_every_time(void **state) {
    (void)state;
    fqpi_bank_run a, b;
    works(fqpi_bank_train(ctx, 12, &a));
    works(fqpi_bank_train(ctx, 12, &b));
    assert_true(a.frames > FQPI_BANK_HOLD && a.bands > 0);
    assert_true(a.frames == b.frames && a.bands == b.bands);
    assert_memory_equal(a.step, b.step, a.frames * sizeof *a.step);
    assert_memory_equal(a.error, b.error, a.frames * a.bands * sizeof *a.error);
    /* every band is learnt, and the run ends `hold` frames after the last of them */
    int64_t last = 0;
    for (size_t k = 0; k < a.bands; k++) {
        const int64_t at = fqp_capture_frame(a.error + k, a.frames, a.bands, FQPI_BANK_TAU, FQPI_BANK_HOLD);
        assert_true(at >= 0);
        last = at > last ? at : last;
    }
    assert_int_equal(a.frames, last + FQPI_BANK_HOLD + 1);
    fqpi_bank_free(&a);
    fqpi_bank_free(&b);
}

static void exponentials_are_held(void **state) {
    (void)state;
    assert_true(value("forecast_exponential", (double[]){50}, 1) == 1);
    assert_true(isnan(value("forecast_coverage", (double[]){2, 0}, 2))); /* there is no third half */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_case_is_a_configuration),
                                       cmocka_unit_test(a_case_is_the_same_every_time),
                                       cmocka_unit_test(exponentials_are_held)};
    return cmocka_run_group_tests(tests, enter, leave);
}
