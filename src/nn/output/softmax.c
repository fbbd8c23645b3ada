/* softmax: h_i = exp(z_i - max z) / sum_j exp(z_j - max z).  dz_i = h_i (dh_i - sum_j h_j dh_j).
 * Cross entropy: L = s log sum_j exp(z_j) - sum_j y_j z_j with s = sum_j y_j, dz = s h - y. */
#include "output.h"

#include <string.h>

/* Columns whose sums are kept in registers while the rows go by. */
enum { COLUMNS = 8 };

static void largest(int64_t m, int64_t ld, const double *restrict z, double *restrict top) {
    memcpy(top, z, (size_t)ld * sizeof *top);
    for (int64_t i = 1; i < m; i++)
        for (int64_t j = 0; j < ld; j++)
            top[j] = z[i * ld + j] > top[j] ? z[i * ld + j] : top[j];
}

/* sum = sum_i e_i */
static void add_rows(int64_t m, int64_t ld, const double *restrict e, double *restrict sum) {
    for (int64_t j = 0; j < ld; j += COLUMNS) {
        double s[COLUMNS] = {0};
        for (int64_t i = 0; i < m; i++)
            for (int c = 0; c < COLUMNS; c++)
                s[c] += e[i * ld + j + c];
        memcpy(sum + j, s, sizeof s);
    }
}

static void subtract_row(int64_t m, int64_t ld, const double *restrict top, double *restrict z) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < ld; j++)
            z[i * ld + j] -= top[j];
}

static void map(const fqpi_kernel *k64, int64_t m, int64_t ld, double *restrict z, double *restrict work) {
    double *restrict top = work, *restrict sum = work;
    largest(m, ld, z, top);
    subtract_row(m, ld, top, z);
    k64->vexp(m * ld, z, z);
    add_rows(m, ld, z, sum);
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

/* e_i = z_i - top, mass = sum_i y_i, match = sum_i y_i e_i */
static void compare(int64_t m, int64_t ld, const double *restrict z, const double *restrict y,
                    const double *restrict top, double *restrict e, double *restrict mass, double *restrict match) {
    for (int64_t j = 0; j < ld; j += COLUMNS) {
        double s[COLUMNS] = {0}, t[COLUMNS] = {0};
        for (int64_t i = 0; i < m; i++)
            for (int c = 0; c < COLUMNS; c++) {
                int64_t at = i * ld + j + c;
                e[at] = z[at] - top[j + c];
                s[c] += y[at];
                t[c] += y[at] * e[at];
            }
        memcpy(mass + j, s, sizeof s);
        memcpy(match + j, t, sizeof t);
    }
}

static void entropy(const fqpi_kernel *k64, int64_t m, int64_t ld, const double *restrict z, const double *restrict y,
                    double weight, double *restrict loss, double *restrict dz, double *restrict work) {
    double *restrict top = work, *restrict sum = work + ld, *restrict mass = work + 2 * ld,
                     *restrict match = work + 3 * ld;
    largest(m, ld, z, top);
    compare(m, ld, z, y, top, dz, mass, match);
    k64->vexp(m * ld, dz, dz);
    add_rows(m, ld, dz, sum);
    k64->vlog(ld, sum, loss);
    for (int64_t j = 0; j < ld; j++) {
        loss[j] = mass[j] * loss[j] - match[j];
        sum[j] = weight * mass[j] / sum[j];
    }
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < ld; j++)
            dz[i * ld + j] = sum[j] * dz[i * ld + j] - weight * y[i * ld + j];
}

const fqpi_output fqpi_output_softmax = {
    .name = "softmax", .doc = "probabilities of classes", .map = map, .pull = pull, .entropy = entropy};
