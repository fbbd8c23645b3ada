/* softmax: h_i = exp(z_i - max z) / sum_j exp(z_j - max z).  dz_i = h_i (dh_i - sum_j h_j dh_j).
 * Cross entropy: L = s log sum_j exp(z_j) - sum_j y_j z_j with s = sum_j y_j, dz = s h - y. */
#include "output.h"

#include <math.h>

static double largest(int64_t m, const double *z) {
    double top = z[0];
    for (int64_t i = 1; i < m; i++)
        top = z[i] > top ? z[i] : top;
    return top;
}

static void map(int64_t m, const double *z, double *h) {
    double top = largest(m, z), sum = 0;
    for (int64_t i = 0; i < m; i++)
        sum += h[i] = exp(z[i] - top);
    for (int64_t i = 0; i < m; i++)
        h[i] /= sum;
}

static void pull(int64_t m, const double *h, const double *dh, double *dz) {
    double mean = 0;
    for (int64_t i = 0; i < m; i++)
        mean += h[i] * dh[i];
    for (int64_t i = 0; i < m; i++)
        dz[i] = h[i] * (dh[i] - mean);
}

static double entropy(int64_t m, const double *z, const double *y, double *dz) {
    double top = largest(m, z), sum = 0, mass = 0, match = 0;
    for (int64_t i = 0; i < m; i++) {
        sum += exp(z[i] - top);
        mass += y[i];
        match += y[i] * (z[i] - top);
    }
    for (int64_t i = 0; dz && i < m; i++)
        dz[i] = mass * exp(z[i] - top) / sum - y[i];
    return mass * log(sum) - match;
}

const fqpi_output fqpi_output_softmax = {
    .name = "softmax", .doc = "probabilities of classes", .map = map, .pull = pull, .entropy = entropy};
