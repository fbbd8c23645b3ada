/* elements.c - conversions between the model's precision and double. */
#include "elements.h"

void fqpi_elem_load(fqp_dtype t, int64_t n, const void *src, int64_t stride, double *dst) {
    if (t == FQP_F32) {
        const float *x = src;
        for (int64_t i = 0; i < n; i++)
            dst[i] = (double)x[i * stride];
    } else {
        const double *x = src;
        for (int64_t i = 0; i < n; i++)
            dst[i] = x[i * stride];
    }
}

void fqpi_elem_store(fqp_dtype t, int64_t n, const double *src, void *dst, int64_t stride) {
    if (t == FQP_F32) {
        float *x = dst;
        for (int64_t i = 0; i < n; i++)
            x[i * stride] = (float)src[i];
    } else {
        double *x = dst;
        for (int64_t i = 0; i < n; i++)
            x[i * stride] = src[i];
    }
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
