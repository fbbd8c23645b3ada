/* array.c - element types, views that borrow, arrays that own. */
#include "dtype.h"
#include "fail.h"
#include "mem.h"

#include <complex.h>
#include <stdio.h>
#include <string.h>

/* ---- element types ------------------------------------------------------------------------------ */

#define REAL_LOOPS(T)                                                                                                  \
    static double at_##T(const void *p, int64_t i) {                                                                   \
        return (double)((const T *)p)[i];                                                                              \
    }                                                                                                                  \
    static void f64_##T(const void *from, int64_t n, double *to) {                                                     \
        for (int64_t i = 0; i < n; i++)                                                                                \
            to[i] = (double)((const T *)from)[i];                                                                      \
    }                                                                                                                  \
    static void f32_##T(const void *from, int64_t n, float *to) {                                                      \
        for (int64_t i = 0; i < n; i++)                                                                                \
            to[i] = (float)((const T *)from)[i];                                                                       \
    }

REAL_LOOPS(double)
REAL_LOOPS(float)
REAL_LOOPS(int64_t)
REAL_LOOPS(int32_t)
REAL_LOOPS(int16_t)
REAL_LOOPS(int8_t)
REAL_LOOPS(uint64_t)
REAL_LOOPS(uint32_t)
REAL_LOOPS(uint16_t)
REAL_LOOPS(uint8_t)

static double at_c128(const void *p, int64_t i) {
    return creal(((const double _Complex *)p)[i]);
}

static double at_c64(const void *p, int64_t i) {
    return (double)crealf(((const float _Complex *)p)[i]);
}

#define REAL(T) at_##T, f64_##T, f32_##T
static const fqpi_dtype rows[] = {
    [FQP_F64] = {"f64", 'f', 8, 8, REAL(double)},           [FQP_F32] = {"f32", 'f', 4, 4, REAL(float)},
    [FQP_C128] = {"c128", 'c', 16, 8, at_c128, NULL, NULL}, [FQP_C64] = {"c64", 'c', 8, 4, at_c64, NULL, NULL},
    [FQP_I64] = {"i64", 'i', 8, 8, REAL(int64_t)},          [FQP_I32] = {"i32", 'i', 4, 4, REAL(int32_t)},
    [FQP_I16] = {"i16", 'i', 2, 2, REAL(int16_t)},          [FQP_I8] = {"i8", 'i', 1, 1, REAL(int8_t)},
    [FQP_U64] = {"u64", 'u', 8, 8, REAL(uint64_t)},         [FQP_U32] = {"u32", 'u', 4, 4, REAL(uint32_t)},
    [FQP_U16] = {"u16", 'u', 2, 2, REAL(uint16_t)},         [FQP_U8] = {"u8", 'u', 1, 1, REAL(uint8_t)},
    [FQP_BOOL] = {"bool", 'b', 1, 1, REAL(uint8_t)},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

const fqpi_dtype *fqpi_dtype_row(fqp_dtype t) {
    return (unsigned)t < ROWS ? &rows[t] : NULL;
}

bool fqpi_dtype_find(char npy_kind, int64_t size, fqp_dtype *out) {
    for (int t = 0; t < ROWS; t++)
        if (rows[t].npy_kind == npy_kind && rows[t].size == size) {
            *out = (fqp_dtype)t;
            return true;
        }
    return false;
}

size_t fqp_dtype_size(fqp_dtype t) {
    return (unsigned)t < ROWS ? rows[t].size : 0;
}

const char *fqp_dtype_name(fqp_dtype t) {
    return (unsigned)t < ROWS ? rows[t].name : "?";
}

void fqpi_dtype_swap(void *data, int64_t n, fqp_dtype t) {
    size_t part = rows[t].part;
    if (part == 1)
        return;
    unsigned char *end = (unsigned char *)data + (size_t)n * rows[t].size;
    for (unsigned char *p = data; p < end; p += part)
        for (size_t i = 0, j = part - 1; i < j; i++, j--) {
            unsigned char keep = p[i];
            p[i] = p[j];
            p[j] = keep;
        }
}

/* ---- shapes -------------------------------------------------------------------------------------- */

bool fqpi_shape_count(int ndim, const int64_t *shape, size_t elem, int64_t *count, size_t *bytes) {
    int64_t whole = (int64_t)elem;
    bool empty = false;
    for (int i = 0; i < ndim; i++) {
        if (shape[i] < 0)
            return false;
        if (shape[i] == 0)
            empty = true;
        else if (__builtin_mul_overflow(whole, shape[i], &whole))
            return false;
    }
    *bytes = empty ? 0 : (size_t)whole;
    *count = empty ? 0 : whole / (int64_t)elem;
    return true;
}

const char *fqpi_shape_text(int ndim, const int64_t *shape, char buf[FQPI_SHAPE_SIZE]) {
    size_t n = 0;
    snprintf(buf, FQPI_SHAPE_SIZE, "scalar");
    for (int i = 0; i < ndim && n < FQPI_SHAPE_SIZE - 1; i++) {
        int more = snprintf(buf + n, FQPI_SHAPE_SIZE - n, i ? " x %lld" : "%lld", (long long)shape[i]);
        n += more > 0 ? (size_t)more : 0;
    }
    return buf;
}

/* ---- views ---------------------------------------------------------------------------------------- */

fqp_view fqp_view_1d(const double *data, int64_t n) {
    return (fqp_view){.data = data, .dtype = FQP_F64, .ndim = 1, .shape = {n}};
}

fqp_view fqp_view_2d(const double *data, int64_t r, int64_t c) {
    return (fqp_view){.data = data, .dtype = FQP_F64, .ndim = 2, .shape = {r, c}};
}

fqp_view fqp_view_make(const void *data, fqp_dtype t, int ndim, const int64_t *shape) {
    fqp_view v = {.data = data, .dtype = t, .ndim = ndim};
    if (ndim < 0 || ndim > FQP_MAX_DIM)
        return (fqp_view){.dtype = t, .ndim = 1}; /* empty: there is no such view */
    for (int i = 0; i < ndim; i++)
        v.shape[i] = shape[i];
    return v;
}

int64_t fqp_view_count(fqp_view v) {
    if (!v.data && v.ndim == 0)
        return 0; /* the view of an empty fqp_array, not a scalar */
    int64_t n = 1;
    for (int i = 0; i < v.ndim; i++)
        n *= v.shape[i];
    return n;
}

double fqp_view_at(fqp_view v, int64_t i) {
    return rows[v.dtype].at(v.data, i);
}

/* ---- arrays --------------------------------------------------------------------------------------- */

fqp_status fqpi_array_make(fqp_ctx *ctx, fqp_dtype t, int ndim, const int64_t *shape, fqp_array *out) {
    if (!out || (unsigned)t >= ROWS || (ndim > 0 && !shape))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "an array needs an element type, a shape and a place to go");
    if (ndim < 0 || ndim > FQP_MAX_DIM)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "%d dimensions; an array has at most %d", ndim, FQP_MAX_DIM);
    int64_t count;
    size_t bytes;
    char text[FQPI_SHAPE_SIZE];
    if (!fqpi_shape_count(ndim, shape, rows[t].size, &count, &bytes))
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "shape %s of %s: a dimension is negative or the size overflows",
                         fqpi_shape_text(ndim, shape, text), rows[t].name);
    void *data = fqpi_alloc(ctx, bytes, 1);
    if (!data)
        return FQP_E_NOMEM;
    *out = (fqp_array){.data = data, .dtype = t, .ndim = ndim};
    for (int i = 0; i < ndim; i++)
        out->shape[i] = shape[i];
    return FQP_OK;
}

