/* Forecasts of series whose end is known, and every reason to refuse one. */
#include "support.h"

#include <fqp/forecast.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"

enum { F = 200, EVERY = 10 };
static const fqp_forecast_opts usual = {.tau = 0.1, .hold = 5};

typedef double (*law_fn)(double step);

/* F frames of a law with multiplicative noise, forecast under opts. */
static fqp_forecast told(law_fn law, size_t frames, double scatter, uint64_t draw, const fqp_forecast_opts *opts) {
    int64_t step[F];
    double error[F];
    for (size_t f = 0; f < frames; f++) {
        step[f] = EVERY * (int64_t)f;
        error[f] = law((double)step[f]) * exp(scatter * fqpi_rng_normal(draw, FQPI_STREAM_NOISE, f));
    }
    fqp_forecast out;
    fqp_forecast_capture(step, error, frames, 1, opts, &out);
    return out;
}

static double meets(law_fn law, double tau) {
    double low = 0, high = 1e6;
    for (int i = 0; i < 100; i++) {
        const double mid = (low + high) / 2;
        *(law(mid) > tau ? &low : &high) = mid;
    }
    return low;
}

/* ---- recovery ---------------------------------------------------------------------------------------------------- */

static double exponential(double t) {
    return exp(-0.0005 * t);
}
static double gathering(double t) {
    return exp(-1.2e-7 * t * t);
}
static double slowing(double t) {
    return exp(-0.02 * sqrt(t));
}
static double breaking(double t) { /* a third of the way the rate falls to a fifth */
    return t < 660 ? exp(-0.001 * t) : exp(-0.66 - 0.0002 * (t - 660));
}

static void every_law_is_recovered(void **state) {
    (void)state;
    static const struct {
        law_fn law;
        const char *model;
        double part; /* of the true step that the median may miss */
    } table[] = {{exponential, "exponential", 1e-6},
                 {gathering, "stretched", 2e-2},
                 {slowing, "stretched", 1e-2},
                 {breaking, "drifting", 5e-2}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const fqp_forecast f = told(table[i].law, F, 0, 1, &usual);
        const double truth = meets(table[i].law, 0.1);
        assert_true(f.ok);
        assert_null(f.reason);
        assert_string_equal(f.model, table[i].model);
        assert_near(f.median / truth, 1, table[i].part);
        assert_true(f.low <= truth && truth <= f.high);
        assert_true(f.low >= (F - 1) * EVERY);
    }
}

/* Laws kept to the end are easier than training: intervals hold at least as often as promised, of 50 draws of 10 %
 * noise each. */
static void noise(void **state) {
    (void)state;
    static const law_fn laws[] = {exponential, gathering, slowing, breaking};
    int held = 0, asked = 0;
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        const double truth = meets(laws[i], 0.1);
        for (uint64_t draw = 1; draw <= 50; draw++, asked++) {
            const fqp_forecast f = told(laws[i], F, 0.1, draw, &usual);
            held += f.ok && f.low <= truth && truth <= f.high;
        }
    }
    assert_true(held >= asked * 9 / 10);
}

/* A rate handed in is followed where frames say little: a line that wavers, of which the kernel knows the slope. */
static double wavering(double t) {
    return 0.6 * exp(-0.0004 * t + 0.25 * sin(t / 200));
}

static void rate_handed_in(void **state) {
    (void)state;
    fqp_forecast_opts opts = usual;
    const fqp_forecast without = told(wavering, F, 0, 1, &opts);
    opts.rate = 0.0004;
    const fqp_forecast with = told(wavering, F, 0, 1, &opts);
    const double truth = log(6) / 0.0004; /* 4479, but for the wavering */
    assert_true(with.ok && without.ok);
    assert_true(fabs(log(with.median / truth)) < fabs(log(without.median / truth)));
    const char *doc = NULL, *name, *last = "";
    for (size_t i = 0; (name = fqp_forecast_model(i, &doc)); i++) {
        assert_true(strlen(doc) > 0);
        last = name;
    }
    assert_string_equal(last, "kernel");
}

/* ---- intervals --------------------------------------------------------------------------------------------------- */

/* An exact exponential has no spread of models: the interval is median * exp(+- z w), w^2 = 0.4^2 + (0.5 ln(t/now))^2,
 * with z from tables of the normal distribution. */
