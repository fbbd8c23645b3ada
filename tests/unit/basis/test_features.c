/* Random features: derivatives against differences, the partition of unity, continuity rows, and equations whose
 * solution is known. */
#include "kernel.h"
#include "patches.h"
#include "support.h"

#include <fqp/model.h>
#include <fqp/random_features.h>

static fqp_ctx *ctx;

static int set_up(void **state) {
    (void)state;
    return fqp_ctx_create(NULL, &ctx) != FQP_OK;
}

static int tear_down(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

static const double lower[3] = {-1, 0, 2}, upper[3] = {2, 1, 2.5};

static fqp_features *features(int64_t d, fqp_partition partition, int activation, int64_t per_patch) {
    const fqp_features_opts o = {.patches = {3, 2, 2},
                                 .per_patch = per_patch,
                                 .activation = activation,
                                 .activation_param = NAN,
                                 .range = 2,
                                 .partition = partition,
                                 .seed = 4};
    fqp_features *f = NULL;
    assert_ok(ctx, fqp_features_create(ctx, d, lower, upper, &o, &f));
    return f;
}

static void derivatives_are_limits_of_differences(void **state) {
    (void)state;
    static const double h = 1e-5;
    for (int64_t d = 1; d <= 3; d++)
        for (int partition = 0; partition < 2; partition++) {
            fqp_features *f = features(d, (fqp_partition)partition, FQPI_ACT_TANH, 2);
            const int64_t count = fqp_features_count(f);
            double up[24], down[24], got[24];
            assert_int_equal(count, 2 * (d == 1 ? 3 : d == 2 ? 6 : 12));
            for (int i = 0; i < 40; i++)
                for (int64_t a = 0; a < d; a++)
                    for (int base = 0; base < 3; base++) { /* of u, u_0, u_00 along a */
                        double x[3];
                        for (int c = 0; c < 3; c++) /* no border within h */
                            x[c] = lower[c] + (upper[c] - lower[c]) * (0.011 + 0.97 * fmod(0.37 * i + 0.21 * c, 1));
                        fqp_term term = {.factor = 1.5}, higher = {.factor = 1.5};
                        term.order[0] = base;
                        higher.order[0] = base;
                        higher.order[a]++;
                        if (base == 2 && a == 0 && d == 3)
                            continue;
                        assert_ok(ctx, fqp_features_rows(f, 1, x, 1, &higher, got));
                        x[a] += h;
                        assert_ok(ctx, fqp_features_rows(f, 1, x, 1, &term, up));
                        x[a] -= 2 * h;
                        assert_ok(ctx, fqp_features_rows(f, 1, x, 1, &term, down));
                        for (int64_t j = 0; j < count; j++)
                            assert_near(got[j], (up[j] - down[j]) / (2 * h), 1e-5 * (1 + fabs(got[j])));
                    }
            fqp_features_destroy(f);
        }
}

/* Features made constant, cos(0) = 1, leave psi: it adds up to 1, its derivatives to 0. */
static void the_partition_adds_up_to_one(void **state) {
    (void)state;
    static const int orders[5][3] = {{0, 0, 0}, {1, 0, 0}, {2, 0, 0}, {3, 0, 0}, {0, 1, 0}};
    for (int64_t d = 1; d <= 3; d++) {
        fqp_features *f = features(d, FQP_PARTITION_SMOOTH, FQPI_ACT_COS, 1);
        const int64_t count = fqp_features_count(f);
        memset(f->k, 0, (size_t)(count * d) * sizeof *f->k);
        memset(f->b, 0, (size_t)count * sizeof *f->b);
        for (int i = 0; i < 50; i++)
            for (int q = 0; q < (d > 1 ? 5 : 4); q++) {
                double x[3], row[12], sum = 0, size = 0;
                for (int c = 0; c < 3; c++)
                    x[c] = lower[c] + (upper[c] - lower[c]) * fmod(0.617 * i + 0.21 * c, 1);
                fqp_term term = {.factor = 1};
                memcpy(term.order, orders[q], sizeof term.order);
                assert_ok(ctx, fqp_features_rows(f, 1, x, 1, &term, row));
                for (int64_t j = 0; j < count; j++)
                    sum += row[j], size += fabs(row[j]);
                assert_near(sum, q == 0, 1e-13 * (1 + size));
            }
        fqp_features_destroy(f);
    }
}

static double wanted(const double *x, int64_t d) {
    return d == 1 ? sin(3 * x[0]) + 0.5 * cos(7 * x[0]) : sin(2 * x[0] + 1) * cos(3 * x[1]);
}

/* L u = f in the box and u on its edge, at `points` along each axis of a patch; the largest error on a finer grid. */
static double error_of(int64_t d, fqp_features *f, int64_t points, fqp_features_solver by, fqp_features_told *told) {
    const fqp_term laplace[3] = {{{2, 0, 0}, 1, NULL}, {{0, 0, 0}, -4, NULL}, {{0, 2, 0}, 1, NULL}};
    const fqp_term one = {.factor = 1};
    for (int64_t i = 0; i < 3 * points; i++)
        for (int64_t j = 0; j < (d == 1 ? 1 : 2 * points); j++) {
            const double x[2] = {lower[0] + (upper[0] - lower[0]) * ((double)i + 0.5) / (double)(3 * points),
                                 lower[1] + (upper[1] - lower[1]) * ((double)j + 0.5) / (double)(2 * points)};
            const double g = d == 1 ? -13 * sin(3 * x[0]) - 0.5 * 53 * cos(7 * x[0]) : -17 * wanted(x, 2);
            assert_ok(ctx, fqp_features_equations(f, 1, x, d == 1 ? 2 : 3, laplace, &g, 1));
        }
    for (int64_t i = 0; i < 20; i++)
        for (int side = 0; side < (d == 1 ? 2 : 4); side++) {
            const double s = ((double)i + 0.5) / 20;
            const double x[2] = {side == 0   ? lower[0]
                                 : side == 1 ? upper[0]
                                             : lower[0] + s * (upper[0] - lower[0]),
                                 side == 2   ? lower[1]
                                 : side == 3 ? upper[1]
                                             : lower[1] + s * (upper[1] - lower[1])};
            const double g = wanted(x, d);
            assert_ok(ctx, fqp_features_equations(f, 1, x, 1, &one, &g, 1));
        }
    assert_ok(ctx, fqp_features_continuity(f, 1, points, 1));
    assert_ok(ctx, fqp_features_solve(f, by, 0, told));
    double worst = 0;
    for (int i = 0; i < 400; i++) {
        const double x[2] = {lower[0] + (upper[0] - lower[0]) * fmod(0.618034 * i, 1),
                             lower[1] + (upper[1] - lower[1]) * (i + 0.5) / 400};
        double u;
        assert_ok(ctx, fqp_features_eval(f, 1, x, NULL, &u));
        worst = fmax(worst, fabs(u - wanted(x, d)));
    }
    return worst;
}

static void equations_are_solved(void **state) {
    (void)state;
    static const struct {
        int64_t d, per_patch, points;
        fqp_partition partition;
        int activation;
        fqp_features_solver by;
        double most;
    } of[] = {{1, 40, 80, FQP_PARTITION_INDICATOR, FQPI_ACT_TANH, FQP_SOLVE_SVD, 1e-8},
              {1, 40, 80, FQP_PARTITION_INDICATOR, FQPI_ACT_TANH, FQP_SOLVE_QR, 1e-8},
              {1, 40, 80, FQP_PARTITION_SMOOTH, FQPI_ACT_SIN, FQP_SOLVE_SVD, 1e-6},
              {2, 60, 14, FQP_PARTITION_INDICATOR, FQPI_ACT_SIN, FQP_SOLVE_QR, 1e-4},
              {2, 60, 14, FQP_PARTITION_SMOOTH, FQPI_ACT_TANH, FQP_SOLVE_QR, 5e-3}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        fqp_features *f = features(of[i].d, of[i].partition, of[i].activation, of[i].per_patch);
        fqp_features_told told;
        const double error = error_of(of[i].d, f, of[i].points, of[i].by, &told);
        if (!(error < of[i].most))
            fail_msg("case %zu: error %g, at most %g", i, error, of[i].most);
        assert_int_equal(told.unknowns, fqp_features_count(f));
        assert_int_equal(told.equations, fqp_features_equation_count(f));
        assert_true(told.rank <= told.unknowns && told.residual < of[i].most);
        fqp_features_destroy(f);
    }
}

/* Without continuity rows the patches do not know of each other; with them both sides agree. */
static void continuity_joins_patches(void **state) {
    (void)state;
    fqp_features *f = features(1, FQP_PARTITION_INDICATOR, FQPI_ACT_TANH, 20);
    const fqp_term second = {{2, 0, 0}, 1, NULL}, one = {.factor = 1};
    const double ends[2] = {lower[0], upper[0]}, values[2] = {1, -2};
    double zero[90] = {0}, x[90], jump[2][2];
    for (int i = 0; i < 90; i++)
        x[i] = lower[0] + (upper[0] - lower[0]) * (i + 0.5) / 90;
    for (int with = 0; with < 2; with++) {
        fqp_features_clear(f);
        assert_ok(ctx, fqp_features_equations(f, 90, x, 1, &second, zero, 1));
        assert_ok(ctx, fqp_features_equations(f, 2, ends, 1, &one, values, 1));
        if (with)
            assert_ok(ctx, fqp_features_continuity(f, 1, 1, 1));
        assert_ok(ctx, fqp_features_solve(f, FQP_SOLVE_SVD, 0, NULL));
        for (int q = 0; q < 2; q++) {
            const double sides[2] = {-1e-12, 1e-12};
            double u[2];
            for (int k = 0; k < 2; k++)
                assert_ok(ctx, fqp_features_eval(f, 1, &sides[k], &q, &u[k]));
            jump[with][q] = fabs(u[1] - u[0]);
        }
    }
    assert_true(jump[0][0] > 1e-3); /* the middle patch is 0, the others lines through their ends */
    assert_true(jump[1][0] < 1e-7 && jump[1][1] < 1e-7);
    double middle;
    const double at = 0.5;
    assert_ok(ctx, fqp_features_eval(f, 1, &at, NULL, &middle));
    assert_near(middle, -0.5, 1e-6); /* the line from 1 to -2 */
    fqp_features_destroy(f);
}

static void mistakes_are_named(void **state) {
    (void)state;
    fqp_features *f = NULL;
    fqp_features_opts o = {.per_patch = 3, .activation_param = NAN, .range = 1};
    const double down[1] = {-3}, x = 0, bad = NAN;
    assert_refused(ctx, fqp_features_create(ctx, 4, lower, upper, &o, &f), FQP_E_ARG,
                   "random features: 4 coordinates; 1 to 3 are served, with their box");
    assert_refused(ctx, fqp_features_create(ctx, 1, lower, down, &o, &f), FQP_E_ARG,
                   "random features: axis 0 from -1 to -3 is empty");
    o.range = 0;
    assert_refused(ctx, fqp_features_create(ctx, 1, lower, upper, &o, &f), FQP_E_ARG,
                   "random features: range 0 must be positive");
    o.range = 1;
    o.activation = FQPI_ACT_RELU;
    assert_ok(ctx, fqp_features_create(ctx, 1, lower, upper, &o, &f));
    const fqp_term second = {{2, 0, 0}, 1, NULL}, one = {.factor = 1};
    double row[3];
    assert_refused(ctx, fqp_features_rows(f, 1, &x, 1, &second, row), FQP_E_UNSUPPORTED,
                   "random features: a derivative of order 2 is asked for; relu has ordinary ones up to 1");
    assert_refused(ctx, fqp_features_solve(f, FQP_SOLVE_SVD, 0, NULL), FQP_E_ARG,
                   "random features: there are no equations to solve");
    assert_refused(ctx, fqp_features_equations(f, 1, &x, 1, &one, &bad, 1), FQP_E_DATA,
                   "random features: the right-hand side of equation 0 is nan");
    assert_refused(ctx, fqp_features_equations(f, 1, &bad, 1, &one, &x, 1), FQP_E_DATA,
                   "random features: coordinate 0 of point 0 is nan");
    fqp_features_destroy(f);
    fqp_features_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derivatives_are_limits_of_differences),
        cmocka_unit_test(the_partition_adds_up_to_one),
        cmocka_unit_test(equations_are_solved),
        cmocka_unit_test(continuity_joins_patches),
        cmocka_unit_test(mistakes_are_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
