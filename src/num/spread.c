/* spread.c - size, transform and places of the spreading window. */
#include "spread.h"

#include <math.h>

int64_t fqpi_spread_cells(int64_t least) {
    for (int64_t size = least + least % 2;; size += 2) {
        int64_t rest = size;
        for (int64_t p = 2; p <= 5; p++)
            while (rest % p == 0)
                rest /= p;
        if (rest == 1)
            return size;
    }
}

double fqpi_spread_turns(double k, double s) {
    const double product = k * s, rest = fma(k, s, -product), part = (product - floor(product)) + rest;
    return part < 0 ? part + 1 : part > 1 ? part - 1 : part;
}

/* The trapezoidal rule in the angle whose sine is 2u/taps, where the integrand is smooth and vanishes at the ends. */
void fqpi_spread_transform(const fqpi_kernel *kernel, int taps, int64_t cells, int64_t first, int64_t count,
                           double *w) {
    enum { NODES = 24 };
    const double step = M_PI / 2 / NODES, half = taps / 2.0, beta = FQPI_SPREAD_BETA * taps;
    double weight[NODES], place[NODES], angle[NODES];
    for (int i = 0; i < NODES; i++) {
        weight[i] = (i ? 2 : 1) * half * step * cos(i * step) * exp(beta * (cos(i * step) - 1));
        place[i] = 2 * M_PI * half * sin(i * step) / (double)cells;
    }
    for (int64_t l = 0; l < count; l++) {
        for (int i = 0; i < NODES; i++)
            angle[i] = place[i] * (double)(first + l);
        kernel->vsincos(NODES, angle, NULL, angle);
        w[l] = 0;
        for (int i = 0; i < NODES; i++)
            w[l] += weight[i] * angle[i];
    }
}
