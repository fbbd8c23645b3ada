/* Sine modes against sums over all points, shells of two dimensions, bands, and a target that is 0. */
#include "field.h"
#include "mem.h"

enum { N = 24, NX = 7, NY = 10 };
static const double pi = 3.14159265358979323846;

static double noise(int64_t i) {
    return sin(12.9898 * (double)i) + 0.3 * cos(78.233 * (double)i * (double)i);
}

static void modes_of_a_line(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double x[N + 1], y[2 * (N + 1)], h[2 * (N + 1)];
    grid(x, N + 1, -1, 3);
    for (int64_t i = 0; i < 2 * (N + 1); i++) {
        y[i] = noise(i);
        h[i] = noise(i + 100);
    }
    const double edges[] = {1, 3, 13, 18};
    const fqp_sine_opts o = {.floor = 0.2, .bands = {(double *)edges, 4}};
    fqp_monitor *m = NULL;
    assert_ok(ctx, open_probe(ctx, SINE, table(x, N + 1, 1), table(y, N + 1, 2), (fqp_monitor_setup){.sine = &o}, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h, N + 1, 2)));
    const fqp_bins b = bins_of(m, 0, 0);
    assert_int_equal(b.nbins, N - 1 + 2);
    assert_int_equal(b.ncomp, 2);
    assert_near(b.wavenumber, pi / 4, 1e-12);
    double band_y = 0, band_d = 0, most = 0, norm[N] = {0};
    for (int k = 1; k < N; k++) {
        double diff = 0;
        for (int c = 0; c < 2; c++) {
            double sy = 0, sh = 0;
            for (int j = 0; j <= N; j++) {
                sy += 2.0 / N * y[2 * j + c] * sin(pi * k * j / N);
                sh += 2.0 / N * h[2 * j + c] * sin(pi * k * j / N);
            }
            assert_near(b.target[4 * (k - 1) + 2 * c], sy, 1e-12);
            assert_near(b.prediction[4 * (k - 1) + 2 * c], sh, 1e-12);
            norm[k] += sy * sy;
            diff += (sy - sh) * (sy - sh);
        }
        most = fmax(most, sqrt(norm[k]));
        if (b.valid[k - 1])
            assert_near(b.error[k - 1], sqrt(diff / norm[k]), 1e-11);
        band_y += k >= 13 && k <= 18 ? norm[k] : 0;
        band_d += k >= 13 && k <= 18 ? diff : 0;
        assert_false(b.selected[k - 1]);
    }
    for (int k = 1; k < N; k++)
        assert_int_equal(b.valid[k - 1], sqrt(norm[k]) > 0.2 * most);
    assert_string_equal(b.label[N], "13 to 18");
    assert_near(b.error[N], sqrt(band_d / band_y), 1e-11);
    assert_near(norm_of(b.target, 2, N), sqrt(band_y), 1e-11);
    assert_true(b.selected[N - 1] && b.selected[N]);
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

/* NX x NY intervals on [0, 1] x [0, 2]: half waves along y count half. */
static void shells_of_a_plane(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    enum { ALL = (NX + 1) * (NY + 1) };
    double x[ALL][2], y[ALL], h[ALL], want_y[64] = {0}, want_d[64] = {0};
    for (int i = 0; i <= NX; i++)
        for (int j = 0; j <= NY; j++) {
            const int at = i * (NY + 1) + j;
            x[at][0] = (double)i / NX;
            x[at][1] = 2.0 * j / NY;
            y[at] = noise(at);
            h[at] = noise(at + 1000);
        }
    fqp_monitor *m = NULL;
    assert_ok(ctx, open_probe(ctx, SINE, table(&x[0][0], ALL, 2), table(y, ALL, 1), (fqp_monitor_setup){0}, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h, ALL, 1)));
    for (int p = 1; p < NX; p++)
        for (int q = 1; q < NY; q++) {
            double sy = 0, sh = 0;
            for (int i = 0; i <= NX; i++)
                for (int j = 0; j <= NY; j++) {
                    const double w = 4.0 / NX / NY * sin(pi * p * i / NX) * sin(pi * q * j / NY);
                    sy += w * y[i * (NY + 1) + j];
                    sh += w * h[i * (NY + 1) + j];
                }
            const int shell = (int)floor(hypot(2.0 * p, q) + 0.5);
            want_y[shell] += sy * sy;
            want_d[shell] += (sy - sh) * (sy - sh);
        }
    const fqp_bins b = bins_of(m, 0, 0);
    assert_int_equal(b.nbins, (int)floor(hypot(2.0 * (NX - 1), NY - 1) + 0.5));
    for (size_t s = 0; s < b.nbins; s++) {
        assert_near(b.target[2 * s], sqrt(want_y[s + 1]), 1e-12);
        assert_int_equal(b.valid[s], want_y[s + 1] > 0);
        if (b.valid[s])
            assert_near(b.error[s], sqrt(want_d[s + 1] / want_y[s + 1]), 1e-11);
    }
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

