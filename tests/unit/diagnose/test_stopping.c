/* The rule of stopping.h on learners whose bands follow a known course: f_t = sum_b (1 - exp(-rate_b t)) (S_b + N_b).
 */
#include "stopping_i.h"

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

enum { N = 128, HELD = 40, BANDS = N / 2, FRAMES = 300, EVERY = 10 };

/* Targets on a grid of [0, 1), and their transform, so that a learner knows the noise between the points too. */
typedef struct bench {
    double x[N], y[N], held_x[HELD], held_y[HELD];
    double clean[N];
    double wave[BANDS][2]; /* of y: re, im */
} bench;

static double signal_at(double x, double size) {
    return size * (sin(2 * M_PI * x) + 0.7 * cos(2 * M_PI * 4 * x));
}

static void draw(bench *b, double size, double noise, uint64_t seed) {
    memset(b, 0, sizeof *b);
    for (int i = 0; i < N; i++) {
        b->x[i] = (double)i / N;
        b->clean[i] = signal_at(b->x[i], size);
        b->y[i] = b->clean[i] + noise * fqpi_rng_normal(seed, FQPI_STREAM_NOISE, (uint64_t)i);
    }
    for (int i = 0; i < HELD; i++) {
        b->held_x[i] = fqpi_rng_uniform(seed, FQPI_STREAM_POINTS, (uint64_t)i);
        b->held_y[i] =
            signal_at(b->held_x[i], size) + noise * fqpi_rng_normal(seed, FQPI_STREAM_NOISE, 1000 + (uint64_t)i);
    }
    for (int k = 0; k < BANDS; k++)
        for (int i = 0; i < N; i++) {
            b->wave[k][0] += b->y[i] * cos(2 * M_PI * k * b->x[i]) / N;
            b->wave[k][1] += b->y[i] * sin(2 * M_PI * k * b->x[i]) / N;
        }
}

/* Bands learnt at rates that fall with the square of the frequency, as in the linear regime. */
static void predict(const bench *b, int64_t step, int n, const double *x, double *out) {
    double share[BANDS];
    for (int k = 0; k < BANDS; k++)
        share[k] = (k ? 2 : 1) * (1 - exp(-0.1 * (double)step / (1 + k * k)));
    for (int i = 0; i < n; i++) {
        const double turn[2] = {cos(2 * M_PI * x[i]), sin(2 * M_PI * x[i])};
        double at[2] = {1, 0};
        out[i] = 0;
        for (int k = 0; k < BANDS; k++) {
            out[i] += share[k] * (b->wave[k][0] * at[0] + b->wave[k][1] * at[1]);
            const double next = at[0] * turn[0] - at[1] * turn[1];
            at[1] = at[0] * turn[1] + at[1] * turn[0];
            at[0] = next;
        }
    }
}

static fqp_stopping *rule_of(const bench *b) {
    fqp_stopping *s = NULL;
    const fqp_stopping_setup setup = {.x = fqp_view_1d(b->x, N),
                                      .y = fqp_view_1d(b->y, N),
                                      .held_x = fqp_view_1d(b->held_x, HELD),
                                      .held_y = fqp_view_1d(b->held_y, HELD)};
    assert_ok(ctx, fqp_stopping_create(ctx, &setup, &s));
    return s;
}

/* Frames to the end; clean [FRAMES] mean squared error without the noise. */
static void watch(const bench *b, fqp_stopping *s, double *clean) {
    for (int f = 0; f < FRAMES; f++) {
        double p[N], h[HELD];
        predict(b, f * EVERY, N, b->x, p);
        predict(b, f * EVERY, HELD, b->held_x, h);
        assert_ok(ctx, fqp_stopping_observe(s, f * EVERY, fqp_view_1d(p, N), fqp_view_1d(h, HELD)));
        clean[f] = 0;
        for (int i = 0; i < N; i++)
            clean[f] += (p[i] - b->clean[i]) * (p[i] - b->clean[i]) / N;
    }
}

