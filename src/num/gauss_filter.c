/* gauss_filter.c - tiles of point pairs, each worked on once for all widths and for both of its sides.
 *
 * Distances come from inner products of centred points, |x|^2 + |z|^2 - 2 x.z, in double precision unless the points
 * would take too much room so.  Weights are float for many points, double for few; sums over tiles are double.
 *
 * The weight of (i, j) is that of (j, i), so tile (I, J) also serves block J.  To let threads work side by side without
 * touching the same sums, tiles are taken in the rounds of a tournament: in each round every block meets at most one
 * other.  A block's sums then grow in the order of the rounds: the same bits for any number of threads. */
#include "gauss_filter.h"
#include "fail.h"
#include "kernel.h"
#include "mem.h"
#include "principal.h"
#include "real.h"
#include "team.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = 128, FEW_POINTS = 2048 };

#define real float
#define NAME(f) f##_f32
#define LEAST_EXPONENT -87.0
#include "gauss_tile.inc"
#undef real
#undef NAME
#undef LEAST_EXPONENT
#define real double
#define NAME(f) f##_f64
#define LEAST_EXPONENT -700.0
#include "gauss_tile.inc"
#undef real
#undef NAME
#undef LEAST_EXPONENT

struct fqpi_smoother {
    fqp_ctx *ctx;
    const fqpi_kernel *dot, *weight; /* precision of inner products and of weights */
    int64_t n, d, m, ld, blocks;
    size_t nd;
    double *scale; /* [nd] 1/(2 delta) */
    void *points;  /* [blocks, d, TILE] */
    double *norm;  /* [blocks*TILE] */
    void *panel;   /* [blocks*TILE, ld] samples and a column of ones; zero beyond n */
    double *sum;   /* [nd, n, m+1] */
    char *kept;    /* [tiles, TILE*TILE] squared distances, NULL: not kept */
    bool known;    /* kept is filled */
    char *scratch; /* [threads, scratch_size] */
    size_t scratch_size;
    int64_t round;
};

/* Room of one thread. */
typedef struct bench {
    double *d2;
    void *inner, *distance, *weights, *product;
} bench;

static bench bench_of(const fqpi_smoother *f, int member) {
    char *p = f->scratch + (size_t)member * f->scratch_size;
    const size_t tile = (size_t)TILE * TILE * sizeof(double);
    return (bench){(double *)(void *)p, p + tile, p + 2 * tile, p + 3 * tile, p + 4 * tile};
}

/* ---- create, destroy --------------------------------------------------------------------------------------- */

static fqp_status pack_points(fqpi_smoother *f, fqp_view x) {
    double *mean = fqpi_alloc(f->ctx, (size_t)f->d, sizeof *mean);
    if (!mean)
        return FQP_E_NOMEM;
    fqpi_column_means(x, mean);
    if (f->dot->dtype == FQP_F32)
        pack_f32(x, mean, f->points, f->norm);
    else
        pack_f64(x, mean, f->points, f->norm);
    fqpi_free(mean);
    return FQP_OK;
}

static fqp_status alloc_all(fqpi_smoother *f, size_t most_kept) {
    const size_t rows = (size_t)f->blocks * TILE, tiles = (size_t)f->blocks * ((size_t)f->blocks + 1) / 2;
    const size_t tile = (size_t)TILE * TILE, kept = tiles * tile * f->weight->elem;
    f->scratch_size = (4 * tile + (size_t)(TILE * f->ld)) * sizeof(double);
    f->scale = fqpi_alloc(f->ctx, f->nd, sizeof *f->scale);
    f->points = fqpi_calloc(f->ctx, rows * (size_t)f->d, f->dot->elem);
    f->norm = fqpi_calloc(f->ctx, rows, sizeof *f->norm);
    f->panel = fqpi_calloc(f->ctx, rows * (size_t)f->ld, f->weight->elem);
    f->sum = fqpi_alloc(f->ctx, f->nd * (size_t)(f->n * (f->m + 1)), sizeof *f->sum);
    f->scratch = fqpi_alloc(f->ctx, (size_t)fqp_ctx_threads(f->ctx), f->scratch_size);
    if (!f->scale || !f->points || !f->norm || !f->panel || !f->sum || !f->scratch)
        return FQP_E_NOMEM;
    if (kept <= most_kept && !(f->kept = fqpi_alloc(f->ctx, kept, 1)))
        return FQP_E_NOMEM;
    return FQP_OK;
}

