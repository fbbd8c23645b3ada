/* Laws of training by a kernel: closed forms against the update rules run step by step in long double, against an
 * integrator of the differential equation, and at the edges: stability, cut-off, singular kernels, infinite time. */
#include "support.h"

#include <fqp/ntk.h>

#include <stdlib.h>

enum { N = 13, M = 3, OUT = 5 };
static const int rules[] = {FQP_FLOW_GD, FQP_FLOW_MOMENTUM, FQP_FLOW_NESTEROV};

/* ---- a kernel whose eigenpairs are known: V = I - 2 u u^T ------------------------------------------------------ */

typedef struct problem {
    double value[N], vector[N * N], k[N * N], cross[OUT * N], r0[N * M], f0[OUT * M];
    fqp_eigen e;
} problem;

static double wave(int i) {
    return sin(1.7 * i + 0.3 * i * i);
}

static void make(problem *p, double smallest, int64_t count) {
    double u[N], norm = 0;
    for (int i = 0; i < N; i++) {
        u[i] = 1 + wave(i);
        norm += u[i] * u[i];
    }
    for (int i = 0; i < N; i++) {
        p->value[i] = pow(smallest, i / (N - 1.0));
        for (int j = 0; j < N; j++)
            p->vector[i * N + j] = (i == j) - 2 * u[i] * u[j] / norm;
    }
    for (int i = 0; i < N * N; i++) {
        p->k[i] = 0;
        for (int q = 0; q < N; q++)
            p->k[i] += p->value[q] * p->vector[q * N + i / N] * p->vector[q * N + i % N];
    }
    for (int i = 0; i < OUT * N; i++) { /* in the span of the kernel, as a kernel's rows are */
        p->cross[i] = 0;
        for (int q = 0; q < N; q++)
            p->cross[i] += p->value[q] * wave(3 * q + i / N) * p->vector[q * N + i % N];
    }
    for (int i = 0; i < N * M; i++)
        p->r0[i] = wave(i + 40);
    for (int i = 0; i < OUT * M; i++)
        p->f0[i] = wave(i + 90);
    p->e = (fqp_eigen){.n = N, .count = count, .value = p->value, .vector = p->vector};
}

/* ---- the rules of training, step by step ----------------------------------------------------------------------- */

/* v <- mu v + g, w <- w - lr v (kernel/update.inc) for anything linear in the parameters, where g = c K r */
static void step_by_step(const problem *p, const fqp_flow_opts *o, int64_t steps, long double *r, long double *f) {
    long double v[N * M] = {0}, vf[OUT * M] = {0};
    const long double mu = o->rule == FQP_FLOW_GD ? 0 : (long double)o->momentum;
    for (int i = 0; i < N * M; i++)
        r[i] = p->r0[i];
    for (int i = 0; i < OUT * M; i++)
        f[i] = p->f0[i];
    for (int64_t s = 0; s < steps; s++) {
        long double before[N * M];
        memcpy(before, r, sizeof before);
        for (int i = 0; i < (N + OUT) * M; i++) {
            const bool inside = i < N * M;
            const int at = inside ? i : i - N * M;
            const double *row = (inside ? p->k : p->cross) + at / M * N;
            long double g = 0, *w = inside ? &r[at] : &f[at], *velocity = inside ? &v[at] : &vf[at];
            for (int q = 0; q < N; q++)
                g += (long double)row[q] * before[q * M + at % M];
            g *= (long double)o->c;
            *velocity = mu * *velocity + g;
            *w -= (long double)o->lr * (o->rule == FQP_FLOW_NESTEROV ? g + mu * *velocity : *velocity);
        }
    }
}

/* r - 1 after `steps`, which is exact for small a too */
static long double mode_by_steps(int rule, long double a, long double mu, int64_t steps) {
    long double gain = 0, p = 0;
    for (int64_t s = 0; s < steps; s++) {
        const long double g = a * (1 + gain);
        p = (rule == FQP_FLOW_GD ? 0 : mu) * p + g;
        gain -= rule == FQP_FLOW_NESTEROV ? g + mu * p : p;
    }
    return gain;
}

