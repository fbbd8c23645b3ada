/* lfp.c - the linear frequency principle as measures: stored solutions, limits, distance to the exact kernel, error
 * against frequency.  Networks trained on the same points are in lfp_network.c. */
#include "lfp_setting.h"

#include "fail.h"
#include "mem.h"
#include "rng.h"

#include <math.h>
#include <string.h>

enum { GRID = 201 };

static double worst(int64_t k, const double *a, const double *b) {
    double most = 0;
    for (int64_t i = 0; i < k; i++)
        most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

/* ---- stored solutions -------------------------------------------------------------------------------------------- */

static const double at5[5] = {-1, -0.5, 0, 0.5, 1};
static const double with_b[5] = {0.6397, -0.2497, 0.2562, 0.5149, -0.1601};
static const double without_b[5] = {1.3262, -0.5524, 0.2235, 0.9711, -0.4284};

static double four_gap(const fqpi_measuring *m, fqp_lfp_law law, const double *want) {
    double got[5];
    return fqpi_lfp_solve(m->ctx, &law, &fqpi_few_four, 5, at5, got) ? worst(5, got, want) : NAN;
}

/* Both cases: a and b trained, and a alone (B = 0). */
static double lfp_four(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    const fqp_lfp_law law = fqpi_lfp_normal(1, 1, 1);
    return fmax(four_gap(m, law, with_b), four_gap(m, fqp_lfp_moments(1, law.a, 0), without_b));
}

static double lfp_four_exchanged(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    const fqp_lfp_law law = fqpi_lfp_normal(1, 1, 1);
    return four_gap(m, fqp_lfp_moments(1, law.b, law.a), with_b);
}

/* The law in d = 2 whose kernel is that of d = 1 with the same A and B (for controls). */
static fqp_lfp_law flat_kernel(fqp_lfp_law law) {
    const fqp_lfp_law one = fqp_lfp_moments(1, law.a, law.b);
    const fqp_lfp_law cubic = fqp_lfp_moments(2, 1, 0), linear = fqp_lfp_moments(2, 0, 1);
    const fqp_lfp_law only_a = fqp_lfp_moments(1, one.a, 0), only_b = fqp_lfp_moments(1, 0, one.b);
    return fqp_lfp_moments(2, fqp_lfp_kernel(&only_a, 1) / fqp_lfp_kernel(&cubic, 1),
                           fqp_lfp_kernel(&only_b, 1) / fqp_lfp_kernel(&linear, 1));
}

/* arg: dimension whose kernel is used, 2 (right) or 1. */
static double lfp_xor(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    static const double at6[12] = {0, 0, 0.5, 0.5, 0.5, -0.5, 1, 0, 0.9, 0.3, 2, 2};
    static const double want[6] = {0, 0.2953, -0.2953, 0, 0.2953, 1.7702};
    const fqp_lfp_law right = fqpi_lfp_normal(2, 1, 1), law = arg[0] == 1 ? flat_kernel(right) : right;
    double got[6];
    return fqpi_lfp_solve(m->ctx, &law, &fqpi_few_xor, 6, at6, got) ? worst(6, got, want) : NAN;
}

/* ---- limits ------------------------------------------------------------------------------------------------------ */

/* lfp_limit(A, B, degree): to the linear (1) or natural cubic (3) interpolant between the outer points. */
static double lfp_limit(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    enum { POINTS = 400 };
    double at[POINTS], got[POINTS], want[POINTS];
    const fqpi_few *p = &fqpi_few_four;
    const fqp_lfp_law law = fqp_lfp_moments(1, arg[0], arg[1]);
    fqpi_even(-0.8, 0.9, POINTS, at);
    if (!fqpi_lfp_solve(m->ctx, &law, p, POINTS, at, got))
        return NAN;
    const fqp_status s = arg[2] == 3 ? fqp_spline_cubic(m->ctx, p->n, p->x, p->y, POINTS, at, want)
                                     : fqp_spline_linear(m->ctx, p->n, p->x, p->y, POINTS, at, want);
    return s ? NAN : worst(POINTS, got, want);
}

/* ---- the exact kernel -------------------------------------------------------------------------------------------- */

/* lfp_kernel_gap(sigma_b, w): largest difference on [-1, 1]; w 1: the exact kernel also trains w. */
static double lfp_kernel_gap(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqp_lfp_law law = fqpi_lfp_normal(1, 1, 1);
    const fqpi_wide wide = {
        .gain = 1, .a_std = 1, .sigma_b = arg[0], .train_a = true, .train_b = true, .train_w = arg[1] != 0};
    double at[GRID], lfp[GRID], exact[GRID];
    fqpi_even(-1, 1, GRID, at);
    return fqpi_lfp_solve(m->ctx, &law, &fqpi_few_four, GRID, at, lfp) &&
                   fqpi_wide_solve(m->ctx, &wide, &fqpi_few_four, GRID, at, exact, NULL)
               ? worst(GRID, lfp, exact)
               : NAN;
}

/* ---- error against frequency ------------------------------------------------------------------------------------- */

enum { DRAWS = 20, MOST = 1000, FINE = 1000 };

/* Mean squared error between the outermost of n random points, f = sin(2 pi v x). */
static double one_error(const fqpi_measuring *m, double v, int64_t n, uint64_t draw) {
    double x[MOST], y[MOST], at[FINE], h[FINE], low = 1, high = -1, sum = 0;
    for (int64_t i = 0; i < n; i++) {
        x[i] = 2 * fqpi_rng_uniform(draw, FQPI_STREAM_POINTS, (uint64_t)i) - 1;
        y[i] = sin(2 * M_PI * v * x[i]);
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    const fqpi_few p = {1, n, x, y};
    const fqp_lfp_law law = fqpi_lfp_normal(1, 1, 1);
    fqpi_even(low, high, FINE, at);
    if (!fqpi_lfp_solve(m->ctx, &law, &p, FINE, at, h))
        return NAN;
    for (int i = 0; i < FINE; i++)
        sum += (h[i] - sin(2 * M_PI * v * at[i])) * (h[i] - sin(2 * M_PI * v * at[i]));
    return sum / FINE;
}

/* lfp_error(v, n): median over 20 draws of the points. */
static double lfp_error(const fqpi_measuring *m, const double *arg, int nargs) {
    const int64_t n = nargs > 1 ? (int64_t)arg[1] : 40;
    double error[DRAWS];
    if (n < 2 || n > MOST)
        return NAN;
    for (uint64_t i = 0; i < DRAWS; i++) {
        error[i] = one_error(m, arg[0], n, i + 1);
        if (isnan(error[i]))
            return NAN;
    }
    return fqp_spread_of(error, DRAWS).median;
}

/* lfp_norm(v): FP-norm of sin(2 pi v x) over the period 2, v a multiple of 1/2. */
static double lfp_norm(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    enum { CELLS = 256 };
    const int64_t shape = CELLS;
    const double period = 2;
    const fqp_lfp_law law = fqpi_lfp_normal(1, 1, 1);
    double f[CELLS], norm = NAN;
    for (int i = 0; i < CELLS; i++)
        f[i] = sin(2 * M_PI * arg[0] * period * i / CELLS);
    return fqp_lfp_norm(m->ctx, &law, &shape, &period, f, &norm, NULL) ? NAN : norm;
}

/* lfp_bound(v, n): the a-priori bound for it, delta = 0.05. */
static double lfp_bound(const fqpi_measuring *m, const double *arg, int nargs) {
    const double period = 2, norm = lfp_norm(m, arg, nargs);
    const fqp_lfp_law law = fqpi_lfp_normal(1, 1, 1);
    double gamma;
    return fqp_lfp_gamma(m->ctx, &law, &period, &gamma) ? NAN : fqp_lfp_bound(norm, gamma, arg[1], 0.05);
}

/* ---- dynamics --------------------------------------------------------------------------------------------------- */

/* lfp_flow_error(v, t): of sin(2 pi x) + sin(4 pi x) + sin(8 pi x) at 32 points of a period [-1, 1): what is left at v.
 */
static double lfp_flow_error(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    enum { POINTS = 32 };
    const fqp_lfp_law law = fqpi_lfp_normal(1, 1, 1);
    const fqp_lfp_flow_opts o = {.period = 2, .kmax = 128};
    fqp_lfp_flow *flow = NULL;
    double x[POINTS], y[POINTS], e[POINTS], along = 0;
    for (int i = 0; i < POINTS; i++) {
        x[i] = -1 + 2.0 * i / POINTS;
        y[i] = sin(2 * M_PI * x[i]) + sin(4 * M_PI * x[i]) + sin(8 * M_PI * x[i]);
    }
    fqp_status s = fqp_lfp_flow_create(m->ctx, &law, fqp_view_1d(x, POINTS), fqp_view_1d(y, POINTS), &o, &flow);
    if (!s)
        s = fqp_lfp_flow_at(flow, arg[1], NULL, e);
    for (int i = 0; i < POINTS && !s; i++)
        along += e[i] * sin(2 * M_PI * arg[0] * x[i]) * 2 / POINTS;
    fqp_lfp_flow_destroy(flow);
    return s ? NAN : fabs(along);
}

/* ---- curves ------------------------------------------------------------------------------------------------------ */

/* lfp_value(x, a_std): solution through the four points, w ~ N(0, 1). */
static double lfp_value(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqp_lfp_law law = fqpi_lfp_normal(1, 1, nargs > 1 ? arg[1] : 1);
    double h;
    return fqpi_lfp_solve(m->ctx, &law, &fqpi_few_four, 1, arg, &h) ? h : NAN;
}

/* xor_value(x1, x2): solution of XOR for w ~ N(0, I/2), as a network with NTK parameters has it. */
static double xor_value(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqp_lfp_law law = fqpi_lfp_normal(2, sqrt(0.5), 1);
    double h;
    return fqpi_lfp_solve(m->ctx, &law, &fqpi_few_xor, 1, arg, &h) ? h : NAN;
}

static double linear_value(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_few *p = &fqpi_few_four;
    double h;
    return fqp_spline_linear(m->ctx, p->n, p->x, p->y, 1, arg, &h) ? NAN : h;
}

static double cubic_value(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_few *p = &fqpi_few_four;
    double h;
    return fqp_spline_cubic(m->ctx, p->n, p->x, p->y, 1, arg, &h) ? NAN : h;
}

const fqpi_measure fqpi_measures_lfp[] = {
    {"lfp_four", 0, 0, false, false,
     "lfp_four(): largest difference of the LFP solution through four points to the stored values, b trained and not",
     lfp_four},
    {"lfp_four_exchanged", 0, 0, false, false, "lfp_four_exchanged(): the same with the moments A and B exchanged",
     lfp_four_exchanged},
    {"lfp_xor", 1, 1, false, false,
     "lfp_xor(d): largest difference of the LFP solution of XOR to the stored values, with the kernel of d dimensions",
     lfp_xor},
    {"lfp_limit", 3, 3, false, false,
     "lfp_limit(A, B, degree): largest difference of the four-point solution to the linear (1) or cubic (3) spline",
     lfp_limit},
    {"lfp_kernel_gap", 2, 2, false, false,
     "lfp_kernel_gap(sigma_b, w): largest difference on [-1, 1] to the exact relu kernel; w 1: w trained too",
     lfp_kernel_gap},
    {"lfp_error", 1, 2, false, false,
     "lfp_error(v, n): median squared error of the LFP solution through n random points of sin(2 pi v x)", lfp_error},
    {"lfp_norm", 1, 1, false, false, "lfp_norm(v): FP-norm of sin(2 pi v x) on [-1, 1]", lfp_norm},
    {"lfp_bound", 2, 2, false, false, "lfp_bound(v, n): a-priori bound of that error, 95 %", lfp_bound},
    {"lfp_flow_error", 2, 2, false, false,
     "lfp_flow_error(v, t): error left at v = 1, 2 or 4 at time t of the LFP dynamics of three sines", lfp_flow_error},
    {"lfp_value", 1, 2, false, false, "lfp_value(x, a_std): the LFP solution through the four points", lfp_value},
    {"xor_value", 2, 2, false, false, "xor_value(x1, x2): the LFP solution of XOR", xor_value},
    {"linear_value", 1, 1, false, false, "linear_value(x): linear spline through the four points", linear_value},
    {"cubic_value", 1, 1, false, false, "cubic_value(x): natural cubic spline through the four points", cubic_value},
    {0}};
