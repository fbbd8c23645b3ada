/* A journal: frames as they come, what cannot be used, held-out points, going on, and the same bits as fqp_analyze. */
#include "unit/exp/room.h"

#include <fqp/journal.h>
#include <sys/stat.h>

enum { POINTS = 40, FRAMES = 12 };

static double x[POINTS], y[POINTS], held_x[POINTS], held_y[POINTS];

static double target(double t) {
    return sin(2 * M_PI * t) + 0.5 * sin(2 * M_PI * 5 * t);
}

static void make_points(void) {
    for (int i = 0; i < POINTS; i++) {
        x[i] = (double)i / POINTS;
        held_x[i] = x[i] + 0.3 / POINTS;
        y[i] = target(x[i]);
        held_y[i] = target(held_x[i]);
    }
}

static void predict(const double *at, double t, double *h) {
    for (int i = 0; i < POINTS; i++)
        h[i] = (1 - exp(-t / 20)) * sin(2 * M_PI * at[i]) + (1 - exp(-t / 90)) * 0.5 * sin(2 * M_PI * 5 * at[i]);
}

static fqp_journal_setup with_held(const char *dir) {
    return (fqp_journal_setup){.dir = dir,
                               .x = fqp_view_1d(x, POINTS),
                               .y = fqp_view_1d(y, POINTS),
                               .held_x = fqp_view_1d(held_x, POINTS),
                               .held_y = fqp_view_1d(held_y, POINTS)};
}

static fqp_journal_setup plain(const char *dir) {
    return (fqp_journal_setup){.dir = dir, .x = fqp_view_1d(x, POINTS), .y = fqp_view_1d(y, POINTS)};
}

static fqp_status look(fqp_journal *j, int64_t step, bool held) {
    double h[POINTS], g[POINTS];
    predict(x, (double)step, h);
    predict(held_x, (double)step, g);
    fqp_moment m = {.step = step, .seconds = NAN, .loss = NAN, .lr = NAN, .prediction = fqp_view_1d(h, POINTS)};
    if (held)
        m.held = fqp_view_1d(g, POINTS);
    return fqp_journal_observe(j, &m);
}

/* ---- frames ---------------------------------------------------------------------------------------------------- */

static void frames_become_a_run(void **state) {
    (void)state;
    fqp_journal *j = NULL;
    const fqp_journal_setup setup = with_held(in_room("run"));
    works(fqp_journal_create(ctx, &setup, &j));
    for (int f = 0; f < FRAMES; f++)
        works(look(j, 10 * f, true));
    assert_int_equal(fqp_journal_frames(j), FRAMES);
    char *text = NULL;
    works(fqp_journal_summary(j, &text));
    json_t *summary = json_loads(text, 0, NULL);
    free(text);
    const json_t *probes = json_object_get(summary, "probes");
    assert_int_equal(json_array_size(probes), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(probes, 0), "name")), "dft");
    assert_string_equal(json_string_value(json_object_get(json_array_get(probes, 1), "name")), "held/dft");
    json_decref(summary);
    /* the error of cycle 1 is exp(-t/20), at the held-out points too */
    for (int held = 0; held < 2; held++) {
        fqp_bins b;
        works(fqp_monitor_bins(fqp_journal_monitor(j, held), 0, 4, &b));
        assert_true(fabs(b.error[1] - exp(-2)) < 1e-12);
    }
    works(fqp_journal_end(j, "done"));
    assert_int_equal(look(j, 1000, true), FQP_E_ARG); /* it has ended */
    fqp_ctx_problems_clear(ctx);
    fqp_journal_destroy(j);
}

