/* Random features on problems as text: smooth problems to ten digits, in one to three coordinates, in time, with
 * several unknowns, in domains that are no boxes, and nonlinear. */
#include "collocation/collocation.h"
#include "kernel.h"
#include "lapack.h"
#include "mem.h"
#include "stated.h"

#include <stdlib.h>

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

static fqpi_collocation_opts options(int64_t patches, int64_t features, double range, int64_t points) {
    return (fqpi_collocation_opts){.features = {.patches = {patches},
                                                .per_patch = features,
                                                .activation = FQPI_ACT_TANH,
                                                .activation_param = NAN,
                                                .range = range,
                                                .seed = 1},
                                   .points = points,
                                   .most = 20,
                                   .boundary = 1};
}

/* Largest error over the largest value, at places of the domain. */
static double error_of(const stated *s, const fqpi_collocation_opts *o, fqpi_collocation_told *told) {
    enum { N = 100 };
    fqp_pde *p = stated_open(ctx, s);
    const int64_t d = fqp_problem_inputs(p), m = fqp_problem_unknowns(p);
    double *x = calloc((size_t)(N * (d + 2 * m)), sizeof *x), *u = x + N * d, *exact = u + N * m, most = 0, size = 0;
    assert_ok(ctx, fqp_problem_draw(ctx, p, 0, FQP_POINTS_RANDOM, 5, 0, N, x, NULL, NULL));
    assert_ok(ctx, fqp_problem_exact_eval(ctx, p, N, x, exact));
    assert_ok(ctx, fqpi_collocation_run(ctx, p, o, N, x, u, told));
    for (int64_t i = 0; i < N * m; i++) {
        most = fmax(most, fabs(u[i] - exact[i]));
        size = fmax(size, fabs(exact[i]));
    }
    free(x);
    fqp_problem_destroy(p);
    return most / size;
}

static void an_interval(void **state) {
    (void)state;
    const stated s = {.coordinates = {"x"},
                      .domain = "interval(0, 8)",
                      .equations = {"u_xx - 4*u = -13*sin(3*x) - 26.5*cos(7*x)"},
                      .conditions = {"u = sin(3*x) + 0.5*cos(7*x) on boundary"},
                      .exact = {"sin(3*x) + 0.5*cos(7*x)"}};
    fqpi_collocation_opts o = options(8, 40, 3, 80);
    fqpi_collocation_told told;
    assert_true(error_of(&s, &o, &told) < 1e-9);
    assert_int_equal(told.unknowns, 8 * 40);
    assert_int_equal(told.equations, 8 * 80 + 2 + 7 * 2);
    assert_int_equal(told.steps, 1);
    assert_true(told.residual < 1e-9 && told.condition > 1e6);
    o.solver = FQP_SOLVE_QR;
    assert_true(error_of(&s, &o, NULL) < 1e-8);
    o.features.partition = FQP_PARTITION_SMOOTH;
    o.features.per_patch = 60;
    assert_true(error_of(&s, &o, NULL) < 1e-7);
}

static void a_periodic_interval(void **state) {
    (void)state;
    const stated s = {.coordinates = {"x"},
                      .domain = "interval(0, 2*pi)",
                      .equations = {"(2 + cos(x))*u_xx - u = -(2 + cos(x))*4*sin(2*x) - sin(2*x)"},
                      .conditions = {"u periodic in x"},
                      .exact = {"sin(2*x)"}};
    const fqpi_collocation_opts o = options(3, 40, 3, 60);
    assert_true(error_of(&s, &o, NULL) < 1e-9);
}

static void heat_in_time(void **state) {
    (void)state;
    const stated s = {.coordinates = {"x", "t"},
                      .domain = "interval(0, 1)",
                      .to = 0.5,
                      .equations = {"u_t = 0.1*u_xx"},
                      .conditions = {"u = sin(pi*x) at t = 0", "u = 0 on boundary"},
                      .exact = {"exp(-0.1*pi^2*t)*sin(pi*x)"}};
    const fqpi_collocation_opts o = options(1, 300, 2, 30);
    assert_true(error_of(&s, &o, NULL) < 1e-8);
}

static void a_disk_with_two_kinds_of_conditions(void **state) {
    (void)state;
    const stated s = {.coordinates = {"x", "y"},
                      .domain = "disk(0, 0, 1)",
                      .equations = {"-lap(u) + u = 3*sin(x - y)"},
                      .conditions = {"u = sin(x - y) on x > 0", "u_n = cos(x - y)*(x - y) on x <= 0"},
                      .exact = {"sin(x - y)"}};
    const fqpi_collocation_opts o = options(1, 250, 2, 36);
    assert_true(error_of(&s, &o, NULL) < 1e-8);
}

