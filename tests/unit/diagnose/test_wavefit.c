/* Waves with the power that the points support: noise and crossing of known signals, and the same sum by another road.
 */
#include "wavefit.h"

#include "lapack.h"
#include "mem.h"
#include "rng.h"
#include "support.h"

static fqp_ctx *ctx;

static int begin(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK;
}

static int end(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

enum { N = 240 };
typedef struct sample {
    double x[3 * N], y[N];
} sample;

/* Random points of [0, 1)^d; 5 cos(2 pi 3 x1) and, of twice the cycles, 2 sin of the last coordinate; then noise. */
static void draw(sample *s, int64_t d, double cycles, double noise, uint64_t seed) {
    for (int64_t i = 0; i < N; i++) {
        for (int64_t a = 0; a < d; a++)
            s->x[i * d + a] = fqpi_rng_uniform(seed, FQPI_STREAM_POINTS, (uint64_t)(i * d + a));
        s->y[i] = 5 * cos(2 * M_PI * cycles * s->x[i * d]) + 2 * sin(4 * M_PI * cycles * s->x[i * d + d - 1]) +
                  noise * fqpi_rng_normal(seed, FQPI_STREAM_NOISE, (uint64_t)i);
    }
}

static double crossing(const fqpi_wavefit *w) {
    double at = 0;
    for (int64_t b = 0; b <= w->shells; b++)
        at = w->part[b] > 0.5 ? fqpi_wavefit_frequency(b) : at;
    return at;
}

static void known_noise(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        sample s;
        fqpi_wavefit w;
        draw(&s, 1, 3.3, 0.8, seed);
        assert_ok(ctx, fqpi_wavefit_fit(ctx, fqp_view_2d(s.x, N, 1), fqp_view_2d(s.y, N, 1), &w));
        assert_near(sqrt(w.noise), 0.8, 0.12);
        assert_true(crossing(&w) >= 6.6 - 0.5 && crossing(&w) < 10);
        fqpi_wavefit_free(&w);
    }
}

/* Waves beyond those it begins with are seen in what is left, and added. */
static void high_wave(void **state) {
    (void)state;
    static double x[600], y[600];
    for (int i = 0; i < 600; i++) {
        x[i] = (i + 0.5) / 600;
        y[i] = sin(2 * M_PI * x[i]) + 0.8 * sin(2 * M_PI * 100.3 * x[i]) +
               0.1 * fqpi_rng_normal(1, FQPI_STREAM_NOISE, (uint64_t)i);
    }
    fqpi_wavefit w;
    assert_ok(ctx, fqpi_wavefit_fit(ctx, fqp_view_2d(x, 600, 1), fqp_view_2d(y, 600, 1), &w));
    assert_true(fqpi_wavefit_frequency(w.shells) > 100);
    assert_near(sqrt(w.noise), 0.1, 0.03);
    fqpi_wavefit_free(&w);
}

static void planes(void **state) {
    (void)state;
    for (int64_t d = 2; d <= 3; d++) {
        sample s;
        fqpi_wavefit w;
        draw(&s, d, 0.7, 0.5, 3);
        assert_ok(ctx, fqpi_wavefit_fit(ctx, fqp_view_2d(s.x, N, d), fqp_view_2d(s.y, N, 1), &w));
        assert_near(sqrt(w.noise), 0.5, 0.15);
        fqpi_wavefit_free(&w);
    }
}

/* The mean of the posterior is K (K + r I)^-1 (y - mean), K = sum_b s_b sum_j phi_j phi_j^T: a system of N equations
 * instead of one of as many as functions. */