static void the_same_bits_as_analyze(void **state) {
    (void)state;
    fqp_journal *j = NULL;
    const fqp_journal_setup setup = plain(in_room("live"));
    works(fqp_journal_create(ctx, &setup, &j));
    double all[FRAMES][POINTS];
    for (int f = 0; f < FRAMES; f++) {
        predict(x, f, all[f]);
        works(look(j, f, false));
    }
    fqp_journal_destroy(j);
    char xs[256], ys[256], ps[256], to[256];
    snprintf(xs, sizeof xs, "%s/x.npy", room);
    snprintf(ys, sizeof ys, "%s/y.npy", room);
    snprintf(ps, sizeof ps, "%s/p.npy", room);
    snprintf(to, sizeof to, "%s/analysed", room);
    works(fqp_npy_write(ctx, xs, fqp_view_1d(x, POINTS)));
    works(fqp_npy_write(ctx, ys, fqp_view_1d(y, POINTS)));
    works(fqp_npy_write(ctx, ps, fqp_view_make(all, FQP_F64, 2, (const int64_t[]){FRAMES, POINTS})));
    fqp_config *config = configured("");
    const char *preds[] = {ps};
    works(fqp_analyze(ctx, config, &(fqp_analyze_request){.dir = to, .x = xs, .y = ys, .preds = preds, .npreds = 1}));
    fqp_config_destroy(config);
    static const char *const files[] = {"dft/prediction", "dft/error", "dft/target", "loss", "prediction", "final"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char command[700];
        snprintf(command, sizeof command, "cmp %s/live/seed_0001/%s.npy %s/seed_0001/%s.npy", room, files[i], to,
                 files[i]);
        assert_int_equal(system(command), 0);
    }
}

static void parts_of_the_loss_and_rates_are_kept(void **state) {
    (void)state;
    fqp_journal *j = NULL;
    static const char *const names[] = {"equation", "boundary"};
    fqp_journal_setup setup = plain(in_room("terms"));
    setup.nterms = 2;
    setup.term = names;
    works(fqp_journal_create(ctx, &setup, &j));
    double h[POINTS];
    for (int f = 0; f < 3; f++) {
        predict(x, f, h);
        const double term[] = {f, 10 * f};
        const fqp_moment m = {
            .step = f, .seconds = f, .loss = 1, .lr = 0.5 * f, .term = term, .prediction = fqp_view_1d(h, POINTS)};
        works(fqp_journal_observe(j, &m));
    }
    fqp_journal_destroy(j);
    fqp_array a = {0};
    works(fqp_npy_read(ctx, in_room("terms/seed_0001/terms.npy"), &a));
    assert_int_equal(a.shape[0], 3);
    assert_true(((const double *)a.data)[5] == 20);
    fqp_array_free(&a);
    works(fqp_npy_read(ctx, in_room("terms/seed_0001/lr.npy"), &a));
    assert_true(((const double *)a.data)[2] == 1);
    fqp_array_free(&a);
}

/* ---- what cannot be used --------------------------------------------------------------------------------------- */

static void numbers_that_are_none_are_marked(void **state) {
    (void)state;
    fqp_journal *j = NULL;
    const fqp_journal_setup setup = plain(in_room("nan"));
    works(fqp_journal_create(ctx, &setup, &j));
    works(look(j, 0, false));
    double h[POINTS];
    predict(x, 1, h);
    h[7] = NAN;
    works(fqp_journal_observe(
        j, &(fqp_moment){.step = 1, .seconds = NAN, .loss = NAN, .lr = NAN, .prediction = fqp_view_1d(h, POINTS)}));
    works(look(j, 2, false));
    assert_int_equal(fqp_journal_frames(j), 2);
    int64_t step = -1;
    assert_string_equal(fqp_journal_mark(j, 0, &step), "prediction: value 7 (counted from 0) is nan");
    assert_int_equal(step, 1);
    assert_null(fqp_journal_mark(j, 1, NULL));
    fqp_journal_destroy(j);
}

static void refused(fqp_status s, fqp_status wanted, const char *part) {
    assert_int_equal(s, wanted);
    assert_int_equal(fqp_ctx_problem_count(ctx), 1);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, part));
    fqp_ctx_problems_clear(ctx);
}

