/* Measures of strength and weakness: parity, Runge, folding, noise and robustness, each by a second road. */
#include "unit/exp/room.h"

#include "measure/measure.h"
#include "trained.h"

static fqpi_trial trial[3];
static fqp_store *store[3];
enum { CUBE, WAVE, LINE };

static const char *const config[] = {
    [CUBE] = "data: {source: cube, dims: 5, subset: 16, target: parity}\n"
             "model: {hidden: [16]}\n"
             "train: {lr: 1e-2, steps: 200}\n"
             "monitor: {probes: [projection], projection: {direction: diagonal}, record: 'every:100'}\n"
             "run: {seeds: 2}\n",
    [WAVE] = "data: {target: ['sin(2*pi*23*x) + 0.4*cos(2*pi*3*x)'], lower: 0, upper: 1, n: 20, endpoint: false, "
             "test_n: 640}\n"
             "model: {hidden: [4]}\n"
             "train: {steps: 10}\n"
             "monitor: {dft: {peaks: all}, record: 'every:10'}\n"
             "run: {seeds: 1}\n",
    [LINE] = "data: {target: ['x'], lower: 0, upper: 1, n: 30, endpoint: false}\n"
             "model: {hidden: [], precision: f64, bias_std: 0.3}\n"
             "train: {steps: 300, lr: 1e-2}\n"
             "monitor: {dft: {peaks: all}, record: 'every:100'}\n"
             "run: {seeds: 1}\n",
};

static int make_runs(void **state) {
    if (enter(state))
        return 1;
    for (int i = 0; i < 3; i++) {
        char name[8];
        snprintf(name, sizeof name, "run%d", i);
        fqp_config *c = configured(config[i]);
        const fqp_run_request request = {.dir = in_room(name), .command = "test"};
        works(fqp_run(ctx, c, &request));
        fqp_config_destroy(c);
        works(fqp_store_open(ctx, in_room(name), FQP_STORE_READ, &store[i]));
        works(fqpi_trial_load(ctx, store[i], &trial[i]));
    }
    return 0;
}

static int drop_runs(void **state) {
    for (int i = 0; i < 3; i++) {
        fqpi_trial_free(&trial[i]);
        fqp_store_close(store[i]);
    }
    return leave(state);
}

/* A measure of run `r` (-1: of none); the cache lives through the test program. */
static fqpi_cache cache;
static double value_of(int r, int64_t seed, const char *name, int nargs, const double *args) {
    const fqpi_measure *row = fqpi_measure_find(name);
    assert_non_null(row);
    assert_true(nargs >= row->least && nargs <= row->most);
    const fqpi_measuring m = {.ctx = ctx,
                              .trial = r < 0 ? NULL : &trial[r],
                              .dir = r < 0 ? room : fqp_store_dir(store[r]),
                              .seed = seed,
                              .cache = &cache};
    return row->eval(&m, args, nargs);
}
#define value(r, seed, name, ...)                                                                                      \
    value_of(r, seed, name, sizeof((double[]){__VA_ARGS__}) / sizeof(double), (double[]){__VA_ARGS__})

#define near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

/* ---- Runge: Neville's scheme --------------------------------------------------------------------------------- */

static double runge(double x) {
    return 1 / (1 + 25 * x * x);
}

static double neville(const double *node, int n, double x) {
    double p[64];
    for (int i = 0; i < n; i++)
        p[i] = runge(node[i]);
    for (int k = 1; k < n; k++)
        for (int i = 0; i + k < n; i++)
            p[i] = ((x - node[i + k]) * p[i] + (node[i] - x) * p[i + 1]) / (node[i] - node[i + k]);
    return p[0];
}

static void polynomials(void **state) {
    (void)state;
    near(value(-1, 0, "polynomial_error", 11, 0), 1.9156, 1e-4);
    near(value(-1, 0, "polynomial_error", 21, 0), 59.8223, 1e-3);
    for (int n = 5; n <= 21; n += 8)
        for (int kind = 0; kind < 2; kind++) {
            double node[64], most = 0;
            for (int j = 0; j < n; j++)
                node[j] = kind ? cos((2 * j + 1) * M_PI / (2 * n)) : -1 + 2.0 * j / (n - 1);
            for (int i = 0; i < 2001; i++) {
                const double x = -1 + 2.0 * i / 2000, p = neville(node, n, x);
                most = fmax(most, fabs(p - runge(x)));
                if (i % 100 == 7)
                    near(value(-1, 0, "polynomial_at", n, kind, x), p, 1e-7 * fmax(1, fabs(p)));
            }
            near(value(-1, 0, "polynomial_error", n, kind), most, 1e-7 * most);
        }
    assert_true(isnan(value(-1, 0, "polynomial_error", 1, 0)));
}

/* ---- parity ---------------------------------------------------------------------------------------------------- */

static void transforms(void **state) {
    (void)state;
    assert_true(value(-1, 0, "parity_formula", 7, 20) < 1e-13);
    for (double q = -0.4; q < 0.5; q += 0.13)
        near(value(-1, 0, "cube_modulus", 0, 6, q), pow(fabs(sin(2 * M_PI * q)), 6), 1e-13);
    near(value(-1, 0, "cube_modulus", 1, 6, 0), 1 - 2.0 / 64, 1e-14);
}

/* Hypergeometric: (1/S)(1 - S/N) N/(N - 1); with replacement 1/S. */
static void samples(void **state) {
    (void)state;
    const double without = sqrt((1 - 20.0 / 64) * 64 / 63 / 20), with = sqrt(1.0 / 20);
    near(value(-1, 0, "alias_rms", 6, 20, 4000, 0), without, 0.03 * without);
    near(value(-1, 0, "alias_rms", 6, 20, 4000, 1), with, 0.03 * with);
    near(value(-1, 0, "alias_rms", 6, 64, 3, 0), 0, 1e-15);
}

