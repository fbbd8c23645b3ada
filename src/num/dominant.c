/* dominant.c - power over the frequencies of a half space, pooled over outputs; its largest entry. */
#include "dominant.h"
#include "fail.h"
#include "fft.h"
#include "mem.h"
#include "real.h"

#include <math.h>
#include <stdlib.h>

enum { FEW = 4096 }; /* scattered points that are summed over, evenly taken from more */

/* Power of the half space k_last >= 0 of a box of frequencies, and what one step of k means. */
typedef struct box {
    int d;
    int64_t half[FQPI_GRID_MAX];   /* k_a from -half to half; the last from 0 */
    double period[FQPI_GRID_MAX];  /* frequency k_a / period */
    double spacing[FQPI_GRID_MAX]; /* of points along the axis */
    int column[FQPI_GRID_MAX];
    int64_t count; /* frequencies */
    double *power; /* [count] */
} box;

static int64_t side(const box *b, int a) {
    return a == b->d - 1 ? b->half[a] + 1 : 2 * b->half[a] + 1;
}

static void place(const box *b, int64_t i, int64_t *k) {
    for (int a = b->d - 1; a >= 0; a--) {
        k[a] = i % side(b, a) - (a == b->d - 1 ? 0 : b->half[a]);
        i /= side(b, a);
    }
}

static fqp_status open_box(fqp_ctx *ctx, box *b) {
    b->count = 1;
    for (int a = 0; a < b->d; a++)
        b->count *= side(b, a);
    b->power = fqpi_calloc(ctx, (size_t)b->count, sizeof *b->power);
    return b->power ? FQP_OK : FQP_E_NOMEM;
}

static double mean_of(const double *y, int64_t n, int64_t m, int64_t c) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += y[i * m + c];
    return sum / (double)n;
}

/* ---- grids ------------------------------------------------------------------------------------------------------ */

static fqp_status on_grid(fqp_ctx *ctx, const fqpi_grid *g, int64_t m, const double *y, box *b) {
    fqpi_fft *fft = NULL;
    fqp_status s = fqpi_fft_create(ctx, g->ndim, g->shape, &fft);
    for (int a = 0; a < g->ndim; a++) {
        b->half[a] = g->shape[a] / 2;
        b->period[a] = g->period[a];
        b->spacing[a] = fabs(g->step[a]);
        b->column[a] = g->column[a];
    }
    s = s ? s : open_box(ctx, b);
    for (int64_t c = 0; c < m && !s; c++) {
        const double mean = mean_of(y, g->n, m, c);
        double *field = fqpi_fft_field(fft);
        for (int64_t i = 0; i < g->n; i++)
            field[i] = y[i * m + c] - mean;
        const double *Y = fqpi_fft_run(fft);
        for (int64_t i = 0; i < b->count; i++) {
            int64_t k[FQPI_GRID_MAX];
            bool conj;
            place(b, i, k);
            const double *z = Y + 2 * fqpi_fft_index(fft, k, &conj);
            b->power[i] += z[0] * z[0] + z[1] * z[1];
        }
    }
    fqpi_fft_destroy(fft);
    return s;
}

/* ---- scattered points ------------------------------------------------------------------------------------------- */

/* Waves exp(-2 pi i k x_a/period) of one point along one axis, k = 0 .. half, into w [half + 1][2]. */
static void waves(double turn, int64_t half, double *w) {
    for (int64_t k = 0; k <= half; k++) {
        w[2 * k] = cos(2 * M_PI * (double)k * turn);
        w[2 * k + 1] = -sin(2 * M_PI * (double)k * turn);
    }
}

/* Sum over the points of one output into sum [count][2]; w: waves of every axis, `row` numbers apart. */
static void add_point(const box *b, const double *w, int64_t row, double v, double *sum) {
    for (int64_t i = 0; i < b->count; i++) {
        int64_t k[FQPI_GRID_MAX];
        place(b, i, k);
        double re = v, im = 0;
        for (int a = 0; a < b->d; a++) {
            const double *z = w + a * row + 2 * llabs(k[a]);
            const double zi = k[a] < 0 ? -z[1] : z[1], r = re * z[0] - im * zi;
            im = re * zi + im * z[0];
            re = r;
        }
        sum[2 * i] += re;
        sum[2 * i + 1] += im;
    }
}

