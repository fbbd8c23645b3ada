/* Fields of a run directory: what is refused, and every failing allocation.  What the files hold is read back in
 * tests/door/fields.sh. */
#include "folder.h"

#include <fqp/array.h>
#include <fqp/outputs.h>
#include <sys/stat.h>

#include "mem.h"

enum { N = 6, FRAMES = 2 };

static void write_text(const char *name, const char *text) {
    FILE *f = fopen(in_room(name), "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* A solve of one unknown on six points, of d coordinates. */
static void make_run(int64_t d) {
    double x[N * 4], u[FRAMES * N], step[FRAMES] = {0, 5};
    for (int i = 0; i < N; i++)
        for (int64_t a = 0; a < d; a++)
            x[i * d + a] = a == 0 ? i / 2 : i % 2 + (i == 5); /* one node is moved */
    for (int i = 0; i < FRAMES * N; i++)
        u[i] = i;
    mkdir(in_room("run"), 0777);
    mkdir(in_room("run/seed_0001"), 0777);
    write_text("run/manifest.json", "{\"seeds\": [1], \"status\": \"done\"}");
    write_text("run/problem.json", "{\"unknowns\": [\"u\"]}");
    assert_ok(ctx, fqp_npy_write(ctx, in_room("run/x.npy"), fqp_view_2d(x, N, d)));
    assert_ok(ctx, fqp_npy_write(ctx, in_room("run/y.npy"), fqp_view_2d(u, N, 1)));
    assert_ok(ctx, fqp_npy_write(ctx, in_room("run/seed_0001/step.npy"), fqp_view_1d(step, FRAMES)));
    const int64_t shape[] = {FRAMES, N, 1};
    assert_ok(ctx, fqp_npy_write(ctx, in_room("run/seed_0001/prediction.npy"), fqp_view_make(u, FQP_F64, 3, shape)));
    assert_ok(ctx, fqp_npy_write(ctx, in_room("run/seed_0001/residual.npy"), fqp_view_make(u, FQP_F64, 3, shape)));
}

static void test_memory(void **state) {
    (void)state;
    static const char *const formats[] = {"vtk", "xdmf", "npy"};
    make_run(2);
    for (int i = 0; i < 3; i++)
        for (long k = 0;; k++) {
            size_t files = 0;
            fqpi_mem_fail_after(ctx, k);
            fqp_status s = fqp_export_fields(ctx, in_room("run"), 0, formats[i], in_room("out"), &files);
            fqpi_mem_fail_after(ctx, -1);
            if (!s) {
                assert_int_equal(files, i == 0 ? 3 : i == 1 ? 7 : 6);
                break;
            }
            assert_int_equal(s, FQP_E_NOMEM);
        }
}

static void refused(fqp_status want, const char *text) {
    assert_int_equal(fqp_export_fields(ctx, in_room("run"), 0, "vtk", in_room("out"), NULL), want);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, text));
}

static void test_refusals(void **state) {
    (void)state;
    make_run(4);
    refused(FQP_E_UNSUPPORTED, "4 coordinates, but only up to 3 can be shown in space");
    make_run(1);
    double other[N] = {0, NAN};
    assert_ok(ctx, fqp_npy_write(ctx, in_room("run/y.npy"), fqp_view_2d(other, N - 1, 1)));
    refused(FQP_E_DATA, "x.npy, y.npy and seed_0001/prediction.npy are not of the same points");
    make_run(1);
    assert_ok(ctx, fqp_npy_write(ctx, in_room("run/x.npy"), fqp_view_2d(other, N, 1)));
    refused(FQP_E_DATA, "x.npy: point 2 is not finite");
    make_run(1);
    assert_int_equal(unlink(in_room("run/seed_0001/prediction.npy")), 0);
    refused(FQP_E_DATA, "a run keeps its functions with monitor.predictions: true");
    make_run(1);
    assert_int_equal(unlink(in_room("run/x.npy")), 0);
    refused(FQP_E_DATA, "x.npy and y.npy are needed");
    make_run(1);
    assert_int_equal(unlink(in_room("run/seed_0001/step.npy")), 0);
    refused(FQP_E_DATA, "no frame is recorded yet");
    write_text("run/manifest.json", "{\"seeds\": []}");
    refused(FQP_E_DATA, "no seed has begun yet");
    assert_refused(ctx, fqp_export_fields(ctx, "run", 0, "vtq", "out", NULL), FQP_E_ARG,
                   "fqp_export_fields: there is no format \"vtq\"; one of: vtk xdmf npy");
    assert_refused(ctx, fqp_export_fields(ctx, NULL, 0, "vtk", "out", NULL), FQP_E_ARG,
                   "fqp_export_fields: a context, two directories and a format are needed");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory), cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, enter, leave);
}
