/* legendre.c - zeros of the Legendre polynomial by Newton's method from Tricomi's estimate. */
#include "legendre.h"

#include <float.h>
#include <math.h>

enum { MOST_STEPS = 20 };

/* P_n(x) by its recurrence, and P_n'(x). */
static double polynomial(int64_t n, double x, double *slope) {
    double before = 1, p = x;
    for (int64_t k = 1; k < n; k++) {
        const double next = ((double)(2 * k + 1) * x * p - (double)k * before) / (double)(k + 1);
        before = p;
        p = next;
    }
    *slope = (double)n * (before - x * p) / (1 - x * x);
    return p;
}

void fqpi_legendre(int64_t n, double a, double b, double *node, double *weight) {
    const double pi = 3.14159265358979323846, middle = 0.5 * (a + b), half = 0.5 * (b - a), m = (double)n;
    for (int64_t i = 0; i < (n + 1) / 2; i++) {
        double x = (1 - (m - 1) / (8 * m * m * m)) * cos(pi * ((double)i + 0.75) / (m + 0.5)), slope = 1, step = 1;
        for (int s = 0; s < MOST_STEPS && fabs(step) > 2 * DBL_EPSILON; s++) {
            step = polynomial(n, x, &slope) / slope;
            x -= step;
        }
        if (2 * i + 1 == n)
            x = 0;
        polynomial(n, x, &slope);
        const double w = 2 / ((1 - x * x) * slope * slope);
        node[i] = middle - half * x;
        node[n - 1 - i] = middle + half * x;
        weight[i] = weight[n - 1 - i] = half * w;
    }
}
