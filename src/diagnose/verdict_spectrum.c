/* verdict_spectrum.c - is the residual white, and did the training points resolve the target?
 *
 * White: the cumulated periodogram of noise is a straight line, and its largest distance from one is the measure
 * (Bartlett, An Introduction to Stochastic Processes, 1955; as a size of effect, not as a test: a fit takes away the
 * low frequencies of the noise as well).  A single frequency left over, or a smooth rest, are far from it.
 * Resolved: the share of the held-out target's energy above the Nyquist frequency of the training points. */
#include "fft.h"
#include "grid.h"
#include "mem.h"
#include "verdict_i.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Power of one frequency and where it lies: largest of the axes' fractions of their Nyquist frequency. */
typedef struct tone {
    double place, power;
} tone;

static int by_place(const void *a, const void *b) {
    const double x = ((const tone *)a)->place, y = ((const tone *)b)->place;
    return (x > y) - (x < y);
}

/* A field on a grid, or points of one coordinate in their order, ready to be transformed. */
typedef struct field {
    fqpi_grid grid;
    fqpi_fft *fft;
    int64_t *order; /* [n] of scattered points on a line: their places sorted; NULL: as they are */
    tone *tone;     /* [half] */
    size_t half;
} field;

static void field_free(field *g) {
    fqpi_fft_destroy(g->fft);
    fqpi_free(g->order);
    fqpi_free(g->tone);
}

typedef struct placed {
    double x;
    int64_t i;
} placed;

static int by_x(const void *a, const void *b) {
    const placed *p = a, *q = b;
    return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->i > q->i) - (p->i < q->i);
}

static fqp_status sort_line(fqp_ctx *ctx, fqp_view x, int64_t n, int64_t **out) {
    placed *p = fqpi_alloc(ctx, (size_t)n, sizeof *p);
    *out = fqpi_alloc(ctx, (size_t)n, sizeof **out);
    for (int64_t i = 0; p && *out && i < n; i++)
        p[i] = (placed){fqp_view_at(x, i), i};
    if (p && *out)
        qsort(p, (size_t)n, sizeof *p, by_x);
    for (int64_t i = 0; p && *out && i < n; i++)
        (*out)[i] = p[i].i;
    const bool ok = p && *out;
    fqpi_free(p);
    return ok ? FQP_OK : FQP_E_NOMEM;
}

/* line: points of one coordinate that are no grid are taken in their order, as if equally spaced.  *known: there is
 * something to transform. */
static fqp_status field_open(fqp_ctx *ctx, fqp_view x, int64_t n, int64_t d, bool line, field *g, bool *known) {
    *g = (field){0};
    *known = false;
    if (!x.data || d < 1 || d > FQPI_GRID_MAX || n < 8)
        return FQP_OK;
    if (fqpi_grid_find(NULL, x, "", "", NULL, &g->grid)) {
        if (d > 1 || !line)
            return FQP_OK;
        g->grid = (fqpi_grid){.ndim = 1, .n = n, .shape = {n}, .step = {1}, .period = {(double)n}};
        const fqp_status s = sort_line(ctx, x, n, &g->order);
        if (s)
            return s;
    }
    const fqp_status s = fqpi_fft_create(ctx, g->grid.ndim, g->grid.shape, &g->fft);
    if (s)
        return s;
    g->half = fqpi_fft_half(g->fft);
    g->tone = fqpi_calloc(ctx, g->half, sizeof *g->tone);
    *known = g->tone != NULL;
    return g->tone ? FQP_OK : FQP_E_NOMEM;
}

/* Whole frequency of place i of the transform along every axis. */
static void frequency_at(const fqpi_grid *g, size_t i, int64_t k[FQPI_GRID_MAX]) {
    int64_t rest = (int64_t)i;
    for (int a = g->ndim - 1; a >= 0; a--) {
        const int64_t n = g->shape[a], side = a == g->ndim - 1 ? n / 2 + 1 : n;
        const int64_t at = rest % side;
        k[a] = at > n / 2 ? at - n : at;
        rest /= side;
    }
}

/* Hann window over the whole grid: ends that do not meet make no high frequencies, and a line spreads over one bin to
 * either side only, so that few training points (a low Nyquist frequency) are not blamed for it. */
static double window(const fqpi_grid *g, int64_t j) {
    double w = 1;
    for (int a = g->ndim - 1; a >= 0; a--) {
        const int64_t n = g->shape[a], at = j % n;
        w *= n > 2 ? 0.5 - 0.5 * cos(2 * M_PI * ((double)at + 0.5) / (double)n) : 1;
        j /= n;
    }
    return w;
}

