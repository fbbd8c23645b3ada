/* The linear frequency principle: kernel against symbol, moments against drawn networks, solutions against stored
 * values, splines and the exact kernel of wide networks, norms by two roads. */
#include "init.h"
#include "lapack.h"
#include "lfp_i.h"
#include "lfp_points.h"
#include "net.h"
#include "support.h"

#include <stdlib.h>

/* ---- solutions --------------------------------------------------------------------------------------------------- */

static void stored_values(void **state) {
    (void)state;
    const double c = sqrt(2 / M_PI), c2 = sqrt(M_PI / 2);
    static const double both[5] = {0.6397, -0.2497, 0.2562, 0.5149, -0.1601};
    static const double only_a[5] = {1.3262, -0.5524, 0.2235, 0.9711, -0.4284};
    static const double at6[12] = {0, 0, .5, .5, .5, -.5, 1, 0, .9, .3, 2, 2};
    static const double of_xor[6] = {0, 0.2953, -0.2953, 0, 0.2953, 1.7702};
    double got[6];
    solve(fqp_lfp_moments(1, 2 * c, c), 4, X4, Y4, 5, at5, got);
    for (int i = 0; i < 5; i++)
        assert_near(got[i], both[i], 6e-5);
    solve(fqp_lfp_moments(1, 2 * c, 0), 4, X4, Y4, 5, at5, got);
    for (int i = 0; i < 5; i++)
        assert_near(got[i], only_a[i], 6e-5);
    solve(fqp_lfp_moments(2, 3 * c2, c2), 4, XOR, YXOR, 6, at6, got);
    for (int i = 0; i < 6; i++)
        assert_near(got[i], of_xor[i], 6e-5);
}

static void limits_are_splines(void **state) {
    (void)state;
    double at[101], lfp[101], spline[101];
    for (int i = 0; i < 101; i++)
        at[i] = -1.5 + 0.03 * i;
    solve(fqp_lfp_moments(1, 0.7, 0), 4, X4, Y4, 101, at, lfp); /* natural cubic, beyond the ends too */
    assert_ok(ctx, fqp_spline_cubic(ctx, 4, X4, Y4, 101, at, spline));
    for (int i = 0; i < 101; i++)
        assert_near(lfp[i], spline[i], 1e-11);
    solve(fqp_lfp_moments(1, 0, 0.7), 4, X4, Y4, 101, at, lfp); /* linear between the points, constant beyond */
    assert_ok(ctx, fqp_spline_linear(ctx, 4, X4, Y4, 101, at, spline));
    for (int i = 0; i < 101; i++)
        assert_near(lfp[i], at[i] < -0.8 ? 0.5 : at[i] > 0.9 ? -0.1 : spline[i], 1e-12);
    solve(fqp_lfp_moments(1, 1e-6, 1), 4, X4, Y4, 101, at, lfp);
    for (int i = 0; i < 101; i++)
        if (at[i] > -0.8 && at[i] < 0.9)
            assert_near(lfp[i], spline[i], 1e-6);
}

static void splines_of_polynomials(void **state) {
    (void)state;
    static const double x[5] = {0.3, -1, 2, 0.9, 1.4}; /* in no order */
    double y[5], at[3] = {-0.4, 1.1, 3}, out[3];
    for (int i = 0; i < 5; i++)
        y[i] = 2 - 3 * x[i];
    assert_ok(ctx, fqp_spline_cubic(ctx, 5, x, y, 3, at, out));
    for (int i = 0; i < 3; i++)
        assert_near(out[i], 2 - 3 * at[i], 1e-13);
    /* dense points of a sine: the natural spline is of order h^4 away from the ends, the linear one of order h^2 */
    double off[2][2];
    for (int r = 0; r < 2; r++) {
        const int n = r ? 41 : 21;
        double u[41], v[41], p = 0.11, q, one, exact = sin(p);
        for (int i = 0; i < n; i++) {
            u[i] = -3 + 6.0 * i / (n - 1);
            v[i] = sin(u[i]);
        }
        assert_ok(ctx, fqp_spline_cubic(ctx, n, u, v, 1, &p, &q));
        assert_ok(ctx, fqp_spline_linear(ctx, n, u, v, 1, &p, &one));
        off[r][0] = fabs(q - exact);
        off[r][1] = fabs(one - exact);
    }
    assert_true(off[1][0] < off[0][0] / 8 && off[1][1] < off[0][1]);
}

