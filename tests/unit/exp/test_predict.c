/* Predictions in run directories: a linear model is its kernel, so what is predicted must be what is trained, by every
 * rule, with several outputs, elsewhere, with singular kernels; what cannot be predicted is refused by name. */
#include "unit/exp/room.h"

#include "predict_i.h"

#include <fqp/forecast.h>

#define SINES "data: {target: [sin(x) + 0.5*cos(3*x)], lower: [0], upper: [2*pi], endpoint: false, n: [24]}\n"
#define TWO                                                                                                            \
    "data: {target: [sin(x), 0.3 + cos(2*x)], lower: [0], upper: [2*pi], endpoint: false, n: [24], test_n: [15]}\n"
#define LINEAR "model: {hidden: [], init: normal, weight_std: 0.5, precision: f64}\n"
#define WATCH "monitor: {record: 'every:3', predictions: true, dft: {kmax: 5, peaks: all}}\n"

static json_t *theory_of(const char *dir) {
    char path[512];
    snprintf(path, sizeof path, "%s/theory/theory.json", dir);
    json_t *j = json_load_file(path, 0, NULL);
    assert_non_null(j);
    return j;
}

static double real_of(const json_t *j, const char *a, const char *b) {
    const json_t *v = json_object_get(json_object_get(j, a), b);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static void predicts(const char *dir, const char *yaml) {
    fqp_config *c = configured(yaml);
    works(fqp_predict(ctx, c, &(fqp_predict_request){.dir = dir, .command = "test"}));
    fqp_config_destroy(c);
}

static void trains(const char *dir, const char *yaml, bool resume) {
    fqp_config *c = configured(yaml);
    works(fqp_run(ctx, c, &(fqp_run_request){.dir = dir, .resume = resume, .command = "test"}));
    fqp_config_destroy(c);
}

static void array_of(const char *dir, const char *name, fqp_array *out) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s.npy", dir, name);
    works(fqp_npy_read(ctx, path, out));
    for (int64_t i = 0; i < fqp_view_count(fqp_array_view(out)); i++)
        if (strcmp(name + strlen(name) - 5, "error") != 0) /* masked bins have none */
            assert_true(isfinite(fqp_view_at(fqp_array_view(out), i)));
}

/* Predicted and trained functions of a directory differ by at most tol. */
static void same_functions(const char *dir, double tol) {
    fqp_array a = {0}, b = {0};
    array_of(dir, "theory/prediction", &a);
    array_of(dir, "seed_0001/prediction", &b);
    const int64_t n = fqp_view_count(fqp_array_view(&a));
    assert_int_equal(n, fqp_view_count(fqp_array_view(&b)));
    for (int64_t i = 0; i < n; i++)
        if (!(fabs(fqp_view_at(fqp_array_view(&a), i) - fqp_view_at(fqp_array_view(&b), i)) <= tol))
            fail_msg("%s: number %d is predicted %.12g, trained %.12g", dir, (int)i, fqp_view_at(fqp_array_view(&a), i),
                     fqp_view_at(fqp_array_view(&b), i));
    fqp_array_free(&a);
    fqp_array_free(&b);
}

/* ---- two roads -------------------------------------------------------------------------------------------------- */

