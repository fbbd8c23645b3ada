/* features.c - double descent of random features, split by frequency.
 *
 * SAMPLES equal steps t of a circle, y = sin t + cos(3t)/2 + noise; p random relu features of (cos t, sin t), weights and
 * biases N(0,1); the coefficients of smallest norm among those of least squares (p < n: the unique ones; p >= n: they
 * interpolate), by Householder QR of the features or of their transpose.  The error to the clean target on a grid of
 * GRID points falls apart by Parseval into the target's band |k| <= BAND and what lies above. */
#include "fail.h"
#include "measure.h"
#include "mem.h"
#include "rng.h"

#include <math.h>

enum { SAMPLES = 40, GRID = 400, BAND = 3, MOST = 4000 };

static double target(double t) {
    return sin(t) + cos(3 * t) / 2;
}

static double feature(uint64_t draw, int64_t j, double t) {
    double w[3];
    fqpi_rng_normals(draw, FQPI_STREAM_WEIGHT, (uint64_t)(3 * j), 3, w);
    return fmax(w[0] * cos(t) + w[1] * sin(t) + w[2], 0);
}

/* ---- Householder QR of a tall matrix, column by column: a [cols][rows] ------------------------------------------- */

/* Reflect v by the unit vector u: both from row `first` on. */
static void reflect(const double *u, int64_t first, int64_t rows, double *v) {
    double along = 0;
    for (int64_t i = first; i < rows; i++)
        along += u[i] * v[i];
    for (int64_t i = first; i < rows; i++)
        v[i] -= 2 * along * u[i];
}

/* a becomes the unit vectors of the reflections (below the diagonal and on it) with R above; its diagonal into r. */
static void factor(double *a, int64_t rows, int64_t cols, double *r) {
    for (int64_t j = 0; j < cols; j++) {
        double *u = a + j * rows, norm = 0, length = 0;
        for (int64_t i = j; i < rows; i++)
            norm += u[i] * u[i];
        r[j] = u[j] > 0 ? -sqrt(norm) : sqrt(norm);
        u[j] -= r[j];
        for (int64_t i = j; i < rows; i++)
            length += u[i] * u[i];
        for (int64_t i = j; i < rows && length > 0; i++)
            u[i] /= sqrt(length);
        for (int64_t c = j + 1; c < cols; c++)
            reflect(u, j, rows, a + c * rows);
    }
}

/* Least squares: x [cols] in front of b [rows]. */
static void solve_tall(const double *a, const double *r, int64_t rows, int64_t cols, double *b) {
    for (int64_t j = 0; j < cols; j++)
        reflect(a + j * rows, j, rows, b);
    for (int64_t j = cols - 1; j >= 0; j--) {
        for (int64_t c = j + 1; c < cols; c++)
            b[j] -= a[c * rows + j] * b[c];
        b[j] /= r[j];
    }
}

/* Smallest solution x [rows] of A^T x = y [cols], A = Q R: x = Q R^-T y.  y is lost. */
static void solve_wide(const double *a, const double *r, int64_t rows, int64_t cols, double *y, double *x) {
    for (int64_t j = 0; j < cols; j++) {
        for (int64_t c = 0; c < j; c++)
            y[j] -= a[j * rows + c] * y[c];
        y[j] /= r[j];
    }
    for (int64_t i = 0; i < rows; i++)
        x[i] = i < cols ? y[i] : 0;
    for (int64_t j = cols - 1; j >= 0; j--)
        reflect(a + j * rows, j, rows, x);
}

/* ---- one fit ----------------------------------------------------------------------------------------------------- */

static double place(int64_t i) {
    return 2 * M_PI * ((double)i + 0.5) / SAMPLES;
}

/* Fewer features than samples.  Those that are 0 at every sample get no column: the smallest solution has 0 there. */
static void fit_tall(uint64_t draw, int64_t p, double *a, double *y, double *coefficient) {
    int64_t live[SAMPLES], n = 0;
    double r[SAMPLES];
    for (int64_t j = 0; j < p; j++) {
        double most = 0;
        for (int64_t i = 0; i < SAMPLES; i++) {
            a[n * SAMPLES + i] = feature(draw, j, place(i));
            most = fmax(most, a[n * SAMPLES + i]);
        }
        coefficient[j] = 0;
        live[n] = j;
        n += most > 0;
    }
    factor(a, SAMPLES, n, r);
    solve_tall(a, r, SAMPLES, n, y);
    for (int64_t j = 0; j < n; j++)
        coefficient[live[j]] = y[j];
}

static void fit_wide(uint64_t draw, int64_t p, double *a, double *y, double *coefficient) {
    double r[SAMPLES];
    for (int64_t i = 0; i < SAMPLES; i++)
        for (int64_t j = 0; j < p; j++)
            a[i * p + j] = feature(draw, j, place(i));
    factor(a, p, SAMPLES, r);
    solve_wide(a, r, p, SAMPLES, y, coefficient);
}

/* Coefficients [p] of draw `draw`. */
static bool fit(const fqpi_measuring *m, uint64_t draw, int64_t p, double noise, double *coefficient) {
    double *a = fqpi_alloc(m->ctx, (size_t)(SAMPLES * p), sizeof *a), y[SAMPLES];
    if (!a)
        return false;
    for (int64_t i = 0; i < SAMPLES; i++)
        y[i] = target(place(i)) + noise * fqpi_rng_normal(draw, FQPI_STREAM_NOISE, (uint64_t)i);
    (p < SAMPLES ? fit_tall : fit_wide)(draw, p, a, y, coefficient);
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