static fqp_ctx *open_ctx(int threads) {
    fqp_ctx *ctx = NULL;
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = threads}, &ctx), FQP_OK);
    return ctx;
}

static fqp_flow *open_flow(fqp_ctx *ctx, const problem *p, fqp_flow_opts o) {
    fqp_flow *f = NULL;
    assert_ok(ctx, fqp_flow_create(ctx, &p->e, p->r0, M, &o, &f));
    assert_ok(ctx, fqp_flow_points(f, OUT, p->cross, p->f0));
    return f;
}

/* One mode of eigenvalue a, lr = c = 1. */
static fqp_flow *one_mode(fqp_ctx *ctx, int rule, double a, double mu) {
    static const double one = 1;
    double value = a, vector = 1;
    fqp_flow *f = NULL;
    assert_ok(ctx, fqp_flow_create(ctx, &(fqp_eigen){.n = 1, .count = 1, .value = &value, .vector = &vector}, &one, 1,
                                   &(fqp_flow_opts){.rule = rule, .lr = 1, .momentum = mu, .c = 1}, &f));
    return f;
}

/* ---- tests ------------------------------------------------------------------------------------------------------ */

/* Rates over the whole range, stable or not, at and beside the double roots. */
static void factor_is_the_recursion(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    static const double momenta[] = {0, 0.1, 0.5, 0.9, 0.99};
    static const int64_t steps[] = {0, 1, 2, 3, 10, 57, 400};
    for (size_t r = 0; r < 3; r++)
        for (size_t i = 0; i < 5; i++) {
            const double mu = momenta[i], root = sqrt(mu), bend = (1 - mu) / (1 + mu);
            const double low = (1 - root) * (1 - root), high = (1 + root) * (1 + root),
                         kink = 1 - 4 * mu / pow(1 + mu, 2);
            const double rates[] = {
                1e-9, 1e-3, low,  low * (1 + 1e-13), low * 0.999, 0.3, bend, kink, kink * (1 - 1e-12), 1, 1.2,
                1.5,  1.9,  high, high * 1.0001,     2.05};
            for (size_t q = 0; q < sizeof rates / sizeof rates[0]; q++)
                for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
                    fqp_flow *f = one_mode(ctx, rules[r], rates[q], mu);
                    const double got = fqp_flow_factor(f, 0, (double)steps[s]);
                    const double want = (double)(1 + mode_by_steps(rules[r], rates[q], mu, steps[s]));
                    if (got != want && !(fabs(got - want) <= 1e-9 * fmax(1, fabs(want))))
                        fail_msg("rule %d a %.17g mu %g step %d: %.17g, by steps %.17g", rules[r], rates[q], mu,
                                 (int)steps[s], got, want);
                    fqp_flow_destroy(f);
                }
        }
    fqp_ctx_destroy(ctx);
}

/* 1 - factor is small for slow modes: what the function moves by must not be rounded away. */
static void slow_modes_move_exactly(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    for (size_t r = 0; r < 3; r++)
        for (double a = 1e-12; a < 1e-3; a *= 30) {
            const double mu = 0.9, one = 1;
            fqp_flow *f = one_mode(ctx, rules[r], a, mu);
            double moved;
            assert_ok(ctx, fqp_flow_points(f, 1, &one, NULL));
            assert_ok(ctx, fqp_flow_eval(f, 200, &moved));
            const double want = (double)(mode_by_steps(rules[r], a, mu, 200) / (long double)a);
            assert_near(moved / want, 1, rules[r] == FQP_FLOW_GD ? 1e-13 : 1e-11);
            fqp_flow_destroy(f);
        }
    fqp_ctx_destroy(ctx);
}

