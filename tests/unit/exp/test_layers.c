/* Section monitor.layers in a run: what is stored, against the network of the checkpoint; resumed runs; the measures.
 */
#include "unit/exp/room.h"

#include "measure/measure.h"
#include "trained.h"

#include <fqp/layers.h>

static const char *const SETTING =
    "data: {target: [\"sin(x) + sin(3*x)\"], n: [60], noise: 0.1}\n"
    "model: {hidden: [12, 9], activation: tanh, precision: f64}\n"
    "train: {steps: %d, lr: 1e-2}\n"
    "run: {seed: 1}\n"
    "monitor: {record: \"every:4\", layers: {every: 2, points: 30, widths: 20, low: 0.1, "
    "high: 1e3, bins: 6}}\n";

static void run(const char *name, int steps, bool resume, char *dir) {
    char text[512];
    fqp_config *c = NULL;
    snprintf(text, sizeof text, SETTING, steps);
    snprintf(dir, 256, "%s/%s", room, name);
    works(fqp_config_parse(ctx, "test", text, 0, NULL, &c));
    works(fqp_run(ctx, c, &(fqp_run_request){.dir = dir, .command = "test", .resume = resume}));
    fqp_config_destroy(c);
}

static fqp_array get(const char *dir, const char *name) {
    char path[512];
    fqp_array a = {0};
    snprintf(path, sizeof path, "%s/seed_0001/layers/%s.npy", dir, name);
    works(fqp_npy_read(ctx, path, &a));
    return a;
}

static const double *at(const fqp_array *a, int64_t i) {
    return (const double *)a->data + i;
}

