/* Spectra of samples: what is warned of, how far intervals can be trusted, what is refused. */
#include "unit/monitor/samples.h"

/* Each doubt with its number; and a field without doubts has none. */
static void warnings(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    enum { N = 200 };
    double x[N], y[N];
    for (int j = 0; j < N; j++) {
        x[j] = (double)j / N;
        y[j] = sin(2 * M_PI * 3 * x[j]) + cos(2 * M_PI * 11 * x[j]);
    }
    fqp_periodogram p = spectrum(ctx, table(x, N, 1), table(y, N, 1), (fqp_periodogram_opts){0});
    assert_int_equal(p.nwarnings, 0);
    fqp_periodogram_free(&p);

    for (int j = 0; j < N; j++) /* 0.1^2 of 1.01 above 0.8 Nyquist; the tone at 85 has 200/85 points a period */
        y[j] = 0.1 * sin(2 * M_PI * 3 * x[j]) + sin(2 * M_PI * 85 * x[j]);
    p = spectrum(ctx, table(x, N, 1), table(y, N, 1), (fqp_periodogram_opts){0});
    assert_near(warned(&p, "aliasing")->number, 1 / 1.01, 1e-12);
    assert_near(warned(&p, "few_points")->number, 85.0 / 200, 1e-12);
    assert_null(warned(&p, "leakage"));
    fqp_periodogram_free(&p);

    for (int j = 0; j < N; j++)
        y[j] = x[j] * x[j];
    p = spectrum(ctx, table(x, N, 1), table(y, N, 1), (fqp_periodogram_opts){0});
    assert_near(warned(&p, "leakage")->number, 1, 1e-12);
    fqp_periodogram_free(&p);

    for (int j = 0; j < N; j++) { /* four of five points in the first tenth, every tenth point twice, and noise */
        x[j] = j % 5 ? 0.1 * draw(j) : draw(j);
        y[j] = normal(j);
    }
    for (int j = 10; j < N; j += 10)
        x[j] = x[j - 1];
    p = spectrum(ctx, table(x, N, 1), table(y, N, 1), (fqp_periodogram_opts){.kmax = 12});
    assert_true(warned(&p, "uneven")->number > 10);
    assert_true(warned(&p, "gap")->number > 2);
    assert_near(warned(&p, "duplicates")->number, 19, 0);
    assert_true(warned(&p, "clustered")->number > 1e3);
    assert_true(warned(&p, "unexplained")->number > 0.05);
    fqp_periodogram_free(&p);
    /* left to itself it asks for less, until the points carry it */
    p = spectrum(ctx, table(x, N, 1), table(y, N, 1), (fqp_periodogram_opts){0});
    assert_true(p.condition < 1e6 && p.kmax[0] < 25);
    fqp_periodogram_free(&p);
    fqp_ctx_destroy(ctx);
}

static int covered_in(fqp_ctx *ctx, int round, bool grid, int *all) {
    enum { N = 120, K = 6 };
    double x[N], y[N];
    const double amplitude[3] = {1, 0.5, 2};
    for (int j = 0; j < N; j++) {
        x[j] = grid ? (double)j / N : draw(round * N + j);
        y[j] = 0.5 * normal(round * N + j);
        for (int i = 0; i < 3; i++)
            y[j] += amplitude[i] * cos(2 * M_PI * (i + 1) * x[j] + i);
    }
    fqp_periodogram p =
        spectrum(ctx, table(x, N, 1), table(y, N, 1),
                 (fqp_periodogram_opts){
                     .kmax = K, .period = (double[]){1}, .equal = true, .bootstrap = 60, .seed = (uint64_t)round + 1});
    int covered = 0;
    for (int i = 0; i < 3; i++) {
        const double truth = amplitude[i] * amplitude[i] / 2;
        covered += p.low[i + 1] <= truth && truth <= p.high[i + 1];
        /* the noise of a coefficient has variance 0.25/n for k and -k each */
        assert_true(p.error[i + 1] > 0.4 * sqrt(0.5 / N) && p.error[i + 1] < 2 * sqrt(0.5 / N));
    }
    *all += 3;
    fqp_periodogram_free(&p);
    return covered;
}

