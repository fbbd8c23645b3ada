/* Verdicts of run directories: the same as from the arrays, whatever is missing; and the bank of known causes. */
#include "measure/verdict_bank.h"
#include "unit/exp/room.h"

#include <fqp/journal.h>
#include <fqp/verdict.h>

enum { POINTS = 64, HELD = 200, FRAMES = 40 };

static double x[POINTS], y[POINTS], h[POINTS], held_x[HELD], held_y[HELD], g[HELD];

/* Rough, and the same in every run. */
static double noise(int i) {
    return 0.5 * sin(12.9898 * i * i + 78.233 * i);
}

static void points(void) {
    for (int i = 0; i < POINTS; i++) {
        x[i] = -1 + 2.0 * i / POINTS;
        y[i] = sin(M_PI * x[i]) + noise(i);
    }
    for (int i = 0; i < HELD; i++) {
        held_x[i] = -1 + 2.0 * i / HELD;
        held_y[i] = sin(M_PI * held_x[i]);
    }
}

/* The wave first, then the noise of the points; in between it does harm. */
static void look(fqp_journal *j, int64_t step, const double *term) {
    const double wave = 1 - exp(-0.1 * (double)step), rough = 1 - exp(-0.004 * (double)step);
    for (int i = 0; i < POINTS; i++)
        h[i] = wave * sin(M_PI * x[i]) + rough * noise(i);
    for (int i = 0; i < HELD; i++)
        g[i] = wave * sin(M_PI * held_x[i]) + rough * noise(i + 7);
    const fqp_moment m = {.step = step,
                          .seconds = NAN,
                          .loss = NAN,
                          .lr = 0.1,
                          .prediction = fqp_view_1d(h, POINTS),
                          .held = term ? (fqp_view){0} : fqp_view_1d(g, HELD),
                          .term = term};
    works(fqp_journal_observe(j, &m));
}

static fqp_journal *overfitted(const char *name) {
    fqp_journal *j = NULL;
    points();
    const fqp_journal_setup setup = {.dir = in_room(name),
                                     .x = fqp_view_1d(x, POINTS),
                                     .y = fqp_view_1d(y, POINTS),
                                     .held_x = fqp_view_1d(held_x, HELD),
                                     .held_y = fqp_view_1d(held_y, HELD)};
    works(fqp_journal_create(ctx, &setup, &j));
    for (int f = 0; f < FRAMES; f++)
        look(j, 15 * f, NULL);
    return j;
}

static json_t *summary_of(fqp_journal *j) {
    char *text = NULL;
    works(fqp_journal_summary(j, &text));
    json_t *all = json_loads(text, 0, NULL);
    assert_non_null(all);
    free(text);
    return all;
}

static const char *word(const json_t *summary, const char *key) {
    const char *s = json_string_value(json_object_get(json_array_get(json_object_get(summary, "verdict"), 0), key));
    assert_non_null(s);
    return s;
}

static fqp_verdict from_arrays(const fqp_journal *j) {
    int64_t step[FRAMES];
    double loss[FRAMES], lr[FRAMES];
    for (int f = 0; f < FRAMES; f++) {
        const double rough = exp(-0.004 * 15 * f), wave = exp(-0.1 * 15 * f);
        step[f] = 15 * f;
        lr[f] = 0.1;
        loss[f] = 0;
        for (int i = 0; i < POINTS; i++)
            loss[f] += pow(wave * sin(M_PI * x[i]) + rough * noise(i), 2) / POINTS;
    }
    fqp_evidence e = {
        .frames = FRAMES,
        .step = step,
        .loss = loss,
        .lr = lr,
        .element = FQP_F64,
        .train = {.x = fqp_view_2d(x, POINTS, 1), .y = fqp_view_2d(y, POINTS, 1), .last = fqp_view_2d(h, POINTS, 1)},
        .held = {
            .x = fqp_view_2d(held_x, HELD, 1), .y = fqp_view_2d(held_y, HELD, 1), .last = fqp_view_2d(g, HELD, 1)}};
    fqp_array owner[2];
    works(fqp_verdict_bands(ctx, fqp_journal_monitor(j, false), 0, &owner[0], &e.bands));
    works(fqp_verdict_bands(ctx, fqp_journal_monitor(j, true), 0, &owner[1], &e.held_bands));
    fqp_verdict v;
    works(fqp_verdict_judge(ctx, &e, &v));
    fqp_array_free(&owner[0]);
    fqp_array_free(&owner[1]);
    return v;
}

