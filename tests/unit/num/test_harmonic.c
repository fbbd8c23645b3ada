/* Least squares of waves: coefficients come back by factors and by conjugate gradients, weights even out clusters. */
#include "harmonic.h"
#include "unit/num/points.h"

static double share(uint64_t seed, int64_t i) {
    return fqpi_rng_uniform(seed, FQPI_STREAM_TEST, (uint64_t)i);
}

/* A real field has c_-k = conj c_k; the middle of the box is k = 0. */
static double *real_box(int64_t box) {
    double *c = normals(3, (size_t)(2 * box));
    const int64_t half = box / 2;
    c[2 * half + 1] = 0;
    for (int64_t i = 1; i <= half; i++) {
        c[2 * (half - i)] = c[2 * (half + i)];
        c[2 * (half - i) + 1] = -c[2 * (half + i) + 1];
    }
    return c;
}

/* Unknowns below and above the limit of factoring. */
static void coefficients_come_back(void **state) {
    (void)state;
    static const struct {
        int d;
        int64_t n, K[3];
    } cases[] = {{1, 900, {60, 0, 0}},
                 {2, 1200, {6, 9, 0}},
                 {3, 1500, {3, 3, 2}},
                 {1, 12000, {1040, 0, 0}},
                 {2, 9000, {23, 23, 0}}};
    fqp_ctx *ctx = open_ctx(1);
    for (int i = 0; i < 5; i++)
        for (int weights = 0; weights < 2; weights++) {
            const int64_t n = cases[i].n;
            double *u = calloc((size_t)(n * (cases[i].d + 2)), sizeof *u), *y = u + n * cases[i].d, *back = y + n;
            for (int64_t j = 0; j < n * cases[i].d; j++)
                u[j] = share(1, j);
            fqpi_harmonic *h;
            assert_ok(ctx, fqpi_harmonic_create(ctx, "test", cases[i].d, n, u, cases[i].K, weights, &h));
            const int64_t box = fqpi_harmonic_box(h);
            double *c = real_box(box), *got = calloc((size_t)(2 * box), sizeof *got), sum = 0;
            assert_true(i < 3 ? box <= FQPI_HARMONIC_DENSE : box > FQPI_HARMONIC_DENSE);
            fqpi_harmonic_field(h, c, y, NULL);
            assert_true(fqpi_harmonic_fit(h, y, 1, 0, got));
            const double condition = fqpi_harmonic_condition(h);
            assert_true(condition > 1 && condition < 1e6);
            for (int64_t k = 0; k < 2 * box; k++)
                assert_near(got[k], c[k], 1e-8);
            /* a field outside of the waves: what is left stands at right angles to all of them, by weight */
            for (int64_t j = 0; j < n; j++)
                y[j] = share(2, j);
            assert_true(fqpi_harmonic_fit(h, y, 1, 0.25, got));
            fqpi_harmonic_field(h, got, back, NULL);
            for (int64_t j = 0; j < n; j++)
                sum += fqpi_harmonic_weights(h)[j] * (y[j] - 0.25 - back[j]);
            assert_near(sum, 0, 1e-10);
            fqpi_harmonic_destroy(h);
            free(u);
            free(c);
            free(got);
        }
    fqpi_harmonic_destroy(NULL);
    fqp_ctx_destroy(ctx);
}

/* 300 points on a grid, and 700 more in one of its cells: the cell counts like one or two points. */
static void clusters_do_not_count_more(void **state) {
    (void)state;
    enum { GRID = 300, MORE = 700, N = GRID + MORE };
    fqp_ctx *ctx = open_ctx(1);
    double u[N], cluster = 0;
    for (int j = 0; j < N; j++)
        u[j] = j < GRID ? (double)j / GRID : (100 + share(4, j)) / GRID;
    const int64_t K = 60;
    fqpi_harmonic *h;
    assert_ok(ctx, fqpi_harmonic_create(ctx, "test", 1, N, u, &K, FQPI_HARMONIC_DENSITY, &h));
    for (int j = GRID; j < N; j++)
        cluster += fqpi_harmonic_weights(h)[j];
    assert_true(cluster * GRID < 3);
    const double evened = fqpi_harmonic_condition(h);
    fqpi_harmonic_destroy(h);
    assert_ok(ctx, fqpi_harmonic_create(ctx, "test", 1, N, u, &K, FQPI_HARMONIC_EQUAL, &h));
    assert_near(fqpi_harmonic_weights(h)[N - 1] * N, 1, 1e-12);
    assert_true(fqpi_harmonic_condition(h) > 20 * evened);
    fqpi_harmonic_destroy(h);
    fqp_ctx_destroy(ctx);
}

static void refusals(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double u[200];
    for (int j = 0; j < 200; j++)
        u[j] = 0.4 + 1e-4 * share(5, j);
    int64_t K = 100;
    fqpi_harmonic *h;
    assert_refused(ctx, fqpi_harmonic_create(ctx, "test", 1, 200, u, &K, 0, &h), FQP_E_SHAPE,
                   "test: 201 waves need at least as many points, there are 200");
    K = 20;
    assert_refused(ctx, fqpi_harmonic_create(ctx, "test", 1, 200, u, &K, 0, &h), FQP_E_DATA,
                   "test: the 200 points do not tell 41 waves apart (condition number inf): ask for a lower highest "
                   "frequency");
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(coefficients_come_back),
                                       cmocka_unit_test(clusters_do_not_count_more), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
