/* Measures of how good a copy of a signal the stored predictions are: against the files themselves. */
#include "support.h"
#include "unit/exp/one_run.h"

#include "measure/measure.h"

#include <fqp/signal.h>

enum { SIDE = 24, HALF = SIDE / 2, POINTS = HALF * HALF };

static int make_run(void **state) {
    if (enter(state))
        return 1;
    char text[700], image[SIDE * SIDE + 32];
    int n = snprintf(image, sizeof image, "P5 %d %d 255\n", SIDE, SIDE);
    for (int i = 0; i < SIDE * SIDE; i++)
        image[n + i] = (char)(128 + 100 * sin(i / SIDE / 3.0) * cos(i % SIDE / 2.0));
    FILE *f = fopen(in_room("a.pgm"), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(image, 1, (size_t)(n + SIDE * SIDE), f), n + SIDE * SIDE);
    fclose(f);
    snprintf(text, sizeof text,
             "data: {source: signal, file: %s, hold: even, range: [-1, 1]}\n"
             "model: {hidden: [16]}\n"
             "train: {lr: 1e-2, steps: 40}\n"
             "monitor: {probes: [radial], on: test, record: 'every:20', predictions: true}\n"
             "run: {seeds: 1}\n",
             in_room("a.pgm"));
    return train_run(text, FQP_STORE_READ);
}

static double value(const char *name, const double *args, int nargs) {
    const fqpi_measure *row = fqpi_measure_find(name);
    assert_non_null(row);
    assert_true(nargs >= row->least && nargs <= row->most);
    fqpi_cache cache = {0};
    const fqpi_measuring m = {.ctx = ctx, .trial = &trial, .dir = fqp_store_dir(store), .seed = 0, .cache = &cache};
    const double v = row->eval(&m, args, nargs);
    fqpi_cache_free(&cache);
    return v;
}

static void they_are_those_of_the_files(void **state) {
    (void)state;
    fqp_array p = {0}, y = {0};
    works(fqp_store_get(store, "seed_0001/prediction", &p));
    works(fqp_store_get(store, "y", &y));
    assert_int_equal(p.shape[0], 3); /* steps 0, 20, 40 */
    assert_int_equal(p.shape[1], POINTS);
    double copy[POINTS], psnr[3];
    const double *target = y.data;
    for (int f = 0; f < 3; f++) {
        double error = 0, square = 0, step = 20 * f, like;
        for (int i = 0; i < POINTS; i++) {
            copy[i] = fqp_view_at(fqp_array_view(&p), f * POINTS + i);
            error += (copy[i] - target[i]) * (copy[i] - target[i]);
            square += target[i] * target[i];
        }
        psnr[f] = 10 * log10(4 * POINTS / error); /* peak 2 */
        assert_near(value("psnr", &step, 1), psnr[f], 1e-11);
        assert_near(value("snr", &step, 1), 10 * log10(square / error), 1e-11);
        assert_near(value("relative_l2", &step, 1), sqrt(error / square), 1e-12);
        works(fqp_ssim(ctx, target, copy, HALF, HALF, 1, 2, &like));
        assert_near(value("ssim", &step, 1), like, 1e-12);
    }
    assert_near(value("psnr", NULL, 0), psnr[2], 1e-11);
    assert_true(psnr[2] > psnr[1] && psnr[1] > psnr[0]);
    double want = 0.5 * (psnr[0] + psnr[1]);
    assert_near(value("psnr_step", &want, 1), 20, 0);
    want = 200;
    assert_true(isinf(value("psnr_step", &want, 1)));
    fqp_array_free(&p);
    fqp_array_free(&y);
}

static void a_spectral_distance_needs_a_line(void **state) {
    (void)state;
    fqp_ctx_problems_clear(ctx);
    assert_true(isnan(value("spectral_distance", NULL, 0)));
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "the monitored points are no grid of 1 axis"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(they_are_those_of_the_files),
                                       cmocka_unit_test(a_spectral_distance_needs_a_line)};
    return cmocka_run_group_tests(tests, make_run, drop_run);
}
