/* Probe dft: the peaks of the papers' settings, the forms of error, masks, wave vectors of several dimensions. */
#include "conf.h"
#include "unit/monitor/field.h"

static double pi(void) {
    return acos(-1);
}

/* Largest difference of the peaks' amplitudes to the published ones; the indices must agree. */
static double worst_amplitude(fqp_ctx *ctx, const setting *s, const double *x, const double *y, bool same_peaks) {
    fqp_dft_opts o = {.kmax = s->kmax, .floor = 0.05};
    fqp_monitor *m;
    assert_ok(ctx, open_probe(ctx, DFT, table(x, s->n, 1), table(y, s->n, 1), (fqp_monitor_setup){.dft = &o}, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(y, s->n, 1)));
    fqp_bins b = bins_of(m, 0, 0);
    assert_int_equal(b.nbins, s->kmax + 1);
    double worst = 0;
    size_t found = 0;
    for (size_t k = 0; k < b.nbins; k++) {
        if (same_peaks && b.selected[k]) {
            assert_true(found < (size_t)s->peaks);
            assert_int_equal(k, s->index[found]);
            assert_true(b.valid[k]);
        }
        for (int i = 0; i < s->peaks; i++)
            if ((int64_t)k == s->index[i])
                worst = fmax(worst, fabs(norm_of(b.target, 1, k) - s->norm[i]));
        found += b.selected[k];
        assert_near(b.axis[k], (double)k, 0);
        if (b.valid[k])
            assert_true(b.error[k] == 0);
        else
            assert_true(isnan(b.error[k]));
    }
    if (same_peaks)
        assert_int_equal(found, s->peaks);
    fqp_monitor_destroy(m);
    return worst;
}

static void peaks_of_the_papers(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double x[SETTING_POINTS], y[SETTING_POINTS];
    for (int i = 0; i < SETTINGS; i++) {
        const setting *s = &settings[i];
        setting_field(s, x, y);
        const double worst = worst_amplitude(ctx, s, x, y, true);
        if (worst > 1e-4)
            fail_msg("setting %s: amplitude off by %g", s->name, worst);
    }
    fqp_ctx_destroy(ctx);
}

/* Control: a grid without its end point moves at least one amplitude. */
static void end_point_matters(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double x[SETTING_POINTS], y[SETTING_POINTS];
    for (int i = 0; i < SETTINGS; i++) {
        const setting *s = &settings[i];
        for (int64_t j = 0; j < s->n; j++)
            x[j] = s->a + (s->b - s->a) * (double)j / (double)s->n;
        sines(x, s->n, s->count, s->amplitude, s->omega, y);
        assert_true(worst_amplitude(ctx, s, x, y, false) > 1e-4);
    }
    fqp_ctx_destroy(ctx);
}

static double error_at(fqp_ctx *ctx, int form, const double *y, const double *h, int64_t n, size_t k) {
    double *x = malloc((size_t)n * sizeof *x);
    grid(x, n, 0, 1);
    fqp_dft_opts o = {.floor = 0.05, .error = form};
    fqp_monitor *m;
    assert_ok(ctx, open_probe(ctx, DFT, table(x, n, 1), table(y, n, 1), (fqp_monitor_setup){.dft = &o}, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 7, 0, table(h, n, 1)));
    const double error = bins_of(m, 0, 0).error[k];
    fqp_monitor_destroy(m);
    free(x);
    return error;
}

/* Claim s1-phase-blindness. */
static void amplitude_form_is_blind_to_phase(void **state) {
    (void)state;
    enum { N = 128, K = 7 };
    fqp_ctx *ctx = open_ctx(1);
    double y[N], h[N];
    for (int j = 0; j < N; j++) {
        y[j] = sin(2 * pi() * K * j / N);
        h[j] = cos(2 * pi() * K * j / N);
    }
    assert_near(error_at(ctx, 0, y, h, N, K), sqrt(2), 1e-9);
    assert_near(error_at(ctx, 1, y, h, N, K), 0, 1e-9);
    /* amplitude form with the scripts' 1e-5 on the transform that is not scaled: |Y| = n/2 */
    for (int j = 0; j < N; j++)
        h[j] = 0.25 * y[j];
    assert_near(error_at(ctx, 1, y, h, N, K), 0.75 * 64 / (1e-5 + 64), 1e-12);
    fqp_ctx_destroy(ctx);
}

