/* Comparisons: the ranking and its intervals against numbers worked out by hand, and a whole small comparison. */
#include "compare_i.h"
#include "unit/exp/room.h"

/* A remedy with an error for each seed; NaN: not there yet, negative: diverged. */
static json_t *entry(const char *name, size_t n, const double *e) {
    json_t *runs = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(runs, isnan(e[i]) ? json_object()
                                    : e[i] < 0
                                        ? json_pack("{s:s}", "status", "diverged")
                                        : json_pack("{s:s, s:f, s:f, s:{s:s, s:[f, f], s:[f, f]}}", "status", "done",
                                                    "error", e[i], "steps", 10.0 * (double)(i + 1), "bands", "unit",
                                                    "cycles", "share", 0.7, 0.3, "error", e[i], 4 * e[i]));
    return json_pack("{s:s, s:o}", "name", name, "runs", runs);
}

static double real(const json_t *j, const char *key) {
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static const char *word(const json_t *j, const char *key) {
    return json_string_value(json_object_get(j, key));
}

static void remedies_are_ranked_with_intervals(void **state) {
    (void)state;
    const double bad[] = {-1, 1e-9, -1}, worse[] = {0.1, 0.4, 0.2}, best[] = {0.01, 0.02, 0.01},
                 tie[] = {0.02, 0.01, 0.013};
    json_t *root =
        json_pack("{s:s, s:{s:i}, s:[o, o, o, o]}", "title", "t", "plan", "seeds", 3, "remedies", entry("bad", 3, bad),
                  entry("worse", 3, worse), entry("best", 3, best), entry("tie", 3, tie));
    works(fqpi_contest_rank(ctx, root));
    const json_t *list = json_object_get(root, "remedies"), *first = json_array_get(list, 0),
                 *second = json_array_get(list, 1), *third = json_array_get(list, 2);
    static const char *const names[] = {"best", "tie", "worse", "bad"}, *const verdicts[] = {"best", "tie", "worse",
                                                                                             "failed"};
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(word(json_array_get(list, i), "name"), names[i]);
        assert_string_equal(word(json_array_get(list, i), "verdict"), verdicts[i]);
        assert_int_equal(real(json_array_get(list, i), "rank"), i + 1);
    }
    assert_true(fabs(real(first, "error") - 0.01) < 1e-12);
    assert_true(real(first, "steps") == 20);
    assert_true(fabs(real(third, "ratio") - 20) < 1e-9); /* 10, 20, 20 */
    assert_true(fabs(real(third, "ratio_low") - 10) < 1e-9 && fabs(real(third, "ratio_high") - 20) < 1e-9);
    assert_true(fabs(real(second, "ratio") - 1.3) < 1e-9); /* 2, 0.5, 1.3 */
    assert_true(fabs(real(second, "ratio_low") - 0.5) < 1e-9 && fabs(real(second, "ratio_high") - 2) < 1e-9);
    assert_true(fabs(real(third, "coverage") - 0.75) < 1e-12);
    const json_t *bands = json_object_get(third, "bands");
    assert_true(fabs(json_number_value(json_array_get(bands, 1)) - 4 * 0.2) < 1e-12);
    assert_string_equal(word(json_object_get(root, "bands"), "unit"), "cycles");
    assert_non_null(strstr(word(root, "sentence"), "best comes out best"));
    assert_non_null(strstr(word(root, "sentence"), "which is a tie"));
    json_decref(root);
}

