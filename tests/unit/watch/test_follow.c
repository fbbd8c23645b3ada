/* test_follow.c - frames found in folders and files that somebody else is writing. */
#include <fqp/watch.h>

#include "../../folder.h"
#include "mem.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

enum { N = 5, LOG = 65536 };

/* ---- what following says: "frame 100;", "restart;", "note ...;" ---------------------------------------------------
 */

static char said[LOG];
static double first_value;
static int frames;

static void say(const char *what, const char *text) {
    const size_t at = strlen(said);
    snprintf(said + at, sizeof said - at, "%s%s;", what, text);
}

static fqp_status on_frame(void *user, const fqp_sight *s) {
    (void)user;
    char text[64];
    snprintf(text, sizeof text, "%lld", (long long)s->step);
    say("frame ", text);
    assert_int_equal(s->prediction.shape[0], N);
    assert_int_equal(s->prediction.shape[1], 1);
    first_value = fqp_view_at(s->prediction, 0);
    frames++;
    return FQP_OK;
}

static fqp_status on_restart(void *user, const char *why) {
    (void)user;
    (void)why;
    say("restart", "");
    return FQP_OK;
}

static void on_note(void *user, const char *text) {
    (void)user;
    say("note ", text);
}

static const fqp_follower teller = {.frame = on_frame, .restart = on_restart, .note = on_note};

static fqp_follow *begin_after(const char *path, const char *steps, int64_t after) {
    static const char *const known[] = {"x.npy", "y.npy", NULL};
    const fqp_follow_opts o = {.path = path, .steps = steps, .known = known, .n = N, .m = 1, .after = after};
    fqp_follow *f = NULL;
    said[0] = '\0';
    assert_ok(ctx, fqp_follow_create(ctx, &o, &teller, &f));
    return f;
}

static fqp_follow *begin(const char *path) {
    return begin_after(path, NULL, -1);
}

/* One look says exactly this. */
static void look_as(fqp_follow *f, bool last, const char *want) {
    said[0] = '\0';
    assert_ok(ctx, fqp_follow_look(f, last));
    assert_string_equal(said, want);
    assert_int_equal(fqp_ctx_problem_count(ctx), 0);
}

static void look(fqp_follow *f, const char *want) {
    look_as(f, false, want);
}

/* ---- files --------------------------------------------------------------------------------------------------------
 */

/* Files of the tests were written some time ago, each a second after the other, and have settled. */
static void age(const char *path) {
    static long seconds;
    struct timespec when[2];
    clock_gettime(CLOCK_REALTIME, &when[0]);
    when[0].tv_sec += seconds++ - 100000;
    when[1] = when[0];
    assert_int_equal(utimensat(AT_FDCWD, path, when, 0), 0);
}

static void save_shape(const char *name, double value, fqp_dtype type, int ndim, const int64_t *shape) {
    double d[64];
    int32_t i[64];
    for (int k = 0; k < 64; k++) {
        d[k] = value + k;
        i[k] = (int32_t)value + k;
    }
    const char *path = in_room(name);
    assert_ok(ctx, fqp_npy_write(ctx, path, fqp_view_make(type == FQP_F64 ? (void *)d : (void *)i, type, ndim, shape)));
    age(path);
}

static void save(const char *name, double value) {
    save_shape(name, value, FQP_F64, 1, (int64_t[]){N});
}

