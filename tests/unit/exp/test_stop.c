/* When to stop, at both entrances: monitor.stop_noise ends training and keeps the best network, a journal says so while
 * frames come, and stored numbers say the same again. */
#include "unit/exp/room.h"

#include <fqp/journal.h>
#include <fqp/stopping.h>
#include <math.h>

static const char settings[] = "run: {seeds: 2}\n"
                               "data: {target: [sin(x)], n: [60], noise: 0.7, test_n: [31], test_noise: 0.7}\n"
                               "model: {hidden: [40, 40], precision: f64}\n"
                               "train: {lr: 1e-2, steps: %d}\n"
                               "monitor: {held: true, stop_noise: true, record: \"every:5\"}\n";

static fqp_status train(const char *dir, int steps, bool resume) {
    char yaml[512];
    snprintf(yaml, sizeof yaml, settings, steps);
    fqp_config *config = configured(yaml);
    const fqp_status s = fqp_run(ctx, config, &(fqp_run_request){.dir = dir, .resume = resume});
    fqp_config_destroy(config);
    return s;
}

static json_t *summary_of(const char *dir) {
    char path[512];
    snprintf(path, sizeof path, "%s/summary.json", dir);
    json_t *j = json_load_file(path, 0, NULL);
    assert_non_null(j);
    return j;
}

static json_int_t number(const json_t *summary, size_t seed, const char *key) {
    return json_integer_value(json_object_get(json_array_get(json_object_get(summary, "stop"), seed), key));
}

/* function.fqp is the network of the recommended step: it predicts what that frame did. */
static void keeps(const char *dir, int64_t seed, int64_t step) {
    char path[512];
    fqp_function *f = NULL;
    fqp_array x = {0}, prediction = {0};
    works(fqp_function_of_run(ctx, dir, seed, &f));
    snprintf(path, sizeof path, "%s/x.npy", dir);
    works(fqp_array_read(ctx, path, &x));
    snprintf(path, sizeof path, "%s/seed_%04d/prediction.npy", dir, (int)seed);
    works(fqp_array_read(ctx, path, &prediction));
    const int64_t n = x.shape[0], frame = step / 5;
    double *out = calloc((size_t)n, sizeof *out);
    works(fqp_function_eval(ctx, f, fqp_array_view(&x), out));
    for (int64_t i = 0; i < n; i++)
        assert_true(fabs(out[i] - fqp_view_at(fqp_array_view(&prediction), frame * n + i)) < 1e-12);
    free(out);
    fqp_array_free(&x);
    fqp_array_free(&prediction);
    fqp_function_destroy(f);
}

static void training_ends_and_the_best_is_kept(void **state) {
    (void)state;
    char dir[256];
    snprintf(dir, sizeof dir, "%s", in_room("run"));
    works(train(dir, 2000, false));
    json_t *s = summary_of(dir);
    const json_t *final = json_object_get(s, "final");
    for (size_t i = 0; i < 2; i++) {
        const json_int_t step = number(s, i, "step"), at = number(s, i, "at");
        const json_int_t last = json_integer_value(json_array_get(json_object_get(final, "step"), i));
        assert_string_equal(json_string_value(json_array_get(json_object_get(final, "stopped"), i)), "noise");
        assert_int_equal(at, last);
        assert_true(step < at && last < 2000);
        keeps(dir, (int64_t)i + 1, step);
    }
    json_decref(s);
}

/* Ended by its steps in between, and taken up: the same frames, the same stop, the same network. */
static void a_resumed_run_stops_the_same(void **state) {
    (void)state;
    char whole[256], parts[256], command[700];
    snprintf(whole, sizeof whole, "%s", in_room("whole"));
    snprintf(parts, sizeof parts, "%s", in_room("parts"));
    works(train(whole, 2000, false));
    works(train(parts, 100, false));
    works(train(parts, 2000, true));
    snprintf(command, sizeof command, "cmp %s/seed_0001/stop.npy %s/seed_0001/stop.npy", whole, parts);
    assert_int_equal(system(command), 0);
    json_t *a = summary_of(whole), *b = summary_of(parts);
    assert_true(json_equal(json_object_get(a, "stop"), json_object_get(b, "stop")));
    keeps(parts, 1, number(b, 0, "step"));
    keeps(parts, 2, number(b, 1, "step"));
    json_decref(a);
    json_decref(b);
}

