/* npy.c - arrays in NumPy's own format. */
#include "npy.h"
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "os.h"

#include <string.h>

/* ---- reading ------------------------------------------------------------------------------------------ */

/* IEEE 754 binary16 to binary32: exact, with subnormals, infinities and NaN. */
static float half_to_float(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000u) << 16, exponent = h >> 10 & 0x1f, fraction = h & 0x3ffu, bits;
    if (exponent == 0x1f)
        bits = sign | 0x7f800000u | fraction << 13;
    else if (exponent)
        bits = sign | (exponent + 112) << 23 | fraction << 13;
    else {
        float tiny = (float)fraction * 0x1p-24f;
        memcpy(&bits, &tiny, 4);
        bits |= sign;
    }
    float f;
    memcpy(&f, &bits, 4);
    return f;
}

static fqp_status widen_half(fqp_ctx *ctx, const fqp_array *half, fqp_array *out) {
    fqp_status s = fqpi_array_make(ctx, FQP_F32, half->ndim, half->shape, out);
    for (int64_t i = 0, n = s ? 0 : fqp_view_count(fqp_array_view(half)); i < n; i++)
        ((float *)out->data)[i] = half_to_float(((const uint16_t *)half->data)[i]);
    return s;
}

/* Fortran order has shape[0] fastest; walk the result in C order and step through the source. */
static fqp_status to_c_order(fqp_ctx *ctx, const fqp_array *f, fqp_array *out) {
    fqp_status s = fqpi_array_make(ctx, f->dtype, f->ndim, f->shape, out);
    if (s)
        return s;
    size_t size = fqp_dtype_size(f->dtype);
    int64_t stride[FQP_MAX_DIM], index[FQP_MAX_DIM] = {0}, from = 0, n = fqp_view_count(fqp_array_view(f));
    for (int d = 0; d < f->ndim; d++)
        stride[d] = d ? stride[d - 1] * f->shape[d - 1] : 1;
    for (int64_t i = 0; i < n; i++) {
        memcpy((char *)out->data + (size_t)i * size, (const char *)f->data + (size_t)from * size, size);
        for (int d = f->ndim - 1; d >= 0; d--) {
            from += stride[d];
            if (++index[d] < f->shape[d])
                break;
            from -= stride[d] * f->shape[d];
            index[d] = 0;
        }
    }
    return FQP_OK;
}

/* One step of conversion: *a becomes what `step` makes of it. */
static fqp_status becomes(fqp_ctx *ctx, fqp_array *a, fqp_status (*step)(fqp_ctx *, const fqp_array *, fqp_array *)) {
    fqp_array b;
    fqp_status s = step(ctx, a, &b);
    if (s)
        return s;
    fqp_array_free(a);
    *a = b;
    return FQP_OK;
}

fqp_status fqpi_npy_stream_read(fqpi_stream *stream, fqp_array *out) {
    fqpi_npy_header h = {0};
    fqp_array a = {0};
    fqp_status s = fqpi_npy_header_read(stream, &h);
    fqp_dtype stored = h.half ? FQP_U16 : h.dtype;
    if (!s)
        s = fqpi_stream_array(stream, stored, h.ndim, h.shape, true, &a);
    if (s)
        return s;
    int64_t n = fqp_view_count(fqp_array_view(&a));
    if (h.swap)
        fqpi_dtype_swap(a.data, n, stored);
    if (stored == FQP_BOOL)
        for (int64_t i = 0; i < n; i++)
            ((uint8_t *)a.data)[i] = ((uint8_t *)a.data)[i] != 0;
    if (h.half)
        s = becomes(stream->ctx, &a, widen_half);
    if (!s && h.fortran && h.ndim > 1)
        s = becomes(stream->ctx, &a, to_c_order);
    if (s)
        fqp_array_free(&a);
    else
        *out = a;
    return s;
}

fqp_status fqp_npy_read(fqp_ctx *ctx, const char *path, fqp_array *out) {
    if (!path || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_npy_read needs a path and a place for the array");
    fqpi_stream stream;
    fqp_status s = fqpi_stream_open(ctx, path, &stream);
    if (s)
        return s;
    s = fqpi_npy_stream_read(&stream, out);
    fqpi_stream_close(&stream);
    return s;
}

/* ---- writing ------------------------------------------------------------------------------------------- */

fqp_status fqp_npy_write(fqp_ctx *ctx, const char *path, fqp_view v) {
    char head[FQPI_NPY_HEADER_MAX];
    if (!path)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_npy_write needs a path");
    size_t bytes;
    fqp_status s = fqpi_view_check(ctx, v, &bytes);
    if (s)
        return s;
    size_t nhead = fqpi_npy_header_format(v.dtype, v.ndim, v.shape, head);
    return fqpi_os_replace(ctx, path, head, nhead, v.data, bytes);
}
