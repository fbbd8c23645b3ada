/* Criteria of a tile, at every level and precision: against the definitions of loss and output map written out sample
 * by sample in long double, derivatives against differences. */
#include "loss.h"
#include "support.h"
#include "unit/kernel/rows.h"

enum { M_MAX = 10, LD = 64, CUBE = 3 };

/* ---- the definitions ---------------------------------------------------------------------------- */

static long double residual_loss(const char *loss, long double r, long double delta, long double *slope) {
    long double a = fabsl(r), sign = (long double)((r > 0) - (r < 0)), half = sinhl(r / 2);
    if (!strcmp(loss, "mse"))
        return *slope = 2 * r, r * r;
    if (!strcmp(loss, "mae"))
        return *slope = sign, a;
    if (!strcmp(loss, "huber"))
        return *slope = a <= delta ? r : sign * delta, a <= delta ? r * r / 2 : delta * (a - delta / 2);
    if (!strcmp(loss, "l4"))
        return *slope = 4 * r * r * r, powl(r, 4);
    if (!strcmp(loss, "lp"))
        return *slope = sign * delta * powl(a, delta - 1), powl(a, delta);
    assert_string_equal(loss, "logcosh");
    return *slope = tanhl(r), log1pl(2 * half * half);
}

/* h of one sample and dh_i/dz_k */
static void map(const char *output, int64_t m, const double *z, long double *h, long double slope[M_MAX][M_MAX]) {
    long double total = 0, top = -INFINITY;
    for (int64_t i = 0; i < m; i++)
        top = fmaxl(top, (long double)z[i]);
    for (int64_t i = 0; i < m; i++)
        total += expl((long double)z[i] - top);
    for (int64_t i = 0; i < m; i++)
        h[i] = !strcmp(output, "softmax")   ? expl((long double)z[i] - top) / total
               : !strcmp(output, "sigmoid") ? 1 / (1 + expl(-(long double)z[i]))
                                            : (long double)z[i];
    for (int64_t i = 0; i < m; i++)
        for (int64_t k = 0; k < m; k++)
            slope[i][k] = !strcmp(output, "softmax")   ? h[i] * ((long double)(i == k) - h[k])
                          : !strcmp(output, "sigmoid") ? (long double)(i == k) * h[i] * (1 - h[i])
                                                       : (long double)(i == k);
}

static long double entropy(const char *output, int64_t m, const double *z, const double *y, const long double *h,
                           long double *dz) {
    long double sum = 0, mass = 0, log_total = 0, top = -INFINITY;
    for (int64_t i = 0; i < m; i++)
        mass += (long double)y[i], top = fmaxl(top, (long double)z[i]);
    for (int64_t i = 0; i < m; i++)
        log_total += expl((long double)z[i] - top);
    log_total = logl(log_total) + top;
    for (int64_t i = 0; i < m; i++) {
        long double zi = (long double)z[i], yi = (long double)y[i];
        bool softmax = !strcmp(output, "softmax");
        sum += softmax ? yi * (log_total - zi) : fmaxl(zi, 0) - yi * zi + log1pl(expl(-fabsl(zi)));
        dz[i] = (softmax ? mass : 1) * h[i] - yi;
    }
    return sum;
}

static long double sample_loss(const fqpi_criterion *c, const double *z, const double *y, long double *dz) {
    long double h[M_MAX], dh[M_MAX], slope[M_MAX][M_MAX], sum = 0;
    map(c->output->name, c->m, z, h, slope);
    if (!strcmp(c->loss->name, "cross_entropy"))
        return entropy(c->output->name, c->m, z, y, h, dz);
    for (int64_t i = 0; i < c->m; i++)
        sum += residual_loss(c->loss->name, h[i] - (long double)y[i], (long double)c->param, &dh[i]);
    for (int64_t k = 0; k < c->m; k++) {
        dz[k] = 0;
        for (int64_t i = 0; i < c->m; i++)
            dz[k] += slope[i][k] * dh[i];
    }
    return sum;
}

