/* nudft.c - Fourier sums over scattered points by way of an equispaced grid (non-uniform FFT of type 1).
 *
 * With K the middle frequency and k = K + q dk, the strengths c_j = y_j exp(-2 pi i K s_j) and places u_j = G (dk s_j
 * mod 1):
 *
 *   sum_j c_j exp(-2 pi i q u_j/G) = sum_g b_g exp(-2 pi i q g/G) / w_q,
 *   b_g = sum_j c_j phi(g - u_j),   w_q = integral of phi(u) cos(2 pi q u/G) du
 *
 * but for an error near rounding, when the grid has G >= 2 count cells and phi, the "exponential of semicircle"
 * exp(beta (sqrt(1 - (2u/taps)^2) - 1)), is 16 cells wide (Dutt & Rokhlin 1993; Barnett, Magland & af Klinteberg, SIAM
 * J. Sci. Comput. 41, C479, 2019).
 *
 * Points are cut into parts by size alone; a part has grids of its own, and these are added in order: the same bits for
 * any number of threads. */
#include "nudft.h"
#include "fft.h"
#include "mem.h"
#include "spread.h"
#include "team.h"

#include <math.h>
#include <string.h>

enum { TAPS = FQPI_TAPS, MARGIN = TAPS / 2, CHUNK = 64, LEAST_PART = 4096, MOST_PARTS = 64 };
static const double BETA = FQPI_SPREAD_BETA * TAPS;

struct fqpi_nudft {
    fqp_ctx *ctx;
    const fqpi_kernel *kernel;
    fqpi_fft *fft;                          /* [grid] */
    int64_t n, m, count, grid, part, parts; /* points of a part */
    double k_middle, dk;
    int32_t *cell;   /* [n] first of TAPS cells, counted from -MARGIN */
    double *tap;     /* [n, TAPS] phi there */
    double *turn;    /* [n, 2] exp(-2 pi i K s) */
    double *gain;    /* [count] 1/(n w_q) */
    int64_t row;     /* 2 m, m real parts and m imaginary ones, rounded up to lanes */
    double *field;   /* [parts, grid + TAPS, row] b */
    double *scratch; /* [threads, CHUNK, row] */
    /* of the job under way */
    const double *s, *y, *shift;
    int64_t y_row;
};

/* ---- create, destroy --------------------------------------------------------------------------------------- */

static double *scratch_of(const fqpi_nudft *f, int member) {
    return f->scratch + member * CHUNK * f->row;
}

/* Cells, taps and turns of `len` points. */
static void place_points(const fqpi_nudft *f, int64_t first, int64_t len, double *room) {
    double *tap = f->tap + first * TAPS, *sine = room, *cosine = room + CHUNK;
    for (int64_t j = 0; j < len; j++) {
        const double u = fqpi_spread_turns(f->dk, f->s[first + j]) * (double)f->grid, left = ceil(u - MARGIN);
        f->cell[first + j] = (int32_t)left + MARGIN;
        for (int t = 0; t < TAPS; t++) {
            const double z = (left - u + t) * (1.0 / MARGIN), square = 1 - z * z;
            tap[j * TAPS + t] = BETA * (sqrt(square > 0 ? square : 0) - 1);
        }
        sine[j] = 2 * M_PI * fqpi_spread_turns(f->k_middle, f->s[first + j]);
    }
    f->kernel->vexp(len * TAPS, tap, tap);
    f->kernel->vsincos(len, sine, sine, cosine);
    for (int64_t j = 0; j < len; j++) {
        f->turn[2 * (first + j)] = cosine[j];
        f->turn[2 * (first + j) + 1] = -sine[j];
    }
}

static void place_part(void *arg, int64_t part, int member) {
    const fqpi_nudft *f = arg;
    const int64_t end = (part + 1) * f->part < f->n ? (part + 1) * f->part : f->n;
    for (int64_t j = part * f->part; j < end; j += CHUNK)
        place_points(f, j, end - j < CHUNK ? end - j : CHUNK, scratch_of(f, member));
}

static void fill_gain(fqpi_nudft *f) {
    fqpi_spread_transform(f->kernel, TAPS, f->grid, -(f->count / 2), f->count, f->gain);
    for (int64_t l = 0; l < f->count; l++)
        f->gain[l] = 1 / (f->gain[l] * (double)f->n);
}

static fqp_status alloc_all(fqpi_nudft *f) {
    const size_t n = (size_t)f->n;
    f->cell = fqpi_alloc(f->ctx, n, sizeof *f->cell);
    f->tap = fqpi_alloc(f->ctx, n * TAPS, sizeof *f->tap);
    f->turn = fqpi_alloc(f->ctx, 2 * n, sizeof *f->turn);
    f->gain = fqpi_alloc(f->ctx, (size_t)f->count, sizeof *f->gain);
    f->field = fqpi_alloc(f->ctx, (size_t)(f->parts * (f->grid + TAPS) * f->row), sizeof *f->field);
    f->scratch = fqpi_calloc(f->ctx, (size_t)(fqp_ctx_threads(f->ctx) * CHUNK * f->row), sizeof *f->scratch);
    if (!f->cell || !f->tap || !f->turn || !f->gain || !f->field || !f->scratch)
        return FQP_E_NOMEM;
    return fqpi_fft_create(f->ctx, 1, &f->grid, &f->fft);
}

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

