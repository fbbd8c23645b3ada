/* Probe projection: frequencies along a direction, bands, outputs, directions by name. */
#include <stdlib.h>
#include <unistd.h>

#include "rng.h"
#include "unit/monitor/field.h"

enum { N = 600, D = 3, M = 2 };
static double x[N][D], y[N][M], h[N][M];

/* Points spread widest along (3, 4, 0)/5; y turns along it: 3 cycles over the extent in output 0, 7 in output 1. */
static void prepare(void) {
    const double pi = acos(-1);
    for (int j = 0; j < N; j++) {
        const double s = (j + 0.5) / N, across = fqpi_rng_uniform(1, FQPI_STREAM_TEST, (uint64_t)(2 * j)) - 0.5,
                     up = fqpi_rng_uniform(1, FQPI_STREAM_TEST, (uint64_t)(2 * j + 1)) - 0.5;
        x[j][0] = 5 + 6 * s - 0.4 * across;
        x[j][1] = -2 + 8 * s + 0.3 * across;
        x[j][2] = 0.5 * up;
        y[j][0] = 4 + sin(2 * pi * 3 * s);
        y[j][1] = 1 + 0.5 * sin(2 * pi * 7 * s);
        h[j][0] = y[j][0] + 0.25; /* only the mean is wrong */
        h[j][1] = 1;              /* nothing learnt */
    }
}

static fqp_bins observed(fqp_ctx *ctx, const fqp_projection_opts *o, fqp_monitor **m) {
    prepare();
    assert_ok(ctx, open_probe(ctx, PROJECTION, table(x[0], N, D), table(y[0], N, M),
                              (fqp_monitor_setup){.projection = o}, m));
    assert_ok(ctx, fqp_monitor_observe(*m, 0, 0, table(h[0], N, M)));
    return bins_of(*m, 0, 0);
}

static fqp_projection_opts plain(void) {
    return (fqp_projection_opts){.direction = "pc1",
                                 .kmin = 0,
                                 .kmax = 10,
                                 .dk = 0.5,
                                 .rescale = true,
                                 .output = -1,
                                 .centre = true,
                                 .floor = 0.05};
}

static size_t bin_named(const fqp_bins *b, const char *label) {
    for (size_t i = 0; i < b->nbins; i++)
        if (strcmp(b->label[i], label) == 0)
            return i;
    fail_msg("no bin %s", label);
    return 0;
}