static void bins_without_energy_are_masked(void **state) {
    (void)state;
    enum { N = 64 };
    fqp_ctx *ctx = open_ctx(1);
    double x[N], y[N], h[N];
    grid(x, N, 0, 1);
    for (int j = 0; j < N; j++) {
        y[j] = sin(2 * pi() * 3 * j / N) + 0.04 * sin(2 * pi() * 9 * j / N);
        h[j] = cos(1.0 + j);
    }
    int64_t list[] = {3, 9};
    fqp_dft_opts o = {.floor = 0.05, .peaks = 2, .list = {list, 2}};
    fqp_monitor *m;
    assert_ok(ctx, open_probe(ctx, DFT, table(x, N, 1), table(y, N, 1), (fqp_monitor_setup){.dft = &o}, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h, N, 1)));
    fqp_bins b = bins_of(m, 0, 0);
    assert_int_equal(b.nbins, 32); /* all below Nyquist */
    for (size_t k = 0; k < b.nbins; k++) {
        assert_int_equal(b.valid[k], k == 3);
        assert_int_equal(b.selected[k], k == 3 || k == 9); /* asked for by hand: selected, and masked */
        assert_int_equal(isnan(b.error[k]) != 0, k != 3);
    }
    fqp_monitor_destroy(m);

    o = (fqp_dft_opts){.floor = 0.03, .peaks = 1};
    assert_ok(ctx, open_probe(ctx, DFT, table(x, N, 1), table(y, N, 1), (fqp_monitor_setup){.dft = &o}, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h, N, 1)));
    b = bins_of(m, 0, 0);
    for (size_t k = 0; k < b.nbins; k++)
        assert_int_equal(b.selected[k], k == 3 || k == 9);
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

static void detrend_subtracts_the_targets_mean(void **state) {
    (void)state;
    enum { N = 50 };
    fqp_ctx *ctx = open_ctx(1);
    double x[N], y[N], h[N];
    grid(x, N, 0, 1);
    for (int j = 0; j < N; j++) {
        y[j] = 100 + sin(2 * pi() * 4 * j / N);
        h[j] = y[j] + 0.25;
    }
    fqp_dft_opts o = {.floor = 0.05, .detrend = true};
    fqp_monitor *m;
    assert_ok(ctx, open_probe(ctx, DFT, table(x, N, 1), table(y, N, 1), (fqp_monitor_setup){.dft = &o}, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h, N, 1)));
    fqp_bins b = bins_of(m, 0, 0);
    assert_true(b.selected[4]);
    assert_near(b.target[0], 0, 1e-12);
    assert_near(b.prediction[0], 0.25, 1e-12); /* the same number is taken from both */
    fqp_monitor_destroy(m);
    o.detrend = false; /* control: the mean hides the sine */
    assert_ok(ctx, open_probe(ctx, DFT, table(x, N, 1), table(y, N, 1), (fqp_monitor_setup){.dft = &o}, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h, N, 1)));
    assert_false(bins_of(m, 0, 0).selected[4]);
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

/* Two outputs: moduli are summed over outputs before peaks are looked for. */
static void outputs_stay_apart_in_spectra(void **state) {
    (void)state;
    enum { N = 40 };
    fqp_ctx *ctx = open_ctx(1);
    double x[N], y[2 * N], h[2 * N] = {0};
    grid(x, N, -1, 1);
    for (int j = 0; j < N; j++) {
        y[2 * j] = 2 * sin(2 * pi() * 3 * j / N);
        y[2 * j + 1] = cos(2 * pi() * 8 * j / N);
        h[2 * j] = y[2 * j];
    }
    fqp_monitor *m;
    assert_ok(ctx, open_probe(ctx, DFT, table(x, N, 1), table(y, N, 2), (fqp_monitor_setup){0}, &m)); /* defaults */
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h, N, 2)));
    fqp_bins b = bins_of(m, 0, 0);
    assert_int_equal(b.ncomp, 2);
    assert_true(b.selected[3] && b.selected[8]);
    assert_near(b.target[2 * (2 * 3) + 1], -1, 1e-12);  /* 2 sin: -i */
    assert_near(b.target[2 * (2 * 8 + 1)], 0.5, 1e-12); /* cos: 1/2 */
    assert_near(b.error[3], 0, 1e-12);
    assert_near(b.error[8], 1, 1e-12);
    assert_near(b.wavenumber, 2 * pi() / (N * (2.0 / (N - 1))), 1e-12);
    assert_string_equal(b.axis_unit, "cycles per domain");
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

/* cos(2 pi (2 u + 5 v)) + cos(2 pi (3 u - 4 v)) on meshes of both orders. */
static void wave_vectors_of_two_dimensions(void **state) {
    (void)state;
    enum { A = 16, B = 24 };
    static double x[A * B][2], y[A * B], h[A * B];
    fqp_ctx *ctx = open_ctx(1);
    for (int order = 0; order < 2; order++) {
        for (int i = 0; i < A; i++)
            for (int j = 0; j < B; j++) {
                const int row = order ? j * A + i : i * B + j;
                x[row][0] = (double)i / A;
                x[row][1] = (double)j / B;
                const double u = x[row][0], v = x[row][1];
                y[row] = cos(2 * pi() * (2 * u + 5 * v)) + cos(2 * pi() * (3 * u - 4 * v) + 1);
                h[row] = cos(2 * pi() * (2 * u + 5 * v));
            }
        fqp_monitor *m;
        assert_ok(ctx, open_probe(ctx, DFT, table(x[0], A * B, 2), table(y, A * B, 1), (fqp_monitor_setup){0}, &m));
        assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h, A * B, 1)));
        fqp_bins b = bins_of(m, 0, 0);
        assert_int_equal(b.nbins, (15 * 23 + 1) / 2);
        int found = 0;
        for (size_t k = 0; k < b.nbins; k++) {
            assert_true(k == 0 || b.axis[k] >= b.axis[k - 1]);
            if (!b.selected[k])
                continue;
            found++;
            const bool first = strcmp(b.label[k], "(2, 5)") == 0;
            assert_true(first || strcmp(b.label[k], "(3, -4)") == 0);
            assert_near(b.axis[k], first ? sqrt(29) : 5, 1e-12);
            assert_near(b.error[k], first ? 0 : 1, 1e-12);
            assert_near(b.target[2 * k], first ? 0.5 : 0.5 * cos(1), 1e-12);
            assert_near(b.target[2 * k + 1], first ? 0 : 0.5 * sin(1), 1e-12);
        }
        assert_int_equal(found, 2);
        fqp_monitor_destroy(m);
    }
    fqp_ctx_destroy(ctx);
}