/* 80 % intervals of the energy of three tones under white noise hold it in 70 to 90 % of 300 cases. */
static void intervals_cover(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    for (int grid = 0; grid < 2; grid++) {
        int covered = 0, all = 0;
        for (int round = 0; round < 100; round++)
            covered += covered_in(ctx, round, grid, &all);
        assert_true(covered > 0.7 * all && covered < 0.9 * all);
    }
    fqp_ctx_destroy(ctx);
}
/* Every allocation may fail: FQP_E_NOMEM, and nothing is left behind. */
static void memory_runs_out(void **state) {
    (void)state;
    enum { N = 60 };
    double x[2 * N], y[N];
    for (int j = 0; j < N; j++) {
        x[2 * j] = draw(2 * j);
        x[2 * j + 1] = draw(2 * j + 1);
        y[j] = normal(j);
    }
    const fqp_periodogram_opts cases[] = {{.direction = "pc1", .bootstrap = 3}, {.shells = true, .kmax = 2}};
    for (int i = 0; i < 3; i++)
        for (long n = 0;; n++) {
            fqp_ctx *ctx = open_ctx(1);
            fqpi_mem_fail_after(ctx, n);
            fqp_periodogram p = {0};
            fqp_monitor *m = NULL;
            const fqp_status s =
                i < 2 ? fqp_periodogram_of(ctx, table(x, N, 2), table(y, N, 1), &cases[i], &p)
                      : open_probe(ctx, SCATTERED, table(x, N, 2), table(y, N, 1), (fqp_monitor_setup){0}, &m);
            fqp_monitor_destroy(m);
            fqp_periodogram_free(&p);
            fqp_ctx_destroy(ctx);
            if (!s)
                break;
            assert_int_equal(s, FQP_E_NOMEM);
            assert_true(n < 1000);
        }
}

static void refusals(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double x[60] = {0}, y[60];
    int64_t whole[60];
    for (int j = 0; j < 60; j++) {
        y[j] = draw(j);
        whole[j] = j;
    }
    fqp_periodogram p;
    const struct {
        fqp_view x, y;
        fqp_periodogram_opts o;
        fqp_status status;
        const char *text;
    } cases[] = {
        {table(x, 20, 3), table(y, 30, 1), {0}, FQP_E_SHAPE, "spectrum: x has 20 points, y has 30"},
        {table(x, 20, 3), table(y, 20, 1), {0}, FQP_E_SHAPE, "spectrum: all 20 points lie at one place"},
        {table(y, 2, 1), table(y, 2, 1), {0}, FQP_E_SHAPE, "spectrum: at least 3 points are needed, there are 2"},
        {table(NULL, 20, 1),
         table(y, 20, 1),
         {0},
         FQP_E_ARG,
         "spectrum: x must hold real (f64, f32) numbers, not nothing"},
        {table(y, 20, 1),
         {.data = whole, .dtype = FQP_I64, .ndim = 1, .shape = {20}},
         {0},
         FQP_E_ARG,
         "spectrum: y must hold real (f64, f32) or complex (c128, c64) numbers, not i64"},
        {table(y, 20, 1),
         {.data = y, .dtype = FQP_F64, .ndim = 3, .shape = {20, 1, 1}},
         {0},
         FQP_E_SHAPE,
         "spectrum: y must be a table [points, columns], it has 3 dimensions"},
        {table(y, 20, 1),
         table(y, 20, 1),
         {.kmax = 12},
         FQP_E_ARG,
         "spectrum: kmax 12 needs more than 24 different numbers in column 1 of x, there are 20"},
        {table(y, 20, 2),
         table(y, 20, 1),
         {.kmax = 4},
         FQP_E_ARG,
         "spectrum: kmax 4 asks for 81 waves, there are 20 points"},
        {table(y, 20, 1),
         table(y, 20, 1),
         {.period = (double[]){0.5}},
         FQP_E_ARG,
         "spectrum: period 0.5 of axis 1 is less than the extent 0.846823"},
        {table(y, 20, 3), table(y, 20, 1), {.direction = "pc9"}, FQP_E_ARG, NULL},
        {table(y, 20, 3),
         table(y, 20, 1),
         {.direction = "axis4"},
         FQP_E_CONFIG,
         "direction: x has 3 columns, there is no axis4"},
        {table(y, 21, 1), table(y, 21, 1), {.kmax = 10, .bootstrap = 10}, FQP_E_ARG, NULL},
        {table(y, 20, 1), table(y, 20, 1), {.detrend = "square"}, FQP_E_ARG, "spectrum: unknown detrend \"square\""},
        {table(y, 20, 1),
         table(y, 20, 1),
         {.level = 1},
         FQP_E_ARG,
         "spectrum: out of range: beta 0 to 100, width and kmax from 0, bootstrap 0 to 100000, level below 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (cases[i].text)
            assert_refused(ctx, fqp_periodogram_of(ctx, cases[i].x, cases[i].y, &cases[i].o, &p), cases[i].status,
                           cases[i].text);
        else
            assert_true(fqp_periodogram_of(ctx, cases[i].x, cases[i].y, &cases[i].o, &p) != FQP_OK);
        fqp_periodogram_free(&p);
    }
    x[7] = INFINITY;
    assert_refused(ctx, fqp_periodogram_of(ctx, table(x, 20, 3), table(y, 20, 1), NULL, &p), FQP_E_DATA,
                   "spectrum: element (2, 1) of x is inf");
    fqp_ctx_destroy(ctx);
}
int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warnings),
        cmocka_unit_test(intervals_cover),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