static void frequencies_along_the_first_component(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(2);
    fqp_monitor *m;
    fqp_projection_opts o = plain();
    fqp_bins b = observed(ctx, &o, &m);
    assert_int_equal(b.nbins, 21);
    assert_int_equal(b.ncomp, M);
    assert_string_equal(b.axis_name, "frequency along pc1");
    const size_t low = bin_named(&b, "3"), high = bin_named(&b, "7");
    assert_near(b.axis[low], 3, 0);
    assert_true(b.selected[low] && b.selected[high]);
    assert_near(norm_of(b.target, M, low), 0.5, 0.02);
    assert_near(norm_of(b.target, M, high), 0.25, 0.02);
    assert_true(b.error[low] < 0.05); /* a wrong mean leaks a little on scattered points */
    assert_near(b.error[high], 1, 0.05);
    assert_near(b.wavenumber, 2 * acos(-1) / 10, 0.01); /* the extent is 10 */
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

static double second_column(int j) {
    return x[j][1];
}

static double along_the_diagonal(int j) {
    return (x[j][0] + x[j][1] + x[j][2]) / sqrt(3);
}

/* Every number of the spectrum again, from the definition. */
static void against(char *direction, double (*s)(int j)) {
    fqp_ctx *ctx = open_ctx(1);
    fqp_monitor *m;
    fqp_projection_opts o = plain();
    o.direction = direction;
    o.kmin = 0.3;
    o.dk = 0.7;
    fqp_bins b = observed(ctx, &o, &m);
    double low = INFINITY, high = -INFINITY, mean[M] = {0};
    for (int j = 0; j < N; j++) {
        low = fmin(low, s(j));
        high = fmax(high, s(j));
        for (int c = 0; c < M; c++)
            mean[c] += y[j][c] / N;
    }
    for (size_t k = 0; k < b.nbins; k++) {
        double diff = 0, norm = 0;
        for (int c = 0; c < M; c++) {
            double re[2] = {0}, im[2] = {0};
            for (int j = 0; j < N; j++) {
                const double angle = -2 * acos(-1) * (0.3 + 0.7 * (double)k) * (s(j) - low) / (high - low);
                const double v[2] = {y[j][c] - mean[c], h[j][c] - mean[c]};
                for (int f = 0; f < 2; f++) {
                    re[f] += v[f] * cos(angle) / N;
                    im[f] += v[f] * sin(angle) / N;
                }
            }
            const double *t = b.target + 2 * (k * M + (size_t)c), *p = b.prediction + 2 * (k * M + (size_t)c);
            assert_near(t[0], re[0], 1e-12);
            assert_near(t[1], im[0], 1e-12);
            assert_near(p[0], re[1], 1e-12);
            assert_near(p[1], im[1], 1e-12);
            diff += (re[1] - re[0]) * (re[1] - re[0]) + (im[1] - im[0]) * (im[1] - im[0]);
            norm += re[0] * re[0] + im[0] * im[0];
        }
        if (b.valid[k])
            assert_near(b.error[k], sqrt(diff / norm), 1e-9);
    }
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

static void against_the_definition(void **state) {
    (void)state;
    against("axis2", second_column);
    against("diagonal", along_the_diagonal);
}

static void bands_gather_frequencies(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    fqp_monitor *m;
    double edges[] = {0.5, 5, 6, 10};
    fqp_projection_opts o = plain();
    o.kmin = 0.5;
    o.bands = (fqp_reals){edges, 4};
    fqp_bins b = observed(ctx, &o, &m);
    assert_int_equal(b.nbins, 22);
    double diff[2] = {0}, norm[2] = {0};
    for (size_t k = 0; k < 20; k++) {
        assert_false(b.selected[k]);
        const int band = b.axis[k] <= 5 ? 0 : b.axis[k] >= 6 ? 1 : -1;
        for (size_t i = 2 * M * k; i < 2 * M * (k + 1) && band >= 0; i++) {
            diff[band] += (b.prediction[i] - b.target[i]) * (b.prediction[i] - b.target[i]);
            norm[band] += b.target[i] * b.target[i];
        }
    }
    const char *const labels[] = {"0.5 to 5", "6 to 10"};
    for (size_t i = 0; i < 2; i++) {
        const size_t at = bin_named(&b, labels[i]);
        assert_int_equal(at, 20 + i);
        assert_true(b.selected[at] && b.valid[at]);
        assert_near(norm_of(b.target, M, at), sqrt(norm[i]), 1e-12);
        assert_near(b.error[at], sqrt(diff[i] / norm[i]), 1e-12);
    }
    assert_true(b.error[20] < b.error[21]);
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

static void one_output(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    fqp_monitor *m;
    fqp_projection_opts o = plain();
    o.output = 1;
    fqp_bins b = observed(ctx, &o, &m);
    assert_int_equal(b.ncomp, 1);
    assert_true(b.selected[bin_named(&b, "7")]);
    assert_false(b.valid[bin_named(&b, "3")]); /* output 0 is not looked at */
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

/* A constant added to the target changes nothing when centred, and much when not. */
static void centring(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    for (int centre = 0; centre < 2; centre++) {
        fqp_projection_opts o = plain();
        o.kmin = 0.5;
        o.centre = centre;
        fqp_monitor *m;
        fqp_bins b = observed(ctx, &o, &m);
        const double before = norm_of(b.target, M, 0);
        fqp_monitor_destroy(m);
        prepare();
        for (int j = 0; j < N; j++)
            y[j][0] += 100;
        assert_ok(ctx, open_probe(ctx, PROJECTION, table(x[0], N, D), table(y[0], N, M),
                                  (fqp_monitor_setup){.projection = &o}, &m));
        assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h[0], N, M)));
        const double after = norm_of(bins_of(m, 0, 0).target, M, 0);
        assert_int_equal(fabs(after - before) < 1e-10, centre);
        fqp_monitor_destroy(m);
    }
    fqp_ctx_destroy(ctx);
}

/* Random directions: the same for the same seed, others for others; 0 takes the seed of the run. */
static void random_directions(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    const struct {
        int64_t own;
        uint64_t run;
    } seeds[] = {{7, 1}, {7, 2}, {0, 7}, {8, 1}};
    double first[4];
    prepare();
    for (int i = 0; i < 4; i++) {
        fqp_projection_opts o = plain();
        o.direction = "random";
        o.direction_seed = seeds[i].own;
        fqp_monitor *m;
        assert_ok(ctx, open_probe(ctx, PROJECTION, table(x[0], N, D), table(y[0], N, M),
                                  (fqp_monitor_setup){.projection = &o, .seed = seeds[i].run}, &m));
        assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(h[0], N, M)));
        first[i] = bins_of(m, 0, 0).target[2 * M * 3];
        fqp_monitor_destroy(m);
    }
    assert_true(first[0] == first[1] && first[0] == first[2] && first[0] != first[3]);
    fqp_ctx_destroy(ctx);
}

