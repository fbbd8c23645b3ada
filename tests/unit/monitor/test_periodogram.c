/* Spectra of samples: what comes back from grids, scattered, clustered and missing points. */
#include "unit/monitor/samples.h"

static double sum_energy(const fqp_periodogram *p) {
    double sum = 0;
    for (size_t b = 0; b < p->nbins; b++)
        sum += p->energy[b];
    return sum;
}

/* Rows of x and y in a random order. */
static void shuffle(double *x, int64_t d, double *y, int64_t m, int64_t n) {
    for (int64_t i = n - 1; i > 0; i--) {
        const int64_t j = (int64_t)fqpi_rng_below(9, FQPI_STREAM_TEST, (uint64_t)i, (uint64_t)(i + 1));
        for (int64_t a = 0; a < d; a++) {
            const double t = x[i * d + a];
            x[i * d + a] = x[j * d + a];
            x[j * d + a] = t;
        }
        for (int64_t c = 0; c < m; c++) {
            const double t = y[i * m + c];
            y[i * m + c] = y[j * m + c];
            y[j * m + c] = t;
        }
    }
}

static int64_t grid_2d(int64_t rows, int64_t columns, double *x) {
    for (int64_t j = 0; j < rows * columns; j++) {
        x[2 * j] = -3 + 0.5 * (double)(j / columns);
        x[2 * j + 1] = 7 - 0.25 * (double)(j % columns); /* descending */
    }
    return rows * columns;
}

/* A grid is found in any order of its points, also descending and of even sides; every bin by the definition. */
static void grids_in_any_order(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    enum { R = 6, C = 9, N = R * C, M = 2 };
    double x[2 * N], y[M * N];
    grid_2d(R, C, x);
    for (int i = 0; i < M * N; i++)
        y[i] = normal(i);
    for (int round = 0; round < 2; round++) {
        fqp_periodogram p = spectrum(ctx, table(x, N, 2), table(y, N, M), (fqp_periodogram_opts){0});
        assert_true(p.grid);
        assert_int_equal(p.nbins, 28); /* (5 * 9 - 1)/2 + 1, and 9 with k_0 = 3, of which 4 pairs and itself */
        double whole = 0;
        for (int i = 0; i < M * N; i++)
            whole += y[i] * y[i] / N;
        assert_near(sum_energy(&p), whole, 1e-12);
        assert_near(p.total, whole, 1e-12);
        for (size_t b = 0; b < p.nbins; b++)
            for (int c = 0; c < M; c++) {
                double complex sum = 0;
                for (int j = 0; j < N; j++)
                    sum += y[M * j + c] / N *
                           cexp(-2 * M_PI * I *
                                ((double)p.k[2 * b] * (x[2 * j] + 3) / 3 +
                                 (double)p.k[2 * b + 1] * (x[2 * j + 1] - 5) / 2.25));
                assert_near(p.coefficient[2 * (b * M + (size_t)c)], creal(sum), 1e-12);
                assert_near(p.coefficient[2 * (b * M + (size_t)c) + 1], cimag(sum), 1e-12);
            }
        fqp_periodogram_free(&p);
        shuffle(x, 2, y, M, N);
    }
    fqp_ctx_destroy(ctx);
}

/* Shells go by the Euclidean radius: wave (3, 4) lies in shell 5, by the sum of its indices it would be 7. */
static void shells_are_round(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    enum { SIDE = 24, N = SIDE * SIDE };
    double x[2 * N], y[N];
    for (int j = 0; j < N; j++) {
        x[2 * j] = j / SIDE;
        x[2 * j + 1] = j % SIDE;
        y[j] = cos(2 * M_PI * (3 * x[2 * j] + 4 * x[2 * j + 1]) / SIDE);
    }
    fqp_periodogram p = spectrum(ctx, table(x, N, 2), table(y, N, 1), (fqp_periodogram_opts){.shells = true});
    assert_int_equal(p.nbins, SIDE / 2 + 1);
    for (size_t b = 0; b < p.nbins; b++)
        assert_near(p.energy[b], b == 5 ? 0.5 : 0, 1e-14);
    fqp_periodogram_free(&p);
    fqp_ctx_destroy(ctx);
}

/* Squares are taken before sums: waves of amplitudes 1 and 2 in one shell have (1 + 4)/2, not (1 + 2)^2/2; outputs too.
 */
static void squares_before_sums(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    enum { SIDE = 16, N = SIDE * SIDE };
    double x[2 * N], y[2 * N];
    for (int j = 0; j < N; j++) {
        x[2 * j] = j / SIDE;
        x[2 * j + 1] = j % SIDE;
        y[2 * j] = cos(2 * M_PI * 5 * x[2 * j] / SIDE) + 2 * sin(2 * M_PI * (3 * x[2 * j] - 4 * x[2 * j + 1]) / SIDE);
        y[2 * j + 1] = 3 * sin(2 * M_PI * 5 * x[2 * j + 1] / SIDE);
    }
    fqp_periodogram p = spectrum(ctx, table(x, N, 2), table(y, N, 2), (fqp_periodogram_opts){.shells = true});
    assert_near(p.energy[5], 0.5 * (1 + 4 + 9), 1e-13);
    fqp_periodogram_free(&p);
    fqp_ctx_destroy(ctx);
}

