/* What is shown of a function: every kind of view from the points and targets that call for it, and nothing invented.
 */
#include "mem.h"
#include "support.h"
#include "view.h"

#include <stdlib.h>
#include <sys/stat.h>

#define FOLDER FQP_BINARY_DIR "/report-view"

static fqp_ctx *ctx;

static int setup(void **state) {
    (void)state;
    mkdir(FOLDER, 0777);
    return system("rm -rf '" FOLDER "'/*") == 0 && fqp_ctx_create(NULL, &ctx) == FQP_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

/* A run of n points in d dimensions with m outputs; fill may be NULL for x (no x.npy). */
typedef double (*fill)(int64_t i, int64_t j);

static void make(const char *dir, int64_t n, int64_t d, int64_t m, fill x, fill y, fqpi_run *r, fqpi_view *v) {
    fqp_store *s;
    char manifest[200];
    assert_ok(ctx, fqp_store_open(ctx, dir, FQP_STORE_NEW, &s));
    snprintf(manifest, sizeof manifest, "{\"seeds\": [1], \"data\": {\"n\": %lld, \"d\": %lld}}", (long long)n,
             (long long)d);
    assert_ok(ctx, fqp_store_put_text(s, "manifest.json", manifest));
    double *a = calloc((size_t)(n * (d > m ? d : m)) + 1, sizeof *a);
    assert_non_null(a);
    for (int64_t i = 0; x && i < n; i++)
        for (int64_t j = 0; j < d; j++)
            a[i * d + j] = x(i, j);
    if (x)
        assert_ok(ctx, fqp_store_put(s, "x", fqp_view_2d(a, n, d)));
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m; j++)
            a[i * m + j] = y(i, j);
    assert_ok(ctx, fqp_store_put(s, "y", fqp_view_2d(a, n, m)));
    free(a);
    fqp_store_close(s);
    assert_ok(ctx, fqpi_run_open(ctx, dir, r));
    assert_ok(ctx, fqpi_view_choose(r, v));
}

static double scattered(int64_t i, int64_t j) {
    return fmod((double)(i + 1) * (j ? 0.7548776662 : 0.5698402910), 1);
}
static double plane(int64_t i, int64_t j) { /* 5 x 7 */
    return j == 0 ? 0.25 * (double)(i / 7) : 10.0 + (double)(i % 7);
}
static double space(int64_t i, int64_t j) { /* 3 x 4 x 5 */
    return (double)(j == 0 ? i / 20 : j == 1 ? i / 5 % 4 : i % 5);
}
static double wide(int64_t i, int64_t j) { /* 600 x 300 */
    return (double)(j == 0 ? i / 300 : i % 300);
}
static double index_of(int64_t i, int64_t j) {
    return (double)(10 * i + j);
}
static double one_hot(int64_t i, int64_t j) {
    return i % 3 == j ? 1 : 0;
}

