/* Captures, rates, quantiles over seeds. */
#include "unit/monitor/field.h"

static void capture_must_hold(void **state) {
    (void)state;
    const double e[] = {1, 0.05, 0.2, 0.09, 0.08, 0.07, 0.1, 0.05, 0.04};
    enum { N = sizeof e / sizeof e[0] };
    assert_int_equal(fqp_capture_frame(e, N, 1, 0.1, 0), 1);
    assert_int_equal(fqp_capture_frame(e, N, 1, 0.1, 1), 3);
    assert_int_equal(fqp_capture_frame(e, N, 1, 0.1, 2), 3);
    assert_int_equal(fqp_capture_frame(e, N, 1, 0.1, 3),
                     7); /* 0.1 is not below; to the end there are fewer: all of them */
    assert_int_equal(fqp_capture_frame(e, N, 1, 0.1, 20), 7);
    assert_int_equal(fqp_capture_frame(e, N, 1, 0.04, 0), -1);
    assert_int_equal(fqp_capture_frame(e, 0, 1, 0.1, 0), -1);
    const double table[] = {1, NAN, 0.01, NAN, 0.01, NAN};
    assert_int_equal(fqp_capture_frame(table, 3, 2, 0.1, 20), 1);
    assert_int_equal(fqp_capture_frame(table + 1, 3, 2, 0.1, 20), -1);
}

/* The definition word for word: slow, and the second road. */
static int64_t capture_by_definition(const double *e, int64_t n, double tau, int64_t hold) {
    for (int64_t f = 0; f < n; f++) {
        bool below = true;
        for (int64_t g = f; g < n && g <= f + hold; g++)
            below = below && e[g] < tau;
        if (below)
            return f;
    }
    return -1;
}

static void capture_as_defined(void **state) {
    (void)state;
    uint32_t r = 12345;
    for (int trial = 0; trial < 500; trial++) {
        double e[60];
        for (int i = 0; i < 60; i++) {
            r = r * 1664525u + 1013904223u;
            e[i] = (double)(r >> 8) / (1 << 24) * (trial % 7 + 1);
        }
        for (int64_t hold = 0; hold < 9; hold++)
            assert_int_equal(fqp_capture_frame(e, 60, 1, 0.8, hold), capture_by_definition(e, 60, 0.8, hold));
    }
}

enum { F = 60 };

static void exponential_rate_is_found(void **state) {
    (void)state;
    int64_t step[F];
    double e[F];
    for (int f = 0; f < F; f++) {
        step[f] = 10 * f;
        e[f] = fmin(0.99, 3 * exp(-0.004 * (double)step[f])); /* below 0.9 from ln(3/0.9)/0.004 = 301 */
    }
    fqp_rate r;
    fqp_rate_fit(step, e, F, 1, -1, &r);
    assert_true(r.ok);
    assert_near(r.rate, 0.004, 1e-12);
    assert_near(r.r2, 1, 1e-12);
    assert_int_equal(r.first, 31);
    assert_int_equal(r.last, F - 1);
    const int64_t captured = fqp_capture_frame(e, F, 1, 0.5, 20);
    assert_int_equal(captured, 45);
    fqp_rate_fit(step, e, F, 1, captured, &r);
    assert_true(r.ok);
    assert_int_equal(r.last, 45);
    assert_near(r.rate, 0.004, 1e-12);
}

/* Slope interval of a fixed noisy line against numbers computed by hand from the normal equations. */
static void interval_of_the_slope(void **state) {
    (void)state;
    const int64_t step[] = {0, 1, 2, 3, 4};
    const double ln[] = {-1.0, -1.9, -3.2, -3.8, -5.1};
    double e[5];
    for (int i = 0; i < 5; i++)
        e[i] = exp(ln[i]);
    fqp_rate r;
    fqp_rate_fit(step, e, 5, 1, -1, &r);
    /* slope -10.1/10, rest 10.3 - 10.1^2/10 = 0.099, standard error sqrt(0.099/3/10), t(0.9, 3) = 1.6377 */
    assert_true(r.ok);
    assert_near(r.rate, 1.01, 1e-12);
    assert_near(r.r2, 1 - 0.099 / 10.3, 1e-12);
    assert_near(r.rate_high - r.rate, 1.6377 * sqrt(0.099 / 30), 1e-4);
    assert_near(r.rate - r.rate_low, 1.6377 * sqrt(0.099 / 30), 1e-4);
}

static void poor_fits_are_refused(void **state) {
    (void)state;
    int64_t step[F];
    double e[F];
    fqp_rate r;
    for (int f = 0; f < F; f++) {
        step[f] = f;
        e[f] = 0.5 + 0.3 * ((f * 7919) % 13) / 13.0;
    }
    fqp_rate_fit(step, e, F, 1, -1, &r);
    assert_false(r.ok);
    for (int f = 0; f < F; f++)
        e[f] = 0.1 * exp(0.01 * f);
    fqp_rate_fit(step, e, F, 1, -1, &r);
    assert_false(r.ok);
    assert_string_equal(r.reason, "the error does not decay");
    for (int f = 0; f < F; f++)
        e[f] = 1;
    fqp_rate_fit(step, e, F, 1, -1, &r);
    assert_string_equal(r.reason, "the error did not leave its first level");
    fqp_rate_fit(step, e, 0, 1, -1, &r);
    assert_string_equal(r.reason, "nothing was recorded");
    e[0] = NAN;
    fqp_rate_fit(step, e, F, 1, -1, &r);
    assert_string_equal(r.reason, "the target has no energy here");
    const double quick[] = {1, 0.5, 0.2, 0.05};
    fqp_rate_fit(step, quick, 4, 1, 3, &r);
    assert_string_equal(r.reason, "fewer than 5 frames while the error decays");
    const double exact[] = {0.8, 0.4, 0.2, 0.1, 0.05, 0, 0}; /* zeros have no logarithm and are left out */
    fqp_rate_fit(step, exact, 7, 1, -1, &r);
    assert_true(r.ok);
    assert_near(r.rate, log(2), 1e-12);
}

static void quantiles_with_infinity(void **state) {
    (void)state;
    double five[] = {5, 1, 4, 2, 3};
    fqp_spread s = fqp_spread_of(five, 5);
    assert_near(s.low, 1.4, 1e-15);
    assert_near(s.median, 3, 0);
    assert_near(s.high, 4.6, 1e-15);
    double mixed[] = {INFINITY, 10, 20};
    s = fqp_spread_of(mixed, 3);
    assert_near(s.low, 12, 1e-14);
    assert_near(s.median, 20, 0);
    assert_true(isinf(s.high));
    double never[] = {INFINITY, INFINITY};
    s = fqp_spread_of(never, 2);
    assert_true(isinf(s.low) && isinf(s.median) && isinf(s.high));
    double one[] = {7, NAN};
    s = fqp_spread_of(one, 2);
    assert_near(s.low, 7, 0);
    assert_near(s.high, 7, 0);
    assert_true(isnan(fqp_spread_of(NULL, 0).median));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capture_must_hold),         cmocka_unit_test(capture_as_defined),
        cmocka_unit_test(exponential_rate_is_found), cmocka_unit_test(interval_of_the_slope),
        cmocka_unit_test(poor_fits_are_refused),     cmocka_unit_test(quantiles_with_infinity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
