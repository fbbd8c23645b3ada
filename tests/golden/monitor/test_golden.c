/* The monitor against arrays that make.py computed with NumPy. */
#include "unit/monitor/field.h"

/* An f64 .npy of version 1 or 2 in C order, the only form make.py writes. */
static double *load(const char *name, size_t count) {
    char path[512];
    snprintf(path, sizeof path, "%s/tests/golden/monitor/%s.npy", FQP_SOURCE_DIR, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s cannot be opened", path);
    unsigned char head[10];
    assert_int_equal(fread(head, 1, sizeof head, f), sizeof head);
    assert_int_equal(head[6], 1);
    assert_int_equal(fseek(f, head[8] + 256 * head[9], SEEK_CUR), 0);
    double *v = malloc(count * sizeof *v);
    assert_int_equal(fread(v, sizeof *v, count, f), count);
    assert_int_equal(fgetc(f), EOF);
    fclose(f);
    return v;
}

enum { N = 150, D = 6, M = 2, K = 20, A = 12, B = 10 };

static void projection(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(2);
    double *x = load("cloud_x", N * D), *y = load("cloud_y", N * M), *h = load("cloud_h", N * M);
    for (int pc = 1; pc <= 2; pc++) {
        char direction[8], name[32];
        snprintf(direction, sizeof direction, "pc%d", pc);
        snprintf(name, sizeof name, "cloud_pc%d_target", pc);
        double *target = load(name, K * M * 2);
        snprintf(name, sizeof name, "cloud_pc%d_error", pc);
        double *error = load(name, K);
        const fqp_projection_opts o = {
            .direction = direction, .kmin = 0.5, .kmax = 10, .dk = 0.5, .rescale = true, .output = -1, .centre = true};
        fqp_monitor *m;
        assert_ok(ctx, open_probe(ctx, PROJECTION, table(x, N, D), table(y, N, M),
                                  (fqp_monitor_setup){.projection = &o}, &m));
        assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h, N, M)));
        const fqp_bins b = bins_of(m, 0, 0);
        assert_int_equal(b.nbins, K);
        for (int i = 0; i < K * M * 2; i++)
            assert_near(b.target[i], target[i], 1e-12);
        for (int k = 0; k < K; k++)
            assert_near(b.error[k], error[k], 1e-11);
        fqp_monitor_destroy(m);
        free(target);
        free(error);
    }
    free(x);
    free(y);
    free(h);
    fqp_ctx_destroy(ctx);
}

static void filter(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(2);
    double *x = load("cloud_x", N * D), *y = load("cloud_y", N * M), *h = load("cloud_h", N * M),
           *want = load("cloud_filter", 8 * 3);
    double deltas[] = {0.3, 1, 4, 15};
    const fqp_filter_opts o = {.delta = {deltas, 4}};
    fqp_monitor *m;
    assert_ok(ctx, open_probe(ctx, FILTER, table(x, N, D), table(y, N, M), (fqp_monitor_setup){.filter = &o}, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h, N, M)));
    const fqp_bins b = bins_of(m, 0, 0);
    for (int i = 0; i < 8; i++) {
        assert_near(b.target[2 * i], want[3 * i], 1e-11);
        assert_near(b.prediction[2 * i], want[3 * i + 1], 1e-11);
        assert_near(b.error[i], want[3 * i + 2], 1e-12);
    }
    fqp_monitor_destroy(m);
    free(x);
    free(y);
    free(h);
    free(want);
    fqp_ctx_destroy(ctx);
}

static void image(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double *x = load("image_x", A * B * 2), *y = load("image_y", A * B), *h = load("image_h", A * B);
    double *target = load("image_target", A * B * 2), *prediction = load("image_prediction", A * B * 2);
    fqp_monitor *m;
    assert_ok(ctx, open_probe(ctx, DFT, table(x, A * B, 2), table(y, A * B, 1), (fqp_monitor_setup){0}, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h, A * B, 1)));
    const fqp_bins b = bins_of(m, 0, 0);
    assert_int_equal(b.nbins, (11 * 9 + 1) / 2);
    for (size_t i = 0; i < b.nbins; i++) {
        int k0, k1;
        assert_int_equal(sscanf(b.label[i], "(%d, %d)", &k0, &k1), 2);
        const int at = (k0 + A) % A * B + (k1 + B) % B;
        for (int part = 0; part < 2; part++) {
            assert_near(b.target[2 * i + (size_t)part], target[2 * at + part], 1e-14);
            assert_near(b.prediction[2 * i + (size_t)part], prediction[2 * at + part], 1e-14);
        }
        if (b.valid[i])
            assert_near(b.error[i],
                        hypot(prediction[2 * at] - target[2 * at], prediction[2 * at + 1] - target[2 * at + 1]) /
                            hypot(target[2 * at], target[2 * at + 1]),
                        1e-12);
    }
    fqp_monitor_destroy(m);
    free(x);
    free(y);
    free(h);
    free(target);
    free(prediction);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projection),
        cmocka_unit_test(filter),
        cmocka_unit_test(image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