static double least(const double *v) {
    double best = v[0];
    for (int f = 1; f < FRAMES; f++)
        best = fmin(best, v[f]);
    return best;
}

/* Held-out points refute a good estimate now and then: three standard errors of 40 points. */
static void known_crossing(void **state) {
    (void)state;
    int good = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        bench b;
        double clean[FRAMES];
        draw(&b, 1, 0.5, seed);
        fqp_stopping *s = rule_of(&b);
        watch(&b, s, clean);
        const fqp_stopping_noise z = fqp_stopping_noise_of(s);
        assert_true(z.known);
        assert_near(z.noise, 0.5, 0.11);
        assert_true(z.crossing >= 3.5 && z.crossing < 7);
        const fqp_stop o = fqp_stopping_judge(s);
        assert_true(o.step >= 0 && clean[o.frame] <= 2 * least(clean));
        assert_true(clean[FRAMES - 1] > 1.2 * clean[o.frame]); /* it is worth stopping */
        if (o.stop && !o.held_only) {
            assert_true(o.at >= o.frame + 20);
            assert_non_null(strstr(o.why, "stop and keep the network of step"));
            good += clean[o.frame] <= 1.25 * least(clean);
        }
        fqp_stopping_destroy(s);
    }
    assert_true(good >= 6);
}

/* Slow bands make long waits: nothing there may look like an end. */
static void no_noise(void **state) {
    (void)state;
    bench b;
    double clean[FRAMES];
    draw(&b, 1, 0, 1);
    fqp_stopping *s = rule_of(&b);
    watch(&b, s, clean);
    const fqp_stop o = fqp_stopping_judge(s);
    assert_false(o.stop);
    assert_int_equal(o.frame, FRAMES - 1);
    assert_non_null(strstr(o.why, "the points show no noise"));
    fqp_stopping_destroy(s);
}

/* A network that stands still before it has learnt is not at its end, noise or not. */
static void plateau(void **state) {
    (void)state;
    for (int noisy = 0; noisy < 2; noisy++) {
        bench b;
        draw(&b, 1, noisy ? 0.2 : 0, 1);
        fqp_stopping *s = rule_of(&b);
        for (int f = 0; f < FRAMES; f++) {
            double p[N], h[HELD];
            predict(&b, 20, N, b.x, p);
            predict(&b, 20, HELD, b.held_x, h);
            assert_ok(ctx, fqp_stopping_observe(s, f, fqp_view_1d(p, N), fqp_view_1d(h, HELD)));
        }
        assert_false(fqp_stopping_judge(s).stop);
        fqp_stopping_destroy(s);
    }
}

static void only_noise(void **state) {
    (void)state;
    bench b;
    double clean[FRAMES];
    draw(&b, 0, 1, 2);
    fqp_stopping *s = rule_of(&b);
    watch(&b, s, clean);
    const fqp_stop o = fqp_stopping_judge(s);
    assert_true(o.stop);
    assert_true(o.step <= 60); /* the mean is learnt, no more */
    fqp_stopping_destroy(s);
}

static void held_out_missing(void **state) {
    (void)state;
    bench b;
    fqp_stopping *s = NULL;
    draw(&b, 1, 0.1, 1);
    fqp_stopping_setup setup = {.x = fqp_view_1d(b.x, N), .y = fqp_view_1d(b.y, N)};
    assert_refused(ctx, fqp_stopping_create(ctx, &setup, &s), FQP_E_ARG,
                   "when to stop cannot be told without held-out points");
    setup.held_x = setup.held_y = fqp_view_1d(b.held_x, 1);
    assert_refused(ctx, fqp_stopping_create(ctx, &setup, &s), FQP_E_SHAPE,
                   "held-out points: x has 1, y has 1; two at least are needed, and as many");
}

