/* The monitor itself: what it accepts, how frames are kept, and that a failing allocation leaks nothing. */
#include "mem.h"
#include "unit/monitor/field.h"

enum { N = 32 };
static double x[N], y[N], h[N];

static void prepare(void) {
    grid(x, N, 0, 1);
    for (int j = 0; j < N; j++) {
        y[j] = sin(7 * x[j]) + cos(40 * x[j]);
        h[j] = 0.5 * sin(7 * x[j]);
    }
}

static void predictions_are_checked(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    fqp_monitor *m;
    prepare();
    assert_ok(ctx, fqp_monitor_create(ctx, table(x, N, 1), table(y, N, 1), NULL, &m));
    assert_int_equal(fqp_monitor_probes(m), 1);
    assert_string_equal(fqp_monitor_probe_name(m, 0), "dft");
    assert_null(fqp_monitor_probe_name(m, 1));
    assert_ok(ctx, fqp_monitor_observe(m, 5, 0.5, table(h, N, 1)));
    assert_refused(ctx, fqp_monitor_observe(m, 5, 1, table(h, N, 1)), FQP_E_ARG,
                   "step 5 does not follow step 5: steps must increase");
    assert_refused(ctx, fqp_monitor_observe(m, 6, 1, table(h, N, 2)), FQP_E_SHAPE,
                   "prediction at step 6: shape (32, 2) differs from the targets' (32, 1)");
    assert_refused(ctx, fqp_monitor_observe(m, 6, 1, table(h, N - 1, 1)), FQP_E_SHAPE,
                   "prediction at step 6: shape (31, 1) differs from the targets' (32, 1)");
    h[17] = NAN;
    assert_refused(ctx, fqp_monitor_observe(m, 6, 1, table(h, N, 1)), FQP_E_DATA,
                   "prediction at step 6: element (17, 0) is nan");
    prepare();
    fqp_view integers = table(h, N, 1);
    integers.dtype = FQP_I64;
    assert_refused(ctx, fqp_monitor_observe(m, 6, 1, integers), FQP_E_ARG,
                   "prediction at step 6: f64 or f32 numbers are expected");
    fqp_bins b;
    assert_refused(ctx, fqp_monitor_bins(m, 0, 1, &b), FQP_E_ARG, "frame 1 was asked for, there are 1");
    assert_refused(ctx, fqp_monitor_bins(m, 1, 0, &b), FQP_E_ARG, "probe 1 was asked for, there are 1");
    assert_int_equal(fqp_monitor_frames(m), 1); /* nothing was recorded by the refused calls */
    fqp_monitor_destroy(m);
    fqp_monitor_destroy(NULL);
    fqp_ctx_destroy(ctx);
}

static void targets_are_checked(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    fqp_monitor *m = NULL;
    prepare();
    assert_refused(ctx, fqp_monitor_create(ctx, table(x, N, 1), table(y, N - 1, 1), NULL, &m), FQP_E_SHAPE,
                   "x has 32 points, y has 31");
    y[3] = INFINITY;
    assert_refused(ctx, fqp_monitor_create(ctx, table(x, N, 1), table(y, N, 1), NULL, &m), FQP_E_DATA,
                   "y: element (3, 0) is inf");
    prepare();
    fqp_view bytes = table(x, N, 1);
    bytes.dtype = FQP_U8;
    assert_refused(ctx, fqp_monitor_create(ctx, bytes, table(y, N, 1), NULL, &m), FQP_E_ARG,
                   "x: real numbers (f64 or f32) are expected, not this type");
    int64_t twice[] = {0, 0};
    const fqp_monitor_opts both = {.probes = {twice, 2}}, none = {0};
    assert_refused(ctx,
                   fqp_monitor_create(ctx, table(x, N, 1), table(y, N, 1), &(fqp_monitor_setup){.monitor = &both}, &m),
                   FQP_E_CONFIG, "monitor.probes: dft is named twice");
    assert_refused(ctx,
                   fqp_monitor_create(ctx, table(x, N, 1), table(y, N, 1), &(fqp_monitor_setup){.monitor = &none}, &m),
                   FQP_E_CONFIG, "monitor.probes: at least one probe is needed");
    assert_null(m);
    fqp_ctx_destroy(ctx);
}

