/* Measures of settings: each against what it is made of, said in the other measures. */
#include "unit/exp/room.h"

static const char *const head =
    "recipe: {name: r}\n"
    "run: {seeds: 4}\n"
    "data: {source: curve, target: [\"cos(t) + 4*cos(2*t) + cos(4*t)\"], n: [16]}\n"
    "model: {hidden: [20], bias_std: 0}\n"
    "train: {steps: 600, lr: 0.02}\n"
    "monitor: {probes: [dft], record: \"every:5\", tau: 0.4, dft: {peaks: list, list: [1, 2, 4]}}\n"
    "claims:\n";

static void expect_true(const char *what, const char *stat, const char *expression) {
    char text[2048];
    snprintf(text, sizeof text, "%s  - {id: c, statement: s, stat: %s, expect: \"%s\", control: {expect: 1}}\n", head,
             stat, expression);
    put_file("r.yaml", text);
    fqp_verdicts *v = NULL;
    works(fqp_verify(ctx, in_room("r.yaml"), &(fqp_verify_request){.dir = in_room("out")}, &v));
    if (strcmp(fqp_verdicts_get(v, 0).verdict, "holds") != 0)
        fail_msg("%s: %s: %s %s", what, expression, fqp_verdicts_get(v, 0).measured, fqp_verdicts_get(v, 0).reason);
    fqp_verdicts_destroy(v);
}

static void order_is_said_by_capture_times(void **state) {
    (void)state;
    expect_true("relative", "each", "ordered(1, 2, 4) == (t(1) < inf && t(1) <= t(2) && t(2) <= t(4))");
    expect_true("turned", "each", "ordered(4, 1) == (t(4) < inf && t(4) <= t(1))");
    expect_true("absolute", "each",
                "ordered_absolute(1, 2) == (t(1) < inf && t(1) <= t(2, 0.1))"); /* 4 times as large */
    expect_true("absolute, equal amplitudes", "each", "ordered_absolute(1, 4) == ordered(1, 4)");
    expect_true("no such index", "each", "!(ordered(1, 11) >= 0)");
    expect_true("frames in random order", "each", "ordered_shuffled(1, 2, 4) == 0 || ordered_shuffled(1, 2, 4) == 1");
    expect_true("one seed", "each", "low_first_share() == (order() == 1) && high_first_share() == (order() == -1)");
}

/* A share over seeds is the mean of what each says; Wilson's limits w solve (p - w)^2 = z^2 w (1 - w)/n. */
static void shares_and_their_limits(void **state) {
    (void)state;
    expect_true("a share", "mean", "abs(4*ordered(1, 4) - floor(4*ordered(1, 4) + 0.5)) < 1e-12");
    expect_true("not all alike", "mean", "ordered(1, 4) != ordered(4, 1)");
    expect_true(
        "lower limit", "mean",
        "abs((low_first_share() - wilson_low())^2 - 3.841458820694124*wilson_low()*(1 - wilson_low())/4) < 1e-12");
    expect_true("upper limit", "mean",
                "abs((low_first_share() - wilson_high())^2 - 3.841458820694124*wilson_high()*(1 - wilson_high())/4)"
                " < 1e-12");
    expect_true(
        "order of the limits", "mean",
        "wilson_low() <= low_first_share() && low_first_share() <= wilson_high() && wilson_high() - wilson_low()"
        " > 0.3");
}

/* In the linear regime mode k falls by (1 - eta l_k w_k)^40 in 20 steps; with relu's eigenvalues 0.4, 0.05, 0.0054,
 * 0.0012, 0.0003 at k = 1, 2, 4, 8, 16 and weights k^4 the part above 12 is 0.983. */
static void the_tail_of_the_loss_is_that_of_the_kernel(void **state) {
    (void)state;
    expect_true("everything", "once", "abs(loss_tail(1, 2, -1) - 1) < 1e-12");
    expect_true("relu, weights k^4", "once", "abs(loss_tail(1, 2, 12) - 0.983) < 0.01");
    expect_true("relu", "once", "loss_tail(1, 0, 1.5) > 0.1 && loss_tail(1, 0, 1.5) < 0.3");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_said_by_capture_times),
        cmocka_unit_test(shares_and_their_limits),
        cmocka_unit_test(the_tail_of_the_loss_is_that_of_the_kernel),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