static void linear_models_are_predicted(void **state) {
    (void)state;
    static const char *const rules[] = {"gd", "momentum", "nesterov"};
    static const char *const kernels[] = {"infinite", "empirical"};
    static const char *const data[] = {SINES, TWO, TWO "monitor.on: test\n"};
    int number = 0;
    for (int r = 0; r < 3; r++)
        for (int k = 0; k < 2; k++)
            for (int d = 0; d < 3; d++) {
                char yaml[1024], dir[128];
                snprintf(yaml, sizeof yaml,
                         "%s" LINEAR WATCH
                         "train: {optimizer: %s, lr: 0.01, momentum: 0.7, steps: 120}\ntheory.kernel: %s\n",
                         data[d], rules[r], kernels[k]);
                snprintf(dir, sizeof dir, "%s/linear%d", room, number++);
                predicts(dir, yaml);
                trains(dir, yaml, true); /* a predicted directory waits for training */
                works(fqp_predict_compare(ctx, dir));
                same_functions(dir, 1e-12);
                json_t *j = theory_of(dir);
                assert_true(real_of(j, "measured", "difference") < 1e-11);
                assert_true(real_of(j, "measured", "kernel_moved") == 0);
                assert_string_equal(json_string_value(json_object_get(json_object_get(j, "measured"), "verdict")),
                                    "lazy");
                /* as many modes as parameters; the kernel of 24 points is singular */
                assert_int_equal(real_of(j, "eigenvalues", "cut_off"),
                                 real_of(j, "eigenvalues", "rows") - (k && d ? 4 : 2));
                json_decref(j);
            }
}

/* A smooth network with a small target stays where it was made: its own kernel predicts it, also over a run that was
 * there before, and at the run's own steps. */
static void a_lazy_network_is_predicted(void **state) {
    (void)state;
    static const char yaml[] =
        "data: {target: ['1e-4*(sin(x) + 0.5*cos(3*x))', '1e-4*sin(2*x)'], lower: [0], upper: [2*pi], endpoint: false, "
        "n: [20]}\n"
        "model: {hidden: [40, 30], activation: tanh, init: ntk, parameters: ntk, precision: f64}\n" WATCH
        "train: {optimizer: gd, lr: 0.2, steps: 90, subtract_start: true}\ntheory.kernel: empirical\n";
    const char *dir = in_room("lazy");
    trains(dir, yaml, false);
    predicts(dir, yaml);
    json_t *j = theory_of(dir);
    assert_true(real_of(j, "measured", "difference") < 1e-3);
    assert_true(real_of(j, "measured", "kernel_moved") < 1e-3);
    assert_string_equal(json_string_value(json_object_get(j, "outputs")), "all outputs against all");
    json_decref(j);
    same_functions(dir, 1e-7);
    predicts(dir, yaml); /* once more: in its place */
    same_functions(dir, 1e-7);
}

/* Trained a part of the way under its prediction: forecasts know the kernel's rate, 2 lr lambda/n of the band. */
static void forecasts_use_the_kernel(void **state) {
    (void)state;
    static const char yaml[] =
        "data: {target: ['1e-4*(sin(x) + 0.5*cos(3*x))'], lower: [0], upper: [2*pi], endpoint: false, n: [20]}\n"
        "model: {hidden: [60], activation: tanh, init: ntk, parameters: ntk, precision: f64}\n" WATCH
        "train: {optimizer: gd, lr: 0.2, steps: %d, subtract_start: true}\ntheory.kernel: empirical\n";
    char text[1024];
    const char *dir = in_room("part");
    snprintf(text, sizeof text, yaml, 3000);
    predicts(dir, text);
    snprintf(text, sizeof text, yaml, 60);
    trains(dir, text, true);
    fqp_store *store = NULL;
    fqpi_trial t;
    works(fqp_store_open(ctx, dir, FQP_STORE_READ, &store));
    works(fqpi_trial_load(ctx, store, &t));
    json_t *summary = NULL;
    works(fqpi_store_json(ctx, store, "summary.json", &summary));
    const json_t *bins = json_object_get(json_array_get(json_object_get(summary, "probes"), 0), "bins");
    const fqpi_series *told = &t.theory.probe[0], *seen = &t.seed[0].probe[0];
    size_t asked = 0;
    for (size_t b = 0; b < json_array_size(bins); b++) {
        const json_t *bin = json_array_get(bins, b), *f = json_array_get(json_object_get(bin, "forecast"), 0);
        const size_t at = (size_t)json_integer_value(json_object_get(bin, "bin"));
        const double *predicted = (const double *)told->error.data + at, *error = (const double *)seen->error.data + at;
        fqp_rate r;
        fqp_rate_fit(t.theory.step.data, predicted, told->frames, told->nbins,
                     fqp_capture_frame(predicted, told->frames, told->nbins, t.tau, t.hold), &r);
        const fqp_forecast_opts opts = {.tau = t.tau, .hold = t.hold, .rate = r.ok ? r.rate : 0};
        fqp_forecast want;
        fqp_forecast_capture(t.seed[0].step.data, error, seen->frames, seen->nbins, &opts, &want);
        assert_int_equal(want.ok, json_is_true(json_object_get(f, "ok")));
        if (want.ok && isfinite(want.median))
            assert_int_equal(json_integer_value(json_object_get(f, "median")), (int64_t)round(want.median));
        asked += want.ok && r.ok;
    }
    assert_true(asked > 0);
    json_decref(summary);
    fqpi_trial_free(&t);
    fqp_store_close(store);
}

