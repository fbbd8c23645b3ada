/* gauss_filter.c - tiles of point pairs, each worked on once for all widths and for both of its sides.
 *
 * Distances come from inner products of centred points, |x|^2 + |z|^2 - 2 x.z.  Weights are float for many points, double
 * for few; sums over tiles are double.
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

#include <float.h>
#include <math.h>
#include <string.h>

/* Points of one product of panels; a block is up to MOST_STRIPS of them, fewer when there are few points to share. */
enum { STRIP = 48, MOST_STRIPS = FQPI_GAUSS_POINTS / STRIP, MANY_BLOCKS = 16, FEW_POINTS = 2048 };
/* Error of an exponent up to which inner products may be float. */
static const double FLOAT_ERROR = 1e-4;

#define real float
#define NAME(f) f##_f32
#include "gauss_tile.inc"
#undef real
#undef NAME
#define real double
#define NAME(f) f##_f64
#include "gauss_tile.inc"
#undef real
#undef NAME

/* Arrays that end in [lanes] stand in groups of lanes of the weights' precision, as kernel.h has them. */
struct fqpi_smoother {
    fqp_ctx *ctx;
    const fqpi_kernel *dot, *weight; /* precision of inner products and of weights */
    int64_t n, d, m, strips, span, blocks; /* m: samples and a column of ones; span: points of a block */
    size_t nd;
    double *scale;  /* [nd] 1/(2 delta) */
    void *points;   /* [strips, d, STRIP] */
    double *norm;   /* [strips*STRIP] */
    void *y_rows;   /* [strips*STRIP, m], zero beyond n */
    void *y_cols;   /* [strips*STRIP / lanes, m, lanes] */
    double *sum;    /* [nd, strips*STRIP / lanes, m, lanes] */
    char *kept;     /* [tiles, span*span] squared distances, NULL: not kept */
    bool known;     /* kept is filled */
    char *scratch;  /* [threads, scratch_size]: inner products of two strips, squared distances of two blocks */
    size_t scratch_size;
    /* of the job under way */
    fqp_view x;
    const double *mean;
    int64_t round;
    double *low;
};

/* ---- create, destroy --------------------------------------------------------------------------------------- */

static void pack_strip(void *arg, int64_t strip, int member) {
    const fqpi_smoother *f = arg;
    (void)member;
    if (f->dot->dtype == FQP_F32)
        pack_f32(f->dot, f->x, f->mean, strip, f->points, f->norm);
    else
        pack_f64(f->dot, f->x, f->mean, strip, f->points, f->norm);
}

static fqp_status pack_points(fqpi_smoother *f, fqp_dtype dtype) {
    f->dot = fqpi_kernel_get(f->ctx, dtype);
    fqpi_free(f->points);
    f->points = fqpi_alloc(f->ctx, (size_t)(f->strips * STRIP * f->d), f->dot->elem);
    if (!f->points)
        return FQP_E_NOMEM;
    fqpi_team_for(f->ctx, f->strips, pack_strip, f);
    return FQP_OK;
}

/* Inner products in float are wrong by roundings of |x|^2, and an exponent by that much over 2 delta. */
static bool float_will_do(const fqpi_smoother *f) {
    double norm = 0, scale = 0;
    for (int64_t j = 0; j < f->n; j++)
        norm = fmax(norm, f->norm[j]);
    for (size_t i = 0; i < f->nd; i++)
        scale = fmax(scale, f->scale[i]);
    return norm * FLT_EPSILON * 2 * scale <= FLOAT_ERROR;
}

static fqp_status choose_points(fqpi_smoother *f, fqp_view x, size_t room) {
    double *mean = fqpi_alloc(f->ctx, (size_t)f->d, sizeof *mean);
    if (!mean)
        return FQP_E_NOMEM;
    fqpi_column_means(x, mean);
    f->x = x;
    f->mean = mean;
    const bool fits = (size_t)(f->strips * STRIP * f->d) * sizeof(double) <= room,
               few = f->weight->dtype == FQP_F64;
    fqp_status s = pack_points(f, few && fits ? FQP_F64 : FQP_F32);
    if (!s && !few && fits && !float_will_do(f))
        s = pack_points(f, FQP_F64);
    fqpi_free(mean);
    return s;
}

