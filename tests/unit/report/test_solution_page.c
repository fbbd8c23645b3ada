/* A solve's part of the page: masked nodes, files that do not belong together, and every allocation refused. */
#include "folder.h"
#include "mem.h"
#include "support.h"

#include <fqp/report.h>
#include <fqp/store.h>

enum { SIDE = 5, NODES = 24, FRAMES = 3 }; /* a square without its middle */

/* The leak sanitizer asks: fontconfig keeps its caches until the process ends. */
FQP_API const char *__lsan_default_suppressions(void); /* visible, so that the runtime finds it */
const char *__lsan_default_suppressions(void) {
    return "leak:libfontconfig\n";
}

static void put(fqp_store *s, const char *name, int64_t a, int64_t b, int64_t c) {
    double v[FRAMES * NODES * 2];
    const int64_t shape[] = {a, b, c};
    const int ndim = c ? 3 : b ? 2 : 1;
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        v[i] = 1 + 0.01 * (double)i;
    assert_ok(ctx, fqp_store_put(s, name, fqp_view_make(v, FQP_F64, ndim, shape)));
}

/* A run below the room; last: where the last node stands. */
static const char *make(const char *dir, const char *shape, int64_t last) {
    fqp_store *s = NULL;
    double x[NODES][2];
    int64_t place[NODES], step[FRAMES] = {0, 1, 10};
    char text[256];
    for (int i = 0, p = 0; p < SIDE * SIDE; p++)
        if (p != SIDE * SIDE / 2) {
            place[i] = p;
            x[i][0] = p / SIDE;
            x[i++][1] = p % SIDE;
        }
    place[NODES - 1] = last;
    snprintf(text, sizeof text,
             "{\"unknowns\": [\"u\"], \"coordinates\": [\"x\", \"y\"], \"whole\": false, \"shape\": %s}", shape);
    assert_ok(ctx, fqp_store_open(ctx, in_room(dir), FQP_STORE_NEW, &s));
    assert_ok(ctx, fqp_store_put_text(s, "manifest.json", "{\"seeds\": [1], \"status\": \"done\"}"));
    assert_ok(ctx, fqp_store_put_text(s, "problem.json", text));
    assert_ok(ctx, fqp_store_put(s, "x", fqp_view_2d(&x[0][0], NODES, 2)));
    assert_ok(ctx, fqp_store_put(s, "place", fqp_view_make(place, FQP_I64, 1, (const int64_t[]){NODES})));
    put(s, "y", NODES, 1, 0);
    assert_ok(ctx, fqp_store_put(s, "seed_0001/step", fqp_view_make(step, FQP_I64, 1, (const int64_t[]){FRAMES})));
    put(s, "seed_0001/seconds", FRAMES, 0, 0);
    put(s, "seed_0001/rel_l2", FRAMES, 0, 0);
    put(s, "seed_0001/prediction", FRAMES, NODES, 1);
    put(s, "seed_0001/residual", FRAMES, NODES, 2);
    fqp_store_close(s);
    return in_room(dir);
}

static void pages_and_figures(void **state) {
    (void)state;
    char dir[512];
    snprintf(dir, sizeof dir, "%s", make("run", "[5, 5]", SIDE * SIDE - 1));
    const char *const dirs[] = {dir};
    size_t written = 0;
    assert_ok(ctx, fqp_report_html(ctx, 1, dirs, NULL));
    assert_ok(ctx, fqp_report_figures(ctx, dir, in_room("figures"), "svg", &written));
    assert_int_equal(written, 2); /* solution, convergence */
}

static void what_does_not_fit(void **state) {
    (void)state;
    char dir[512];
    snprintf(dir, sizeof dir, "%s", make("small", "[4, 4]", 0));
    const char *const small[] = {dir};
    assert_int_equal(fqp_report_html(ctx, 1, small, NULL), FQP_E_SHAPE);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "does not hold the 24 nodes of x.npy"));
    snprintf(dir, sizeof dir, "%s", make("outside", "[5, 5]", 25));
    assert_int_equal(fqp_report_html(ctx, 1, small, NULL), FQP_E_SHAPE);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "place.npy: node 23 has place 25 of 25"));
    snprintf(dir, sizeof dir, "%s", make("nowhere", "[]", 24)); /* points on no grid are drawn as dots */
    assert_ok(ctx, fqp_report_html(ctx, 1, small, NULL));
    fqp_ctx_problems_clear(ctx);
}

static void memory_runs_out(void **state) {
    (void)state;
    char dir[512], to[512];
    snprintf(dir, sizeof dir, "%s", make("run", "[5, 5]", SIDE * SIDE - 1));
    snprintf(to, sizeof to, "%s", in_room("figures"));
    const char *const dirs[] = {dir};
    for (int what = 0; what < 2; what++) {
        fqp_status st = FQP_E_NOMEM;
        for (long n = 0; st && n < 5000; n++) {
            fqpi_mem_fail_after(ctx, n);
            st = what ? fqp_report_figures(ctx, dir, to, "svg", NULL) : fqp_report_html(ctx, 1, dirs, NULL);
            fqpi_mem_fail_after(ctx, -1);
            assert_true(st == FQP_OK || st == FQP_E_NOMEM);
        }
        assert_int_equal(st, FQP_OK);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pages_and_figures, enter, leave),
        cmocka_unit_test_setup_teardown(what_does_not_fit, enter, leave),
        cmocka_unit_test_setup_teardown(memory_runs_out, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