static void levels(void **state) {
    (void)state;
    static const struct { double level, z; } table[] = {{0.5, 0.67449}, {0.8, 1.28155}, {0.9, 1.64485}};
    const double truth = meets(exponential, 0.1), now = (F - 1) * EVERY + 0.5;
    const double width = hypot(0.4, 0.5 * log((truth + 0.5) / now));
    for (size_t i = 0; i < 3; i++) {
        fqp_forecast_opts opts = usual;
        opts.level = table[i].level;
        const fqp_forecast f = told(exponential, F, 0, 1, &opts);
        assert_near(log((f.high + 0.5) / (truth + 0.5)), table[i].z * width, 1e-3);
        const double low = (truth + 0.5) * exp(-table[i].z * width) - 0.5;
        assert_near(f.low / fmax(low, (F - 1) * EVERY), 1, 1e-3);
    }
    const fqp_forecast by_default = told(exponential, F, 0, 1, &usual);
    fqp_forecast_opts opts = usual;
    opts.level = 0.8;
    const fqp_forecast eighty = told(exponential, F, 0, 1, &opts);
    assert_true(by_default.low == eighty.low && by_default.high == eighty.high);
}

/* Series that were exponential so far and go on at a rate changed by exp(normal) such that ln(t/now) scatters as the
 * calibration says hold their intervals as often as promised: 0.8 of 500 within three standard errors. */
static void holds_as_often_as_promised(void **state) {
    (void)state;
    const double truth = meets(exponential, 0.1), now = (F - 1) * EVERY;
    const fqp_forecast f = told(exponential, F, 0.05, 1, &usual);
    int held = 0;
    for (uint64_t i = 0; i < 500; i++) {
        const double m = log(truth / now);
        const double t = truth * exp(hypot(0.4, 0.5 * m) * fqpi_rng_normal(7, FQPI_STREAM_TEST, i));
        held += fmax(t, now) >= f.low && t <= f.high;
    }
    assert_near(held / 500.0, 0.8, 3 * sqrt(0.16 / 500) + 0.02);
}

static double plateau(double t) {
    return 0.3 + 0.7 * exp(-0.01 * t);
}

static void plateaus_are_open_or_refused(void **state) {
    (void)state;
    const fqp_forecast f = told(plateau, F, 0.02, 1, &usual);
    assert_true(!f.ok || isinf(f.high));
    assert_true(!f.ok || f.low > (F - 1) * EVERY);
}

/* Later than 12 times the steps so far is not told. */
static double crawling(double t) {
    return 0.85 * exp(-0.00005 * t);
}

