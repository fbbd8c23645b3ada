/* grid.c - axes are found from the fastest to the slowest: the one column that changes over one stride is the axis, and
 * it ends where another column changes. */
#include "grid.h"
#include "fail.h"
#include "real.h"

#include <float.h>
#include <math.h>

/* What one search carries around. */
typedef struct search {
    fqp_ctx *ctx;
    fqp_view x;
    int64_t n, d;
    double same[FQPI_GRID_MAX];  /* how far equal coordinates may lie apart */
    double noise[FQPI_GRID_MAX]; /* rounding of a difference of two coordinates */
    const char *who, *instead;
    const fqp_origin *origin;
} search;

static double at(const search *s, int64_t row, int64_t column) {
    return fqpi_real_at(s->x, row * s->d + column);
}

static bool differ(const search *s, int64_t a, int64_t b, int64_t column) {
    return fabs(at(s, a, column) - at(s, b, column)) > s->same[column];
}

/* A column holding only single precision numbers was rounded to it, whatever type carries it now. */
static void measure_column(search *s, int64_t column) {
    double low = INFINITY, high = -INFINITY;
    bool single = true;
    for (int64_t j = 0; j < s->n; j++) {
        double v = at(s, j, column);
        low = fmin(low, v);
        high = fmax(high, v);
        single = single && (double)(float)v == v;
    }
    double eps = single ? FLT_EPSILON : DBL_EPSILON;
    s->noise[column] = 4 * eps * fmax(fabs(low), fabs(high));
    s->same[column] = 1e-9 * (high - low);
}

static fqp_status scattered(const search *s, int64_t row) {
    if (s->d == 1)
        return fqpi_fail(s->ctx, FQP_E_SHAPE, s->origin,
                         "%s needs a regular grid: x[%lld] and x[%lld] are both %.9g; %s", s->who, (long long)row - 1,
                         (long long)row, at(s, row, 0), s->instead);
    return fqpi_fail(s->ctx, FQP_E_SHAPE, s->origin,
                     "%s needs a regular grid: rows %lld and %lld of x do not differ in exactly one column; %s", s->who,
                     (long long)row - 1, (long long)row, s->instead);
}

/* Along the axis of `column` with rows `stride` apart: all gaps as the first one. */
static fqp_status equal_gaps(const search *s, int64_t column, int64_t stride, int64_t count, double *step) {
    const double first = at(s, stride, column) - at(s, 0, column);
    const double allowed = fmin(1e-9 * fabs(first) + s->noise[column], 0.01 * fabs(first));
    for (int64_t j = 1; j + 1 < count; j++) {
        const double a = at(s, j * stride, column), b = at(s, (j + 1) * stride, column);
        if (fabs(b - a - first) <= allowed)
            continue;
        if (s->d == 1)
            return fqpi_fail(
                s->ctx, FQP_E_SHAPE, s->origin,
                "%s needs equal spacing: gap %lld, from x[%lld] = %.9g to x[%lld] = %.9g, is %.9g where gap "
                "0 is %.9g; %s",
                s->who, (long long)j, (long long)j, a, (long long)j + 1, b, b - a, first, s->instead);
        return fqpi_fail(
            s->ctx, FQP_E_SHAPE, s->origin,
            "%s needs equal spacing: gap %lld along column %lld of x, from %.9g to %.9g, is %.9g where gap 0 "
            "is %.9g; %s",
            s->who, (long long)j, (long long)column + 1, a, b, b - a, first, s->instead);
    }
    *step = (at(s, (count - 1) * stride, column) - at(s, 0, column)) / (double)(count - 1);
    return FQP_OK;
}

/* The next axis: which column, and how many points. */
static fqp_status next_axis(const search *s, bool *used, int64_t stride, int *column, int64_t *count) {
    int changed = 0;
    for (int c = 0; c < s->d; c++)
        if (differ(s, 0, stride, c)) {
            *column = c;
            changed++;
        }
    if (changed != 1 || used[*column])
        return scattered(s, stride);
    used[*column] = true;
    int64_t j = 2;
    for (bool end = false; j * stride < s->n && !end; j += !end)
        for (int c = 0; c < s->d; c++)
            end = end || (!used[c] && differ(s, 0, j * stride, c));
    *count = j * stride < s->n ? j : (s->n + stride - 1) / stride;
    return FQP_OK;
}

/* Every point must be the product of the axes found on the first lines. */
static fqp_status all_points(const search *s, const fqpi_grid *g) {
    int64_t stride = s->n;
    for (int a = 0; a < g->ndim; a++) {
        stride /= g->shape[a];
        for (int64_t row = 0; row < s->n; row++) {
            const int64_t line = row / stride % g->shape[a] * stride;
            const int c = g->column[a];
            if (differ(s, row, line, c))
                return fqpi_fail(
                    s->ctx, FQP_E_SHAPE, s->origin,
                    "%s needs a regular grid: row %lld of x has %.9g in column %d where the grid has %.9g; %s", s->who,
                    (long long)row, at(s, row, c), c + 1, at(s, line, c), s->instead);
        }
    }
    return FQP_OK;
}

static fqp_status find_axes(const search *s, fqpi_grid *g) {
    bool used[FQPI_GRID_MAX] = {false};
    int64_t stride = 1;
    for (int a = g->ndim - 1; a >= 0; a--) {
        if (stride >= s->n)
            return fqpi_fail(s->ctx, FQP_E_SHAPE, s->origin,
                             "%s needs a regular grid: only %d of the %d columns of x change from row to row; %s",
                             s->who, g->ndim - 1 - a, g->ndim, s->instead);
        fqp_status status = next_axis(s, used, stride, &g->column[a], &g->shape[a]);
        if (!status)
            status = equal_gaps(s, g->column[a], stride, g->shape[a], &g->step[a]);
        if (status)
            return status;
        g->period[a] = (double)g->shape[a] * fabs(g->step[a]);
        stride *= g->shape[a];
    }
    if (stride != s->n)
        return fqpi_fail(s->ctx, FQP_E_SHAPE, s->origin,
                         "%s needs a regular grid: %lld points do not fill the grid that the first rows begin; %s",
                         s->who, (long long)s->n, s->instead);
    return all_points(s, g);
}

fqp_status fqpi_grid_find(fqp_ctx *ctx, fqp_view x, const char *who, const char *instead, const fqp_origin *origin,
                          fqpi_grid *out) {
    search s = {.ctx = ctx, .x = x, .n = x.shape[0], .d = x.shape[1], .who = who, .instead = instead, .origin = origin};
    if (s.d < 1 || s.d > FQPI_GRID_MAX)
        return fqpi_fail(ctx, FQP_E_SHAPE, origin, "%s needs a grid of 1 to %d dimensions, x has %lld columns; %s", who,
                         FQPI_GRID_MAX, (long long)s.d, instead);
    if (s.n < 2)
        return fqpi_fail(ctx, FQP_E_SHAPE, origin, "%s needs a grid, there is only %lld point", who, (long long)s.n);
    for (int64_t c = 0; c < s.d; c++)
        measure_column(&s, c);
    fqpi_grid g = {.ndim = (int)s.d, .n = s.n};
    fqp_status status = find_axes(&s, &g);
    if (!status)
        *out = g;
    return status;
}

double fqpi_grid_longest(const fqpi_grid *g) {
    double most = 0;
    for (int a = 0; a < g->ndim; a++)
        most = fmax(most, g->period[a]);
    return most;
}
