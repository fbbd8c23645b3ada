/* field_lattice.c - points as nodes of a lattice: every coordinate takes few values, and each combination holds one
 * point or none. */
#include "fail.h"
#include "field.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SPARSE = 16 }; /* at least one place in so many is taken, or the points lie on no lattice */

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The values of column `axis`, each once.  Values nearer than 1e-6 of the range over the number of points are one:
 * coordinates saved in single precision differ by their rounding. */
static fqp_status values(fqp_ctx *ctx, fqp_view x, int axis, double **out, int64_t *count) {
    const int64_t n = x.shape[0], d = x.ndim > 1 ? x.shape[1] : 1;
    double *v = fqpi_alloc(ctx, (size_t)n, sizeof *v);
    if (!v)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < n; i++)
        v[i] = fqp_view_at(x, i * d + axis);
    qsort(v, (size_t)n, sizeof *v, ascending);
    const double near = fmax(1e-6 * (v[n - 1] - v[0]) / (double)n, 4e-7 * fmax(fabs(v[0]), fabs(v[n - 1])) / (double)n);
    int64_t kept = 1;
    for (int64_t i = 1; i < n; i++)
        if (v[i] - v[kept - 1] > near)
            v[kept++] = v[i];
    *out = v;
    *count = kept;
    return FQP_OK;
}

/* The value nearest to c. */
static int64_t nearest(const double *v, int64_t n, double c) {
    int64_t low = 0, high = n - 1;
    while (high - low > 1) {
        const int64_t mid = low + (high - low) / 2;
        if (v[mid] <= c)
            low = mid;
        else
            high = mid;
    }
    return fabs(v[low] - c) <= fabs(v[high] - c) ? low : high;
}

static fqp_status place_points(fqp_ctx *ctx, fqp_view x, fqpi_field_lattice *l) {
    l->node = fqpi_alloc(ctx, (size_t)l->places, sizeof *l->node);
    l->place = fqpi_alloc(ctx, (size_t)l->n, sizeof *l->place);
    if (!l->node || !l->place)
        return FQP_E_NOMEM;
    for (int64_t p = 0; p < l->places; p++)
        l->node[p] = -1;
    for (int64_t i = 0; i < l->n; i++) {
        int64_t place = 0;
        for (int64_t a = 0; a < l->d; a++)
            place = place * l->shape[a] + nearest(l->axis[a], l->shape[a], fqp_view_at(x, i * l->d + a));
        if (l->node[place] >= 0)
            return fqpi_fail(ctx, FQP_E_DATA, NULL, "points %lld and %lld (counted from 0) are the same",
                             (long long)l->node[place], (long long)i);
        l->node[place] = i;
        l->place[i] = place;
    }
    return FQP_OK;
}

static fqp_status lattice(fqp_ctx *ctx, fqp_view x, fqpi_field_lattice *l) {
    double places = 1;
    for (int a = 0; a < l->d; a++) {
        const fqp_status s = values(ctx, x, a, &l->axis[a], &l->shape[a]);
        if (s)
            return s;
        places *= (double)l->shape[a];
    }
    if (places > SPARSE * (double)l->n)
        return fqpi_fail(ctx, FQP_E_DATA, NULL,
                         "the %lld points lie on no grid (their coordinates take so many values that a grid of them "
                         "would have %.3g nodes), so there are no finite differences",
                         (long long)l->n, places);
    l->places = (int64_t)places;
    return place_points(ctx, x, l);
}

fqp_status fqpi_field_lattice_create(fqp_ctx *ctx, fqp_view x, fqpi_field_lattice *out) {
    *out = (fqpi_field_lattice){.d = x.ndim > 1 ? x.shape[1] : 1, .n = x.shape[0]};
    if (out->d > FQPI_FIELD_AXES || out->n < 1)
        return fqpi_fail(ctx, FQP_E_DATA, NULL, "points of shape (%lld, %lld) make no grid", (long long)out->n,
                         (long long)out->d);
    const fqp_status s = lattice(ctx, x, out);
    if (s)
        fqpi_field_lattice_free(out);
    return s;
}

void fqpi_field_lattice_free(fqpi_field_lattice *l) {
    for (int a = 0; a < FQPI_FIELD_AXES; a++)
        fqpi_free(l->axis[a]);
    fqpi_free(l->node);
    fqpi_free(l->place);
    *l = (fqpi_field_lattice){0};
}
