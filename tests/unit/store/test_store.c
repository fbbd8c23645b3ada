/* test_store.c - a run directory: what is put comes back, one writer, and what stops a run leaves whole frames. */
#include "unit/io/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include <fqp/store.h>

static fqp_store *open_store(scratch *t, fqp_store_mode mode) {
    fqp_store *s = NULL;
    assert_ok(t->ctx, fqp_store_open(t->ctx, "run", mode, &s));
    return s;
}

static int64_t frames_of(scratch *t, const char *path) {
    fqp_array a = {0};
    assert_ok(t->ctx, fqp_npy_read(t->ctx, path, &a));
    int64_t n = a.shape[0];
    fqp_array_free(&a);
    return n;
}

/* Frame i of a series is filled with i + column / 10. */
static fqp_view frame(double buf[3], int64_t i) {
    for (int j = 0; j < 3; j++)
        buf[j] = (double)i + j / 10.0;
    return fqp_view_1d(buf, 3);
}

static void append_frames(fqp_ctx *ctx, fqp_store *s, const char *name, int64_t from, int64_t to) {
    double buf[3];
    for (int64_t i = from; i < to; i++)
        assert_ok(ctx, fqp_store_append(s, name, frame(buf, i)));
}

static void assert_frames(const fqp_array *a, int64_t frames) {
    double buf[3];
    assert_int_equal(a->ndim, 2);
    assert_int_equal(a->shape[0], frames);
    assert_int_equal(a->shape[1], 3);
    for (int64_t i = 0; i < frames; i++)
        assert_memory_equal((double *)a->data + 3 * i, frame(buf, i).data, sizeof buf);
}

/* ---- ordinary use ---------------------------------------------------------------------------------------- */

static void arrays_texts_and_series_come_back(void **state) {
    scratch *t = *state;
    fqp_store *s = NULL;
    fqp_array a = {0};
    char *text = NULL;
    double x[] = {1, 2, 3, 4};
    assert_ok(t->ctx, fqp_store_open(t->ctx, "runs/deep/er///", FQP_STORE_NEW, &s));
    assert_string_equal(fqp_store_dir(s), "runs/deep/er");
    assert_ok(t->ctx, fqp_store_put(s, "seed_0001/dft/axis", fqp_view_2d(x, 2, 2)));
    assert_ok(t->ctx, fqp_store_get(s, "seed_0001/dft/axis", &a));
    assert_same_array(&a, fqp_view_2d(x, 2, 2));
    fqp_array_free(&a);
    assert_ok(t->ctx, fqp_store_put_text(s, "manifest.json", "{ \"title\": \"\xce\xb1\" }\n"));
    assert_ok(t->ctx, fqp_store_get_text(s, "manifest.json", &text));
    assert_string_equal(text, "{ \"title\": \"\xce\xb1\" }\n");
    free(text);
    append_frames(t->ctx, s, "seed_0001/loss", 0, 12);
    assert_ok(t->ctx, fqp_store_get(s, "seed_0001/loss", &a)); /* without closing: readers see every frame */
    assert_frames(&a, 12);
    fqp_array_free(&a);
    assert_true(fqp_store_has(s, "seed_0001/loss.npy"));
    assert_false(fqp_store_has(s, "seed_0001/step.npy"));
    assert_ok(t->ctx, fqp_store_sync(s));
    fqp_store_close(s);
    fqp_store_close(NULL);
}

static void scalars_make_a_line_of_numbers(void **state) {
    scratch *t = *state;
    fqp_store *s = open_store(t, FQP_STORE_NEW);
    for (int64_t i = 0; i < 5; i++)
        assert_ok(t->ctx, fqp_store_append(s, "step", fqp_view_make(&i, FQP_I64, 0, NULL)));
    fqp_array a = {0};
    assert_ok(t->ctx, fqp_store_get(s, "step", &a));
    assert_same_array(&a, fqp_view_make((int64_t[]){0, 1, 2, 3, 4}, FQP_I64, 1, (int64_t[]){5}));
    fqp_array_free(&a);
    fqp_store_close(s);
}

