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
    double *field;                   /* [room ...][2] */
    double *gain[AXES];              /* [side] 1/w_k */
    int64_t *first;                  /* [room_0 + 1] of the points whose first cell is at least this row */
    void *library;                   /* library road */
    /* sum road */
    double *wave[AXES]; /* [side][2] of one point */
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

/* to and from stand on a row of axis a of the transform and of the padded field: the cells of the axes from a on are
 * added, or copied back with the margins. */
static void fold(const fqpi_nufft *f, int a, int64_t step, double *restrict to, const double *restrict from) {
    const int64_t margin = f->taps / 2, inner = a + 1 < f->d ? step / f->cells[a + 1] : 1;
    for (int64_t p = 0; p < f->room[a]; p++) {
        const int64_t g = (p - margin + f->cells[a]) % f->cells[a];
        double *row = to + 2 * g * step;
        const double *padded = from + 2 * p * f->stride[a];
        if (a + 1 < f->d) {
            fold(f, a + 1, inner, row, padded);
            continue;
        }
        row[0] += padded[0];
        row[1] += padded[1];
    }
}

static void unfold(const fqpi_nufft *f, int a, int64_t step, const double *restrict from, double *restrict to) {
    const int64_t margin = f->taps / 2, inner = a + 1 < f->d ? step / f->cells[a + 1] : 1;
    for (int64_t p = 0; p < f->room[a]; p++) {
        const double *row = from + 2 * ((p - margin + f->cells[a]) % f->cells[a]) * step;
        double *padded = to + 2 * p * f->stride[a];
        if (a + 1 < f->d) {
            unfold(f, a + 1, inner, row, padded);
            continue;
        }
        padded[0] = row[0];
        padded[1] = row[1];
    }
}

static int64_t cells_behind(const fqpi_nufft *f, int a) {
    int64_t step = 1;
    for (int b = a + 1; b < f->d; b++)
        step *= f->cells[b];
    return step;
}

/* ---- box ------------------------------------------------------------------------------------------------------------
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
    fold(f, 0, cells_behind(f, 0), field, f->field);
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
    unfold(f, 0, cells_behind(f, 0), field, f->field);
    f->to = c;
    fqpi_team_for(f->ctx, (f->n + POINTS - 1) / POINTS, gather_points, f);
}

/* ---- sums ---------------------------------------------------------------------------------------------------------
 */

/* exp(2 pi i sign k u) of every axis for one point. */
static void fill_waves(fqpi_nufft *f, int64_t j, double sign) {
    for (int a = 0; a < f->d; a++) {
        const int64_t K = f->side[a] / 2;
        double *w = f->wave[a], *sine = w + 2 * f->side[a], *cosine = sine + K + 1;
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

static void add_waves(const fqpi_nufft *f, int a, double re, double im, double **box) {
    const double *w = f->wave[a];
    for (int64_t k = 0; k < f->side[a]; k++) {
        const double r = re * w[2 * k] - im * w[2 * k + 1], i = re * w[2 * k + 1] + im * w[2 * k];
        if (a + 1 < f->d) {
            add_waves(f, a + 1, r, i, box);
        } else {
            (*box)[0] += r;
            (*box)[1] += i;
            *box += 2;
        }
    }
}

static void read_waves(const fqpi_nufft *f, int a, const double **box, double sum[2]) {
    const double *w = f->wave[a];
    sum[0] = sum[1] = 0;
    for (int64_t k = 0; k < f->side[a]; k++) {
        double part[2] = {(*box)[0], (*box)[1]};
        if (a + 1 < f->d)
            read_waves(f, a + 1, box, part);
        else
            *box += 2;
        sum[0] += part[0] * w[2 * k] - part[1] * w[2 * k + 1];
        sum[1] += part[0] * w[2 * k + 1] + part[1] * w[2 * k];
    }
}

void fqpi_nufft_type1(fqpi_nufft *f, const double *c, double *box) {
    if (f->road == FQPI_NUFFT_GRID || f->library) {
        if (f->library)
            fqpi_nufft_library->type1(f->library, c, box);
        else
            grid_type1(f, c, box);
        return;
    }
    memset(box, 0, 2 * (size_t)f->box * sizeof *box);
    for (int64_t j = 0; j < f->n; j++) {
        double *to = box;
        fill_waves(f, j, -1);
        add_waves(f, 0, c[2 * f->index[j]], c[2 * f->index[j] + 1], &to);
    }
}

void fqpi_nufft_type2(fqpi_nufft *f, const double *box, double *c) {
    if (f->road == FQPI_NUFFT_GRID || f->library) {
        if (f->library)
            fqpi_nufft_library->type2(f->library, box, c);
        else
            grid_type2(f, box, c);
        return;
    }
    for (int64_t j = 0; j < f->n; j++) {
        const double *from = box;
        fill_waves(f, j, 1);
        read_waves(f, 0, &from, c + 2 * f->index[j]);
    }
}

/* ---- create, destroy ------------------------------------------------------------------------------------------------
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
    return fqpi_nufft_has_library() ? FQPI_NUFFT_LIBRARY : FQPI_NUFFT_GRID;
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
    for (int a = 0; a < f->d; a++) {
        f->wave[a] = fqpi_alloc(f->ctx, (size_t)(3 * f->side[a] + 2), sizeof *f->wave[a]);
        if (!f->wave[a])
            return FQP_E_NOMEM;
    }
    return FQP_OK;
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

static fqp_status alloc_road(fqpi_nufft *f) {
    if (f->road == FQPI_NUFFT_LIBRARY)
        return fqpi_nufft_has_library() ? FQP_OK : FQP_E_UNSUPPORTED;
    return f->road == FQPI_NUFFT_GRID ? alloc_grid(f) : alloc_sums(f);
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
        s = alloc_road(f);
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
    for (int a = 0; a < AXES; a++) {
        fqpi_free(f->gain[a]);
        fqpi_free(f->wave[a]);
    }
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
