/* sigmoid: h = s(z), the logistic, each output by itself.  dz = h (1-h) dh.
 * Binary cross entropy per output: -y log h - (1-y) log(1-h) = max(z,0) - y z + log(1 + exp(-|z|)), dz = h - y. */
#include "output.h"

#include <math.h>

static double logistic(double z) {
    double e = exp(-fabs(z));
    return (z > 0 ? 1 : e) / (1 + e);
}

static void map(int64_t m, const double *z, double *h) {
    for (int64_t i = 0; i < m; i++)
        h[i] = logistic(z[i]);
}

static void pull(int64_t m, const double *h, const double *dh, double *dz) {
    for (int64_t i = 0; i < m; i++)
        dz[i] = h[i] * (1 - h[i]) * dh[i];
}

static double entropy(int64_t m, const double *z, const double *y, double *dz) {
    double sum = 0;
    for (int64_t i = 0; i < m; i++) {
        sum += (z[i] > 0 ? z[i] : 0) - y[i] * z[i] + log1p(exp(-fabs(z[i])));
        if (dz)
            dz[i] = logistic(z[i]) - y[i];
    }
    return sum;
}

const fqpi_output fqpi_output_sigmoid = {.name = "sigmoid",
                                         .doc = "each output between 0 and 1",
                                         .map = map,
                                         .pull = pull,
                                         .entropy = entropy,
                                         .mean_outputs = true};