static void kinds(void **state) {
    (void)state;
    static const struct {
        const char *dir;
        int64_t n, d, m;
        fill x, y;
        fqpi_view_kind kind;
        int64_t points, outs, h, w;
    } table[] = {
        {FOLDER "/line", 50, 1, 2, scattered, index_of, FQPI_VIEW_LINE, 50, 2, 50, 1},
        {FOLDER "/long", 9000, 1, 1, scattered, index_of, FQPI_VIEW_LINE, 3000, 1, 3000, 1},
        {FOLDER "/plane", 35, 2, 6, plane, index_of, FQPI_VIEW_IMAGE, 35, 4, 5, 7},
        {FOLDER "/wide", 180000, 2, 1, wide, index_of, FQPI_VIEW_IMAGE, 200 * 150, 1, 200, 150},
        {FOLDER "/space", 60, 3, 1, space, index_of, FQPI_VIEW_IMAGE, 12, 1, 3, 4},
        {FOLDER "/scatter", 40, 2, 1, scattered, index_of, FQPI_VIEW_SCATTER, 40, 1, 40, 1},
        {FOLDER "/almost", 34, 2, 1, plane, index_of, FQPI_VIEW_SCATTER, 34, 1, 34, 1}, /* a grid that lacks a point */
        {FOLDER "/classes", 30, 9, 3, scattered, one_hot, FQPI_VIEW_CLASSES, 3, 3, 3, 3},
        {FOLDER "/regression", 30, 9, 1, scattered, index_of, FQPI_VIEW_AGREEMENT, 30, 1, 30, 1},
        {FOLDER "/many", 30, 9, 3, scattered, index_of, FQPI_VIEW_NONE, 0, 3, 0, 0},
        {FOLDER "/no-x", 30, 2, 1, NULL, index_of, FQPI_VIEW_NONE, 0, 0, 0, 0},
    };
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        fqpi_run r;
        fqpi_view v;
        make(table[k].dir, table[k].n, table[k].d, table[k].m, table[k].x, table[k].y, &r, &v);
        assert_string_equal(fqpi_view_name(v.kind), fqpi_view_name(table[k].kind));
        assert_int_equal(v.points, table[k].points);
        assert_int_equal(v.outs, table[k].outs);
        assert_int_equal(v.shape[0], table[k].h);
        assert_int_equal(v.shape[1], table[k].w);
        if (v.kind == FQPI_VIEW_NONE)
            assert_non_null(v.note);
        fqpi_view_free(&v);
        fqpi_run_close(&r);
    }
}

/* A shown value is the value of the run at the point whose coordinates stand beside it. */
static void values_belong_to_their_points(void **state) {
    (void)state;
    fqpi_run r;
    fqpi_view v;
    fqp_array y;
    double out[35 * 4];
    assert_ok(ctx, fqpi_run_open(ctx, FOLDER "/plane", &r));
    assert_ok(ctx, fqpi_view_choose(&r, &v));
    assert_ok(ctx, fqpi_run_array(&r, "y", FQP_F64, &y));
    fqpi_view_take(&v, fqp_array_view(&y), 0, out);
    for (int64_t i = 0; i < 5; i++)
        for (int64_t j = 0; j < 7; j++) {
            assert_true(v.axis[0][i] == 0.25 * (double)i && v.axis[1][j] == 10 + (double)j);
            for (int64_t c = 0; c < 4; c++)
                assert_true(out[(i * 7 + j) * 4 + c] == index_of(i * 7 + j, c));
        }
    fqp_array_free(&y);
    fqpi_view_free(&v);
    fqpi_run_close(&r);

    double line[50 * 2];
    assert_ok(ctx, fqpi_run_open(ctx, FOLDER "/line", &r));
    assert_ok(ctx, fqpi_view_choose(&r, &v));
    assert_ok(ctx, fqpi_run_array(&r, "y", FQP_F64, &y));
    fqpi_view_take(&v, fqp_array_view(&y), 0, line);
    for (int64_t p = 0; p < 50; p++) {
        assert_true(p == 0 || v.axis[0][p] > v.axis[0][p - 1]);
        assert_true(v.axis[0][p] == scattered(v.at[p], 0) && line[2 * p + 1] == index_of(v.at[p], 1));
    }
    fqp_array_free(&y);
    fqpi_view_free(&v);
    fqpi_run_close(&r);
}

/* A seed with other labels is averaged by its own classes. */
static void relabelled(void **state) {
    (void)state;
    fqpi_run r;
    fqpi_view v;
    double y[90], mean[9];
    assert_ok(ctx, fqpi_run_open(ctx, FOLDER "/classes", &r));
    assert_ok(ctx, fqpi_view_choose(&r, &v));
    for (int64_t i = 0; i < 30; i++)
        for (int64_t j = 0; j < 3; j++)
            y[i * 3 + j] = one_hot(i + 1, j);
    fqpi_view_relabel(&v, y);
    fqpi_view_take(&v, fqp_view_2d(y, 30, 3), 0, mean);
    for (int i = 0; i < 9; i++)
        assert_near(mean[i], i % 4 == 0, 1e-12);
    fqpi_view_free(&v);
    fqpi_run_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(values_belong_to_their_points),
        cmocka_unit_test(relabelled),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