/* First of the largest outputs; the nearest whole number of a single one. */
static int64_t class_of(const fqpi_criterion *c, const double *z) {
    long double h[M_MAX], slope[M_MAX][M_MAX];
    map(c->output->name, c->m, z, h, slope);
    int64_t best = 0;
    for (int64_t i = 1; i < c->m; i++)
        best = z[i] > z[best] ? i : best;
    return c->m == 1 ? llroundl(h[0]) : best;
}

/* ---- a tile ------------------------------------------------------------------------------------- */

typedef struct tile {
    fqpi_criterion c;
    const fqpi_kernel *k, *k64;
    int64_t n, ld, hits;
    double weight, loss[LD];
    int64_t labels[LD];
    _Alignas(64) double z[M_MAX * LD], dz[M_MAX * LD], y[M_MAX * LD]; /* z, dz: of k's precision */
} tile;

static const fqpi_kernel *k64_of(const fqpi_kernel *k) {
    for (size_t i = 1; fqpi_kernel_row(i); i += 2)
        if (!strcmp(fqpi_kernel_row(i)->level, k->level))
            return fqpi_kernel_row(i);
    return NULL;
}

static bool defined(const fqpi_criterion *c) {
    if (c->loss->spectrum) /* not a sum over samples */
        return false;
    return c->m > 1 ? c->loss->of || c->output->entropy
                    : strcmp(c->output->name, "softmax") && (c->loss->of || c->output->entropy);
}

/* Targets are probabilities; what stands in the padding must not matter. */
static void fill_tile(tile *t, const fqpi_kernel *k, int loss, int output, int64_t n, int64_t m) {
    *t = (tile){.c = {fqpi_loss_row(loss), fmax(0.37, 1.7 * fqpi_loss_row(loss)->least), fqpi_output_row(output), m},
                .k = k,
                .n = n,
                .weight = 0.7};
    t->k64 = k64_of(k);
    t->ld = padded(k, n);
    for (int64_t j = 0; j < t->ld; j++) {
        double total = 0;
        for (int64_t i = 0; i < m; i++) {
            put(k, t->z, i * t->ld + j, j < n ? 2 * fqpi_rng_normal(1, FQPI_STREAM_TEST, (uint64_t)(i * LD + j)) : NAN);
            total += t->y[i * t->ld + j] = fqpi_rng_uniform(2, FQPI_STREAM_TEST, (uint64_t)(i * LD + j));
        }
        for (int64_t i = 0; m > 1 && i < m; i++)
            t->y[i * t->ld + j] /= total;
        t->labels[j] = (int64_t)(fqpi_rng_uniform(3, FQPI_STREAM_TEST, (uint64_t)j) * (double)(m > 1 ? m : 2));
    }
}

static void run(tile *t, bool slopes) {
    fqpi_samples s = {.n = t->n, .ld = t->ld, .y = t->y, .labels = t->labels};
    size_t bytes = fqpi_criterion_scratch(&t->c, t->ld);
    assert_int_equal(bytes % 64, 0);
    void *scratch = fqpi_alloc(NULL, bytes, 1);
    memset(scratch, 0xff, bytes); /* NaN */
    memset(t->dz, 0xff, sizeof t->dz);
    memset(t->loss, 0xff, sizeof t->loss);
    t->hits = 0;
    fqpi_criterion_tile(&t->c, t->k, t->k64, &s, t->z, t->weight, slopes ? t->dz : NULL, t->loss, &t->hits, scratch);
    fqpi_free(scratch);
}

static void sample(const tile *t, int64_t j, double *z, double *y) {
    for (int64_t i = 0; i < t->c.m; i++) {
        z[i] = get(t->k, t->z, i * t->ld + j);
        y[i] = t->y[i * t->ld + j];
    }
}

