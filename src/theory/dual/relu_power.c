/* relu_power: s = max(0, u)^k for whole k, the arc-cosine kernels of order k (Cho & Saul 2009).  With unit variances
 *
 *   M(m, n) = E[u^m v^n; u > 0, v > 0],   E[s s] = (q1 q2)^(k/2) M(k, k),   E[s' s'] = k^2 (q1 q2)^((k-1)/2) M(k-1,
 * k-1)
 *
 * follow from M(0, 0) = (pi - th)/(2 pi) and integration by parts, whose boundary terms are moments on an edge, where
 * the other variable has variance 1 - c^2:
 *   M(m, n) = (m - 1) M(m-2, n) + n c M(m-1, n-1)   + for m = 1  p(0) E[v^n; v > 0 | u = 0]
 *                                                   + for n = 0  c p(0) E[u^(m-1); u > 0 | v = 0] */
#include "dual.h"
#include "kernel.h"

enum { MOST = 16 };

static const double pi = 3.14159265358979323846, density = 0.39894228040143267794; /* 1/sqrt(2 pi) */

static const char *refuse(double power) {
    return power == floor(power) ? NULL : "a closed form exists for whole powers only";
}

/* E[z^m; z > 0] of a standard normal z */
static double half_moment(int m) {
    double f = m % 2 ? density : 0.5;
    for (int i = m - 1; i > 0; i -= 2)
        f *= i;
    return f;
}

static void moments(double gap, int most, double M[MOST + 1][MOST + 1]) {
    const double c = fqpi_gap_cosine(gap), sine = fqpi_gap_sine(gap);
    double edge[MOST + 1], power = density; /* p(0) E[z^m; z > 0] sine^m */
    for (int m = 0; m <= most; m++, power *= sine)
        edge[m] = power * half_moment(m);
    M[0][0] = (pi - fqpi_gap_angle(gap)) / (2 * pi);
    for (int m = 1; m <= most; m++)
        M[m][0] = M[0][m] = (m > 1 ? (m - 1) * M[m - 2][0] : edge[0]) + c * edge[m - 1];
    for (int m = 1; m <= most; m++)
        for (int n = 1; n <= most; n++)
            M[m][n] = (m > 1 ? (m - 1) * M[m - 2][n] : edge[n]) + n * c * M[m - 1][n - 1];
}

static double square(double power, double q) {
    return pow(q, power) * half_moment(2 * (int)power);
}

static void pair(double power, const fqpi_pair *p, fqpi_expectation *e) {
    const int k = (int)power;
    const double size = sqrt(p->q1 * p->q2);
    double M[MOST + 1][MOST + 1];
    moments(p->gap, k, M);
    e->value = pow(size, k) * M[k][k];
    e->slope = size > 0 ? k * k * pow(size, k - 1) * M[k - 1][k - 1] : 0; /* s'(0) = 0 also for k = 1 */
    const double c = M[k][k] / half_moment(2 * k);
    e->gap = fqpi_gap(1 - c, 1 + c);
}

const fqpi_dual fqpi_dual_relu_power = {.activation = FQPI_ACT_RELU_POWER,
                                        .formula = "arc-cosine kernels of order k and k-1 (Cho & Saul 2009)",
                                        .refuse = refuse,
                                        .square = square,
                                        .pair = pair};
