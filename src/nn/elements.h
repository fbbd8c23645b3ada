/* elements.h - arrays of the model's precision (float or double behind void *) where no kernel verb is called for. */
#ifndef FQPI_ELEMENTS_H
#define FQPI_ELEMENTS_H

#include <fqp/array.h>

/* dst[i] = src[i*stride] as double, and back. */
void fqpi_elem_load(fqp_dtype t, int64_t n, const void *src, int64_t stride, double *dst);
void fqpi_elem_store(fqp_dtype t, int64_t n, const double *src, void *dst, int64_t stride);
void fqpi_elem_scale(fqp_dtype t, int64_t n, double a, void *x); /* x *= a */

static inline size_t fqpi_elem_size(fqp_dtype t) {
    return t == FQP_F32 ? sizeof(float) : sizeof(double);
}
/* Element i of a. */
static inline void *fqpi_elem_at(fqp_dtype t, void *a, int64_t i) {
    return (char *)a + (size_t)i * fqpi_elem_size(t);
}
static inline const void *fqpi_elem_in(fqp_dtype t, const void *a, int64_t i) {
    return (const char *)a + (size_t)i * fqpi_elem_size(t);
}

#endif
