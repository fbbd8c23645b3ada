/* information.c - entropy of binned values, and the information plane of a layer.
 *
 * A row of bin numbers is one value of T.  Rows are counted by sorting them, so that no two different ones are taken
 * for the same; H = -sum p ln p in the order of the sorted rows. */
#include <fqp/layers.h>

#include "fail.h"
#include "mem.h"
#include "real.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BINS = 65536, MOST_COUNTS = 4096 };

static int64_t columns(fqp_view v) {
    return v.ndim == 2 ? v.shape[1] : 1;
}

static uint32_t bin_of(double v, int64_t bins, double low, double high) {
    const double at = floor((v - low) / (high - low) * (double)bins);
    return (uint32_t)fmin(fmax(at, 0), (double)(bins - 1));
}

/* ---- rows of bytes, counted ------------------------------------------------------------------------------------ */

typedef struct row {
    const unsigned char *at;
    size_t size;
} row;

static int compare(const void *a, const void *b) {
    return memcmp(((const row *)a)->at, ((const row *)b)->at, ((const row *)a)->size);
}

/* Entropy of n rows of `size` bytes, `stride` apart, from byte `first` on. */
static double entropy(row *list, const unsigned char *data, int64_t n, size_t stride, size_t first, size_t size) {
    for (int64_t i = 0; i < n; i++)
        list[i] = (row){data + (size_t)i * stride + first, size};
    qsort(list, (size_t)n, sizeof *list, compare);
    double h = 0;
    for (int64_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && compare(&list[i], &list[j]) == 0; j++)
            ;
        const double p = (double)(j - i) / (double)n;
        h -= p * log(p);
    }
    return h;
}

/* ---- the doors --------------------------------------------------------------------------------------------------- */

static fqp_status check(fqp_ctx *ctx, fqp_view t, fqp_view y, int64_t bins, double low, double high) {
    if (!t.data || !y.data || !fqpi_is_real(t.dtype) || !fqpi_is_real(y.dtype) || t.ndim < 1 || t.ndim > 2 ||
        y.ndim < 1 || y.ndim > 2 || t.shape[0] < 1)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "information: a layer [n, w] and targets [n, m] are needed");
    if (t.shape[0] != y.shape[0])
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "information: %lld rows of the layer, %lld of targets",
                         (long long)t.shape[0], (long long)y.shape[0]);
    if (bins < 2 || bins > MOST_BINS || !(high > low))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "information: 2 to %d bins of a range [low, high] are needed",
                         MOST_BINS);
    return FQP_OK;
}

fqp_status fqp_layer_information(fqp_ctx *ctx, fqp_view t, fqp_view y, int64_t bins, double low, double high,
                                 fqp_information *out) {
    if (!ctx || !out)
        return FQP_E_ARG;
    fqp_status s = check(ctx, t, y, bins, low, high);
    if (s)
        return s;
    const int64_t n = t.shape[0], w = columns(t), m = columns(y);
    const size_t of_t = (size_t)w * sizeof(uint32_t), of_y = (size_t)m * sizeof(double), all = of_t + of_y;
    unsigned char *data = fqpi_alloc(ctx, (size_t)n, all);
    row *list = fqpi_alloc(ctx, (size_t)n, sizeof *list);
    s = data && list ? FQP_OK : FQP_E_NOMEM;
    for (int64_t i = 0; i < n && !s; i++) {
        for (int64_t c = 0; c < w; c++) {
            const uint32_t b = bin_of(fqpi_real_at(t, i * w + c), bins, low, high);
            memcpy(data + (size_t)i * all + (size_t)c * sizeof b, &b, sizeof b);
        }
        for (int64_t c = 0; c < m; c++) {
            const double v = fqpi_real_at(y, i * m + c) + 0.0; /* -0 is 0 */
            memcpy(data + (size_t)i * all + of_t + (size_t)c * sizeof v, &v, sizeof v);
        }
    }
    if (!s) {
        *out = (fqp_information){.x = log((double)n)};
        out->xt = entropy(list, data, n, all, 0, of_t);
        out->y = entropy(list, data, n, all, of_t, of_y);
        out->ty = out->xt + out->y - entropy(list, data, n, all, 0, all);
    }
    fqpi_free(data);
    fqpi_free(list);
    return s;
}

double fqp_binned_entropy(const double *v, int64_t n, int64_t bins, double low, double high) {
    if (!v || n < 1 || bins < 1 || bins > MOST_COUNTS || !(high > low))
        return NAN;
    int64_t count[MOST_COUNTS];
    memset(count, 0, (size_t)bins * sizeof *count);
    for (int64_t i = 0; i < n; i++)
        count[bin_of(v[i], bins, low, high)]++;
    double h = 0;
    for (int64_t b = 0; b < bins; b++) {
        const double p = (double)count[b] / (double)n;
        if (count[b] > 0)
            h -= p * log(p);
    }
    return h;
}
