/* nufft.c - both types by way of a grid at least twice as fine as the box, the window of spread.h on every axis.
 *
 *   type 1:  b_g = sum_j c_j prod_a phi(g_a - G_a u_ja),   F_k = (FFT b)_k / prod_a w_ka
 *   type 2:  b = FFT^-1 of F_k / prod_a w_ka,              c_j = sum_g b_g prod_a phi(g_a - G_a u_ja)
 * The grid has a margin of `taps` cells on every axis, folded afterwards.  Points are kept in the order of their first
 * cell along axis 0; a member spreads into a slab of that axis and looks at all points that reach into it, in that one
 * order, so a cell is one sum in a fixed order for any number of threads. */
#include "nufft.h"
#include "fft.h"
#include "mem.h"
#include "nufft_other.h"
#include "spread.h"
#include "team.h"

#include <math.h>
#include <string.h>

enum { AXES = FQPI_NUFFT_AXES, LEAST_TAPS = 4, SLAB = 32, POINTS = 512 };
struct fqpi_nufft {
    fqp_ctx *ctx;
    const fqpi_kernel *kernel;
    int d, taps;
    double tolerance;
    int64_t n, box, side[AXES]; /* 2 K + 1 */
    double *u;                  /* [n, d] in [0, 1), in the order of `index` */
    int64_t *index;             /* [n] which point of the caller's it is */
    fqpi_nufft_road road;
    /* grid road */
    fqpi_cfft *fft;
    int64_t cells[AXES], room[AXES]; /* of the transform; with margins */
    int64_t stride[AXES];            /* of the padded field, in complex numbers */
    double *field;                   /* [room ...][2]; of the sum road [parts][box][2] */
    double *gain[AXES];              /* [side] 1/w_k */
    int64_t *first;                  /* [room_0 + 1] of the points whose first cell is at least this row */
    void *library;                   /* library road */
    /* sum road */
    double *wave;           /* [threads, wave_row] of one point each */
    int64_t wave_row, part; /* points of a part */
    bool real;
    /* of the job under way */
    const double *c;
    double *to;
};

/* Where one point reaches: its first cells and windows. */
typedef struct reach {
    int64_t cell[AXES];
    double tap[AXES][FQPI_TAPS];
} reach;

/* ---- places ----------------------------------------------------------------------------------------------------- */

static int64_t first_cell(const fqpi_nufft *f, int a, double u, double *left) {
    *left = ceil(u * (double)f->cells[a] - 0.5 * f->taps);
    return (int64_t)*left + f->taps / 2;
}

static void reach_of(const fqpi_nufft *f, int64_t j, reach *r) {
    const double beta = FQPI_SPREAD_BETA * f->taps, inverse = 2.0 / f->taps;
    for (int a = 0; a < f->d; a++) {
        const double u = f->u[j * f->d + a];
        double left;
        r->cell[a] = first_cell(f, a, u, &left);
        for (int t = 0; t < f->taps; t++) {
            const double z = (left - u * (double)f->cells[a] + t) * inverse, square = 1 - z * z;
            r->tap[a][t] = beta * (sqrt(square > 0 ? square : 0) - 1);
        }
        f->kernel->vexp(f->taps, r->tap[a], r->tap[a]);
    }
}

/* A stable counting sort by the first cell along axis 0. */
static void sort_points(fqpi_nufft *f, const double *u) {
    double left;
    for (int64_t j = 0; j < f->n; j++)
        f->first[first_cell(f, 0, fqpi_spread_turns(1, u[j * f->d]), &left) + 1]++;
    for (int64_t r = 0; r < f->room[0]; r++)
        f->first[r + 1] += f->first[r];
    for (int64_t j = 0; j < f->n; j++) {
        const int64_t at = f->first[first_cell(f, 0, fqpi_spread_turns(1, u[j * f->d]), &left)]++;
        f->index[at] = j;
        for (int a = 0; a < f->d; a++)
            f->u[at * f->d + a] = fqpi_spread_turns(1, u[j * f->d + a]);
    }
    memmove(f->first + 1, f->first, (size_t)f->room[0] * sizeof *f->first); /* from ends back to beginnings */
    f->first[0] = 0;
}

/* ---- spreading and reading ----------------------------------------------------------------------------------------
 */

