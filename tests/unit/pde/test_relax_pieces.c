/* Difference equations from the text of a problem: solutions of second order with every kind of condition, coefficients
 * that vary, corners, and what is refused. */
#include "relax/system.h"
#include "support.h"

#include <stdlib.h>

static int setup(void **state) {
    return fqp_ctx_create(NULL, (fqp_ctx **)state) != FQP_OK;
}

static int teardown(void **state) {
    fqp_ctx_destroy(*state);
    return 0;
}

typedef struct text {
    const char *coordinates[4], *domain, *define[3], *equation, *conditions[5], *exact;
} text;

static fqp_texts list(const char *const *v) {
    size_t n = 0;
    while (v[n])
        n++;
    return (fqp_texts){(char **)v, n};
}

static fqp_status problem_of(fqp_ctx *ctx, const text *t, fqp_pde **out) {
    fqp_problem_opts o;
    assert_ok(ctx, fqp_section_defaults(ctx, &fqp_problem_section, &o));
    fqp_problem_opts mine = o;
    const char *const u[] = {"u", NULL}, *const equation[] = {t->equation, NULL}, *const exact[] = {t->exact, NULL};
    mine.coordinates = list(t->coordinates);
    mine.unknowns = list(u);
    mine.domain = (char *)t->domain;
    mine.define = list(t->define);
    mine.equations = list(equation);
    mine.conditions = list(t->conditions);
    mine.exact = list(exact);
    const fqp_status s = fqp_problem_create(ctx, &mine, NULL, out);
    fqp_section_release(&fqp_problem_section, &o);
    return s;
}

static fqp_status system_of(fqp_ctx *ctx, const fqp_pde *p, int64_t cells, fqp_system **out) {
    const fqp_grid_opts o = {.cells = {&cells, 1}, .damping = 2.0 / 3, .before = 2, .after = 2, .coarsest = 2};
    return fqp_system_create(ctx, p, &o, NULL, out);
}

static double solved(fqp_ctx *ctx, const fqp_pde *p, int64_t cells) {
    fqp_system *s = NULL;
    assert_ok(ctx, system_of(ctx, p, cells, &s));
    const int64_t n = fqp_system_nodes(s, NULL);
    double *u = calloc((size_t)n, sizeof *u), *want = calloc((size_t)n, sizeof *want), worst = 0;
    fqp_system_border(s, u);
    assert_ok(ctx, fqp_system_direct(s, u));
    assert_ok(ctx, fqp_problem_exact_eval(ctx, p, n, fqp_system_points(s), want));
    for (int64_t i = 0; i < n; i++)
        worst = fmax(worst, fabs(u[i] - want[i]));
    free(u);
    free(want);
    fqp_system_destroy(s);
    return worst;
}

static const text problems[] = {
    {{"x"},
     "interval(-1, 1)",
     {"g = sin(x) + 4*sin(4*x)"},
     "-u_xx = g",
     {"u = sin(x) + sin(4*x)/4 on boundary"},
     "sin(x) + sin(4*x)/4"},
    {{"x"},
     "interval(0, 1)",
     {"a = 1 + x^2"},
     "a*u_xx + 2*x*u_x - 3*u + (4*a + 3)*sin(2*x) - 4*x*cos(2*x) = 0",
     {"u = 0 at x = 0", "u_n + 2*u = 2*cos(2*x) + 2*sin(2*x) at x = 1"},
     "sin(2*x)"},
    {{"x"}, "interval(0, 2*pi)", {0}, "-u_xx + u_x + u = 2*sin(x) + cos(x)", {"u periodic in x"}, "sin(x)"},
    {{"x", "y"},
     "box(0, 1, 0, 2)",
     {"s = sin(x)*cos(2*y)"},
     "-lap(u) + u = 6*s",
     {"u = 0 on x < 0.001", "u_n = s*cos(x)/sin(x) on x > 0.999", "u_n = 0 on y < 0.001",
      "u_n + u = s - 2*sin(x)*sin(2*y) on y > 1.999"},
     "sin(x)*cos(2*y)"},
    {{"x", "y"},
     "box(0, 1, 0, 1)",
     {0},
     "-2*u_xx - u_yy + u_xy = 3*exp(x)*sin(y)*(-1/3) + exp(x)*cos(y)",
     {"u = exp(x)*sin(y) on boundary"},
     "exp(x)*sin(y)"},
    {{"x", "y", "z"},
     "box(0, 1, 0, 1, 0, 1)",
     {0},
     "-lap(u) = 3*sin(x)*sin(y)*sin(z)",
     {"u = sin(x)*sin(y)*sin(z) on boundary"},
     "sin(x)*sin(y)*sin(z)"},
};

static void test_second_order(void **state) {
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++) {
        fqp_pde *p = NULL;
        assert_ok(*state, problem_of(*state, &problems[i], &p));
        const int64_t n = fqp_problem_inputs(p) == 3 ? 6 : 16;
        const double coarse = solved(*state, p, n), fine = solved(*state, p, 2 * n);
        if (!(fine < coarse / 3.3) || !(fine < 0.02))
            fail_msg("problem %zu: error %g, then %g", i, coarse, fine);
        fqp_problem_destroy(p);
    }
}

/* a u_xx + a' u_x is (a u_x)_x, whose matrix is symmetric; with another drift it is not. */
static void test_symmetry(void **state) {
    static const text self = {{"x"}, "interval(0, 1)", {"a = 1 + x^2"}, "-a*u_xx - 2*x*u_x = 1", {"u = 0 on boundary"},
                              NULL},
                      other = {{"x"}, "interval(0, 1)", {"a = 1 + x^2"}, "-a*u_xx + x*u_x = 1", {"u = 0 on boundary"},
                               NULL};
    for (int i = 0; i < 2; i++) {
        fqp_pde *p = NULL;
        fqp_system *s = NULL;
        assert_ok(*state, problem_of(*state, i ? &other : &self, &p));
        assert_ok(*state, system_of(*state, p, 20, &s));
        assert_int_equal(s->symmetric, i == 0);
        fqp_system_destroy(s);
        fqp_problem_destroy(p);
    }
}

static void refused(fqp_ctx *ctx, const text *t, const char *message) {
    fqp_pde *p = NULL;
    fqp_system *s = NULL;
    assert_ok(ctx, problem_of(ctx, t, &p));
    assert_refused(ctx, system_of(ctx, p, 8, &s), FQP_E_UNSUPPORTED, message);
    fqp_problem_destroy(p);
}

static void test_refusals(void **state) {
    refused(*state, &(text){{"x"}, "interval(0, 1)", {0}, "-u_xx + u^3 = 1", {"u = 0 on boundary"}, NULL},
            "finite differences: \"-u_xx + u^3 = 1\" is not linear in the unknown");
    refused(*state, &(text){{"x", "y"}, "disk(0, 0, 1)", {0}, "-lap(u) = 1", {"u = 0 on boundary"}, NULL},
            "finite differences serve intervals and boxes alone");
    refused(*state,
            &(text){{"x"}, "interval(0, 1)", {0}, "u_xxxx = 1", {"u = 0 on boundary", "u_n = 0 on boundary"}, NULL},
            "finite differences: \"u_xxxx = 1\" has derivatives above the second");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_second_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_symmetry, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