static void expect(const tile *t, const char *what, double got, long double want, double tolerance) {
    if (!(fabs(got - (double)want) <= tolerance))
        fail_msg("%s/%s, %s on %s, %d samples of %d: %s %.17g, by hand %.17Lg", t->k->level,
                 t->k->dtype == FQP_F32 ? "f32" : "f64", t->c.loss->name, t->c.output->name, (int)t->n, (int)t->c.m,
                 what, got, want);
}

/* Losses, slopes, padding, hits and the run without slopes. */
static void check(tile *t) {
    double z[M_MAX], y[M_MAX];
    int64_t hits = 0;
    run(t, true);
    for (int64_t j = 0; j < t->ld; j++) {
        long double dz[M_MAX], want = 0;
        if (j < t->n) {
            sample(t, j, z, y);
            want = sample_loss(&t->c, z, y, dz);
            expect(t, "loss", t->loss[j], want, 2e-14 * (1 + fabs((double)want)));
            hits += class_of(&t->c, z) == t->labels[j];
        }
        for (int64_t i = 0; i < t->c.m; i++) {
            long double slope = j < t->n ? (long double)t->weight * dz[i] : 0;
            double allowed = j < t->n ? unit_of(t->k) * fabs((double)slope) + 2e-14 * (1 + fabs((double)want)) : 0;
            expect(t, "slope", get(t->k, t->dz, i * t->ld + j), slope, allowed);
        }
    }
    assert_int_equal(t->hits, hits);
    double loss[LD];
    memcpy(loss, t->loss, sizeof loss);
    run(t, false);
    assert_memory_equal(loss, t->loss, sizeof loss); /* and nothing is written behind the samples */
    assert_int_equal(t->hits, hits);
}

static void tiles_follow_the_definitions(void **state) {
    (void)state;
    static const int64_t widths[] = {1, 2, 3, M_MAX}, lengths[] = {1, 5, 8, 9, 16, 31, 33, LD};
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int l = 0; fqpi_loss_row(l); l++)
        for (int o = 0; fqpi_output_row(o); o++)
            for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++)
                for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
                    tile t;
                    fill_tile(&t, k, l, o, lengths[i], widths[w]);
                    if (defined(&t.c))
                        check(&t);
                }
}

static void slopes_are_derivatives(void **state) {
    (void)state;
    const double step = 1e-6;
    for (int l = 0; fqpi_loss_row(l); l++)
        for (int o = 0; fqpi_output_row(o); o++) {
            tile t;
            fill_tile(&t, fqpi_kernel_row(3), l, o, 5, CUBE);
            assert_int_equal(t.k->dtype, FQP_F64);
            if (!defined(&t.c))
                continue;
            run(&t, true);
            double dz[M_MAX * LD];
            memcpy(dz, t.dz, sizeof dz);
            for (int64_t i = 0; i < CUBE; i++)
                for (int64_t j = 0; j < t.n; j++) {
                    double *z = &t.z[i * t.ld + j], keep = *z;
                    *z = keep + step;
                    run(&t, false);
                    double up = t.loss[j];
                    *z = keep - step;
                    run(&t, false);
                    *z = keep;
                    assert_near(dz[i * t.ld + j], t.weight * (up - t.loss[j]) / (2 * step), 1e-8);
                }
        }
}

static int row_of(const char *(*name)(size_t, const char **), const char *word) {
    for (size_t i = 0; name(i, NULL); i++)
        if (!strcmp(name(i, NULL), word))
            return (int)i;
    fail_msg("there is no %s", word);
    return -1;
}

/* A tile of one sample. */
static void one(tile *t, const fqpi_kernel *k, const char *loss, const char *output, int64_t m, const double *z,
                const double *y) {
    fill_tile(t, k, row_of(fqpi_loss_name, loss), row_of(fqpi_output_name, output), 1, m);
    t->weight = 1;
    for (int64_t i = 0; i < m; i++) {
        put(k, t->z, i * t->ld, z[i]);
        t->y[i * t->ld] = y[i];
    }
    run(t, true);
}