static void horizon(void **state) {
    (void)state;
    const fqp_forecast f = told(crawling, F, 0, 1, &usual); /* ln(8.5)/0.00005 = 42800 steps, 21 times */
    assert_true(f.ok && isinf(f.median) && isinf(f.high));
    assert_true(f.low > 2 * F * EVERY && f.low < 42800);
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

static void refusals(void **state) {
    (void)state;
    static const int64_t step[] = {0, 10, 20, 30, 40, 50, 60, 70};
    static const struct {
        double error[8];
        size_t frames;
        double tau;
        const char *reason;
    } table[] = {
        {{0}, 0, 0.1, "nothing was recorded"},
        {{NAN, NAN, NAN}, 3, 0.1, "the target has no energy here"},
        {{1, 0.8, 0.6}, 3, 0, "the tolerance is not above 0"},
        {{1, 0.5, 0.09}, 3, 0.1, "already learnt"},
        {{1, 0.5, 0}, 3, 0.1, "already learnt"},
        {{1, 1.1, 0.95, 1, 0.99, 0.95, 0.97, 0.96}, 8, 0.1, "the error did not leave its first level"},
        {{1, 0.8, 0.6}, 3, 0.1, "fewer than 5 frames while the error decays"},
        {{1, 1, 1, 1, 0.85, 0.8, 0.7, 0.6}, 8, 0.1, "fewer than 5 frames while the error decays"},
        {{0.2, 0.22, 0.25, 0.3, 0.35, 0.4, 0.47, 0.55}, 8, 0.1, "the error does not decay"},
        {{0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, 8, 0.1, "the error does not decay"},
        {{0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7}, 8, 0.1, "the error does not decay"},
        {{1, NAN, INFINITY, NAN, NAN, NAN, NAN, NAN}, 8, 0.1, "the error did not leave its first level"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const fqp_forecast_opts opts = {.tau = table[i].tau, .hold = 1};
        fqp_forecast f;
        fqp_forecast_capture(step, table[i].error, table[i].frames, 1, &opts, &f);
        assert_false(f.ok);
        assert_string_equal(f.reason, table[i].reason);
        assert_null(f.model);
        assert_true(isnan(f.low) && isnan(f.median) && isnan(f.high));
    }
}

/* ---- what must not matter ------------------------------------------------------------------------------------------
 */

static void gaps_strides_and_origins(void **state) {
    (void)state;
    int64_t step[F], later[F];
    double error[F], wide[3 * F];
    for (int f = 0; f < F; f++) {
        step[f] = EVERY * f;
        later[f] = step[f] - 5000;
        error[f] = exponential((double)step[f]) * exp(0.03 * fqpi_rng_normal(3, FQPI_STREAM_NOISE, (uint64_t)f));
        wide[3 * f] = NAN;
        wide[3 * f + 1] = error[f];
        wide[3 * f + 2] = 0;
    }
    fqp_forecast a, b;
    fqp_forecast_capture(step, error, F, 1, &usual, &a);
    fqp_forecast_capture(step, wide + 1, F, 3, &usual, &b);
    assert_true(a.ok && a.low == b.low && a.median == b.median && a.high == b.high && a.model == b.model);
    fqp_forecast_capture(later, error, F, 1, &usual, &b); /* time counts from the first frame */
    assert_near(b.low, a.low - 5000, 1e-6);
    assert_near(b.median, a.median - 5000, 1e-6);
    assert_near(b.high, a.high - 5000, 1e-6);
    for (int f = 20; f < F - 20; f += 7)
        error[f] = f % 2 ? NAN : 0; /* frames that are not known, and one exact zero among others */
    fqp_forecast_capture(step, error, F, 1, &usual, &b);
    assert_true(b.ok);
    assert_near(b.median / a.median, 1, 0.05);
}

/* ---- back-tests -------------------------------------------------------------------------------------------------- */

static void backtests_count(void **state) {
    (void)state;
    int64_t step[F];
    double quick[F], flat[F], stuck[F], early[F];
    for (int f = 0; f < F; f++) {
        step[f] = EVERY * f;
        quick[f] = exp(-0.0018 * (double)step[f]); /* learnt at 1279 of 1990 */
        flat[f] = 1;
        stuck[f] = step[f] < 900 ? exp(-0.001 * (double)step[f]) : exp(-0.9);
        early[f] = exp(-0.1 * (double)step[f]);
    }
    fqp_backtest t = {0};
    fqp_forecast_backtest(step, quick, F, 1, &usual, 0.5, &t);
    assert_int_equal(t.captures, 1);
    assert_int_equal(t.covered, 1);
    fqp_forecast_backtest(step, early, F, 1, &usual, 0.5, &t); /* learnt before: not asked */
    assert_int_equal(t.captures, 1);
    fqp_forecast_backtest(step, flat, F, 1, &usual, 0.5, &t);
    assert_int_equal(t.captures, 2);
    assert_int_equal(t.refused, 1);
    fqp_forecast_backtest(step, stuck, F, 1, &usual, 0.4, &t); /* an end was promised, none came */
    assert_int_equal(t.captures, 3);
    assert_int_equal(t.covered, 1);
    assert_int_equal(t.refused, 1);
    assert_int_equal(t.open, 0);
    fqp_forecast_backtest(step, quick, 1, 1, &usual, 0.5, &t); /* nothing to see */
    assert_int_equal(t.captures, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_law_is_recovered),
                                       cmocka_unit_test(noise),
                                       cmocka_unit_test(rate_handed_in),
                                       cmocka_unit_test(levels),
                                       cmocka_unit_test(holds_as_often_as_promised),
                                       cmocka_unit_test(plateaus_are_open_or_refused),
                                       cmocka_unit_test(horizon),
                                       cmocka_unit_test(refusals),
                                       cmocka_unit_test(gaps_strides_and_origins),
                                       cmocka_unit_test(backtests_count)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
