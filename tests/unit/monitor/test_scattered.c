/* Probe scattered: waves come back from any points, a grid gives what probe dft gives, and what it cannot do it says.
 */
#include "rng.h"
#include "unit/monitor/field.h"

static double draw(int64_t i) {
    return fqpi_rng_uniform(3, FQPI_STREAM_TEST, (uint64_t)i);
}

static fqp_scattered_opts defaults(fqp_ctx *ctx) {
    fqp_scattered_opts o;
    assert_ok(ctx, fqp_section_defaults(ctx, &fqp_scattered_section, &o));
    return o;
}

static size_t bin_named(const fqp_bins *b, const char *label) {
    for (size_t i = 0; i < b->nbins; i++)
        if (strcmp(b->label[i], label) == 0)
            return i;
    fail_msg("there is no bin %s", label);
    return 0;
}

/* On a regular grid the two probes are one. */
static void a_grid_is_a_grid(void **state) {
    (void)state;
    static const struct {
        int d;
        int64_t shape[3], m, kmax;
    } grids[] = {{1, {61, 1, 1}, 1, 20}, {1, {64, 1, 1}, 3, 31}, {2, {13, 18, 1}, 2, 5}, {3, {7, 6, 9}, 1, 2}};
    fqp_ctx *ctx = open_ctx(1);
    for (int i = 0; i < 4; i++) {
        const int d = grids[i].d;
        const int64_t *shape = grids[i].shape, n = shape[0] * shape[1] * shape[2], m = grids[i].m;
        double *x = calloc((size_t)(n * d), sizeof *x), *y = calloc((size_t)(2 * n * m), sizeof *y), *h = y + n * m;
        for (int64_t j = 0; j < n; j++) {
            int64_t rest = j;
            for (int a = d - 1; a >= 0; a--) {
                x[j * d + a] = -1 + 0.3 * (a + 1) * (double)(rest % shape[a]);
                rest /= shape[a];
            }
        }
        for (int64_t j = 0; j < n * m; j++) {
            y[j] = draw(j);
            h[j] = draw(j + 100000);
        }
        fqp_scattered_opts s = defaults(ctx);
        s.kmax = grids[i].kmax;
        const fqp_dft_opts f = {.kmax = grids[i].kmax, .floor = 0.05};
        int64_t both[] = {DFT, SCATTERED};
        const fqp_monitor_opts o = {.probes = {both, 2}};
        fqp_monitor *mon;
        assert_ok(ctx, fqp_monitor_create(ctx, table(x, n, d), table(y, n, m),
                                          &(fqp_monitor_setup){.monitor = &o, .dft = &f, .scattered = &s}, &mon));
        assert_ok(ctx, fqp_monitor_observe(mon, 0, 0, table(h, n, m)));
        const fqp_bins a = bins_of(mon, 0, 0), b = bins_of(mon, 1, 0);
        assert_int_equal(a.nbins, b.nbins);
        assert_near(a.wavenumber, b.wavenumber, 1e-12);
        for (size_t k = 0; k < a.nbins; k++) {
            assert_string_equal(a.label[k], b.label[k]);
            assert_near(a.axis[k], b.axis[k], 1e-12);
            assert_int_equal(a.valid[k], b.valid[k]);
            assert_int_equal(a.selected[k], b.selected[k]);
            if (a.valid[k])
                assert_near(a.error[k], b.error[k], 1e-9 * a.error[k]);
            for (size_t c = 2 * a.ncomp * k; c < 2 * a.ncomp * (k + 1); c++) {
                assert_near(a.target[c], b.target[c], 1e-12);
                assert_near(a.prediction[c], b.prediction[c], 1e-12);
            }
        }
        fqp_monitor_destroy(mon);
        free(x);
        free(y);
    }
    fqp_ctx_destroy(ctx);
}

/* Two waves on scattered, jittered, clustered points, and on a grid that misses a third of its points. */
enum { POINTS = 600 };
typedef struct cloud {
    const char *name;
    int64_t (*place)(int d, double *x);
} cloud;

