/* test_os.c - whole files, directories, and refusals of the system in words. */
#include "unit/io/scratch.h"

#include "os.h"
#include <errno.h>
#include <fcntl.h>

static void replacing_is_all_or_nothing(void **state) {
    scratch *t = *state;
    char got[64];
    assert_ok(t->ctx, fqpi_os_replace(t->ctx, "a", "head", 4, "body", 4));
    assert_int_equal(scratch_read("a", got, sizeof got), 8);
    assert_memory_equal(got, "headbody", 8);
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_refused(t->ctx, fqpi_os_replace(t->ctx, "folder", "x", 1, NULL, 0), FQP_E_IO,
                   "folder: cannot write: Is a directory");
    assert_refused(t->ctx, fqpi_os_replace(t->ctx, "/dev/full", "x", 1, NULL, 0), FQP_E_IO,
                   "/dev/full: cannot write: No space left on device");
    assert_ok(t->ctx, fqpi_os_replace(t->ctx, "/dev/null", "x", 1, NULL, 0));
    assert_int_equal(system("test -c /dev/null && test \"$(ls -A | tr '\\n' ' ')\" = 'a folder '"), 0);
}

static void a_leftover_of_a_killed_process_is_passed_over(void **state) {
    scratch *t = *state;
    char name[64];
    snprintf(name, sizeof name, "a.tmp-%ld-0", (long)getpid());
    scratch_write(name, "half", 4);
    assert_ok(t->ctx, fqpi_os_replace(t->ctx, "a", "x", 1, NULL, 0));
    assert_int_equal(scratch_size("a"), 1);
    assert_int_equal(scratch_size(name), 4);
}

static void new_files_obey_the_umask(void **state) {
    scratch *t = *state;
    struct stat st;
    mode_t before = umask(027);
    assert_ok(t->ctx, fqpi_os_replace(t->ctx, "a", "x", 1, NULL, 0));
    umask(before);
    assert_int_equal(stat("a", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
}

static void directories_are_made_with_those_above(void **state) {
    scratch *t = *state;
    char path[128];
    assert_ok(t->ctx, fqpi_os_mkdirs(t->ctx, "a/b//c/"));
    assert_ok(t->ctx, fqpi_os_mkdirs(t->ctx, "a/b/c"));
    assert_ok(t->ctx, fqpi_os_mkdirs(t->ctx, "."));
    assert_ok(t->ctx, fqpi_os_mkparents(t->ctx, "a/d/e/file"));
    assert_ok(t->ctx, fqpi_os_mkparents(t->ctx, "file"));
    assert_ok(t->ctx, fqpi_os_mkparents(t->ctx, "/file"));
    snprintf(path, sizeof path, "%s/x/y", t->dir);
    assert_ok(t->ctx, fqpi_os_mkdirs(t->ctx, path));
    assert_int_equal(system("test -d a/b/c -a -d a/d/e -a ! -e a/d/e/file -a -d x/y"), 0);
    scratch_write("a/file", "", 0);
    assert_refused(t->ctx, fqpi_os_mkdirs(t->ctx, "a/file/b"), FQP_E_IO,
                   "a/file: cannot make directory: Not a directory");
    assert_refused(t->ctx, fqpi_os_mkdirs(t->ctx, "/proc/fqp/x"), FQP_E_IO,
                   "/proc/fqp: cannot make directory: No such file or directory");
}

static void reading_and_writing_at_offsets(void **state) {
    (void)state;
    char got[16] = "";
    int fd = fqpi_os_open("f", O_RDWR | O_CREAT);
    assert_true(fd >= 0);
    assert_true(fqpi_os_write(fd, "0123456789", 10, 0));
    assert_true(fqpi_os_write(fd, "ab", 2, 4));
    assert_int_equal(fqpi_os_read(fd, got, 16, 2), 8);
    assert_memory_equal(got, "23ab6789", 8);
    assert_int_equal(fqpi_os_read(fd, got, 16, 10), 0);
    close(fd);
    assert_int_equal(fqpi_os_read(fd, got, 1, 0), -1);
    assert_false(fqpi_os_write(fd, got, 1, 0));
    assert_int_equal(fqpi_os_open("no/such", O_RDONLY), -1);
}

static void reasons_are_the_system_s(void **state) {
    scratch *t = *state;
    errno = EACCES;
    assert_refused(t->ctx, (errno = EACCES, fqpi_os_fail(t->ctx, "a/b", "open")), FQP_E_IO,
                   "a/b: cannot open: Permission denied");
    assert_refused(t->ctx, fqpi_data_fail(t->ctx, "a", "byte %d is %s", 3, "odd"), FQP_E_DATA, "a: byte 3 is odd");
    assert_int_equal(fqpi_os_fail(NULL, "a", "open"), FQP_E_IO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        scratch_test(replacing_is_all_or_nothing),    scratch_test(a_leftover_of_a_killed_process_is_passed_over),
        scratch_test(new_files_obey_the_umask),       scratch_test(directories_are_made_with_those_above),
        scratch_test(reading_and_writing_at_offsets), scratch_test(reasons_are_the_system_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