static fqp_status alloc_all(fqpi_smoother *f, size_t most_kept) {
    const size_t padded = (size_t)(f->strips * STRIP), tile = (size_t)(f->span * f->span) * f->weight->elem;
    const size_t kept = (size_t)(f->blocks * (f->blocks + 1) / 2) * tile;
    f->scratch_size = STRIP * STRIP * sizeof(double) + tile;
    f->scale = fqpi_alloc(f->ctx, f->nd, sizeof *f->scale);
    f->norm = fqpi_alloc(f->ctx, padded, sizeof *f->norm);
    f->y_rows = fqpi_calloc(f->ctx, padded * (size_t)f->m, f->weight->elem);
    f->y_cols = fqpi_calloc(f->ctx, padded * (size_t)f->m, f->weight->elem);
    f->sum = fqpi_alloc(f->ctx, f->nd * padded * (size_t)f->m, sizeof *f->sum);
    f->scratch = fqpi_alloc(f->ctx, (size_t)fqp_ctx_threads(f->ctx), f->scratch_size);
    if (!f->scale || !f->norm || !f->y_rows || !f->y_cols || !f->sum || !f->scratch)
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
    f->m = m + 1;
    f->nd = nd;
    f->weight = fqpi_kernel_get(ctx, f->n <= FEW_POINTS ? FQP_F64 : FQP_F32);
    f->strips = (f->n + STRIP - 1) / STRIP;
    const int64_t share = (f->strips + MANY_BLOCKS - 1) / MANY_BLOCKS;
    f->span = STRIP * (share < MOST_STRIPS ? share : MOST_STRIPS);
    f->blocks = (f->strips * STRIP + f->span - 1) / f->span;
    fqp_status s = alloc_all(f, room.distances);
    for (size_t i = 0; !s && i < nd; i++)
        f->scale[i] = 1 / (2 * deltas[i]);
    if (!s)
        s = choose_points(f, x, room.points);
    if (s)
        fqpi_smoother_destroy(f);
    else
        *out = f;
    return s;
}

void fqpi_smoother_destroy(fqpi_smoother *f) {
    if (!f)
        return;
    fqpi_free(f->scale);
    fqpi_free(f->points);
    fqpi_free(f->norm);
    fqpi_free(f->y_rows);
    fqpi_free(f->y_cols);
    fqpi_free(f->sum);
    fqpi_free(f->kept);
    fqpi_free(f->scratch);
    fqpi_free(f);
}

/* ---- one tile ---------------------------------------------------------------------------------------------- */

