/* Difference equations: the matrix against one written by hand, second order of convergence with all kinds of
 * conditions in one to three dimensions, every method against elimination, factors against closed forms. */
#include "mem.h"
#include "relax/system.h"
#include "support.h"

#include <stdlib.h>

static const double pi = 3.14159265358979323846;
static const fqp_grid_opts usual = {.damping = 2.0 / 3, .before = 2, .after = 2, .coarsest = 2};

static int setup(void **state) {
    return fqp_ctx_create(NULL, (fqp_ctx **)state) != FQP_OK;
}

static int teardown(void **state) {
    fqp_ctx_destroy(*state);
    return 0;
}

/* u = sin(k.x + 0.3) solves -div(a grad u) + v.grad u + c u = f, a = exp(slope x) */
typedef struct made {
    int axes;
    double k[3], v[3], c, slope;
    int side[3][2]; /* 0 Dirichlet, 1 Neumann, 2 Robin */
    bool periodic[3];
    double sign;
} made;

static double phase(const made *m, const double *x) {
    double sum = 0.3;
    for (int a = 0; a < m->axes; a++)
        sum += m->k[a] * x[a];
    return sum;
}

static fqp_status made_inside(void *user, int64_t n, const double *x, fqpi_relax_terms *out) {
    const made *m = user;
    for (int64_t i = 0; i < n; i++, x += m->axes) {
        const double a = exp(m->slope * x[0]), p = phase(m, x), u = sin(p), du = cos(p);
        fqpi_relax_terms t = {.zero = m->c, .right = m->c * u};
        for (int j = 0; j < m->axes; j++) {
            t.second[j] = -a;
            t.first[j] = m->v[j] - (j == 0 ? m->slope * a : 0);
            t.right += t.second[j] * -m->k[j] * m->k[j] * u + t.first[j] * m->k[j] * du;
        }
        for (int j = 0; j < 3; j++) {
            t.second[j] *= m->sign;
            t.first[j] *= m->sign;
        }
        t.zero *= m->sign;
        t.right *= m->sign;
        out[i] = t;
    }
    return FQP_OK;
}

static fqp_status made_border(void *user, const double *x, int axis, bool upper, fqpi_relax_side *out) {
    const made *m = user;
    const double u = sin(phase(m, x)), du = (upper ? 1 : -1) * m->k[axis] * cos(phase(m, x));
    const int kind = m->side[axis][upper];
    *out = (fqpi_relax_side){.value = kind == 1 ? 0 : 2, .normal = kind == 0 ? 0 : 3};
    out->right = out->value * u + out->normal * du;
    return FQP_OK;
}

static fqp_system *system_of(fqp_ctx *ctx, made *m, int64_t cells) {
    const double lower[3] = {0}, upper[3] = {1, 1, 1};
    const int64_t each[3] = {cells, cells, cells};
    const fqpi_relax_grid g = fqpi_relax_grid_of(m->axes, lower, upper, each, m->periodic);
    const fqpi_relax_form form = {m, made_inside, made_border};
    fqp_system *s = NULL;
    assert_ok(ctx, fqpi_system_create(ctx, &g, &form, &usual, &s));
    return s;
}

static double error_of(const made *m, const fqp_system *s, const double *u) {
    const int64_t n = fqp_system_nodes(s, NULL);
    double worst = 0;
    for (int64_t i = 0; i < n; i++)
        worst = fmax(worst, fabs(u[i] - sin(phase(m, fqp_system_points(s) + i * m->axes))));
    return worst;
}

static double solved(fqp_ctx *ctx, made *m, int64_t cells) {
    fqp_system *s = system_of(ctx, m, cells);
    const int64_t n = fqp_system_nodes(s, NULL);
    double *u = calloc((size_t)n, sizeof *u), *r = calloc((size_t)n, sizeof *r);
    fqp_system_border(s, u);
    assert_near(fqp_system_residual(s, u, r), 1, 1e-9);
    assert_ok(ctx, fqp_system_direct(s, u));
    assert_true(fqp_system_residual(s, u, r) < 1e-10);
    const double e = error_of(m, s, u);
    free(u);
    free(r);
    fqp_system_destroy(s);
    return e;
}