static void resuming_goes_on_and_truncating_forgets(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    fqp_store *s = open_store(t, FQP_STORE_NEW);
    append_frames(t->ctx, s, "loss", 0, 10);
    fqp_store_close(s);
    s = open_store(t, FQP_STORE_RESUME);
    append_frames(t->ctx, s, "loss", 10, 11);
    assert_ok(t->ctx, fqp_store_truncate(s, "loss", 7));
    assert_int_equal(scratch_size("run/loss.npy"), 128 + 7 * 24);
    assert_refused(t->ctx, fqp_store_truncate(s, "loss", 8), FQP_E_ARG, "run/loss.npy: cannot keep 8 frames of 7");
    append_frames(t->ctx, s, "loss", 7, 20);
    assert_ok(t->ctx, fqp_store_get(s, "loss", &a));
    assert_frames(&a, 20);
    fqp_array_free(&a);
    fqp_store_close(s);
}

static void a_whole_array_can_take_more_rows(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    double rows[9], buf[3];
    for (int64_t i = 0; i < 3; i++)
        memcpy(rows + 3 * i, frame(buf, i).data, sizeof buf);
    fqp_store *s = open_store(t, FQP_STORE_NEW);
    append_frames(t->ctx, s, "loss", 5, 6);
    assert_ok(t->ctx, fqp_store_put(s, "loss", fqp_view_2d(rows, 3, 3))); /* replaces the series */
    append_frames(t->ctx, s, "loss", 3, 5);
    assert_ok(t->ctx, fqp_store_get(s, "loss", &a));
    assert_frames(&a, 5);
    fqp_array_free(&a);
    fqp_store_close(s);
}

static void more_series_than_descriptors(void **state) {
    scratch *t = *state;
    char name[32];
    fqp_store *s = open_store(t, FQP_STORE_NEW);
    for (int64_t i = 0; i < 3; i++)
        for (int k = 0; k < 200; k++) {
            snprintf(name, sizeof name, "seed_%04d/loss", k);
            append_frames(t->ctx, s, name, i, i + 1);
        }
    fqp_store_close(s);
    for (int k = 0; k < 200; k++) {
        snprintf(name, sizeof name, "run/seed_%04d/loss.npy", k);
        assert_int_equal(frames_of(t, name), 3);
    }
    assert_int_equal(system("test $(ls /proc/$PPID/fd | wc -l) -lt 30"), 0);
}

/* ---- the door --------------------------------------------------------------------------------------------- */

static void names_stay_inside(void **state) {
    scratch *t = *state;
    static const char *const bad[][2] = {
        {"", "run: \"\": a name is needed"},
        {"/etc/x", "run: \"/etc/x\": the name must be inside the directory"},
        {"../x", "run: \"../x\": no part of a name may begin with a dot"},
        {"a/../../x", "run: \"a/../../x\": no part of a name may begin with a dot"},
        {".lock", "run: \".lock\": no part of a name may begin with a dot"},
        {"a//b", "run: \"a//b\": a part of the name is empty"},
        {"a/", "run: \"a/\": a part of the name is empty"},
    };
    double x = 1;
    fqp_array a = {0};
    char *text;
    fqp_store *s = open_store(t, FQP_STORE_NEW);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fqp_view v = fqp_view_1d(&x, 1);
        assert_refused(t->ctx, fqp_store_put(s, bad[i][0], v), FQP_E_ARG, bad[i][1]);
        assert_refused(t->ctx, fqp_store_append(s, bad[i][0], v), FQP_E_ARG, bad[i][1]);
        assert_refused(t->ctx, fqp_store_truncate(s, bad[i][0], 0), FQP_E_ARG, bad[i][1]);
        assert_refused(t->ctx, fqp_store_get(s, bad[i][0], &a), FQP_E_ARG, bad[i][1]);
        assert_refused(t->ctx, fqp_store_put_text(s, bad[i][0], ""), FQP_E_ARG, bad[i][1]);
        assert_refused(t->ctx, fqp_store_get_text(s, bad[i][0], &text), FQP_E_ARG, bad[i][1]);
    }
    fqp_store_close(s);
}