/* Adds the power of column c of a - b (b may be without data), its mean taken off, times weight. */
static void add_power(field *g, fqp_view a, fqp_view b, int64_t m, int64_t c, double weight, bool windowed) {
    double *v = fqpi_fft_field(g->fft), mean = 0;
    const int64_t n = g->grid.n;
    for (int64_t j = 0; j < n; j++) {
        const int64_t i = (g->order ? g->order[j] : j) * m + c;
        v[j] = fqp_view_at(a, i) - (b.data ? fqp_view_at(b, i) : 0);
        mean += v[j] / (double)n;
    }
    for (int64_t j = 0; j < n; j++)
        v[j] = (v[j] - mean) * (windowed ? window(&g->grid, j) : 1);
    const double *Y = fqpi_fft_run(g->fft);
    const int64_t last = g->grid.shape[g->grid.ndim - 1];
    for (size_t i = 0; i < g->half; i++) {
        int64_t k[FQPI_GRID_MAX];
        frequency_at(&g->grid, i, k);
        const int64_t kl = k[g->grid.ndim - 1];
        const double twice = kl == 0 || 2 * kl == last ? 1 : 2; /* k and -k share a place */
        g->tone[i].power += weight * twice * (Y[2 * i] * Y[2 * i] + Y[2 * i + 1] * Y[2 * i + 1]);
    }
}

static double inverse_variance(fqp_view y, int64_t n, int64_t m, int64_t c) {
    double mean = 0, sum = 0;
    for (int64_t i = 0; i < n; i++)
        mean += fqp_view_at(y, i * m + c) / (double)n;
    for (int64_t i = 0; i < n; i++)
        sum += pow(fqp_view_at(y, i * m + c) - mean, 2);
    return sum > 0 ? (double)n / sum : 0;
}

/* ---- colour of the residual ------------------------------------------------------------------------------------ */

static double distance_from_flat(field *g) {
    double all = 0, count = 0, sum = 0, places = 0, worst = 0;
    for (size_t i = 0; i < g->half; i++) {
        int64_t k[FQPI_GRID_MAX];
        frequency_at(&g->grid, i, k);
        double r = 0;
        for (int a = 0; a < g->grid.ndim; a++)
            r = hypot(r, 2 * (double)k[a] / (double)g->grid.shape[a]);
        g->tone[i].place = r;
        all += g->tone[i].power;
        count += r > 0;
    }
    if (!(all > 0) || count < 4)
        return NAN;
    qsort(g->tone, g->half, sizeof *g->tone, by_place);
    for (size_t i = 0; i < g->half; i++) {
        if (!(g->tone[i].place > 0))
            continue;
        worst = fmax(worst, fabs(sum / all - places / count)); /* before the jump, and after it */
        sum += g->tone[i].power;
        places++;
        worst = fmax(worst, fabs(sum / all - places / count));
    }
    return worst;
}

static int64_t nearest(const fqpi_findings *f, int64_t i) {
    int64_t best = -1;
    double least = INFINITY;
    for (int64_t j = 0; j < f->n; j++) {
        double gap = 0;
        for (int64_t a = 0; a < f->d; a++) {
            const double z = fqp_view_at(f->e->train.x, i * f->d + a) - fqp_view_at(f->e->train.x, j * f->d + a);
            gap += z * z;
        }
        if (j != i && gap < least) {
            least = gap;
            best = j;
        }
    }
    return best;
}

/* Scattered points in several dimensions: correlation of the residuals of nearest neighbours (Moran 1950).  weight [m]:
 * of the outputs. */
static double neighbours(const fqpi_findings *f, const double *weight) {
    enum { ASKED = 1000, WORK = 100000000 }; /* coordinates looked at, a tenth of a second */
    const fqp_sampled *s = &f->e->train;
    const int64_t room = WORK / (f->n * f->d) + 1, few = room < ASKED ? room : ASKED, asked = f->n < few ? f->n : few;
    double together = 0, alone = 0;
    for (int64_t q = 0; q < asked; q++) {
        const int64_t i = q * f->n / asked, j = nearest(f, i);
        for (int64_t c = 0; c < f->m && j >= 0; c++) {
            const double a = fqp_view_at(s->last, i * f->m + c) - fqp_view_at(s->y, i * f->m + c);
            const double b = fqp_view_at(s->last, j * f->m + c) - fqp_view_at(s->y, j * f->m + c);
            together += weight[c] * a * b;
            alone += weight[c] * 0.5 * (a * a + b * b);
        }
    }
    return alone > 0 ? fabs(together / alone) : NAN;
}

