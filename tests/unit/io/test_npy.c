/* test_npy.c - npy files: what is written reads back, byte orders, Fortran order, halves, growing headers. */
#include "unit/io/scratch.h"

#include "npy.h"

/* One element after another of every type, shape by shape. */
static void every_type_and_shape_reads_back(void **state) {
    scratch *t = *state;
    static const struct {
        int ndim;
        int64_t shape[FQP_MAX_DIM];
    } shapes[] = {{0, {0}}, {1, {0}}, {1, {7}}, {2, {3, 5}}, {3, {2, 0, 4}}, {8, {1, 2, 1, 2, 1, 2, 1, 2}}};
    unsigned char bytes[16 * 32];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 37 + 11);
    for (int type = 0; type <= FQP_BOOL; type++)
        for (size_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++) {
            if (type == FQP_BOOL)
                for (size_t i = 0; i < sizeof bytes; i++)
                    bytes[i] &= 1;
            fqp_view v = fqp_view_make(bytes, (fqp_dtype)type, shapes[k].ndim, shapes[k].shape);
            assert_ok(t->ctx, fqp_npy_write(t->ctx, "a.npy", v));
            fqp_array a = {0};
            assert_ok(t->ctx, fqp_npy_read(t->ctx, "a.npy", &a));
            assert_same_array(&a, v);
            fqp_array_free(&a);
        }
    assert_int_equal(fqp_ctx_problem_count(t->ctx), 0);
}

/* Build a file from a dictionary and data. */
static void make(const char *path, int major, const char *dictionary, const void *data, size_t n) {
    unsigned char b[1024] = "\x93NUMPY";
    size_t width = major == 1 ? 2 : 4, length = strlen(dictionary);
    b[6] = (unsigned char)major;
    for (size_t i = 0; i < width; i++)
        b[8 + i] = (unsigned char)(length >> 8 * i & 0xff);
    memcpy(b + 8 + width, dictionary, length);
    memcpy(b + 8 + width + length, data, n);
    scratch_write(path, b, 8 + width + length + n);
}

static void versions_order_of_keys_and_spaces(void **state) {
    scratch *t = *state;
    static const char *const dictionaries[] = {
        "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }",
        "{'shape':(3,),'fortran_order':False,'descr':'<i2'}\n",
        "  {\"fortran_order\" : False , \"shape\" : ( 3 , ) , \"descr\" : \"<i2\" , }      \n",
        "{'descr': '<i2', 'fortran_order': True, 'shape': (3L,), }",
        "{'descr': '=i2', 'fortran_order': False, 'shape': (3,), }",
        "{'descr': 'i2', 'fortran_order': False, 'shape': (0000000003,), }",
    };
    int16_t want[] = {1, -2, 300};
    for (size_t i = 0; i < sizeof dictionaries / sizeof dictionaries[0]; i++)
        for (int major = 1; major <= 3; major++) {
            make("v.npy", major, dictionaries[i], want, sizeof want);
            fqp_array a = {0};
            assert_ok(t->ctx, fqp_npy_read(t->ctx, "v.npy", &a));
            assert_same_array(&a, fqp_view_make(want, FQP_I16, 1, (int64_t[]){3}));
            fqp_array_free(&a);
        }
}

static void big_endian_is_turned(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    make("b.npy", 1, "{'descr': '>i4', 'fortran_order': False, 'shape': (2,), }", "\x01\x02\x03\x04\xff\xff\xff\xfe",
         8);
    assert_ok(t->ctx, fqp_npy_read(t->ctx, "b.npy", &a));
    assert_same_array(&a, fqp_view_make((int32_t[]){0x01020304, -2}, FQP_I32, 1, (int64_t[]){2}));
    fqp_array_free(&a);
    /* complex: each half is turned by itself. 1 + 2i as >c8 */
    make("c.npy", 1, "{'descr': '>c8', 'fortran_order': False, 'shape': (), }", "\x3f\x80\0\0\x40\0\0\0", 8);
    assert_ok(t->ctx, fqp_npy_read(t->ctx, "c.npy", &a));
    assert_int_equal(a.ndim, 0);
    assert_near(((float *)a.data)[0], 1, 0);
    assert_near(((float *)a.data)[1], 2, 0);
    assert_near(fqp_view_at(fqp_array_view(&a), 0), 1, 0);
    fqp_array_free(&a);
}