fqp_status fqpi_smoother_create(fqp_ctx *ctx, fqp_view x, int64_t m, const double *deltas, size_t nd,
                                fqpi_smoother_room room, fqpi_smoother **out) {
    fqpi_smoother *f = fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    f->ctx = ctx;
    f->n = x.shape[0];
    f->d = x.shape[1];
    f->m = m;
    f->nd = nd;
    f->blocks = (f->n + TILE - 1) / TILE;
    f->dot = fqpi_kernel_get(ctx, (size_t)f->n * (size_t)f->d * sizeof(double) <= room.points ? FQP_F64 : FQP_F32);
    f->weight = fqpi_kernel_get(ctx, f->n <= FEW_POINTS ? FQP_F64 : FQP_F32);
    f->ld = (m + f->weight->lanes) / f->weight->lanes * f->weight->lanes; /* at least m + 1 */
    fqp_status s = alloc_all(f, room.distances);
    if (!s)
        s = pack_points(f, x);
    if (s) {
        fqpi_smoother_destroy(f);
        return s;
    }
    for (size_t i = 0; i < nd; i++)
        f->scale[i] = 1 / (2 * deltas[i]);
    *out = f;
    return FQP_OK;
}

void fqpi_smoother_destroy(fqpi_smoother *f) {
    if (!f)
        return;
    fqpi_free(f->scale);
    fqpi_free(f->points);
    fqpi_free(f->norm);
    fqpi_free(f->panel);
    fqpi_free(f->sum);
    fqpi_free(f->kept);
    fqpi_free(f->scratch);
    fqpi_free(f);
}

/* ---- one tile ---------------------------------------------------------------------------------------------- */

static char *block_of(const void *base, int64_t block, int64_t size, size_t elem) {
    return (char *)(uintptr_t)base + (size_t)(block * size) * elem;
}

/* Squared distances of blocks I <= J into out, in the precision of the weights. */
static void compute_distances(const fqpi_smoother *f, int64_t bi, int64_t bj, const bench *r, void *out) {
    f->dot->gemm(&(fqpi_gemm){.m = TILE,
                              .n = TILE,
                              .k = f->d,
                              .a = block_of(f->points, bi, f->d * TILE, f->dot->elem),
                              .a_row = 1,
                              .a_col = TILE,
                              .b = block_of(f->points, bj, f->d * TILE, f->dot->elem),
                              .b_row = TILE,
                              .c = r->inner,
                              .c_row = TILE,
                              .c_panel = true},
                 NULL);
    const double *ni = f->norm + bi * TILE, *nj = f->norm + bj * TILE;
    if (f->dot->dtype == FQP_F32)
        square_distances_f32(r->inner, ni, nj, bi == bj, r->d2);
    else
        square_distances_f64(r->inner, ni, nj, bi == bj, r->d2);
    if (f->weight->dtype == FQP_F32)
        narrow_f32(r->d2, out);
    else
        narrow_f64(r->d2, out);
}

static const void *distances(const fqpi_smoother *f, int64_t bi, int64_t bj, const bench *r) {
    if (!f->kept) {
        compute_distances(f, bi, bj, r, r->distance);
        return r->distance;
    }
    void *kept = block_of(f->kept, bj * (bj + 1) / 2 + bi, (int64_t)TILE * TILE, f->weight->elem);
    if (!f->known)
        compute_distances(f, bi, bj, r, kept);
    return kept;
}

/* sums of block `to` += weights (turned when `turn`) times samples of block `from` */
static void add_side(const fqpi_smoother *f, size_t width, int64_t to, int64_t from, bool turn, const bench *r) {
    f->weight->gemm(&(fqpi_gemm){.m = TILE,
                                 .n = f->m + 1,
                                 .k = TILE,
                                 .a = r->weights,
                                 .a_row = turn ? 1 : TILE,
                                 .a_col = turn ? TILE : 1,
                                 .b = block_of(f->panel, from, TILE * f->ld, f->weight->elem),
                                 .b_row = f->ld,
                                 .c = r->product,
                                 .c_row = f->ld,
                                 .c_panel = true},
                    NULL);
    const int64_t rows = f->n - to * TILE < TILE ? f->n - to * TILE : TILE, cols = f->m + 1;
    double *sum = f->sum + ((int64_t)width * f->n + to * TILE) * cols;
    if (f->weight->dtype == FQP_F32)
        gather_f32(rows, cols, r->product, f->ld, sum);
    else
        gather_f64(rows, cols, r->product, f->ld, sum);
}

