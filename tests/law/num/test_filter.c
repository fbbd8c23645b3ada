/* Laws of the Gaussian filter: dense matrix, constants, linearity, the Gaussian multiplier, permutation, threads. */
#include "gauss_filter.h"
#include "unit/num/points.h"

/* S as it is written, column by column when `by_columns` (wrong on purpose). */
static void dense(const double *x, int64_t n, int64_t d, const double *y, int64_t m, double delta, bool by_columns,
                  double *low) {
    double *g = malloc((size_t)(n * n) * sizeof *g);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            double z = 0;
            for (int64_t c = 0; c < d; c++)
                z += (x[i * d + c] - x[j * d + c]) * (x[i * d + c] - x[j * d + c]);
            g[i * n + j] = exp(-z / (2 * delta));
        }
    double *weight = calloc((size_t)n, sizeof *weight);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            weight[i] += g[i * n + j];
    for (int64_t i = 0; i < n; i++)
        for (int64_t c = 0; c < m; c++) {
            low[i * m + c] = 0;
            for (int64_t j = 0; j < n; j++)
                low[i * m + c] += g[i * n + j] * y[j * m + c] / weight[by_columns ? j : i];
        }
    free(weight);
    free(g);
}

static const double deltas[] = {1e-9, 0.05, 1, 20, 1e9};
enum { WIDTHS = sizeof deltas / sizeof deltas[0] };

/* Few points have weights in double, many in float; both, with 1 to 20 outputs, in 1 to 40 dimensions. */
static void equals_the_matrix(void **state) {
    (void)state;
    static const struct {
        int64_t n, d, m;
        double tol;
    } cases[] = {{1, 1, 1, 1e-12},   {2, 3, 2, 1e-12},    {128, 2, 1, 1e-12}, {129, 2, 7, 1e-12},
                 {300, 1, 8, 1e-12}, {257, 40, 3, 1e-12}, {2049, 5, 15, 2e-6}};
    fqp_ctx *ctx = open_ctx(2);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const int64_t n = cases[i].n, d = cases[i].d, m = cases[i].m;
        double *x = normals(1, (size_t)(n * d)), *y = normals(2, (size_t)(n * m));
        double *low = malloc((size_t)(WIDTHS * n * m) * sizeof *low), *want = malloc((size_t)(n * m) * sizeof *want);
        assert_ok(ctx, fqpi_filter(ctx, table(x, n, d), table(y, n, m), deltas, WIDTHS, low));
        for (int w = 0; w<WIDTHS; w += n> 1000 ? 2 : 1) {
            dense(x, n, d, y, m, deltas[w], false, want);
            for (int64_t j = 0; j < n * m; j++)
                assert_near(low[w * n * m + j], want[j], cases[i].tol * 4);
        }
        free(x);
        free(y);
        free(low);
        free(want);
    }
    fqp_ctx_destroy(ctx);
}

/* Rows sum to one: constants pass unchanged; the matrix normalised by columns would change them. */
static void constants_pass(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(2);
    for (int64_t n = 400; n <= 2400; n += 2000) {
        double *x = normals(4, (size_t)(2 * n)), *y = malloc((size_t)n * sizeof *y),
               *low = malloc((size_t)(WIDTHS * n) * sizeof *low);
        for (int64_t j = 0; j < n; j++)
            y[j] = -3.7;
        assert_ok(ctx, fqpi_filter(ctx, table(x, n, 2), table(y, n, 1), deltas, WIDTHS, low));
        for (int64_t j = 0; j < WIDTHS * n; j++)
            assert_near(low[j], -3.7, n > 2000 ? 1e-5 : 1e-13);
        double worst = 0;
        if (n == 400) {
            dense(x, n, 2, y, 1, 0.05, true, low);
            for (int64_t j = 0; j < n; j++)
                worst = fmax(worst, fabs(low[j] + 3.7) / 3.7);
            assert_true(worst > 1e-2);
        }
        free(x);
        free(y);
        free(low);
    }
    fqp_ctx_destroy(ctx);
}