static void fortran_order_is_turned(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    uint8_t stored[24], want[24];
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 4; k++)
                want[(i * 3 + j) * 4 + k] = stored[i + 2 * (j + 3 * k)] = (uint8_t)(100 * i + 10 * j + k);
    make("f.npy", 1, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4), }", stored, sizeof stored);
    assert_ok(t->ctx, fqp_npy_read(t->ctx, "f.npy", &a));
    assert_same_array(&a, fqp_view_make(want, FQP_U8, 3, (int64_t[]){2, 3, 4}));
    fqp_array_free(&a);
    make("e.npy", 1, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 0), }", "", 0);
    assert_ok(t->ctx, fqp_npy_read(t->ctx, "e.npy", &a));
    assert_int_equal(fqp_view_count(fqp_array_view(&a)), 0);
    fqp_array_free(&a);
}

/* Every finite half against its value by ldexp; infinities and NaN by kind. */
static void halves_become_floats(void **state) {
    scratch *t = *state;
    unsigned char *file = malloc(200 + 2 * 65536);
    assert_non_null(file);
    const char *dictionary = "{'descr': '<f2', 'fortran_order': False, 'shape': (65536,), }";
    memcpy(file, "\x93NUMPY\x01\0", 8);
    file[8] = (unsigned char)strlen(dictionary);
    file[9] = 0;
    memcpy(file + 10, dictionary, strlen(dictionary));
    size_t at = 10 + strlen(dictionary);
    for (unsigned h = 0; h < 65536; h++) {
        file[at++] = (unsigned char)(h & 0xff);
        file[at++] = (unsigned char)(h >> 8);
    }
    scratch_write("h.npy", file, at);
    free(file);
    fqp_array a = {0};
    assert_ok(t->ctx, fqp_npy_read(t->ctx, "h.npy", &a));
    assert_int_equal(a.dtype, FQP_F32);
    for (int h = 0; h < 65536; h++) {
        int exponent = h >> 10 & 31, fraction = h & 1023;
        double sign = h & 0x8000 ? -1 : 1, got = (double)((float *)a.data)[h];
        if (exponent == 31 && fraction)
            assert_true(isnan(got));
        else if (exponent == 31)
            assert_true(isinf(got) && got * sign > 0);
        else
            assert_near(got, sign * (exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24)), 0);
    }
    fqp_array_free(&a);
}

static void booleans_are_0_or_1_and_nan_stays(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    make("b.npy", 1, "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }", "\0\x01\xff", 3);
    assert_ok(t->ctx, fqp_npy_read(t->ctx, "b.npy", &a));
    assert_same_array(&a, fqp_view_make("\0\x01\x01", FQP_BOOL, 1, (int64_t[]){3}));
    fqp_array_free(&a);
    make("q.npy", 1, "{'descr': '?', 'fortran_order': False, 'shape': (1,), }", "\x01", 1);
    assert_ok(t->ctx, fqp_npy_read(t->ctx, "q.npy", &a));
    assert_int_equal(a.dtype, FQP_BOOL);
    fqp_array_free(&a);
    double x[] = {NAN, 1, -INFINITY};
    assert_ok(t->ctx, fqp_npy_write(t->ctx, "n.npy", fqp_view_1d(x, 3)));
    assert_ok(t->ctx, fqp_npy_read(t->ctx, "n.npy", &a));
    assert_same_array(&a, fqp_view_1d(x, 3));
    fqp_array_free(&a);
}