static void nothing_overflows_far_out(void **state) {
    (void)state;
    const double z[] = {2000, -2000, 1000}, y[] = {0, 1, 0}, far = 1e4, none = 0;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        tile t;
        one(&t, k, "cross_entropy", "softmax", CUBE, z, y);
        assert_near(t.loss[0], 4000, 0);
        assert_near(get(k, t.dz, 0), 1, 0);
        assert_near(get(k, t.dz, t.ld), -1, 0);
        one(&t, k, "cross_entropy", "sigmoid", CUBE, z, y);
        assert_near(t.loss[0], 5000, 0);
        assert_near(get(k, t.dz, t.ld), -1, 0);
        one(&t, k, "logcosh", "linear", 1, &far, &none);
        assert_near(t.loss[0], 1e4 - log(2), 1e-11);
        assert_near(get(k, t.dz, 0), 1, 0);
    }
}

/* A sample that is all but right still has a loss and a slope: nothing is lost in 1 + e. */
static void small_losses_keep_their_digits(void **state) {
    (void)state;
    const double logits[] = {0.3, 3, 20, 36, 40, 80}, residuals[] = {1e-9, 1e-4, 0.0999, 0.1001, 0.3}, right = 1,
                 zero = 0;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        tile t;
        for (size_t i = 0; i < sizeof logits / sizeof logits[0]; i++) {
            double z = k->dtype == FQP_F32 ? (double)(float)logits[i] : logits[i];
            one(&t, k, "cross_entropy", "sigmoid", 1, &z, &right);
            if (z > 20)
                assert_near(t.loss[0], exp(-z), 1e-8 * exp(-z)); /* max(z,0) - y z is exactly 0 */
            else
                assert_near(t.loss[0], log1p(exp(-z)), 1e-15);
        }
        for (size_t i = 0; i < sizeof residuals / sizeof residuals[0]; i++) {
            long double slope, want = residual_loss("logcosh", -(long double)residuals[i], 0, &slope);
            one(&t, k, "logcosh", "linear", 1, &zero, &residuals[i]);
            expect(&t, "loss", t.loss[0], want, 3e-13 * (double)want);
        }
    }
}

static void numbers_that_are_none_pass_through(void **state) {
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY};
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int l = 0; fqpi_loss_row(l); l++)
        for (int o = 0; fqpi_output_row(o); o++)
            for (int64_t at = 0; at < CUBE; at++)
                for (size_t b = 0; b < 3; b++) {
                    tile t;
                    fill_tile(&t, k, l, o, 9, CUBE);
                    if (!defined(&t.c))
                        continue;
                    put(k, t.z, at * t.ld + 4, bad[b]);
                    run(&t, true);
                    /* a sigmoid of infinity is a number; a residual of infinity or any NaN is none */
                    if (b == 0 || (o == 0 && t.c.loss->of))
                        assert_true(!isfinite(t.loss[4]));
                    if (b == 0)
                        assert_true(isnan(t.loss[4]));
                    for (int64_t j = 0; j < t.n; j++)
                        assert_true(j == 4 || isfinite(t.loss[j]));
                }
}

/* ---- classes and sums --------------------------------------------------------------------------- */

static void a_single_output_is_right_when_it_rounds_to_its_class(void **state) {
    (void)state;
    const double z[] = {-3, 3, 0.2, 1.6, -0.4};
    const int64_t labels[] = {0, 1, 0, 2, 0};
    const char *const outputs[] = {"sigmoid", "linear"}; /* linear: -3 and 3 are no class, 0.2, 1.6, -0.4 are */
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (size_t o = 0; o < 2; o++) {
        tile t;
        fill_tile(&t, k, row_of(fqpi_loss_name, "mse"), row_of(fqpi_output_name, outputs[o]), 5, 1);
        for (int64_t j = 0; j < 5; j++)
            put(k, t.z, j, z[j]), t.labels[j] = labels[j];
        run(&t, false);
        assert_int_equal(t.hits, 3);
    }
}