/* Errors are relative to the first frame, a mode it hardly has to the floor. */
static void nothing_as_target(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double x[N + 1], y[N + 1] = {0}, h[N + 1], g[N + 1];
    grid(x, N + 1, 0, 1);
    for (int j = 0; j <= N; j++) {
        h[j] = 2 * sin(3 * pi * x[j]);
        g[j] = 0.5 * sin(3 * pi * x[j]) + 0.001 * sin(5 * pi * x[j]);
    }
    fqp_monitor *m = NULL;
    assert_ok(ctx, open_probe(ctx, SINE, table(x, N + 1, 1), table(y, N + 1, 1), (fqp_monitor_setup){0}, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h, N + 1, 1)));
    assert_ok(ctx, fqp_monitor_observe(m, 1, 0, table(g, N + 1, 1)));
    fqp_bins b = bins_of(m, 0, 0);
    assert_near(b.error[2], 1, 1e-12);
    b = bins_of(m, 0, 1);
    assert_near(b.error[2], 0.25, 1e-12);
    assert_near(b.error[4], 0.001 / (0.001 * 2), 1e-9);
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

static void refusals(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double x[5], y[5] = {0, 1, 2, 1, 0};
    const double edges[] = {7, 9};
    grid(x, 5, 0, 1);
    fqp_monitor *m = NULL;
    fqp_sine_opts o = {.floor = 0.001, .bands = {(double *)edges, 2}};
    const fqp_monitor_setup setup = {.sine = &o};
    assert_refused(ctx, open_probe(ctx, SINE, table(x, 5, 1), table(y, 5, 1), setup, &m), FQP_E_CONFIG,
                   "monitor.sine.bands: no mode lies in [7, 9]; there are 1 to 3");
    o.bands.n = 1;
    assert_refused(ctx, open_probe(ctx, SINE, table(x, 5, 1), table(y, 5, 1), setup, &m), FQP_E_CONFIG,
                   "monitor.sine.bands: edges come in pairs, there are 1");
    o = (fqp_sine_opts){.kmax = 4};
    assert_refused(ctx, open_probe(ctx, SINE, table(x, 5, 1), table(y, 5, 1), setup, &m), FQP_E_CONFIG,
                   "monitor.sine.kmax: 4 is above 3, the highest mode of these points");
    assert_refused(ctx, open_probe(ctx, SINE, table(x, 2, 1), table(y, 2, 1), (fqp_monitor_setup){0}, &m), FQP_E_SHAPE,
                   "probe sine needs at least 3 points along every axis, border included; there are 2");
    fqp_ctx_destroy(ctx);
}

static void no_memory(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double x[9], y[9] = {0, 1, 2, 1, 0, 3, 1, 2, 0};
    const double edges[] = {1, 3};
    const fqp_sine_opts o = {.floor = 0.001, .bands = {(double *)edges, 2}};
    grid(x, 9, 0, 1);
    fqp_status status = FQP_E_NOMEM;
    fqp_monitor *m = NULL;
    for (long n = 0; status == FQP_E_NOMEM; n++) {
        fqp_ctx_problems_clear(ctx);
        fqpi_mem_fail_after(ctx, n);
        status = open_probe(ctx, SINE, table(x, 9, 1), table(y, 9, 1), (fqp_monitor_setup){.sine = &o}, &m);
    }
    fqpi_mem_fail_after(ctx, -1);
    assert_int_equal(status, FQP_OK);
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(modes_of_a_line), cmocka_unit_test(shells_of_a_plane),
                                       cmocka_unit_test(nothing_as_target), cmocka_unit_test(refusals),
                                       cmocka_unit_test(no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