static void bytes_behind_the_data_are_ignored(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    make("x.npy", 1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", "\x05\x06garbage", 9);
    assert_ok(t->ctx, fqp_npy_read(t->ctx, "x.npy", &a));
    assert_same_array(&a, fqp_view_make("\x05\x06", FQP_U8, 1, (int64_t[]){2}));
    fqp_array_free(&a);
}

static void the_header_is_padded_and_grows_in_place(void **state) {
    (void)state;
    char a[FQPI_NPY_HEADER_MAX], b[FQPI_NPY_HEADER_MAX];
    int64_t shape[FQP_MAX_DIM] = {0, 1, 22, 333, 4444, 55555, 666666, 7777777};
    for (int ndim = 0; ndim <= FQP_MAX_DIM; ndim++) {
        shape[0] = 0;
        size_t n = fqpi_npy_header_format(FQP_C128, ndim, shape, a);
        assert_int_equal(n % 64, 0);
        assert_int_equal(a[n - 1], '\n');
        assert_int_equal((unsigned char)a[8] + 256 * a[9], n - 10);
        shape[0] = INT64_MAX;
        assert_true(fqpi_npy_header_fit(FQP_C128, ndim, shape, n, b));
        assert_int_equal(b[n - 1], '\n');
    }
    assert_false(fqpi_npy_header_fit(FQP_F64, 2, (int64_t[]){100, 100}, 64, b));
}

static void writing_replaces_and_leaves_no_neighbour(void **state) {
    scratch *t = *state;
    double x[] = {1, 2, 3};
    assert_ok(t->ctx, fqp_npy_write(t->ctx, "x.npy", fqp_view_1d(x, 3)));
    assert_ok(t->ctx, fqp_npy_write(t->ctx, "x.npy", fqp_view_1d(x, 2)));
    assert_int_equal(scratch_size("x.npy"), 128 + 16);
    assert_int_equal(symlink("x.npy", "link.npy"), 0);
    assert_ok(t->ctx, fqp_npy_write(t->ctx, "link.npy", fqp_view_1d(x, 1)));
    assert_int_equal(scratch_size("x.npy"), 128 + 8);
    assert_int_equal(system("test $(ls -A | wc -l) -eq 2"), 0);
    assert_refused(t->ctx, fqp_npy_write(t->ctx, "no/x.npy", fqp_view_1d(x, 1)), FQP_E_IO,
                   "no/x.npy: cannot write: No such file or directory");
    assert_refused(t->ctx, fqp_npy_write(t->ctx, "/dev/full", fqp_view_1d(x, 1)), FQP_E_IO,
                   "/dev/full: cannot write: No space left on device");
}

static void wrong_arguments_are_refused(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    assert_int_equal(fqp_npy_read(t->ctx, NULL, &a), FQP_E_ARG);
    assert_int_equal(fqp_npy_read(t->ctx, "x.npy", NULL), FQP_E_ARG);
    assert_int_equal(fqp_npy_write(t->ctx, NULL, fqp_view_1d(NULL, 0)), FQP_E_ARG);
    assert_int_equal(fqp_npy_write(t->ctx, "x.npy", fqp_view_1d(NULL, 3)), FQP_E_ARG);
    assert_int_equal(fqp_npy_write(t->ctx, "x.npy", fqp_view_1d(NULL, -3)), FQP_E_SHAPE);
    assert_int_equal(fqp_npy_read(NULL, "x.npy", &a), FQP_E_IO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        scratch_test(every_type_and_shape_reads_back),
        scratch_test(versions_order_of_keys_and_spaces),
        scratch_test(big_endian_is_turned),
        scratch_test(fortran_order_is_turned),
        scratch_test(halves_become_floats),
        scratch_test(booleans_are_0_or_1_and_nan_stays),
        scratch_test(bytes_behind_the_data_are_ignored),
        scratch_test(the_header_is_padded_and_grows_in_place),
        scratch_test(writing_replaces_and_leaves_no_neighbour),
        scratch_test(wrong_arguments_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
