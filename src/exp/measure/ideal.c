/* ideal.c - the idealised analysis (fqp/ideal.h) as measures: stored vectors, violating shares, slopes. */
#include <fqp/ideal.h>

#include "measure.h"
#include "rng.h"

#include <math.h>

static size_t row_of(const fqpi_measuring *m, const char *name) {
    size_t row = SIZE_MAX; /* refused by whoever it is given to */
    fqp_transform_find(m->ctx, name, &row);
    return row;
}

/* ---- the stored vector ------------------------------------------------------------------------------------------ */

static const fqp_neuron three[3] = {{0.7, 0.9, 0.3}, {-0.4, 1.3, -0.6}, {0.5, 0.6, 0.2}};
static const double three_target[2] = {0.3, -0.2};
/* da, dw, db of each neuron at k = 1.7, from another program */
static const double stored[9] = {-0.025722925, -0.055577142, 0.047722715,  -0.071414960, 0.031954433,
                                 0.015779425,  -0.008730329, -0.030897462, 0.017353961};

static double loss_of(const fqpi_measuring *m, size_t row, const fqp_neuron n[3], double k) {
    double loss = NAN;
    fqp_ideal_loss(m->ctx, row, NAN, 3, n, k, three_target, &loss, NULL);
    return loss;
}

static double central_difference(const fqpi_measuring *m, size_t row, int j, double k) {
    const double h = 1e-5;
    double loss[2];
    for (int side = 0; side < 2; side++) {
        fqp_neuron n[3] = {three[0], three[1], three[2]};
        double *p = j % 3 == 0 ? &n[j / 3].a : j % 3 == 1 ? &n[j / 3].w : &n[j / 3].b;
        *p += side ? h : -h;
        loss[side] = loss_of(m, row, n, k);
    }
    return (loss[1] - loss[0]) / (2 * h);
}

/* arg 0: k = 1.7 is angular, as in the papers; 1: it is read as cycles. */
static double ideal_vector(const fqpi_measuring *m, const double *arg, int nargs) {
    const size_t row = row_of(m, "tanh");
    const double k = nargs > 0 && arg[0] != 0 ? 2 * M_PI * 1.7 : 1.7;
    double g[9], most = 0;
    if (fqp_ideal_gradient(m->ctx, row, NAN, 3, three, k, three_target, g, NULL))
        return NAN;
    for (int j = 0; j < 9; j++)
        most = fmax(most, fmax(fabs(g[j] - stored[j]), fabs(g[j] - central_difference(m, row, j, k))));
    return most;
}

/* ---- low frequencies dominate in a small ball ------------------------------------------------------------------- */

enum { DRAWS = 40000 };

/* Share of draws from the ball of size d in which some component at `high` is not below that at `low`. */
static double share(const fqpi_measuring *m, double d, uint64_t seed, double low, double high) {
    const size_t row = row_of(m, "tanh");
    const double target[2] = {1, 0};
    int64_t count = 0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        double p[3], at_low[3], at_high[3];
        for (uint64_t q = 0; q < 3; q++)
            p[q] = d * (2 * fqpi_rng_uniform(seed, FQPI_STREAM_TEST, 3 * i + q) - 1);
        const fqp_neuron n = {p[0], p[1], p[2]};
        if (fqp_ideal_gradient(m->ctx, row, NAN, 1, &n, low, target, NULL, at_low) ||
            fqp_ideal_gradient(m->ctx, row, NAN, 1, &n, high, target, NULL, at_high))
            return NAN;
        count += at_high[0] >= at_low[0] || at_high[1] >= at_low[1] || at_high[2] >= at_low[2];
    }
    return (double)count / DRAWS;
}

static double violating_share(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return share(m, arg[0], (uint64_t)arg[1], 1, 2);
}

static double exchanged_share(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return share(m, arg[0], (uint64_t)arg[1], 2, 1);
}

/* ---- transforms against quadrature ------------------------------------------------------------------------------ */

static double tanh_slope(double x) {
    const double t = tanh(x);
    return 1 - t * t;
}

static double sigmoid_slope(double x) {
    const double e = exp(-fabs(x));
    return e / ((1 + e) * (1 + e));
}

static double gaussian(double x) {
    return exp(-x * x);
}

static double ricker(double x) {
    return pow(M_PI, 0.25) / 15 * (1 - x * x) * exp(-x * x / 2);
}

static const struct {
    const char *name;
    int order; /* of the derivative */
    double (*f)(double);
} tested[] = {{"tanh", 1, tanh_slope}, {"sigmoid", 1, sigmoid_slope}, {"gaussian", 0, gaussian}, {"ricker", 0, ricker}};

/* int f(x) exp(-i omega x) dx by the trapezoid rule on [-40, 40] */
static void quadrature(double (*f)(double), double omega, double out[2]) {
    const double h = 1e-3;
    out[0] = out[1] = 0;
    for (int j = -40000; j <= 40000; j++) {
        const double x = h * j, v = h * f(x) * (j == -40000 || j == 40000 ? 0.5 : 1);
        out[0] += v * cos(omega * x);
        out[1] -= v * sin(omega * x);
    }
}