/* ---- the exact kernel of wide relu networks ---------------------------------------------------------------------- */

/* Both expectations of P 4.3; w ~ N(0, 1), biases N(0, sb^2), a and b trained, w frozen. */
static double exact_kernel(double x, double z, double sb) {
    const double s11 = x * x + sb * sb, s22 = z * z + sb * sb, s12 = x * z + sb * sb;
    const double th = atan2(sb * fabs(x - z), s12), root = sqrt(s11 * s22);
    return (root * sin(th) + (M_PI - th) * s12 + (M_PI - th)) / (2 * M_PI);
}

static void wide_bias_limit_of_the_exact_kernel(void **state) {
    (void)state;
    double off[2], lfp[5];
    fqp_model_opts o = fqpi_model_defaults;
    int64_t width = 1000;
    o.hidden = (fqp_ints){&width, 1};
    o.init = FQPI_INIT_NTK;
    o.parameters = 1;
    o.activation = FQPI_ACT_RELU;
    for (int r = 0; r < 2; r++) {
        const double sb = r ? 40 : 10;
        double k[16], a[4], got[5];
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++)
                k[4 * i + j] = exact_kernel(X4[i], X4[j], sb);
        memcpy(a, Y4, sizeof a);
        assert_ok(ctx, fqpi_lapack_ready(ctx, "test"));
        assert_ok(ctx, fqpi_symmetric_solve(ctx, "test", 4, k, 1, a, NULL));
        fqp_lfp_law law;
        o.bias_std = sb;
        assert_ok(ctx, fqp_lfp_law_of(ctx, &o, 1, &law));
        solve(law, 4, X4, Y4, 5, at5, lfp);
        off[r] = 0;
        for (int i = 0; i < 5; i++) {
            got[i] = 0;
            for (int j = 0; j < 4; j++)
                got[i] += a[j] * exact_kernel(at5[i], X4[j], sb);
            off[r] = fmax(off[r], fabs(got[i] - lfp[i]));
        }
    }
    assert_in_range((int)(1e6 * off[1]), 1000, 2500); /* 0.0019 */
    assert_true(off[0] > 3 * off[1]);

    /* rate: on alpha orthogonal to 1 and x both quadratic forms agree */
    fqp_lfp_law law;
    o.bias_std = 300;
    assert_ok(ctx, fqp_lfp_law_of(ctx, &o, 1, &law));
    static const double x[3] = {-1, 0, 1}, alpha[3] = {1, -2, 1};
    double exact = 0, of_law = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            exact += alpha[i] * alpha[j] * exact_kernel(x[i], x[j], 300);
            of_law += law.rate * alpha[i] * alpha[j] * fqp_lfp_kernel(&law, fabs(x[i] - x[j]));
        }
    assert_near(exact / of_law, 1, 1e-3);
}

/* ---- kernel and symbol ------------------------------------------------------------------------------------------- */

static fqp_lfp_law tanh_law(int64_t d, double weight) {
    return (fqp_lfp_law){.d = d, .kind = FQP_LFP_TANH, .a = 1, .b = 0.7, .weight = weight, .rate = 1};
}

static double form(const fqp_lfp_law *law, const double x[3][2], const double alpha[3]) {
    double sum = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            sum += alpha[i] * alpha[j] * fqp_lfp_kernel(law, hypot(x[i][0] - x[j][0], x[i][1] - x[j][1]));
    return sum;
}