static const made problems[] = {
    {.axes = 1, .k = {3}, .sign = 1},
    {.axes = 1, .k = {3}, .slope = 1, .v = {2}, .c = 1, .side = {{1, 0}}, .sign = -1},
    {.axes = 1, .k = {2 * pi}, .c = 1, .v = {1}, .periodic = {true}, .sign = 1},
    {.axes = 1, .k = {4}, .slope = 0.5, .side = {{2, 1}}, .sign = 1},
    {.axes = 2, .k = {2, 3}, .slope = 0.5, .side = {{0, 1}, {2, 0}}, .sign = 1},
    {.axes = 2,
     .k = {2, 2 * pi},
     .slope = 0.5,
     .v = {1, -2},
     .c = 1,
     .side = {{1, 2}},
     .periodic = {false, true},
     .sign = 1},
    {.axes = 2, .k = {5, 4}, .c = -60, .sign = 1}, /* indefinite */
    {.axes = 3, .k = {1, 2, 3}, .slope = 0.5, .side = {{0, 1}, {2, 0}, {0, 2}}, .c = 1, .sign = 1},
};

static void test_second_order(void **state) {
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++) {
        made m = problems[i];
        const int64_t n = m.axes == 3 ? 6 : 16;
        const double coarse = solved(*state, &m, n), fine = solved(*state, &m, 2 * n);
        if (!(fine < coarse / 3.2) || !(fine < 0.03))
            fail_msg("problem %zu: error %g, then %g", i, coarse, fine);
    }
}

/* -u'' + c u with Dirichlet below and Robin above on 4 intervals, by hand. */
static void test_matrix_by_hand(void **state) {
    made m = {.axes = 1, .k = {3}, .c = 5, .side = {{0, 2}}, .sign = 1};
    fqp_system *s = system_of(*state, &m, 4);
    const double h = 0.25, want[5][5] = {{0},
                                         {-1, 2 + 5 * h * h, -1},
                                         {0, -1, 2 + 5 * h * h, -1},
                                         {0, 0, -1, 2 + 5 * h * h, -1},
                                         /* half: (u4 - u3)/h^2 + (2/3) u4/h + 5 u4/2 */
                                         {0, 0, 0, -1, 1 + 2.0 / 3 * h + 2.5 * h * h}};
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++)
            assert_near(fqpi_relax_matrix_at(&s->matrix, i, j), want[i][j] / (h * h), 1e-9);
    assert_true(s->symmetric);
    assert_false(s->loose);
    fqp_system_destroy(s);
}

/* The loops over diagonals against sums over all pairs. */
static void test_products(void **state) {
    for (size_t p = 0; p < sizeof problems / sizeof *problems; p++) {
        made m = problems[p];
        fqp_system *s = system_of(*state, &m, 5);
        const int64_t n = fqp_system_nodes(s, NULL);
        double *u = calloc((size_t)n, sizeof *u), *r = calloc((size_t)n, sizeof *r), *v = calloc((size_t)n, sizeof *v);
        for (int64_t i = 0; i < n; i++)
            u[i] = v[i] = sin(7.0 * (double)i);
        const double rms = fqp_system_residual(s, u, r);
        double sum = 0;
        for (int64_t i = 0; i < n; i++) {
            double want = s->matrix.fixed[i] ? 0 : s->right[i];
            for (int64_t j = 0; j < n; j++)
                want -= fqpi_relax_matrix_at(&s->matrix, i, j) * u[j];
            assert_near(r[i], want, 1e-9 * (1 + fabs(want)));
            sum += want * want;
        }
        assert_near(rms, sqrt(sum / (double)n) / s->scale, 1e-9 * rms);
        fqpi_relax_successive(&s->matrix, 1.3, s->right, u);
        for (int64_t i = 0; i < n; i++) {
            if (s->matrix.fixed[i])
                continue;
            double left = s->right[i];
            for (int64_t j = 0; j < n; j++)
                left -= fqpi_relax_matrix_at(&s->matrix, i, j) * v[j];
            v[i] += 1.3 * left / fqpi_relax_matrix_at(&s->matrix, i, i);
            assert_near(u[i], v[i], 1e-9 * (1 + fabs(v[i])));
        }
        free(u);
        free(r);
        free(v);
        fqp_system_destroy(s);
    }
}

