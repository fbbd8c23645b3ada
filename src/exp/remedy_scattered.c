/* remedy_scattered.c - the band of scattered points in two or three dimensions.
 *
 * On a lattice of wave vectors P(k) = |sum_j (y_j - mean) exp(-2 pi i k.x_j)|^2/n^2, summed over outputs.  Independent
 * points give every P the mean var(y)/n and an exponential law whatever the target is (Scargle 1982), so that among M
 * vectors none exceeds var(y)/n ln(M/0.01) by chance but once in a hundred: what does is a wave.  Sums along one axis
 * alone would not see a wave that runs across the axes. */
#include "fail.h"
#include "mem.h"
#include "real.h"
#include "remedy_i.h"
#include "rng.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>

static const double PI = 3.14159265358979323846;
static const double CHANCE = 0.01;
static const double TAIL = 0.02; /* of the energy beyond the edge of the band */
enum { POINTS = 4096, WORK = 60000000 };

typedef struct lattice {
    int d;
    int64_t n;                            /* points used */
    double step[FQP_FACTS_AXES];          /* cycles per unit */
    int64_t half[FQP_FACTS_AXES];         /* indices -half .. half; along the first axis 0 .. half */
    int64_t count, row;                   /* wave vectors; those of one index of the first axis */
    double complex *turn[FQP_FACTS_AXES]; /* [n, 2 half + 1] exp(-2 pi i k x), the first axis [n, half + 1] */
    double *power;                        /* [count] */
} lattice;

static int64_t index_of(const lattice *l, int64_t i, int a) {
    for (int b = l->d - 1; b > a; b--)
        i /= 2 * l->half[b] + 1;
    return a ? i % (2 * l->half[a] + 1) - l->half[a] : i;
}

/* Half a wave over the box apart, or more where that would be too much work. */
static void size_up(const fqp_facts *f, lattice *l) {
    for (double coarse = 1;; coarse *= 1.25) {
        l->count = 1;
        for (int a = 0; a < l->d; a++) {
            l->step[a] = coarse * 0.25 / fmax(f->half[a], 1e-300);
            l->half[a] = (int64_t)(f->nyquist[a] / l->step[a]);
            l->count *= a ? 2 * l->half[a] + 1 : l->half[a] + 1;
        }
        l->row = l->count / (l->half[0] + 1);
        if (l->count * l->n <= WORK)
            return;
    }
}

static fqp_status fill_turns(fqp_ctx *ctx, const fqp_dataset *data, const int64_t *use, lattice *l) {
    const fqp_view x = fqp_array_view(&data->x);
    for (int a = 0; a < l->d; a++) {
        const int64_t first = a ? -l->half[a] : 0, width = l->half[a] - first + 1;
        l->turn[a] = fqpi_alloc(ctx, (size_t)(l->n * width), sizeof *l->turn[a]);
        if (!l->turn[a])
            return FQP_E_NOMEM;
        for (int64_t j = 0; j < l->n; j++)
            for (int64_t k = 0; k < width; k++) {
                const double at = fqpi_real_at(x, use[j] * data->d + a);
                l->turn[a][j * width + k] = cexp(-2 * PI * I * (double)(first + k) * l->step[a] * at);
            }
    }
    return FQP_OK;
}

/* z [row] += v times the turns of point j along the axes but the first. */
static void add_row(const lattice *l, int64_t j, double complex v, double complex *z) {
    const int64_t w1 = 2 * l->half[1] + 1, w2 = l->d > 2 ? 2 * l->half[2] + 1 : 1;
    const double complex *t1 = l->turn[1] + j * w1, *t2 = l->d > 2 ? l->turn[2] + j * w2 : NULL;
    for (int64_t k = 0; k < w1; k++) {
        const double complex u = v * t1[k];
        if (!t2)
            z[k] += u;
        for (int64_t q = 0; t2 && q < w2; q++)
            z[k * w2 + q] += u * t2[q];
    }
}

/* Adds the power of one output's deviations v [n]; z [row] is room. */
static void add_power(const lattice *l, const double *v, double complex *z) {
    for (int64_t k = 0; k <= l->half[0]; k++) {
        for (int64_t i = 0; i < l->row; i++)
            z[i] = 0;
        for (int64_t j = 0; j < l->n; j++)
            add_row(l, j, v[j] * l->turn[0][j * (l->half[0] + 1) + k], z);
        for (int64_t i = 0; i < l->row; i++)
            l->power[k * l->row + i] +=
                (creal(z[i]) * creal(z[i]) + cimag(z[i]) * cimag(z[i])) / ((double)l->n * (double)l->n);
    }
}