/* Clouds of one, two and three dimensions; a complex field of three waves, two outputs: coefficients come back. */
static void scattered_waves_come_back(void **state) {
    (void)state;
    enum { N = 700 };
    fqp_ctx *ctx = open_ctx(1);
    for (int d = 1; d <= 3; d++) {
        double x[3 * N];
        double complex y[2 * N];
        const double period[3] = {1, 2, 0.5};
        for (int j = 0; j < N; j++) {
            for (int a = 0; a < d; a++)
                x[j * d + a] = period[a] * draw(j * d + a);
            const double turn = x[j * d] - (d > 1 ? x[j * d + 1] : 0) + (d > 2 ? 2 * x[j * d + 2] : 0);
            y[2 * j] = 0.25 + (1 + 2 * I) * cexp(2 * M_PI * I * turn);
            y[2 * j + 1] = 3 * I * cexp(-2 * M_PI * I * turn);
        }
        fqp_periodogram p =
            spectrum(ctx, table(x, N, d), (fqp_view){.data = y, .dtype = FQP_C128, .ndim = 2, .shape = {N, 2}},
                     (fqp_periodogram_opts){.kmax = 2, .period = period});
        assert_false(p.grid);
        assert_true(p.complex_);
        assert_near(p.explained, 1, 1e-9);
        int found = 0;
        for (size_t b = 0; b < p.nbins; b++) {
            const int64_t *k = p.k + b * (size_t)d;
            int sign = 0;
            bool zero = true;
            for (int s = -1; s <= 1; s += 2)
                if (k[0] == s && (d < 2 || k[1] == -2 * s) && (d < 3 || k[2] == s))
                    sign = s;
            for (int a = 0; a < d; a++)
                zero = zero && k[a] == 0;
            const double *c = p.coefficient + 4 * b;
            assert_near(hypot(c[0], c[1]), sign == 1 ? sqrt(5) : zero ? 0.25 : 0, 1e-9);
            assert_near(hypot(c[2], c[3]), sign == -1 ? 3 : 0, 1e-9);
            assert_near(p.energy[b], sign == 1 ? 5 : sign == -1 ? 9 : zero ? 0.0625 : 0, 1e-8);
            found += sign != 0 || zero;
        }
        assert_int_equal(found, 3);
        fqp_periodogram_free(&p);
    }
    fqp_ctx_destroy(ctx);
}

/* A grid with a third of its values missing, as NaN: the field comes back; without the option it is refused. */
static void missing_values(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    enum { SIDE = 20, N = SIDE * SIDE };
    double x[2 * N], y[N];
    for (int j = 0; j < N; j++) {
        x[2 * j] = j / SIDE;
        x[2 * j + 1] = j % SIDE;
        y[j] = draw(j) < 1.0 / 3 ? NAN : 1 + 4 * cos(2 * M_PI * (2 * x[2 * j] - 3 * x[2 * j + 1]) / SIDE);
    }
    fqp_periodogram p = spectrum(ctx, table(x, N, 2), table(y, N, 1), (fqp_periodogram_opts){.skip_nan = true});
    assert_true(p.left_out > 100 && p.left_out + p.n == N);
    assert_near(p.period[0], SIDE, 1e-9);
    assert_near(sum_energy(&p), 9, 1e-6);
    for (size_t b = 0; b < p.nbins; b++)
        if (p.k[2 * b] == 2 && p.k[2 * b + 1] == -3)
            assert_near(p.energy[b], 8, 1e-6);
    fqp_periodogram_free(&p);
    int first = 0;
    while (!isnan(y[first]))
        first++;
    char text[160];
    snprintf(text, sizeof text,
             "spectrum: element (%d, 0) of y is nan; points without a value can be left out (skip_nan, --skip-nan)",
             first);
    assert_refused(ctx, fqp_periodogram_of(ctx, table(x, N, 2), table(y, N, 1), NULL, &p), FQP_E_DATA, text);
    fqp_ctx_destroy(ctx);
}

/* Five columns, a field along a diagonal of them. */
static void many_columns(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    enum { N = 500, D = 5 };
    double x[N * D], y[N], low = INFINITY, high = -INFINITY;
    for (int j = 0; j < N; j++) {
        double s = 0;
        for (int a = 0; a < D; a++) {
            x[j * D + a] = draw(j * D + a);
            s += x[j * D + a] / sqrt(D);
        }
        y[j] = s;
        low = fmin(low, s);
        high = fmax(high, s);
    }
    for (int j = 0; j < N; j++)
        y[j] = sin(2 * M_PI * 4 * (y[j] - low) / (high - low));
    fqp_periodogram p = spectrum(ctx, table(x, N, D), table(y, N, 1),
                                 (fqp_periodogram_opts){.direction = "diagonal", .kmax = 9, .period = (double[]){1}});
    assert_int_equal(p.d, 1);
    assert_string_equal(p.direction, "diagonal");
    assert_near(p.period[0], high - low, 1e-12);
    assert_near(p.energy[4], 0.5, 1e-9);
    fqp_periodogram_free(&p);
    p = spectrum(ctx, table(x, N, D), table(y, N, 1), (fqp_periodogram_opts){0});
    assert_string_equal(p.direction, "pc1");
    fqp_periodogram_free(&p);
    fqp_ctx_destroy(ctx);
}

