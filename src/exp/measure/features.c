/* features.c - double descent of random features, split by frequency.
 *
 * SAMPLES equal steps t of a circle, y = sin t + cos(3t)/2 + noise; p random relu features of (cos t, sin t), weights
 * and biases N(0,1); the coefficients of smallest norm among those of least squares, by singular values (some features
 * are 0 or linear at all samples, so that even p > SAMPLES of them need not have full rank).  The error to the clean
 * target on a grid of GRID points falls apart by Parseval into the target's band |k| <= BAND and what lies above. */
#include "fail.h"
#include "measure.h"
#include "mem.h"
#include "rng.h"

#include <math.h>
#include <string.h>

enum { SAMPLES = 40, GRID = 400, BAND = 3, MOST = 4000, SWEEPS = 60 };
static const double CUTOFF = 1e-12; /* of the largest singular value */

static double target(double t) {
    return sin(t) + cos(3 * t) / 2;
}

static double feature(uint64_t draw, int64_t j, double t) {
    double w[3];
    fqpi_rng_normals(draw, FQPI_STREAM_WEIGHT, (uint64_t)(3 * j), 3, w);
    return fmax(w[0] * cos(t) + w[1] * sin(t) + w[2], 0);
}

/* ---- singular values by one-sided Jacobi rotations: a [cols][rows], column by column ----------------------------- */

static double dot(const double *x, const double *y, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

static void rotate(double *x, double *y, int64_t n, double c, double s) {
    for (int64_t i = 0; i < n; i++) {
        const double at = x[i];
        x[i] = c * at - s * y[i];
        y[i] = s * at + c * y[i];
    }
}

/* Columns p and q become orthogonal; false: they were. */
static bool part_two(double *a, int64_t rows, double *v, int64_t cols, int64_t p, int64_t q) {
    double *x = a + p * rows, *y = a + q * rows;
    const double xx = dot(x, x, rows), yy = dot(y, y, rows), xy = dot(x, y, rows);
    if (fabs(xy) <= 1e-15 * sqrt(xx * yy))
        return false;
    const double z = (yy - xx) / (2 * xy), t = (z < 0 ? -1 : 1) / (fabs(z) + sqrt(1 + z * z)), c = 1 / sqrt(1 + t * t);
    rotate(x, y, rows, c, c * t);
    rotate(v + p * cols, v + q * cols, cols, c, c * t);
    return true;
}

/* a V = U S: a becomes U S, v [cols][cols] becomes V (by columns). */
static void decompose(double *a, int64_t rows, double *v, int64_t cols) {
    for (int64_t i = 0; i < cols * cols; i++)
        v[i] = i / cols == i % cols;
    bool going = true;
    for (int sweep = 0; sweep < SWEEPS && going; sweep++) {
        going = false;
        for (int64_t p = 0; p < cols; p++)
            for (int64_t q = p + 1; q < cols; q++)
                going = part_two(a, rows, v, cols, p, q) || going;
    }
}

static double largest(const double *a, int64_t rows, int64_t cols) {
    double most = 0;
    for (int64_t j = 0; j < cols; j++)
        most = fmax(most, dot(a + j * rows, a + j * rows, rows));
    return most;
}

/* ---- one fit ----------------------------------------------------------------------------------------------------- */

static double place(int64_t i) {
    return 2 * M_PI * ((double)i + 0.5) / SAMPLES;
}

/* The smallest of the least squares solutions c [p] of F c = y: decomposed is F when p < SAMPLES, else its transpose.
 */
static void solve(double *a, double *v, int64_t p, const double *y, double *c) {
    const bool wide = p >= SAMPLES;
    const int64_t rows = wide ? p : SAMPLES, cols = wide ? SAMPLES : p;
    decompose(a, rows, v, cols);
    const double most = largest(a, rows, cols);
    memset(c, 0, (size_t)p * sizeof *c);
    for (int64_t j = 0; j < cols; j++) {
        const double *u = a + j * rows, square = dot(u, u, rows); /* u is s times a unit vector, square is s^2 */
        if (square <= CUTOFF * CUTOFF * most)
            continue;
        const double *w = v + j * cols, along = (wide ? dot(w, y, SAMPLES) : dot(u, y, SAMPLES)) / square;
        for (int64_t i = 0; i < p; i++)
            c[i] += along * (wide ? u[i] : w[i]);
    }
}

/* Coefficients [p] of draw `draw`. */
static bool fit(const fqpi_measuring *m, uint64_t draw, int64_t p, double noise, double *coefficient) {
    double *a = fqpi_alloc(m->ctx, (size_t)(SAMPLES * p + SAMPLES * SAMPLES), sizeof *a), y[SAMPLES];
    if (!a)
        return false;
    for (int64_t i = 0; i < SAMPLES; i++) {
        y[i] = target(place(i)) + noise * fqpi_rng_normal(draw, FQPI_STREAM_NOISE, (uint64_t)i);
        for (int64_t j = 0; j < p; j++)
            a[p < SAMPLES ? j * SAMPLES + i : i * p + j] = feature(draw, j, place(i));
    }
    solve(a, a + SAMPLES * p, p, y, coefficient);
    fqpi_free(a);
    return true;
}

/* Mean squared error on the grid, in the target's band and above it. */
static void split(uint64_t draw, int64_t p, const double *coefficient, double part[2]) {
    double e[GRID], all = 0;
    for (int i = 0; i < GRID; i++) {
        const double t = 2 * M_PI * i / GRID;
        e[i] = -target(t);
        for (int64_t j = 0; j < p; j++)
            e[i] += coefficient[j] * feature(draw, j, t);
        all += e[i] * e[i] / GRID;
    }
    part[0] = 0;
    for (int k = -BAND; k <= BAND; k++) {
        double re = 0, im = 0;
        for (int i = 0; i < GRID; i++) {
            re += e[i] * cos(2 * M_PI * k * i / GRID) / GRID;
            im += e[i] * sin(2 * M_PI * k * i / GRID) / GRID;
        }
        part[0] += re * re + im * im;
    }
    part[1] = all - part[0];
}

static double feature_error(const fqpi_measuring *m, const double *arg, int nargs) {
    const int64_t p = llround(arg[0] * SAMPLES);
    const uint64_t draw = (uint64_t)m->seed + 1;
    if (!(p >= 1 && p <= MOST)) {
        fqpi_fail(m->ctx, FQP_E_ARG, NULL, "feature_error: %g times %d samples is outside 1 to %d features", arg[0],
                  SAMPLES, MOST);
        return NAN;
    }
    double *coefficient = fqpi_alloc(m->ctx, (size_t)p, sizeof *coefficient), part[2];
    const bool good = coefficient && fit(m, draw, p, nargs > 2 ? arg[2] : 0.3, coefficient);
    if (good)
        split(draw, p, coefficient, part);
    fqpi_free(coefficient);
    return good ? part[arg[1] > 0] : NAN;
}

const fqpi_measure fqpi_measures_features[] = {
    {"feature_error", 2, 3, false, false,
     "feature_error(ratio, part), feature_error(ratio, part, noise): error of least squares on ratio*40 random relu "
     "features of 40 noisy samples, in the target's band (part 0) or above it (1); noise 0.3",
     feature_error},
    {0}};