/* Deviations of output c from its mean into v; their variance. */
static double deviations(const fqp_dataset *data, const int64_t *use, int64_t n, int64_t c, double *v) {
    const double *y = data->y.data;
    double mean = 0, square = 0;
    for (int64_t j = 0; j < n; j++)
        mean += y[use[j] * data->m + c] / (double)n;
    for (int64_t j = 0; j < n; j++) {
        v[j] = y[use[j] * data->m + c] - mean;
        square += v[j] * v[j] / (double)n;
    }
    return square;
}

/* What stays below the threshold is taken for scatter. */
static double clear_scatter(lattice *l, double variance) {
    const double least = variance / (double)l->n * log((double)l->count / CHANCE);
    double all = 0;
    for (int64_t i = 0; i < l->count; i++) {
        l->power[i] = l->power[i] > least ? l->power[i] : 0;
        all += l->power[i];
    }
    return all;
}

static void edges(const lattice *l, double all, int a, fqp_facts *out) {
    double below = 0;
    bool begun = false;
    for (int64_t k = 0; k <= l->half[a]; k++) {
        double here = 0;
        for (int64_t i = 0; i < l->count; i++)
            if (llabs(index_of(l, i, a)) == k)
                here += l->power[i];
        below += here;
        if (!begun && below >= TAIL * all) {
            begun = true;
            out->low[a] = (double)k * l->step[a];
        }
        if (here > 0 && below - here < (1 - TAIL) * all)
            out->high[a] = (double)k * l->step[a];
    }
}

static void peaks(lattice *l, fqp_facts *out) {
    while (out->peaks < FQP_FACTS_PEAKS) {
        int64_t best = 0;
        for (int64_t i = 1; i < l->count; i++)
            best = l->power[i] > l->power[best] ? i : best;
        if (!(l->power[best] > 0))
            return;
        for (int a = 0; a < l->d; a++)
            out->peak[out->peaks][a] = (double)index_of(l, best, a) * l->step[a];
        out->peaks++;
        for (int64_t i = 0; i < l->count; i++) {
            bool near = true;
            for (int a = 0; a < l->d && near; a++)
                near = llabs(index_of(l, i, a) - index_of(l, best, a)) <= 3;
            if (near)
                l->power[i] = 0;
        }
    }
}

/* Nothing stands out: the band may reach as far as the points can tell. */
static void say_unknown(fqp_facts *out) {
    for (int a = 0; a < FQP_FACTS_AXES && a < out->d; a++)
        out->high[a] = out->nyquist[a];
}

static fqp_status look(fqp_ctx *ctx, const fqp_dataset *data, lattice *l, int64_t *use, fqp_facts *out) {
    double *v = fqpi_alloc(ctx, (size_t)l->n, sizeof *v);
    double complex *z = fqpi_alloc(ctx, (size_t)l->row, sizeof *z);
    l->power = fqpi_calloc(ctx, (size_t)l->count, sizeof *l->power);
    fqp_status s = v && z && l->power ? fill_turns(ctx, data, use, l) : FQP_E_NOMEM;
    double variance = 0;
    for (int64_t c = 0; c < data->m && !s; c++) {
        variance += deviations(data, use, l->n, c, v);
        add_power(l, v, z);
    }
    if (!s) {
        const double all = clear_scatter(l, variance);
        for (int a = 0; a < l->d && all > 0; a++)
            edges(l, all, a, out);
        if (all > 0)
            peaks(l, out);
        else
            say_unknown(out);
    }
    for (int a = 0; a < l->d; a++)
        fqpi_free(l->turn[a]);
    fqpi_free(l->power);
    fqpi_free(z);
    fqpi_free(v);
    return s;
}

fqp_status fqpi_facts_scattered(fqp_ctx *ctx, const fqp_dataset *data, fqp_facts *out) {
    lattice l = {.d = (int)data->d, .n = data->n < POINTS ? data->n : POINTS};
    int64_t *use = fqpi_alloc(ctx, (size_t)data->n, sizeof *use);
    if (!use)
        return FQP_E_NOMEM;
    fqpi_rng_permutation(1, FQPI_STREAM_POINTS, 0, data->n, use);
    size_up(out, &l);
    const fqp_status s = look(ctx, data, &l, use, out);
    fqpi_free(use);
    return s;
}
