/* Problems as text, solved by series: against closed forms, other points and steps, and what is refused. */
#include "mem.h"
#include "spectral/reference.h"
#include "stated.h"

#include <stdlib.h>

static const double PI = 3.14159265358979323846;

static fqp_ctx *ctx;

static int begin(void **state) {
    (void)state;
    return fqp_ctx_create(NULL, &ctx) == FQP_OK ? 0 : 1;
}

static int end(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

/* Largest difference from `exact` at scattered places and times. */
static double worst(const stated *s, int64_t points, double step, double (*exact)(int64_t j, const double *x)) {
    enum { N = 40 };
    fqp_pde *p = stated_open(ctx, s);
    const int64_t d = fqp_problem_inputs(p), m = fqp_problem_unknowns(p);
    double lower[FQP_AXES], upper[FQP_AXES], *x = calloc((size_t)(N * (d + m)), sizeof *x), *u = x + N * d, most = 0;
    fqp_problem_box(p, lower, upper);
    for (int64_t i = 0; i < N; i++)
        for (int64_t a = 0; a < d; a++) /* four times, in no order */
            x[i * d + a] =
                lower[a] + (upper[a] - lower[a]) *
                               (a == d - 1 ? (double)(i * 3 % 4) / 3 : fmod(0.37 + 0.618 * (double)(i * (a + 1)), 1));
    assert_ok(ctx, fqpi_spectral_reference(ctx, p, N, x, u, points, step));
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < m; j++)
            most = fmax(most, fabs(u[i * m + j] - exact(j, x + i * d)));
    free(x);
    fqp_problem_destroy(p);
    return most;
}

/* ---- closed forms ------------------------------------------------------------------------------------------------ */

static double heat(int64_t j, const double *x) {
    (void)j;
    return exp(-0.1 * PI * PI * x[1]) * sin(PI * x[0]) + exp(-0.9 * PI * PI * x[1]) * sin(3 * PI * x[0]) / 2;
}

static void heat_between_walls(void **state) {
    (void)state;
    const stated s = {.coordinates = {"x", "t"},
                      .domain = "interval(0, 1)",
                      .to = 1,
                      .equations = {"u_t = 0.1*u_xx"},
                      .conditions = {"u = sin(pi*x) + sin(3*pi*x)/2 at t = 0", "u = 0 on boundary"}};
    assert_true(worst(&s, 16, 1, heat) < 1e-12);
    assert_true(worst(&s, 0, 0, heat) < 1e-12);
}

/* rho(x) u_t = (a u_x)_x with what multiplies u_t and u_xx depending on the place */
static double uneven(int64_t j, const double *x) {
    (void)j;
    return exp(-x[1]) * (2 + cos(x[0]));
}

static void a_factor_of_the_derivative_by_time(void **state) {
    (void)state;
    const stated s = {.coordinates = {"x", "t"},
                      .domain = "interval(0, 2*pi)",
                      .to = 1,
                      .equations = {"(2 + cos(x))*u_t = (1 + sin(x)/4)*u_xx - exp(-t)*((2 + cos(x))^2 - (1 + "
                                    "sin(x)/4)*cos(x))"},
                      .conditions = {"u = 2 + cos(x) at t = 0", "u periodic in x"}};
    assert_true(worst(&s, 32, 5e-3, uneven) < 1e-8);
}

static double klein_gordon(int64_t j, const double *x) {
    (void)j;
    return cos(x[0]) * sin(2 * x[1]) + 0.5;
}

static void klein_gordon_with_a_first_rate(void **state) {
    (void)state;
    const stated s = {.coordinates = {"x", "t"},
                      .domain = "interval(-pi, pi)",
                      .to = 2,
                      .equations = {"u_tt - u_xx + u^3 = -3*cos(x)*sin(2*t) + (cos(x)*sin(2*t) + 0.5)^3"},
                      .conditions = {"u = 0.5 at t = 0", "u_t = 2*cos(x) at t = 0", "u periodic in x"}};
    const double coarse = worst(&s, 32, 0.05, klein_gordon), fine = worst(&s, 32, 0.025, klein_gordon);
    assert_true(fine < 1e-6 && coarse / fine > 12 && coarse / fine < 20);
}

/* i psi_t = -psi_xx/2 with psi = u + i v = exp(i (2x - 2t)) */
static double schroedinger(int64_t j, const double *x) {
    const double angle = 2 * x[0] - 2 * x[1];
    return j ? sin(angle) : cos(angle);
}

static void schroedinger_as_two_unknowns(void **state) {
    (void)state;
    const stated s = {
        .coordinates = {"x", "t"},
        .unknowns = {"u", "v"},
        .domain = "interval(0, 2*pi)",
        .to = 3,
        .equations = {"u_t + v_xx/2 = 0", "v_t - u_xx/2 = 0"},
        .conditions = {"u = cos(2*x) at t = 0", "v = sin(2*x) at t = 0", "u periodic in x", "v periodic in x"}};
    assert_true(worst(&s, 16, 0.5, schroedinger) < 1e-11);
}

/* two space coordinates: even about the walls of y, periodic in x */
static double diffusion(int64_t j, const double *x) {
    (void)j;
    return exp(-(1 + 4 * PI * PI) * x[2]) * cos(x[0] - 2 * x[2]) * cos(2 * PI * x[1]);
}

