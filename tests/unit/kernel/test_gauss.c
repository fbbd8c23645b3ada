/* Verbs of the Gaussian filter and of the non-uniform transform at every level, against plain loops written out here.
 */
#include "rows.h"

/* Place of (i, j) among arrays [rows / lanes, inner, lanes]. */
static int64_t grouped(int64_t lanes, int64_t i, int64_t inner, int64_t j) {
    return (i / lanes * inner + j) * lanes + i % lanes;
}

static double *doubles(int64_t n, uint64_t seed) {
    double *p = fqpi_alloc(NULL, (size_t)n, sizeof *p);
    for (int64_t i = 0; i < n; i++)
        p[i] = fqpi_rng_normal(seed, FQPI_STREAM_TEST, (uint64_t)i);
    return p;
}

static void check_distances(const fqpi_kernel *k, int64_t rows, int64_t cols, fqp_dtype to) {
    const int64_t lanes = to == FQP_F32 ? 16 : 8, wide = (cols + 15) / 16 * 16, d2_rows = rows + 3;
    void *inner = new_normal(k, rows * wide, 1);
    double *norm_rows = doubles(rows, 2), *norm_cols = doubles(wide, 3), *d2 = doubles(d2_rows * wide, 4);
    k->distances(&(fqpi_distances){.rows = rows,
                                   .cols = cols,
                                   .inner = inner,
                                   .inner_row = wide,
                                   .norm_rows = norm_rows,
                                   .norm_cols = norm_cols,
                                   .to = to,
                                   .d2 = d2,
                                   .d2_rows = d2_rows});
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) {
            const int64_t place = grouped(lanes, j, d2_rows, i);
            const double got = to == FQP_F32 ? (double)((const float *)d2)[place] : d2[place];
            const double want = fmax(0, norm_rows[i] + norm_cols[j] - 2 * get(k, inner, i * wide + j));
            expect_close(k, "distances", got, want, (to == FQP_F32 ? 1e-7 : 1e-15) * 8);
        }
    fqpi_free(inner), fqpi_free(norm_rows), fqpi_free(norm_cols), fqpi_free(d2);
}

static void test_distances(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        check_distances(k, 1, 1, FQP_F64);
        check_distances(k, 5, 16, FQP_F32);
        check_distances(k, 48, 48, FQP_F32);
        check_distances(k, 33, 31, FQP_F64);
    }
}

typedef struct tile {
    int64_t rows, cols, m;
    double scale;
    bool both;
} tile;

/* Sums begin at numbers of their own, so that adding is told from setting. */
static void check_gauss(const fqpi_kernel *k, tile t) {
    const int64_t lanes = k->lanes;
    void *d2 = new_normal(k, t.rows * t.cols, 1), *y_rows = new_normal(k, t.rows * t.m, 2),
         *y_cols = new_normal(k, t.cols * t.m, 3);
    for (int64_t i = 0; i < t.rows * t.cols; i++)
        put(k, d2, i, 9 * get(k, d2, i) * get(k, d2, i) * (i % 7 != 0));
    double *sum_rows = doubles(t.rows * t.m, 4), *sum_cols = doubles(t.cols * t.m, 5),
           *want_rows = doubles(t.rows * t.m, 4), *want_cols = doubles(t.cols * t.m, 5);
    for (int64_t i = 0; i < t.rows; i++)
        for (int64_t j = 0; j < t.cols; j++) {
            const double w = exp(-t.scale * get(k, d2, grouped(lanes, j, t.rows, i)));
            for (int64_t c = 0; c < t.m; c++) {
                want_rows[grouped(lanes, i, t.m, c)] += w * get(k, y_cols, grouped(lanes, j, t.m, c));
                want_cols[grouped(lanes, j, t.m, c)] += w * get(k, y_rows, i * t.m + c) * t.both;
            }
        }
    k->gauss(&(fqpi_gauss){.rows = t.rows,
                           .cols = t.cols,
                           .m = t.m,
                           .d2 = d2,
                           .scale = t.scale,
                           .y_rows = y_rows,
                           .y_cols = y_cols,
                           .sum_rows = sum_rows,
                           .sum_cols = t.both ? sum_cols : NULL});
    const double u = 8 * unit_of(k);
    for (int64_t i = 0; i < t.rows * t.m; i++)
        expect_close(k, "sums of rows", sum_rows[i], want_rows[i], u * (double)t.cols);
    for (int64_t i = 0; i < t.cols * t.m; i++)
        expect_close(k, "sums of columns", sum_cols[i], want_cols[i], u * (double)t.rows);
    fqpi_free(d2), fqpi_free(y_rows), fqpi_free(y_cols);
    fqpi_free(sum_rows), fqpi_free(sum_cols), fqpi_free(want_rows), fqpi_free(want_cols);
}

static void test_gauss(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        for (int64_t m = 1; m <= 26; m++)
            check_gauss(k, (tile){32, 48, m, 0.3, m % 2 == 0});
        check_gauss(k, (tile){k->lanes, k->lanes, 3, 2, true});
        check_gauss(k, (tile){FQPI_GAUSS_POINTS, FQPI_GAUSS_POINTS, 11, 0.05, true});
        check_gauss(k, (tile){48, FQPI_GAUSS_POINTS - k->lanes, 2, 1e300, true}); /* only distance 0 counts */
        check_gauss(k, (tile){16, 80, 2, 1e-300, false});                         /* all weights are 1 */
    }
}

static void test_gridding(void **state) {
    (void)state;
    enum { N = 70, CELLS = 40 };
    const fqpi_kernel *k;
    int32_t cell[N];
    for (int j = 0; j < N; j++)
        cell[j] = (int32_t)(fqpi_rng_uniform(1, FQPI_STREAM_TEST, (uint64_t)j) * (CELLS - FQPI_TAPS + 1));
    cell[0] = 0;
    cell[N - 1] = CELLS - FQPI_TAPS;
    FOR_EACH_ROW(k)
    for (int64_t cols = k->lanes; cols <= 3 * k->lanes; cols += k->lanes) {
        void *tap = new_normal(k, N * FQPI_TAPS, 1), *v = new_normal(k, N * cols, 2),
             *grid = new_normal(k, CELLS * cols, 3);
        double *want = doubles(CELLS * cols, 3);
        k->gridding(&(fqpi_gridding){.n = N, .cols = cols, .cell = cell, .tap = tap, .v = v, .grid = grid});
        for (int j = 0; j < N; j++)
            for (int t = 0; t < FQPI_TAPS; t++)
                for (int64_t c = 0; c < cols; c++)
                    want[(cell[j] + t) * cols + c] += get(k, tap, j * FQPI_TAPS + t) * get(k, v, j * cols + c);
        for (int64_t i = 0; i < CELLS * cols; i++)
            expect_close(k, "gridding", get(k, grid, i), want[i], 200 * unit_of(k));
        fqpi_free(tap), fqpi_free(v), fqpi_free(grid), fqpi_free(want);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_distances), cmocka_unit_test(test_gauss),
                                       cmocka_unit_test(test_gridding)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