static void frames_keep_their_shape_and_type(void **state) {
    scratch *t = *state;
    double x[4] = {0};
    fqp_store *s = open_store(t, FQP_STORE_NEW);
    append_frames(t->ctx, s, "a/loss", 0, 1);
    assert_refused(t->ctx, fqp_store_append(s, "a/loss", fqp_view_1d(x, 4)), FQP_E_SHAPE,
                   "run/a/loss.npy: a frame of 4 f64 after frames of 3 f64");
    assert_refused(t->ctx, fqp_store_append(s, "a/loss", fqp_view_make(x, FQP_F32, 1, (int64_t[]){3})), FQP_E_SHAPE,
                   "run/a/loss.npy: a frame of 3 f32 after frames of 3 f64");
    assert_refused(t->ctx, fqp_store_append(s, "b", fqp_view_make(x, FQP_F32, 8, (int64_t[]){1, 1, 1, 1, 1, 1, 1, 1})),
                   FQP_E_SHAPE, "run: \"b\": a frame has at most 7 dimensions");
    fqp_store_close(s);
    assert_int_equal(frames_of(t, "run/a/loss.npy"), 1);
}

static void a_directory_with_a_run_is_not_new(void **state) {
    scratch *t = *state;
    fqp_store *s = open_store(t, FQP_STORE_NEW), *other = NULL;
    assert_ok(t->ctx, fqp_store_put_text(s, "manifest.json", "{}"));
    fqp_store_close(s);
    assert_refused(t->ctx, fqp_store_open(t->ctx, "run", FQP_STORE_NEW, &other), FQP_E_ARG,
                   "run: holds a run already (manifest.json): pass --resume or --replace, or choose another --out");
    assert_null(other);
    s = open_store(t, FQP_STORE_RESUME); /* the refusal let the lock go */
    fqp_store_close(s);
    scratch_write("file", "x", 1);
    assert_refused(t->ctx, fqp_store_open(t->ctx, "file", FQP_STORE_NEW, &other), FQP_E_IO,
                   "file: cannot make directory: Not a directory");
    assert_refused(t->ctx, fqp_store_open(t->ctx, "file/run", FQP_STORE_NEW, &other), FQP_E_IO,
                   "file: cannot make directory: Not a directory");
    assert_refused(t->ctx, fqp_store_open(t->ctx, "file", FQP_STORE_READ, &other), FQP_E_IO,
                   "file: cannot open run directory: Not a directory");
    assert_refused(t->ctx, fqp_store_open(t->ctx, "rum", FQP_STORE_RESUME, &other), FQP_E_IO,
                   "rum: cannot open run directory: No such file or directory\n    did you mean \"run\"?");
    assert_int_equal(fqp_store_open(t->ctx, "", FQP_STORE_NEW, &other), FQP_E_ARG);
    assert_int_equal(fqp_store_open(t->ctx, "run", (fqp_store_mode)7, &other), FQP_E_ARG);
}

static void one_process_writes(void **state) {
    scratch *t = *state;
    fqp_store *s = open_store(t, FQP_STORE_NEW), *other = NULL;
    char want[128];
    snprintf(want, sizeof want, "run is being written by process %ld", (long)getpid());
    assert_refused(t->ctx, fqp_store_open(t->ctx, "run", FQP_STORE_RESUME, &other), FQP_E_LOCKED, want);
    pid_t child = fork();
    if (child == 0) {
        fqp_ctx *ctx;
        fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx);
        _exit(fqp_store_open(ctx, "run", FQP_STORE_NEW, &other) == FQP_E_LOCKED ? 42 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 42);
    other = open_store(t, FQP_STORE_READ); /* reading needs no lock */
    fqp_store_close(other);
    fqp_store_close(s);
    s = open_store(t, FQP_STORE_RESUME);
    fqp_store_close(s);
    assert_int_equal(scratch_size("run/.lock"), 0);
}