/* The last look, at step 22, is that of the network the run ended with. */
static void stored_looks_are_those_of_the_network(void **state) {
    (void)state;
    char dir[256];
    run("looks", 22, false, dir);
    fqp_array step = get(dir, "step"), delta = get(dir, "delta"), lfr = get(dir, "lfr"), rdf = get(dir, "rdf"),
              mean = get(dir, "mean"), info = get(dir, "information");
    static const int64_t steps[] = {0, 8, 16, 22};
    assert_int_equal(step.shape[0], 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(((const int64_t *)step.data)[i], steps[i]);
    fqpi_trained t;
    works(fqpi_trained_load(ctx, dir, 1, &t));
    double x[30], y[30], h[30 * 12], k[20], want[20], density[20], centre;
    for (int i = 0; i < 30; i++) {
        x[i] = *at(&t.data->x, 2 * i);
        y[i] = *at(&t.data->y, 2 * i);
    }
    for (int i = 0; i < 20; i++) {
        k[i] = 0.1 * pow(1e4, i / 19.0);
        assert_true(fabs(*at(&delta, i) * k[i] - 1) < 1e-14);
    }
    for (int64_t l = 1; l <= 2; l++) {
        const int64_t w = l == 1 ? 12 : 9, row = 3 * 2 + l - 1;
        works(fqp_model_hidden(ctx, t.model, l, fqp_view_2d(x, 30, 1), h));
        works(fqp_effective_target(ctx, fqp_view_2d(h, 30, w), fqp_view_1d(y, 30), 20, k, want, density, &centre));
        for (int i = 0; i < 20; i++) {
            assert_true(fabs(*at(&lfr, row * 20 + i) - want[i]) < 1e-12);
            assert_true(fabs(*at(&rdf, row * 20 + i) - density[i]) < 1e-12);
        }
        assert_true(fabs(*at(&mean, row) - centre) < 1e-9 * centre);
        fqp_information found;
        works(fqp_layer_information(ctx, fqp_view_2d(h, 30, w), fqp_view_1d(y, 30), 6, -1, 1, &found));
        assert_true(*at(&info, row * 2) == found.xt && *at(&info, row * 2 + 1) == found.ty);
    }
    fqpi_trained_free(&t);
    fqp_array *all[] = {&step, &delta, &lfr, &rdf, &mean, &info};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        fqp_array_free(all[i]);
}

/* A run that is told to go on drops the look of its first end, which stood outside the schedule. */
static void a_longer_run_is_the_same(void **state) {
    (void)state;
    char whole[256], parts[256];
    run("whole", 40, false, whole);
    run("parts", 22, false, parts);
    run("parts", 40, true, parts);
    static const char *const names[] = {"step", "lfr", "rdf", "mean", "information", "delta"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        fqp_array a = get(whole, names[i]), b = get(parts, names[i]);
        assert_int_equal(a.shape[0], b.shape[0]);
        const size_t bytes = (size_t)fqp_view_count(fqp_array_view(&a)) * fqp_dtype_size(a.dtype);
        assert_memory_equal(a.data, b.data, bytes);
        fqp_array_free(&a);
        fqp_array_free(&b);
    }
}

static double value(const fqpi_measuring *m, const char *name, double a, double b, double c, int n) {
    return fqpi_measure_find(name)->eval(m, (double[]){a, b, c}, n);
}

static void measures_read_the_looks(void **state) {
    (void)state;
    char dir[256];
    run("measured", 22, false, dir);
    fqp_store *store = NULL;
    fqpi_trial trial;
    works(fqp_store_open(ctx, dir, FQP_STORE_READ, &store));
    works(fqpi_trial_load(ctx, store, &trial));
    fqpi_cache cache = {0};
    const fqpi_measuring m = {.ctx = ctx, .trial = &trial, .dir = dir, .cache = &cache};
    fqp_array mean = get(dir, "mean"), lfr = get(dir, "lfr"), info = get(dir, "information");
    assert_true(value(&m, "rdf_mean", 2, 0, 0, 1) == *at(&mean, 7));
    assert_true(value(&m, "rdf_mean", 2, 15, 0, 2) == *at(&mean, 3)); /* the look at step 8 */
    assert_true(value(&m, "lfr", 1, 0.1, 0, 3) == *at(&lfr, 0));
    assert_true(value(&m, "lfr", 2, 1e3, 8, 3) == *at(&lfr, 3 * 20 + 19));
    assert_true(value(&m, "info_x", 1, 0, 0, 2) == *at(&info, 0) && value(&m, "info_y", 2, 0, 0, 1) == *at(&info, 15));
    assert_true(value(&m, "info_drop", 1, 0, 0, 1) >= 0);
    assert_true(isnan(value(&m, "rdf_mean", 3, 0, 0, 1)) && isnan(value(&m, "rdf_mean", 0, 0, 0, 1)));
    /* weights: the drift by hand needs both ends; the first layer has 12 neurons */
    const double start = value(&m, "weight_directions", 0, 0, 0, 1), drift = value(&m, "weight_drift", 0, 0, 0, 0);
    assert_true(start >= 1 && start <= 12 && drift > 0 && drift < 10);
    const double loss = ((const double *)trial.seed[0].loss.data)[2];
    assert_true(value(&m, "loss_step", nextafter(loss, 1), 0, 0, 1) == 8);
    assert_true(isinf(value(&m, "loss_step", 0, 0, 0, 1)));
    fqp_array_free(&mean);
    fqp_array_free(&lfr);
    fqp_array_free(&info);
    fqpi_cache_free(&cache);
    fqpi_trial_free(&trial);
    fqp_store_close(store);
}

/* Two features of one sign at most are dead or linear: few features fit the clean target badly, many do it well, and
 * without noise the error falls all the way. */
static void random_features(void **state) {
    (void)state;
    fqpi_cache cache = {0};
    const fqpi_measuring m = {.ctx = ctx, .cache = &cache};
    for (int part = 0; part < 2; part++) {
        const double few = value(&m, "feature_error", 0.1, part, 0, 3),
                     many = value(&m, "feature_error", 20, part, 0, 3);
        assert_true(few > 1e-3 && many < 1e-4);
    }
    fqp_ctx_problems_clear(ctx);
    assert_true(isnan(value(&m, "feature_error", 1e6, 0, 0, 3)));
    fqp_ctx_problems_clear(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(stored_looks_are_those_of_the_network),
                                       cmocka_unit_test(a_longer_run_is_the_same),
                                       cmocka_unit_test(measures_read_the_looks), cmocka_unit_test(random_features)};
    return cmocka_run_group_tests(tests, enter, leave);
}