static int64_t anywhere(int d, double *x) {
    for (int64_t i = 0; i < POINTS * d; i++)
        x[i] = draw(i);
    return POINTS;
}

static int64_t in_clusters(int d, double *x) {
    for (int64_t j = 0; j < POINTS; j++)
        for (int a = 0; a < d; a++)
            x[j * d + a] = j % 2 ? draw(j * d + a) : 0.31 + 0.02 * draw(j * d + a);
    return POINTS;
}

static int64_t with_holes(int d, double *x) {
    const int64_t side = d == 1 ? POINTS : d == 2 ? 24 : 8, all = d == 1 ? side : d == 2 ? side * side : 512;
    int64_t n = 0;
    for (int64_t j = 0; j < all; j++) {
        if (draw(j + 5000) < 1.0 / 3)
            continue;
        for (int64_t a = 0, rest = j; a < d; a++, rest /= side)
            x[n * d + a] = (double)(rest % side) / (double)side;
        n++;
    }
    return n;
}

static void waves_come_back(void **state) {
    (void)state;
    static const cloud clouds[] = {{"anywhere", anywhere}, {"in clusters", in_clusters}, {"with holes", with_holes}};
    static const char *const label[][2] = {{"0", "2"}, {"(0, 0)", "(2, -1)"}, {"(0, 0, 0)", "(2, -1, 1)"}};
    fqp_ctx *ctx = open_ctx(1);
    for (int d = 1; d <= 3; d++)
        for (int i = 0; i < 3; i++) {
            double x[3 * POINTS], y[POINTS], h[POINTS];
            const int64_t n = clouds[i].place(d, x);
            for (int64_t j = 0; j < n; j++) {
                double turns = 0;
                for (int a = 0; a < d; a++)
                    turns += (a == 0 ? 2 : a == 1 ? -1 : 1) * x[j * d + a];
                y[j] = 0.5 + 3 * cos(2 * M_PI * turns + 0.7);
                h[j] = 0.5 + 1.5 * cos(2 * M_PI * turns + 0.7);
            }
            double period[3] = {1, 1, 1};
            fqp_scattered_opts o = defaults(ctx);
            o.kmax = d == 3 ? 2 : 4;
            o.period = (fqp_reals){period, (size_t)d};
            fqp_monitor *m;
            assert_ok(ctx, open_probe(ctx, SCATTERED, table(x, n, d), table(y, n, 1),
                                      (fqp_monitor_setup){.scattered = &o}, &m));
            assert_ok(ctx, fqp_monitor_observe(m, 1, 0, table(h, n, 1)));
            const fqp_bins b = bins_of(m, 0, 0);
            const size_t zero = bin_named(&b, label[d - 1][0]), wave = bin_named(&b, label[d - 1][1]);
            assert_near(b.target[2 * zero], 0.5, 1e-9);
            assert_near(hypot(b.target[2 * wave], b.target[2 * wave + 1]), 1.5, 1e-9);
            assert_near(b.error[wave], 0.5, 1e-9);
            assert_near(b.error[zero], 0, 1e-9);
            for (size_t k = 0; k < b.nbins; k++)
                assert_true(b.valid[k] == (k == zero || k == wave));
            fqp_monitor_destroy(m);
        }
    fqp_ctx_destroy(ctx);
}

