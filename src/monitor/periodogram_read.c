/* periodogram_read.c - arrays of any real or complex type become tables, missing values leave, many columns become a
 * coordinate along a direction. */
#include "direction.h"
#include "fail.h"
#include "mem.h"
#include "periodogram_i.h"
#include "principal.h"
#include "real.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_complex(fqp_dtype t) {
    return t == FQP_C128 || t == FQP_C64;
}

/* Number `part` (0 or 1) of flat element i. */
static double number_at(fqp_view v, int64_t i, int64_t part) {
    if (!is_complex(v.dtype))
        return fqpi_real_at(v, i);
    return v.dtype == FQP_C64 ? (double)((const float *)v.data)[2 * i + part] : ((const double *)v.data)[2 * i + part];
}

static fqp_status check_shape(fqp_ctx *ctx, const char *what, bool may_be_complex, fqp_view *v) {
    if (!v->data || !(fqpi_is_real(v->dtype) || (may_be_complex && is_complex(v->dtype))))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "spectrum: %s must hold %s numbers, not %s", what,
                         may_be_complex ? "real (f64, f32) or complex (c128, c64)" : "real (f64, f32)",
                         v->data ? fqp_dtype_name(v->dtype) : "nothing");
    if (v->ndim == 1) {
        v->ndim = 2;
        v->shape[1] = 1;
    }
    if (v->ndim != 2 || v->shape[0] < 1 || v->shape[1] < 1)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "spectrum: %s must be a table [points, columns], it has %d dimensions",
                         what, v->ndim);
    return FQP_OK;
}

static fqp_status check_points(fqp_ctx *ctx, fqp_view x) {
    for (int64_t i = 0; i < fqp_view_count(x); i++)
        if (!isfinite(fqpi_real_at(x, i)))
            return fqpi_fail(ctx, FQP_E_DATA, NULL, "spectrum: element (%lld, %lld) of x is %g",
                             (long long)(i / x.shape[1]), (long long)(i % x.shape[1]), fqpi_real_at(x, i));
    return FQP_OK;
}

/* Is row j there?  What is not finite is missing when it may be, else it is refused. */
static fqp_status check_row(fqpi_samples *s, fqp_view y, int64_t j, bool *there) {
    *there = true;
    for (int64_t c = 0; c < s->columns; c++) {
        const int64_t i = j * s->m + c / (s->columns / s->m);
        const double v = number_at(y, i, c % (s->columns / s->m));
        if (isfinite(v))
            continue;
        if (!(s->opts->skip_nan && isnan(v)))
            return fqpi_fail(s->ctx, FQP_E_DATA, NULL, "spectrum: element (%lld, %lld) of y is %g%s",
                             (long long)(i / s->m), (long long)(i % s->m), v,
                             isnan(v) ? "; points without a value can be left out (skip_nan, --skip-nan)" : "");
        *there = false;
    }
    return FQP_OK;
}

static fqp_status copy_rows(fqpi_samples *s, fqp_view x, fqp_view y) {
    const int64_t parts = s->columns / s->m;
    for (int64_t j = 0; j < x.shape[0]; j++) {
        bool there;
        const fqp_status status = check_row(s, y, j, &there);
        if (status)
            return status;
        if (!there)
            continue;
        for (int64_t a = 0; a < s->d; a++)
            s->x[s->n * s->d + a] = fqpi_real_at(x, j * s->d + a);
        for (int64_t c = 0; c < s->columns; c++)
            s->y[s->n * s->columns + c] = number_at(y, j * s->m + c / parts, c % parts);
        s->n++;
    }
    s->left_out = x.shape[0] - s->n;
    return s->n >= 3 ? FQP_OK
                     : fqpi_fail(s->ctx, FQP_E_SHAPE, NULL, "spectrum: at least 3 points are needed, there are %lld",
                                 (long long)s->n);
}

/* x becomes the coordinate along the direction, which runs from 0 to 1. */
static fqp_status project(fqpi_samples *s, const char *name) {
    const fqp_view x = fqp_view_2d(s->x, s->n, s->d);
    const fqpi_points p = {.ctx = s->ctx, .n = s->n, .d = s->d, .m = s->m, .x = x, .seed = s->opts->seed};
    double *mean = fqpi_calloc(s->ctx, (size_t)(2 * s->d + s->n), sizeof *mean);
    if (!mean)
        return FQP_E_NOMEM;
    double *direction = mean + s->d, *along = direction + s->d;
    fqpi_column_means(x, mean);
    fqp_status status = fqpi_direction_find(&p, "direction", name, s->opts->seed ? s->opts->seed : 1, mean, direction);
    if (!status)
        status = fqpi_direction_coordinate(&p, "spectrum", name, true, mean, direction, along, &s->unit);
    if (!status) {
        memcpy(s->x, along, (size_t)s->n * sizeof *along);
        s->d = 1;
        snprintf(s->direction, sizeof s->direction, "%s", name);
    }
    fqpi_free(mean);
    return status;
}

fqp_status fqpi_samples_read(fqpi_samples *s, fqp_view x, fqp_view y) {
    fqp_status status = check_shape(s->ctx, "x", false, &x);
    if (!status)
        status = check_shape(s->ctx, "y", true, &y);
    if (!status && x.shape[0] != y.shape[0])
        status = fqpi_fail(s->ctx, FQP_E_SHAPE, NULL, "spectrum: x has %lld points, y has %lld", (long long)x.shape[0],
                           (long long)y.shape[0]);
    if (!status)
        status = check_points(s->ctx, x);
    if (status)
        return status;
    s->d = x.shape[1];
    s->m = y.shape[1];
    s->complex_ = is_complex(y.dtype);
    s->columns = s->m * (s->complex_ ? 2 : 1);
    s->unit = 1;
    s->x = fqpi_alloc(s->ctx, (size_t)fqp_view_count(x), sizeof *s->x);
    s->y = fqpi_alloc(s->ctx, (size_t)(x.shape[0] * s->columns), sizeof *s->y);
    s->kept = fqpi_alloc(s->ctx, (size_t)(x.shape[0] * s->columns), sizeof *s->kept);
    if (!s->x || !s->y || !s->kept)
        return FQP_E_NOMEM;
    status = copy_rows(s, x, y);
    const char *direction = s->opts->direction ? s->opts->direction : s->d > FQPI_GRID_MAX ? "pc1" : NULL;
    return status || !direction ? status : project(s, direction);
}

void fqpi_samples_free(fqpi_samples *s) {
    fqpi_harmonic_destroy(s->fit);
    fqpi_free(s->x);
    fqpi_free(s->y);
    fqpi_free(s->u);
    fqpi_free(s->taper);
    fqpi_free(s->weight);
    fqpi_free(s->place);
    fqpi_free(s->room);
    fqpi_free(s->coefficient);
    fqpi_free(s->kept);
    fqpi_free(s->bin);
}