/* A box around the points, with the frequencies of a grid of n points in it. */
static void measure(fqp_view x, int64_t n, box *b) {
    const double nodes = fmax(pow((double)n, 1.0 / b->d), 2);
    for (int a = 0; a < b->d; a++) {
        double low = INFINITY, high = -INFINITY;
        for (int64_t i = 0; i < x.shape[0]; i++) {
            const double v = fqpi_real_at(x, i * b->d + a);
            low = fmin(low, v);
            high = fmax(high, v);
        }
        const bool flat = !(high > low); /* every point has this coordinate: no frequency along it */
        b->column[a] = a;
        b->spacing[a] = flat ? 1 : (high - low) / (nodes - 1);
        b->period[a] = nodes * b->spacing[a];
        b->half[a] = flat ? 0 : (int64_t)(nodes / 2);
    }
}

static fqp_status scattered(fqp_ctx *ctx, fqp_view x, int64_t m, const double *y, box *b) {
    const int64_t all = x.shape[0], used = all < FEW ? all : FEW;
    int64_t row = 0;
    measure(x, used, b);
    for (int a = 0; a < b->d; a++)
        row = 2 * (b->half[a] + 1) > row ? 2 * (b->half[a] + 1) : row;
    fqp_status s = open_box(ctx, b);
    double *w = fqpi_calloc(ctx, (size_t)(b->d * row + 2 * b->count), sizeof *w), *sum = w ? w + b->d * row : NULL;
    for (int64_t c = 0; c < m && !s && w; c++) {
        const double mean = mean_of(y, all, m, c);
        for (int64_t i = 0; i < 2 * b->count; i++)
            sum[i] = 0;
        for (int64_t i = 0; i < used; i++) {
            const int64_t at = i * all / used;
            for (int a = 0; a < b->d; a++)
                waves(fqpi_real_at(x, at * b->d + a) / b->period[a], b->half[a], w + a * row);
            add_point(b, w, row, y[at * m + c] - mean, sum);
        }
        for (int64_t i = 0; i < b->count; i++)
            b->power[i] += sum[2 * i] * sum[2 * i] + sum[2 * i + 1] * sum[2 * i + 1];
    }
    fqpi_free(w);
    return s ? s : w ? FQP_OK : FQP_E_NOMEM;
}

/* ---- the largest ------------------------------------------------------------------------------------------------ */

static bool is_zero(const box *b, const int64_t *k) {
    bool zero = true;
    for (int a = 0; a < b->d; a++)
        zero = zero && k[a] == 0;
    return zero;
}

static void largest(const box *b, fqpi_dominant *out) {
    int64_t best = -1, k[FQPI_GRID_MAX];
    double sum = 0;
    for (int64_t i = 0; i < b->count; i++) {
        place(b, i, k);
        if (is_zero(b, k))
            continue;
        sum += b->power[i];
        if (best < 0 || b->power[i] > b->power[best])
            best = i;
    }
    *out = (fqpi_dominant){.per_period = INFINITY};
    if (best < 0 || !(b->power[best] > 0))
        return;
    place(b, best, k);
    for (int a = 0; a < b->d; a++) {
        const double f = (double)k[a] / b->period[a];
        out->frequency[b->column[a]] = f;
        out->size = hypot(out->size, f);
        if (k[a] != 0)
            out->per_period = fmin(out->per_period, 1 / (fabs(f) * b->spacing[a]));
    }
    out->share = b->power[best] / sum;
}

fqp_status fqpi_dominant_find(fqp_ctx *ctx, fqp_view x, int64_t m, const double *y, fqpi_dominant *out) {
    const int64_t d = x.ndim == 2 ? x.shape[1] : 1;
    if (d < 1 || d > FQPI_GRID_MAX)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL,
                         "a dominant frequency is found among those of 1 to %d coordinates, the points have %lld",
                         FQPI_GRID_MAX, (long long)d);
    const fqp_view points = {.data = x.data, .dtype = x.dtype, .ndim = 2, .shape = {x.shape[0], d}};
    fqpi_grid g;
    box b = {.d = (int)d};
    const bool regular = fqpi_grid_find(NULL, points, "", "", NULL, &g) == FQP_OK;
    const fqp_status s = regular ? on_grid(ctx, &g, m, y, &b) : scattered(ctx, points, m, y, &b);
    if (!s)
        largest(&b, out);
    fqpi_free(b.power);
    return s;
}