static void equals_training_by_steps(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(2);
    problem p;
    make(&p, 1e-4, N);
    for (size_t i = 0; i < 3; i++) {
        const fqp_flow_opts o = {.rule = rules[i], .lr = 3, .momentum = 0.8, .c = 0.4};
        fqp_flow *f = open_flow(ctx, &p, o);
        for (int64_t s = 0; s <= 300; s = s * 3 + 1) {
            long double r[N * M], g[OUT * M];
            double got_r[N * M], got_g[OUT * M];
            step_by_step(&p, &o, s, r, g);
            assert_ok(ctx, fqp_flow_residual(f, (double)s, got_r));
            assert_ok(ctx, fqp_flow_eval(f, (double)s, got_g));
            for (int j = 0; j < N * M; j++)
                assert_near(got_r[j], (double)r[j], 1e-13);
            for (int j = 0; j < OUT * M; j++)
                assert_near(got_g[j], (double)g[j], 1e-12);
        }
        fqp_flow_destroy(f);
    }
    fqp_ctx_destroy(ctx);
}

/* Leading pairs only: what lies outside stays as it was, and the rest is as with all pairs. */
static void the_rest_stays(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    problem p, few;
    make(&p, 1e-3, N);
    make(&few, 1e-3, 4);
    const fqp_flow_opts o = {.rule = FQP_FLOW_GD, .lr = 1, .c = 1};
    fqp_flow *all = open_flow(ctx, &p, o), *some = open_flow(ctx, &few, o);
    double a[N * M], b[N * M];
    assert_ok(ctx, fqp_flow_residual(all, 30, a));
    assert_ok(ctx, fqp_flow_residual(some, 30, b));
    for (int i = 0; i < N; i++)
        for (int o_ = 0; o_ < M; o_++) {
            double full = 0, part = 0, begin = 0;
            for (int j = 0; j < N; j++) {
                full += p.vector[i * N + j] * a[j * M + o_];
                part += p.vector[i * N + j] * b[j * M + o_];
                begin += p.vector[i * N + j] * p.r0[j * M + o_];
            }
            assert_near(part, i < 4 ? full : begin, 1e-13);
        }
    fqp_flow_destroy(all);
    fqp_flow_destroy(some);
    fqp_ctx_destroy(ctx);
}

/* Classical Runge-Kutta on r' = -c K r. */
static void flow_solves_its_equation(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    problem p;
    make(&p, 1e-3, N);
    fqp_flow *f = open_flow(ctx, &p, (fqp_flow_opts){.rule = FQP_FLOW_CONTINUOUS, .lr = 0.5, .c = 2});
    enum { STEPS = 2000 };
    double r[N * M], got[N * M];
    memcpy(r, p.r0, sizeof r);
    const double h = 7.25 * 0.5 / STEPS; /* t = lr step */
    for (int s = 0; s < STEPS; s++) {
        double slope[5][N * M] = {{0}}, at[N * M];
        for (int stage = 1; stage <= 4; stage++) {
            const double by = stage == 1 ? 0 : stage == 4 ? h : h / 2;
            for (int i = 0; i < N * M; i++)
                at[i] = r[i] + by * slope[stage - 1][i];
            for (int i = 0; i < N * M; i++)
                for (int q = 0; q < N; q++)
                    slope[stage][i] -= 2 * p.k[i / M * N + q] * at[q * M + i % M];
        }
        for (int i = 0; i < N * M; i++)
            r[i] += h / 6 * (slope[1][i] + 2 * slope[2][i] + 2 * slope[3][i] + slope[4][i]);
    }
    assert_ok(ctx, fqp_flow_residual(f, 7.25, got));
    for (int i = 0; i < N * M; i++)
        assert_near(got[i], r[i], 1e-11);
    fqp_flow_destroy(f);
    fqp_ctx_destroy(ctx);
}