static void write_bytes(const char *name, const void *bytes, size_t n, bool append) {
    const char *path = in_room(name);
    FILE *f = fopen(path, append ? "ab" : "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
    age(path);
}

static size_t read_bytes(const char *name, char *bytes, size_t most) {
    FILE *f = fopen(in_room(name), "rb");
    assert_non_null(f);
    const size_t n = fread(bytes, 1, most, f);
    fclose(f);
    return n;
}

static void drop(const char *name) {
    assert_int_equal(unlink(in_room(name)), 0);
}

/* ---- a folder -----------------------------------------------------------------------------------------------------
 */

static void frames_come_once_in_the_order_of_steps(void **state) {
    (void)state;
    fqp_follow *f = begin(room);
    look(f, "");
    save("pred_1000.npy", 1);
    save("pred_200.npy", 2);
    save("pred_0030.npy", 3);
    save("x.npy", 0);
    look(f, "frame 30;frame 200;frame 1000;");
    look(f, "");
    save("pred_1001.npy", 4);
    look(f, "frame 1001;");
    fqp_follow_destroy(f);
}

static void a_folder_may_come_later_and_go(void **state) {
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/later", room);
    fqp_follow *f = begin(path);
    look(f, "");
    assert_int_equal(mkdir(path, 0777), 0);
    save("later/pred_1.npy", 1);
    look(f, "frame 1;");
    drop("later/pred_1.npy");
    assert_int_equal(rmdir(path), 0);
    look(f, "");
    assert_int_equal(mkdir(path, 0777), 0);
    save("later/pred_2.npy", 1);
    look(f, "frame 2;");
    fqp_follow_destroy(f);
}

/* Whatever part of a file is there: no frame, no word, no failure. */
static void half_files_are_waited_for(void **state) {
    (void)state;
    char bytes[4096];
    save("whole.bin", 7);
    const size_t n = read_bytes("whole.bin", bytes, sizeof bytes);
    drop("whole.bin");
    fqp_follow *f = begin(room);
    for (size_t part = 0; part < n; part++) {
        write_bytes("pred_5.npy", bytes, part, false);
        look(f, "");
    }
    write_bytes("pred_5.npy", bytes, n, false);
    look(f, "frame 5;");
    assert_near(first_value, 7, 0);
    fqp_follow_destroy(f);
}

static void a_file_that_was_just_written_settles_first(void **state) {
    (void)state;
    double v[N] = {0};
    fqp_follow *f = begin(room);
    assert_ok(ctx, fqp_npy_write(ctx, in_room("pred_1.npy"), fqp_view_make(v, FQP_F64, 1, (int64_t[]){N})));
    look(f, "");
    usleep(300000);
    look(f, "frame 1;");
    fqp_follow_destroy(f);
}

static void a_half_file_holds_later_steps_back_until_the_end(void **state) {
    (void)state;
    char bytes[4096];
    save("pred_10.npy", 1);
    const size_t n = read_bytes("pred_10.npy", bytes, sizeof bytes);
    write_bytes("pred_10.npy", bytes, n - 8, false);
    save("pred_20.npy", 2);
    fqp_follow *f = begin(room);
    look(f, "");
    look_as(f, true,
            "note pred_10.npy: half-written, 160 of 168 bytes are there; it is read when it is whole;frame 20;");
    look_as(f, true, "");
    fqp_follow_destroy(f);
}

static void files_that_vanish_and_come_back_are_no_news(void **state) {
    (void)state;
    fqp_follow *f = begin(room);
    save("pred_1.npy", 1);
    save("pred_2.npy", 2);
    look(f, "frame 1;frame 2;");
    drop("pred_1.npy");
    look(f, "");
    save("pred_1.npy", 1);
    look(f, "");
    drop("pred_1.npy");
    drop("pred_2.npy");
    save("pred_3.npy", 3);
    look(f, "frame 3;");
    fqp_follow_destroy(f);
}

static void other_values_under_a_name_begin_again(void **state) {
    (void)state;
    fqp_follow *f = begin(room);
    save("pred_1.npy", 1);
    save("pred_2.npy", 2);
    save("pred_3.npy", 3);
    look(f, "frame 1;frame 2;frame 3;");
    save("pred_1.npy", 10);
    look(f, "restart;frame 1;");
    look(f, "");
    save("pred_2.npy", 20);
    save("pred_3.npy", 30);
    save("pred_4.npy", 40);
    look(f, "frame 2;frame 3;frame 4;");
    fqp_follow_destroy(f);
}

static void falling_steps_after_a_clean_folder_begin_again(void **state) {
    (void)state;
    fqp_follow *f = begin(room);
    save("pred_100.npy", 1);
    save("pred_200.npy", 2);
    look(f, "frame 100;frame 200;");
    drop("pred_100.npy");
    drop("pred_200.npy");
    look(f, "");
    save("pred_50.npy", 3);
    look(f, "restart;frame 50;");
    fqp_follow_destroy(f);
}

static void a_late_earlier_step_is_named_once_and_left_out(void **state) {
    (void)state;
    fqp_follow *f = begin(room);
    save("pred_100.npy", 1);
    look(f, "frame 100;");
    save("pred_50.npy", 2);
    save("pred_0100.npy", 3);
    look(f, "note pred_50.npy: step 50 came after step 100 was measured; --replace measures all of them anew; left out;"
            "note pred_0100.npy: step 100 is there already; left out;");
    look(f, "");
    fqp_follow_destroy(f);
}

static void foreign_files_are_named_once(void **state) {
    (void)state;
    fqp_follow *f = begin(room);
    write_bytes("model.pt", "x", 1, false);
    look(f, "note model.pt: ignored, since the predictions are pred_*.npy with a step number in the name (--pred);");
    save("pred_last.npy", 1);
    look(f,
         "note pred_last.npy: ignored, since the predictions are pred_*.npy with a step number in the name (--pred);");
    write_bytes(".hidden", "x", 1, false);
    write_bytes("pred_1.npy.tmp", "x", 1, false);
    write_bytes("tmpab12", "x", 1, false);
    look(f, "");
    drop("model.pt");
    look(f, "");
    write_bytes("model.pt", "y", 1, false);
    look(f, "");
    fqp_follow_destroy(f);
}

static void many_foreign_files_are_one_sentence(void **state) {
    (void)state;
    fqp_follow *f = begin(room);
    for (int i = 0; i < 20; i++) {
        char name[32];
        snprintf(name, sizeof name, "log_%d.txt", i);
        write_bytes(name, "x", 1, false);
    }
    assert_ok(ctx, fqp_follow_look(f, false));
    assert_non_null(strstr(said, " and 17 more: ignored"));
    assert_null(strstr(strstr(said, ";") + 1, ";"));
    fqp_follow_destroy(f);
}

static void what_is_no_array_of_numbers_is_refused_by_its_header(void **state) {
    (void)state;
    static const char pickled[] =
        "\x93NUMPY\x01\x00\x46\x00{'descr': '|O', 'fortran_order': False, 'shape': (5,), }    "
        "              \n\x80\x03cposix\nsystem\n";
    fqp_follow *f = begin(room);
    write_bytes("pred_1.npy", pickled, sizeof pickled - 1, false);
    look(
        f,
        "note pred_1.npy: npy header, byte 20: element type '|O': Python objects; save an array of numbers; left out;");
    write_bytes("pred_2.npy", "PK\x03\x04 not an npy file", 20, false);
    look(f, "note pred_2.npy: not an npy file: it does not begin with \\x93NUMPY; left out;");
    save_shape("pred_3.npy", 1, FQP_F64, 2, (int64_t[]){3, 2});
    look(f, "note pred_3.npy: shape (3, 2) differs from the targets' (5, 1); left out;");
    save_shape("pred_4.npy", 9, FQP_I32, 2, (int64_t[]){N, 1});
    look(f, "frame 4;");
    assert_near(first_value, 9, 0);
    save("pred_2.npy", 2); /* mended, but late by now */
    look(f, "note pred_2.npy: step 2 came after step 4 was measured; --replace measures all of them anew; left out;");
    fqp_follow_destroy(f);
}

static void steps_recorded_before_are_passed_over(void **state) {
    (void)state;
    save("pred_1.npy", 1);
    save("pred_2.npy", 2);
    save("pred_3.npy", 3);
    fqp_follow *f = begin_after(room, NULL, 2);
    look(f, "frame 3;");
    save("pred_1.npy", 7);
    look(f, "restart;frame 1;");
    fqp_follow_destroy(f);
}

static void thousands_of_files(void **state) {
    (void)state;
    fqp_follow *f = begin(room);
    frames = 0;
    for (int i = 0; i < 3000; i++) {
        char name[32];
        snprintf(name, sizeof name, "pred_%d.npy", i);
        save(name, i);
    }
    assert_ok(ctx, fqp_follow_look(f, false));
    assert_int_equal(frames, 3000);
    const long before = fqpi_mem_count(ctx);
    look(f, "");
    assert_true(fqpi_mem_count(ctx) - before < 10000); /* a look at what is known reads nothing */
    fqp_follow_destroy(f);
}

/* ---- one growing file ---------------------------------------------------------------------------------------------
 */

static void bytes_that_grow_are_frames(void **state) {
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/all.npy", room);
    fqp_follow *f = begin(path);
    look(f, "");
    save_shape("all.npy", 1, FQP_F64, 2, (int64_t[]){2, N});
    look(f, "frame 0;frame 1;");
    assert_near(first_value, 1 + N, 0);
    const double more[N] = {4, 5, 6, 7, 8};
    write_bytes("all.npy", more, sizeof more - 3, true);
    look(f, "");
    write_bytes("all.npy", (const char *)more + sizeof more - 3, 3, true);
    look(f, "frame 2;");
    assert_near(first_value, 4, 0);
    save_shape("all.npy", 30, FQP_F64, 2, (int64_t[]){1, N});
    look(f, "restart;frame 0;");
    drop("all.npy");
    look(f, "");
    fqp_follow_destroy(f);
}

static void rows_of_nothing_at_the_end_are_not_written_yet(void **state) {
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/all.npy", room);
    double v[4][N] = {{1}, {0}, {0}, {0}};
    const fqp_view view = fqp_view_make(v, FQP_F64, 3, (int64_t[]){4, N, 1});
    fqp_follow *f = begin(path);
    assert_ok(ctx, fqp_npy_write(ctx, path, view));
    look(f, "frame 0;");
    v[2][4] = 5;
    assert_ok(ctx, fqp_npy_write(ctx, path, view));
    look(f, "frame 1;frame 2;");
    fqp_follow_destroy(f);
}

static void steps_come_from_a_file_that_grows_too(void **state) {
    (void)state;
    char path[128], steps[128];
    snprintf(path, sizeof path, "%s/all.npy", room);
    snprintf(steps, sizeof steps, "%s/steps.npy", room);
    int64_t step[] = {0, 50, 100, 10};
    fqp_follow *f = begin_after(path, steps, -1);
    save_shape("all.npy", 1, FQP_F64, 2, (int64_t[]){4, N});
    look(f, "");
    assert_ok(ctx, fqp_npy_write(ctx, steps, fqp_view_make(step, FQP_I64, 1, (int64_t[]){2})));
    look(f, "frame 0;frame 50;");
    assert_ok(ctx, fqp_npy_write(ctx, steps, fqp_view_make(step, FQP_I64, 1, (int64_t[]){4})));
    look(f, "frame 100;restart;frame 10;");
    fqp_follow_destroy(f);
}

static void a_file_of_another_shape_is_named_once(void **state) {
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/all.npy", room);
    fqp_follow *f = begin(path);
    save_shape("all.npy", 1, FQP_F64, 2, (int64_t[]){4, 3});
    look(f, "note all.npy: shape (4, 3); frames of (5, 1) one after the other are followed;");
    look(f, "");
    fqp_follow_destroy(f);
}

/* ---- memory -------------------------------------------------------------------------------------------------------
 */

static void memory_may_run_out_anywhere(void **state) {
    (void)state;
    save("pred_1.npy", 1);
    save("pred_2.npy", 2);
    write_bytes("notes.txt", "x", 1, false);
    bool through = false;
    for (long n = 0; n < 500 && !through; n++) {
        const fqp_follow_opts o = {.path = room, .n = N, .m = 1, .after = -1};
        fqp_follow *f = NULL;
        fqpi_mem_fail_after(ctx, n);
        fqp_status s = fqp_follow_create(ctx, &o, &teller, &f);
        if (!s)
            s = fqp_follow_look(f, true);
        fqpi_mem_fail_after(ctx, -1);
        assert_true(s == FQP_OK || s == FQP_E_NOMEM);
        through = s == FQP_OK;
        fqp_follow_destroy(f);
        fqp_ctx_problems_clear(ctx);
    }
    assert_true(through);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, enter, leave)
    const struct CMUnitTest tests[] = {T(frames_come_once_in_the_order_of_steps),
                                       T(a_folder_may_come_later_and_go),
                                       T(half_files_are_waited_for),
                                       T(a_file_that_was_just_written_settles_first),
                                       T(a_half_file_holds_later_steps_back_until_the_end),
                                       T(files_that_vanish_and_come_back_are_no_news),
                                       T(other_values_under_a_name_begin_again),
                                       T(falling_steps_after_a_clean_folder_begin_again),
                                       T(a_late_earlier_step_is_named_once_and_left_out),
                                       T(foreign_files_are_named_once),
                                       T(many_foreign_files_are_one_sentence),
                                       T(what_is_no_array_of_numbers_is_refused_by_its_header),
                                       T(steps_recorded_before_are_passed_over),
                                       T(thousands_of_files),
                                       T(bytes_that_grow_are_frames),
                                       T(rows_of_nothing_at_the_end_are_not_written_yet),
                                       T(steps_come_from_a_file_that_grows_too),
                                       T(a_file_of_another_shape_is_named_once),
                                       T(memory_may_run_out_anywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