static void premises_are_checked(void **state) {
    (void)state;
    enum { N = 201 };
    fqp_ctx *ctx = open_ctx(1);
    double x[N], y[N];
    grid(x, N, 0, 1);
    for (int j = 0; j < N; j++)
        y[j] = sin(9 * x[j]);
    fqp_monitor *m = NULL;
    const fqp_dft_opts kmax = {.kmax = 120}, none = {.peaks = 2};
    int64_t index = 101;
    const fqp_dft_opts outside = {.peaks = 2, .list = {&index, 1}};
    const fqp_view vx = table(x, N, 1), vy = table(y, N, 1);
    assert_refused(ctx, open_probe(ctx, DFT, vx, vy, (fqp_monitor_setup){.dft = &kmax}, &m), FQP_E_CONFIG,
                   "monitor.dft.kmax: 120 needs more than 240 points, there are 201");
    assert_refused(ctx, open_probe(ctx, DFT, vx, vy, (fqp_monitor_setup){.dft = &none}, &m), FQP_E_CONFIG,
                   "monitor.dft.list: peaks is list, and no index is listed");
    assert_refused(ctx, open_probe(ctx, DFT, vx, vy, (fqp_monitor_setup){.dft = &outside}, &m), FQP_E_CONFIG,
                   "monitor.dft.list: index 101 is outside 0..100");
    x[18] += 1e-3;
    assert_refused(
        ctx, open_probe(ctx, DFT, vx, vy, (fqp_monitor_setup){0}, &m), FQP_E_SHAPE,
        "probe dft needs equal spacing: gap 17, from x[17] = 0.085 to x[18] = 0.091, is 0.006 where gap 0 is "
        "0.005; use probe scattered, projection or filter for such points");
    assert_null(m);
    fqp_ctx_destroy(ctx);
}

/* With a configuration, problems point at the key that caused them. */
static void problems_have_a_place(void **state) {
    (void)state;
    static const fqp_section *const sections[] = {&fqp_monitor_section, &fqp_dft_section, NULL};
    enum { N = 201 };
    fqp_ctx *ctx = open_ctx(1);
    fqp_config *conf;
    double x[N], y[N];
    grid(x, N, 0, 1);
    grid(y, N, 0, 1);
    assert_ok(ctx, fqpi_config_parse(ctx, sections, "a.yaml", "monitor:\n  probes: [dft]\n  dft:\n    kmax: 120\n", 0,
                                     NULL, &conf));
    const fqp_monitor_setup setup = {
        .monitor = fqp_config_section(conf, "monitor"), .dft = fqp_config_section(conf, "monitor.dft"), .conf = conf};
    fqp_monitor *m;
    for (int broken = 0; broken < 2; broken++) {
        x[7] += 1e-3 * broken;
        fqp_ctx_problems_clear(ctx);
        assert_int_equal(fqp_monitor_create(ctx, table(x, N, 1), table(y, N, 1), &setup, &m),
                         broken ? FQP_E_SHAPE : FQP_E_CONFIG);
        const fqp_problem p = fqp_ctx_problem(ctx, 0);
        assert_string_equal(p.source, "a.yaml");
        assert_int_equal(p.line, broken ? 2 : 4);
        assert_int_equal(p.column, 11);
        const char *text = broken ? "probe dft needs equal spacing: gap 6, "
                                  : "monitor.dft.kmax: 120 needs more than 240 points, there are 201";
        assert_memory_equal(p.message, text, strlen(text));
    }
    fqp_config_destroy(conf);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peaks_of_the_papers),
        cmocka_unit_test(end_point_matters),
        cmocka_unit_test(amplitude_form_is_blind_to_phase),
        cmocka_unit_test(bins_without_energy_are_masked),
        cmocka_unit_test(detrend_subtracts_the_targets_mean),
        cmocka_unit_test(outputs_stay_apart_in_spectra),
        cmocka_unit_test(wave_vectors_of_two_dimensions),
        cmocka_unit_test(premises_are_checked),
        cmocka_unit_test(problems_have_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
