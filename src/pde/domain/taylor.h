/* taylor.h - a function of up to three coordinates with its first and second derivatives at a point, and the arithmetic
 * that keeps them exact. */
#ifndef FQPI_TAYLOR_H
#define FQPI_TAYLOR_H

#include <math.h>

enum { FQPI_TAYLOR_AXES = 3 };

typedef struct fqpi_taylor {
    double v, g[FQPI_TAYLOR_AXES], h[FQPI_TAYLOR_AXES][FQPI_TAYLOR_AXES];
} fqpi_taylor;

static inline fqpi_taylor fqpi_taylor_axis(int axis, double x) {
    fqpi_taylor t = {.v = x};
    t.g[axis] = 1;
    return t;
}

/* p a + q b */
static inline fqpi_taylor fqpi_taylor_sum(double p, fqpi_taylor a, double q, fqpi_taylor b) {
    fqpi_taylor t = {.v = p * a.v + q * b.v};
    for (int i = 0; i < FQPI_TAYLOR_AXES; i++) {
        t.g[i] = p * a.g[i] + q * b.g[i];
        for (int j = 0; j < FQPI_TAYLOR_AXES; j++)
            t.h[i][j] = p * a.h[i][j] + q * b.h[i][j];
    }
    return t;
}

static inline fqpi_taylor fqpi_taylor_scale(double p, fqpi_taylor a) {
    return fqpi_taylor_sum(p, a, 0, a);
}

static inline fqpi_taylor fqpi_taylor_product(fqpi_taylor a, fqpi_taylor b) {
    fqpi_taylor t = {.v = a.v * b.v};
    for (int i = 0; i < FQPI_TAYLOR_AXES; i++) {
        t.g[i] = a.v * b.g[i] + a.g[i] * b.v;
        for (int j = 0; j < FQPI_TAYLOR_AXES; j++)
            t.h[i][j] = a.v * b.h[i][j] + a.h[i][j] * b.v + (a.g[i] * b.g[j] + a.g[j] * b.g[i]);
    }
    return t;
}

/* f(a), of which f, f' and f'' at a.v are given. */
static inline fqpi_taylor fqpi_taylor_map(fqpi_taylor a, double f, double f1, double f2) {
    fqpi_taylor t = {.v = f};
    for (int i = 0; i < FQPI_TAYLOR_AXES; i++) {
        t.g[i] = f1 * a.g[i];
        for (int j = 0; j < FQPI_TAYLOR_AXES; j++)
            t.h[i][j] = f1 * a.h[i][j] + f2 * (a.g[i] * a.g[j]);
    }
    return t;
}

/* 0 with derivatives 0 where a is 0: there the root has none. */
static inline fqpi_taylor fqpi_taylor_root(fqpi_taylor a) {
    double s = sqrt(a.v);
    return s > 0 ? fqpi_taylor_map(a, s, 0.5 / s, -0.25 / (s * a.v)) : (fqpi_taylor){0};
}

static inline fqpi_taylor fqpi_taylor_inverse(fqpi_taylor a) {
    double q = 1 / a.v;
    return fqpi_taylor_map(a, q, -q * q, 2 * q * q * q);
}

/* Positive where a and b are (R-conjunction of Rvachev's system R_0; Shapiro 2007, Semi-analytic geometry with
 * R-functions): 0 with the slope of a where a = 0 < b, smooth but where both are 0. */
static inline fqpi_taylor fqpi_taylor_both(fqpi_taylor a, fqpi_taylor b) {
    fqpi_taylor squares = fqpi_taylor_sum(1, fqpi_taylor_product(a, a), 1, fqpi_taylor_product(b, b));
    return fqpi_taylor_sum(1, fqpi_taylor_sum(1, a, 1, b), -1, fqpi_taylor_root(squares));
}

/* Positive where a or b is. */
static inline fqpi_taylor fqpi_taylor_either(fqpi_taylor a, fqpi_taylor b) {
    return fqpi_taylor_scale(-1, fqpi_taylor_both(fqpi_taylor_scale(-1, a), fqpi_taylor_scale(-1, b)));
}

#endif
