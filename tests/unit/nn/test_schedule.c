/* Learning-rate schedules at hand-computed points. */
#include "schedule.h"
#include "support.h"

static double factor(const char *name, double t, double total, double rate, double every) {
    for (int i = 0; fqpi_lr_row(i); i++)
        if (!strcmp(fqpi_lr_row(i)->name, name))
            return fqpi_lr_row(i)->factor(t, total, rate, every);
    fail_msg("no schedule %s", name);
    return 0;
}

static void values(void **state) {
    (void)state;
    assert_near(factor("constant", 77, 100, 0.1, 10), 1, 0);
    assert_near(factor("step", 9, 100, 0.1, 10), 1, 0);
    assert_near(factor("step", 10, 100, 0.1, 10), 0.1, 0);
    assert_near(factor("step", 29, 100, 0.1, 10), 0.01, 1e-17);
    assert_near(factor("exponential", 5, 100, 0.25, 10), 0.5, 0);
    assert_near(factor("cosine", 0, 100, 0, 1), 1, 0);
    assert_near(factor("cosine", 50, 100, 0, 1), 0.5, 1e-16);
    assert_near(factor("cosine", 100, 100, 0, 1), 0, 0);
    assert_near(factor("cosine", 120, 100, 0, 1), 0, 0);
    assert_near(factor("inverse_time", 30, 100, 0.1, 1), 0.25, 0);
}

static void every_row_begins_at_one(void **state) {
    (void)state;
    size_t n = 0;
    const char *doc;
    for (int i = 0; fqpi_lr_row(i); i++, n++)
        assert_near(fqpi_lr_row(i)->factor(0, 1000, 0.3, 7), 1, 0);
    assert_non_null(fqpi_lr_name(n - 1, &doc));
    assert_null(fqpi_lr_name(n, &doc));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(every_row_begins_at_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
