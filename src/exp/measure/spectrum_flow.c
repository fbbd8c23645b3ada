/* spectrum_flow.c - training as a kernel sees it, in closed form: dense regions first, early stopping, parity.
 *
 * Gradient flow of (1/2) sum |f(x_i) - y_i|^2 from f_0 = 0 (fqp/ntk.h). */
#include "kernel.h"
#include "kernels.h"
#include "mem.h"
#include "rng.h"

#include <math.h>
#include <string.h>

static const fqp_flow_opts gradient_flow = {.rule = FQP_FLOW_CONTINUOUS, .lr = 1, .c = 1};

/* The flow of `kernel` on x [n, d] towards y [n]; NULL with a problem. */
static fqp_flow *flow_on(const fqpi_measuring *m, const fqpi_kernels *k, int64_t d, int64_t n, const double *x,
                         const double *y) {
    fqp_eigen e = {0};
    fqp_flow *f = NULL;
    double *r0 = fqpi_alloc(m->ctx, (size_t)n, sizeof *r0);
    for (int64_t i = 0; i < n && r0; i++)
        r0[i] = -y[i];
    if (!r0 || !fqpi_kernels_eigen(m, k, d, n, x, &e) || fqp_flow_create(m->ctx, &e, r0, 1, &gradient_flow, &f))
        f = NULL;
    fqp_eigen_free(&e);
    fqpi_free(r0);
    return f;
}

static fqp_flow *circle_flow(const fqpi_measuring *m, int64_t n, const double *x, const double *y) {
    fqpi_kernels k;
    if (!fqpi_kernels_open(m, FQPI_KERNEL_BIAS, 2, &k))
        return NULL;
    fqp_flow *f = flow_on(m, &k, 2, n, x, y);
    fqpi_kernels_close(&k);
    return f;
}

/* ---- half a circle denser than the other (Basri et al. 2003.04560) ------------------------------- */

enum { CIRCLE = 800, WAVE = 12 };

typedef struct halves {
    int64_t dense; /* points on the first half */
    double t[CIRCLE];
    fqp_flow *flow;
} halves;

static bool open_halves(const fqpi_measuring *m, double density, halves *h) {
    double x[2 * CIRCLE], y[CIRCLE];
    if (!(density >= 1 && density <= 100))
        return false;
    h->dense = (int64_t)round(CIRCLE * density / (density + 1));
    for (int64_t j = 0; j < CIRCLE; j++) {
        const double n = (double)h->dense, i = (double)j + 0.5;
        h->t[j] = j < h->dense ? M_PI * i / n : M_PI * (1 + (i - n) / (CIRCLE - n));
        x[2 * j] = cos(h->t[j]);
        x[2 * j + 1] = sin(h->t[j]);
        y[j] = cos(WAVE * h->t[j]);
    }
    h->flow = circle_flow(m, CIRCLE, x, y);
    return h->flow != NULL;
}

/* Root mean square of the error over the middle half of half 0 (dense) or 1 at a time; NaN with a problem. */
static double local_error(const halves *h, int half, double time) {
    double r[CIRCLE], sum = 0, count = 0;
    if (fqp_flow_residual(h->flow, time, r))
        return NAN;
    for (int64_t j = 0; j < CIRCLE; j++)
        if (fabs(h->t[j] - M_PI * (0.5 + half)) <= M_PI / 4) {
            sum += r[j] * r[j];
            count++;
        }
    return sqrt(sum / count);
}

/* The time at which the local error is half of what it was. */
static double half_time(const halves *h, int half) {
    const double goal = 0.5 * local_error(h, half, 0);
    double low = -12, high = 12;
    for (int s = 0; s < 50; s++) {
        const double at = 0.5 * (low + high);
        *(local_error(h, half, pow(10, at)) > goal ? &low : &high) = at;
    }
    return pow(10, low);
}

static double dense_ratio(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    halves h;
    if (!open_halves(m, arg[0], &h))
        return NAN;
    const double ratio = half_time(&h, 1) / half_time(&h, 0);
    fqp_flow_destroy(h.flow);
    return ratio;
}

static double dense_error(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    halves h;
    if (!(arg[1] == 0 || arg[1] == 1) || !(arg[2] >= 0) || !open_halves(m, arg[0], &h))
        return NAN;
    const double e = local_error(&h, (int)arg[1], arg[2]);
    fqp_flow_destroy(h.flow);
    return e;
}

/* ---- noisy data ---------------------------------------------------------------------------------- */

enum { NOISY = 200, TIMES = 161 };

typedef struct noisy {
    double signal[NOISY], y[NOISY];
    fqp_flow *flow;
} noisy;

static bool open_noisy(const fqpi_measuring *m, double noise, double draw, noisy *z) {
    double x[2 * NOISY];
    if (!(noise >= 0) || !(draw >= 0 && draw < 1e9))
        return false;
    fqpi_circle(NOISY, x);
    for (int64_t j = 0; j < NOISY; j++) {
        const double t = 2 * M_PI * (double)j / NOISY;
        z->signal[j] = sin(t) + cos(2 * t);
        z->y[j] = z->signal[j] + noise * fqpi_rng_normal((uint64_t)draw, FQPI_STREAM_NOISE, (uint64_t)j);
    }
    z->flow = circle_flow(m, NOISY, x, z->y);
    return z->flow != NULL;
}

