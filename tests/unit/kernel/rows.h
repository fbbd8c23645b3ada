/* rows.h - helpers to write one test for all precisions: numbers go in and come out as double. */
#ifndef TEST_KERNEL_ROWS_H
#define TEST_KERNEL_ROWS_H

#include "kernel.h"
#include "mem.h"
#include "rng.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FOR_EACH_ROW(K) for (size_t row_ = 0; (K = fqpi_kernel_row(row_)) != NULL; row_++)

static inline const fqpi_kernel *reference_of(const fqpi_kernel *k) {
    return fqpi_kernel_row(k->dtype == FQP_F32 ? 0 : 1);
}

static inline double unit_of(const fqpi_kernel *k) {
    return k->dtype == FQP_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
}

static inline double get(const fqpi_kernel *k, const void *p, int64_t i) {
    return k->dtype == FQP_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

static inline void put(const fqpi_kernel *k, void *p, int64_t i, double x) {
    if (k->dtype == FQP_F32)
        ((float *)p)[i] = (float)x;
    else
        ((double *)p)[i] = x;
}

static inline void *at(const fqpi_kernel *k, void *p, int64_t i) {
    return (char *)p + i * (int64_t)k->elem;
}

static inline int64_t padded(const fqpi_kernel *k, int64_t n) {
    return (n + k->lanes - 1) / k->lanes * k->lanes;
}

static inline void *new_numbers(const fqpi_kernel *k, int64_t n) {
    return fqpi_calloc(NULL, (size_t)n, k->elem);
}

static inline void fill(const fqpi_kernel *k, void *p, int64_t n, double x) {
    for (int64_t i = 0; i < n; i++)
        put(k, p, i, x);
}

/* Normal numbers, the same in both precisions up to rounding. */
static inline void fill_normal(const fqpi_kernel *k, void *p, int64_t n, uint64_t seed) {
    for (int64_t i = 0; i < n; i++)
        put(k, p, i, fqpi_rng_normal(seed, FQPI_STREAM_TEST, (uint64_t)i));
}

static inline void *new_normal(const fqpi_kernel *k, int64_t n, uint64_t seed) {
    void *p = new_numbers(k, n);
    fill_normal(k, p, n, seed);
    return p;
}

static inline void *copy_of(const fqpi_kernel *k, const void *p, int64_t n) {
    void *q = new_numbers(k, n);
    memcpy(q, p, (size_t)n * k->elem);
    return q;
}

/* |a - b| <= tolerance, equal infinities and NaN with NaN included; says where it fails. */
static inline void expect_close(const fqpi_kernel *k, const char *what, double a, double b, double tolerance) {
    if (!(fabs(a - b) <= tolerance) && !(a == b) && !(isnan(a) && isnan(b)))
        fail_msg("%s/%s: %s: got %.17g, expected %.17g, allowed %.3g", k->level, k->dtype == FQP_F32 ? "f32" : "f64",
                 what, a, b, tolerance);
}

#endif