/* What was killed half-way is made anew, to the same bytes. */
static void half_a_prediction_is_made_anew(void **state) {
    (void)state;
    static const char yaml[] = SINES LINEAR WATCH "train: {optimizer: gd, lr: 0.01, steps: 60}\n";
    char command[512];
    char *whole = strdup(in_room("whole")), *half = strdup(in_room("half"));
    predicts(whole, yaml);
    predicts(half, yaml);
    snprintf(command, sizeof command,
             "rm %s/theory/theory.json %s/theory/dft/label.json && cp %s/theory/loss.npy %s/theory/step.npy", half,
             half, half, half);
    assert_int_equal(system(command), 0);
    predicts(half, yaml);
    snprintf(command, sizeof command, "diff -r -x theory.json %s/theory %s/theory", whole, half);
    assert_int_equal(system(command), 0);
    free(whole);
    free(half);
}

/* ---- edges ------------------------------------------------------------------------------------------------------ */

static void divergence_is_predicted(void **state) {
    (void)state;
    const char *dir = in_room("steep");
    predicts(dir, SINES LINEAR WATCH "train: {optimizer: gd, lr: 0.08, steps: 3000}\n");
    json_t *j = theory_of(dir);
    assert_true(json_is_false(json_object_get(json_object_get(j, "stability"), "stable")));
    const double largest = real_of(j, "stability", "largest_lr");
    assert_true(largest > 0.05 && largest < 0.08);
    assert_non_null(strstr(json_string_value(json_object_get(j, "sentence")), "Unstable: train.lr 0.08 is above"));
    assert_non_null(strstr(json_string_value(json_array_get(json_object_get(j, "notes"), 0)), "predicted to diverge"));
    json_decref(j);
    fqp_array loss = {0};
    array_of(dir, "theory/loss", &loss);
    assert_true(loss.shape[0] > 1 && loss.shape[0] < 1001);
    fqp_array_free(&loss);
}

static void batches_and_adaptive_frames_are_noted(void **state) {
    (void)state;
    const char *dir = in_room("batches");
    predicts(dir,
             SINES LINEAR "train: {optimizer: gd, lr: 0.01, epochs: 9, batch: 5}\nmonitor.record: 'adaptive:0.1'\n");
    json_t *j = theory_of(dir), *notes = json_object_get(j, "notes");
    assert_string_equal(json_string_value(json_array_get(notes, 0)),
                        "mini-batches of 5 are predicted as full batches: their mean");
    assert_string_equal(json_string_value(json_array_get(notes, 1)),
                        "monitor.record: adaptive:0.1 waits for the loss; predicted at log:30");
    json_decref(j);
    fqp_array step = {0};
    array_of(dir, "theory/step", &step);
    assert_int_equal(((const int64_t *)step.data)[step.shape[0] - 1], 45);
    fqp_array_free(&step);
}

