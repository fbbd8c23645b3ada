/* series.c - arithmetic of Taylor coefficients. */
#include "objective/series.h"

#include <string.h>

enum { TILE = FQPI_SERIES_TILE };

/* ---- indices ----------------------------------------------------------------------------------------------------- */

static void append(fqpi_objective_series *s, int axis, int left, uint8_t *index) {
    if (axis == s->d - 1) {
        index[axis] = (uint8_t)left;
        memcpy(s->index[s->count++], index, FQPI_SERIES_AXES);
        return;
    }
    for (int i = left; i >= 0; i--) {
        index[axis] = (uint8_t)i;
        append(s, axis + 1, left - i, index);
    }
}

int fqpi_objective_series_find(const fqpi_objective_series *s, const uint8_t *index) {
    for (int i = 0; i < s->count; i++)
        if (memcmp(s->index[i], index, (size_t)s->d) == 0)
            return i;
    return -1;
}

static void pair_up(fqpi_objective_series *s, int sum) {
    for (int a = 0; a < s->count; a++) {
        uint8_t rest[FQPI_SERIES_AXES] = {0};
        bool below = true;
        for (int i = 0; i < s->d; i++) {
            below = below && s->index[a][i] <= s->index[sum][i];
            rest[i] = (uint8_t)(s->index[sum][i] - s->index[a][i]);
        }
        if (!below)
            continue;
        s->pair[s->pairs].a = (int16_t)a;
        s->pair[s->pairs].b = (int16_t)fqpi_objective_series_find(s, rest);
        s->pair[s->pairs++].sum = (int16_t)sum;
    }
}

void fqpi_objective_series_create(int d, int order, fqpi_objective_series *s) {
    *s = (fqpi_objective_series){.d = d, .order = order};
    uint8_t index[FQPI_SERIES_AXES] = {0};
    for (int k = 0; k <= order; k++)
        append(s, 0, k, index);
    for (int i = 0; i < s->count; i++)
        pair_up(s, i);
}

double fqpi_objective_series_factorial(const fqpi_objective_series *s, int i) {
    double f = 1;
    for (int k = 0; k < s->d; k++)
        for (int j = 2; j <= s->index[i][k]; j++)
            f *= j;
    return f;
}

/* ---- arithmetic -------------------------------------------------------------------------------------------------- */

void fqpi_objective_series_product(const fqpi_objective_series *s, const double *a, const double *b, double *out) {
    memset(out, 0, (size_t)s->count * TILE * sizeof *out);
    for (int k = 0; k < s->pairs; k++) {
        const double *x = a + (ptrdiff_t)s->pair[k].a * TILE, *y = b + (ptrdiff_t)s->pair[k].b * TILE;
        double *z = out + (ptrdiff_t)s->pair[k].sum * TILE;
        for (int i = 0; i < TILE; i++)
            z[i] += x[i] * y[i];
    }
}

/* a out = 1, coefficient by coefficient: out_c = -1/a_0 sum over b != 0 of a_b out_(c - b). */
void fqpi_objective_series_inverse(const fqpi_objective_series *s, const double *a, double *out) {
    memset(out, 0, (size_t)s->count * TILE * sizeof *out);
    for (int i = 0; i < TILE; i++)
        out[i] = 1 / a[i];
    for (int k = 1; k < s->pairs; k++) {
        if (s->pair[k].a == 0)
            continue;
        const double *x = a + (ptrdiff_t)s->pair[k].a * TILE, *y = out + (ptrdiff_t)s->pair[k].b * TILE;
        double *z = out + (ptrdiff_t)s->pair[k].sum * TILE;
        for (int i = 0; i < TILE; i++)
            z[i] -= x[i] * y[i] * out[i];
    }
}

void fqpi_objective_series_constant(const fqpi_objective_series *s, double value, double *out) {
    memset(out, 0, (size_t)s->count * TILE * sizeof *out);
    for (int i = 0; i < TILE; i++)
        out[i] = value;
}

void fqpi_objective_series_line(const fqpi_objective_series *s, int axis, double zero, double slope, int64_t n,
                                const double *x, double *out) {
    fqpi_objective_series_constant(s, 0, out);
    for (int64_t i = 0; i < n; i++)
        out[i] = slope * (x[i * s->d + axis] - zero);
    if (s->order > 0) /* indices of order 1 follow the value, axis after axis */
        for (int i = 0; i < TILE; i++)
            out[(ptrdiff_t)(1 + axis) * TILE + i] = slope;
}
