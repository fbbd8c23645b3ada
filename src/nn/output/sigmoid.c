/* sigmoid: h = s(z), the logistic, each output by itself.  dz = h (1-h) dh.
 * Binary cross entropy per output: -y log h - (1-y) log(1-h) = max(z,0) - y z + log(1 + exp(-|z|)), dz = h - y. */
#include "output.h"

#include <math.h>
#include <string.h>

/* e = exp(-|z|) */
static void decay(const fqpi_kernel *k64, int64_t n, const double *z, double *e) {
    for (int64_t j = 0; j < n; j++)
        e[j] = -fabs(z[j]);
    k64->vexp(n, e, e);
}

static void map(const fqpi_kernel *k64, int64_t m, int64_t ld, double *restrict z, double *restrict work) {
    double *restrict e = work;
    for (int64_t i = 0; i < m; i++, z += ld) {
        decay(k64, ld, z, e);
        for (int64_t j = 0; j < ld; j++)
            z[j] = (z[j] > 0 ? 1 : e[j]) / (1 + e[j]);
    }
}

static void pull(int64_t m, int64_t ld, const double *restrict h, double *restrict dh, double *restrict work) {
    (void)work;
    for (int64_t j = 0; j < m * ld; j++)
        dh[j] *= h[j] * (1 - h[j]);
}

/* One output.  log(1 + e) = log w + (e - (w - 1))/w with w = 1 + e rounded: what w lost is added again, or a small e
 * would leave no trace (FDLIBM, log1p). */
static void entropy_row(const fqpi_kernel *k64, int64_t n, const double *restrict z, const double *restrict y,
                        double weight, double *restrict loss, double *restrict dz, double *restrict e,
                        double *restrict log_w) {
    decay(k64, n, z, e);
    for (int64_t j = 0; j < n; j++)
        log_w[j] = 1 + e[j];
    k64->vlog(n, log_w, log_w);
    for (int64_t j = 0; j < n; j++) {
        double w = 1 + e[j], inverse = 1 / w, lost = e[j] - (w - 1);
        loss[j] += (z[j] > 0 ? z[j] : 0) - y[j] * z[j] + (log_w[j] + lost * inverse);
        dz[j] = weight * ((z[j] > 0 ? 1 : e[j]) * inverse - y[j]);
    }
}

static void entropy(const fqpi_kernel *k64, int64_t m, int64_t ld, const double *z, const double *y, double weight,
                    double *loss, double *dz, double *work) {
    memset(loss, 0, (size_t)ld * sizeof *loss);
    for (int64_t i = 0; i < m; i++)
        entropy_row(k64, ld, z + i * ld, y + i * ld, weight, loss, dz + i * ld, work, work + ld);
}

const fqpi_output fqpi_output_sigmoid = {.name = "sigmoid",
                                         .doc = "each output between 0 and 1",
                                         .map = map,
                                         .pull = pull,
                                         .entropy = entropy,
                                         .mean_outputs = true};