static void reading_writes_nothing(void **state) {
    scratch *t = *state;
    double x = 1;
    fqp_store *s = open_store(t, FQP_STORE_NEW);
    append_frames(t->ctx, s, "loss", 0, 2);
    fqp_store_close(s);
    unlink("run/.lock");
    s = open_store(t, FQP_STORE_READ);
    assert_refused(t->ctx, fqp_store_put(s, "y", fqp_view_1d(&x, 1)), FQP_E_ARG,
                   "run: \"y\": the store was opened for reading");
    assert_int_equal(fqp_store_append(s, "loss", fqp_view_1d(&x, 1)), FQP_E_ARG);
    assert_int_equal(fqp_store_truncate(s, "loss", 0), FQP_E_ARG);
    assert_int_equal(fqp_store_put_text(s, "a.json", ""), FQP_E_ARG);
    fqp_array a = {0};
    assert_ok(t->ctx, fqp_store_get(s, "loss", &a));
    assert_frames(&a, 2);
    fqp_array_free(&a);
    fqp_store_close(s);
    assert_int_equal(system("test \"$(ls -A run)\" = loss.npy"), 0);
}

/* Permissions bind only who is not root, so a child puts root off first. */
static void a_read_only_directory_is_named(void **state) {
    scratch *t = *state;
    assert_int_equal(mkdir("locked", 0555), 0);
    assert_int_equal(chmod(t->dir, 0555), 0);
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(1);
        fqp_ctx *ctx;
        fqp_store *s;
        char line[512];
        fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx);
        if (fqp_store_open(ctx, "locked", FQP_STORE_NEW, &s) != FQP_E_IO)
            _exit(2);
        fqp_problem p = fqp_ctx_problem(ctx, 0);
        fqp_problem_text(&p, line, sizeof line);
        if (strcmp(line, "locked/.lock: cannot write: Permission denied") != 0)
            _exit(3);
        fqp_ctx_problems_clear(ctx);
        if (fqp_store_open(ctx, "locked/a/b", FQP_STORE_NEW, &s) != FQP_E_IO)
            _exit(4);
        p = fqp_ctx_problem(ctx, 0);
        fqp_problem_text(&p, line, sizeof line);
        _exit(strcmp(line, "locked/a: cannot make directory: Permission denied") == 0 ? 42 : 5);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(chmod(t->dir, 0755), 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

/* ---- what stops a run ---------------------------------------------------------------------------------------- */

static void extra_bytes_are_overwritten_and_missing_frames_dropped(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    fqp_store *s = open_store(t, FQP_STORE_NEW);
    append_frames(t->ctx, s, "loss", 0, 6);
    fqp_store_close(s);
    FILE *f = fopen("run/loss.npy", "ab"); /* a frame that was written when its writer died before the count */
    assert_non_null(f);
    assert_int_equal(fwrite("half a frame", 1, 12, f), 12);
    fclose(f);
    assert_int_equal(frames_of(t, "run/loss.npy"), 6);
    s = open_store(t, FQP_STORE_RESUME);
    append_frames(t->ctx, s, "loss", 6, 7);
    fqp_store_close(s);
    assert_int_equal(truncate("run/loss.npy", 128 + 4 * 24 + 5), 0); /* a disk that lost the end */
    s = open_store(t, FQP_STORE_RESUME);
    assert_refused(t->ctx, fqp_store_get(s, "loss", &a), FQP_E_DATA,
                   "run/loss.npy: header promises 7 x 3 x 8 bytes from byte 128, file ends after byte 229");
    append_frames(t->ctx, s, "loss", 4, 9);
    assert_ok(t->ctx, fqp_store_get(s, "loss", &a));
    assert_frames(&a, 9);
    fqp_array_free(&a);
    fqp_store_close(s);
}

/* A file of 64 bytes that is all header. */
static void headed(const char *path, const char *dictionary) {
    char b[65];
    snprintf(b, sizeof b, "\x93NUMPY\x01_6_%-53s\n", dictionary);
    b[7] = b[9] = '\0'; /* minor version 0; 54 bytes, which is '6', of dictionary */
    scratch_write(path, b, 64);
}

static void files_not_made_for_appending_are_refused(void **state) {
    scratch *t = *state;
    fqp_store *s = open_store(t, FQP_STORE_NEW);
    double x = 3;
    assert_ok(t->ctx, fqp_store_put(s, "scalar", fqp_view_make(&x, FQP_F64, 0, NULL)));
    assert_refused(t->ctx, fqp_store_append(s, "scalar", fqp_view_make(&x, FQP_F64, 0, NULL)), FQP_E_DATA,
                   "run/scalar.npy: holds a scalar, to which no frame can be appended");
    headed("run/big.npy", "{'descr':'>f8','fortran_order':False,'shape':(0,)}");
    assert_refused(t->ctx, fqp_store_append(s, "big", fqp_view_make(&x, FQP_F64, 0, NULL)), FQP_E_DATA,
                   "run/big.npy: is in another order of bytes or dimensions; frames cannot be appended");
    headed("run/tight.npy", "{'descr':'<f8','fortran_order':False,'shape':(0,)}");
    assert_refused(t->ctx, fqp_store_append(s, "tight", fqp_view_make(&x, FQP_F64, 0, NULL)), FQP_E_DATA,
                   "run/tight.npy: the header of 64 bytes has no room to grow; it was not made for appending");
    assert_refused(t->ctx, fqp_store_truncate(s, "non", 0), FQP_E_IO,
                   "run/non.npy: cannot open: No such file or directory");
    fqp_store_close(s);
}

/* A file size limit stands for a full disk: write(2) answers EFBIG in place of ENOSPC, at any byte we like. */
static void a_full_disk_keeps_earlier_frames(void **state) {
    scratch *t = *state;
    struct rlimit before, small;
    fqp_array a = {0};
    double buf[3];
    fqp_store *s = open_store(t, FQP_STORE_NEW);
    append_frames(t->ctx, s, "loss", 0, 5);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 128 + 5 * 24 + 10; /* in the middle of the sixth frame */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    fqp_ctx_problems_clear(t->ctx);
    fqp_status status = fqp_store_append(s, "loss", frame(buf, 5));
    fqp_status text = fqp_store_put_text(s, "long.txt",
                                         "0123456789012345678901234567890123456789012345678901234567890123"
                                         "0123456789012345678901234567890123456789012345678901234567890123"
                                         "0123456789012345678901234567890123456789012345678901234567890123"
                                         "0123456789012345678901234567890123456789012345678901234567890123"
                                         "0123456789012345678901234567890123456789012345678901234567890123");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, FQP_E_IO);
    assert_string_equal(fqp_ctx_problem(t->ctx, 0).message, "cannot append: File too large");
    assert_string_equal(fqp_ctx_problem(t->ctx, 0).source, "run/loss.npy");
    assert_int_equal(text, FQP_E_IO);
    assert_false(fqp_store_has(s, "long.txt"));
    assert_int_equal(scratch_size("run/loss.npy"), 128 + 5 * 24); /* the half frame was given back */
    assert_ok(t->ctx, fqp_store_get(s, "loss", &a));
    assert_frames(&a, 5);
    fqp_array_free(&a);
    append_frames(t->ctx, s, "loss", 5, 8); /* room again: go on */
    assert_ok(t->ctx, fqp_store_get(s, "loss", &a));
    assert_frames(&a, 8);
    fqp_array_free(&a);
    fqp_store_close(s);
    assert_int_equal(system("test \"$(ls -A run | tr '\\n' ' ')\" = '.lock loss.npy '"), 0);
}

