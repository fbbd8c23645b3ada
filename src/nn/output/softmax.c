/* softmax: h_i = exp(z_i - max z) / sum_j exp(z_j - max z).  dz_i = h_i (dh_i - sum_j h_j dh_j).
 * Cross entropy: L = s log sum_j exp(z_j) - sum_j y_j z_j with s = sum_j y_j, dz = s h - y. */
#include "output.h"

#include <string.h>

static void largest(int64_t m, int64_t ld, const double *restrict z, double *restrict top) {
    memcpy(top, z, (size_t)ld * sizeof *top);
    for (int64_t i = 1; i < m; i++)
        for (int64_t j = 0; j < ld; j++)
            top[j] = z[i * ld + j] > top[j] ? z[i * ld + j] : top[j];
}

static void map(const fqpi_kernel *k64, int64_t m, int64_t ld, double *restrict z, double *restrict work) {
    double *restrict top = work, *restrict sum = work;
    largest(m, ld, z, top);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < ld; j++)
            z[i * ld + j] -= top[j];
    k64->vexp(m * ld, z, z);
    k64->sum_slots(ld, (int)m, z, ld, sum);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < ld; j++)
            z[i * ld + j] /= sum[j];
}

static void pull(int64_t m, int64_t ld, const double *restrict h, double *restrict dh, double *restrict work) {
    double *restrict mean = work;
    memset(mean, 0, (size_t)ld * sizeof *mean);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < ld; j++)
            mean[j] += h[i * ld + j] * dh[i * ld + j];
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < ld; j++)
            dh[i * ld + j] = h[i * ld + j] * (dh[i * ld + j] - mean[j]);
}

static void entropy(const fqpi_kernel *k64, int64_t m, int64_t ld, const double *z, const double *y, double weight,
                    double *loss, double *dz, double *work) {
    (void)work;
    k64->softmax_entropy(m, ld, z, y, weight, loss, dz);
}

const fqpi_output fqpi_output_softmax = {
    .name = "softmax", .doc = "probabilities of classes", .map = map, .pull = pull, .entropy = entropy};