/* Claim s2-filter-equals-gaussian-multiplier: delta is the variance. */
static void multiplies_by_a_gaussian(void **state) {
    (void)state;
    enum { N = 401 };
    fqp_ctx *ctx = open_ctx(1);
    const double pi = acos(-1), delta = 0.01 * 0.01;
    double x[N], y[N][2], low[N][2];
    for (int j = 0; j < N; j++) {
        x[j] = j / 400.0;
        y[j][0] = cos(2 * pi * 8 * x[j]);
        y[j][1] = sin(2 * pi * 16 * x[j]);
    }
    assert_ok(ctx, fqpi_filter(ctx, table(x, N, 1), table(y[0], N, 2), &delta, 1, low[0]));
    double worst = 0, as_deviation = 0;
    for (int j = 0; j < N; j++)
        for (int c = 0; c < 2 && x[j] > 0.1 && x[j] < 0.9; c++) {
            const double xi = 8 * (c + 1);
            worst = fmax(worst, fabs(low[j][c] - exp(-2 * pi * pi * delta * xi * xi) * y[j][c]));
            as_deviation = fmax(as_deviation, fabs(low[j][c] - exp(-2 * pi * pi * delta * delta * xi * xi) * y[j][c]));
        }
    assert_true(worst <= 1e-6);
    assert_near(worst, 0, 1e-13); /* in double it is exact but for rounding */
    assert_true(as_deviation > 0.05);
    fqp_ctx_destroy(ctx);
}

/* Renumbering the points renumbers the result; renumbering the inputs changes nothing. */
static void order_of_points_and_inputs(void **state) {
    (void)state;
    enum { N = 500, D = 9 };
    fqp_ctx *ctx = open_ctx(1);
    double *x = normals(1, N * D), *y = normals(2, N), px[N][D], py[N], low[WIDTHS * N], plow[WIDTHS * N];
    int64_t order[N], columns[D];
    fqpi_rng_permutation(1, FQPI_STREAM_TEST, 0, N, order);
    fqpi_rng_permutation(1, FQPI_STREAM_TEST, 1, D, columns);
    for (int j = 0; j < N; j++) {
        py[j] = y[order[j]];
        for (int c = 0; c < D; c++)
            px[j][c] = x[order[j] * D + columns[c]];
    }
    assert_ok(ctx, fqpi_filter(ctx, table(x, N, D), table(y, N, 1), deltas, WIDTHS, low));
    assert_ok(ctx, fqpi_filter(ctx, table(px[0], N, D), table(py, N, 1), deltas, WIDTHS, plow));
    for (int w = 0; w < WIDTHS; w++)
        for (int j = 0; j < N; j++)
            assert_near(plow[w * N + j], low[w * N + order[j]], 1e-11);
    free(x);
    free(y);
    fqp_ctx_destroy(ctx);
}

/* Points too many for double: inner products in float, and what that costs. */
static void points_in_float(void **state) {
    (void)state;
    enum { N = 300, D = 20, M = 2 };
    static double low[3 * N * M], want[N * M];
    fqp_ctx *ctx = open_ctx(2);
    double *x = normals(1, N * D), *y = normals(2, N * M), worst = 0;
    for (int i = 0; i < N * D; i++)
        x[i] += 30; /* far from the origin: the mean must be subtracted first */
    fqpi_smoother *f;
    assert_ok(ctx, fqpi_smoother_create(ctx, table(x, N, D), M, deltas + 1, 3, (fqpi_smoother_room){0}, &f));
    fqpi_smoother_run(f, y, low);
    for (int w = 0; w < 3; w++) {
        dense(x, N, D, y, M, deltas[1 + w], false, want);
        for (int i = 0; i < N * M; i++)
            worst = fmax(worst, fabs(low[w * N * M + i] - want[i]));
    }
    assert_true(worst < 1e-4);
    assert_true(worst > 1e-9); /* it is the float road that was measured */
    fqpi_smoother_destroy(f);
    free(x);
    free(y);
    fqp_ctx_destroy(ctx);
}

