/* real.h - reading f32 and f64 views alike. */
#ifndef FQPI_REAL_H
#define FQPI_REAL_H

#include <fqp/array.h>

static inline bool fqpi_is_real(fqp_dtype t) {
    return t == FQP_F64 || t == FQP_F32;
}

/* Flat element i of an f32 or f64 view. */
static inline double fqpi_real_at(fqp_view v, int64_t i) {
    return v.dtype == FQP_F32 ? (double)((const float *)v.data)[i] : ((const double *)v.data)[i];
}

#endif