static void leading_pairs_leave_the_rest(void **state) {
    (void)state;
    static const char yaml[] = "data: {source: curve, target: [cos(t) + cos(4*t)], n: [32]}\n"
                               "model: {hidden: [64], activation: relu, init: ntk, parameters: ntk}\n"
                               "train: {optimizer: gd, lr: 0.3, steps: 4000, subtract_start: true}\n"
                               "monitor: {dft: {peaks: list, list: [1, 4]}}\ntheory.pairs: 3\n";
    const char *dir = in_room("pairs"); /* l_0, and l_1 twice: cos 4t lies outside */
    predicts(dir, yaml);
    json_t *j = theory_of(dir);
    const json_t *bins = json_object_get(json_array_get(json_object_get(j, "probes"), 0), "bins");
    assert_true(json_number_value(json_object_get(json_array_get(bins, 0), "error_final")) < 1e-6);
    assert_true(fabs(json_number_value(json_object_get(json_array_get(bins, 1), "error_final")) - 1) < 1e-9);
    json_decref(j);
}

static void what_has_no_kernel_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *set, *says;
    } rows[] = {
        {"train.optimizer: adam", "train.optimizer: adam does not follow the gradient itself"},
        {"train.optimizer: lbfgs", "train.optimizer: lbfgs does not follow the gradient itself"},
        {"train: {optimizer: gd, loss: huber}", "train.loss: huber is no square"},
        {"train.optimizer: gd\nmodel.output: sigmoid", "model.output: sigmoid bends the outputs"},
        {"train: {optimizer: gd, weight_decay: 1e-3}", "train.weight_decay: a decay pulls parameters to 0"},
        {"train: {optimizer: gd, schedule: cosine}", "train.schedule: the learning rate changes while training"},
        {"train: {optimizer: gd, warmup: 10}", "train.warmup: the learning rate changes while training"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char yaml[512];
        struct stat st;
        snprintf(yaml, sizeof yaml, SINES "model.hidden: [8]\n%s\n", rows[i].set);
        fqp_config *c = configured(yaml);
        const char *dir = in_room("refused");
        assert_int_equal(fqp_predict(ctx, c, &(fqp_predict_request){.dir = dir}), FQP_E_UNSUPPORTED);
        if (!strstr(said(), rows[i].says))
            fail_msg("%s says %s", rows[i].set, said());
        assert_int_not_equal(stat(dir, &st), 0); /* nothing is left */
        fqp_ctx_problems_clear(ctx);
        fqp_config_destroy(c);
    }
}

static void a_run_of_another_configuration_is_refused(void **state) {
    (void)state;
    const char *dir = in_room("other");
    trains(dir, SINES LINEAR WATCH "train: {optimizer: gd, lr: 0.01, steps: 9}\n", false);
    fqp_config *c = configured(SINES LINEAR WATCH "train: {optimizer: gd, lr: 0.02, steps: 9}\n");
    assert_int_equal(fqp_predict(ctx, c, &(fqp_predict_request){.dir = dir}), FQP_E_CONFIG);
    assert_non_null(strstr(said(), "train.lr: 0.02, but the run that is to be resumed has 0.01"));
    fqp_ctx_problems_clear(ctx);
    works(fqp_predict(ctx, c, &(fqp_predict_request){.dir = dir, .replace = true}));
    fqp_config_destroy(c);
    char path[512];
    struct stat st;
    snprintf(path, sizeof path, "%s/seed_0001", dir);
    assert_int_not_equal(stat(path, &st), 0);
    assert_int_not_equal(fqp_predict_compare(ctx, in_room("nowhere")), FQP_OK);
    fqp_ctx_problems_clear(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_models_are_predicted),
        cmocka_unit_test(a_lazy_network_is_predicted),
        cmocka_unit_test(forecasts_use_the_kernel),
        cmocka_unit_test(half_a_prediction_is_made_anew),
        cmocka_unit_test(divergence_is_predicted),
        cmocka_unit_test(batches_and_adaptive_frames_are_noted),
        cmocka_unit_test(leading_pairs_leave_the_rest),
        cmocka_unit_test(what_has_no_kernel_is_refused),
        cmocka_unit_test(a_run_of_another_configuration_is_refused),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