static void the_first_of_equal_outputs_counts(void **state) {
    (void)state;
    const double z[CUBE][4] = {{1, 2, 0, -1}, {1, 3, 5, -1}, {1, 3, 5, -2}}; /* classes 0, 1, 1, 0 */
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int64_t label = 0; label < CUBE; label++) {
        static const int64_t want[] = {2, 2, 0};
        tile t;
        fill_tile(&t, k, row_of(fqpi_loss_name, "cross_entropy"), row_of(fqpi_output_name, "softmax"), 4, CUBE);
        for (int64_t i = 0; i < CUBE; i++)
            for (int64_t j = 0; j < 4; j++)
                put(k, t.z, i * t.ld + j, z[i][j]), t.labels[j] = label;
        run(&t, false);
        assert_int_equal(t.hits, want[label]);
    }
}

static void hits_are_added_and_regression_has_none(void **state) {
    (void)state;
    tile t;
    fill_tile(&t, fqpi_kernel_row(1), 0, 0, 5, CUBE);
    run(&t, false);
    fqpi_samples s = {.n = t.n, .ld = t.ld, .y = t.y, .labels = t.labels};
    void *scratch = fqpi_alloc(NULL, fqpi_criterion_scratch(&t.c, t.ld), 1);
    int64_t hits = 100;
    fqpi_criterion_tile(&t.c, t.k, t.k64, &s, t.z, 1, NULL, t.loss, &hits, scratch);
    assert_int_equal(hits, 100 + t.hits);
    s.labels = NULL;
    fqpi_criterion_tile(&t.c, t.k, t.k64, &s, t.z, 1, NULL, t.loss, &hits, scratch);
    assert_int_equal(hits, 100 + t.hits);
    fqpi_free(scratch);
}

static void predictions_are_the_output_map(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int o = 0; fqpi_output_row(o); o++) {
        tile t;
        fill_tile(&t, k, 0, o, 13, CUBE);
        _Alignas(64) double h[CUBE * LD], work[FQPI_WORK_ROWS * LD];
        fqpi_output_panel(t.c.output, k, t.k64, CUBE, t.ld, t.z, h, work);
        for (int64_t j = 0; j < t.n; j++) {
            double z[M_MAX], y[M_MAX];
            long double want[M_MAX], slope[M_MAX][M_MAX];
            sample(&t, j, z, y);
            map(t.c.output->name, CUBE, z, want, slope);
            for (int64_t i = 0; i < CUBE; i++)
                expect(&t, "prediction", h[i * t.ld + j], want[i], 1e-15 * fabs(2 + z[i]));
        }
    }
}

static void a_sum_is_all_terms_once(void **state) {
    (void)state;
    double x[100];
    for (int i = 0; i < 100; i++)
        x[i] = ldexp(1, i % 50); /* sums of these are exact */
    for (int n = 0; n <= 100; n++) {
        double want = 0;
        for (int i = 0; i < n; i++)
            want += x[i];
        assert_near(fqpi_sum(x, n), want, 0);
    }
    const double terms[] = {1, 0, 0, 0, 1e-17, 0, 0, 0, -1}; /* 1 and -1 meet first, in one running sum */
    assert_near(fqpi_sum(terms, 9), 1e-17, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_follow_the_definitions),
        cmocka_unit_test(slopes_are_derivatives),
        cmocka_unit_test(nothing_overflows_far_out),
        cmocka_unit_test(small_losses_keep_their_digits),
        cmocka_unit_test(numbers_that_are_none_pass_through),
        cmocka_unit_test(a_single_output_is_right_when_it_rounds_to_its_class),
        cmocka_unit_test(the_first_of_equal_outputs_counts),
        cmocka_unit_test(hits_are_added_and_regression_has_none),
        cmocka_unit_test(predictions_are_the_output_map),
        cmocka_unit_test(a_sum_is_all_terms_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