/* Stokes-like: two unknowns that need each other */
static void a_system(void **state) {
    (void)state;
    const stated s = {
        .coordinates = {"x", "y"},
        .unknowns = {"u", "v"},
        .domain = "box(0, 1, 0, 1)",
        .equations = {"-lap(u) + v_x = 2*sin(x + y) - sin(x - y)", "-lap(v) + u_y = 2*cos(x - y) + cos(x + y)"},
        .conditions = {"u = sin(x + y) on boundary", "v = cos(x - y) on boundary"},
        .exact = {"u = sin(x + y)", "v = cos(x - y)"}};
    const fqpi_collocation_opts o = options(1, 200, 2, 24);
    assert_true(error_of(&s, &o, NULL) < 1e-6);
}

static void three_coordinates(void **state) {
    (void)state;
    const stated s = {.coordinates = {"x", "y", "z"},
                      .domain = "ball(0, 0, 0, 1)",
                      .equations = {"-lap(u) = 0"},
                      .conditions = {"u = exp(x)*sin(y/2)*cos(sqrt(3)/2*z) on boundary"},
                      .exact = {"exp(x)*sin(y/2)*cos(sqrt(3)/2*z)"}};
    const fqpi_collocation_opts o = options(1, 350, 1.5, 12);
    assert_true(error_of(&s, &o, NULL) < 1e-3);
}

static void nonlinear_by_gauss_newton(void **state) {
    (void)state;
    const stated s = {.coordinates = {"x"},
                      .domain = "interval(-1, 1)",
                      .equations = {"u_xx + u*u_x - u^3 = -4*sin(2*x) + 2*sin(2*x)*cos(2*x) - sin(2*x)^3"},
                      .conditions = {"u = sin(2*x) on boundary"},
                      .exact = {"sin(2*x)"}};
    const fqpi_collocation_opts o = options(2, 30, 2, 40);
    fqpi_collocation_told told;
    assert_true(error_of(&s, &o, &told) < 1e-9);
    assert_true(told.steps > 2 && told.steps < 10 && told.change < 1e-9);
}

static void refusals(void **state) {
    (void)state;
    const stated beam = {.coordinates = {"x"},
                         .domain = "interval(0, 1)",
                         .equations = {"u^3*u_xx = exp(u) + 1"},
                         .conditions = {"u = 1 on boundary"}};
    fqp_pde *p = stated_open(ctx, &beam);
    fqpi_collocation_opts o = options(1, 10, 2, 20);
    const double x = 0.5;
    double u;
    fqp_ctx_problems_clear(ctx);
    o.most = 2;
    assert_int_equal(fqpi_collocation_run(ctx, p, &o, 1, &x, &u, NULL), FQP_E_DIVERGED);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "Gauss-Newton did not settle"));
    o = options(1, 4096, 2, 1 << 18);
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqpi_collocation_run(ctx, p, &o, 1, &x, &u, NULL), FQP_E_UNSUPPORTED);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "fewer solve.features, solve.patches or solve.points"));
    fqp_ctx_problems_clear(ctx);
    fqp_problem_destroy(p);
}

static void without_memory(void **state) {
    (void)state;
    const stated s = {.coordinates = {"x"},
                      .domain = "interval(0, 1)",
                      .equations = {"u_xx + u^2 = 1"},
                      .conditions = {"u = 0 on boundary"}};
    fqp_pde *p = stated_open(ctx, &s);
    const fqpi_collocation_opts o = options(2, 8, 2, 8);
    const double x = 0.5;
    double u;
    fqp_status status = FQP_E_NOMEM;
    for (long n = 0; status; n++) {
        fqp_ctx_problems_clear(ctx);
        fqpi_mem_fail_after(ctx, n);
        status = fqpi_collocation_run(ctx, p, &o, 1, &x, &u, NULL);
        fqpi_mem_fail_after(ctx, -1);
        assert_true(status == FQP_OK || status == FQP_E_NOMEM);
    }
    fqp_ctx_problems_clear(ctx);
    fqp_problem_destroy(p);
}

int main(void) {
    fqp_ctx *probe;
    if (fqp_ctx_create(NULL, &probe) || fqpi_lapack_ready(probe, "this test needs")) {
        print_message("LAPACK is not installed\n");
        return 77;
    }
    fqp_ctx_destroy(probe);
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_interval),
                                       cmocka_unit_test(a_periodic_interval),
                                       cmocka_unit_test(heat_in_time),
                                       cmocka_unit_test(a_disk_with_two_kinds_of_conditions),
                                       cmocka_unit_test(a_system),
                                       cmocka_unit_test(three_coordinates),
                                       cmocka_unit_test(nonlinear_by_gauss_newton),
                                       cmocka_unit_test(refusals),
                                       cmocka_unit_test(without_memory)};
    return cmocka_run_group_tests(tests, begin, end);
}