static void test_every_method_arrives(void **state) {
    static const int sweeps[] = {40000, 40000, 20000, 2000, 120, 30, 25, 1};
    static const size_t which[] = {3, 4, 7};
    for (size_t p = 0; p < sizeof which / sizeof *which; p++) {
        made m = problems[which[p]];
        fqp_system *s = system_of(*state, &m, m.axes == 1 ? 16 : 8);
        const int64_t n = fqp_system_nodes(s, NULL);
        double *u = calloc((size_t)n, sizeof *u), *r = calloc((size_t)n, sizeof *r);
        for (size_t row = 0; fqp_relax_name(row, NULL); row++) {
            memset(u, 0, (size_t)n * sizeof *u);
            fqp_system_border(s, u);
            fqp_system_begin(s);
            for (int i = 0; i < sweeps[row]; i++)
                assert_ok(*state, fqp_system_sweep(s, row, u));
            const double left = fqp_system_residual(s, u, r);
            if (!(left < 1e-9))
                fail_msg("%s leaves %g of the residual of problem %zu", fqp_relax_name(row, NULL), left, which[p]);
        }
        free(u);
        free(r);
        fqp_system_destroy(s);
    }
}

static fqp_system *model_problem(fqp_ctx *ctx, int64_t n) {
    static double nothing = 0;
    const double lower = 0, upper = 1;
    const fqpi_relax_grid g = fqpi_relax_grid_of(1, &lower, &upper, &n, NULL);
    fqpi_relax_form form = fqpi_relax_poisson;
    form.user = &nothing;
    fqp_system *s = NULL;
    assert_ok(ctx, fqpi_system_create(ctx, &g, &form, &usual, &s));
    return s;
}

/* Norm after one sweep over norm before, from sine mode k. */
static double factor(fqp_ctx *ctx, int64_t n, const char *method, int64_t k) {
    fqp_system *s = model_problem(ctx, n);
    double u[257], before = 0, after = 0;
    for (int64_t i = 0; i <= n; i++) {
        u[i] = i % n ? sin(pi * (double)(k * i) / (double)n) : 0;
        before += u[i] * u[i];
    }
    assert_ok(ctx, fqp_system_sweep(s, (size_t)fqpi_relax_row(method), u));
    for (int64_t i = 0; i <= n; i++)
        after += u[i] * u[i];
    fqp_system_destroy(s);
    return sqrt(after / before);
}

static void test_factors(void **state) {
    for (int64_t k = 1; k < 100; k += 7) {
        assert_near(factor(*state, 100, "jacobi", k), fabs(cos((double)k * pi / 100)), 1e-13);
        assert_near(factor(*state, 100, "damped_jacobi", k), fabs(1 - 2.0 / 3 * (1 - cos((double)k * pi / 100))),
                    1e-13);
    }
    double worst = 0;
    for (int64_t k = 1; k < 128; k++)
        worst = fmax(worst, factor(*state, 128, "vcycle", k));
    assert_true(worst > 0.08 && worst < 0.12);
}

static void test_sor_is_fast(void **state) {
    fqp_system *s = model_problem(*state, 64);
    assert_near(s->over, 2 / (1 + sin(pi / 64)), 1e-12);
    fqp_system_destroy(s);
}

static void test_indefinite(void **state) {
    made m = problems[6];
    fqp_system *s = system_of(*state, &m, 16);
    double u[17 * 17] = {0};
    fqp_system_border(s, u);
    fqp_status status = FQP_OK;
    for (int i = 0; i < 100 && !status; i++)
        status = fqp_system_sweep(s, (size_t)fqpi_relax_row("cg"), u);
    assert_int_equal(status, FQP_E_DIVERGED);
    assert_non_null(strstr(fqp_ctx_problem(*state, 0).message, "not positive definite"));
    status = FQP_OK;
    for (int i = 0; i < 20000 && !status; i++)
        status = fqp_system_sweep(s, (size_t)fqpi_relax_row("damped_jacobi"), u);
    assert_int_equal(status, FQP_E_DIVERGED);
    fqp_system_destroy(s);
}

static void test_refusals(void **state) {
    made m = {.axes = 1, .k = {2 * pi}, .periodic = {true}, .sign = 1};
    fqp_system *s = system_of(*state, &m, 16);
    double u[16] = {0};
    assert_true(s->loose);
    assert_refused(*state, fqp_system_direct(s, u), FQP_E_UNSUPPORTED,
                   "direct: the conditions leave a constant free; give a value of the solution somewhere, or use cg or "
                   "a relaxation");
    for (int i = 0; i < 8; i++)
        assert_ok(*state, fqp_system_sweep(s, (size_t)fqpi_relax_row("cg"), u));
    double mean = 0; /* that of the solution is free */
    for (int i = 0; i < 16; i++)
        mean += (sin(phase(&m, fqp_system_points(s) + i)) - u[i]) / 16;
    for (int i = 0; i < 16; i++)
        u[i] += mean;
    assert_true(error_of(&m, s, u) < 0.03);
    fqp_system_destroy(s);

    m = (made){.axes = 1, .k = {3}, .v = {1}, .sign = 1};
    s = system_of(*state, &m, 8);
    assert_refused(*state, fqp_system_sweep(s, (size_t)fqpi_relax_row("cg"), u), FQP_E_UNSUPPORTED,
                   "cg needs a symmetric matrix; first derivatives make this one unsymmetric: use direct, vcycle or a "
                   "relaxation");
    fqp_system_destroy(s);
}