/* Taps [from, to) of axis a and all of the axes behind it, from the field at g on. */
static void spread(const fqpi_nufft *f, const reach *r, int a, int from, int to, double re, double im,
                   double *restrict g) {
    if (a + 1 < f->d) {
        for (int t = from; t < to; t++)
            spread(f, r, a + 1, 0, f->taps, re * r->tap[a][t], im * r->tap[a][t],
                   g + 2 * (r->cell[a] + t) * f->stride[a]);
        return;
    }
    g += 2 * r->cell[a];
    for (int t = from; t < to; t++) {
        g[2 * t] += re * r->tap[a][t];
        g[2 * t + 1] += im * r->tap[a][t];
    }
}

static void gather(const fqpi_nufft *f, const reach *r, int a, const double *restrict g, double sum[2]) {
    double re = 0, im = 0;
    if (a + 1 == f->d)
        g += 2 * r->cell[a];
    for (int t = 0; t < f->taps; t++) {
        double part[2];
        if (a + 1 < f->d)
            gather(f, r, a + 1, g + 2 * (r->cell[a] + t) * f->stride[a], part);
        const double *z = a + 1 < f->d ? part : g + 2 * t;
        re += z[0] * r->tap[a][t];
        im += z[1] * r->tap[a][t];
    }
    sum[0] = re;
    sum[1] = im;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t slab_rows(const fqpi_nufft *f) {
    return f->d == 1 ? SLAB * SLAB : SLAB;
}

static void spread_slab(void *arg, int64_t slab, int member) {
    (void)member;
    const fqpi_nufft *f = arg;
    const int64_t begin = slab * slab_rows(f), end = smaller(begin + slab_rows(f), f->room[0]);
    memset(f->field + 2 * begin * f->stride[0], 0, 2 * (size_t)((end - begin) * f->stride[0]) * sizeof *f->field);
    for (int64_t j = f->first[larger(begin - f->taps + 1, 0)]; j < f->first[end]; j++) {
        reach r;
        reach_of(f, j, &r);
        const double *c = f->c + 2 * f->index[j];
        spread(f, &r, 0, (int)larger(begin - r.cell[0], 0), (int)smaller(end - r.cell[0], f->taps), c[0], c[1],
               f->field);
    }
}

static void gather_points(void *arg, int64_t part, int member) {
    (void)member;
    const fqpi_nufft *f = arg;
    for (int64_t j = part * POINTS; j < smaller((part + 1) * POINTS, f->n); j++) {
        reach r;
        reach_of(f, j, &r);
        gather(f, &r, 0, f->field, f->to + 2 * f->index[j]);
    }
}

/* ---- margins ------------------------------------------------------------------------------------------------------
 */

/* cells and padded stand on a row of axis a of the transform and of the padded field: what lies there, and along the
 * axes behind, is added to the cells, or (`back`) copied from them with the margins. */
static void fold(const fqpi_nufft *f, int a, int64_t step, double *cells, double *padded, bool back) {
    const int64_t margin = f->taps / 2, inner = a + 1 < f->d ? step / f->cells[a + 1] : 1;
    for (int64_t p = 0; p < f->room[a]; p++) {
        double *cell = cells + 2 * ((p - margin + f->cells[a]) % f->cells[a]) * step,
               *other = padded + 2 * p * f->stride[a];
        if (a + 1 < f->d) {
            fold(f, a + 1, inner, cell, other, back);
            continue;
        }
        for (int part = 0; part < 2; part++) {
            if (back)
                other[part] = cell[part];
            else
                cell[part] += other[part];
        }
    }
}

static int64_t cells_behind(const fqpi_nufft *f, int a) {
    int64_t step = 1;
    for (int b = a + 1; b < f->d; b++)
        step *= f->cells[b];
    return step;
}

/* ---- box ----------------------------------------------------------------------------------------------------------
 */

/* Where coefficient i of the box stands in the transform, and 1/w of it. */
static int64_t place(const fqpi_nufft *f, int64_t i, double *gain) {
    int64_t k[AXES], at = 0;
    *gain = 1;
    for (int a = f->d - 1; a >= 0; a--) {
        k[a] = i % f->side[a];
        i /= f->side[a];
        *gain *= f->gain[a][k[a]];
    }
    for (int a = 0; a < f->d; a++)
        at = at * f->cells[a] + (k[a] - f->side[a] / 2 + f->cells[a]) % f->cells[a];
    return at;
}

static void grid_type1(fqpi_nufft *f, const double *c, double *box) {
    double *field = fqpi_cfft_field(f->fft);
    f->c = c;
    fqpi_team_for(f->ctx, (f->room[0] + slab_rows(f) - 1) / slab_rows(f), spread_slab, f);
    memset(field, 0, 2 * (size_t)(f->cells[0] * cells_behind(f, 0)) * sizeof *field);
    fold(f, 0, cells_behind(f, 0), field, f->field, false);
    fqpi_cfft_run(f->fft, -1);
    for (int64_t i = 0; i < f->box; i++) {
        double gain;
        const int64_t at = place(f, i, &gain);
        box[2 * i] = field[2 * at] * gain;
        box[2 * i + 1] = field[2 * at + 1] * gain;
    }
}

static void grid_type2(fqpi_nufft *f, const double *box, double *c) {
    double *field = fqpi_cfft_field(f->fft);
    memset(field, 0, 2 * (size_t)(f->cells[0] * cells_behind(f, 0)) * sizeof *field);
    for (int64_t i = 0; i < f->box; i++) {
        double gain;
        const int64_t at = place(f, i, &gain);
        field[2 * at] = box[2 * i] * gain;
        field[2 * at + 1] = box[2 * i + 1] * gain;
    }
    fqpi_cfft_run(f->fft, 1);
    fold(f, 0, cells_behind(f, 0), field, f->field, true);
    f->to = c;
    fqpi_team_for(f->ctx, (f->n + POINTS - 1) / POINTS, gather_points, f);
}

/* ---- sums ---------------------------------------------------------------------------------------------------------
 */

/* exp(2 pi i sign k u) of every axis for one point. */
static void fill_waves(const fqpi_nufft *f, int64_t j, double sign, double **wave) {
    for (int a = 0; a < f->d; a++) {
        const int64_t K = f->side[a] / 2;
        double *w = wave[a], *sine = w + 2 * f->side[a], *cosine = sine + K + 1;
        for (int64_t k = 0; k <= K; k++)
            sine[k] = 2 * M_PI * fqpi_spread_turns((double)k, f->u[j * f->d + a]);
        f->kernel->vsincos(K + 1, sine, sine, cosine);
        for (int64_t k = 0; k <= K; k++) {
            w[2 * (K + k)] = w[2 * (K - k)] = cosine[k];
            w[2 * (K + k) + 1] = sign * sine[k];
            w[2 * (K - k) + 1] = -sign * sine[k];
        }
    }
}

static void wave_room(const fqpi_nufft *f, int member, double **wave) {
    wave[0] = f->wave + member * f->wave_row;
    for (int a = 1; a < f->d; a++)
        wave[a] = wave[a - 1] + 3 * f->side[a - 1] + 2;
}

/* Waves `from` on of axis a, all of the axes behind it. */
static double *add_waves(const fqpi_nufft *f, double *const *wave, int a, int64_t from, double re, double im,
                         double *restrict box) {
    const double *restrict w = wave[a];
    if (a + 1 < f->d) {
        for (int64_t k = from; k < f->side[a]; k++)
            box =
                add_waves(f, wave, a + 1, 0, re * w[2 * k] - im * w[2 * k + 1], re * w[2 * k + 1] + im * w[2 * k], box);
        return box;
    }
    for (int64_t k = from; k < f->side[a]; k++) {
        box[2 * (k - from)] += re * w[2 * k] - im * w[2 * k + 1];
        box[2 * (k - from) + 1] += re * w[2 * k + 1] + im * w[2 * k];
    }
    return box + 2 * (f->side[a] - from);
}

static const double *read_waves(const fqpi_nufft *f, double *const *wave, int a, const double *box, double sum[2]) {
    const double *w = wave[a];
    double re = 0, im = 0;
    for (int64_t k = 0; k < f->side[a]; k++) {
        double part[2] = {box[0], box[1]};
        if (a + 1 < f->d)
            box = read_waves(f, wave, a + 1, box, part);
        else
            box += 2;
        re += part[0] * w[2 * k] - part[1] * w[2 * k + 1];
        im += part[0] * w[2 * k + 1] + part[1] * w[2 * k];
    }
    sum[0] = re;
    sum[1] = im;
    return box;
}

/* Coefficients of the part that real strengths need: k_0 >= 0, from the middle of the box on. */
static int64_t half_of(const fqpi_nufft *f) {
    return f->box / f->side[0] * (f->side[0] / 2 + 1);
}

static void sum_part(void *arg, int64_t part, int member) {
    const fqpi_nufft *f = arg;
    double *wave[AXES], *box = f->field + 2 * part * f->box;
    wave_room(f, member, wave);
    memset(box, 0, 2 * (size_t)f->box * sizeof *box);
    for (int64_t j = part * f->part; j < smaller((part + 1) * f->part, f->n); j++) {
        const double *c = f->c + 2 * f->index[j];
        fill_waves(f, j, -1, wave);
        if (f->real)
            add_waves(f, wave, 0, f->side[0] / 2, c[0], 0, box + 2 * (f->box - half_of(f)));
        else
            add_waves(f, wave, 0, 0, c[0], c[1], box);
    }
}

/* Parts of the points by size alone, added in order: the same bits for any number of threads. */
static void sum_type1(fqpi_nufft *f, const double *c, double *box) {
    const int64_t parts = (f->n + f->part - 1) / f->part;
    f->c = c;
    f->real = true;
    for (int64_t j = 0; j < f->n && f->real; j++)
        f->real = c[2 * j + 1] == 0;
    fqpi_team_for(f->ctx, parts, sum_part, f);
    memcpy(box, f->field, 2 * (size_t)f->box * sizeof *box);
    for (int64_t p = 1; p < parts; p++)
        f->kernel->axpy(2 * f->box, 1, f->field + 2 * p * f->box, box);
    for (int64_t i = 0; i < f->box - half_of(f) && f->real; i++) {
        const double *opposite = box + 2 * (f->box - 1 - i);
        box[2 * i] = opposite[0];
        box[2 * i + 1] = -opposite[1];
    }
}

static void read_part(void *arg, int64_t part, int member) {
    const fqpi_nufft *f = arg;
    double *wave[AXES];
    wave_room(f, member, wave);
    for (int64_t j = part * f->part; j < smaller((part + 1) * f->part, f->n); j++) {
        fill_waves(f, j, 1, wave);
        read_waves(f, wave, 0, f->c, f->to + 2 * f->index[j]);
    }
}

static void sum_type2(fqpi_nufft *f, const double *box, double *c) {
    f->c = box;
    f->to = c;
    fqpi_team_for(f->ctx, (f->n + f->part - 1) / f->part, read_part, f);
}

/* ---- roads --------------------------------------------------------------------------------------------------------
 */

void fqpi_nufft_type1(fqpi_nufft *f, const double *c, double *box) {
    if (f->library)
        fqpi_nufft_library->type1(f->library, c, box);
    else if (f->road == FQPI_NUFFT_GRID)
        grid_type1(f, c, box);
    else
        sum_type1(f, c, box);
}

void fqpi_nufft_type2(fqpi_nufft *f, const double *box, double *c) {
    if (f->library)
        fqpi_nufft_library->type2(f->library, box, c);
    else if (f->road == FQPI_NUFFT_GRID)
        grid_type2(f, box, c);
    else
        sum_type2(f, box, c);
}

/* ---- create, destroy ----------------------------------------------------------------------------------------------
 */

/* Which road is quicker, in nanoseconds as measured on one core of a server of 2023: a term of the sums, a cell of the
 * window, a window, a cell of the transform. */
static fqpi_nufft_road quicker(const fqpi_nufft *f) {
    double sums = (double)f->box * 1.3, cells = 1, window = 1, windows = 0;
    for (int a = 0; a < f->d; a++) {
        sums += 4 * (double)f->side[a];
        cells *= (double)f->cells[a];
        window *= f->taps;
        windows += 2 * f->taps;
    }
    const double grid = (double)f->n * (window + windows) + cells * (4 + 2 * log2(cells));
    if ((double)f->n * sums <= grid)
        return FQPI_NUFFT_SUM;
    return fqpi_nufft_library ? FQPI_NUFFT_LIBRARY : FQPI_NUFFT_GRID;
}

static fqp_status alloc_grid(fqpi_nufft *f) {
    int64_t all = 1;
    for (int a = f->d - 1; a >= 0; a--) {
        f->stride[a] = all;
        all *= f->room[a];
        f->gain[a] = fqpi_alloc(f->ctx, (size_t)f->side[a], sizeof *f->gain[a]);
        if (!f->gain[a])
            return FQP_E_NOMEM;
        fqpi_spread_transform(f->kernel, f->taps, f->cells[a], -(f->side[a] / 2), f->side[a], f->gain[a]);
        for (int64_t k = 0; k < f->side[a]; k++)
            f->gain[a][k] = 1 / f->gain[a][k];
    }
    f->field = fqpi_alloc(f->ctx, (size_t)all, 2 * sizeof *f->field);
    return f->field ? fqpi_cfft_create(f->ctx, f->d, f->cells, &f->fft) : FQP_E_NOMEM;
}

static fqp_status alloc_sums(fqpi_nufft *f) {
    enum { LEAST_PART = 512, MOST_PARTS = 64 };
    f->part = larger(LEAST_PART, (f->n + MOST_PARTS - 1) / MOST_PARTS);
    for (int a = 0; a < f->d; a++)
        f->wave_row += 3 * f->side[a] + 2;
    f->wave = fqpi_alloc(f->ctx, (size_t)(fqp_ctx_threads(f->ctx) * f->wave_row), sizeof *f->wave);
    f->field = fqpi_alloc(f->ctx, (size_t)((f->n + f->part - 1) / f->part * f->box), 2 * sizeof *f->field);
    return f->wave && f->field ? FQP_OK : FQP_E_NOMEM;
}

bool fqpi_nufft_has_library(void) {
    return fqpi_nufft_library != NULL;
}

static void measure(fqpi_nufft *f, const int64_t *K, const fqpi_nufft_opts *o) {
    f->tolerance = o && o->tolerance > 0 ? fmin(fmax(o->tolerance, 1e-13), 1e-2) : 1e-12;
    f->taps = (int)smaller(larger((int64_t)ceil(-log10(f->tolerance)) + 2, LEAST_TAPS), FQPI_TAPS);
    f->box = 1;
    for (int a = 0; a < f->d; a++) {
        f->side[a] = 2 * K[a] + 1;
        f->box *= f->side[a];
        f->cells[a] = fqpi_spread_cells(larger(2 * f->side[a], 2 * f->taps));
        f->room[a] = f->cells[a] + f->taps;
    }
    f->road = o && o->road ? o->road : quicker(f);
}

/* It sorts the points by itself: they go back into the caller's order. */
static fqp_status open_library(fqpi_nufft *f) {
    double *u = fqpi_alloc(f->ctx, (size_t)(f->n * f->d), sizeof *u);
    if (!u)
        return FQP_E_NOMEM;
    for (int64_t j = 0; j < f->n; j++)
        memcpy(u + f->index[j] * f->d, f->u + j * f->d, (size_t)f->d * sizeof *u);
    const fqp_status s = fqpi_nufft_library->create(f->ctx, f->d, f->n, u, f->side, f->tolerance, &f->library);
    fqpi_free(u);
    return s;
}

fqp_status fqpi_nufft_create(fqp_ctx *ctx, int d, int64_t n, const double *u, const int64_t *K,
                             const fqpi_nufft_opts *opts, fqpi_nufft **out) {
    fqpi_nufft *f = fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    f->ctx = ctx;
    f->kernel = fqpi_kernel_get(ctx, FQP_F64);
    f->d = d;
    f->n = n;
    measure(f, K, opts);
    f->u = fqpi_alloc(ctx, (size_t)(n * d), sizeof *f->u);
    f->index = fqpi_alloc(ctx, (size_t)n, sizeof *f->index);
    f->first = fqpi_calloc(ctx, (size_t)f->room[0] + 1, sizeof *f->first);
    fqp_status s = f->u && f->index && f->first ? FQP_OK : FQP_E_NOMEM;
    if (!s)
        s = f->road == FQPI_NUFFT_GRID  ? alloc_grid(f)
            : f->road == FQPI_NUFFT_SUM ? alloc_sums(f)
            : fqpi_nufft_library        ? FQP_OK
                                        : FQP_E_UNSUPPORTED;
    if (s) {
        fqpi_nufft_destroy(f);
        return s;
    }
    sort_points(f, u);
    if (f->road == FQPI_NUFFT_LIBRARY)
        s = open_library(f);
    if (s)
        fqpi_nufft_destroy(f);
    else
        *out = f;
    return s;
}

void fqpi_nufft_destroy(fqpi_nufft *f) {
    if (!f)
        return;
    if (f->library)
        fqpi_nufft_library->destroy(f->library);
    fqpi_cfft_destroy(f->fft);
    for (int a = 0; a < AXES; a++)
        fqpi_free(f->gain[a]);
    fqpi_free(f->wave);
    fqpi_free(f->field);
    fqpi_free(f->first);
    fqpi_free(f->index);
    fqpi_free(f->u);
    fqpi_free(f);
}

int64_t fqpi_nufft_box(const fqpi_nufft *f) {
    return f->box;
}
fqpi_nufft_road fqpi_nufft_taken(const fqpi_nufft *f) {
    return f->road;
}