/* Appends until it is killed: by the test, or with the test, or by the clock. */
static void append_for_ever(void) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(60);
    fqp_ctx *ctx;
    fqp_store *s;
    double buf[3];
    if (fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) || fqp_store_open(ctx, "run", FQP_STORE_RESUME, &s))
        _exit(1);
    fqp_array a = {0};
    int64_t i = fqp_store_has(s, "loss.npy") && !fqp_store_get(s, "loss", &a) ? a.shape[0] : 0;
    for (;; i++)
        if (fqp_store_append(s, "loss", frame(buf, i)))
            _exit(2);
}

static void a_kill_leaves_whole_frames(void **state) {
    scratch *t = *state;
    fqp_store_close(open_store(t, FQP_STORE_NEW));
    int64_t frames = 0;
    for (int round = 0; round < 60; round++) {
        pid_t child = fork();
        if (child == 0)
            append_for_ever();
        struct timespec nap = {.tv_nsec = 300000L + 7919L * 97 * (round * round % 31)}; /* 0.3 to 24 ms */
        nanosleep(&nap, NULL);
        kill(child, SIGKILL);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        if (scratch_size("run/loss.npy") < 0)
            continue; /* killed before the first frame */
        fqp_array a = {0};
        assert_ok(t->ctx, fqp_npy_read(t->ctx, "run/loss.npy", &a));
        assert_true(a.shape[0] >= frames);
        frames = a.shape[0];
        assert_frames(&a, frames);
        fqp_array_free(&a);
    }
    assert_true(frames > 60);
}