/* Many points, many inputs: float is chosen by itself where the widths allow it, double where they do not. */
static void precision_follows_the_widths(void **state) {
    (void)state;
    enum { N = 2100, D = 60, M = 3 };
    static double low[2 * N * M], want[N * M];
    static const double wide[2] = {8, 100};
    fqp_ctx *ctx = open_ctx(2);
    double *x = normals(1, N * D), *y = normals(2, N * M), worst[2] = {0};
    for (int i = 0; i < D * N / 2; i++)
        x[N / 2 * D + i] = x[i] + 1e-4 * x[N / 2 * D + i]; /* every point has a close neighbour */
    assert_ok(ctx, fqpi_filter(ctx, table(x, N, D), table(y, N, M), wide, 2, low));
    for (int w = 0; w < 2; w++) {
        dense(x, N, D, y, M, wide[w], false, want);
        for (int i = 0; i < N * M; i++)
            worst[0] = fmax(worst[0], fabs(low[w * N * M + i] - want[i]));
    }
    const double narrow = 1e-6; /* neighbours lie at half their squared distance from it: 60 * 1e-8 */
    assert_ok(ctx, fqpi_filter(ctx, table(x, N, D), table(y, N, M), &narrow, 1, low));
    dense(x, N, D, y, M, narrow, false, want);
    for (int i = 0; i < N * M; i++)
        worst[1] = fmax(worst[1], fabs(low[i] - want[i]));
    assert_true(worst[0] < 2e-6);
    assert_true(worst[1] < 2e-6);
    free(x);
    free(y);
    fqp_ctx_destroy(ctx);
}

/* Kept distances or not, first pass or second, one thread or four: the same bits, in float and in double. */
static void same_bits(void **state) {
    (void)state;
    enum { M = 3, D = 5, FEW = 2 };
    for (int64_t n = 700; n <= 2100; n += 1400) {
        const size_t values = (size_t)(FEW * n * M), bytes = values * sizeof(double);
        double *x = normals(6, (size_t)(n * D)), *y = normals(7, (size_t)(n * M)), *first = malloc(bytes),
               *low = malloc(bytes);
        for (int threads = 1; threads <= 4; threads++) {
            const bool keep = threads % 2 == 0;
            fqp_ctx *ctx = open_ctx(threads);
            fqpi_smoother *f;
            assert_ok(ctx, fqpi_smoother_create(
                               ctx, table(x, n, D), M, deltas + 1, FEW,
                               (fqpi_smoother_room){.distances = (size_t)keep << 28, .points = 1 << 28}, &f));
            for (int pass = 0; pass <= keep; pass++) {
                fqpi_smoother_run(f, y, low);
                if (threads == 1)
                    memcpy(first, low, bytes);
                assert_memory_equal(first, low, bytes);
            }
            fqpi_smoother_destroy(f);
            fqp_ctx_destroy(ctx);
        }
        free(x);
        free(y);
        free(first);
        free(low);
    }
}

static void bad_input_is_refused(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    const double x[4] = {0, 1, 2, 3}, zero = 0;
    double low[4];
    assert_refused(ctx, fqpi_filter(ctx, table(x, 4, 1), table(x, 4, 1), &zero, 1, low), FQP_E_ARG,
                   "filter: width 0 is not a positive number");
    assert_refused(ctx, fqpi_filter(ctx, table(x, 4, 1), table(x, 2, 1), deltas, 1, low), FQP_E_SHAPE,
                   "filter: x [n, d] and y [n, m] of real numbers are expected");
    fqp_ctx_destroy(ctx);
}

/* Widths run from the squared distance of neighbours to half the squared median distance. */
static void widths_suit_the_points(void **state) {
    (void)state;
    enum { N = 1001, COUNT = 5 };
    fqp_ctx *ctx = open_ctx(1);
    double x[N], w[COUNT];
    for (int j = 0; j < N; j++)
        x[j] = 0.01 * j;
    assert_ok(ctx, fqpi_filter_widths(ctx, table(x, N, 1), COUNT, w));
    assert_near(w[0], 1e-4, 1e-9);
    const double median = 10 * (1 - sqrt(0.5)); /* of |a - b| for a, b uniform on [0, 10] */
    assert_near(w[4] / (median * median / 2), 1, 0.05);
    for (int i = 1; i < COUNT; i++)
        assert_near(w[i] / w[i - 1], pow(w[4] / w[0], 0.25), 1e-9 * w[4] / w[0]);
    for (int j = 0; j < N; j++)
        x[j] = 2;
    assert_refused(ctx, fqpi_filter_widths(ctx, table(x, N, 1), COUNT, w), FQP_E_SHAPE,
                   "probe filter: all points coincide, there is no distance to filter by");
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_matrix),
        cmocka_unit_test(constants_pass),
        cmocka_unit_test(multiplies_by_a_gaussian),
        cmocka_unit_test(order_of_points_and_inputs),
        cmocka_unit_test(same_bits),
        cmocka_unit_test(points_in_float),
        cmocka_unit_test(precision_follows_the_widths),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(widths_suit_the_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
