/* Measures over stored predictions, and the network of a stored run: against the files themselves. */
#include "unit/exp/one_run.h"

#include "measure/measure.h"
#include "trained.h"

static const char *const config =
    "data: {target: ['sin(x)'], lower: 0, upper: 6, n: 12, test_n: 40, test_lower: 1, test_upper: [4]}\n"
    "model: {hidden: [16, 16]}\n"
    "train: {lr: 1e-2, steps: 60}\n"
    "monitor: {on: test, record: 'every:20', predictions: true}\n"
    "run: {seeds: 2}\n";

static int make_run(void **state) {
    return enter(state) || train_run(config, FQP_STORE_READ);
}

static double value(const char *name, int64_t seed, const double *args, int nargs) {
    const fqpi_measure *row = fqpi_measure_find(name);
    assert_non_null(row);
    assert_true(nargs >= row->least && nargs <= row->most);
    fqpi_cache cache = {0};
    const fqpi_measuring m = {.ctx = ctx, .trial = &trial, .dir = fqp_store_dir(store), .seed = seed, .cache = &cache};
    const double v = row->eval(&m, args, nargs);
    fqpi_cache_free(&cache);
    return v;
}

static double call(const char *name, int64_t seed) {
    return value(name, seed, NULL, 0);
}

/* The whole of prediction.npy of a seed: [4, 40, 1], targets sin at 1 .. 4. */
static void stored(int64_t seed, fqp_array *p) {
    char name[64];
    snprintf(name, sizeof name, "seed_%04d/prediction", (int)seed + 1);
    works(fqp_store_get(store, name, p));
    assert_int_equal(p->shape[0], 4);
    assert_int_equal(p->shape[1], 40);
}

static double x_of(int64_t i) {
    return 1 + 3 * (double)i / 39;
}

static void errors(void **state) {
    (void)state;
    for (int64_t seed = 0; seed < 2; seed++) {
        fqp_array p = {0};
        stored(seed, &p);
        double least = INFINITY, at = 0, last = 0, most = 0, right = 0, share = 0, norm = 0;
        for (int64_t f = 0; f < 4; f++) {
            last = most = right = share = norm = 0;
            for (int64_t i = 0; i < 40; i++) {
                const double h = fqp_view_at(fqp_array_view(&p), f * 40 + i), y = sin(x_of(i));
                const double s = sin(2 * M_PI * 0.3 * (x_of(i) - 1));
                last += (h - y) * (h - y) / 40;
                most = fmax(most, fabs(h - y));
                right += ((h > 0) == (y > 0)) / 40.0;
                share += h * s;
                norm += s * s;
            }
            const double step = 20 * (double)f;
            assert_true(fabs(value("mse", seed, &step, 1) - last) < 1e-14);
            if (last < least) {
                least = last;
                at = step;
            }
        }
        assert_true(fabs(call("mse", seed) - last) < 1e-14);
        assert_true(fabs(call("mse_min", seed) - least) < 1e-14);
        assert_true(call("mse_min_step", seed) == at);
        assert_true(call("last_step", seed) == 60);
        assert_true(fabs(call("max_error", seed) - most) < 1e-14);
        assert_true(fabs(call("right", seed) - right) < 1e-12);
        assert_true(fabs(value("sine_share", seed, (double[]){0.3, 1}, 2) - share / norm) < 1e-12);
        assert_true(value("output_at", seed, (double[]){4.2}, 1) == fqp_view_at(fqp_array_view(&p), 3 * 40 + 39));
        assert_true(fabs(value("target_at", seed, (double[]){2.51}, 1) - sin(x_of(20))) < 0.05);
        fqp_array_free(&p);
    }
}

/* The network made again predicts what was stored last, bit for bit. */
static void trained_again(void **state) {
    (void)state;
    for (int64_t seed = 0; seed < 2; seed++) {
        fqp_array p = {0};
        double h[40];
        stored(seed, &p);
        fqpi_trained t;
        works(fqpi_trained_load(ctx, in_room("run"), seed + 1, &t));
        assert_int_equal(t.data->n, 12);
        works(fqp_model_eval(ctx, t.model, fqp_array_view(&t.data->x_test), h));
        for (int64_t i = 0; i < 40; i++)
            assert_true(h[i] == fqp_view_at(fqp_array_view(&p), 3 * 40 + i));
        fqpi_trained_free(&t);
        assert_true(value("trained_right", seed, (double[]){1}, 1) == call("right", seed));
        fqp_array_free(&p);
    }
}

static void problems(void **state) {
    (void)state;
    fqpi_trained t;
    assert_int_equal(fqpi_trained_load(ctx, in_room("run"), 3, &t), FQP_E_IO);
    fqpi_trained_free(&t);
    assert_non_null(strstr(said(), "seed_0003/checkpoint.npz"));
    fqp_ctx_problems_clear(ctx);
    char command[300];
    snprintf(command, sizeof command, "mv %s %s", in_room("run/seed_0002/prediction.npy"), in_room("kept.npy"));
    assert_int_equal(system(command), 0);
    assert_true(isnan(call("mse", 1)));
    assert_non_null(strstr(said(), "set monitor.predictions: true"));
    fqp_ctx_problems_clear(ctx);
    snprintf(command, sizeof command, "mv %s %s", in_room("kept.npy"), in_room("run/seed_0002/prediction.npy"));
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(errors), cmocka_unit_test(trained_again),
                                       cmocka_unit_test(problems)};
    return cmocka_run_group_tests(tests, make_run, drop_run);
}
