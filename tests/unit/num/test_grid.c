/* Grids are found from their points; everything else is refused with the place. */
#include "grid.h"
#include "unit/num/points.h"

static fqp_status find(fqp_ctx *ctx, fqp_view x, fqpi_grid *g) {
    return fqpi_grid_find(ctx, x, "probe dft", "use probe filter", NULL, g);
}

static void one_dimension(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double x[101];
    float single[101];
    fqpi_grid g;
    for (int j = 0; j < 101; j++) {
        x[j] = -3.14 + 6.28 * j / 100.0;
        single[j] = (float)x[j];
    }
    assert_ok(ctx, find(ctx, table(x, 101, 1), &g));
    assert_int_equal(g.ndim, 1);
    assert_int_equal(g.shape[0], 101);
    assert_near(g.step[0], 0.0628, 1e-15);
    assert_near(g.period[0], 6.3428, 1e-12);
    assert_near(fqpi_grid_longest(&g), g.period[0], 0);
    /* the same grid rounded to single precision, and that stored as double */
    fqp_view v = {.data = single, .dtype = FQP_F32, .ndim = 2, .shape = {101, 1}};
    assert_ok(ctx, find(ctx, v, &g));
    for (int j = 0; j < 101; j++)
        x[j] = (double)single[j];
    assert_ok(ctx, find(ctx, table(x, 101, 1), &g));
    for (int j = 0; j < 101; j++)
        x[j] = 5 - 0.1 * j;
    assert_ok(ctx, find(ctx, table(x, 101, 1), &g));
    assert_near(g.step[0], -0.1, 1e-15);
    fqp_ctx_destroy(ctx);
}

/* Any order of axes and columns, in two and three dimensions. */
static void meshes(void **state) {
    (void)state;
    enum { A = 3, B = 4, C = 5 };
    fqp_ctx *ctx = open_ctx(1);
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    const int64_t size[3] = {A, B, C};
    const double step[3] = {0.5, -0.25, 10};
    double x[A * B * C][3];
    for (int o = 0; o < 6; o++) {
        const int *c = orders[o];
        int row = 0;
        for (int i = 0; i < size[c[0]]; i++)
            for (int j = 0; j < size[c[1]]; j++)
                for (int k = 0; k < size[c[2]]; k++, row++) {
                    x[row][c[0]] = 0.5 * i;
                    x[row][c[1]] = 1 - 0.25 * j;
                    x[row][c[2]] = 10.0 * k;
                }
        fqpi_grid g;
        assert_ok(ctx, find(ctx, table(x[0], A * B * C, 3), &g));
        for (int a = 0; a < 3; a++) {
            assert_int_equal(g.column[a], c[a]);
            assert_int_equal(g.shape[a], size[c[a]]);
            assert_near(g.step[a], step[a], 1e-14);
        }
        assert_int_equal(g.n, A * B * C);
    }
    fqp_ctx_destroy(ctx);
}

static void bad_gaps_are_named(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    fqpi_grid g;
    double x[8] = {0, 1, 2, 3, 4.5, 5, 6, 7};
    assert_refused(
        ctx, find(ctx, table(x, 8, 1), &g), FQP_E_SHAPE,
        "probe dft needs equal spacing: gap 3, from x[3] = 3 to x[4] = 4.5, is 1.5 where gap 0 is 1; use probe filter");
    x[4] = 4 + 1e-8;
    assert_int_equal(find(ctx, table(x, 8, 1), &g), FQP_E_SHAPE);
    x[4] = 4 + 1e-10;
    assert_ok(ctx, find(ctx, table(x, 8, 1), &g));
    x[1] = 0;
    assert_refused(ctx, find(ctx, table(x, 8, 1), &g), FQP_E_SHAPE,
                   "probe dft needs a regular grid: x[0] and x[1] are both 0; use probe filter");
    assert_refused(ctx, find(ctx, table(x, 1, 1), &g), FQP_E_SHAPE, "probe dft needs a grid, there is only 1 point");
    assert_refused(ctx, find(ctx, table(x, 2, 4), &g), FQP_E_SHAPE,
                   "probe dft needs a grid of 1 to 3 dimensions, x has 4 columns; use probe filter");
    fqp_ctx_destroy(ctx);
}

static void broken_meshes_are_named(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    fqpi_grid g;
    double x[12][2];
    for (int i = 0; i < 12; i++) {
        x[i][0] = i / 4;
        x[i][1] = i % 4;
    }
    assert_ok(ctx, find(ctx, table(x[0], 12, 2), &g));
    assert_refused(
        ctx, find(ctx, table(x[0], 11, 2), &g), FQP_E_SHAPE,
        "probe dft needs a regular grid: 11 points do not fill the grid that the first rows begin; use probe filter");
    x[10][1] = 2.5;
    assert_refused(
        ctx, find(ctx, table(x[0], 12, 2), &g), FQP_E_SHAPE,
        "probe dft needs a regular grid: row 10 of x has 2.5 in column 2 where the grid has 2; use probe filter");
    x[10][1] = 2;
    x[2][1] = x[6][1] = x[10][1] = 2.5;
    assert_refused(
        ctx, find(ctx, table(x[0], 12, 2), &g), FQP_E_SHAPE,
        "probe dft needs equal spacing: gap 1 along column 2 of x, from 1 to 2.5, is 1.5 where gap 0 is 1; use probe "
        "filter");
    x[1][0] = 0.5;
    assert_refused(
        ctx, find(ctx, table(x[0], 12, 2), &g), FQP_E_SHAPE,
        "probe dft needs a regular grid: rows 0 and 1 of x do not differ in exactly one column; use probe filter");
    for (int i = 0; i < 12; i++) {
        x[i][0] = 3;
        x[i][1] = i;
    }
    assert_refused(
        ctx, find(ctx, table(x[0], 12, 2), &g), FQP_E_SHAPE,
        "probe dft needs a regular grid: only 1 of the 2 columns of x change from row to row; use probe filter");
    fqp_ctx_destroy(ctx);
}

/* Scattered points of any dimension are never taken for a grid. */
static void scattered_points(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    for (int d = 1; d <= 3; d++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            double *x = normals(seed, (size_t)(60 * d));
            fqpi_grid g;
            assert_int_equal(find(ctx, table(x, 60, d), &g), FQP_E_SHAPE);
            free(x);
        }
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_dimension),      cmocka_unit_test(meshes),
        cmocka_unit_test(bad_gaps_are_named), cmocka_unit_test(broken_meshes_are_named),
        cmocka_unit_test(scattered_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
