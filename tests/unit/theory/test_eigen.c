/* Eigenpairs of kernels and operators through the public door, and the frequencies of their vectors. */
#include "gram_i.h"
#include "lapack.h"
#include "mem.h"
#include "support.h"

#include <stdlib.h>

static const double pi = 3.14159265358979323846;
enum { N = 720 };

static fqp_ctx *context(void) {
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = 2}, &ctx), FQP_OK);
    return ctx;
}

/* A kernel on an interval, exp(-|x - x'|), whose eigenvalues are 2/(1 + w^2) with w tan w = 1 or w cot w = -1 on
 * [-1, 1]. */
static fqp_gram *interval(fqp_ctx *ctx, int64_t n, bool single) {
    fqp_gram *g;
    assert_ok(ctx, fqpi_gram_open(ctx, "test", n, &(fqp_gram_opts){.single = single}, &g));
    for (int64_t i = 0; i < n * n; i++) {
        const double k = exp(-2 * fabs((double)(i / n - i % n)) / (double)n);
        if (single)
            ((float *)g->data)[i] = (float)k;
        else
            ((double *)g->data)[i] = k;
    }
    return g;
}

/* The i-th root, from 0, of w tan w = 1 and w cot w = -1 in turn: one in each quarter turn from i pi/2 on. */
static double root(int i) {
    double low = i * pi / 2, high = low + pi / 2;
    for (int s = 0; s < 80; s++) {
        const double w = 0.5 * (low + high), f = i % 2 ? w * cos(w) + sin(w) : w * sin(w) - cos(w);
        const double begin = i % 2 ? sin(i * pi / 2) : -cos(i * pi / 2);
        *(f * begin > 0 ? &low : &high) = w;
    }
    return low;
}

static void eigenvalues_of_an_interval(void **state) {
    (void)state;
    fqp_ctx *ctx = context();
    for (int way = 0; way < 3; way++) { /* all by LAPACK; some by iteration, in double and in single precision */
        const int64_t n = way ? N : 300;
        fqp_gram *g = interval(ctx, n, way == 2);
        fqp_eigen e;
        assert_ok(ctx, fqp_gram_eigen(g, way ? 20 : 0, 0, &e));
        assert_int_equal(e.count, way ? 20 : 300);
        assert_true(way ? e.residual < 2e-10 : isnan(e.residual));
        for (int i = 0; i < 12; i++) {
            const double w = root(i), want = 2 / (1 + w * w);
            assert_near(2 * e.value[i] / (double)n / want, 1, 3.0 / (double)n * (1 + i));
        }
        fqp_mode mode[300];
        double s[N];
        for (int64_t i = 0; i < n; i++)
            s[i] = 3 - 2 * (double)i / (double)n;
        assert_ok(ctx, fqp_eigen_modes(ctx, &e, s, 30, mode));
        for (int i = 0; i < 20; i++) {
            assert_int_equal(mode[i].sign_changes, i);
            assert_near(mode[i].frequency, root(i) / pi, 0.3); /* cos or sin of w x on [-1, 1] */
            assert_near(mode[i].centre, 0.5 * i, 0.03);
            assert_true(mode[i].spread < 0.6);
            assert_true(mode[i].share > 0.98);
        }
        fqp_eigen_free(&e);
        fqp_gram_destroy(g);
    }
    fqp_ctx_destroy(ctx);
}

/* Rank 3: what is 0 is 0 or the size of rounding, never negative and never NaN. */
static void singular_kernels(void **state) {
    (void)state;
    fqp_ctx *ctx = context();
    for (int single = 0; single < 2; single++) {
        fqp_gram *g;
        fqp_eigen e;
        assert_ok(ctx, fqpi_gram_open(ctx, "test", N, &(fqp_gram_opts){.single = single}, &g));
        for (int i = 0; i < N * N; i++) {
            const double t = 2 * pi * (i / N - i % N) / N, k = 1 + cos(t);
            if (single)
                ((float *)g->data)[i] = (float)k;
            else
                ((double *)g->data)[i] = k;
        }
        for (int64_t count = 0; count < 60; count += 40) {
            assert_ok(ctx, fqp_gram_eigen(g, count, 0, &e));
            assert_near(e.value[0], N, 1e-4);
            assert_near(e.value[1], N / 2.0, 1e-4);
            assert_near(e.value[2], N / 2.0, 1e-4);
            for (int64_t i = 3; i < e.count; i++)
                assert_true(e.value[i] >= 0 && e.value[i] <= e.value[i - 1] && e.value[i] < (single ? 1e-3 : 1e-11));
            fqp_eigen_free(&e);
        }
        fqp_gram_destroy(g);
    }
    fqp_ctx_destroy(ctx);
}