static void kernel_road(void **state) {
    (void)state;
    enum { POINTS = 60 };
    sample s;
    fqpi_wavefit w;
    draw(&s, 1, 2.2, 1, 7);
    assert_ok(ctx, fqpi_wavefit_fit(ctx, fqp_view_2d(s.x, POINTS, 1), fqp_view_2d(s.y, POINTS, 1), &w));
    static double k[POINTS][POINTS], a[POINTS][POINTS], c[POINTS], out[POINTS];
    for (int i = 0; i < POINTS; i++)
        for (int j = 0; j < POINTS; j++) {
            k[i][j] = w.power[0];
            for (int64_t b = 1; b <= w.shells; b++)
                k[i][j] += w.power[b] * cos((double)b * w.turn[0] * (s.x[i] - s.x[j]));
            a[i][j] = k[i][j] + (i == j ? w.noise : 0);
        }
    for (int i = 0; i < POINTS; i++)
        c[i] = s.y[i] - w.mean[0];
    assert_true(fqpi_cholesky(POINTS, &a[0][0]));
    fqpi_cholesky_solve(POINTS, &a[0][0], c);
    assert_ok(ctx, fqpi_wavefit_at(ctx, &w, fqp_view_2d(s.x, POINTS, 1), out));
    for (int i = 0; i < POINTS; i++) {
        double want = w.mean[0];
        for (int j = 0; j < POINTS; j++)
            want += k[i][j] * c[j];
        assert_near(out[i], want, 1e-8);
    }
    fqpi_wavefit_free(&w);
}

static void refused(void **state) {
    (void)state;
    sample s;
    fqpi_wavefit w;
    draw(&s, 1, 1, 0.1, 1);
    assert_refused(ctx, fqpi_wavefit_fit(ctx, fqp_view_2d(s.x, 7, 1), fqp_view_2d(s.y, 7, 1), &w), FQP_E_SHAPE,
                   "waves are fitted to 8 points or more with up to 3 inputs, not to 7 with 1");
    for (int i = 0; i < N; i++)
        s.y[i] = 2;
    assert_refused(ctx, fqpi_wavefit_fit(ctx, fqp_view_2d(s.x, N, 1), fqp_view_2d(s.y, N, 1), &w), FQP_E_DATA,
                   "the targets are all the same");
}

/* What cannot be fitted must not pass for noise. */
static void too_high(void **state) {
    (void)state;
    enum { MANY = 1200 };
    static double x[2 * MANY], y[MANY];
    fqpi_wavefit w;
    for (int i = 0; i < MANY; i++) {
        for (int a = 0; a < 2; a++)
            x[2 * i + a] = fqpi_rng_uniform(5, FQPI_STREAM_POINTS, 2 * (uint64_t)i + (uint64_t)a);
        y[i] = x[2 * i] + sin(2 * M_PI * 13 * x[2 * i + 1]) + 0.2 * fqpi_rng_normal(5, FQPI_STREAM_NOISE, (uint64_t)i);
    }
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqpi_wavefit_fit(ctx, fqp_view_2d(x, MANY, 2), fqp_view_2d(y, MANY, 1), &w), FQP_E_UNSUPPORTED);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "the points show a wave of"));
    fqp_ctx_problems_clear(ctx);
}

static void no_memory(void **state) {
    (void)state;
    sample s;
    fqpi_wavefit w;
    draw(&s, 1, 1, 0.1, 1);
    fqp_status status = FQP_E_NOMEM;
    for (long fail = 0; status == FQP_E_NOMEM && fail < 100; fail++) {
        fqpi_mem_fail_after(ctx, fail);
        status = fqpi_wavefit_fit(ctx, fqp_view_2d(s.x, 50, 1), fqp_view_2d(s.y, 50, 1), &w);
        fqpi_mem_fail_after(ctx, -1);
    }
    assert_int_equal(status, FQP_OK);
    fqpi_wavefit_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_noise), cmocka_unit_test(high_wave),
                                       cmocka_unit_test(planes),      cmocka_unit_test(kernel_road),
                                       cmocka_unit_test(refused),     cmocka_unit_test(too_high),
                                       cmocka_unit_test(no_memory)};
    return cmocka_run_group_tests(tests, begin, end);
}