/* A direction from a file, of any length and type, measures what the same direction by name measures. */
static void given_directions(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    char path[] = "/tmp/fqp_direction_XXXXXX.npy";
    const int fd = mkstemps(path, 4);
    assert_true(fd >= 0);
    close(fd);
    const float along[3] = {0, 7, 0}, zero[3] = {0};
    const int64_t three = 3, two = 2;
    assert_ok(ctx, fqp_npy_write(ctx, path, fqp_view_make(along, FQP_F32, 1, &three)));
    fqp_monitor *named, *given, *none = NULL;
    fqp_projection_opts o = plain();
    o.direction = "axis2";
    const fqp_bins a = observed(ctx, &o, &named);
    o.direction = path;
    const fqp_bins b = observed(ctx, &o, &given);
    assert_int_equal(a.nbins, b.nbins);
    for (size_t i = 0; i < 2 * a.nbins * a.ncomp; i++)
        assert_near(b.target[i], a.target[i], 1e-14);
    fqp_monitor_destroy(named);
    fqp_monitor_destroy(given);
    char text[160];
    snprintf(text, sizeof text, "monitor.projection.direction: %s holds 2 numbers, x has 3 columns", path);
    assert_ok(ctx, fqp_npy_write(ctx, path, fqp_view_make(along, FQP_F32, 1, &two)));
    assert_refused(
        ctx,
        open_probe(ctx, PROJECTION, table(x[0], N, D), table(y[0], N, M), (fqp_monitor_setup){.projection = &o}, &none),
        FQP_E_SHAPE, text);
    snprintf(text, sizeof text, "monitor.projection.direction: %s is not a direction: its length is 0", path);
    assert_ok(ctx, fqp_npy_write(ctx, path, fqp_view_make(zero, FQP_F32, 1, &three)));
    assert_refused(
        ctx,
        open_probe(ctx, PROJECTION, table(x[0], N, D), table(y[0], N, M), (fqp_monitor_setup){.projection = &o}, &none),
        FQP_E_DATA, text);
    unlink(path);
    fqp_ctx_destroy(ctx);
}

static void premises_are_checked(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double odd[] = {1, 2, 3}, nowhere[] = {1.1, 1.4};
    prepare();
    const struct {
        fqp_status status;
        const char *text;
        fqp_projection_opts o;
    } cases[] = {
        {FQP_E_CONFIG,
         "monitor.projection.direction: \"pc\" is none of pc1, pc2, ..., axis1, axis2, ..., diagonal, random, nor a "
         "file",
         {.direction = "pc", .kmax = 2, .dk = 1}},
        {FQP_E_CONFIG,
         "monitor.projection.direction: \"pc1x\" is none of pc1, pc2, ..., axis1, axis2, ..., diagonal, random, nor a "
         "file",
         {.direction = "pc1x", .kmax = 2, .dk = 1}},
        {FQP_E_CONFIG,
         "monitor.projection.direction: x has 3 columns, there is no axis4",
         {.direction = "axis4", .kmax = 2, .dk = 1}},
        {FQP_E_ARG, "principal component 4 was asked for, there are 1 to 3", {.direction = "pc4", .kmax = 2, .dk = 1}},
        {FQP_E_CONFIG, "monitor.projection.kmax: 2 is below kmin 3", {.kmin = 3, .kmax = 2, .dk = 1}},
        {FQP_E_CONFIG,
         "monitor.projection.kmax: 2000001 frequencies from 0 by 1e-06, at most 100000",
         {.kmax = 2, .dk = 1e-6}},
        {FQP_E_CONFIG,
         "monitor.projection.bands: edges come in pairs, there are 3",
         {.kmax = 2, .dk = 1, .bands = {odd, 3}}},
        {FQP_E_CONFIG,
         "monitor.projection.bands: no frequency of 0, 1, ... 2 lies in [1.1, 1.4]",
         {.kmax = 2, .dk = 1, .bands = {nowhere, 2}}},
        {FQP_E_CONFIG,
         "monitor.projection.output: there are 2 outputs, counted from 0, no 2",
         {.kmax = 2, .dk = 1, .output = 2}},
    };
    fqp_monitor *m = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(ctx,
                       open_probe(ctx, PROJECTION, table(x[0], N, D), table(y[0], N, M),
                                  (fqp_monitor_setup){.projection = &cases[i].o}, &m),
                       cases[i].status, cases[i].text);
    for (int j = 0; j < N; j++)
        x[j][1] = 2;
    const fqp_projection_opts axis2 = {.direction = "axis2", .kmax = 2, .dk = 1};
    assert_refused(ctx,
                   open_probe(ctx, PROJECTION, table(x[0], N, D), table(y[0], N, M),
                              (fqp_monitor_setup){.projection = &axis2}, &m),
                   FQP_E_SHAPE, "probe projection: all points have the same coordinate along axis2");
    assert_null(m);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequencies_along_the_first_component),
        cmocka_unit_test(against_the_definition),
        cmocka_unit_test(bands_gather_frequencies),
        cmocka_unit_test(one_output),
        cmocka_unit_test(centring),
        cmocka_unit_test(random_directions),
        cmocka_unit_test(given_directions),
        cmocka_unit_test(premises_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