/* diag(1, 1/2, ...) turned over: a symmetric operator without a matrix. */
static fqp_status harmonic(void *user, int64_t count, const double *v, double *out) {
    const int64_t n = *(int64_t *)user;
    for (int64_t c = 0; c < count; c++)
        for (int64_t i = 0; i < n; i++)
            out[c * n + i] = v[c * n + i] / (double)(n - i);
    return FQP_OK;
}

static void operators(void **state) {
    (void)state;
    fqp_ctx *ctx = context();
    for (int64_t n = 3; n < 2000; n = 10 * n + 7) { /* by LAPACK, by iteration */
        const int64_t count = n < 10 ? 3 : 12;
        fqp_eigen e;
        assert_ok(ctx, fqp_eigen_leading(ctx, n, harmonic, &n, count, 1e-9, &e));
        for (int64_t i = 0; i < count; i++) {
            assert_near(e.value[i], 1 / (double)(i + 1), 1e-12);
            assert_near(e.vector[i * n + n - 1 - i], 1, 1e-7);
        }
        fqp_eigen_free(&e);
    }
    fqp_ctx_destroy(ctx);
}

static fqp_status broken(void *user, int64_t count, const double *v, double *out) {
    (void)count;
    (void)v;
    (void)out;
    return *(fqp_status *)user;
}

static void what_cannot_be_done(void **state) {
    (void)state;
    fqp_ctx *ctx = context();
    fqp_eigen e;
    fqp_gram *g = interval(ctx, 20, false);
    assert_refused(ctx, fqp_gram_eigen(g, 21, 0, &e), FQP_E_ARG, "fqp_gram_eigen: 21 of 20 eigenpairs to 0");
    assert_null(e.value);
    ((double *)g->data)[21] = NAN;
    assert_refused(ctx, fqp_gram_eigen(g, 0, 0, &e), FQP_E_DATA,
                   "eigenpairs: element (1, 1) of the matrix is not finite");
    fqp_gram_destroy(g);
    fqp_status s = FQP_E_DATA;
    assert_int_equal(fqp_eigen_leading(ctx, 1000, broken, &s, 5, 0, &e), FQP_E_DATA);
    assert_null(e.vector);
    int64_t n = 30000000;
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqp_eigen_leading(ctx, n, harmonic, &n, 1000000, 0, &e), FQP_E_NOMEM);
    const char *said = fqp_ctx_problem(ctx, 0).message;
    assert_non_null(strstr(said, "1000000 eigenpairs of 30000000 rows take "));
    assert_non_null(strstr(said, " TB, "));
    assert_non_null(strstr(said, "ask for fewer of the leading ones, or take fewer points"));
    fqpi_late_pretend(&fqpi_lapack_library, "libnone.so.3");
    n = 5;
    assert_int_equal(fqp_eigen_leading(ctx, n, harmonic, &n, 2, 0, &e), FQP_E_UNSUPPORTED);
    fqpi_late_pretend(&fqpi_lapack_library, NULL);
    fqp_ctx_destroy(ctx);
}

/* ---- frequencies ------------------------------------------------------------------------------------------------- */

enum { M = 101, PAIRS = 4 };