/* int gamma^2 |sum_j alpha_j exp(-2 pi i xi.x_j)|^2 dxi over |xi| < top, polar in d = 2 */
static double form_by_symbol(const fqp_lfp_law *law, const double x[3][2], const double alpha[3], double top,
                             int parts) {
    const int turns = law->d == 2 ? 96 : 2;
    double sum = 0;
    for (int p = 0; p < parts; p++) {
        const double u = (p + 0.5) / parts, xi = top * u * u, w = 2 * top * u / parts; /* finer near 0 */
        double mean = 0;
        for (int q = 0; q < turns; q++) {
            const double th = 2 * M_PI * q / turns, c = cos(th), s = law->d == 2 ? sin(th) : 0;
            double re = 0, im = 0;
            for (int j = 0; j < 3; j++) {
                re += alpha[j] * cos(2 * M_PI * xi * (c * x[j][0] + s * x[j][1]));
                im += alpha[j] * sin(2 * M_PI * xi * (c * x[j][0] + s * x[j][1]));
            }
            mean += (re * re + im * im) / turns;
        }
        sum += w * fqp_lfp_symbol(law, xi) * mean * (law->d == 2 ? 2 * M_PI * xi : 2);
    }
    return sum;
}

static void kernel_is_the_transform_of_the_symbol(void **state) {
    (void)state;
    static const double line[3][2] = {{-1, 0}, {0, 0}, {1, 0}}, bent[3] = {1, -2, 1}, tilted[3] = {1, -0.4, -0.6};
    static const double plane[3][2] = {{-1, 0}, {0.3, 0.8}, {1, 0.2}};
    fqp_lfp_law law = fqp_lfp_moments(1, 1.6, 0);
    assert_near(form_by_symbol(&law, line, bent, 60, 40000) / form(&law, line, bent), 1, 2e-6);
    law = fqp_lfp_moments(1, 0, 0.8); /* tail like 1/top */
    const double tail = 2 * 6 * 0.8 / (4 * M_PI * M_PI * 60);
    assert_near((form_by_symbol(&law, line, bent, 60, 40000) + tail) / form(&law, line, bent), 1, 1e-4);
    law = fqp_lfp_moments(2, 2.2, 0);
    assert_near(form_by_symbol(&law, line, bent, 12, 4000) / form(&law, line, bent), 1, 1e-3);
    law = tanh_law(1, 1.3);
    assert_near(form_by_symbol(&law, line, tilted, 30, 4000) / form(&law, line, tilted), 1, 2e-5);
    law = tanh_law(2, 1.3);
    assert_near(form_by_symbol(&law, plane, tilted, 12, 1500) / form(&law, plane, tilted), 1, 1e-4);
    law = tanh_law(1, 1.3);
    law.uniform = true;
    assert_near(form_by_symbol(&law, line, tilted, 30, 4000) / form(&law, line, tilted), 1, 2e-5);
}

/* G of tanh from its definition: E over w of int tanh(u) tanh(u + s) - 1 du and of int sech^2 sech^2 du. */
static void tanh_kernel_by_definition(void **state) {
    (void)state;
    const fqp_lfp_law law = tanh_law(1, 1.3);
    for (double x = 0; x < 4; x += 1.3) {
        double mean = 0;
        for (int p = -400; p <= 400; p++) {
            const double z = 0.02 * p, s = 1.3 * x * z, density = exp(-z * z / 2) / sqrt(2 * M_PI) * 0.02;
            double sum = 0;
            for (int q = -3000; q <= 3000; q++) {
                const double u = 0.02 * q - s / 2, t = tanh(u), v = tanh(u + s);
                sum += 0.02 * (law.a * (t * v - 1) + law.b * (1 - t * t) * (1 - v * v));
            }
            mean += density * sum;
        }
        assert_near(fqp_lfp_kernel(&law, x), mean, 1e-9);
    }
}

/* ---- moments ------------------------------------------------------------------------------------------------------
 */