static char *element(const void *base, int64_t i, size_t elem) {
    return (char *)(uintptr_t)base + (size_t)i * elem;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* Points of a block, rounded up to whole vectors. */
static int64_t points_of(const fqpi_smoother *f, int64_t block) {
    const int64_t lanes = f->weight->lanes;
    return least(f->span, (f->n - block * f->span + lanes - 1) / lanes * lanes);
}

/* A piece of a tile: strips from points i and j, of which rows x cols are looked at. */
static void distances_of_strips(const fqpi_smoother *f, int64_t i, int64_t j, int64_t rows, int64_t cols, void *inner,
                                void *d2, int64_t d2_rows) {
    const size_t elem = f->dot->elem;
    f->dot->gemm(&(fqpi_gemm){.m = rows,
                              .n = cols,
                              .k = f->d,
                              .a = element(f->points, i * f->d, elem),
                              .a_row = 1,
                              .a_col = STRIP,
                              .b = element(f->points, j * f->d, elem),
                              .b_row = STRIP,
                              .c = inner,
                              .c_row = STRIP,
                              .c_panel = true},
                 NULL);
    f->dot->distances(&(fqpi_distances){.rows = rows,
                                        .cols = cols,
                                        .inner = inner,
                                        .inner_row = STRIP,
                                        .norm_rows = f->norm + i,
                                        .norm_cols = f->norm + j,
                                        .to = f->weight->dtype,
                                        .d2 = d2,
                                        .d2_rows = d2_rows});
}

/* Squared distances of blocks I <= J, [cols / lanes, rows, lanes]. */
static void compute_distances(const fqpi_smoother *f, int64_t bi, int64_t bj, void *inner, void *d2) {
    const int64_t rows = points_of(f, bi), cols = points_of(f, bj), lanes = f->weight->lanes;
    for (int64_t i = 0; i < rows; i += STRIP)
        for (int64_t j = 0; j < cols; j += STRIP)
            distances_of_strips(f, bi * f->span + i, bj * f->span + j, least(STRIP, rows - i), least(STRIP, cols - j),
                                inner, element(d2, j * rows + i * lanes, f->weight->elem), rows);
    for (int64_t i = 0; bi == bj && i < rows; i++) /* from a point to itself */
        memset(element(d2, (i / lanes * rows + i) * lanes + i % lanes, f->weight->elem), 0, f->weight->elem);
}

static const void *distances(const fqpi_smoother *f, int64_t bi, int64_t bj, int member) {
    char *inner = f->scratch + (size_t)member * f->scratch_size, *d2 = inner + STRIP * STRIP * sizeof(double);
    if (f->kept)
        d2 = element(f->kept, (bj * (bj + 1) / 2 + bi) * f->span * f->span, f->weight->elem);
    if (!f->known)
        compute_distances(f, bi, bj, inner, d2);
    return d2;
}

static void work_tile(const fqpi_smoother *f, int64_t bi, int64_t bj, int member) {
    const int64_t i = bi * f->span * f->m, j = bj * f->span * f->m;
    fqpi_gauss g = {.rows = points_of(f, bi),
                    .cols = points_of(f, bj),
                    .m = f->m,
                    .d2 = distances(f, bi, bj, member),
                    .y_rows = element(f->y_rows, i, f->weight->elem),
                    .y_cols = element(f->y_cols, j, f->weight->elem)};
    for (size_t w = 0; w < f->nd; w++) {
        double *sum = f->sum + (int64_t)w * f->strips * STRIP * f->m;
        g.scale = f->scale[w];
        g.sum_rows = sum + i;
        g.sum_cols = bi == bj ? NULL : sum + j;
        f->weight->gauss(&g);
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

/* Sums of samples over the sum of ones, for one width. */
static void divide(void *arg, int64_t width, int member) {
    const fqpi_smoother *f = arg;
    const int64_t lanes = f->weight->lanes, m = f->m - 1;
    const double *sum = f->sum + width * f->strips * STRIP * f->m;
    double *low = f->low + width * f->n * m;
    (void)member;
    for (int64_t i = 0; i < f->n; i++) {
        const double *at = sum + i / lanes * lanes * f->m + i % lanes; /* the last is at least 1: the point itself */
        for (int64_t c = 0; c < m; c++)
            low[i * m + c] = at[c * lanes] / at[m * lanes];
    }
}

void fqpi_smoother_run(fqpi_smoother *f, const double *y, double *low) {
    if (f->weight->dtype == FQP_F32)
        fill_samples_f32(f->n, f->m, f->weight->lanes, y, f->y_rows, f->y_cols);
    else
        fill_samples_f64(f->n, f->m, f->weight->lanes, y, f->y_rows, f->y_cols);
    memset(f->sum, 0, f->nd * (size_t)(f->strips * STRIP * f->m) * sizeof *f->sum);
    fqpi_team_for(f->ctx, f->blocks, diagonal_tile, f);
    const int64_t even = f->blocks + f->blocks % 2;
    for (f->round = 0; f->round < even - 1; f->round++)
        fqpi_team_for(f->ctx, even / 2, pair_tile, f);
    f->known = f->kept != NULL;
    f->low = low;
    fqpi_team_for(f->ctx, (int64_t)f->nd, divide, f);
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
