/* harness.h - what every fuzz harness does with one input: read it, and insist that the reader either gives an array
 * whose every element can be looked at, or says why not. */
#ifndef FQP_FUZZ_HARNESS_H
#define FQP_FUZZ_HARNESS_H

#include <fqp/array.h>
#include <stdlib.h>

#include "readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline fqp_ctx *fuzz_context(void) {
    fqp_ctx *ctx = NULL;
    if (fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK)
        abort();
    return ctx;
}

/* abort() is how a fuzzer is told. */
static inline void fuzz_check(const fqp_ctx *ctx, fqp_status s, fqp_array *a) {
    bool said = fqp_ctx_problem_count(ctx) > 0;
    if (s != FQP_OK && (!said || a->data || (s != FQP_E_DATA && s != FQP_E_NOMEM)))
        abort();
    if (s == FQP_OK && (said || !a->data || a->ndim < 0 || a->ndim > FQP_MAX_DIM))
        abort();
    double sum = 0;
    for (int64_t i = 0, n = s ? 0 : fqp_view_count(fqp_array_view(a)); i < n; i++)
        sum += fqp_view_at(fqp_array_view(a), i);
    volatile double keep = sum; /* so that every element is really read */
    (void)keep;
    fqp_array_free(a);
}

static inline int fuzz_reader(const fqpi_reader *reader, const uint8_t *data, size_t size) {
    fqp_ctx *ctx = fuzz_context();
    fqpi_stream s;
    fqp_array a = {0};
    fqpi_stream_memory(ctx, "input", data, size, &s);
    fqp_status status = reader->read(&s, &a);
    fuzz_check(ctx, status, &a);
    fqpi_stream_close(&s);
    fqp_ctx_destroy(ctx);
    return 0;
}

#endif