static void check_moments(const fqp_model_opts *o, int64_t d) {
    fqp_lfp_law law;
    fqp_model *net = NULL;
    if (fqp_lfp_law_of(ctx, o, d, &law)) { /* zero biases, uniform directions */
        const char *why = fqp_ctx_problem(ctx, 0).message;
        assert_true(strstr(why, "all biases begin at 0") || strstr(why, "not isotropic") || strstr(why, "siren needs"));
        fqp_ctx_problems_clear(ctx);
        return;
    }
    assert_ok(ctx, fqp_model_create(ctx, d, 1, o, 1, &net));
    const double *w = net->w;
    double r3 = 0, a2r = 0, near = 0;
    const int64_t m = o->hidden.v[0];
    for (int64_t i = 0; i < m; i++) {
        double r2 = 0;
        for (int64_t j = 0; j < d; j++)
            r2 += pow(net->layer[0].scale * w[net->layer[0].weight + i * d + j], 2);
        const double a = w[net->layer[1].weight + i];
        r3 += r2 * sqrt(r2) / (double)m;
        a2r += a * a * sqrt(r2) / (double)m;
        near += fabs(w[net->layer[0].bias + i]) < 0.2 * law.spread ? 1.0 / (double)m : 0;
    }
    assert_near(law.a / r3, 1, 0.04);
    assert_near(law.b / a2r, 1, 0.04);
    const double scale = net->layer[1].scale, density = law.rate / (scale * scale * (double)m);
    assert_near(density * 0.4 * law.spread / near, 1, 0.05);
    fqp_model_destroy(net);
}

static void moments_are_those_of_drawn_networks(void **state) {
    (void)state;
    int64_t width = 40000;
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){&width, 1};
    o.activation = FQPI_ACT_RELU;
    o.precision = 1;
    for (int init = 0; fqp_init_name((size_t)init, NULL); init++)
        for (int kind = 0; kind < 4; kind++) {
            o.init = init;
            o.activation = init == FQPI_INIT_SIREN ? FQPI_ACT_SIN : FQPI_ACT_RELU;
            o.parameters = kind & 1;
            o.bias_std = kind & 2 ? 3 : NAN;
            if (init == FQPI_INIT_SIREN)
                continue; /* sin is refused */
            check_moments(&o, 1);
            check_moments(&o, 3);
        }
}

/* ---- norms ---------------------------------------------------------------------------------------------------------
 */

static double hump(double x) {
    return exp(-x * x / (2 * 0.09));
}

static void norm_by_two_roads(void **state) {
    (void)state;
    enum { N = 512 };
    const int64_t shape = N;
    const double period = 8;
    double f[N], norm, tail;
    for (int i = 0; i < N; i++)
        f[i] = hump(-4 + period * i / N);
    const double a = 1.6, b = 0.8, s = 0.3;
    const double bend = 0.75 * sqrt(M_PI) / (s * s * s), slope = 0.5 * sqrt(M_PI) / s; /* int f''^2, int f'^2 */
    fqp_lfp_law law = fqp_lfp_moments(1, a, 0);
    assert_ok(ctx, fqp_lfp_norm(ctx, &law, &shape, &period, f, &norm, &tail));
    assert_near(norm * norm, bend / a, 1e-10 * bend);
    assert_true(tail < 1e-9);
    law = fqp_lfp_moments(1, 0, b);
    assert_ok(ctx, fqp_lfp_norm(ctx, &law, &shape, &period, f, &norm, NULL));
    assert_near(norm * norm, slope / b, 1e-10 * slope);

    /* of the solution through more and more of its points: rises to that of the function */
    law = fqp_lfp_moments(1, a, b);
    assert_ok(ctx, fqp_lfp_norm(ctx, &law, &shape, &period, f, &norm, NULL));
    double last = 0, before = 0;
    for (int n = 17; n <= 129; n = 2 * n - 1) {
        double x[129], y[129];
        for (int i = 0; i < n; i++) {
            x[i] = -4 + 8.0 * i / (n - 1);
            y[i] = hump(x[i]);
        }
        fqp_lfp *l = NULL;
        assert_ok(ctx, fqp_lfp_create(ctx, &law, fqp_view_1d(x, n), fqp_view_1d(y, n), NULL, &l));
        const double have = fqp_lfp_describe(l).norm;
        assert_true(have > last && have < norm * (1 + 1e-9));
        before = last;
        last = have;
        fqp_lfp_destroy(l);
    }
    assert_near(last / norm, 1, 4e-3);
    assert_true(1 - last / norm < (1 - before / norm) / 3);

    /* white noise: most of the norm in the upper half */
    for (int i = 0; i < N; i++)
        f[i] = cos(1e4 * i * i);
    assert_ok(ctx, fqp_lfp_norm(ctx, &law, &shape, &period, f, &norm, &tail));
    assert_true(tail > 0.8);
}