static void frames_are_kept(void **state) {
    (void)state;
    enum { FRAMES = 300 };
    fqp_ctx *ctx = open_ctx(1);
    fqp_monitor *m;
    prepare();
    assert_ok(ctx, fqp_monitor_create(ctx, table(x, N, 1), table(y, N, 1), NULL, &m));
    float single[N];
    for (int f = 0; f < FRAMES; f++) {
        for (int j = 0; j < N; j++)
            single[j] = (float)(y[j] * f / 256);
        const fqp_view v = {.data = single, .dtype = FQP_F32, .ndim = 1, .shape = {N}};
        assert_ok(ctx, fqp_monitor_observe(m, 3 * f, 0.1 * f, v));
    }
    assert_int_equal(fqp_monitor_frames(m), FRAMES);
    for (int f = 0; f < FRAMES; f++) {
        fqp_bins b = bins_of(m, 0, (size_t)f);
        assert_int_equal(fqp_monitor_steps(m)[f], 3 * f);
        assert_near(fqp_monitor_seconds(m)[f], 0.1 * f, 0);
        for (size_t k = 0; k < b.nbins; k++)
            if (b.valid[k])
                assert_near(b.error[k], fabs(1 - f / 256.0), 1e-6);
    }
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

/* Growth is geometric: 1000 frames cost a handful of allocations, and none between two growths. */
static void recording_does_not_allocate(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    fqp_monitor *m;
    prepare();
    assert_ok(ctx, fqp_monitor_create(ctx, table(x, N, 1), table(y, N, 1), NULL, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h, N, 1)));
    const long before = fqpi_mem_count(ctx);
    for (int f = 1; f < 64; f++)
        assert_ok(ctx, fqp_monitor_observe(m, f, 0, table(h, N, 1)));
    assert_int_equal(fqpi_mem_count(ctx), before);
    for (int f = 64; f < 1000; f++)
        assert_ok(ctx, fqp_monitor_observe(m, f, 0, table(h, N, 1)));
    assert_true(fqpi_mem_count(ctx) - before <= 4 * 4);
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

/* Every allocation of every probe fails once: FQP_E_NOMEM, and the leak checker finds nothing. */
static void memory_may_run_out(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    prepare();
    for (int64_t probe = DFT; probe <= RADIAL; probe++) {
        fqp_status s = FQP_E_NOMEM;
        long allowed = 0;
        for (; s == FQP_E_NOMEM; allowed++) {
            fqp_monitor *m = NULL;
            fqpi_mem_fail_after(ctx, allowed);
            s = open_probe(ctx, probe, table(x, N, 1), table(y, N, 1), (fqp_monitor_setup){0}, &m);
            if (!s)
                s = fqp_monitor_observe(m, 0, 0, table(h, N, 1));
            fqpi_mem_fail_after(ctx, -1);
            assert_true(s == FQP_OK || s == FQP_E_NOMEM);
            fqp_monitor_destroy(m);
            fqp_ctx_problems_clear(ctx);
        }
        assert_true(allowed > 10);
    }
    fqp_ctx_destroy(ctx);
}

/* Defaults of the key tables, as a user reads them. */
static void defaults(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    fqp_monitor_opts m;
    assert_ok(ctx, fqp_section_defaults(ctx, &fqp_monitor_section, &m));
    assert_int_equal(m.probes.n, 1);
    assert_int_equal(m.probes.v[0], DFT);
    assert_string_equal(m.record, "log:30");
    assert_near(m.tau, 0.1, 0);
    assert_int_equal(m.hold, 20);
    fqp_section_release(&fqp_monitor_section, &m);
    fqp_projection_opts p;
    assert_ok(ctx, fqp_section_defaults(ctx, &fqp_projection_section, &p));
    assert_string_equal(p.direction, "pc1");
    assert_int_equal(p.output, -1);
    assert_true(p.rescale && p.centre && p.bands.n == 0);
    fqp_section_release(&fqp_projection_section, &p);
    fqp_filter_opts f;
    assert_ok(ctx, fqp_section_defaults(ctx, &fqp_filter_section, &f));
    assert_true(f.delta.n == 0 && f.min_share == 0.05);
    fqp_section_release(&fqp_filter_section, &f);
    fqp_radial_opts r;
    assert_ok(ctx, fqp_section_defaults(ctx, &fqp_radial_section, &r));
    assert_true(r.width == 1 && r.kmax == 0);
    fqp_section_release(&fqp_radial_section, &r);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predictions_are_checked), cmocka_unit_test(targets_are_checked),
        cmocka_unit_test(frames_are_kept),         cmocka_unit_test(recording_does_not_allocate),
        cmocka_unit_test(memory_may_run_out),      cmocka_unit_test(defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
