/* Dormand and Prince: a known solution, an error that follows the tolerance, and a stiff problem refused. */
#include "ode.h"
#include "support.h"

typedef struct swing {
    double rate;
    int calls;
} swing;

/* y'' = -y with a damped companion */
static void derivative(void *user, double t, const double *y, double *dy) {
    swing *s = user;
    s->calls++;
    dy[0] = y[1];
    dy[1] = -y[0];
    dy[2] = -s->rate * (y[2] - cos(t)) - sin(t);
}

static double error_at(double tolerance, int64_t *steps) {
    swing s = {2, 0};
    double y[3] = {0, 1, 1};
    assert_int_equal(fqpi_ode_run(NULL, 3, y, 0, 10, tolerance, 100000, derivative, &s, steps), FQP_OK);
    assert_int_equal(s.calls, 1 + 6 * *steps);
    return fmax(fmax(fabs(y[0] - sin(10.0)), fabs(y[1] - cos(10.0))), fabs(y[2] - cos(10.0)));
}

static void follows_the_tolerance(void **state) {
    (void)state;
    int64_t steps[3];
    const double loose = error_at(1e-5, &steps[0]), middle = error_at(1e-8, &steps[1]),
                 tight = error_at(1e-11, &steps[2]);
    assert_true(loose < 1e-3 && middle < 1e-6 && tight < 1e-9);
    assert_true(middle < loose / 50 && tight < middle / 50);
    assert_true(steps[0] < steps[1] && steps[1] < steps[2]);
    assert_true((double)steps[2] / (double)steps[1] < 7); /* order 5: a factor 10^(3/5) = 4 */
}

static void refuses_what_is_stiff(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    swing s = {1e7, 0};
    double y[3] = {0, 1, 1};
    int64_t steps;
    assert_int_equal(fqpi_ode_run(ctx, 3, y, 0, 10, 1e-8, 1000, derivative, &s, &steps), FQP_E_DATA);
    assert_int_equal(steps, 1000);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "too large for an explicit method"));
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(follows_the_tolerance),
                                       cmocka_unit_test(refuses_what_is_stiff)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
