/* points.h - what the tests of num share: views, a context, and repeatable numbers. */
#ifndef FQP_TEST_POINTS_H
#define FQP_TEST_POINTS_H

#include "rng.h"
#include "support.h"

#include <fqp/array.h>
#include <stdlib.h>

static inline fqp_ctx *open_ctx(int threads) {
    fqp_ctx *ctx = NULL;
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = threads}, &ctx), FQP_OK);
    return ctx;
}

static inline fqp_view table(const double *v, int64_t rows, int64_t cols) {
    return (fqp_view){.data = v, .dtype = FQP_F64, .ndim = 2, .shape = {rows, cols}};
}

/* count normal numbers; release with free. */
static inline double *normals(uint64_t seed, size_t count) {
    double *v = malloc(count * sizeof *v);
    for (size_t i = 0; i < count; i++)
        v[i] = fqpi_rng_normal(seed, FQPI_STREAM_TEST, i);
    return v;
}

#endif