/* Just below the bound the leading mode falls, just above it grows. */
static void bound_divides(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    problem p;
    make(&p, 0.1, N);
    for (size_t i = 0; i < 3; i++)
        for (double mu = 0; mu < 1; mu += 0.3) {
            double bound = 0;
            fqp_flow *f = open_flow(ctx, &p, (fqp_flow_opts){.rule = rules[i], .lr = 1, .momentum = mu, .c = 0.7});
            fqp_flow_stable(f, &bound);
            fqp_flow_destroy(f);
            for (int above = 0; above < 2; above++) {
                const fqp_flow_opts o = {
                    .rule = rules[i], .lr = bound * (above ? 1.01 : 0.99), .momentum = mu, .c = 0.7};
                f = open_flow(ctx, &p, o);
                assert_int_equal(fqp_flow_stable(f, NULL), !above);
                const double late = fabs(fqp_flow_factor(f, 0, 4000));
                assert_true(above ? late > 1e3 : late < 1e-3);
                fqp_flow_destroy(f);
            }
        }
    fqp_ctx_destroy(ctx);
}

/* In the limit the kernel interpolates; modes below the cut-off are left alone. */
static void limit_of_a_singular_kernel(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    problem p;
    make(&p, 1e-4, N);
    p.value[N - 1] = 1e-18;
    p.value[N - 2] = -1e-18;
    fqp_flow *f = open_flow(ctx, &p, (fqp_flow_opts){.rule = FQP_FLOW_MOMENTUM, .lr = 1, .momentum = 0.5, .c = 1});
    double r[N * M], out[OUT * M];
    assert_ok(ctx, fqp_flow_residual(f, INFINITY, r));
    assert_ok(ctx, fqp_flow_eval(f, INFINITY, out));
    for (int o = 0; o < M; o++)
        for (int i = 0; i < N; i++) {
            double left = 0, begin = 0;
            for (int j = 0; j < N; j++) {
                left += p.vector[i * N + j] * r[j * M + o];
                begin += p.vector[i * N + j] * p.r0[j * M + o];
            }
            assert_near(left, i < N - 2 ? 0 : begin, 1e-13);
        }
    for (int j = 0; j < OUT * M; j++) {
        double want = p.f0[j];
        for (int i = 0; i < N - 2; i++) {
            double coefficient = 0, along = 0;
            for (int q = 0; q < N; q++) {
                coefficient += p.vector[i * N + q] * p.r0[q * M + j % M];
                along += p.vector[i * N + q] * p.cross[j / M * N + q];
            }
            want -= along * coefficient / p.value[i];
        }
        assert_near(out[j], want, 1e-11);
    }
    fqp_flow_destroy(f);
    fqp_ctx_destroy(ctx);
}

/* No learning rate, no kernel: nothing moves, and nothing is NaN. */
static void nothing_moves(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    static const double steps[] = {0, 1, 1e6, INFINITY};
    for (int rule = FQP_FLOW_CONTINUOUS; rule <= FQP_FLOW_NESTEROV; rule++)
        for (int still = 0; still < 2; still++)
            for (size_t s = 0; s < 4; s++) {
                problem p;
                double r[N * M], out[OUT * M];
                make(&p, 1e-2, N);
                for (int i = 0; still && i < N; i++)
                    p.value[i] = 0;
                fqp_flow *f =
                    open_flow(ctx, &p, (fqp_flow_opts){.rule = rule, .lr = still ? 1 : 0, .momentum = 0.9, .c = 1});
                assert_ok(ctx, fqp_flow_residual(f, steps[s], r));
                assert_ok(ctx, fqp_flow_eval(f, steps[s], out));
                for (int i = 0; i < N * M; i++)
                    assert_near(r[i], p.r0[i], 1e-14);
                for (int i = 0; i < OUT * M; i++)
                    assert_near(out[i], p.f0[i], 0);
                fqp_flow_destroy(f);
            }
    fqp_ctx_destroy(ctx);
}