/* Mean squared error to the signal. */
static double signal_error(const noisy *z, double time) {
    double r[NOISY], sum = 0;
    if (fqp_flow_residual(z->flow, time, r))
        return NAN;
    for (int64_t j = 0; j < NOISY; j++) {
        const double e = z->y[j] + r[j] - z->signal[j];
        sum += e * e;
    }
    return sum / NOISY;
}

static double time_at(int i) {
    return pow(10, -2 + 8.0 * i / (TIMES - 1));
}

/* Smallest error of all times over that of the last; *at: the last time at which it is smallest, to rounding. */
static double best_stop(const fqpi_measuring *m, double noise, double draw, double *at) {
    noisy z;
    double error[TIMES], least = INFINITY;
    if (!open_noisy(m, noise, draw, &z))
        return NAN;
    for (int i = 0; i < TIMES; i++) {
        error[i] = signal_error(&z, time_at(i));
        least = fmin(least, error[i]);
    }
    for (int i = 0; i < TIMES; i++)
        if (error[i] <= least + 1e-28)
            *at = time_at(i);
    fqp_flow_destroy(z.flow);
    return least / error[TIMES - 1];
}

static double stop_ratio(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double at = NAN;
    return best_stop(m, arg[0], arg[1], &at);
}

static double stop_time(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double at = NAN;
    best_stop(m, arg[0], arg[1], &at);
    return at;
}

static double stop_error(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    noisy z;
    if (!(arg[2] >= 0) || !open_noisy(m, arg[0], arg[1], &z))
        return NAN;
    const double e = signal_error(&z, arg[2]);
    fqp_flow_destroy(z.flow);
    return e;
}

/* ---- parity -------------------------------------------------------------------------------------- */

enum { BITS = 10, CUBE = 1 << BITS, SEEN = CUBE / 2 };

/* Points of the cube in the order of a split, and the product of the first `factors` coordinates. */
static void split_cube(uint64_t split, int factors, double *x, double *y) {
    int64_t order[CUBE];
    fqpi_rng_permutation(split, FQPI_STREAM_SPLIT, 0, CUBE, order);
    for (int64_t i = 0; i < CUBE; i++) {
        y[i] = 1;
        for (int c = 0; c < BITS; c++) {
            x[i * BITS + c] = order[i] >> c & 1 ? 1 : -1;
            y[i] *= c < factors ? x[i * BITS + c] : 1;
        }
    }
}

/* f at the points not seen, at the end of training. */
static bool interpolate(const fqpi_measuring *m, const double *x, const double *y, double *f) {
    fqpi_kernels k;
    if (!fqpi_kernels_deep(m, FQPI_ACT_RELU, 1, 1, &k))
        return false;
    double *cross = fqpi_alloc(m->ctx, (size_t)(CUBE - SEEN) * SEEN, sizeof *cross);
    fqp_flow *flow = cross ? flow_on(m, &k, BITS, SEEN, x, y) : NULL;
    const bool good = flow && fqpi_kernels_gram(m, &k, BITS, CUBE - SEEN, x + SEEN * BITS, SEEN, x, cross) &&
                      !fqp_flow_points(flow, CUBE - SEEN, cross, NULL) && !fqp_flow_eval(flow, INFINITY, f);
    fqp_flow_destroy(flow);
    fqpi_free(cross);
    fqpi_kernels_close(&k);
    return good;
}

static double parity_kernel(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double x[CUBE * BITS], y[CUBE], f[CUBE - SEEN], right = 0;
    if (!(arg[0] >= 1 && arg[0] <= BITS) || !(arg[1] >= 0 && arg[1] < 1e9))
        return NAN;
    split_cube((uint64_t)arg[1], (int)arg[0], x, y);
    if (!interpolate(m, x, y, f))
        return NAN;
    for (int64_t i = 0; i < CUBE - SEEN; i++)
        right += f[i] * y[SEEN + i] > 0;
    return right / (CUBE - SEEN);
}

const fqpi_measure fqpi_measures_spectrum_flow[] = {
    {"dense_ratio", 1, 1, false, false,
     "dense_ratio(density): time to halve the error of cos 12 t on the sparse half of a circle, over that on the half "
     "with `density` times its points (relu kernel with bias, gradient flow)",
     dense_ratio},
    {"dense_error", 3, 3, false, false,
     "dense_error(density, half, time): local error of that flow; half 0: dense, 1: sparse", dense_error},
    {"stop_ratio", 2, 2, false, false,
     "stop_ratio(noise, draw): smallest error to sin t + cos 2t of the relu kernel with bias trained on 200 noisy "
     "points, "
     "over that at the end",
     stop_ratio},
    {"stop_time", 2, 2, false, false, "stop_time(noise, draw): the time of that smallest error, of 1e-2 to 1e6",
     stop_time},
    {"stop_error", 3, 3, false, false, "stop_error(noise, draw, time): mean squared error to the signal", stop_error},
    {"parity_kernel", 2, 2, false, false,
     "parity_kernel(factors, split): share of the unseen half of {-1, 1}^10 where the infinite relu network has the "
     "sign "
     "of the product of the first `factors` coordinates",
     parity_kernel},
    {0}};