static void bad_frames(void **state) {
    (void)state;
    bench b;
    draw(&b, 1, 0.3, 1);
    fqp_stopping *s = rule_of(&b);
    double p[N] = {0}, h[HELD] = {0};
    p[5] = NAN;
    assert_refused(ctx, fqp_stopping_observe(s, 0, fqp_view_1d(p, N), fqp_view_1d(h, HELD)), FQP_E_DATA,
                   "prediction: value 5 (counted from 0) is not finite");
    p[5] = 0;
    assert_refused(ctx, fqp_stopping_observe(s, 0, fqp_view_1d(p, N - 1), fqp_view_1d(h, HELD)), FQP_E_SHAPE,
                   "prediction: 128 points with 1 real outputs are expected");
    assert_int_equal(fqp_stopping_frames(s), 0);
    assert_string_equal(fqp_stopping_judge(s).why, "no frame could be used yet");
    assert_ok(ctx, fqp_stopping_observe(s, 3, fqp_view_1d(p, N), fqp_view_1d(h, HELD)));
    assert_refused(ctx, fqp_stopping_observe(s, 3, fqp_view_1d(p, N), fqp_view_1d(h, HELD)), FQP_E_ARG,
                   "step 3 follows step 3: steps must increase");
    fqp_stopping_frame lost = {NAN, NAN, NAN, NAN, NAN}; /* a stored frame may be one */
    for (int f = 4; f < 50; f++)
        assert_ok(ctx, fqp_stopping_restore(s, f, &lost));
    assert_int_equal(fqp_stopping_judge(s).step, 3);
    assert_false(fqp_stopping_judge(s).stop);
    fqp_stopping_destroy(s);
}

/* Asked after every frame, restored from numbers, or asked at the end: the same answer from the frame on at which the
 * rule is met. */
static void online_is_offline(void **state) {
    (void)state;
    bench b;
    double clean[FRAMES];
    draw(&b, 1, 0.5, 3);
    fqp_stopping *whole = rule_of(&b), *again = rule_of(&b);
    watch(&b, whole, clean);
    const fqp_stop last = fqp_stopping_judge(whole);
    assert_true(last.stop);
    for (size_t f = 0; f < FRAMES; f++) {
        int64_t step;
        const fqp_stopping_frame *frame = fqp_stopping_frame_at(whole, f, &step);
        assert_ok(ctx, fqp_stopping_restore(again, step, frame));
        const fqp_stop now = fqp_stopping_judge(again);
        assert_int_equal(now.stop, (int64_t)f >= last.at);
        if (now.stop) {
            assert_int_equal(now.step, last.step);
            assert_string_equal(now.why, last.why);
        }
    }
    fqp_stopping_destroy(whole);
    fqp_stopping_destroy(again);
}

/* With four inputs there are no waves: the held-out loss decides, once it has clearly risen. */
static void many_inputs(void **state) {
    (void)state;
    double x[4 * N], y[N], hx[4 * HELD], hy[HELD];
    for (int i = 0; i < 4 * N; i++)
        x[i] = fqpi_rng_uniform(1, FQPI_STREAM_POINTS, (uint64_t)i);
    for (int i = 0; i < 4 * HELD; i++)
        hx[i] = fqpi_rng_uniform(2, FQPI_STREAM_POINTS, (uint64_t)i);
    for (int i = 0; i < N; i++)
        y[i] = fqpi_rng_normal(1, FQPI_STREAM_NOISE, (uint64_t)i);
    for (int i = 0; i < HELD; i++)
        hy[i] = fqpi_rng_normal(2, FQPI_STREAM_NOISE, (uint64_t)i);
    fqp_stopping *s = NULL;
    const fqp_stopping_setup setup = {.x = fqp_view_2d(x, N, 4),
                                      .y = fqp_view_1d(y, N),
                                      .held_x = fqp_view_2d(hx, HELD, 4),
                                      .held_y = fqp_view_1d(hy, HELD)};
    assert_ok(ctx, fqp_stopping_create(ctx, &setup, &s));
    assert_int_equal(fqp_ctx_problem_count(ctx), 0);
    assert_false(fqp_stopping_noise_of(s).known);
    for (int f = 0; f < 200; f++) {
        double p[N], h[HELD];
        for (int i = 0; i < N; i++)
            p[i] = y[i] * f / 100;
        for (int i = 0; i < HELD; i++)
            h[i] = hy[i] * 0.2 - 0.02 * f * fqpi_rng_normal(3, FQPI_STREAM_NOISE, (uint64_t)i);
        assert_ok(ctx, fqp_stopping_observe(s, f, fqp_view_1d(p, N), fqp_view_1d(h, HELD)));
    }
    const fqp_stop o = fqp_stopping_judge(s);
    assert_true(o.stop && o.held_only);
    assert_true(o.step < 40 && o.at < 150);
    assert_non_null(strstr(o.why, "held-out loss alone"));
    fqp_stopping_destroy(s);
}

