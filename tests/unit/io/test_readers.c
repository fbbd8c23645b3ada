/* test_readers.c - which reader fqp_array_read chooses, pipes, colons in names, and memory that runs out anywhere. */
#include "unit/io/scratch.h"

#include "mem.h"
#include <fcntl.h>
#include <sys/wait.h>

static const double x[] = {1, 2, 3, 4};

static void write_samples(fqp_ctx *ctx) {
    uint8_t pixels[] = {1, 2, 3, 4};
    fqp_view v = fqp_view_2d(x, 2, 2);
    assert_ok(ctx, fqp_npy_write(ctx, "a.npy", v));
    assert_ok(ctx, fqp_npz_write(ctx, "a.npz", 1, (const char *[]){"x"}, &v));
    assert_ok(ctx, fqp_png_write(ctx, "a.png", fqp_view_make(pixels, FQP_U8, 2, (int64_t[]){2, 2})));
    scratch_write("a.csv", "1,2\n3,4\n", 8);
    scratch_write("a.idx", "\0\0\x08\2\0\0\0\2\0\0\0\2\1\2\3\4", 16);
    scratch_write("a.pgm", "P5 2 2 255\n\1\2\3\4", 15);
    assert_int_equal(system("gzip -k a.npy a.csv a.idx a.png a.pgm"), 0);
}

static void assert_1234(scratch *t, const char *path) {
    fqp_array a = {0};
    assert_ok(t->ctx, fqp_array_read(t->ctx, path, &a));
    assert_int_equal(a.ndim, 2);
    assert_int_equal(a.shape[0], 2);
    assert_int_equal(a.shape[1], 2);
    for (int i = 0; i < 4; i++)
        assert_near(fqp_view_at(fqp_array_view(&a), i), i + 1, 0);
    fqp_array_free(&a);
}

static void content_decides_then_the_name(void **state) {
    scratch *t = *state;
    static const char *const names[] = {"a.npy",    "a.npz",    "a.png",    "a.csv",    "a.idx",   "a.pgm",
                                        "a.npy.gz", "a.csv.gz", "a.idx.gz", "a.png.gz", "a.pgm.gz"};
    write_samples(t->ctx);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_1234(t, names[i]);
        assert_int_equal(rename(names[i], "nameless"), 0);
        assert_1234(t, "nameless");
        assert_int_equal(rename("nameless", "wrong.csv"), 0);
        assert_1234(t, "wrong.csv");
        assert_int_equal(rename("wrong.csv", names[i]), 0);
    }
    fqp_array a = {0};
    scratch_write("words.png", "1,2\n3,4\n", 8); /* no format begins so, hence the name speaks */
    assert_refused(t->ctx, fqp_array_read(t->ctx, "words.png", &a), FQP_E_DATA,
                   "words.png: PNG: Not a PNG file, at byte 8");
}

static void colons_name_members_or_belong_to_names(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    write_samples(t->ctx);
    assert_1234(t, "a.npz:x");
    assert_refused(t->ctx, fqp_array_read(t->ctx, "a.npz:y", &a), FQP_E_DATA,
                   "a.npz: no array \"y\"; did you mean \"x\"? known: x");
    assert_refused(t->ctx, fqp_array_read(t->ctx, "b.npz:y", &a), FQP_E_IO,
                   "b.npz: cannot open: No such file or directory\n    did you mean \"a.npz\"?");
    assert_refused(t->ctx, fqp_array_read(t->ctx, "a.csv:y", &a), FQP_E_DATA, "a.csv: zip archive: Not a zip archive");
    assert_int_equal(rename("a.npy", "a:b.npy"), 0);
    assert_1234(t, "a:b.npy");
    assert_int_equal(rename("a.npz", "run 12:30.npz"), 0);
    assert_1234(t, "run 12:30.npz:x");
    assert_int_equal(rename("a.csv", "a.npz:x"), 0); /* a real file goes before a member */
    assert_1234(t, "a.npz:x");
}

