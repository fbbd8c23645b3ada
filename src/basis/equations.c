/* equations.c - rows of linear operators and of continuity, and their solution. */
#include "fail.h"
#include "lapack.h"
#include "mem.h"
#include "patches.h"

#include <math.h>
#include <string.h>

static const double BYTES_MOST = 2147483648.0;
static const char who[] = "random features";

/* ---- rows -------------------------------------------------------------------------------------------------------- */

fqp_status fqpi_features_grow(fqp_features *f, int64_t n) {
    if (((double)f->rows + (double)n) * (double)f->count * sizeof(double) > BYTES_MOST)
        return fqpi_fail(f->ctx, FQP_E_UNSUPPORTED, NULL,
                         "random features: %lld equations of %lld unknowns are %.1f GiB, more than %.0f",
                         (long long)f->rows + n, (long long)f->count,
                         ((double)f->rows + (double)n) * (double)f->count * sizeof(double) / 0x1p30,
                         BYTES_MOST / 0x1p30);
    if (f->rows + n <= f->room)
        return FQP_OK;
    const int64_t room = f->rows + n > 2 * f->room ? f->rows + n : 2 * f->room;
    double *row = fqpi_resize(f->ctx, f->row, (size_t)(room * f->count), sizeof *row);
    f->row = row ? row : f->row;
    double *value = row ? fqpi_resize(f->ctx, f->value, (size_t)room, sizeof *value) : NULL;
    f->value = value ? value : f->value;
    if (!value)
        return FQP_E_NOMEM;
    f->room = room;
    return FQP_OK;
}

void fqpi_features_take(fqp_features *f, double value, double weight) {
    double *row = f->row + f->rows * f->count, most = 0;
    for (int64_t j = 0; j < f->count; j++)
        most = fmax(most, fabs(row[j]));
    const double scale = most > 0 ? weight / most : 1;
    for (int64_t j = 0; j < f->count; j++)
        row[j] *= scale;
    f->value[f->rows++] = scale * value;
}

fqp_status fqp_features_equations(fqp_features *f, int64_t n, const double *x, size_t terms, const fqp_term *term,
                                  const double *value, double weight) {
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(value[i]))
            return fqpi_fail(f->ctx, FQP_E_DATA, NULL, "%s: the right-hand side of equation %lld is %g", who,
                             (long long)i, value[i]);
    if (!(weight > 0) || !isfinite(weight))
        return fqpi_fail(f->ctx, FQP_E_ARG, NULL, "%s: weight %g must be positive", who, weight);
    fqp_status s = fqpi_features_grow(f, n);
    s = s ? s : fqp_features_rows(f, n, x, terms, term, f->row + f->rows * f->count);
    for (int64_t i = 0; i < n && !s; i++)
        fqpi_features_take(f, value[i], weight);
    return s;
}

/* One equation: derivative q across axis a at x is the same in both patches. */
static void join(fqp_features *f, int64_t below, int64_t above, int64_t a, int q, const double *x, double weight) {
    int order[FQP_FEATURES_AXES] = {0};
    double *row = f->row + f->rows * f->count;
    memset(row, 0, (size_t)f->count * sizeof *row);
    order[a] = q;
    fqpi_features_add(f, below, x, order, 1, row);
    fqpi_features_add(f, above, x, order, -1, row);
    fqpi_features_take(f, 0, weight);
}

/* Place i of the points^(d-1) on the upper border across axis a of the patch at `at`. */
static void border(const fqp_features *f, const int64_t *at, int64_t a, int64_t points, int64_t i, double *x) {
    for (int64_t c = 0; c < f->d; c++) {
        double share = 1;
        if (c != a) {
            share = ((double)(i % points) + 0.5) / (double)points;
            i /= points;
        }
        x[c] = f->lower[c] + ((double)at[c] + share) * f->width[c];
    }
}

static int64_t power(int64_t base, int64_t exponent) {
    int64_t p = 1;
    while (exponent-- > 0)
        p *= base;
    return p;
}