static void two_space_coordinates(void **state) {
    (void)state;
    const stated s = {.coordinates = {"x", "y", "t"},
                      .domain = "box(0, 2*pi, 0, 1)",
                      .to = 0.1,
                      .equations = {"u_t + 2*u_x = lap(u)"},
                      .conditions = {"u = cos(x)*cos(2*pi*y) at t = 0", "u periodic in x", "u_n = 0 on y < 1e-9",
                                     "u_n = 0 on y > 1 - 1e-9"}};
    assert_true(worst(&s, 16, 0.05, diffusion) < 1e-11);
}

/* ---- automatic points and steps ---------------------------------------------------------------------------------- */

static fqp_status values(const stated *s, int64_t n, const double *x, double *u, int64_t points, double step) {
    fqp_pde *p = stated_open(ctx, s);
    const fqp_status status = fqpi_spectral_reference(ctx, p, n, x, u, points, step);
    fqp_problem_destroy(p);
    return status;
}

/* A kink of the initial values at the end of the period: many waves, which go as time goes on. */
static void allen_cahn(void **state) {
    (void)state;
    const stated s = {.coordinates = {"x", "t"},
                      .domain = "interval(-1, 1)",
                      .to = 0.2,
                      .equations = {"u_t - 1e-3*u_xx + 5*u^3 - 5*u = 0"},
                      .conditions = {"u = x^2*cos(pi*x) at t = 0", "u periodic in x"}};
    const double x[] = {0.11, 0.2, -0.62, 0, -0.93, 0.1, 0.4, 0.2};
    double chosen[4], fine[4];
    assert_ok(ctx, values(&s, 4, x, chosen, 0, 0));
    assert_ok(ctx, values(&s, 4, x, fine, 1024, 5e-4));
    assert_near(chosen[1], 0.62 * 0.62 * cos(PI * 0.62), 1e-15); /* at the first time, as it was given */
    for (int i = 0; i < 4; i++)
        assert_near(chosen[i], fine[i], 1e-8);
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

static void expect_refused(const stated *s, const char *says) {
    const double x[] = {0.5, 0.5, 0.5};
    double u[4];
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(values(s, 1, x, u, 16, 0.1), FQP_E_UNSUPPORTED);
    if (!strstr(fqp_ctx_problem(ctx, 0).message, says))
        fail_msg("%s, instead of %s", fqp_ctx_problem(ctx, 0).message, says);
    fqp_ctx_problems_clear(ctx);
}

static void what_it_cannot_do(void **state) {
    (void)state;
    stated s = {.coordinates = {"x"},
                .domain = "interval(0, 1)",
                .equations = {"u_xx = 1"},
                .conditions = {"u = 0 on boundary"}};
    expect_refused(&s, "spectral is not possible: the problem has no time; another reference is direct, or a file");
    s = (stated){.coordinates = {"x", "t"},
                 .domain = "interval(0, 1)",
                 .to = 1,
                 .equations = {"u_t = u_xx"},
                 .conditions = {"u = x at t = 0", "u = x on boundary"}};
    expect_refused(&s, "not possible with \"u = x on boundary\": the value at the wall is not 0");
    s.conditions[1] = "u_n + u = 0 on boundary";
    expect_refused(&s, "a wall must hold an unknown, or its slope across, at 0");
    s.conditions[1] = "u = 0 on x < 1e-9";
    s.conditions[2] = "u_n = 0 on x > 1 - 1e-9";
    expect_refused(&s, "opposite walls are of different kinds");
    s.conditions[1] = "u periodic in x";
    s.conditions[2] = NULL;
    s.equations[0] = "u*u_t = u_xx";
    expect_refused(&s, "what multiplies the derivatives by time depends on time or unknowns");
    s.equations[0] = "u_t - u_txx = u_xx";
    expect_refused(&s, "the highest derivative by time is one by space too");
}

/* Every allocation may fail, and nothing is left behind (the address sanitizer says so). */
static void without_memory(void **state) {
    (void)state;
    const stated s = {.coordinates = {"x", "t"},
                      .domain = "interval(0, 1)",
                      .to = 1,
                      .equations = {"u_t = u_xx - u^2"},
                      .conditions = {"u = cos(pi*x) at t = 0", "u_n = 0 on boundary"}};
    const double x[] = {0.5, 0.5, 0.25, 0};
    double u[2];
    fqp_pde *p = stated_open(ctx, &s);
    fqp_status status = FQP_E_NOMEM;
    for (long n = 0; status; n++) {
        fqp_ctx_problems_clear(ctx);
        fqpi_mem_fail_after(ctx, n);
        status = fqpi_spectral_reference(ctx, p, 2, x, u, 8, 0.25);
        fqpi_mem_fail_after(ctx, -1);
        assert_true(status == FQP_OK || status == FQP_E_NOMEM);
    }
    fqp_ctx_problems_clear(ctx);
    fqp_problem_destroy(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(heat_between_walls),
                                       cmocka_unit_test(a_factor_of_the_derivative_by_time),
                                       cmocka_unit_test(klein_gordon_with_a_first_rate),
                                       cmocka_unit_test(schroedinger_as_two_unknowns),
                                       cmocka_unit_test(two_space_coordinates),
                                       cmocka_unit_test(allen_cahn),
                                       cmocka_unit_test(what_it_cannot_do),
                                       cmocka_unit_test(without_memory)};
    return cmocka_run_group_tests(tests, begin, end);
}