static void refusals(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double x[200], y[200];
    for (int j = 0; j < 200; j++) {
        x[j] = draw(j);
        y[j] = sin(9 * x[j]);
    }
    fqp_monitor *m;
    fqp_scattered_opts o = defaults(ctx);
    const fqp_monitor_setup setup = {.scattered = &o};
    assert_refused(ctx,
                   open_probe(ctx, SCATTERED, table(x, 50, 1),
                              (fqp_view){.data = y, .dtype = FQP_C128, .ndim = 1, .shape = {50}}, setup, &m),
                   FQP_E_ARG, "y: probes watch real numbers; give real and imaginary part as two columns");
    y[7] = NAN;
    assert_refused(ctx, open_probe(ctx, SCATTERED, table(x, 50, 1), table(y, 50, 1), setup, &m), FQP_E_DATA,
                   "y: element (7, 0) is nan");
    y[7] = 0;
    assert_refused(ctx, open_probe(ctx, SCATTERED, table(x, 50, 4), table(y, 50, 1), setup, &m), FQP_E_SHAPE,
                   "probe scattered needs points of 1 to 3 coordinates, x has 4 columns; use a projection along a "
                   "direction");
    double one[20] = {0};
    assert_refused(ctx, open_probe(ctx, SCATTERED, table(one, 10, 2), table(y, 10, 1), setup, &m), FQP_E_SHAPE,
                   "probe scattered: all 10 points lie at one place");
    assert_refused(ctx, open_probe(ctx, SCATTERED, table(x, 2, 1), table(y, 2, 1), setup, &m), FQP_E_SHAPE,
                   "probe scattered needs more points than 2 to fit the waves of 1 dimension");
    o.kmax = 30;
    assert_refused(ctx, open_probe(ctx, SCATTERED, table(x, 50, 1), table(y, 50, 1), setup, &m), FQP_E_CONFIG,
                   "monitor.scattered.kmax: 30 needs more than 60 different numbers in column 1 of x, there are 50");
    o.kmax = 5;
    assert_refused(ctx, open_probe(ctx, SCATTERED, table(x, 100, 2), table(y, 100, 1), setup, &m), FQP_E_CONFIG,
                   "monitor.scattered.kmax: 5 asks for 121 waves, more than the 100 points can tell");
    for (int j = 0; j < 100; j++)
        x[j] = j < 98 ? 1e-3 * draw(j) : 1;
    o.kmax = 12;
    assert_refused(ctx, open_probe(ctx, SCATTERED, table(x, 100, 1), table(y, 100, 1), setup, &m), FQP_E_DATA,
                   "probe scattered: the 100 points do not tell 25 waves apart (condition number inf): ask for a lower "
                   "highest frequency");
    double period[2] = {0.5, 1};
    o.period = (fqp_reals){period, 1};
    assert_refused(ctx, open_probe(ctx, SCATTERED, table(x, 100, 1), table(y, 100, 1), setup, &m), FQP_E_CONFIG,
                   "monitor.scattered.period: 0.5 is less than the extent 0.999991 of column 1 of x");
    o.period.n = 2;
    assert_refused(ctx, open_probe(ctx, SCATTERED, table(x, 100, 1), table(y, 100, 1), setup, &m), FQP_E_CONFIG,
                   "monitor.scattered.period: one number for each of the 1 columns of x, there are 2");
    fqp_ctx_destroy(ctx);
}

/* Every third point twice, and a column that never changes. */
static void duplicates_and_flat_columns(void **state) {
    (void)state;
    enum { N = 90 };
    fqp_ctx *ctx = open_ctx(1);
    double x[2 * N], y[N];
    for (int j = 0; j < N; j++) {
        x[2 * j] = j % 3 == 2 ? x[2 * j - 2] : draw(j);
        x[2 * j + 1] = 4;
        y[j] = cos(2 * M_PI * 3 * x[2 * j]);
    }
    double period[2] = {1, 1};
    fqp_scattered_opts o = defaults(ctx);
    o.kmax = 5;
    o.period = (fqp_reals){period, 2};
    fqp_monitor *m;
    assert_ok(ctx,
              open_probe(ctx, SCATTERED, table(x, N, 2), table(y, N, 1), (fqp_monitor_setup){.scattered = &o}, &m));
    assert_ok(ctx, fqp_monitor_observe(m, 0, 0, table(y, N, 1)));
    const fqp_bins b = bins_of(m, 0, 0);
    assert_int_equal(b.nbins, 6);
    const size_t k = bin_named(&b, "(3, 0)");
    assert_near(hypot(b.target[2 * k], b.target[2 * k + 1]), 0.5, 1e-9);
    assert_near(b.error[k], 0, 0);
    fqp_monitor_destroy(m);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_grid_is_a_grid), cmocka_unit_test(waves_come_back),
                                       cmocka_unit_test(refusals), cmocka_unit_test(duplicates_and_flat_columns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
