/* elements.c - conversions between the model's precision and double.  Neighbours are worth loops of their own: the
 * compiler turns them into vectors. */
#include "elements.h"

#include <string.h>

static void load_f32(int64_t n, const float *restrict x, int64_t stride, double *restrict dst) {
    if (stride == 1)
        for (int64_t i = 0; i < n; i++)
            dst[i] = (double)x[i];
    else
        for (int64_t i = 0; i < n; i++)
            dst[i] = (double)x[i * stride];
}

static void store_f32(int64_t n, const double *restrict src, float *restrict x, int64_t stride) {
    if (stride == 1)
        for (int64_t i = 0; i < n; i++)
            x[i] = (float)src[i];
    else
        for (int64_t i = 0; i < n; i++)
            x[i * stride] = (float)src[i];
}

void fqpi_elem_load(fqp_dtype t, int64_t n, const void *src, int64_t stride, double *dst) {
    const double *x = src;
    if (t == FQP_F32)
        load_f32(n, src, stride, dst);
    else if (stride == 1 && n > 0) /* nothing may come from no array */
        memcpy(dst, x, (size_t)n * sizeof *x);
    else
        for (int64_t i = 0; i < n; i++)
            dst[i] = x[i * stride];
}

void fqpi_elem_store(fqp_dtype t, int64_t n, const double *src, void *dst, int64_t stride) {
    double *x = dst;
    if (n == 0) /* src may be NULL then */
        return;
    if (t == FQP_F32)
        store_f32(n, src, dst, stride);
    else if (stride == 1)
        memcpy(x, src, (size_t)n * sizeof *x);
    else
        for (int64_t i = 0; i < n; i++)
            x[i * stride] = src[i];
}

void fqpi_elem_scale(fqp_dtype t, int64_t n, double a, void *x) {
    if (t == FQP_F32) {
        float *v = x, f = (float)a;
        for (int64_t i = 0; i < n; i++)
            v[i] *= f;
    } else {
        double *v = x;
        for (int64_t i = 0; i < n; i++)
            v[i] *= a;
    }
}