/* The interval leaves out as many ratios on both sides as 95 % allow: Conover, table of the binomial distribution. */
static void intervals_hold_what_they_say(void **state) {
    (void)state;
    static const struct {
        int n, j;
        double coverage;
    } rows[] = {{2, 1, 0.5}, {5, 1, 0.9375}, {6, 1, 0.96875}, {9, 2, 0.9609375}, {12, 3, 0.961425781}};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        double ones[16], others[16];
        for (int i = 0; i < rows[r].n; i++) {
            ones[i] = 1e-3;
            others[i] = 1e-3 * (2 + i);
        }
        json_t *root = json_pack("{s:s, s:{s:i}, s:[o, o]}", "title", "t", "plan", "seeds", rows[r].n, "remedies",
                                 entry("a", (size_t)rows[r].n, ones), entry("b", (size_t)rows[r].n, others));
        works(fqpi_contest_rank(ctx, root));
        const json_t *b = json_array_get(json_object_get(root, "remedies"), 1);
        assert_true(fabs(real(b, "coverage") - rows[r].coverage) < 1e-9);
        assert_true(fabs(real(b, "ratio_low") - (1 + rows[r].j)) < 1e-9);
        assert_true(fabs(real(b, "ratio_high") - (2 + rows[r].n - rows[r].j)) < 1e-9);
        json_decref(root);
    }
}

/* One seed says nothing about chance, and a run that is not there yet is not held against anybody. */
static void one_seed_is_not_judged(void **state) {
    (void)state;
    const double a[] = {0.3}, b[] = {0.1}, none[] = {NAN};
    json_t *root = json_pack("{s:s, s:{s:i}, s:[o, o, o]}", "title", "t", "plan", "seeds", 1, "remedies",
                             entry("none", 1, none), entry("a", 1, a), entry("b", 1, b));
    works(fqpi_contest_rank(ctx, root));
    const json_t *list = json_object_get(root, "remedies");
    assert_string_equal(word(json_array_get(list, 0), "name"), "b");
    assert_string_equal(word(json_array_get(list, 1), "verdict"), "not judged");
    assert_true(fabs(real(json_array_get(list, 1), "ratio") - 3) < 1e-12);
    assert_true(isnan(real(json_array_get(list, 1), "ratio_low")));
    assert_string_equal(word(json_array_get(list, 2), "name"), "none");
    json_decref(root);
}

static json_t *load(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", room, name);
    json_t *j = json_load_file(path, 0, NULL);
    assert_non_null(j);
    return j;
}

/* A remedy that cannot be used with the user's settings is noted, and the others are compared. */
static void failures_do_not_end_a_comparison(void **state) {
    (void)state;
    static const char *const names[] = {"plain", "gauss_newton", "sobolev"}, *const set[] = {"train.loss=mae"};
    fqp_config *base = configured("data: {target: [\"sin(5*x)\"], lower: [-1], upper: [1], n: [30], test_n: [41]}\n"
                                  "monitor: {on: test}\n");
    char dir[128];
    snprintf(dir, sizeof dir, "%s/contest", room);
    const fqp_compare_request q = {.dir = dir,
                                   .remedies = names,
                                   .nremedies = 3,
                                   .parameters = 300,
                                   .steps = 5,
                                   .seeds = 2,
                                   .set = set,
                                   .nset = 1,
                                   .command = "test"};
    works(fqp_compare(ctx, base, &q));
    json_t *j = load("contest/compare.json");
    const json_t *list = json_object_get(j, "remedies"), *last = json_array_get(list, 2);
    assert_int_equal(json_array_size(list), 3);
    assert_string_equal(word(last, "name"), "gauss_newton");
    assert_string_equal(word(last, "verdict"), "failed");
    assert_non_null(strstr(word(json_array_get(json_object_get(last, "runs"), 0), "message"), "mae is"));
    assert_string_equal(word(json_object_get(j, "picture"), "kind"), "line");
    json_t *fit = load("contest/runs/plain-2/fit.json");
    const json_t *test = json_object_get(fit, "test");
    assert_int_equal(real(test, "points"), 41);
    assert_true(fabs(real(test, "snr") + 20 * log10(real(test, "relative_l2"))) < 1e-9);
    assert_int_equal(real(fit, "seed"), 2);
    json_decref(fit);
    json_decref(j);
    fqp_config_destroy(base);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remedies_are_ranked_with_intervals),
        cmocka_unit_test(intervals_hold_what_they_say),
        cmocka_unit_test(one_seed_is_not_judged),
        cmocka_unit_test(failures_do_not_end_a_comparison),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
