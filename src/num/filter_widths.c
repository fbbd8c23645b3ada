/* filter_widths.c - widths that suit a cloud of points, from the distances of a fixed subsample: below the distance to
 * the nearest neighbour the filter does nothing, beyond the median distance it leaves only the mean. */
#include "fail.h"
#include "gauss_filter.h"
#include "kernel.h"
#include "mem.h"
#include "principal.h"
#include "real.h"

#include <math.h>
#include <stdlib.h>

enum { QUERIES = 128, FEWEST_OTHERS = 2000, NUMBERS = 4000000 };

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* count rows of x, evenly spread, mean subtracted. */
static void sample(fqp_view x, int64_t count, const double *mean, double *out) {
    const int64_t n = x.shape[0], d = x.shape[1];
    for (int64_t i = 0; i < count; i++)
        for (int64_t c = 0; c < d; c++)
            out[i * d + c] = fqpi_real_at(x, i * n / count * d + c) - mean[c];
}

/* Squared distances from `queries` rows to all others into d2, and to the nearest distinct one into nearest; the number
 * of each. */
static void measure(const fqpi_kernel *k, const double *row, int64_t others, int64_t queries, int64_t d, double *norm,
                    double *d2, size_t *nd2, double *nearest, size_t *nnearest) {
    for (int64_t i = 0; i < others; i++)
        norm[i] = k->dot(d, row + i * d, row + i * d);
    *nd2 = *nnearest = 0;
    for (int64_t q = 0; q < queries; q++) {
        const int64_t i = q * others / queries;
        double least = INFINITY;
        for (int64_t j = 0; j < others; j++) {
            if (j == i)
                continue;
            const double v = norm[i] + norm[j] - 2 * k->dot(d, row + i * d, row + j * d);
            d2[(*nd2)++] = fmax(v, 0);
            if (v > 1e-12 * (norm[i] + norm[j])) /* more than rounding: another place */
                least = fmin(least, v);
        }
        if (isfinite(least))
            nearest[(*nnearest)++] = least;
    }
}

fqp_status fqpi_filter_widths(fqp_ctx *ctx, fqp_view x, size_t count, double *deltas) {
    const int64_t n = x.shape[0], d = x.shape[1], most = NUMBERS / d > FEWEST_OTHERS ? NUMBERS / d : FEWEST_OTHERS;
    const int64_t others = n < most ? n : most, queries = others < QUERIES ? others : QUERIES;
    double *block = fqpi_alloc(ctx, (size_t)(d + others * d + others + queries * others + queries), sizeof *block);
    if (!block)
        return FQP_E_NOMEM;
    double *mean = block, *row = mean + d, *norm = row + others * d, *d2 = norm + others,
           *nearest = d2 + queries * others;
    size_t nd2, nnearest;
    fqpi_column_means(x, mean);
    sample(x, others, mean, row);
    measure(fqpi_kernel_get(ctx, FQP_F64), row, others, queries, d, norm, d2, &nd2, nearest, &nnearest);
    fqp_status s = FQP_OK;
    if (nnearest == 0) {
        s = fqpi_fail(ctx, FQP_E_SHAPE, NULL, "probe filter: all points coincide, there is no distance to filter by");
    } else {
        qsort(nearest, nnearest, sizeof *nearest, ascending);
        qsort(d2, nd2, sizeof *d2, ascending);
        const double a = nearest[nnearest / 2], b = fmax(d2[nd2 / 2] / 2, a);
        for (size_t i = 0; i < count; i++)
            deltas[i] = a * pow(b / a, count > 1 ? (double)i / (double)(count - 1) : 0.5);
    }
    fqpi_free(block);
    return s;
}