static void test_points_get_noise_of_their_own(void **state) {
    (void)state;
    static const char *const text[] = {"data: {target: [sin(x)], n: [50], test_n: [50], noise: 0.3}",
                                       "data: {target: [sin(x)], n: [50], test_n: [50], noise: 0.3, test_noise: 0.5}"};
    fqp_dataset *d[2];
    for (int i = 0; i < 2; i++) {
        fqp_config *c = configured(text[i]);
        works(fqp_dataset_create(ctx, fqp_config_section(c, "data"), 1, c, &d[i]));
        fqp_config_destroy(c);
    }
    double square = 0, product = 0;
    for (int i = 0; i < 50; i++) {
        const double clean = ((double *)d[0]->y_test.data)[i], noisy = ((double *)d[1]->y_test.data)[i];
        const double y = ((double *)d[0]->y.data)[i];
        assert_true(y == ((double *)d[1]->y.data)[i]);
        assert_true(fabs(clean - sin(((double *)d[0]->x_test.data)[i])) < 1e-15);
        square += (noisy - clean) * (noisy - clean) / 50;
        product += (noisy - clean) * (y - clean) / 50;
    }
    assert_true(sqrt(square) > 0.35 && sqrt(square) < 0.65);
    assert_true(fabs(product) < 3 * 0.3 * 0.5 / sqrt(50)); /* other numbers than those of the training points */
    fqp_dataset_destroy(d[0]);
    fqp_dataset_destroy(d[1]);
}

/* ---- a journal ------------------------------------------------------------------------------------------------- */

/* The frames of the trained run through a journal: it says stop at the same frame, and the same of what was stored. */
static void a_journal_says_the_same(void **state) {
    (void)state;
    char dir[256], path[512];
    fqp_array a[6] = {{0}};
    static const char *const file[] = {"x.npy",
                                       "y.npy",
                                       "seed_0001/held/x.npy",
                                       "seed_0001/held/y.npy",
                                       "seed_0001/prediction.npy",
                                       "seed_0001/held/prediction.npy"};
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "%s/%s", in_room("run"), file[i]);
        works(fqp_array_read(ctx, path, &a[i]));
    }
    snprintf(dir, sizeof dir, "%s", in_room("journal"));
    const fqp_journal_setup setup = {.dir = dir,
                                     .x = fqp_array_view(&a[0]),
                                     .y = fqp_array_view(&a[1]),
                                     .held_x = fqp_array_view(&a[2]),
                                     .held_y = fqp_array_view(&a[3])};
    fqp_journal *j = NULL;
    works(fqp_journal_create(ctx, &setup, &j));
    assert_false(fqp_journal_should_stop(j, NULL));
    json_t *run = summary_of(in_room("run"));
    const int64_t frames = a[4].shape[0], n = a[0].shape[0], h = a[2].shape[0];
    for (int64_t f = 0; f < frames; f++) {
        const fqp_moment m = {.step = 5 * f,
                              .seconds = NAN,
                              .loss = NAN,
                              .lr = NAN,
                              .prediction = fqp_view_2d((double *)a[4].data + f * n, n, 1),
                              .held = fqp_view_2d((double *)a[5].data + f * h, h, 1)};
        works(fqp_journal_observe(j, &m));
        const char *why = NULL;
        assert_int_equal(fqp_journal_should_stop(j, &why), 5 * f >= number(run, 0, "at"));
        assert_true(strlen(why) > 20);
    }
    const fqp_stop stop = fqp_journal_stop(j);
    assert_int_equal(stop.step, number(run, 0, "step"));
    works(fqp_journal_end(j, "done"));
    fqp_journal_destroy(j);
    json_t *of_journal = summary_of(dir);
    assert_true(json_equal(json_array_get(json_object_get(run, "stop"), 0),
                           json_array_get(json_object_get(of_journal, "stop"), 0)));
    json_decref(run);
    json_decref(of_journal);
    for (int i = 0; i < 6; i++)
        fqp_array_free(&a[i]);
}

static void nobody_can_tell_without_held_out_points(void **state) {
    (void)state;
    double x[20], y[20];
    for (int i = 0; i < 20; i++) {
        x[i] = i / 20.0;
        y[i] = sin(2 * M_PI * x[i]);
    }
    fqp_journal *j = NULL;
    const fqp_journal_setup setup = {.x = fqp_view_1d(x, 20), .y = fqp_view_1d(y, 20)};
    works(fqp_journal_create(ctx, &setup, &j));
    const fqp_moment m = {.step = 0, .seconds = NAN, .loss = NAN, .lr = NAN, .prediction = fqp_view_1d(x, 20)};
    works(fqp_journal_observe(j, &m));
    const char *why = NULL;
    assert_false(fqp_journal_should_stop(j, &why));
    assert_string_equal(why, "without held-out points nobody can tell when to stop");
    fqp_journal_destroy(j);
}

/* One room for all: the journal reads the run before it. */
int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_ends_and_the_best_is_kept), cmocka_unit_test(a_journal_says_the_same),
        cmocka_unit_test(a_resumed_run_stops_the_same), cmocka_unit_test(test_points_get_noise_of_their_own),
        cmocka_unit_test(nobody_can_tell_without_held_out_points)};
    return cmocka_run_group_tests(tests, enter, leave);
}