fqp_status fqpi_nudft_create(fqp_ctx *ctx, int64_t n, const double *s, double k0, double dk, int64_t count, int64_t m,
                             fqpi_nudft **out) {
    fqpi_nudft *f = fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    f->ctx = ctx;
    f->kernel = fqpi_kernel_get(ctx, FQP_F64);
    f->n = n;
    f->m = m;
    f->count = count;
    const int64_t middle = count / 2;
    f->k_middle = k0 + (double)middle * dk;
    f->dk = dk;
    f->grid = fqpi_spread_cells(most(2 * count, 2 * TAPS));
    f->part = most(most(LEAST_PART, f->grid), (n + MOST_PARTS - 1) / MOST_PARTS);
    f->parts = (n + f->part - 1) / f->part;
    f->row = (2 * m + f->kernel->lanes - 1) / f->kernel->lanes * f->kernel->lanes;
    fqp_status status = alloc_all(f);
    if (status) {
        fqpi_nudft_destroy(f);
        return status;
    }
    f->s = s;
    fqpi_team_for(ctx, f->parts, place_part, f);
    fill_gain(f);
    *out = f;
    return FQP_OK;
}

void fqpi_nudft_destroy(fqpi_nudft *f) {
    if (!f)
        return;
    fqpi_fft_destroy(f->fft);
    fqpi_free(f->cell);
    fqpi_free(f->tap);
    fqpi_free(f->turn);
    fqpi_free(f->gain);
    fqpi_free(f->field);
    fqpi_free(f->scratch);
    fqpi_free(f);
}

/* ---- run --------------------------------------------------------------------------------------------------- */

/* Strengths of `len` points: m real parts, m imaginary parts. */
static void fill_strengths(const fqpi_nudft *f, int64_t first, int64_t len, double *restrict v) {
    for (int64_t j = first; j < first + len; j++, v += f->row) {
        const double *y = f->y + j * f->y_row, re = f->turn[2 * j], im = f->turn[2 * j + 1];
        for (int64_t c = 0; c < f->m; c++) {
            const double value = y[c] - f->shift[c];
            v[c] = value * re;
            v[f->m + c] = value * im;
        }
    }
}

static void spread_part(void *arg, int64_t part, int member) {
    const fqpi_nudft *f = arg;
    const int64_t end = (part + 1) * f->part < f->n ? (part + 1) * f->part : f->n, size = (f->grid + TAPS) * f->row;
    double *v = scratch_of(f, member), *field = f->field + part * size;
    memset(field, 0, (size_t)size * sizeof *field);
    for (int64_t j = part * f->part; j < end; j += CHUNK) {
        const int64_t len = end - j < CHUNK ? end - j : CHUNK;
        fill_strengths(f, j, len, v);
        f->kernel->gridding(&(fqpi_gridding){
            .n = len, .cols = f->row, .cell = f->cell + j, .tap = f->tap + j * TAPS, .v = v, .grid = field});
    }
}

/* Transform of one column, the margins folded back onto the circle. */
static const double *transform_column(fqpi_nudft *f, int64_t column) {
    const double *b = f->field + column;
    double *sum = fqpi_fft_field(f->fft);
    for (int64_t g = 0; g < f->grid; g++)
        sum[g] = b[(MARGIN + g) * f->row];
    for (int64_t g = 0; g < MARGIN; g++) {
        sum[f->grid - MARGIN + g] += b[g * f->row];
        sum[g] += b[(MARGIN + f->grid + g) * f->row];
    }
    return fqpi_fft_run(f->fft);
}

/* out += factor times the transform z of a real column, factor = 1 or i. */
static void add_column(const fqpi_nudft *f, const double *z, bool imaginary, int64_t column, double *out) {
    for (int64_t l = 0; l < f->count; l++) {
        const int64_t q = l - f->count / 2;
        bool conj;
        const double *zq = z + 2 * fqpi_fft_index(f->fft, &q, &conj);
        const double re = zq[0] * f->gain[l], im = (conj ? -zq[1] : zq[1]) * f->gain[l];
        double *to = out + 2 * (l * f->m + column);
        if (imaginary) {
            to[0] -= im;
            to[1] += re;
        } else {
            to[0] = re;
            to[1] = im;
        }
    }
}

void fqpi_nudft_run(fqpi_nudft *f, const double *y, int64_t y_row, const double *shift, double *out) {
    f->y = y;
    f->y_row = y_row;
    f->shift = shift;
    fqpi_team_for(f->ctx, f->parts, spread_part, f);
    const int64_t size = (f->grid + TAPS) * f->row;
    for (int64_t p = 1; p < f->parts; p++)
        f->kernel->axpy(size, 1, f->field + p * size, f->field);
    for (int64_t c = 0; c < f->m; c++) {
        add_column(f, transform_column(f, c), false, c, out);
        add_column(f, transform_column(f, f->m + c), true, c, out);
    }
}
