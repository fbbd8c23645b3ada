/* Rates of waves by gradients against the tangent kernel's matrix, for one output and two, before and after training.
 */
#include "support.h"
#include "unit/exp/one_run.h"

#include "measure/measure.h"
#include "trained.h"

#include <fqp/ntk.h>

static const char text[] = "data: {source: expr, target: [\"sin(6*x)\", \"x\"], lower: [-1], upper: [2], n: [40]}\n"
                           "model: {hidden: [12, 10], embedding: fourier, features: 5, feature_sigma: [2]}\n"
                           "train: {lr: 1e-2, steps: 30}\n"
                           "monitor: {record: \"every:10\"}\n"
                           "run: {seeds: 1}\n";
enum { POINTS = 256 };

static int make_run(void **state) {
    return enter(state) || train_run(text, FQP_STORE_READ);
}

static double value(const char *name, const double *args, int nargs) {
    const fqpi_measure *row = fqpi_measure_find(name);
    assert_non_null(row);
    fqpi_cache cache = {0};
    const fqpi_measuring m = {.ctx = ctx, .trial = &trial, .dir = fqp_store_dir(store), .seed = 0, .cache = &cache};
    const double v = row->eval(&m, args, nargs);
    fqpi_cache_free(&cache);
    return v;
}

/* z^T K z/n^2 of both parts of the wave of k cycles under Hann's window. */
static double by_matrix(const double *K, int k) {
    double sum = 0;
    for (int i = 0; i < POINTS; i++)
        for (int j = 0; j < POINTS; j++)
            sum += K[i * POINTS + j] * (1 - cos(2 * M_PI * i / POINTS)) * (1 - cos(2 * M_PI * j / POINTS)) *
                   cos(2 * M_PI * k * (i - j) / POINTS);
    return 2.0 / 3 * sum / ((double)POINTS * POINTS);
}

static void rates_are_those_of_the_kernel(void **state) {
    (void)state;
    static const int modes[] = {0, 1, 2, 7, 33, 64};
    for (int trained = 0; trained < 2; trained++) {
        fqpi_trained t;
        works((trained ? fqpi_trained_load : fqpi_trained_draw)(ctx, fqp_store_dir(store), 1, &t));
        double x[POINTS], *K = calloc(POINTS * POINTS, sizeof *K);
        for (int i = 0; i < POINTS; i++)
            x[i] = -1 + 3.0 * i / POINTS;
        fqp_ntk *k = NULL;
        works(fqp_ntk_empirical(ctx, t.model, FQP_NTK_SUM, &k));
        works(fqp_ntk_gram(k, fqp_view_2d(x, POINTS, 1), (fqp_view){0}, FQP_NTK_TANGENT, K));
        const double two[] = {2, trained};
        for (int i = 0; i < 6; i++) {
            const double args[] = {modes[i], trained}, rate = by_matrix(K, modes[i]);
            assert_near(value("tangent_rate", args, 2), rate, 1e-5 * rate);
            const double three[] = {modes[i], 2, trained};
            assert_near(value("flattening", three, 3), rate / value("tangent_rate", two, 2), 1e-4);
        }
        free(K);
        fqp_ntk_destroy(k);
        fqpi_trained_free(&t);
    }
    const double beyond[] = {65}, between[] = {2.5};
    assert_true(isnan(value("tangent_rate", beyond, 1)) && isnan(value("tangent_rate", between, 1)));
}

/* The kernels of features and SIREN's laws at the edges of what the measures take; claims judge the numbers. */
static void measures_without_a_run(void **state) {
    (void)state;
    const double low[] = {1, 16, 1}, high[] = {16, 16, 1}, one[] = {4, 1, 1};
    assert_near(value("features_rate", one, 3), 1, 1e-12);
    assert_true(value("features_rate", high, 3) > 10 * value("features_rate", low, 3));
    const double first[] = {2, 1, 1}, none[] = {5, 1, 1};
    assert_near(value("siren_spread", first, 3), 1, 0.15);
    assert_near(value("siren_variance", first, 3), 0.5 * (1 - exp(-2)), 0.02); /* of sin z, z ~ N(0, 1) */
    assert_true(isnan(value("siren_spread", none, 3)));
    const double few[] = {10, 1}, many[] = {30, 1}, qr[] = {30, 1, 1};
    assert_true(value("rfm_error", many, 2) < 1e-3 * value("rfm_error", few, 2));
    assert_true(value("rfm_error", qr, 3) < 1e-5 && value("rfm_condition", many, 2) > 1e6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rates_are_those_of_the_kernel, make_run, drop_run),
        cmocka_unit_test_setup_teardown(measures_without_a_run, make_run, drop_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
