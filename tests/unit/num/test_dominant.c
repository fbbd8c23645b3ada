/* The dominant frequency of fields whose frequencies are known, on grids and on scattered points. */
#include "dominant.h"
#include "unit/num/points.h"

#include <math.h>

static double wave(double f, double x) {
    return sin(2 * acos(-1) * f * x + 0.3);
}

static void one_dimension(void **state) {
    (void)state;
    enum { N = 200 };
    fqp_ctx *ctx = open_ctx(1);
    double x[N], y[N];
    fqpi_dominant f;
    for (int i = 0; i < N; i++) {
        x[i] = 3 + 2.0 * i / N; /* period 2 */
        y[i] = 5 + wave(7, x[i]) + 0.8 * wave(31.5, x[i]);
    }
    assert_ok(ctx, fqpi_dominant_find(ctx, table(x, N, 1), 1, y, &f));
    assert_near(f.frequency[0], 7, 1e-12);
    assert_near(f.size, 7, 1e-12);
    assert_near(f.per_period, N / 2.0 / 7, 1e-9);
    assert_near(f.share, 1 / 1.64, 1e-9);
    for (int i = 0; i < N; i++)
        y[i] += 0.5 * wave(31.5, x[i]);
    assert_ok(ctx, fqpi_dominant_find(ctx, table(x, N, 1), 1, y, &f));
    assert_near(f.size, 31.5, 1e-12);
    /* between two lines of the transform: one of them */
    for (int i = 0; i < N; i++)
        y[i] = wave(12.3, x[i]);
    assert_ok(ctx, fqpi_dominant_find(ctx, table(x, N, 1), 1, y, &f));
    assert_near(f.size, 12.3, 0.25);
    fqp_ctx_destroy(ctx);
}

static void scattered_line(void **state) {
    (void)state;
    enum { N = 500 };
    fqp_ctx *ctx = open_ctx(1);
    double x[N], y[N];
    fqpi_dominant f;
    for (int i = 0; i < N; i++) {
        x[i] = -4 + 2 * fqpi_rng_uniform(7, FQPI_STREAM_TEST, (uint64_t)i);
        y[i] = 1 + wave(23, x[i]) + 0.3 * wave(4, x[i]);
    }
    assert_ok(ctx, fqpi_dominant_find(ctx, table(x, N, 1), 1, y, &f));
    assert_near(f.size, 23, 0.5);
    assert_near(f.per_period, N / 2.0 / 23, 0.05 * N / 2.0 / 23);
    fqp_ctx_destroy(ctx);
}

/* Row-major grid of side^2 points over [0, 1)^2; first: the column that changes slowly. */
static void mesh(int side, int slow, double *x, double *y) {
    for (int i = 0; i < side * side; i++) {
        x[2 * i + slow] = (double)(i / side) / side;
        x[2 * i + 1 - slow] = (double)(i % side) / side;
        y[i] = cos(2 * acos(-1) * (3 * x[2 * i] - 5 * x[2 * i + 1])) + 0.5 * wave(2, x[2 * i]);
    }
}

static void two_dimensions(void **state) {
    (void)state;
    enum { SIDE = 24, N = SIDE * SIDE };
    fqp_ctx *ctx = open_ctx(1);
    static double x[2 * N], y[N];
    fqpi_dominant f;
    for (int slow = 0; slow < 2; slow++) {
        mesh(SIDE, slow, x, y);
        assert_ok(ctx, fqpi_dominant_find(ctx, table(x, N, 2), 1, y, &f));
        assert_near(f.frequency[0] * f.frequency[1], -15, 1e-9); /* k and -k are the same wave */
        assert_near(fabs(f.frequency[0]), 3, 1e-12);
        assert_near(f.size, sqrt(34), 1e-12);
        assert_near(f.per_period, SIDE / 5.0, 1e-9);
    }
    for (int i = 0; i < N; i++) {
        const double a = x[2 * i] = fqpi_rng_uniform(3, FQPI_STREAM_TEST, 2 * (uint64_t)i);
        const double b = x[2 * i + 1] = fqpi_rng_uniform(3, FQPI_STREAM_TEST, 2 * (uint64_t)i + 1);
        y[i] = cos(2 * acos(-1) * (3 * a - 5 * b)) + 0.5 * wave(2, a);
    }
    assert_ok(ctx, fqpi_dominant_find(ctx, table(x, N, 2), 1, y, &f));
    assert_near(f.size, sqrt(34), 1);
    assert_true(f.frequency[0] * f.frequency[1] < 0);
    fqp_ctx_destroy(ctx);
}

/* Outputs are pooled; what does not change has no frequency; four coordinates are too many. */
static void edges(void **state) {
    (void)state;
    enum { N = 64 };
    fqp_ctx *ctx = open_ctx(1);
    double x[4 * N], y[2 * N];
    fqpi_dominant f;
    for (int i = 0; i < N; i++) {
        x[i] = (double)i / N;
        y[2 * i] = wave(3, x[i]);
        y[2 * i + 1] = 2 * wave(9, x[i]);
    }
    assert_ok(ctx, fqpi_dominant_find(ctx, table(x, N, 1), 2, y, &f));
    assert_near(f.size, 9, 1e-12);
    for (int i = 0; i < N; i++)
        y[i] = 2;
    assert_ok(ctx, fqpi_dominant_find(ctx, table(x, N, 1), 1, y, &f));
    assert_true(f.size == 0 && isinf(f.per_period));
    for (int i = 0; i < 4 * N; i++)
        x[i] = fqpi_rng_uniform(1, FQPI_STREAM_TEST, (uint64_t)i);
    assert_int_equal(fqpi_dominant_find(ctx, table(x, N, 4), 1, y, &f), FQP_E_SHAPE);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_dimension), cmocka_unit_test(scattered_line),
                                       cmocka_unit_test(two_dimensions), cmocka_unit_test(edges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