/* A tone between two bins: no window leaks into the far bins, the others do not; its amplitude and the energy of noise
 * come out right under each. */
static void windows_and_trends(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    enum { N = 512 };
    double x[N], tone[N], on[N], noise[N], ramp[N];
    for (int j = 0; j < N; j++) {
        x[j] = (double)j / N;
        tone[j] = 2 * cos(2 * M_PI * 20.5 * x[j]);
        on[j] = 2 * cos(2 * M_PI * 20 * x[j] + 1);
        noise[j] = normal(j);
        ramp[j] = 5 + 3 * x[j];
    }
    static const double far[] = {1e-4, 1e-12, 1e-13, 1e-9};
    const char *name;
    for (size_t i = 0; (name = fqp_window_name(i, NULL)) != NULL; i++) {
        const fqp_periodogram_opts o = {.window = name};
        fqp_periodogram p = spectrum(ctx, table(x, N, 1), table(tone, N, 1), o);
        assert_true(p.energy[120] < far[i] && (i > 0 || p.energy[120] > 1e-6));
        assert_true((warned(&p, "leakage") != NULL) == (i == 0));
        fqp_periodogram_free(&p);
        p = spectrum(ctx, table(x, N, 1), table(on, N, 1), o);
        assert_near(hypot(p.coefficient[40], p.coefficient[41]), 1,
                    1e-5); /* half at k, half at -k and its side lobes */
        fqp_periodogram_free(&p);
        p = spectrum(ctx, table(x, N, 1), table(noise, N, 1), o);
        assert_near(sum_energy(&p), 1, 0.3); /* 0.06 to 0.1 is one standard deviation */
        assert_near(sum_energy(&p), p.total, 1e-12);
        fqp_periodogram_free(&p);
        assert_refused(
            ctx,
            fqp_periodogram_of(ctx, table(x, N, 1), table(on, N, 1), &(fqp_periodogram_opts){.window = "kayser"}, &p),
            FQP_E_ARG, "spectrum: unknown window \"kayser\"; did you mean \"kaiser\"?");
    }
    fqp_periodogram p = spectrum(ctx, table(x, N, 1), table(ramp, N, 1), (fqp_periodogram_opts){0});
    assert_non_null(warned(&p, "leakage"));
    fqp_periodogram_free(&p);
    p = spectrum(ctx, table(x, N, 1), table(ramp, N, 1), (fqp_periodogram_opts){.detrend = "linear"});
    assert_near(sum_energy(&p), 0, 1e-20);
    fqp_periodogram_free(&p);
    p = spectrum(ctx, table(x, N, 1), table(ramp, N, 1), (fqp_periodogram_opts){.detrend = "mean"});
    assert_near(p.energy[0], 0, 1e-20);
    assert_true(p.energy[1] > 0.1);
    fqp_periodogram_free(&p);
    fqp_ctx_destroy(ctx);
}
static void the_same_bits(void **state) {
    (void)state;
    enum { N = 3000 };
    double x[2 * N], y[N], *first = NULL;
    for (int j = 0; j < N; j++) {
        x[2 * j] = draw(2 * j);
        x[2 * j + 1] = draw(2 * j + 1);
        y[j] = normal(j);
    }
    for (int threads = 1; threads <= 3; threads++) {
        fqp_ctx *ctx = open_ctx(threads);
        fqp_periodogram p = spectrum(ctx, table(x, N, 2), table(y, N, 1),
                                     (fqp_periodogram_opts){.kmax = 7, .bootstrap = 5, .shells = true});
        const size_t n = p.nbins;
        double *all = calloc(2 * n, sizeof *all);
        memcpy(all, p.energy, n * sizeof *all);
        memcpy(all + n, p.high, n * sizeof *all);
        if (first)
            assert_memory_equal(all, first, 2 * n * sizeof *all);
        free(first);
        first = all;
        fqp_periodogram_free(&p);
        fqp_ctx_destroy(ctx);
    }
    free(first);
}
int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grids_in_any_order),  cmocka_unit_test(shells_are_round),
        cmocka_unit_test(squares_before_sums), cmocka_unit_test(scattered_waves_come_back),
        cmocka_unit_test(missing_values),      cmocka_unit_test(many_columns),
        cmocka_unit_test(windows_and_trends),  cmocka_unit_test(the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
