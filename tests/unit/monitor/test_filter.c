/* Probe filter: closed values, masks, default widths.  The filter itself is tested in law/num/test_filter.c. */
#include "gauss_filter.h"
#include "rng.h"
#include "unit/monitor/field.h"

enum { N = 500, D = 4, M = 3, WIDTHS = 3 };
static double x[N * D], y[N * M];
static double deltas[WIDTHS] = {0.05, 0.5, 5};

static void prepare(void) {
    for (int j = 0; j < N; j++) {
        for (int c = 0; c < D; c++)
            x[j * D + c] = fqpi_rng_normal(1, FQPI_STREAM_TEST, (uint64_t)(j * D + c));
        for (int c = 0; c < M; c++)
            y[j * M + c] = sin(x[j * D + c]) + 0.5 * fqpi_rng_normal(2, FQPI_STREAM_TEST, (uint64_t)(j * M + c));
    }
}

static double norm(const double *v, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

static fqp_status open_filter(fqp_ctx *ctx, const fqp_filter_opts *o, fqp_monitor **m) {
    return open_probe(ctx, FILTER, table(x, N, D), table(y, N, M), (fqp_monitor_setup){.filter = o}, m);
}

/* h = y: no error.  h = S y: e_low = ||S(Sy - y)||/||Sy||, e_high = ||(Sy - y) - S(Sy - y)||/||y - Sy||. */
static void closed_values(void **state) {
    (void)state;
    static double low[WIDTHS][N * M], twice[WIDTHS][N * M], diff[N * M];
    fqp_ctx *ctx = open_ctx(2);
    prepare();
    const fqp_filter_opts o = {.delta = {deltas, WIDTHS}, .min_share = 0.05};
    fqp_monitor *m;
    assert_ok(ctx, open_filter(ctx, &o, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(y, N, M)));
    fqp_bins b = bins_of(m, 0, 0);
    assert_int_equal(b.nbins, 2 * WIDTHS);
    assert_int_equal(b.ncomp, 1);
    assert_string_equal(b.label[2], "low, delta 0.5");
    assert_string_equal(b.label[3], "high, delta 0.5");
    assert_ok(ctx, fqpi_filter(ctx, table(x, N, D), table(y, N, M), deltas, WIDTHS, low[0]));
    for (size_t w = 0; w < WIDTHS; w++) {
        assert_near(b.axis[2 * w], deltas[w], 0);
        assert_true(b.valid[2 * w] && b.valid[2 * w + 1] && b.selected[2 * w]);
        assert_true(b.error[2 * w] == 0 && b.error[2 * w + 1] == 0);
        assert_near(b.target[4 * w], norm(low[w], N * M), 1e-10);
        assert_near(b.prediction[4 * w + 2], b.target[4 * w + 2], 1e-10);
        for (int i = 0; i < N * M; i++)
            diff[i] = low[w][i] - y[i];
        assert_ok(ctx, fqp_monitor_observe(m, 1 + (int64_t)w, 0, table(low[w], N, M)));
        b = bins_of(m, 0, 1 + w);
        assert_ok(ctx, fqpi_filter(ctx, table(x, N, D), table(diff, N, M), deltas, WIDTHS, twice[0]));
        assert_near(b.error[2 * w], norm(twice[w], N * M) / norm(low[w], N * M), 1e-12);
        const double high = norm(diff, N * M);
        for (int i = 0; i < N * M; i++)
            diff[i] -= twice[w][i];
        assert_near(b.error[2 * w + 1], norm(diff, N * M) / high, 1e-12);
        assert_near(b.target[4 * w + 2], high, 1e-10);
        b = bins_of(m, 0, 0);
    }
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

/* Control of s2-filter-order-mse: a target without low part has that part masked, not compared. */
static void empty_parts_are_masked(void **state) {
    (void)state;
    static double low[N * M], flat[N * M];
    fqp_ctx *ctx = open_ctx(1);
    prepare();
    for (int j = 0; j < N; j++)
        for (int c = 0; c < M; c++)
            y[j * M + c] = fqpi_rng_normal(3, FQPI_STREAM_TEST, (uint64_t)(j * M + c));
    double wide = 50;
    assert_ok(ctx, fqpi_filter(ctx, table(x, N, D), table(y, N, M), &wide, 1, low));
    for (int i = 0; i < N * M; i++)
        y[i] -= low[i];
    const fqp_filter_opts o = {.delta = {&wide, 1}, .min_share = 0.05};
    fqp_monitor *m;
    assert_ok(ctx, open_filter(ctx, &o, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(flat, N, M)));
    fqp_bins b = bins_of(m, 0, 0);
    assert_true(b.target[0] / norm(y, N * M) < 0.05);
    assert_false(b.valid[0]);
    assert_true(isnan(b.error[0]));
    assert_true(b.valid[1]);
    assert_near(b.error[1], 1, 1e-12); /* h = 0 */
    assert_near(b.prediction[2], 0, 1e-10);
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

static void default_widths(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    prepare();
    double widths[5];
    assert_ok(ctx, fqpi_filter_widths(ctx, table(x, N, D), 5, widths));
    fqp_monitor *m;
    assert_ok(ctx, open_filter(ctx, NULL, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(y, N, M)));
    fqp_bins b = bins_of(m, 0, 0);
    assert_int_equal(b.nbins, 10);
    for (size_t w = 0; w < 5; w++) {
        assert_near(b.axis[2 * w], widths[w], 0);
        assert_near(b.axis[2 * w + 1], widths[w], 0);
        if (w > 0)
            assert_true(b.target[4 * w] < b.target[4 * w - 4]); /* wider: less is low */
    }
    fqp_monitor_destroy(m);
    const double bad[] = {1, -2};
    const fqp_filter_opts o = {.delta = {(double *)(uintptr_t)bad, 2}};
    assert_refused(ctx, open_filter(ctx, &o, &m), FQP_E_CONFIG,
                   "monitor.filter.delta: width -2 is not a positive number");
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_values),
        cmocka_unit_test(empty_parts_are_masked),
        cmocka_unit_test(default_widths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
