/* The user's own arrays, from files and from memory. */
#include "dataset_from.h"
#include "folder.h"

static fqp_ctx *ctx;

static int setup(void **state) {
    (void)state;
    folder_enter();
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK;
}

static int teardown(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    folder_leave();
    return 0;
}

static void put(const char *path, fqp_dtype t, int ndim, int64_t a, int64_t b, const void *data) {
    int64_t shape[] = {a, b, 1};
    assert_ok(ctx, fqp_npy_write(ctx, path, fqp_view_make(data, t, ndim, shape)));
}

static const double DATA[] = {1, 2, 3, 4, 5, 6, 7, 8};

static void files_of_one_or_two_axes(void **state) {
    (void)state;
    static const float single[] = {0.5f, 1.5f, 2.5f, 3.5f};
    static const int16_t whole[] = {-1, 2, -3, 4};
    put("x.npy", FQP_F64, 2, 4, 2, DATA);
    put("y.npy", FQP_F32, 1, 4, 1, single);
    put("i.npy", FQP_I16, 1, 4, 1, whole);
    fqp_dataset *d = dataset_made(ctx, "{source: arrays, x: x.npy, y: y.npy, x_test: x.npy, y_test: i.npy}", 1);
    assert_int_equal(d->n, 4);
    assert_int_equal(d->d, 2);
    assert_int_equal(d->m, 1);
    assert_int_equal(d->n_test, 4);
    assert_int_equal(d->y.ndim, 2);
    assert_int_equal(d->y.dtype, FQP_F64);
    for (int i = 0; i < 4; i++) {
        assert_near(real_at(&d->x, 2 * i + 1), DATA[2 * i + 1], 0);
        assert_near(real_at(&d->y, i), single[i], 0);
        assert_near(real_at(&d->y_test, i), whole[i], 0);
    }
    assert_string_equal(d->origin, "x.npy, y.npy, test x.npy: 4 points, 2 inputs, 1 outputs");
    fqp_dataset_destroy(d);
    d = dataset_made(ctx, "{source: arrays, x: i.npy, y: x.npy, train_fraction: 0.5}", 1);
    assert_int_equal(d->n, 2);
    assert_int_equal(d->n_test, 2);
    assert_int_equal(d->m, 2);
    fqp_dataset_destroy(d);
}

static void unusable_files_are_refused(void **state) {
    (void)state;
    double bad[8], inf[8];
    memcpy(bad, DATA, sizeof bad);
    memcpy(inf, DATA, sizeof inf);
    bad[5] = NAN;
    inf[2] = -INFINITY;
    put("x.npy", FQP_F64, 2, 4, 2, DATA);
    put("y.npy", FQP_F64, 1, 4, 1, DATA);
    put("y3.npy", FQP_F64, 1, 3, 1, DATA);
    put("nan.npy", FQP_F64, 2, 4, 2, bad);
    put("inf.npy", FQP_F64, 2, 4, 2, inf);
    put("cube.npy", FQP_F64, 3, 4, 2, DATA);
    put("complex.npy", FQP_C128, 1, 4, 1, DATA);
    put("none.npy", FQP_F64, 2, 0, 2, DATA);
    static const struct {
        const char *text, *message;
    } row[] = {
        {"{source: arrays}", "data.x: the file of inputs is missing"},
        {"{source: arrays, x: x.npy, y: y.npy, x_test: x.npy}",
         "data.y_test: test inputs and test outputs go together"},
        {"{source: arrays, x: x.npy, y: y3.npy}", "t.yaml:1:37: data.y: y3.npy holds 3 rows for the 4 points of x.npy"},
        {"{source: arrays, x: nan.npy, y: y.npy}", "t.yaml:1:27: data.x: element (2, 1) of nan.npy is not a number"},
        {"{source: arrays, x: x.npy, y: inf.npy}", "t.yaml:1:37: data.y: element (1, 0) of inf.npy is infinite"},
        {"{source: arrays, x: cube.npy, y: y.npy}",
         "t.yaml:1:27: data.x: cube.npy has shape [4, 2, 1], expected [n] or [n, columns]"},
        {"{source: arrays, x: complex.npy, y: y.npy}",
         "t.yaml:1:27: data.x: complex.npy holds complex numbers; real ones are needed"},
        {"{source: arrays, x: none.npy, y: y.npy}", "t.yaml:1:27: data.x: none.npy is empty: its shape is [0, 2]"},
        {"{source: arrays, x: x.npy, y: y.npy, x_test: y.npy, y_test: y.npy}",
         "t.yaml:1:52: data.x_test: 1 columns, data.x has 2"},
        {"{source: arrays, x: x.npy, y: y.npy, x_test: x.npy, y_test: x.npy}",
         "t.yaml:1:67: data.y_test: 2 columns, data.y has 1"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fqp_dataset *d = NULL;
        fqp_ctx_problems_clear(ctx);
        fqp_status s = dataset_from(ctx, row[i].text, 1, &d);
        fqp_problem p = fqp_ctx_problem(ctx, 0);
        char line[1000];
        fqp_problem_text(&p, line, sizeof line);
        if (!s || d || strcmp(line, row[i].message) != 0)
            fail_msg("%s gives %s:\n%s\nexpected:\n%s", row[i].text, fqp_status_name(s), line, row[i].message);
    }
    fqp_dataset *d = NULL;
    assert_int_equal(dataset_from(ctx, "{source: arrays, x: nowhere.npy, y: y.npy}", 1, &d), FQP_E_IO);
}

static void arrays_in_memory_are_copied(void **state) {
    (void)state;
    double x[] = {1, 2, 3}, y[] = {4, 5, 6, 7, 8, 9}, xt[] = {1}, yt[] = {2, 3};
    fqp_view vxt = fqp_view_1d(xt, 1), vyt = fqp_view_2d(yt, 1, 2);
    fqp_dataset *d = NULL;
    assert_ok(ctx, fqp_dataset_from_arrays(ctx, fqp_view_1d(x, 3), fqp_view_2d(y, 3, 2), &vxt, &vyt, &d));
    x[0] = 99;
    assert_near(real_at(&d->x, 0), 1, 0);
    assert_int_equal(d->m, 2);
    assert_int_equal(d->n_test, 1);
    assert_string_equal(d->origin, "arrays in memory: 3 points, 1 inputs, 2 outputs");
    fqp_dataset_destroy(d);
    d = NULL;
    assert_refused(ctx, fqp_dataset_from_arrays(ctx, fqp_view_1d(x, 3), fqp_view_2d(y, 2, 2), NULL, NULL, &d),
                   FQP_E_SHAPE, "data.y: 2 rows for 3 points");
    y[3] = NAN;
    assert_refused(ctx, fqp_dataset_from_arrays(ctx, fqp_view_1d(x, 3), fqp_view_2d(y, 3, 2), NULL, NULL, &d),
                   FQP_E_DATA, "data.y: element (1, 1) of the array of outputs is not a number");
    assert_int_equal(fqp_dataset_from_arrays(ctx, fqp_view_1d(x, 3), fqp_view_1d(x, 3), &vxt, NULL, &d), FQP_E_ARG);
    assert_int_equal(fqp_dataset_from_arrays(ctx, fqp_view_1d(NULL, 3), fqp_view_1d(x, 3), NULL, NULL, &d), FQP_E_ARG);
    assert_null(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_one_or_two_axes),
        cmocka_unit_test(unusable_files_are_refused),
        cmocka_unit_test(arrays_in_memory_are_copied),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