/* arg 0: largest relative difference over the four functions; 1: frequencies read as angular ones. */
static double transform_gap(const fqpi_measuring *m, const double *arg, int nargs) {
    static const double xi[] = {0.05, 0.1, 0.2, 0.5, 1};
    const double turn = nargs > 0 && arg[0] != 0 ? 1 : 2 * M_PI;
    double worst = 0;
    for (size_t t = 0; t < sizeof tested / sizeof *tested; t++) {
        const size_t row = row_of(m, tested[t].name);
        double off = 0, size = 0;
        for (size_t i = 0; i < sizeof xi / sizeof *xi; i++) {
            double z[2], q[2];
            if (fqp_transform_value(m->ctx, row, NAN, tested[t].order, xi[i], z))
                return NAN;
            quadrature(tested[t].f, turn * xi[i], q);
            off = fmax(off, hypot(z[0] - q[0], z[1] - q[1]));
            size = fmax(size, hypot(z[0], z[1]));
        }
        worst = fmax(worst, off / size);
    }
    return worst;
}

/* ---- the decay law ---------------------------------------------------------------------------------------------- */

enum { FIRST_K = 4, LAST_K = 20, KS = LAST_K - FIRST_K + 1 };
static const fqp_neuron single = {1, 1, 0.3};
static const double phase = 0.7;

/* |dL(k)/d(a, w, b)| of one neuron with w = 1 under a residual of modulus 1; component 0, 1, 2. */
static double gradient_of(const fqpi_measuring *m, const char *name, double k, int component) {
    double value[3];
    if (component < 0 || component > 2 ||
        fqp_ideal_gradient_at(m->ctx, row_of(m, name), NAN, single, k, 1, phase, value, NULL))
        return NAN;
    return fabs(value[component]);
}

static double gradient_tanh(const fqpi_measuring *m, const double *arg, int nargs) {
    return gradient_of(m, "tanh", arg[0], nargs > 1 ? (int)arg[1] : 0);
}

static double gradient_relu(const fqpi_measuring *m, const double *arg, int nargs) {
    return gradient_of(m, "relu", arg[0], nargs > 1 ? (int)arg[1] : 0);
}

/* Least squares y = c + slope x; *r2 may be NULL. */
static double fit(const double *x, const double *y, double *r2) {
    double mx = 0, my = 0, xx = 0, xy = 0, yy = 0;
    for (int i = 0; i < KS; i++) {
        mx += x[i] / KS;
        my += y[i] / KS;
    }
    for (int i = 0; i < KS; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        xy += (x[i] - mx) * (y[i] - my);
        yy += (y[i] - my) * (y[i] - my);
    }
    if (r2)
        *r2 = xy * xy / (xx * yy);
    return xy / xx;
}

/* ln |g/s| for tanh, ln |g/c| for relu, where the oscillating factor of the gradient by a is known. */
static void bare(const fqpi_measuring *m, const char *name, bool sine, double k[KS], double lnk[KS], double y[KS]) {
    for (int i = 0; i < KS; i++) {
        k[i] = FIRST_K + i;
        lnk[i] = log(k[i]);
        const double turn = single.b * k[i] / single.w - phase;
        y[i] = log(gradient_of(m, name, k[i], 0) / fabs(sine ? sin(turn) : cos(turn)));
    }
}

static double slope_tanh(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    double k[KS], lnk[KS], y[KS];
    bare(m, "tanh", true, k, lnk, y);
    return fit(k, y, NULL);
}

static double slope_relu(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    double k[KS], lnk[KS], y[KS];
    bare(m, "relu", false, k, lnk, y);
    return fit(lnk, y, NULL);
}

static double power_fit_tanh(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    double k[KS], lnk[KS], y[KS], r2;
    bare(m, "tanh", true, k, lnk, y);
    fit(lnk, y, &r2);
    return r2;
}

const fqpi_measure fqpi_measures_ideal[] = {
    {"ideal_vector", 0, 1, false, false,
     "ideal_vector(): largest difference of the closed gradient of a three-neuron tanh network at one frequency to the "
     "stored vector and to central differences; ideal_vector(1): k read as cycles",
     ideal_vector},
    {"violating_share", 2, 2, false, false,
     "violating_share(d, seed): share of 40000 neurons from U(-d, d) with a gradient component at k = 2 not below that "
     "at k = 1",
     violating_share},
    {"exchanged_share", 2, 2, false, false, "exchanged_share(d, seed): the same with the two frequencies exchanged",
     exchanged_share},
    {"transform_gap", 0, 1, false, false,
     "transform_gap(): largest relative difference of stored transforms to quadrature; transform_gap(1): read in the "
     "angular convention",
     transform_gap},
    {"gradient_tanh", 1, 2, false, false,
     "gradient_tanh(k, component): |dL(k)/d(a, w, b)[component]| of one tanh neuron, w = 1, residual of modulus 1",
     gradient_tanh},
    {"gradient_relu", 1, 2, false, false, "gradient_relu(k, component): the same of a relu neuron", gradient_relu},
    {"slope_tanh", 0, 0, false, false,
     "slope_tanh(): slope of ln |gradient by a| against k, sine factor divided out, k = 4..20", slope_tanh},
    {"slope_relu", 0, 0, false, false,
     "slope_relu(): slope of ln |gradient by a| against ln k, cosine factor divided out", slope_relu},
    {"power_fit_tanh", 0, 0, false, false, "power_fit_tanh(): R^2 of a power law fitted to the tanh gradient",
     power_fit_tanh},
    {0}};