static void same_bits_on_any_threads(void **state) {
    (void)state;
    enum { MANY = 1500, PAIRS = 20 };
    double *vector = malloc(sizeof(double) * PAIRS * MANY), *value = malloc(sizeof(double) * PAIRS);
    double *r0 = malloc(sizeof(double) * MANY * 2), *out[2];
    for (int i = 0; i < PAIRS * MANY; i++)
        vector[i] = wave(i) / 30;
    for (int i = 0; i < PAIRS; i++)
        value[i] = 1.0 / (i + 1);
    for (int i = 0; i < MANY * 2; i++)
        r0[i] = wave(i + 7);
    for (int t = 0; t < 2; t++) {
        fqp_ctx *ctx = open_ctx(t ? 3 : 1);
        fqp_flow *f = NULL;
        assert_ok(ctx, fqp_flow_create(ctx, &(fqp_eigen){.n = MANY, .count = PAIRS, .value = value, .vector = vector},
                                       r0, 2, &(fqp_flow_opts){.rule = FQP_FLOW_GD, .lr = 0.1, .c = 1}, &f));
        assert_ok(ctx, fqp_flow_points(f, PAIRS, vector, NULL));
        out[t] = malloc(sizeof(double) * (MANY + PAIRS) * 2);
        assert_ok(ctx, fqp_flow_residual(f, 17, out[t]));
        assert_ok(ctx, fqp_flow_eval(f, 17, out[t] + MANY * 2));
        fqp_flow_destroy(f);
        fqp_ctx_destroy(ctx);
    }
    assert_memory_equal(out[0], out[1], sizeof(double) * (MANY + PAIRS) * 2);
    double *const owned[] = {vector, value, r0, out[0], out[1]};
    for (int i = 0; i < 5; i++)
        free(owned[i]);
}

static void refuses(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    problem p;
    make(&p, 1e-2, N);
    fqp_flow *f = NULL;
    double r[N * M];
    const fqp_flow_opts good = {.rule = FQP_FLOW_MOMENTUM, .lr = 1, .momentum = 0.5, .c = 1};
    fqp_flow_opts o = good;
    o.momentum = 1;
    assert_refused(ctx, fqp_flow_create(ctx, &p.e, p.r0, M, &o, &f), FQP_E_ARG,
                   "fqp_flow_create: momentum 1 is outside [0, 1)");
    o = good, o.lr = NAN;
    assert_refused(ctx, fqp_flow_create(ctx, &p.e, p.r0, M, &o, &f), FQP_E_ARG,
                   "fqp_flow_create: lr nan and c 1; lr must be at least 0, c above 0, both finite");
    o = good, o.rule = 9;
    assert_refused(ctx, fqp_flow_create(ctx, &p.e, p.r0, M, &o, &f), FQP_E_ARG,
                   "fqp_flow_create: rule 9 is not in the table");
    p.r0[4] = INFINITY;
    assert_refused(ctx, fqp_flow_create(ctx, &p.e, p.r0, M, &good, &f), FQP_E_DATA,
                   "fqp_flow_create: the residual at the start is inf at point 1");
    make(&p, 1e-2, N);
    o = good, o.lr = 3.5;
    assert_ok(ctx, fqp_flow_create(ctx, &p.e, p.r0, M, &o, &f));
    assert_refused(ctx, fqp_flow_residual(f, -1, r), FQP_E_ARG, "fqp_flow_residual: step -1 is below 0");
    assert_refused(ctx, fqp_flow_residual(f, 0.5, r), FQP_E_ARG,
                   "fqp_flow_residual: step 0.5; momentum has whole steps, flow any");
    assert_refused(ctx, fqp_flow_residual(f, 1e5, r), FQP_E_DIVERGED,
                   "fqp_flow_residual: mode 0 has left the finite numbers at step 100000; lr 3.5 is above the largest "
                   "stable 3");
    assert_refused(ctx, fqp_flow_eval(f, 1, r), FQP_E_ARG, "fqp_flow_eval: no points were given (fqp_flow_points)");
    fqp_flow_destroy(f);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factor_is_the_recursion),    cmocka_unit_test(slow_modes_move_exactly),
        cmocka_unit_test(equals_training_by_steps),   cmocka_unit_test(the_rest_stays),
        cmocka_unit_test(flow_solves_its_equation),   cmocka_unit_test(bound_divides),
        cmocka_unit_test(limit_of_a_singular_kernel), cmocka_unit_test(nothing_moves),
        cmocka_unit_test(same_bits_on_any_threads),   cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