static fqp_status colour(fqp_ctx *ctx, fqpi_findings *f) {
    const fqp_sampled *s = &f->e->train;
    if (!s->x.data || !s->y.data || !s->last.data || f->n < 8 || f->d > FQPI_GRID_MAX)
        return FQP_OK; /* in many dimensions the nearest neighbour is not near */
    double *weight = fqpi_calloc(ctx, (size_t)f->m, sizeof *weight);
    if (!weight)
        return FQP_E_NOMEM;
    field g;
    const fqp_status st = field_open(ctx, s->x, f->n, f->d, true, &g, &f->whole_spectrum);
    for (int64_t c = 0; c < f->m && !st; c++) {
        weight[c] = inverse_variance(s->y, f->n, f->m, c);
        if (f->whole_spectrum)
            add_power(&g, s->y, s->last, f->m, c, weight[c], false);
    }
    if (!st)
        f->v[FQPI_N_COLOUR] = f->whole_spectrum ? distance_from_flat(&g) : neighbours(f, weight);
    field_free(&g);
    fqpi_free(weight);
    return st;
}

/* ---- resolution of the training points ------------------------------------------------------------------------- */

/* Nyquist frequency of the training points along input a, cycles per unit; of scattered points that of a grid of as
 * many in their box. */
static double nyquist(const fqpi_findings *f, const fqpi_grid *grid, int64_t a) {
    for (int i = 0; i < grid->ndim; i++)
        if (grid->column[i] == a)
            return 0.5 / fabs(grid->step[i]);
    double low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < f->n; i++) {
        low = fmin(low, fqp_view_at(f->e->train.x, i * f->d + a));
        high = fmax(high, fqp_view_at(f->e->train.x, i * f->d + a));
    }
    return 0.5 * pow((double)f->n, 1.0 / (double)f->d) / (high - low);
}

/* Smallest frequency of an axis below which all but 1 % of the energy lies.  bin: room for half the axis and one. */
static double needed(const field *g, int axis, double *bin) {
    int64_t limit = g->grid.shape[axis] / 2;
    double all = 0, above = 0;
    memset(bin, 0, (size_t)(limit + 1) * sizeof *bin);
    for (size_t i = 0; i < g->half; i++) {
        int64_t k[FQPI_GRID_MAX];
        frequency_at(&g->grid, i, k);
        bin[llabs(k[axis])] += g->tone[i].power;
        all += g->tone[i].power;
    }
    while (limit > 0 && above + bin[limit] <= 0.01 * all)
        above += bin[limit--];
    return (double)limit / g->grid.period[axis];
}

static void above_nyquist(fqpi_findings *f, const field *g, const fqpi_grid *train, double *bin) {
    double limit[FQPI_GRID_MAX], all = 0, beyond = 0, worst = 0;
    for (int a = 0; a < g->grid.ndim; a++) {
        limit[a] = nyquist(f, train, g->grid.column[a]);
        if (0.5 / fabs(g->grid.step[a]) < 1.5 * limit[a])
            return; /* held-out points as coarse as the training points know no more */
    }
    for (size_t i = 0; i < g->half; i++) {
        int64_t k[FQPI_GRID_MAX];
        frequency_at(&g->grid, i, k);
        bool over = false;
        for (int a = 0; a < g->grid.ndim; a++)
            over = over || (double)llabs(k[a]) / g->grid.period[a] > limit[a];
        all += g->tone[i].power;
        beyond += over ? g->tone[i].power : 0;
    }
    if (!(all > 0))
        return;
    f->v[FQPI_N_BEYOND] = beyond / all;
    for (int a = 0; a < g->grid.ndim; a++) {
        const double highest = needed(g, a, bin);
        if (a > 0 && highest / limit[a] <= worst)
            continue;
        worst = highest / limit[a];
        f->nyquist = limit[a];
        f->needed_frequency = highest;
        /* 1.1: a frequency exactly at the limit is not resolved */
        f->needed_points = ceil(2.2 * highest * g->grid.period[a]);
    }
}

static fqp_status beyond(fqp_ctx *ctx, fqpi_findings *f) {
    const fqp_sampled *h = &f->e->held;
    field g;
    bool known;
    if (!f->e->train.x.data || !h->x.data || !h->y.data || f->d > FQPI_GRID_MAX)
        return FQP_OK;
    fqp_status s = field_open(ctx, h->x, f->held_n, f->d, false, &g, &known);
    fqpi_grid train = {0};
    double *bin = known ? fqpi_alloc(ctx, (size_t)f->held_n / 2 + 1, sizeof *bin) : NULL;
    if (known && !bin)
        s = FQP_E_NOMEM;
    if (bin) {
        if (fqpi_grid_find(NULL, f->e->train.x, "", "", NULL, &train))
            train = (fqpi_grid){0};
        for (int64_t c = 0; c < f->m; c++)
            add_power(&g, h->y, (fqp_view){0}, f->m, c, inverse_variance(h->y, f->held_n, f->m, c), true);
        above_nyquist(f, &g, &train, bin);
    }
    fqpi_free(bin);
    field_free(&g);
    return s;
}

fqp_status fqpi_find_spectrum(fqp_ctx *ctx, fqpi_findings *f) {
    const fqp_status s = colour(ctx, f);
    return s ? s : beyond(ctx, f);
}
