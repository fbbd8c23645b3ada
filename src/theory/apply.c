/* apply.c - a kernel times vectors, without the kernel: rows of it are made, used and forgotten. */
#include "ntk_i.h"

#include "fail.h"
#include "kernel.h"
#include "mem.h"
#include "team.h"

enum { ROWS = 128 };

typedef struct products {
    const fqpi_kernel *kernel;
    int64_t n, count, first;
    const double *row, *v; /* rows of the kernel [][n], vectors [count, n] */
    double *out;           /* [count, n] */
} products;

static void dot_row(void *arg, int64_t i, int member) {
    (void)member;
    const products *p = arg;
    for (int64_t c = 0; c < p->count; c++)
        p->out[c * p->n + p->first + i] = p->kernel->dot(p->n, p->row + i * p->n, p->v + c * p->n);
}

static fqp_status by_rows(const fqp_ntk *k, fqp_view x, int64_t count, const double *v, double *out) {
    const int64_t n = fqp_ntk_rows(k, x.shape[0]);
    double *row = fqpi_alloc(k->ctx, (size_t)(ROWS * n), sizeof *row);
    fqp_status s = row ? FQP_OK : FQP_E_NOMEM;
    products p = {.kernel = fqpi_kernel_get(k->ctx, FQP_F64), .n = n, .count = count, .row = row, .v = v, .out = out};
    for (; p.first < n && !s; p.first += ROWS) {
        const int64_t rows = p.first + ROWS < n ? ROWS : n - p.first;
        s = fqp_ctx_interrupted(k->ctx) ? FQP_E_INTERRUPTED : fqpi_ntk_block(k, x, p.first, rows, n, FQP_F64, row, n);
        if (!s)
            fqpi_team_for(k->ctx, rows, dot_row, &p);
    }
    fqpi_free(row);
    return s;
}

fqp_status fqp_ntk_apply(const fqp_ntk *k, fqp_view x, int64_t count, const double *v, double *out) {
    if (!k)
        return FQP_E_ARG;
    if (!v || !out || count < 1)
        return fqpi_fail(k->ctx, FQP_E_ARG, NULL, "fqp_ntk_apply: at least one vector, and room for the products");
    const fqp_status s = fqpi_ntk_check(k, "fqp_ntk_apply", x);
    return s ? s : (k->kind->apply ? k->kind->apply : by_rows)(k, x, count, v, out);
}