static void work_tile(const fqpi_smoother *f, int64_t bi, int64_t bj, int member) {
    const bench r = bench_of(f, member);
    const void *d2 = distances(f, bi, bj, &r);
    for (size_t w = 0; w < f->nd; w++) {
        if (f->weight->dtype == FQP_F32)
            exponents_f32(d2, f->scale[w], r.weights);
        else
            exponents_f64(d2, f->scale[w], r.weights);
        f->weight->vexp((int64_t)TILE * TILE, r.weights, r.weights);
        add_side(f, w, bi, bj, false, &r);
        if (bi != bj)
            add_side(f, w, bj, bi, true, &r);
    }
}

/* ---- the tournament ---------------------------------------------------------------------------------------- */

static void diagonal_tile(void *arg, int64_t block, int member) {
    work_tile(arg, block, block, member);
}

/* Meeting `item` of a round among an even number of blocks (circle method); an absent last block means a rest. */
static void pair_tile(void *arg, int64_t item, int member) {
    const fqpi_smoother *f = arg;
    const int64_t turn = f->blocks + f->blocks % 2 - 1; /* blocks that go round; one stays */
    const int64_t a = item == 0 ? turn : (f->round + item) % turn, b = (f->round - item + turn) % turn;
    if (a < f->blocks && b < f->blocks)
        work_tile(f, a < b ? a : b, a < b ? b : a, member);
}

static void divide(const fqpi_smoother *f, double *low) {
    const int64_t rows = (int64_t)f->nd * f->n;
    for (int64_t i = 0; i < rows; i++) {
        const double *sum = f->sum + i * (f->m + 1), weight = sum[f->m]; /* at least 1: the point itself */
        for (int64_t c = 0; c < f->m; c++)
            low[i * f->m + c] = sum[c] / weight;
    }
}

void fqpi_smoother_run(fqpi_smoother *f, const double *y, double *low) {
    if (f->weight->dtype == FQP_F32)
        fill_panel_f32(f->n, f->m, y, f->ld, f->panel);
    else
        fill_panel_f64(f->n, f->m, y, f->ld, f->panel);
    memset(f->sum, 0, f->nd * (size_t)(f->n * (f->m + 1)) * sizeof *f->sum);
    fqpi_team_for(f->ctx, f->blocks, diagonal_tile, f);
    const int64_t even = f->blocks + f->blocks % 2;
    for (f->round = 0; f->round < even - 1; f->round++)
        fqpi_team_for(f->ctx, even / 2, pair_tile, f);
    f->known = f->kept != NULL;
    divide(f, low);
}

fqp_status fqpi_filter(fqp_ctx *ctx, fqp_view x, fqp_view y, const double *deltas, size_t nd, double *low) {
    const int64_t n = x.shape[0], m = y.ndim > 1 ? y.shape[1] : 1;
    if (x.ndim != 2 || y.shape[0] != n || !fqpi_is_real(x.dtype) || !fqpi_is_real(y.dtype))
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "filter: x [n, d] and y [n, m] of real numbers are expected");
    for (size_t i = 0; i < nd; i++)
        if (!(deltas[i] > 0 && isfinite(deltas[i])))
            return fqpi_fail(ctx, FQP_E_ARG, NULL, "filter: width %g is not a positive number", deltas[i]);
    double *field = fqpi_alloc(ctx, (size_t)(n * m), sizeof *field);
    if (!field)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < n * m; i++)
        field[i] = fqpi_real_at(y, i);
    fqpi_smoother *f;
    fqp_status s = fqpi_smoother_create(ctx, x, m, deltas, nd, (fqpi_smoother_room){.points = FQPI_SMOOTHER_BYTES}, &f);
    if (!s) {
        fqpi_smoother_run(f, field, low);
        fqpi_smoother_destroy(f);
    }
    fqpi_free(field);
    return s;
}
