/* Problems, statuses, nearest spelling, progress. */
#include "fail.h"
#include "support.h"

static void problems_are_gathered_in_order(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    char name[] = "a.yaml";
    fqp_origin at = {name, 3, 7};
    assert_int_equal(fqpi_fail(ctx, FQP_E_CONFIG, &at, "key %d", 1), FQP_E_CONFIG);
    name[0] = 'z'; /* the context keeps its own copy */
    for (int i = 0; i < 40; i++)
        fqpi_fail(ctx, FQP_E_DATA, NULL, "problem %d", i);
    assert_int_equal(fqp_ctx_problem_count(ctx), 41);
    fqp_problem p = fqp_ctx_problem(ctx, 0);
    char text[64];
    assert_int_equal(fqp_problem_text(&p, text, sizeof text), 17);
    assert_string_equal(text, "a.yaml:3:7: key 1");
    p = fqp_ctx_problem(ctx, 40);
    fqp_problem_text(&p, text, sizeof text);
    assert_string_equal(text, "problem 39");
    assert_string_equal(fqp_ctx_problem(ctx, 41).message, "");
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqp_ctx_problem_count(ctx), 0);
    fqp_ctx_destroy(ctx);
}

static void every_status_has_a_name_and_an_exit_code(void **state) {
    (void)state;
    for (int s = FQP_OK; s <= FQP_E_INTERNAL; s++) {
        assert_true(strncmp(fqp_status_name((fqp_status)s), "FQP_", 4) == 0);
        int code = fqp_status_exit((fqp_status)s);
        assert_true(code == 130 || (code >= 0 && code <= 4));
        assert_int_equal(code == 0, s == FQP_OK);
    }
    assert_string_equal(fqp_status_name((fqp_status)999), "unknown status");
}

static void the_nearest_spelling_is_found(void **state) {
    (void)state;
    const char *known[] = {"tanh", "relu", "softplus", "sin"};
    assert_string_equal(fqpi_nearest("tahn", known, 4), "tanh");
    const char *alike[] = {"tan", "tanh"};
    assert_string_equal(fqpi_nearest("tahn", alike, 2), "tanh");
    assert_string_equal(fqpi_nearest("softpuls", known, 4), "softplus");
    assert_string_equal(fqpi_nearest("RELU", known, 4), "relu");
    assert_null(fqpi_nearest("quadratic", known, 4));
    assert_null(fqpi_nearest("xyz", known, 4));
}

static void count_report(void *user, const fqp_progress *p) {
    int *n = user;
    (*n)++;
    assert_string_equal(p->unit, "steps");
}

static void progress_is_throttled_but_shows_the_end(void **state) {
    (void)state;
    int n = 0;
    fqp_ctx *ctx;
    fqp_ctx_opts opts = {.progress = count_report, .user = &n};
    assert_int_equal(fqp_ctx_create(&opts, &ctx), FQP_OK);
    fqpi_progress p;
    fqpi_progress_begin(&p, ctx, "train", "steps", 1000);
    for (int i = 0; i <= 1000; i++)
        fqpi_progress_report(&p, i, NULL);
    assert_in_range(n, 2, 20);
    fqp_ctx_destroy(ctx);
}

static void contexts_refuse_nonsense(void **state) {
    (void)state;
    fqp_ctx *ctx = NULL;
    assert_int_equal(fqp_ctx_create(NULL, NULL), FQP_E_ARG);
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = -1}, &ctx), FQP_E_ARG);
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.kernel = "a very long kernel name"}, &ctx), FQP_E_ARG);
    assert_null(ctx);
    fqp_ctx_destroy(NULL);
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    assert_false(fqp_ctx_interrupted(ctx));
    fqp_ctx_interrupt(ctx);
    assert_true(fqp_ctx_interrupted(ctx));
    fqp_ctx_interrupt_clear(ctx);
    assert_false(fqp_ctx_interrupted(ctx));
    assert_true(fqp_ctx_threads(ctx) >= 1);
    assert_true(strlen(fqp_version()) >= 5 && strlen(fqp_build_info()) > 5);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems_are_gathered_in_order), cmocka_unit_test(every_status_has_a_name_and_an_exit_code),
        cmocka_unit_test(the_nearest_spelling_is_found),  cmocka_unit_test(progress_is_throttled_but_shows_the_end),
        cmocka_unit_test(contexts_refuse_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