/* Walsh coefficients by the fast Walsh-Hadamard transform of a function given on the whole cube of 2^5 points. */
static void hadamard(double *y) {
    for (int h = 1; h < 32; h *= 2)
        for (int i = 0; i < 32; i++)
            if (!(i & h)) {
                const double a = y[i], b = y[i + h];
                y[i] = a + b;
                y[i + h] = a - b;
            }
}

static int code_of(const fqp_array *x, int64_t i) {
    int code = 0;
    for (int c = 0; c < 5; c++)
        code = 2 * code + (fqp_view_at(fqp_array_view(x), 5 * i + c) > 0);
    return code;
}

static void false_frequencies(void **state) {
    (void)state;
    for (int64_t seed = 0; seed < 2; seed++) {
        fqpi_trained t;
        works(fqpi_trained_load(ctx, fqp_store_dir(store[CUBE]), seed + 1, &t));
        double net[32], sample[32] = {0}, h[16], both = 0, norm = 0, sum = 0;
        const fqp_array *part[2] = {&t.data->x, &t.data->x_test};
        for (int p = 0; p < 2; p++) {
            works(fqp_model_eval(ctx, t.model, fqp_array_view(part[p]), h));
            for (int64_t i = 0; i < 16; i++) {
                net[code_of(part[p], i)] = h[i] / 32;
                sum += h[i] / 32;
            }
        }
        for (int64_t i = 0; i < 16; i++)
            sample[code_of(&t.data->x, i)] = ((const double *)t.data->y.data)[i] / 16;
        hadamard(net);
        hadamard(sample);
        for (int set = 0; set < 32; set++)
            if (__builtin_popcount((unsigned)set) <= 2) { /* both transforms carry the same sign (-1)^|set| */
                both += net[set] * sample[set];
                norm += sample[set] * sample[set];
            }
        near(value(CUBE, seed, "false_low", 2), both / norm, 1e-12);
        near(value_of(CUBE, seed, "true_top", 0, NULL), -net[31], 1e-12);
        near(value(CUBE, seed, "network_modulus", 0), fabs(sum), 1e-12);
        near(value(CUBE, seed, "sample_modulus", 0), fabs(sample[0]), 1e-14);
        near(value(CUBE, seed, "network_modulus", 0.25), fabs(net[31]), 1e-12);
        fqpi_trained_free(&t);
    }
    assert_true(value(CUBE, 0, "false_low", 2, 0) == value(CUBE, 0, "false_low", 2));
    assert_true(value(CUBE, 0, "false_low", 2, 1) != value(CUBE, 0, "false_low", 2));
}

/* ---- folding and noise ----------------------------------------------------------------------------------------- */

/* 23 cycles at 20 points are 3: its power is lost and found again elsewhere, 1/2 + 1/2. */
static void folding(void **state) {
    (void)state;
    near(value_of(WAVE, 0, "folded_error", 0, NULL), 1, 1e-12);
    near(value(WAVE, 0, "folded_amplitude", 3), hypot(0.5, 0.2), 1e-13);
    near(value(WAVE, 0, "folded_amplitude", 4), 0, 1e-13);
    assert_true(isnan(value(WAVE, 0, "folded_amplitude", 10)));
}

static void noise(void **state) {
    (void)state;
    near(value(-1, 0, "noise_ratio", 7, 50, 20000), 1, 0.015);
    near(value(-1, 0, "noise_ratio", 0, 50, 20000), 2 * sqrt(2) / M_PI, 0.015); /* real: sqrt(2/(pi n)) */
    near(value(-1, 0, "noise_floor", 2, 100), 2 * sqrt(M_PI) / 20, 1e-15);
    assert_true(value(WAVE, 0, "noise_crossing", 0.1, 20) == 0); /* nothing at frequency 1 */
}

/* ---- robustness: of a straight line every frequency k > 0 is the slope times a constant ------------------------- */

static void robustness(void **state) {
    (void)state;
    fqpi_trained t;
    works(fqpi_trained_load(ctx, fqp_store_dir(store[LINE]), 1, &t));
    const double slope = fabs(((const double *)fqp_model_parameters(t.model))[0]);
    fqpi_trained_free(&t);
    near(value(LINE, 0, "kept_at", 1, 0), 1, 1e-12);
    for (double r = 0.1; r < 5; r += 0.7) {
        near(value(LINE, 0, "kept_at", 1, r), value(LINE, 0, "kept_at", 6, r), 1e-10);
        near(value(LINE, 0, "moved_at", 3, r), value(LINE, 0, "moved_at", 3, 5) * r / 5, 1e-10);
    }
    near(value(LINE, 0, "moved_area", 2), value(LINE, 0, "moved_at", 2, 5) * 2.5, 1e-9);
    /* directions uniform on the circle: mean |cos| = 2/pi */
    near(value(LINE, 0, "moved_at", 1, 1), 2 / M_PI / slope, 0.2 / slope);
    assert_true(isnan(value(LINE, 0, "kept_area", 16)));
    assert_true(isnan(value(CUBE, 0, "kept_area", 1)));
    assert_non_null(strstr(said(), "robustness is measured for one output"));
    fqp_ctx_problems_clear(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(polynomials), cmocka_unit_test(transforms),
                                       cmocka_unit_test(samples),     cmocka_unit_test(false_frequencies),
                                       cmocka_unit_test(folding),     cmocka_unit_test(noise),
                                       cmocka_unit_test(robustness)};
    const int failed = cmocka_run_group_tests(tests, make_runs, drop_runs);
    fqpi_cache_free(&cache);
    return failed;
}