static void norm_in_two_dimensions(void **state) {
    (void)state;
    enum { N = 12, M = 10 };
    const int64_t shape[2] = {N, M};
    const double period[2] = {2, 3};
    double f[N * M], norm, gamma, most = 0;
    const fqp_lfp_law law = fqp_lfp_moments(2, 3.7, 1.2);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++) {
            f[i * M + j] = 0.3 * cos(2 * M_PI * (2.0 * i / N - 3.0 * j / M)) + 0.2 * sin(2 * M_PI * 4.0 * j / M) + 5;
            most = fmax(most, fabs(f[i * M + j] - 5));
        }
    assert_ok(ctx, fqp_lfp_norm(ctx, &law, shape, period, f, &norm, NULL));
    const double want = 2 * 0.15 * 0.15 * 6 / fqp_lfp_symbol(&law, hypot(2.0 / 2, 3.0 / 3)) +
                        2 * 0.1 * 0.1 * 6 / fqp_lfp_symbol(&law, 4.0 / 3);
    assert_near(norm * norm, want, 1e-12 * want);
    assert_ok(ctx, fqp_lfp_gamma(ctx, &law, period, &gamma));
    assert_true(most <= norm * gamma);
}

static void norm_of_gamma(void **state) {
    (void)state;
    double gamma, period[2] = {3, 3};
    fqp_lfp_law law = fqp_lfp_moments(1, 1.6, 0.8); /* zeta(4), zeta(2) */
    assert_ok(ctx, fqp_lfp_gamma(ctx, &law, period, &gamma));
    assert_near(gamma * gamma, 1.6 * 27 / 720 + 0.8 * 3 / 12, 1e-8);
    /* sum over the plane without 0 of |k|^-3 and |k|^-5: 4 zeta beta at 3/2 and 5/2 */
    const double sum3 = 9.0336216892, sum5 = 5.0902582337;
    law = fqp_lfp_moments(2, 0, 1);
    assert_ok(ctx, fqp_lfp_gamma(ctx, &law, period, &gamma));
    assert_near(gamma * gamma, 27.0 / 9 / (4 * M_PI * M_PI * M_PI) * sum3, 3e-5 * gamma * gamma);
    law = fqp_lfp_moments(2, 1, 0);
    assert_ok(ctx, fqp_lfp_gamma(ctx, &law, period, &gamma));
    assert_near(gamma * gamma, 243.0 / 9 / (16 * pow(M_PI, 5)) * sum5, 1e-7 * gamma * gamma);
    /* the bound and the samples it asks for are each other's inverse */
    const double n = fqp_lfp_samples(3, 0.4, 0.01, 0.05);
    assert_true(fqp_lfp_bound(3, 0.4, n, 0.05) <= 0.01 && fqp_lfp_bound(3, 0.4, n - 1, 0.05) > 0.01);
}

/* ---- refusals and repairs -----------------------------------------------------------------------------------------
 */