fqp_status fqp_features_continuity(fqp_features *f, int order, int64_t points, double weight) {
    if (order < 0 || order > f->derivatives || points < 1 || !(weight > 0))
        return fqpi_fail(f->ctx, FQP_E_ARG, NULL,
                         "%s: continuity to order %d at %lld points; orders 0 to %d of this activation are served", who,
                         order, (long long)points, f->derivatives);
    if (f->opts.partition == FQP_PARTITION_SMOOTH)
        return FQP_OK;
    const int64_t places = power(points, f->d - 1);
    for (int64_t patch = 0; patch < f->patches; patch++) {
        int64_t at[FQP_FEATURES_AXES], stride = 1;
        fqpi_features_place(f, patch, at);
        for (int64_t a = f->d - 1; a >= 0; stride *= f->along[a--]) {
            if (at[a] == f->along[a] - 1)
                continue;
            const fqp_status s = fqpi_features_grow(f, places * (order + 1));
            if (s)
                return s;
            for (int64_t i = 0; i < places; i++)
                for (int q = 0; q <= order; q++) {
                    double x[FQP_FEATURES_AXES];
                    border(f, at, a, points, i, x);
                    join(f, patch, patch + stride, a, q, x, weight);
                }
        }
    }
    return FQP_OK;
}

int64_t fqp_features_equation_count(const fqp_features *f) {
    return f->rows;
}

void fqp_features_clear(fqp_features *f) {
    f->rows = 0;
}

/* ---- solution ---------------------------------------------------------------------------------------------------- */

/* Column by column, as LAPACK wants them; normal: A^T A and A^T b in their place. */
static void columns(const fqp_features *f, double *a, double *b) {
    for (int64_t j = 0; j < f->count; j++)
        for (int64_t i = 0; i < f->rows; i++)
            a[j * f->rows + i] = f->row[i * f->count + j];
    memcpy(b, f->value, (size_t)f->rows * sizeof *b);
}

static void normal(const fqp_features *f, double *a, double *b) {
    for (int64_t i = 0; i < f->rows; i++) {
        const double *row = f->row + i * f->count;
        for (int64_t p = 0; p < f->count; p++) {
            for (int64_t q = 0; q < f->count && row[p] != 0; q++)
                a[p * f->count + q] += row[p] * row[q];
            b[p] += row[p] * f->value[i];
        }
    }
}

static double residual(const fqp_features *f) {
    double sum = 0;
    for (int64_t i = 0; i < f->rows; i++) {
        double r = -f->value[i];
        for (int64_t j = 0; j < f->count; j++)
            r += f->row[i * f->count + j] * f->coefficient[j];
        sum += r * r;
    }
    return sqrt(sum / (double)f->rows);
}

fqp_status fqp_features_solve(fqp_features *f, fqp_features_solver by, double cutoff, fqp_features_told *told) {
    if (f->rows < 1)
        return fqpi_fail(f->ctx, FQP_E_ARG, NULL, "%s: there are no equations to solve", who);
    fqp_status s = fqpi_lapack_ready(f->ctx, "random features need");
    if (s)
        return s;
    const bool squared = by == FQP_SOLVE_NORMAL;
    const int64_t rows = squared ? f->count : f->rows, lead = rows > f->count ? rows : f->count;
    double *a = fqpi_calloc(f->ctx, (size_t)(rows * f->count), sizeof *a);
    double *b = fqpi_calloc(f->ctx, (size_t)lead, sizeof *b);
    fqpi_least_told least = {0};
    s = a && b ? FQP_OK : FQP_E_NOMEM;
    if (!s) {
        (squared ? normal : columns)(f, a, b);
        s = fqpi_least_squares(f->ctx, who, by == FQP_SOLVE_QR ? FQPI_BY_QR : FQPI_BY_SVD, rows, f->count, a, 1, b,
                               cutoff, &least);
    }
    if (!s)
        memcpy(f->coefficient, b, (size_t)f->count * sizeof *b);
    if (!s && told)
        *told = (fqp_features_told){.equations = f->rows,
                                    .unknowns = f->count,
                                    .rank = least.rank,
                                    .condition = least.largest / least.smallest,
                                    .residual = residual(f)};
    fqpi_free(b);
    fqpi_free(a);
    return s;
}
