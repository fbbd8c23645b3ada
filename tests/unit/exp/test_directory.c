/* Run directories: what is removed, what is kept, what is refused; and problems carried over a clean-up. */
#include "unit/exp/room.h"

static bool there(const char *name) {
    struct stat st;
    return stat(in_room(name), &st) == 0;
}

static const char *const config_text = "run: {seeds: 1}\n"
                                       "data: {source: expr, target: [\"sin(x)\"], lower: [-3], upper: [3], n: [33]}\n"
                                       "model: {hidden: [8]}\n"
                                       "train: {steps: 20, lr: 1e-2}\n"
                                       "monitor: {record: \"every:5\"}\n";

static fqp_status run_into(const char *name, const char *set, bool resume, bool replace) {
    fqp_config *c = NULL;
    works(fqp_config_parse(ctx, "test", config_text, set ? 1 : 0, &set, &c));
    const fqp_run_request q = {.dir = in_room(name), .resume = resume, .replace = replace, .command = "test"};
    const fqp_status s = fqp_run(ctx, c, &q);
    fqp_config_destroy(c);
    return s;
}

static void replaces_its_own_files_only(void **state) {
    (void)state;
    works(run_into("r", NULL, false, false));
    put_file("r/notes.txt", "mine");
    put_file("r/seed_0001/notes.txt", "mine");
    assert_int_equal(run_into("r", NULL, false, false), FQP_E_ARG); /* holds a run already */
    works(run_into("r", NULL, false, true));
    assert_true(there("r/notes.txt") && there("r/seed_0001/notes.txt") && there("r/summary.json"));
}

static void resumes_with_its_own_settings(void **state) {
    (void)state;
    works(run_into("s", NULL, false, false));
    assert_int_equal(run_into("s", "train.lr=0.5", true, false), FQP_E_CONFIG);
    assert_non_null(strstr(said(), "train.lr: 0.5, but the run that is to be resumed has 0.01"));
    works(run_into("s", "train.steps=40", true, false)); /* longer is the same run */
    fqp_array step = {0};
    works(fqp_npy_read(ctx, in_room("s/seed_0001/step.npy"), &step));
    assert_int_equal(step.shape[0], 9);
    assert_int_equal(((int64_t *)step.data)[8], 40);
    fqp_array_free(&step);
}

static void leaves_no_trace_of_a_mistake(void **state) {
    (void)state;
    assert_int_equal(run_into("t", "monitor.on=test", false, false), FQP_E_CONFIG);
    assert_false(there("t"));
    put_file("q.txt", "a file");
    assert_int_equal(run_into("q.txt", NULL, false, false), FQP_E_IO);
}

static void keeps_problems(void **state) {
    (void)state;
    fqp_ctx_problems_clear(ctx);
    const fqp_origin o = {.source = "a.yaml", .line = 3, .column = 4};
    fqpi_fail(ctx, FQP_E_CONFIG, &o, "first");
    fqpi_kept kept = fqpi_keep(ctx, FQP_E_CONFIG);
    assert_int_equal(fqp_ctx_problem_count(ctx), 0);
    fqpi_fail(ctx, FQP_E_IO, NULL, "second");
    fqpi_keep_more(ctx, FQP_E_IO, &kept);
    assert_string_equal(fqpi_kept_first(&kept), "first");
    assert_int_equal(fqpi_restore(ctx, &kept), FQP_E_CONFIG);
    assert_string_equal(said(), "a.yaml:3:4: first\nsecond\n");
    assert_int_equal(fqp_ctx_problem(ctx, 1).status, FQP_E_IO);
}

/* Threads and repetition change nothing; seconds do. */
static void same_bits(void **state) {
    (void)state;
    works(run_into("u", NULL, false, false));
    works(run_into("v", NULL, false, false));
    fqp_array a = {0}, b = {0};
    works(fqp_npy_read(ctx, in_room("u/seed_0001/dft/error.npy"), &a));
    works(fqp_npy_read(ctx, in_room("v/seed_0001/dft/error.npy"), &b));
    assert_memory_equal(a.data, b.data, (size_t)fqp_view_count(fqp_array_view(&a)) * 8);
    fqp_array_free(&a);
    fqp_array_free(&b);
}

static void summarises_again(void **state) {
    (void)state;
    works(run_into("w", NULL, false, false));
    char *before = NULL, *after = NULL;
    fqp_store *s = NULL;
    works(fqp_store_open(ctx, in_room("w"), FQP_STORE_READ, &s));
    works(fqp_store_get_text(s, "summary.json", &before));
    fqp_store_close(s);
    remove(in_room("w/summary.json"));
    works(fqp_summarise(ctx, in_room("w")));
    works(fqp_store_open(ctx, in_room("w"), FQP_STORE_READ, &s));
    works(fqp_store_get_text(s, "summary.json", &after));
    fqp_store_close(s);
    assert_string_equal(before, after);
    free(before);
    free(after);
    assert_int_equal(fqp_summarise(ctx, in_room("nowhere")), FQP_E_IO);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(replaces_its_own_files_only),
                                       cmocka_unit_test(resumes_with_its_own_settings),
                                       cmocka_unit_test(leaves_no_trace_of_a_mistake),
                                       cmocka_unit_test(keeps_problems),
                                       cmocka_unit_test(same_bits),
                                       cmocka_unit_test(summarises_again)};
    return cmocka_run_group_tests(tests, enter, leave);
}
