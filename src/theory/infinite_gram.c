/* infinite_gram.c - matrices of the kernel, and their products with vectors, from tiles that threads take in turn. */
#include "infinite.h"

#include "elements.h"
#include "fail.h"
#include "mem.h"
#include "team.h"

#include <string.h>

enum { GROUP = 8 }; /* tiles side by side that one thread makes in a row */

/* Rows [first, first + rows) of a by columns [0, columns) of b. */
typedef struct job {
    const fqp_ntk *k;
    const fqpi_kernel *kernel;
    const fqpi_wide *a, *b;
    int64_t first, rows, columns;
    fqp_ntk_part part;
    bool symmetric; /* a is b: the lower triangle is made, and mirrored */
    fqp_dtype dtype;
    void *out;
    int64_t ld;
    fqpi_tile *tile; /* of each thread */
    /* products with vectors */
    int64_t count;
    const double *v; /* [columns, padded count] */
    double *product; /* [rows, padded count] */
} job;

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* Across the diagonal: what lies below it, and its mirror image. */
static void write_crossing(const job *q, const fqpi_tile *tile, int64_t i, int64_t rows, int64_t j, int64_t columns) {
    double *out = q->out;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns && j + c <= i + r; c++)
            out[(i + r) * q->ld + j + c] = out[(j + c) * q->ld + i + r] = tile->out[r * FQPI_TILE_COLUMNS + c];
}

static void write_tile(const job *q, fqpi_tile *tile, int64_t i, int64_t rows, int64_t j) {
    const int64_t columns = least(FQPI_TILE_COLUMNS, q->columns - j);
    if (q->symmetric && j + columns > i) {
        write_crossing(q, tile, i, rows, j, columns);
        return;
    }
    for (int64_t r = 0; r < rows; r++)
        fqpi_elem_store(q->dtype, columns, tile->out + r * FQPI_TILE_COLUMNS,
                        fqpi_elem_at(q->dtype, q->out, (i + r) * q->ld + j), 1);
    if (!q->symmetric)
        return;
    q->kernel->transpose(rows, columns, tile->out, FQPI_TILE_COLUMNS, tile->gap, FQPI_TILE_ROWS);
    for (int64_t c = 0; c < columns; c++)
        memcpy((double *)q->out + (j + c) * q->ld + i, tile->gap + c * FQPI_TILE_ROWS, (size_t)rows * sizeof(double));
}

static int64_t groups(const job *q) {
    const int64_t wide = GROUP * FQPI_TILE_COLUMNS;
    return (q->columns + wide - 1) / wide;
}

static void make_group(void *arg, int64_t item, int member) {
    const job *q = arg;
    const int64_t i = item / groups(q) * FQPI_TILE_ROWS, rows = least(FQPI_TILE_ROWS, q->rows - i);
    const int64_t from = item % groups(q) * GROUP * FQPI_TILE_COLUMNS;
    for (int64_t j = from; j < least(q->columns, from + GROUP * FQPI_TILE_COLUMNS); j += FQPI_TILE_COLUMNS) {
        if (q->symmetric && j >= i + rows)
            return;
        fqpi_tile_make(q->kernel, q->k->of, q->a, q->first + i, rows, q->b, j, q->part, &q->tile[member]);
        write_tile(q, &q->tile[member], i, rows, j);
    }
}

static fqp_status run(job *q, int64_t items, void (*body)(void *, int64_t, int)) {
    q->kernel = fqpi_kernel_get(q->k->ctx, FQP_F64);
    q->tile = fqpi_alloc(q->k->ctx, (size_t)fqp_ctx_threads(q->k->ctx), sizeof *q->tile);
    if (!q->tile)
        return FQP_E_NOMEM;
    fqpi_team_for(q->k->ctx, items, body, q);
    fqpi_free(q->tile);
    return FQP_OK;
}

static int64_t row_blocks(const job *q) {
    return (q->rows + FQPI_TILE_ROWS - 1) / FQPI_TILE_ROWS;
}

