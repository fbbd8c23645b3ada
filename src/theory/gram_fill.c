/* gram_fill.c - a kernel at all pairs of points, some rows at a time: progress is shown, and work can be stopped, from
 * block to block.  How far two kernels are apart. */
#include "gram_i.h"
#include "ntk_i.h"

#include "elements.h"
#include "fail.h"
#include "mem.h"
#include "team.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_BYTES = 64 << 20, BLOCK_LEAST = 256 }; /* rows of the matrix that are filled in one go */

static fqp_view rows_of(fqp_view x, int64_t first, int64_t n) {
    const int64_t d = x.ndim == 2 ? x.shape[1] : 1;
    return fqp_view_make(fqpi_elem_in(x.dtype, x.data, first * d), x.dtype, 2, (int64_t[]){n, d});
}

/* Of kinds that only know f64 rows without gaps. */
static fqp_status block_by_gram(const fqp_ntk *k, fqp_view x, int64_t first, int64_t n, int64_t upto, fqp_dtype t,
                                void *out, int64_t ld) {
    double *room = fqpi_alloc(k->ctx, (size_t)(n * upto), sizeof *room);
    if (!room)
        return FQP_E_NOMEM;
    const fqp_status s = k->kind->gram(k, rows_of(x, first, n), rows_of(x, 0, upto), FQP_NTK_TANGENT, room);
    for (int64_t i = 0; i < n && !s; i++)
        fqpi_elem_store(t, upto, room + i * upto, fqpi_elem_at(t, out, i * ld), 1);
    fqpi_free(room);
    return s;
}

fqp_status fqpi_ntk_block(const fqp_ntk *k, fqp_view x, int64_t first, int64_t n, int64_t upto, fqp_dtype t, void *out,
                          int64_t ld) {
    return (k->kind->block ? k->kind->block : block_by_gram)(k, x, first, n, upto, t, out, ld);
}

static fqp_status fill_by_blocks(fqp_gram *g, const fqp_ntk *k, fqp_view x) {
    const int64_t n = g->rows, fit = BLOCK_BYTES / (n * (int64_t)fqp_dtype_size(g->dtype));
    const int64_t block = fit > BLOCK_LEAST ? fit : BLOCK_LEAST;
    fqpi_progress p;
    fqpi_progress_begin(&p, g->ctx, "kernel", "entries", 0.5 * (double)n * (double)n);
    for (int64_t first = 0; first < n; first += block) {
        const int64_t rows = first + block < n ? block : n - first, past = first + rows;
        if (fqp_ctx_interrupted(g->ctx))
            return FQP_E_INTERRUPTED;
        const fqp_status s = fqpi_ntk_block(k, x, first, rows, past, g->dtype, fqpi_gram_at(g, first, 0), n);
        if (s)
            return s;
        fqpi_gram_mirror(g, first, rows);
        fqpi_gram_release(g);
        if (fqpi_progress_due(&p) || past == n)
            fqpi_progress_report(&p, 0.5 * (double)past * (double)past, NULL);
    }
    return FQP_OK;
}

fqp_status fqp_gram_of(const fqp_ntk *k, fqp_view x, const fqp_gram_opts *opts, fqp_gram **out) {
    if (!k || !out)
        return FQP_E_ARG;
    fqp_gram *g = NULL;
    char what[64];
    fqp_status s = fqpi_ntk_check(k, "fqp_gram_of", x);
    if (s)
        return s;
    snprintf(what, sizeof what, "the kernel of %lld points", (long long)x.shape[0]);
    s = fqpi_gram_open(k->ctx, what, fqp_ntk_rows(k, x.shape[0]), opts, &g);
    s = s ? s : k->kind->fill ? k->kind->fill(k, x, g) : fill_by_blocks(g, k, x);
    s = s ? s : fqpi_gram_keep(g);
    if (s)
        fqp_gram_destroy(g);
    else
        *out = g;
    return s;
}

/* ---- distance ------------------------------------------------------------------------------------ */

typedef struct compared {
    const fqp_gram *a, *b;
    double *difference, *size; /* [rows] sums of squares; a row is summed by one thread */
} compared;

static void compare_row(void *arg, int64_t i, int member) {
    (void)member;
    const compared *c = arg;
    double difference = 0, size = 0;
    for (int64_t j = 0; j < c->a->rows; j++) {
        double a, b;
        fqpi_elem_load(c->a->dtype, 1, fqpi_gram_at(c->a, i, j), 1, &a);
        fqpi_elem_load(c->b->dtype, 1, fqpi_gram_at(c->b, i, j), 1, &b);
        difference += (a - b) * (a - b);
        size += b * b;
    }
    c->difference[i] = difference;
    c->size[i] = size;
}

fqp_status fqp_gram_distance(const fqp_gram *a, const fqp_gram *b, double *out) {
    if (!a || !b || !out)
        return FQP_E_ARG;
    if (a->rows != b->rows)
        return fqpi_fail(a->ctx, FQP_E_SHAPE, NULL, "kernels of %lld and %lld rows cannot be compared",
                         (long long)a->rows, (long long)b->rows);
    double *sums = fqpi_alloc(a->ctx, 2 * (size_t)a->rows, sizeof *sums), difference = 0, size = 0;
    if (!sums)
        return FQP_E_NOMEM;
    compared c = {.a = a, .b = b, .difference = sums, .size = sums + a->rows};
    fqpi_team_for(a->ctx, a->rows, compare_row, &c);
    for (int64_t i = 0; i < a->rows; i++) {
        difference += c.difference[i];
        size += c.size[i];
    }
    fqpi_free(sums);
    if (size == 0)
        return fqpi_fail(a->ctx, FQP_E_DATA, NULL, "the kernel to compare with is zero: no distance relative to it");
    *out = sqrt(difference / size);
    return FQP_OK;
}