static void refusals(void **state) {
    (void)state;
    fqp_lfp *l = NULL;
    fqp_lfp_law law;
    int64_t hidden[2] = {100, 100};
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){hidden, 2};
    assert_refused(
        ctx, fqp_lfp_law_of(ctx, &o, 1, &law), FQP_E_UNSUPPORTED,
        "model.hidden: the linear frequency principle is derived for one hidden layer, this network has 2: the "
        "kernel of a deeper one is no multiplication by a function of frequency (fqp predict takes any depth)");
    o.hidden.n = 1;
    o.activation = FQPI_ACT_GELU;
    assert_refused(ctx, fqp_lfp_law_of(ctx, &o, 1, &law), FQP_E_UNSUPPORTED,
                   "model.activation: the symbol gamma^2 is known for relu and tanh, not for gelu");
    law = fqp_lfp_moments(2, 1, 1);
    static const double flat[8] = {0, 0, 1, 2, 2, 4, 3, 6}, y[4] = {1, 2, 3, 5};
    assert_refused(
        ctx, fqp_lfp_create(ctx, &law, fqp_view_2d(flat, 4, 2), fqp_view_1d(y, 4), NULL, &l), FQP_E_DATA,
        "lfp: the points lie in a plane (coordinate 2 follows from those before), so that the affine part c_0 + "
        "c.x across it is open; add a point outside, or leave the coordinate out");
    assert_refused(
        ctx, fqp_lfp_create(ctx, &law, fqp_view_2d(XOR, 2, 2), fqp_view_1d(y, 2), NULL, &l), FQP_E_DATA,
        "lfp: 2 points in 2 dimensions leave the affine part c_0 + c.x open, which costs nothing in FP-norm; at "
        "least 3 points are needed");
    law = fqp_lfp_moments(1, 1, 1);
    static const double twice[4] = {0, 1, 1, 2};
    assert_refused(
        ctx, fqp_lfp_create(ctx, &law, fqp_view_1d(twice, 4), fqp_view_1d(y, 4), NULL, &l), FQP_E_DATA,
        "lfp: points 1 and 2 coincide and have other targets (2 and 3): no function goes through both; ask for "
        "a ridge");
    law.a = -1;
    assert_int_equal(fqp_lfp_create(ctx, &law, fqp_view_1d(X4, 4), fqp_view_1d(Y4, 4), NULL, &l), FQP_E_ARG);
    fqp_ctx_problems_clear(ctx);
}

static void singular_systems_get_the_stated_ridge(void **state) {
    (void)state;
    const fqp_lfp_law law = fqp_lfp_moments(1, 1, 1);
    static const double x[5] = {-1, 0, 0, 0.5, 1}, y[5] = {1, 2, 2, 0, 1}, other[5] = {1, 2, 4, 0, 1};
    fqp_lfp *l = NULL;
    double at = 0, h;
    assert_ok(ctx, fqp_lfp_create(ctx, &law, fqp_view_1d(x, 5), fqp_view_1d(y, 5), NULL, &l));
    assert_true(fqp_lfp_describe(l).ridge > 0);
    assert_near(fqp_lfp_describe(l).miss, 0, 1e-9);
    assert_int_equal(fqp_ctx_problem_count(ctx), 0);
    fqp_lfp_destroy(l);
    const fqp_lfp_opts ridge = {.ridge = 1e-8}; /* contradicting targets: their mean */
    assert_ok(ctx, fqp_lfp_create(ctx, &law, fqp_view_1d(x, 5), fqp_view_1d(other, 5), &ridge, &l));
    assert_ok(ctx, fqp_lfp_eval(l, fqp_view_1d(&at, 1), &h));
    assert_near(h, 3, 1e-5);
    fqp_lfp_destroy(l);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(stored_values),
                                       cmocka_unit_test(limits_are_splines),
                                       cmocka_unit_test(splines_of_polynomials),
                                       cmocka_unit_test(wide_bias_limit_of_the_exact_kernel),
                                       cmocka_unit_test(kernel_is_the_transform_of_the_symbol),
                                       cmocka_unit_test(tanh_kernel_by_definition),
                                       cmocka_unit_test(moments_are_those_of_drawn_networks),
                                       cmocka_unit_test(norm_by_two_roads),
                                       cmocka_unit_test(norm_in_two_dimensions),
                                       cmocka_unit_test(norm_of_gamma),
                                       cmocka_unit_test(refusals),
                                       cmocka_unit_test(singular_systems_get_the_stated_ridge)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