static void directory_and_arrays_agree(void **state) {
    (void)state;
    fqp_journal *j = overfitted("agree");
    json_t *summary = summary_of(j);
    const fqp_verdict v = from_arrays(j);
    assert_string_equal(v.cause, "overfitting");
    assert_string_equal(word(summary, "cause"), v.cause);
    assert_string_equal(word(summary, "sentence"), v.sentence);
    const json_t *one = json_array_get(json_object_get(summary, "verdict"), 0);
    assert_int_equal(json_array_size(json_object_get(one, "evidence")), v.nlines);
    assert_int_equal(json_array_size(json_object_get(one, "next")), v.nnext);
    assert_int_equal(json_array_size(json_object_get(one, "others")), v.nothers);
    json_decref(summary);
    fqp_journal_destroy(j);
}

/* A run that was killed, or whose files somebody took away: the rest speaks. */
static void files_may_be_missing(void **state) {
    (void)state;
    static const char *const files[] = {"final.npy", "held/final.npy", "lr.npy", "held/y.npy", "held/x.npy"};
    fqp_journal *j = overfitted("missing");
    works(fqp_journal_end(j, "done"));
    fqp_journal_destroy(j);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[128];
        snprintf(path, sizeof path, "missing/seed_0001/%s", files[i]);
        assert_int_equal(unlink(in_room(path)), 0);
        works(fqp_summarise(ctx, in_room("missing")));
        json_t *summary = json_load_file(in_room("missing/summary.json"), 0, NULL);
        assert_true(strlen(word(summary, "cause")) > 0 && strlen(word(summary, "sentence")) > 20);
        json_decref(summary);
    }
}

static void terms_are_read(void **state) {
    (void)state;
    static const char *const names[] = {"equation", "boundary"};
    fqp_journal *j = NULL;
    points();
    const fqp_journal_setup setup = {
        .dir = in_room("terms"), .x = fqp_view_1d(x, POINTS), .y = fqp_view_1d(y, POINTS), .nterms = 2, .term = names};
    works(fqp_journal_create(ctx, &setup, &j));
    for (int f = 0; f < 10; f++)
        look(j, f, (const double[]){1000 * exp(-f), 1});
    works(fqp_journal_end(j, "done"));
    fqp_journal_destroy(j);
    json_t *summary = json_load_file(in_room("terms/summary.json"), 0, NULL);
    assert_string_equal(word(summary, "cause"), "loss imbalance");
    assert_non_null(strstr(word(summary, "sentence"), "\"boundary\""));
    json_decref(summary);
    put_file("terms/seed_0001/terms.json", "[1, 2]"); /* no names: done without */
    works(fqp_summarise(ctx, in_room("terms")));
    summary = json_load_file(in_room("terms/summary.json"), 0, NULL);
    assert_string_not_equal(word(summary, "cause"), "loss imbalance");
    json_decref(summary);
}

/* ---- the bank -------------------------------------------------------------------------------------------------- */

static void every_case_is_a_configuration(void **state) {
    (void)state;
    for (size_t c = 0; fqpi_known_cause(c); c++)
        for (size_t i = 0; i < FQPI_KNOWN_RUNS; i++) {
            fqpi_known_case part[2];
            for (int p = 0; p < 2; p++) {
                fqp_config *config = NULL;
                works(fqpi_known_make(ctx, p, c, i, &part[p]));
                works(fqp_config_parse(ctx, "case", part[p].yaml.s, 0, NULL, &config));
                fqp_config_destroy(config);
            }
            assert_string_not_equal(part[0].yaml.s, part[1].yaml.s);
            fqpi_text_free(&part[0].yaml);
            fqpi_text_free(&part[1].yaml);
        }
}

/* A second order method on few points takes a hundredth of a second. */
static void a_case_is_trained_and_judged(void **state) {
    (void)state;
    enum { HEALTHY = FQPI_KNOWN_CAUSES - 1, LM = 2 };
    fqp_verdict v[2];
    for (int k = 0; k < 2; k++) {
        fqpi_known_case c;
        fqpi_known_run *run = NULL;
        works(fqpi_known_make(ctx, 0, HEALTHY, LM, &c));
        works(fqpi_known_train(ctx, &c, 3, &run));
        works(fqp_verdict_judge(ctx, fqpi_known_evidence(run), &v[k]));
        fqpi_known_release(run);
        fqpi_text_free(&c.yaml);
    }
    assert_string_equal(v[0].cause, "healthy");
    assert_string_equal(v[0].sentence, v[1].sentence);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(directory_and_arrays_agree, enter, leave),
        cmocka_unit_test_setup_teardown(files_may_be_missing, enter, leave),
        cmocka_unit_test_setup_teardown(terms_are_read, enter, leave),
        cmocka_unit_test_setup_teardown(every_case_is_a_configuration, enter, leave),
        cmocka_unit_test_setup_teardown(a_case_is_trained_and_judged, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