fqp_status fqpi_infinite_gram(const fqp_ntk *k, fqp_view xa, fqp_view xb, fqp_ntk_part part, double *out) {
    const bool symmetric = !xb.data;
    fqpi_wide a, b;
    fqp_status s = fqpi_wide_make(k->ctx, k->of, xa, symmetric, &a);
    if (s)
        return s;
    s = symmetric ? FQP_OK : fqpi_wide_make(k->ctx, k->of, xb, true, &b);
    fqpi_wide *other = symmetric ? &a : &b;
    const bool made = !s;
    s = s ? s : fqpi_wide_expand(k->ctx, k->of, &a, other);
    if (!s) {
        job q = {.k = k,
                 .a = &a,
                 .b = other,
                 .rows = a.n,
                 .columns = other->n,
                 .part = part,
                 .symmetric = symmetric,
                 .out = out,
                 .ld = other->n};
        s = run(&q, row_blocks(&q) * groups(&q), make_group);
    }
    if (!symmetric && made)
        fqpi_wide_free(&b);
    fqpi_wide_free(&a);
    return s;
}

static fqp_view first_points(fqp_view x, int64_t n) {
    x.shape[0] = n;
    return x;
}

fqp_status fqpi_infinite_block(const fqp_ntk *k, fqp_view x, int64_t first, int64_t nrows, int64_t upto, fqp_dtype t,
                               void *out, int64_t ld) {
    const int64_t past = first + nrows > upto ? first + nrows : upto;
    fqpi_wide p;
    fqp_status s = fqpi_wide_make(k->ctx, k->of, first_points(x, past), true, &p);
    if (s)
        return s;
    job q = {.k = k,
             .a = &p,
             .b = &p,
             .first = first,
             .rows = nrows,
             .columns = upto,
             .part = FQP_NTK_TANGENT,
             .dtype = t,
             .out = out,
             .ld = ld};
    s = fqpi_wide_expand(k->ctx, k->of, &p, &p);
    s = s ? s : run(&q, row_blocks(&q) * groups(&q), make_group);
    fqpi_wide_free(&p);
    return s;
}

/* ---- products with vectors ----------------------------------------------------------------------- */

/* A block of rows: product += K v, tile by tile from left to right. */
static void multiply_rows(void *arg, int64_t item, int member) {
    const job *q = arg;
    fqpi_tile *tile = &q->tile[member];
    const int64_t i = item * FQPI_TILE_ROWS, rows = least(FQPI_TILE_ROWS, q->rows - i);
    for (int64_t j = 0; j < q->columns; j += FQPI_TILE_COLUMNS) {
        fqpi_tile_make(q->kernel, q->k->of, q->a, i, rows, q->b, j, q->part, tile);
        const fqpi_gemm g = {.m = rows,
                             .n = q->ld,
                             .k = least(FQPI_TILE_COLUMNS, q->columns - j),
                             .a = tile->out,
                             .a_row = FQPI_TILE_COLUMNS,
                             .a_col = 1,
                             .b = q->v + j * q->ld,
                             .b_row = q->ld,
                             .c = q->product + i * q->ld,
                             .c_row = q->ld,
                             .c_panel = true,
                             .accumulate = j > 0};
        q->kernel->gemm(&g, NULL);
    }
}

fqp_status fqpi_infinite_apply(const fqp_ntk *k, fqp_view x, int64_t count, const double *v, double *out) {
    const fqpi_kernel *kernel = fqpi_kernel_get(k->ctx, FQP_F64);
    const int64_t n = x.shape[0], ld = (count + kernel->lanes - 1) / kernel->lanes * kernel->lanes;
    fqpi_wide p;
    fqp_status s = fqpi_wide_make(k->ctx, k->of, x, true, &p);
    if (s)
        return s;
    double *turned = fqpi_calloc(k->ctx, 2 * (size_t)(n * ld), sizeof *turned);
    job q = {.k = k, .a = &p, .b = &p, .rows = n, .columns = n, .part = FQP_NTK_TANGENT, .ld = ld, .count = count};
    s = turned ? fqpi_wide_expand(k->ctx, k->of, &p, &p) : FQP_E_NOMEM;
    if (!s) {
        for (int64_t c = 0; c < count; c++)
            for (int64_t i = 0; i < n; i++)
                turned[i * ld + c] = v[c * n + i];
        q.v = turned;
        q.product = turned + n * ld;
        s = run(&q, row_blocks(&q), multiply_rows);
        for (int64_t c = 0; c < count && !s; c++)
            for (int64_t i = 0; i < n; i++)
                out[c * n + i] = q.product[i * ld + c];
    }
    fqpi_free(turned);
    fqpi_wide_free(&p);
    return s;
}