/* Another right side and back: the residual equation gives the error. */
static void test_right(void **state) {
    made m = problems[4];
    fqp_system *s = system_of(*state, &m, 8);
    double u[81] = {0}, e[81] = {0}, r[81], want[81] = {0};
    fqp_system_border(s, u);
    fqp_system_border(s, want);
    fqp_system_residual(s, u, r);
    fqp_system_right(s, r);
    assert_near(fqp_system_residual(s, e, r), 1, 1e-12);
    assert_ok(*state, fqp_system_direct(s, e));
    fqp_system_right(s, NULL);
    assert_ok(*state, fqp_system_direct(s, want));
    for (int i = 0; i < 81; i++)
        assert_near(u[i] + e[i], want[i], 1e-12);
    fqp_system_destroy(s);
}

/* Large grids are shared out among threads: the same bits. */
static void test_threads(void **state) {
    (void)state;
    double *u[2];
    for (int t = 0; t < 2; t++) {
        fqp_ctx *ctx = NULL;
        fqp_ctx_opts o = {.threads = t + 1};
        assert_int_equal(fqp_ctx_create(&o, &ctx), FQP_OK);
        made m = problems[4];
        fqp_system *s = system_of(ctx, &m, 512);
        const int64_t n = fqp_system_nodes(s, NULL);
        u[t] = calloc((size_t)n, sizeof *u[t]);
        fqp_system_border(s, u[t]);
        for (int i = 0; i < 5; i++)
            assert_ok(ctx, fqp_system_sweep(s, (size_t)fqpi_relax_row("jacobi"), u[t]));
        if (t == 1)
            assert_memory_equal(u[0], u[1], (size_t)n * sizeof(double));
        fqp_system_destroy(s);
        fqp_ctx_destroy(ctx);
    }
    free(u[0]);
    free(u[1]);
}

static fqp_status everything(fqp_ctx *ctx) {
    made m = problems[4];
    const double lower[2] = {0}, upper[2] = {1, 1};
    const int64_t cells[2] = {8, 8}, hidden = 4;
    const fqpi_relax_grid g = fqpi_relax_grid_of(2, lower, upper, cells, NULL);
    const fqpi_relax_form form = {&m, made_inside, made_border};
    const fqp_correct_opts o = {
        .cells = 4, .hidden = {(int64_t *)&hidden, 1}, .samples = 5, .steps = 2, .lr = 1e-3, .search = true};
    double u[81] = {0};
    fqp_system *s = NULL;
    fqpi_relax_corrector *c = NULL;
    fqp_status status = fqpi_system_create(ctx, &g, &form, &usual, &s);
    status = status ? status : fqp_system_sweep(s, (size_t)fqpi_relax_row("fcycle"), u);
    status = status ? status : fqp_system_direct(s, u);
    status = status ? status : fqpi_relax_corrector_create(s, &o, 1, &c);
    status = status ? status : fqpi_relax_correct(c, u);
    fqpi_relax_corrector_destroy(c);
    fqp_system_destroy(s);
    return status;
}

static void test_no_memory(void **state) {
    fqp_status status = FQP_E_NOMEM;
    for (long n = 0; status == FQP_E_NOMEM; n++) {
        fqp_ctx_problems_clear(*state);
        fqpi_mem_fail_after(*state, n);
        status = everything(*state);
    }
    fqpi_mem_fail_after(*state, -1);
    assert_int_equal(status, FQP_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_second_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_matrix_by_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(test_products, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_method_arrives, setup, teardown),
        cmocka_unit_test_setup_teardown(test_factors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sor_is_fast, setup, teardown),
        cmocka_unit_test_setup_teardown(test_indefinite, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
        cmocka_unit_test_setup_teardown(test_right, setup, teardown),
        cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
