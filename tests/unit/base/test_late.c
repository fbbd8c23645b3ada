/* test_late.c - libraries opened when needed: the first file that has everything, by many threads at once, and what is
 * said when there is none. */
#include "late.h"
#include "support.h"

#include <pthread.h>
#include <stdlib.h>

static double (*cosine)(double);
static void (*nonsense)(void);

static const fqpi_late_symbol both[] = {
    {.name = "cos", .place = &cosine},
    {.name = "fqp_no_such_function", .place = &nonsense},
};
static const fqpi_late_symbol optional[] = {
    {.name = "cos", .place = &cosine},
    {.name = "fqp_no_such_function", .place = &nonsense, .optional = true},
};

static void the_first_that_has_everything_is_taken(void **state) {
    (void)state;
    fqpi_late row = {.name = "libm",
                     .package = "libc6",
                     .file = {"libnone.so.1", "libz.so.1", "libm.so.6"},
                     .symbol = optional,
                     .symbols = 2};
    cosine = NULL;
    nonsense = abort;
    assert_int_equal(fqpi_late_open(NULL, &row, NULL, "tests need"), FQP_OK);
    assert_near(cosine(1), cos(1), 0);
    assert_null(nonsense);
}

static void what_is_missing_is_told(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    fqpi_late row = {
        .name = "libm", .package = "libc6", .file = {"libnone.so.1", "libz.so.1"}, .symbol = both, .symbols = 2};
    const char *absent =
        "a.conf: tests need libm, which cannot be loaded: libnone.so.1: cannot open shared object file: "
        "No such file or directory\n    install libc6 (Debian, Ubuntu)";
    fqp_origin at = {.source = "a.conf"};
    assert_refused(ctx, fqpi_late_open(ctx, &row, &at, "tests need"), FQP_E_UNSUPPORTED, absent);
    assert_refused(ctx, fqpi_late_open(ctx, &row, &at, "tests need"), FQP_E_UNSUPPORTED, absent); /* asked again */
    fqpi_late_pretend(&row, "libm.so.6");
    assert_int_equal(fqpi_late_open(ctx, &row, NULL, "tests need"), FQP_E_UNSUPPORTED);
    const char *said = fqp_ctx_problem(ctx, fqp_ctx_problem_count(ctx) - 1).message;
    assert_non_null(strstr(said, "undefined symbol: fqp_no_such_function"));
    fqp_ctx_destroy(ctx);
}

static fqpi_late shared = {.name = "libm", .package = "libc6", .file = {"libm.so.6"}, .symbol = optional, .symbols = 2};

static void *open_and_call(void *result) {
    fqp_status s = fqpi_late_open(NULL, &shared, NULL, "tests need");
    *(double *)result = s == FQP_OK ? cosine(2) : NAN;
    return NULL;
}

static void threads_open_together(void **state) {
    (void)state;
    enum { THREADS = 8, ROUNDS = 50 };
    for (int r = 0; r < ROUNDS; r++) {
        pthread_t thread[THREADS];
        double result[THREADS];
        fqpi_late_pretend(&shared, NULL);
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&thread[i], NULL, open_and_call, &result[i]), 0);
        for (int i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_join(thread[i], NULL), 0);
            assert_near(result[i], cos(2), 0);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_that_has_everything_is_taken),
        cmocka_unit_test(what_is_missing_is_told),
        cmocka_unit_test(threads_open_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
