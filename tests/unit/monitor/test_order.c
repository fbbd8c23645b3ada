/* Order of capture: Kendall's tau, permutation chances, and when the answer is "cannot be judged". */
#include "unit/monitor/field.h"

static fqp_order judge(size_t n, const double *t) {
    double axis[32];
    for (size_t i = 0; i < n; i++)
        axis[i] = (double)(2 * i + 1);
    fqp_order o;
    fqp_order_judge(axis, t, n, &o);
    return o;
}

static void three_peaks(void **state) {
    (void)state;
    fqp_order o = judge(3, (double[]){63, 206, 1054});
    assert_int_equal(o.verdict, FQP_ORDER_LOW_FIRST);
    assert_near(o.kendall, 1, 1e-15);
    assert_near(o.p_low, 1 / 6.0, 1e-15);
    assert_near(o.p_high, 1, 0);
    assert_near(o.gap, 1054 / 63.0, 1e-12);
    assert_true(o.monotone);
    o = judge(3, (double[]){1054, 206, 63});
    assert_int_equal(o.verdict, FQP_ORDER_HIGH_FIRST);
    assert_near(o.kendall, -1, 1e-15);
    assert_false(o.monotone);
    o = judge(3, (double[]){63, 1054, 206});
    assert_int_equal(o.verdict, FQP_ORDER_NONE);
    assert_near(o.kendall, 1 / 3.0, 1e-15);
    assert_near(o.p_low, 3 / 6.0, 1e-15);
}

/* In order so far, but the highest is missing: three bins cannot tell. */
static void few_and_one_missing(void **state) {
    (void)state;
    fqp_order o = judge(3, (double[]){63, 206, INFINITY});
    assert_int_equal(o.verdict, FQP_ORDER_NA);
    assert_true(o.monotone);
    assert_true(isinf(o.gap));
    o = judge(4, (double[]){63, 206, 400, INFINITY}); /* four can: 1/24 */
    assert_int_equal(o.verdict, FQP_ORDER_LOW_FIRST);
    assert_near(o.p_low, 1 / 24.0, 1e-15);
}

static void nothing_to_judge(void **state) {
    (void)state;
    fqp_order o = judge(1, (double[]){63});
    assert_int_equal(o.verdict, FQP_ORDER_NA);
    assert_true(isnan(o.gap) && isnan(o.kendall)); /* control of s1-gap-setting-c: n/a, not a number */
    o = judge(3, (double[]){INFINITY, INFINITY, INFINITY});
    assert_int_equal(o.verdict, FQP_ORDER_NA);
    assert_true(isnan(o.gap));
    o = judge(3, (double[]){5, 5, 5});
    assert_int_equal(o.verdict, FQP_ORDER_NONE);
    assert_true(isnan(o.kendall));
    o = judge(3, (double[]){INFINITY, 5, 7});
    assert_true(isnan(o.gap));
    assert_false(o.monotone);
    o = judge(3, (double[]){0, 5, 7}); /* captured before training began: no ratio */
    assert_true(isnan(o.gap));
}

/* Second road to chances: orders drawn at random, with ties. */
static void chances_against_drawing(void **state) {
    (void)state;
    const double t[] = {3, 1, 4, 4, INFINITY, 9, INFINITY};
    enum { COUNT = 7, DRAWS = 200000 };
    const fqp_order o = judge(COUNT, t);
    double p[COUNT], at_least = 0, at_most = 0;
    uint64_t r = 1;
    memcpy(p, t, sizeof t);
    for (int draw = 0; draw < DRAWS; draw++) {
        for (int i = COUNT - 1; i > 0; i--) {
            r = r * 6364136223846793005u + 1442695040888963407u;
            const int j = (int)((r >> 33) % (uint64_t)(i + 1));
            const double swap = p[i];
            p[i] = p[j];
            p[j] = swap;
        }
        double s = 0, s0 = 0;
        for (int i = 0; i < COUNT; i++)
            for (int j = i + 1; j < COUNT; j++) {
                s += (p[j] > p[i]) - (p[j] < p[i]);
                s0 += (t[j] > t[i]) - (t[j] < t[i]);
            }
        at_least += (s >= s0) / (double)DRAWS;
        at_most += (s <= s0) / (double)DRAWS;
    }
    assert_near(o.p_low, at_least, 0.006);
    assert_near(o.p_high, at_most, 0.006);
    /* tau-b by hand: 21 pairs, two of them tied, two discordant, 17 concordant */
    assert_near(o.kendall, 15 / sqrt(21 * 19.0), 1e-12);
}

/* The normal approximation, n = 9, against the exact distribution: P(S >= 24) = 0.0063 (Kendall's table). */
static void many_bins(void **state) {
    (void)state;
    fqp_order o = judge(9, (double[]){1, 2, 3, 6, 5, 4, 9, 8, 7}); /* S = 36 - 2*6 = 24 */
    assert_near(o.kendall, 24 / 36.0, 1e-12);
    assert_near(o.p_low, 0.0063, 0.002);
    assert_int_equal(o.verdict, FQP_ORDER_LOW_FIRST);
    double t[20];
    for (int i = 0; i < 20; i++)
        t[i] = i % 2 ? 20 - i : i;
    o = judge(20, t);
    assert_int_equal(o.verdict, FQP_ORDER_NONE);
    for (int i = 0; i < 20; i++)
        t[i] = i < 6 ? 10.0 * i + 1 : (double)INFINITY;
    assert_int_equal(judge(20, t).verdict, FQP_ORDER_LOW_FIRST);
    for (int i = 0; i < 20; i++)
        t[i] = 100 - i;
    assert_int_equal(judge(20, t).verdict, FQP_ORDER_HIGH_FIRST);
}

/* Bins may come in any order, and axis values may tie. */
static void any_order_of_bins(void **state) {
    (void)state;
    fqp_order a, b;
    fqp_order_judge((double[]){5, 1, 3, 3}, (double[]){90, 10, 30, 20}, 4, &a);
    assert_near(a.kendall, 5 / sqrt(6 * 5.0), 1e-12);
    assert_true(a.monotone);
    assert_near(a.gap, 9, 1e-15);
    fqp_order_judge((double[]){3, 5, 3, 1}, (double[]){20, 90, 30, 10}, 4, &b);
    assert_true(a.verdict == b.verdict && a.kendall == b.kendall && a.p_low == b.p_low && a.p_high == b.p_high);
    assert_true(a.gap == b.gap && a.monotone == b.monotone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_peaks),      cmocka_unit_test(few_and_one_missing),
        cmocka_unit_test(nothing_to_judge), cmocka_unit_test(chances_against_drawing),
        cmocka_unit_test(many_bins),        cmocka_unit_test(any_order_of_bins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
