/* Residuals of values at nodes: finite differences against closed forms, and what is said of their own error. */
#include "field.h"
#include "mem.h"
#include "support.h"

#include <stdlib.h>

static fqp_ctx *ctx;

static int begin(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK;
}

static int end(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

/* ---- problems by hand ---------------------------------------------------------------------------------------------
 */

typedef struct given {
    const char *coordinates[3], *domain, *define[3], *equation, *condition[4], *exact, *find;
    double time[2];
    int64_t grid;
} given;

static fqp_texts list(const char *const *text, size_t most) {
    fqp_texts t = {.v = (char **)(uintptr_t)text};
    while (t.n < most && text[t.n])
        t.n++;
    return t;
}

static fqp_pde *problem(const given *g) {
    const char *unknown = "u";
    const fqp_problem_opts o = {.name = "",
                                .coordinates = list(g->coordinates, 3),
                                .unknowns = list(&unknown, 1),
                                .domain = (char *)(uintptr_t)g->domain,
                                .time = {.v = (double *)(uintptr_t)g->time, .n = g->time[1] > 0 ? 2 : 0},
                                .define = list(g->define, 3),
                                .operator_ = "",
                                .equations = list(&g->equation, 1),
                                .conditions = list(g->condition, 4),
                                .find = list(&g->find, 1),
                                .exact = list(&g->exact, 1),
                                .reference = "",
                                .energy = "",
                                .data = "",
                                .grid = {.v = (int64_t *)(uintptr_t)&g->grid, .n = 1}};
    fqp_pde *p = NULL;
    assert_ok(ctx, fqp_problem_create(ctx, &o, NULL, &p));
    return p;
}

/* Largest |residual| and doubt of the exact solution at the problem's nodes, and the share of nodes where the doubt is
 * at least the residual. */
typedef struct outcome {
    double residual, doubt, covered, undefined;
    int64_t n;
} outcome;

static outcome at_exact(const given *g, bool single) {
    fqp_pde *p = problem(g);
    fqp_array x = {0};
    int64_t shape[FQPI_FIELD_AXES];
    bool whole;
    fqpi_field *f = NULL;
    assert_ok(ctx, fqp_problem_nodes(ctx, p, &x, shape, &whole));
    const int64_t n = x.shape[0];
    double *u = malloc((size_t)n * sizeof *u), *r = malloc((size_t)n * sizeof *r),
           *doubt = malloc((size_t)n * sizeof *r);
    assert_ok(ctx, fqp_problem_exact_eval(ctx, p, n, x.data, u));
    for (int64_t i = 0; single && i < n; i++)
        u[i] = (double)(float)u[i];
    assert_ok(ctx, fqpi_field_create(ctx, p, fqp_array_view(&x), &f));
    double start = 0;
    fqp_problem_number(p, 0, &start);
    assert_ok(ctx, fqpi_field_residual(f, fqp_view_2d(u, n, 1), &start, r, doubt));
    outcome o = {.n = n};
    for (int64_t i = 0; i < n; i++) {
        if (isnan(r[i])) {
            o.undefined += 1;
            continue;
        }
        o.residual = fmax(o.residual, fabs(r[i]));
        o.doubt = fmax(o.doubt, doubt[i]);
        o.covered += doubt[i] >= fabs(r[i]);
    }
    o.covered /= (double)n - o.undefined;
    fqpi_field_destroy(f);
    fqp_problem_destroy(p);
    fqp_array_free(&x);
    free(u);
    free(r);
    free(doubt);
    return o;
}

/* ---- weights ------------------------------------------------------------------------------------------------------
 */

static void weights(void **state) {
    (void)state;
    const double even[] = {-2, -1, 0, 1, 2}, second[] = {-1 / 12., 16 / 12., -30 / 12., 16 / 12., -1 / 12.};
    double w[FQPI_FIELD_STENCIL];
    fqpi_field_weights(0, even, 5, 2, w);
    for (int i = 0; i < 5; i++)
        assert_near(w[i], second[i], 1e-14);
    const double uneven[] = {0, 0.3, 0.5, 1.1, 1.2, 2};
    for (int k = 1; k <= 4; k++) { /* exact for polynomials of degree 5: x^5 at 0.7 */
        double sum = 0, want = pow(0.7, 5 - k);
        fqpi_field_weights(0.7, uneven, 6, k, w);
        for (int i = 0; i < 6; i++)
            sum += w[i] * pow(uneven[i], 5);
        for (int j = 0; j < k; j++)
            want *= 5 - j;
        assert_near(sum, want, 1e-9);
    }
}

/* ---- orders -------------------------------------------------------------------------------------------------------
 */

static const given line = {.coordinates = {"x"},
                           .domain = "interval(0, 1)",
                           .equation = "-u_xx = pi^2*sin(pi*x + 0.3)",
                           .condition = {"u = sin(pi*x + 0.3) on boundary"},
                           .exact = "sin(pi*x + 0.3)"};
static const given plate = {.coordinates = {"x"},
                            .domain = "interval(0, 1)",
                            .equation = "u_xxxx = 16*exp(2*x)",
                            .condition = {"u = exp(2*x) on boundary", "u_n = 2*exp(2*x)*sign(x - 0.5) on boundary"},
                            .exact = "exp(2*x)"};
static const given twisted = {.coordinates = {"x", "y"},
                              .domain = "box(0, 1, 0, 1)",
                              .equation = "-lap(u) + u_xy = sin(x)*sin(2*y)*5 + 2*cos(x)*cos(2*y)",
                              .condition = {"u = sin(x)*sin(2*y) on boundary"},
                              .exact = "sin(x)*sin(2*y)"};
static const given ring = {.coordinates = {"x", "t"},
                           .domain = "interval(0, 1)",
                           .time = {0, 0.5},
                           .equation = "u_t + u_x = 0",
                           .condition = {"u = sin(2*pi*x) at t = 0", "u periodic in x"},
                           .exact = "sin(2*pi*(x - t))"};
static const given holed = {.coordinates = {"x", "y"},
                            .domain = "box(0, 1, 0, 1) - disk(0.5, 0.5, 0.2)",
                            .equation = "-lap(u) = 0",
                            .condition = {"u = exp(x)*cos(y) on boundary"},
                            .exact = "exp(x)*cos(y)"};

static void order(const given *g, int64_t coarse, double least) {
    given a = *g, b = *g;
    a.grid = coarse;
    b.grid = 2 * coarse - 1;
    const outcome first = at_exact(&a, false), second = at_exact(&b, false);
    if (!(log2(first.residual / second.residual) > least))
        fail_msg("%s: %g, then %g", g->equation, first.residual, second.residual);
    assert_true(first.residual > 0 && first.undefined == 0);
    assert_true(first.covered > 0.9 && second.covered > 0.9);
}

/* The residual of the exact solution is the differences' error: it falls as their order says, and the doubt covers it.
 */
static void order_six(void **state) {
    (void)state;
    order(&line, 17, 5.5);
    order(&plate, 17, 4.5);
    order(&twisted, 13, 5.5);
    order(&ring, 16, 5.2);
    order(&holed, 33, 2);
}

/* Values in single precision: their rounding is the larger error, and is known to be. */
static void rounding(void **state) {
    (void)state;
    given g = line;
    g.grid = 257;
    const outcome o = at_exact(&g, true);
    assert_true(o.residual > 1e-3 && o.doubt > o.residual);
    assert_true(o.covered == 1);
}

/* A wrong solution is no matter of doubt: -u'' of 1.01 u is 1 % of the right side off. */
static void wrong_values(void **state) {
    (void)state;
    enum { N = 65 };
    given g = line;
    g.grid = N;
    fqp_pde *p = problem(&g);
    double x[N], u[N], r[N], doubt[N], terms[N], zero[N];
    fqpi_field *f = NULL;
    for (int i = 0; i < N; i++) {
        x[i] = i / (N - 1.);
        u[i] = 1.01 * sin(M_PI * x[i] + 0.3);
    }
    assert_ok(ctx, fqpi_field_create(ctx, p, fqp_view_2d(x, N, 1), &f));
    assert_ok(ctx, fqpi_field_residual(f, fqp_view_2d(u, N, 1), NULL, r, doubt));
    assert_ok(ctx, fqpi_field_terms(f, fqp_view_2d(u, N, 1), NULL, terms));
    assert_ok(ctx, fqpi_field_zero(ctx, p, fqp_view_2d(x, N, 1), NULL, zero));
    for (int i = 0; i < N; i++) {
        const double f_here = M_PI * M_PI * sin(M_PI * x[i] + 0.3);
        assert_near(r[i], 0.01 * f_here, 1e-6);
        assert_near(zero[i], -f_here, 1e-12);
        assert_near(terms[i], fabs(1.01 * f_here), 1e-6);
        assert_true(fabs(f_here) < 1 || doubt[i] < fabs(r[i]));
    }
    fqpi_field_destroy(f);
    fqp_problem_destroy(p);
}

/* ---- what cannot be done ------------------------------------------------------------------------------------------
 */

static void refusals(void **state) {
    (void)state;
    given g = twisted;
    g.grid = 9;
    fqp_pde *p = problem(&g);
    fqpi_field *f = NULL;
    double scattered[60], few[32];
    for (int i = 0; i < 60; i++)
        scattered[i] = fmod(0.61803398875 * (i + 1) * (i + 3), 1);
    assert_refused(ctx, fqpi_field_create(ctx, p, fqp_view_2d(scattered, 30, 2), &f), FQP_E_DATA,
                   "the 30 points lie on no grid (their coordinates take so many values that a grid of them would have "
                   "900 nodes), so there are no finite differences");
    for (int i = 0; i < 16; i++) {
        few[2 * i] = i / 4;
        few[2 * i + 1] = i % 4;
    }
    assert_refused(ctx, fqpi_field_create(ctx, p, fqp_view_2d(few, 16, 2), &f), FQP_E_UNSUPPORTED,
                   "derivative 2 along x needs at least 5 nodes there, the points have 4");
    memcpy(few + 2, few, 2 * sizeof *few);
    assert_refused(ctx, fqpi_field_create(ctx, p, fqp_view_2d(few, 16, 2), &f), FQP_E_DATA,
                   "points 0 and 1 (counted from 0) are the same");
    fqp_problem_destroy(p);
}

/* Every allocation may fail. */
static void no_memory(void **state) {
    (void)state;
    given g = ring;
    g.grid = 12;
    fqp_pde *p = problem(&g);
    fqp_array x = {0};
    int64_t shape[FQPI_FIELD_AXES];
    bool whole;
    assert_ok(ctx, fqp_problem_nodes(ctx, p, &x, shape, &whole));
    fqp_status s = FQP_E_NOMEM;
    for (long n = 0; s && n < 200; n++) {
        fqpi_field *f = NULL;
        fqpi_mem_fail_after(ctx, n);
        s = fqpi_field_create(ctx, p, fqp_array_view(&x), &f);
        fqpi_mem_fail_after(ctx, -1);
        assert_true(s == FQP_OK || s == FQP_E_NOMEM);
        fqp_ctx_problems_clear(ctx);
        fqpi_field_destroy(f);
    }
    assert_int_equal(s, FQP_OK);
    fqp_array_free(&x);
    fqp_problem_destroy(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights),      cmocka_unit_test(order_six), cmocka_unit_test(rounding),
        cmocka_unit_test(wrong_values), cmocka_unit_test(refusals),  cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