static void what_is_no_file_is_named(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    assert_refused(t->ctx, fqp_array_read(t->ctx, "/tmp", &a), FQP_E_IO, "/tmp: cannot read: is a directory");
    assert_refused(t->ctx, fqp_array_read(t->ctx, "/dev/null", &a), FQP_E_IO,
                   "/dev/null: cannot read: is neither a file nor a pipe");
    assert_refused(t->ctx, fqp_array_read(t->ctx, "", &a), FQP_E_IO, ": cannot open: No such file or directory");
    assert_refused(t->ctx, fqp_array_read(t->ctx, "no/where.npy", &a), FQP_E_IO,
                   "no/where.npy: cannot open: No such file or directory");
    assert_int_equal(fqp_array_read(t->ctx, NULL, &a), FQP_E_ARG);
    assert_int_equal(fqp_array_read(t->ctx, "a", NULL), FQP_E_ARG);
    scratch_write("pred_0100.npy", "", 0);
    scratch_write("pred_0200.txt", "", 0);
    assert_refused(t->ctx, fqp_array_read(t->ctx, "./prde_0100.npy", &a), FQP_E_IO,
                   "./prde_0100.npy: cannot open: No such file or directory\n    did you mean \"./pred_0100.npy\"?");
    assert_refused(t->ctx, fqp_array_read(t->ctx, "pred_0200.npy", &a), FQP_E_IO,
                   "pred_0200.npy: cannot open: No such file or directory\n    did you mean \"pred_0200.txt\"?");
}

/* A pipe can be read once and has no size. */
static void pipes_are_read(void **state) {
    scratch *t = *state;
    static const char *const names[] = {"a.npy", "a.csv", "a.idx", "a.png", "a.pgm"};
    write_samples(t->ctx);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    for (size_t i = 0; i < 5; i++) {
        pid_t child = fork();
        if (child == 0) {
            execlp("sh", "sh", "-c", "cat \"$0\" > pipe", names[i], (char *)NULL);
            _exit(1);
        }
        assert_1234(t, "pipe");
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
}

/* A header of 64 bytes, then the data. */
static void headed(const char *path, const char *dictionary, const void *data, size_t n) {
    char b[65 + 16];
    snprintf(b, 65, "\x93NUMPY\x01_6_%-53s\n", dictionary);
    b[7] = b[9] = '\0'; /* minor version 0; 54 bytes, which is '6', of dictionary */
    memcpy(b + 64, data, n);
    scratch_write(path, b, 64 + n);
}

/* Fail the n-th allocation for every n until none is left: FQP_E_NOMEM each time, nothing leaked (the sanitizer tells),
 * nothing handed out. */
static void memory_may_run_out_anywhere(void **state) {
    scratch *t = *state;
    static const char *const names[] = {"a.npy", "a.npz",    "a.npz:x",  "a.png",    "a.csv",    "a.idx",
                                        "a.pgm", "a.npy.gz", "a.csv.gz", "a.idx.gz", "half.npy", "f.npy"};
    write_samples(t->ctx);
    headed("half.npy", "{'descr':'<f2','fortran_order':True,'shape':(2,2)}", "\0\x3c\0\x40\0\x42\0\x44", 8);
    headed("f.npy", "{'descr':'|u1','fortran_order':True,'shape':(2,2)}", "\1\3\2\4", 4);
    assert_1234(t, "f.npy");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (long n = 0;; n++) {
            fqp_array a = {0};
            fqpi_mem_fail_after(t->ctx, n);
            fqp_status s = fqp_array_read(t->ctx, names[i], &a);
            fqpi_mem_fail_after(t->ctx, -1);
            if (s == FQP_OK) {
                assert_true(n > 0);
                fqp_array_free(&a);
                break;
            }
            assert_int_equal(s, FQP_E_NOMEM);
            assert_null(a.data);
            assert_true(n < 100);
        }
}

static void writing_without_memory(void **state) {
    scratch *t = *state;
    fqp_view v = fqp_view_2d(x, 2, 2), p = fqp_view_make(x, FQP_U8, 2, (int64_t[]){2, 2});
    for (int kind = 0; kind < 3; kind++)
        for (long n = 0;; n++) {
            fqpi_mem_fail_after(t->ctx, n);
            fqp_status s = kind == 0   ? fqp_npy_write(t->ctx, "w", v)
                           : kind == 1 ? fqp_npz_write(t->ctx, "w", 1, (const char *[]){"x"}, &v)
                                       : fqp_png_write(t->ctx, "w", p);
            fqpi_mem_fail_after(t->ctx, -1);
            if (s == FQP_OK) {
                assert_int_equal(unlink("w"), 0);
                break;
            }
            assert_int_equal(s, FQP_E_NOMEM);
            assert_true(n < 100);
            assert_int_equal(system("test -z \"$(ls -A)\""), 0); /* nothing half-written stays */
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        scratch_test(content_decides_then_the_name), scratch_test(colons_name_members_or_belong_to_names),
        scratch_test(what_is_no_file_is_named),      scratch_test(pipes_are_read),
        scratch_test(memory_may_run_out_anywhere),   scratch_test(writing_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