/* While a writer appends, every look of a reader finds a valid file of whole frames. */
static void a_reader_beside_the_writer_sees_whole_frames(void **state) {
    scratch *t = *state;
    fqp_store_close(open_store(t, FQP_STORE_NEW));
    pid_t child = fork();
    if (child == 0)
        append_for_ever();
    while (scratch_size("run/loss.npy") < 0)
        usleep(100);
    int64_t frames = 0;
    fqp_status status = FQP_OK;
    bool grew = true;
    double last[3];
    fqp_array a = {0};
    for (int look = 0; look < 300 && !status && grew; look++) {
        fqp_array_free(&a);
        status = fqp_npy_read(t->ctx, "run/loss.npy", &a);
        grew = status || a.shape[0] >= frames;
        frames = status ? 0 : a.shape[0];
        if (frames > 0 && memcmp((double *)a.data + 3 * (frames - 1), frame(last, frames - 1).data, sizeof last) != 0)
            break; /* the last frame counts before it is there; found again below */
    }
    kill(child, SIGKILL); /* before anything is asserted: no writer may outlive the test */
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(status, FQP_OK);
    assert_true(grew);
    assert_frames(&a, frames);
    fqp_array_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        scratch_test(arrays_texts_and_series_come_back),
        scratch_test(scalars_make_a_line_of_numbers),
        scratch_test(resuming_goes_on_and_truncating_forgets),
        scratch_test(a_whole_array_can_take_more_rows),
        scratch_test(more_series_than_descriptors),
        scratch_test(names_stay_inside),
        scratch_test(frames_keep_their_shape_and_type),
        scratch_test(a_directory_with_a_run_is_not_new),
        scratch_test(one_process_writes),
        scratch_test(reading_writes_nothing),
        scratch_test(a_read_only_directory_is_named),
        scratch_test(extra_bytes_are_overwritten_and_missing_frames_dropped),
        scratch_test(files_not_made_for_appending_are_refused),
        scratch_test(a_full_disk_keeps_earlier_frames),
        scratch_test(a_kill_leaves_whole_frames),
        scratch_test(a_reader_beside_the_writer_sees_whole_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
