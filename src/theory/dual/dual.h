/* dual.h - Gaussian expectations of activations: one row per activation.
 *
 * (u, v) is a centred Gaussian pair of variances q1, q2 and correlation c; a row gives E[s(u) s(v)] and E[s'(u) s'(v)]
 * (the dual activation and its derivative, Daniely, Frostig, Singer 1602.05897).  c is kept as its gap to the nearer
 * of +1 and -1, so that pairs of almost equal (or opposite) points keep their angle to full relative precision:
 *
 *     gap = 1 - c for c >= 0,   gap = -(1 + c) for c < 0;     c = copysign(1, gap) - gap */
#ifndef FQPI_DUAL_H
#define FQPI_DUAL_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct fqpi_pair {
    double q1, q2; /* E[u^2], E[v^2] */
    double gap;
    double e1, e2; /* E[s(u)^2], E[s(v)^2]: `square` of q1, q2 */
} fqpi_pair;

typedef struct fqpi_expectation {
    double value; /* E[s(u) s(v)] */
    double slope; /* E[s'(u) s'(v)] */
    double gap;   /* of the correlation value/sqrt(e1 e2) */
} fqpi_expectation;

typedef struct fqpi_dual {
    int activation;
    const char *formula; /* where it is from */
    /* Why there is no formula for this parameter, as a sentence; NULL function or answer: there is. */
    const char *(*refuse)(double param);
    /* Functions without closed form that are analytic for |Im z| < strip are expanded in Hermite polynomials
     * (../infinite_expand.c); 0: `square` and `pair` are the closed form. */
    double strip;
    double (*square)(double param, double q);
    void (*pair)(double param, const fqpi_pair *p, fqpi_expectation *e);
} fqpi_dual;

/* NULL: no row.  Activations that scale their argument (sin, cos) have rows of the unscaled function. */
const fqpi_dual *fqpi_dual_row(int activation);
const fqpi_dual *fqpi_dual_nth(size_t i); /* NULL past the end */

static inline double fqpi_gap_cosine(double gap) {
    return copysign(1, gap) - gap;
}

static inline double fqpi_gap_sine(double gap) {
    const double g = fabs(gap);
    return sqrt(g * (2 - g));
}

/* in [0, pi] */
static inline double fqpi_gap_angle(double gap) {
    const double near = 2 * asin(sqrt(0.5 * fabs(gap)));
    return signbit(gap) ? 3.14159265358979323846 - near : near;
}

/* 1 - c and 1 + c */
static inline double fqpi_gap_below_one(double gap) {
    return signbit(gap) ? 2 + gap : gap;
}

static inline double fqpi_gap_above_minus_one(double gap) {
    return signbit(gap) ? -gap : 2 - gap;
}

/* The gap of c given both its distances, 1 - c and 1 + c, each good where it is small. */
double fqpi_gap(double below_one, double above_minus_one);
/* The gap of value/sqrt(e1 e2), to 1e-16 of 1: enough where no kink follows, as kernels of smooth functions are smooth
 * in c. */
double fqpi_gap_of(double e1, double e2, double value);

#endif