fqp_status fqpi_view_check(fqp_ctx *ctx, fqp_view v, size_t *bytes) {
    int64_t count = 0;
    char text[FQPI_SHAPE_SIZE];
    if ((unsigned)v.dtype >= ROWS || v.ndim < 0 || v.ndim > FQP_MAX_DIM)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "not an array: element type %d, %d dimensions", (int)v.dtype, v.ndim);
    if (!fqpi_shape_count(v.ndim, v.shape, rows[v.dtype].size, &count, bytes))
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "shape %s of %s: a dimension is negative or the size overflows",
                         fqpi_shape_text(v.ndim, v.shape, text), rows[v.dtype].name);
    if (!v.data && count > 0)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "an array of shape %s without data",
                         fqpi_shape_text(v.ndim, v.shape, text));
    return FQP_OK;
}

fqp_status fqp_array_create(fqp_ctx *ctx, fqp_dtype t, int ndim, const int64_t *shape, fqp_array *out) {
    fqp_status s = fqpi_array_make(ctx, t, ndim, shape, out);
    if (!s)
        memset(out->data, 0, (size_t)fqp_view_count(fqp_array_view(out)) * rows[t].size);
    return s;
}

void fqp_array_free(fqp_array *a) {
    if (!a)
        return;
    fqpi_free(a->data);
    *a = (fqp_array){0};
}

fqp_view fqp_array_view(const fqp_array *a) {
    return fqp_view_make(a->data, a->dtype, a->ndim, a->shape);
}

fqp_status fqp_array_convert(fqp_ctx *ctx, fqp_view v, fqp_dtype t, fqp_array *out) {
    size_t bytes;
    if (!out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_array_convert needs a place for the result");
    fqp_status s = fqpi_view_check(ctx, v, &bytes);
    if (s)
        return s;
    if (t != FQP_F64 && t != FQP_F32)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "arrays are converted to f64 or f32, not to %s", fqp_dtype_name(t));
    if (!rows[v.dtype].to_f64)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "complex values (%s) where real ones are needed", rows[v.dtype].name);
    fqp_array a;
    s = fqpi_array_make(ctx, t, v.ndim, v.shape, &a);
    if (s)
        return s;
    if (t == FQP_F64)
        rows[v.dtype].to_f64(v.data, fqp_view_count(v), a.data);
    else
        rows[v.dtype].to_f32(v.data, fqp_view_count(v), a.data);
    *out = a;
    return FQP_OK;
}