static void mistakes_are_told_and_nothing_is_lost(void **state) {
    (void)state;
    fqp_journal *j = NULL;
    fqp_journal_setup setup = plain(in_room("mistakes"));
    works(fqp_journal_create(ctx, &setup, &j));
    works(look(j, 5, false));
    refused(look(j, 5, false), FQP_E_ARG, "step 5 follows step 5");
    refused(look(j, 3, false), FQP_E_ARG, "step 3 follows step 5");
    refused(look(j, 6, true), FQP_E_ARG, "no held-out points were announced");
    double h[POINTS] = {0};
    fqp_moment m = {.step = 6, .seconds = NAN, .loss = NAN, .lr = NAN, .prediction = fqp_view_1d(h, POINTS - 1)};
    refused(fqp_journal_observe(j, &m), FQP_E_SHAPE, "shape (39, 1), but the targets announced are (40, 1)");
    works(look(j, 7, false));
    assert_int_equal(fqp_journal_frames(j), 2);
    fqp_journal_destroy(j);

    setup = with_held(in_room("held"));
    works(fqp_journal_create(ctx, &setup, &j));
    refused(look(j, 0, false), FQP_E_ARG, "held-out points is missing");
    fqp_journal_destroy(j);
    setup.held_y = fqp_view_1d(held_y, 3);
    refused(fqp_journal_create(ctx, &setup, &j), FQP_E_SHAPE, "held-out x has 40 points, held-out y has 3");
    setup = plain(in_room("mistakes"));
    assert_int_not_equal(fqp_journal_create(ctx, &setup, &j), FQP_OK); /* a run is there */
    fqp_ctx_problems_clear(ctx);
}

/* ---- directories ----------------------------------------------------------------------------------------------- */

static void a_journal_goes_on(void **state) {
    (void)state;
    fqp_journal_setup setup = with_held(in_room("on"));
    setup.resume = true; /* nothing there yet: begun afresh */
    for (int part = 0; part < 2; part++) {
        fqp_journal *j = NULL;
        works(fqp_journal_create(ctx, &setup, &j));
        assert_int_equal(fqp_journal_frames(j), part * 4);
        for (int f = 0; f < 4; f++)
            works(look(j, 4 * part + f, true));
        fqp_journal_destroy(j);
    }
    fqp_array a = {0};
    works(fqp_npy_read(ctx, in_room("on/seed_0001/held/dft/error.npy"), &a));
    assert_int_equal(a.shape[0], 8);
    fqp_array_free(&a);
    x[0] += 1e-3;
    fqp_journal *j = NULL;
    assert_int_not_equal(fqp_journal_create(ctx, &setup, &j), FQP_OK); /* other points */
    fqp_ctx_problems_clear(ctx);
    make_points();
}

static void without_a_directory_nothing_stays(void **state) {
    (void)state;
    setenv("TMPDIR", room, 1);
    fqp_journal *j = NULL;
    const fqp_journal_setup setup = plain(NULL);
    works(fqp_journal_create(ctx, &setup, &j));
    works(look(j, 0, false));
    char dir[256];
    snprintf(dir, sizeof dir, "%s", fqp_journal_dir(j));
    struct stat st;
    assert_int_equal(stat(dir, &st), 0);
    fqp_journal_destroy(j);
    assert_int_not_equal(stat(dir, &st), 0);
    unsetenv("TMPDIR");
}

int main(void) {
    make_points();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frames_become_a_run, enter, leave),
        cmocka_unit_test_setup_teardown(the_same_bits_as_analyze, enter, leave),
        cmocka_unit_test_setup_teardown(parts_of_the_loss_and_rates_are_kept, enter, leave),
        cmocka_unit_test_setup_teardown(numbers_that_are_none_are_marked, enter, leave),
        cmocka_unit_test_setup_teardown(mistakes_are_told_and_nothing_is_lost, enter, leave),
        cmocka_unit_test_setup_teardown(a_journal_goes_on, enter, leave),
        cmocka_unit_test_setup_teardown(without_a_directory_nothing_stays, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
