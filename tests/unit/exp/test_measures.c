/* Measures: the table itself, and every row that needs no run against what is known of it. */
#include "unit/exp/room.h"

#include "measure/measure.h"

static double value(const char *name, const double *args, int nargs) {
    const fqpi_measure *row = fqpi_measure_find(name);
    assert_non_null(row);
    assert_true(nargs >= row->least && nargs <= row->most);
    fqpi_cache cache = {0};
    const fqpi_measuring m = {.ctx = ctx, .dir = room, .cache = &cache};
    const double v = row->eval(&m, args, nargs);
    fqpi_cache_free(&cache);
    return v;
}

static void table(void **state) {
    (void)state;
    size_t n = 0;
    for (const fqpi_measure *row; (row = fqpi_measure_row(n)); n++) {
        assert_ptr_equal(fqpi_measure_find(row->name), row); /* names are unique */
        assert_true(row->least <= row->most && row->most <= 8 && row->eval);
        assert_int_equal(strncmp(row->doc, row->name, strlen(row->name)), 0); /* help begins with the call */
        const char *doc = NULL;
        assert_string_equal(fqp_measure_name(n, &doc), row->name);
        assert_ptr_equal(doc, row->doc);
    }
    assert_true(n > 30);
    assert_null(fqpi_measure_find("nothing"));
}

static void phase(void **state) {
    (void)state;
    assert_true(fabs(value("phase_error", (double[]){0}, 1) - sqrt(2)) < 1e-12);
    assert_true(value("phase_error", (double[]){1}, 1) < 1e-12);
}

/* All six orders of three rates: the verdict follows the rates. */
static void synthetic(void **state) {
    (void)state;
    static const struct {
        double rate[3], verdict;
    } rows[] = {{{1, 3, 5}, -1}, {{5, 3, 1}, 1}, {{1, 5, 3}, 0}, {{3, 1, 5}, 0}, {{3, 5, 1}, 0}, {{5, 1, 3}, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(value("synthetic_order", rows[i].rate, 3) == rows[i].verdict);
}

/* Capture times of the weighted model by formula: t = ceil(ln tau / ln(1 - eta l w)). */
static void anti(void **state) {
    (void)state;
    assert_true(value("anti_kendall", (double[]){1.5}, 1) == -1);
    assert_true(value("anti_order", (double[]){0.5}, 1) == 1);
    assert_true(value("anti_spread", (double[]){1}, 1) == 1);
    const double first = ceil(log(0.1) / log(1 - 0.01)), last = ceil(log(0.1) / log(1 - 0.01 / 32));
    assert_true(fabs(value("anti_spread", (double[]){0.5}, 1) - last / first) < 0.02 * last / first);
}

static void filter(void **state) {
    (void)state;
    assert_true(value("filter_multiplier", (double[]){0}, 1) < 1e-6);
    assert_true(value("filter_multiplier", (double[]){1}, 1) > 0.05);
}

static void chance(void **state) {
    (void)state;
    const double share = value("false_alarm", (double[]){300}, 1);
    assert_true(share > 0 && share <= 0.15);
    assert_true(value("falling_low_first", (double[]){100}, 1) >= 0.95);
    assert_true(value("perfect_by_chance", (double[]){300}, 1) < 0.05);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(phase),  cmocka_unit_test(synthetic),
                                       cmocka_unit_test(anti),  cmocka_unit_test(filter), cmocka_unit_test(chance)};
    return cmocka_run_group_tests(tests, enter, leave);
}
