/* bundle.c - several terms of one graph evaluated together. */
#include "bundle.h"
#include "mem.h"

struct fqpi_bundle {
    fqpi_program program;
    int n;
    int result[]; /* [n] their terms in the program */
};

fqp_status fqpi_bundle_create(fqp_ctx *ctx, const fqpi_graph *g, int n, const int *root, fqpi_bundle **out) {
    fqpi_bundle *b = fqpi_calloc(ctx, 1, sizeof *b + (size_t)n * sizeof *b->result);
    if (!b)
        return FQP_E_NOMEM;
    b->n = n;
    fqp_status status = n > 0 ? fqpi_program_build_all(ctx, g, n, root, &b->program, b->result) : FQP_OK;
    if (status)
        fqpi_free(b);
    else
        *out = b;
    return status;
}

void fqpi_bundle_destroy(fqpi_bundle *b) {
    if (!b)
        return;
    fqpi_program_free(&b->program);
    fqpi_free(b);
}

static void put(const fqpi_run *r, const fqpi_bundle *b, int64_t first, int m, const fqpi_result *out) {
    for (int k = 0; k < b->n; k++) {
        const double *restrict v = r->value[b->result[k]];
        const int64_t stride = out[k].stride;
        double *restrict y = out[k].at ? out[k].at + first * stride : NULL;
        for (int i = 0; y && i < m; i++)
            y[i * stride] = v[i];
    }
}

enum { STACK = 32 * 1024 };

fqp_status fqpi_bundle_eval(fqp_ctx *ctx, const fqpi_bundle *b, int64_t n, const fqpi_column *column,
                            const double *parameters, const fqpi_result *out) {
    _Alignas(64) char stack[STACK];
    fqpi_run r;
    if (n == 0 || b->n == 0)
        return FQP_OK;
    fqp_status status = fqpi_run_start(&r, ctx, &b->program, n, parameters, false, stack, sizeof stack);
    for (int64_t i = 0; !status && i < n; i += r.width) {
        int m = n - i < r.width ? (int)(n - i) : r.width;
        fqpi_run_columns(&r, m, i, column);
        put(&r, b, i, m, out);
    }
    fqpi_run_end(&r);
    return status;
}
