/* window.c - none, Hann, Blackman, Kaiser. */
#include "window.h"

#include <math.h>

static double none_at(double u, double parameter) {
    (void)u;
    (void)parameter;
    return 1;
}

static double hann_at(double u, double parameter) {
    (void)parameter;
    return 0.5 - 0.5 * cos(2 * M_PI * u);
}

static double blackman_at(double u, double parameter) {
    (void)parameter;
    return 0.42 - 0.5 * cos(2 * M_PI * u) + 0.08 * cos(4 * M_PI * u);
}

/* Modified Bessel function of the first kind and order 0, by its series: every term is positive. */
static double bessel_i0(double x) {
    double term = 1, sum = 1;
    for (int k = 1; term > 1e-17 * sum; k++) {
        term *= (x / 2 / k) * (x / 2 / k);
        sum += term;
    }
    return sum;
}

static double kaiser_at(double u, double beta) {
    const double z = 2 * u - 1, square = 1 - z * z;
    return bessel_i0(beta * sqrt(square > 0 ? square : 0)) / bessel_i0(beta);
}

static const fqpi_window rows[] = {
    {"none", "no window: right for fields that repeat over the domain", none_at, 0},
    {"hann", "first side lobe at -31 dB, falling 18 dB an octave", hann_at, 0},
    {"blackman", "first side lobe at -58 dB, three times as wide a peak", blackman_at, 0},
    {"kaiser", "side lobes by its parameter beta, -65 dB at 8.6", kaiser_at, 8.6},
};

const fqpi_window *fqpi_window_row(size_t i) {
    return i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}

const char *fqpi_window_choice(size_t i, const char **doc) {
    const fqpi_window *row = fqpi_window_row(i);
    if (row && doc)
        *doc = row->doc;
    return row ? row->name : NULL;
}

void fqpi_window_gain(const fqpi_window *w, double parameter, double *gain, double *bandwidth) {
    enum { NODES = 4096 }; /* the mean over nodes of a smooth periodic function */
    double sum = 0, squares = 0;
    for (int i = 0; i < NODES; i++) {
        const double v = w->at(((double)i + 0.5) / NODES, parameter > 0 ? parameter : w->parameter);
        sum += v / NODES;
        squares += v * v / NODES;
    }
    *gain = sum;
    *bandwidth = squares / (sum * sum);
}