/* A jump is no sum of a few waves: what they leave looks like noise.  A network that learns it beats the estimate at
 * the held-out points, and is not stopped by it. */
static void estimate_beaten(void **state) {
    (void)state;
    bench b;
    draw(&b, 1, 0, 1);
    for (int i = 0; i < N; i++)
        b.y[i] = b.x[i] * 29 - floor(b.x[i] * 29);
    for (int i = 0; i < HELD; i++)
        b.held_y[i] = b.held_x[i] * 29 - floor(b.held_x[i] * 29);
    fqp_stopping *s = rule_of(&b);
    for (int f = 0; f < FRAMES; f++) {
        double p[N], h[HELD];
        const double share = 1 - exp(-0.1 * f);
        for (int i = 0; i < N; i++)
            p[i] = 0.5 + share * (b.y[i] - 0.5);
        for (int i = 0; i < HELD; i++)
            h[i] = 0.5 + share * (b.held_y[i] - 0.5);
        assert_ok(ctx, fqp_stopping_observe(s, f, fqp_view_1d(p, N), fqp_view_1d(h, HELD)));
    }
    const fqp_stop o = fqp_stopping_judge(s);
    assert_false(o.stop);
    assert_true(o.step > 20);
    fqp_stopping_destroy(s);
}

static void bands(void **state) {
    (void)state;
    bench b;
    draw(&b, 1, 0.3, 4);
    fqp_stopping *s = rule_of(&b);
    double frequency, signal, noise, part, before = -1;
    size_t n = 0;
    for (; fqp_stopping_band(s, n, &frequency, &signal, &noise, &part); n++) {
        assert_true(frequency > before && signal > 0 && part >= -1e-9 && part <= 1);
        assert_near(noise, 0.3 * sqrt(2.0 / (N + HELD)), 0.01);
        before = frequency;
    }
    assert_true(n > 40);
    fqp_stopping_destroy(s);
}

static void no_memory(void **state) {
    (void)state;
    bench b;
    draw(&b, 1, 0.3, 4);
    const fqp_stopping_setup setup = {.x = fqp_view_1d(b.x, N),
                                      .y = fqp_view_1d(b.y, N),
                                      .held_x = fqp_view_1d(b.held_x, HELD),
                                      .held_y = fqp_view_1d(b.held_y, HELD)};
    fqp_stopping *s = NULL;
    fqp_status status = FQP_E_NOMEM;
    for (long fail = 0; status == FQP_E_NOMEM && fail < 100; fail++) {
        fqpi_mem_fail_after(ctx, fail);
        status = fqp_stopping_create(ctx, &setup, &s);
        fqpi_mem_fail_after(ctx, -1);
    }
    assert_int_equal(status, FQP_OK);
    fqp_stopping_destroy(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_crossing),   cmocka_unit_test(no_noise),
                                       cmocka_unit_test(plateau),          cmocka_unit_test(only_noise),
                                       cmocka_unit_test(bad_frames),       cmocka_unit_test(online_is_offline),
                                       cmocka_unit_test(held_out_missing), cmocka_unit_test(many_inputs),
                                       cmocka_unit_test(estimate_beaten),  cmocka_unit_test(bands),
                                       cmocka_unit_test(no_memory)};
    return cmocka_run_group_tests(tests, begin, end);
}