static void exact_waves_on_a_closed_curve(void **state) {
    (void)state;
    fqp_ctx *ctx = context();
    double v[PAIRS * M], value[PAIRS] = {0};
    const int k[PAIRS] = {0, 1, 17, 50};
    for (int i = 0; i < PAIRS; i++)
        for (int j = 0; j < M; j++)
            v[i * M + j] = cos(2 * pi * k[i] * j / M + 0.3);
    fqp_eigen e = {.n = M, .count = PAIRS, .value = value, .vector = v};
    fqp_mode mode[PAIRS];
    assert_ok(ctx, fqp_eigen_modes(ctx, &e, NULL, 0, mode));
    for (int i = 0; i < PAIRS; i++) {
        assert_near(mode[i].frequency, k[i], 0);
        assert_near(mode[i].centre, k[i], 1e-9);
        assert_near(mode[i].spread, 0, 1e-5);
        assert_near(mode[i].share, 1, 1e-12);
        assert_int_equal(mode[i].sign_changes, 2 * k[i]);
    }
    for (int j = 0; j < M; j++) /* two waves in one vector: power 1 and 4 */
        v[j] = cos(2 * pi * 3 * j / M) + 2 * sin(2 * pi * 8 * j / M);
    assert_ok(ctx, fqp_eigen_modes(ctx, &e, NULL, 20, mode));
    assert_near(mode[0].frequency, 8, 0);
    assert_near(mode[0].centre, 7, 1e-9);
    assert_near(mode[0].spread, 2, 1e-9);
    assert_near(mode[0].share, 0.8, 1e-9);
    fqp_ctx_destroy(ctx);
}

/* Against the sum written out, over points in no order and with unequal gaps. */
static void scattered_points(void **state) {
    (void)state;
    fqp_ctx *ctx = context();
    double v[M], s[M], value = 0, sum = 0, first = 0, best = 0, at = 0;
    for (int j = 0; j < M; j++) {
        const double u = fmod(j * 0.6180339887, 1);
        s[j] = 5 + 2 * u * (0.7 + 0.3 * u);
        v[j] = cos(2 * pi * 6 * (s[j] - 5) / 2);
    }
    double low = s[0], high = s[0];
    for (int j = 0; j < M; j++) {
        low = fmin(low, s[j]);
        high = fmax(high, s[j]);
    }
    for (int q = 0; q <= 40; q++) {
        double c = 0;
        for (int j = 0; j < M; j++) { /* weight: half the way to either neighbour */
            double left = low, right = high;
            for (int i = 0; i < M; i++) {
                left = s[i] < s[j] ? fmax(left, s[i]) : left;
                right = s[i] > s[j] ? fmin(right, s[i]) : right;
            }
            left = s[j] > low ? left : s[j];
            c += v[j] * cos(2 * pi * 0.5 * q * (s[j] - low) / (high - low)) * 0.5 * (right - left) / (high - low);
        }
        const double p = (q ? 2 : 1) * c * c;
        sum += p;
        first += 0.5 * q * p;
        at = p > best ? 0.5 * q : at;
        best = fmax(best, p);
    }
    fqp_eigen e = {.n = M, .count = 1, .value = &value, .vector = v};
    fqp_mode mode;
    assert_ok(ctx, fqp_eigen_modes(ctx, &e, s, 20, &mode));
    assert_near(mode.frequency, at, 0);
    assert_near(mode.frequency, 6, 0);
    assert_near(mode.centre, first / sum, 1e-10);
    assert_int_equal(mode.sign_changes, 12);
    s[7] = s[8];
    assert_ok(ctx, fqp_eigen_modes(ctx, &e, s, 20, &mode));
    assert_int_equal(mode.sign_changes, -1);
    assert_refused(ctx, fqp_eigen_modes(ctx, &e, s, 60, &mode), FQP_E_ARG,
                   "fqp_eigen_modes: frequencies to 60 of 101 points: 50 is the highest that they can tell");
    s[3] = INFINITY;
    assert_refused(ctx, fqp_eigen_modes(ctx, &e, s, 20, &mode), FQP_E_ARG,
                   "fqp_eigen_modes: coordinate 3 is not finite");
    for (int j = 0; j < M; j++)
        s[j] = 2;
    assert_refused(ctx, fqp_eigen_modes(ctx, &e, s, 20, &mode), FQP_E_ARG,
                   "fqp_eigen_modes: all 101 points have the same coordinate 2");
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eigenvalues_of_an_interval),
        cmocka_unit_test(singular_kernels),
        cmocka_unit_test(operators),
        cmocka_unit_test(what_cannot_be_done),
        cmocka_unit_test(exact_waves_on_a_closed_curve),
        cmocka_unit_test(scattered_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
