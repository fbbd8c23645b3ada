/* test_bad_arrays.c - every broken file of tests/bad/arrays is refused with the message that expected.txt gives it.
 *
 * A line of expected.txt: the message as fqp_problem_text shows it, which begins with the file name. */
#include "support.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include <fqp/array.h>

#define FOLDER FQP_SOURCE_DIR "/tests/bad/arrays"

static bool is_case(const char *name) {
    return name[0] != '.' && strcmp(name, "make.py") != 0 && strcmp(name, "expected.txt") != 0;
}

static size_t count_files(void) {
    DIR *d = opendir(".");
    assert_non_null(d);
    size_t n = 0;
    for (struct dirent *e; (e = readdir(d));)
        n += is_case(e->d_name);
    closedir(d);
    return n;
}

/* The message that reading `name` gives; what is left in *out must be untouched. */
static void refusal(fqp_ctx *ctx, const char *name, char line[2048]) {
    fqp_array a = {.ndim = 77};
    fqp_ctx_problems_clear(ctx);
    fqp_status s = fqp_array_read(ctx, name, &a);
    assert_int_equal(a.ndim, 77);
    if (s != FQP_E_DATA)
        fail_msg("%s: answered %s, not FQP_E_DATA", name, fqp_status_name(s));
    assert_int_equal(fqp_ctx_problem_count(ctx), 1);
    fqp_problem p = fqp_ctx_problem(ctx, 0);
    fqp_problem_text(&p, line, 2048);
}

static void each_broken_file_has_its_message(void **state) {
    (void)state;
    fqp_ctx *ctx;
    char want[2048], got[2048], name[256];
    size_t cases = 0, wrong = 0;
    assert_int_equal(chdir(FOLDER), 0);
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx), FQP_OK);
    FILE *f = fopen("expected.txt", "r");
    assert_non_null(f);
    while (fgets(want, sizeof want, f)) {
        want[strcspn(want, "\n")] = '\0';
        snprintf(name, sizeof name, "%.*s", (int)strcspn(want, ":"), want);
        refusal(ctx, name, got);
        if (strcmp(got, want) != 0)
            print_error("want: %s\n got: %s\n", want, got), wrong++;
        cases++;
    }
    fclose(f);
    fqp_ctx_destroy(ctx);
    assert_int_equal(wrong, 0);
    assert_int_equal(cases, count_files());
    assert_true(cases >= 60);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_broken_file_has_its_message)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
