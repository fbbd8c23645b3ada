/* test_npz.c - npz archives: several arrays in, the same out, by name; libzip reads what we write, and we what it
 * writes. */
#include "unit/io/scratch.h"

#include <zip.h>

static const double x[] = {1, 2, 3, 4, 5, 6};
static const int32_t k[] = {7, -8};

static void write_two(fqp_ctx *ctx, const char *path) {
    const char *names[] = {"x", "step"};
    fqp_view views[] = {fqp_view_2d(x, 2, 3), fqp_view_make(k, FQP_I32, 1, (int64_t[]){2})};
    assert_ok(ctx, fqp_npz_write(ctx, path, 2, names, views));
}

static void members_read_back_by_name(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    write_two(t->ctx, "two.npz");
    assert_ok(t->ctx, fqp_npz_read(t->ctx, "two.npz", "x", &a));
    assert_same_array(&a, fqp_view_2d(x, 2, 3));
    fqp_array_free(&a);
    assert_ok(t->ctx, fqp_npz_read(t->ctx, "two.npz", "step", &a));
    assert_same_array(&a, fqp_view_make(k, FQP_I32, 1, (int64_t[]){2}));
    fqp_array_free(&a);
    char **names;
    size_t n;
    assert_ok(t->ctx, fqp_npz_names(t->ctx, "two.npz", &names, &n));
    assert_int_equal(n, 2);
    assert_string_equal(names[0], "x");
    assert_string_equal(names[1], "step");
    free(names);
}

/* What we write, read by libzip: names, sizes and checksums agree. */
static void another_reader_agrees(void **state) {
    scratch *t = *state;
    int code;
    write_two(t->ctx, "two.npz");
    zip_t *zip = zip_open("two.npz", ZIP_RDONLY | ZIP_CHECKCONS, &code);
    assert_non_null(zip);
    assert_int_equal(zip_get_num_entries(zip, 0), 2);
    zip_file_t *file = zip_fopen(zip, "x.npy", 0);
    unsigned char b[1024];
    zip_int64_t n = zip_fread(file, b, sizeof b);
    assert_true(n > (zip_int64_t)sizeof x);
    assert_memory_equal(b + n - (zip_int64_t)sizeof x, x, sizeof x);
    assert_int_equal(zip_fread(file, b, 1), 0); /* the checksum is right */
    zip_fclose(file);
    zip_discard(zip);
}

static void equal_arrays_make_equal_files(void **state) {
    scratch *t = *state;
    write_two(t->ctx, "a.npz");
    write_two(t->ctx, "b.npz");
    assert_int_equal(system("cmp a.npz b.npz"), 0);
    write_two(t->ctx, "a.npz"); /* over an older one */
    assert_int_equal(system("cmp a.npz b.npz && test $(ls -A | wc -l) -eq 2"), 0);
}

/* A deflated member of repeated values, as numpy.savez_compressed writes it. */
static void deflated_members_are_read(void **state) {
    scratch *t = *state;
    double *zeros = calloc(100000, sizeof *zeros);
    assert_non_null(zeros);
    assert_ok(t->ctx, fqp_npy_write(t->ctx, "z.npy", fqp_view_1d(zeros, 100000)));
    int code;
    zip_t *zip = zip_open("z.npz", ZIP_CREATE, &code);
    assert_non_null(zip);
    zip_int64_t i = zip_file_add(zip, "z.npy", zip_source_file(zip, "z.npy", 0, -1), 0);
    assert_int_equal(zip_set_file_compression(zip, (zip_uint64_t)i, ZIP_CM_DEFLATE, 9), 0);
    zip_file_add(zip, "notes.txt", zip_source_buffer(zip, "hello", 5, 0), 0);
    assert_int_equal(zip_close(zip), 0);
    assert_true(scratch_size("z.npz") < 10000);
    fqp_array a = {0};
    assert_ok(t->ctx, fqp_npz_read(t->ctx, "z.npz", "z", &a));
    assert_same_array(&a, fqp_view_1d(zeros, 100000));
    fqp_array_free(&a);
    free(zeros);
    char **names;
    size_t n;
    assert_ok(t->ctx, fqp_npz_names(t->ctx, "z.npz", &names, &n));
    assert_int_equal(n, 1); /* notes.txt is no array */
    free(names);
}

static void refusals(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    fqp_view v = fqp_view_1d(x, 2);
    char **names;
    size_t n;
    write_two(t->ctx, "two.npz");
    assert_refused(t->ctx, fqp_npz_read(t->ctx, "two.npz", "stop", &a), FQP_E_DATA,
                   "two.npz: no array \"stop\"; did you mean \"step\"? known: x step");
    assert_refused(t->ctx, fqp_npz_read(t->ctx, "two.npz", "prediction", &a), FQP_E_DATA,
                   "two.npz: no array \"prediction\"; known: x step");
    assert_refused(t->ctx, fqp_npz_read(t->ctx, "tow.npz", "x", &a), FQP_E_IO,
                   "tow.npz: cannot open: No such file or directory\n    did you mean \"two.npz\"?");
    assert_refused(t->ctx, fqp_npz_write(t->ctx, "no/such.npz", 1, (const char *[]){"x"}, &v), FQP_E_IO,
                   "no/such.npz: cannot write: No such file or directory");
    assert_refused(t->ctx, fqp_npz_write(t->ctx, "d.npz", 2, (const char *[]){"x", "x"}, (fqp_view[]){v, v}), FQP_E_ARG,
                   "d.npz: x: File already exists");
    assert_int_equal(scratch_size("d.npz"), -1);
    assert_refused(t->ctx, fqp_npz_write(t->ctx, "/dev/full", 1, (const char *[]){"x"}, &v), FQP_E_IO,
                   "/dev/full: cannot write: Write error: No space left on device");
    assert_int_equal(fqp_npz_write(t->ctx, "d.npz", 1, (const char *[]){""}, &v), FQP_E_ARG);
    assert_int_equal(fqp_npz_write(t->ctx, "d.npz", 0, (const char *[]){"x"}, &v), FQP_E_ARG);
    assert_int_equal(fqp_npz_read(t->ctx, "two.npz", NULL, &a), FQP_E_ARG);
    assert_int_equal(fqp_npz_names(t->ctx, NULL, &names, &n), FQP_E_ARG);
}

/* One byte of the data changed: the checksum of the archive tells. */
static void a_changed_byte_is_noticed(void **state) {
    scratch *t = *state;
    unsigned char b[4096];
    write_two(t->ctx, "two.npz");
    size_t n = scratch_read("two.npz", b, sizeof b), at = 0;
    for (size_t i = 0; i + sizeof x <= n; i++)
        if (memcmp(b + i, x, sizeof x) == 0)
            at = i;
    assert_true(at > 0);
    b[at + 3] ^= 1;
    scratch_write("two.npz", b, n);
    fqp_array a = {0};
    assert_refused(t->ctx, fqp_npz_read(t->ctx, "two.npz", "x", &a), FQP_E_DATA, "two.npz:x: zip member: CRC error");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        scratch_test(members_read_back_by_name),
        scratch_test(another_reader_agrees),
        scratch_test(equal_arrays_make_equal_files),
        scratch_test(deflated_members_are_read),
        scratch_test(refusals),
        scratch_test(a_changed_byte_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
