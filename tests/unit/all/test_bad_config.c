/* tests/bad/config: one broken configuration a file, with overrides in <name>.set (one a line) where they belong to it,
 * and the exact messages in <name>.expected.  The real key tables are used, so that messages name real keys.
 *
 * FQP_WRITE_EXPECTED=1 writes the .expected files instead of comparing; read the difference before you keep it. */
#include <fqp/config.h>

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST_SETS = 16, MOST_BYTES = 1 << 16 };

static char *whole_file(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *text = calloc(MOST_BYTES, 1);
    size_t n = fread(text, 1, MOST_BYTES - 1, f);
    assert_true(n < MOST_BYTES - 1);
    fclose(f);
    return text;
}

static size_t lines_of(char *text, const char **line) {
    size_t n = 0;
    for (char *p = text, *end; p && (end = strchr(p, '\n')) != NULL && n < MOST_SETS; p = end + 1) {
        *end = '\0';
        line[n++] = p;
    }
    return n;
}

/* What a user reads for <name>.yaml and its overrides. */
static char *messages(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s.set", name);
    char *sets = whole_file(path);
    const char *set[MOST_SETS];
    size_t nset = lines_of(sets, set);
    snprintf(path, sizeof path, "%s.yaml", name);
    fqp_ctx *ctx = NULL;
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx), FQP_OK);
    fqp_config *c = NULL;
    fqp_status status = fqp_config_load(ctx, path, nset, set, &c);
    if (status != FQP_E_CONFIG)
        fail_msg("%s: %s", name, fqp_status_name(status));
    char *said = calloc(MOST_BYTES, 1);
    size_t at = 0;
    for (size_t i = 0; i < fqp_ctx_problem_count(ctx); i++) {
        fqp_problem p = fqp_ctx_problem(ctx, i);
        at += fqp_problem_text(&p, said + at, MOST_BYTES - at);
        assert_true(at + 2 < MOST_BYTES);
        said[at++] = '\n';
    }
    fqp_ctx_destroy(ctx);
    free(sets);
    return said;
}

static void check(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s.expected", name);
    char *said = messages(name);
    if (getenv("FQP_WRITE_EXPECTED")) {
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        fputs(said, f);
        fclose(f);
    }
    char *expected = whole_file(path);
    if (!expected)
        fail_msg("%s is missing; %s.yaml says:\n%s", path, name, said);
    if (strcmp(said, expected) != 0)
        fail_msg("%s.yaml says:\n%sinstead of:\n%s", name, said, expected);
    free(said);
    free(expected);
}

static void every_file(void **state) {
    (void)state;
    assert_int_equal(chdir(FQP_SOURCE_DIR "/tests/bad/config"), 0);
    DIR *dir = opendir(".");
    assert_non_null(dir);
    size_t count = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char name[300];
        const char *dot = strrchr(e->d_name, '.');
        if (!dot || strcmp(dot, ".yaml") != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(dot - e->d_name), e->d_name);
        check(name);
        count++;
    }
    closedir(dir);
    assert_true(count >= 60);
}

/* Arguments of the public doors themselves. */
static void doors(void **state) {
    (void)state;
    fqp_ctx *ctx = NULL;
    fqp_config *c = NULL;
    const char *none[] = {NULL};
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    assert_int_equal(fqp_config_parse(NULL, "a", "", 0, NULL, &c), FQP_E_ARG);
    assert_int_equal(fqp_config_parse(ctx, "a", NULL, 0, NULL, &c), FQP_E_ARG);
    assert_int_equal(fqp_config_parse(ctx, "a", "", 1, NULL, &c), FQP_E_ARG);
    assert_int_equal(fqp_config_parse(ctx, "a", "", 1, none, &c), FQP_E_ARG);
    assert_int_equal(fqp_config_parse(ctx, "a", "", 0, NULL, NULL), FQP_E_ARG);
    assert_int_equal(fqp_config_load(NULL, "a", 0, NULL, &c), FQP_E_ARG);
    assert_int_equal(fqp_config_load(ctx, NULL, 0, NULL, &c), FQP_E_ARG);
    assert_int_equal(fqp_config_load(ctx, "/nonexistent.yaml", 0, NULL, &c), FQP_E_IO);
    assert_int_equal(fqp_ctx_problem_count(ctx), 1); /* earlier problems are gone */
    assert_null(c);
    assert_int_equal(fqp_config_parse(ctx, NULL, "train: {lr: 0.5}", 0, NULL, &c), FQP_OK);
    assert_string_equal(fqp_config_origin(c, "train.lr").source, "text");
    fqp_config_destroy(c);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_file), cmocka_unit_test(doors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
