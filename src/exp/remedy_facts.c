/* remedy_facts.c - what a remedy may know of a target: how large its box is, and which frequencies hold its energy.
 *
 * On a grid: |Y_k|^2 of the discrete transform under a Hann window (a target need not be periodic), summed over
 * outputs, less white noise, and its share along each axis.  Scattered points in two or three dimensions:
 * remedy_scattered.c; otherwise sums along one axis, of which var(y)/n is taken off, what independent points would give
 * without any wave. */
#include "exp.h"
#include "fail.h"
#include "fft.h"
#include "grid.h"
#include "mem.h"
#include "nudft.h"
#include "real.h"
#include "remedy_i.h"

#include <fqp/monitor.h>
#include <fqp/remedy.h>

#include <math.h>
#include <string.h>

static const double PI = 3.14159265358979323846;
static const double TAIL = 0.02;       /* of the energy on either side of low and high */
static const double LEAST_PEAK = 0.01; /* of the largest amplitude */
static const double LINES = 0.9;       /* of the energy in peaks makes a spectrum of lines */

/* ---- energy along an axis --------------------------------------------------------------------------------------- */

/* e [count] energy at 0, step, 2 step, ...: the frequencies with TAIL of it below and above. */
static void edges(const double *e, int64_t count, double step, double *low, double *high) {
    double all = 0, sum = 0;
    for (int64_t i = 0; i < count; i++)
        all += e[i];
    *low = *high = 0;
    bool begun = false;
    for (int64_t i = 0; i < count && all > 0; i++) {
        sum += e[i];
        if (!begun && sum >= TAIL * all) {
            begun = true;
            *low = (double)i * step;
        }
        if (sum <= (1 - TAIL) * all && i + 1 < count)
            *high = (double)(i + 1) * step;
    }
}

/* ---- grids ------------------------------------------------------------------------------------------------------ */

typedef struct field {
    fqpi_grid grid;
    int64_t half[FQPI_GRID_MAX]; /* bins along each axis of the transform */
    int64_t bins;
    double *energy; /* [bins], k of an axis runs 0 .. shape - 1 but 0 .. shape/2 along the last */
} field;

static double hann(int64_t j, int64_t n) {
    const double s = sin(PI * ((double)j + 0.5) / (double)n);
    return n > 2 ? s * s : 1;
}

/* Column c of y, less its mean, under the window, into v [n]. */
static void load(const field *f, const fqp_dataset *data, int64_t c, double *v) {
    const double *y = data->y.data;
    const int64_t n = f->grid.n, m = data->m;
    double mean = 0;
    for (int64_t j = 0; j < n; j++)
        mean += y[j * m + c] / (double)n;
    for (int64_t j = 0; j < n; j++) {
        double w = 1;
        int64_t rest = j;
        for (int a = f->grid.ndim; a-- > 0; rest /= f->grid.shape[a])
            w *= hann(rest % f->grid.shape[a], f->grid.shape[a]);
        v[j] = w * (y[j * m + c] - mean);
    }
}

static fqp_status transform(fqp_ctx *ctx, const fqp_dataset *data, field *f) {
    fqpi_fft *fft = NULL;
    fqp_status s = fqpi_fft_create(ctx, f->grid.ndim, f->grid.shape, &fft);
    f->bins = fft ? (int64_t)fqpi_fft_half(fft) : 0;
    f->energy = s ? NULL : fqpi_calloc(ctx, (size_t)f->bins, sizeof *f->energy);
    for (int64_t c = 0; f->energy && c < data->m; c++) {
        load(f, data, c, fqpi_fft_field(fft));
        const double *z = fqpi_fft_run(fft);
        for (int64_t i = 0; i < f->bins; i++)
            f->energy[i] += z[2 * i] * z[2 * i] + z[2 * i + 1] * z[2 * i + 1];
    }
    fqpi_fft_destroy(fft);
    return s ? s : f->energy ? FQP_OK : FQP_E_NOMEM;
}

/* Index of bin i along axis a, negative ones for the upper half. */
static int64_t index_at(const field *f, int64_t i, int a) {
    const int last = f->grid.ndim - 1;
    for (int b = last; b > a; b--)
        i /= f->half[b];
    const int64_t k = i % f->half[a];
    return a != last && k > f->grid.shape[a] / 2 ? k - f->grid.shape[a] : k;
}

/* Each bin stands for itself and its conjugate, which only those with 0 or Nyquist along the last axis are not. */
static double weight(const field *f, int64_t i) {
    const int last = f->grid.ndim - 1;
    const int64_t k = index_at(f, i, last);
    return k == 0 || 2 * k == f->grid.shape[last] ? 1 : 2;
}

static fqp_status grid_edges(fqp_ctx *ctx, const field *f, fqp_facts *out) {
    fqp_status s = FQP_OK;
    for (int a = 0; a < f->grid.ndim && !s; a++) {
        const int column = f->grid.column[a];
        const int64_t count = f->grid.shape[a] / 2 + 1;
        double *e = fqpi_calloc(ctx, (size_t)count, sizeof *e);
        for (int64_t i = 0; e && i < f->bins; i++)
            e[llabs(index_at(f, i, a))] += weight(f, i) * f->energy[i];
        if (e)
            edges(e, count, 1 / f->grid.period[a], &out->low[column], &out->high[column]);
        s = e ? FQP_OK : FQP_E_NOMEM;
        fqpi_free(e);
    }
    return s;
}

/* ---- white noise ------------------------------------------------------------------------------------------------ */

static const double CHANCE = 0.01;     /* that noise anywhere is taken for a wave */
static const double MOST_NOISE = 0.25; /* of the energy; above that a flat spectrum may be the target's own */

/* How far out bin i lies, 1: the Nyquist frequency of some axis. */
static double reach(const field *f, int64_t i) {
    double most = 0;
    for (int a = 0; a < f->grid.ndim; a++)
        most = fmax(most, 2 * fabs((double)index_at(f, i, a)) / (double)f->grid.shape[a]);
    return most;
}

/* Median energy of the bins with reach in (from, to]; 0 of fewer than eight. */
static double typical(const field *f, double from, double to, double *room) {
    size_t n = 0;
    for (int64_t i = 0; i < f->bins; i++)
        if (reach(f, i) > from && reach(f, i) <= to)
            room[n++] = f->energy[i];
    return n >= 8 ? fqp_spread_of(room, n).median : 0;
}

/* Energies of white noise follow an exponential law with one mean at all frequencies: where the outer spectrum does not
 * fall (jumps fall by five between these two rings) and is weak, what noise makes there by chance is taken off
 * everywhere. */
static fqp_status quieten(fqp_ctx *ctx, field *f) {
    double *room = fqpi_alloc(ctx, (size_t)f->bins, sizeof *room), all = 0, weights = 0;
    if (!room)
        return FQP_E_NOMEM;
    const double outer = typical(f, 0.8, 1, room), inner = typical(f, 0.3, 0.5, room),
                 mean = (outer + inner) / 2 / log(2);
    fqpi_free(room);
    for (int64_t i = 0; i < f->bins; i++) {
        all += weight(f, i) * f->energy[i];
        weights += weight(f, i);
    }
    if (!(outer > 0.45 * inner && mean * weights <= MOST_NOISE * all))
        return FQP_OK;
    for (int64_t i = 0; i < f->bins; i++)
        if (f->energy[i] < mean * log((double)f->bins / CHANCE))
            f->energy[i] = 0;
    return FQP_OK;
}

/* ---- edges and peaks -------------------------------------------------------------------------------------------- */

static bool near(const field *f, int64_t i, int64_t j) {
    for (int a = 0; a < f->grid.ndim; a++)
        if (llabs(index_at(f, i, a) - index_at(f, j, a)) > 2)
            return false;
    return true;
}

/* The largest bin, then the largest two bins away from it and so on: a Hann window spreads a wave over two. */
static void grid_peaks(const field *f, fqp_facts *out) {
    double all = 0, found = 0, first = 0;
    for (int64_t i = 0; i < f->bins; i++)
        all += weight(f, i) * f->energy[i];
    while (out->peaks < FQP_FACTS_PEAKS) {
        int64_t best = -1;
        for (int64_t i = 0; i < f->bins; i++)
            if (f->energy[i] > 0 && (best < 0 || f->energy[i] > f->energy[best]))
                best = i;
        if (best < 0 || f->energy[best] < LEAST_PEAK * LEAST_PEAK * first)
            break;
        first = fmax(first, f->energy[best]);
        for (int a = 0; a < f->grid.ndim; a++)
            out->peak[out->peaks][f->grid.column[a]] = (double)index_at(f, best, a) / f->grid.period[a];
        out->peaks++;
        for (int64_t i = 0; i < f->bins; i++)
            if (i != best && near(f, i, best)) {
                found += weight(f, i) * f->energy[i];
                f->energy[i] = 0;
            }
        found += weight(f, best) * f->energy[best];
        f->energy[best] = 0;
    }
    out->lines = all > 0 && found >= LINES * all;
}

static fqp_status of_grid(fqp_ctx *ctx, const fqp_dataset *data, field *f, fqp_facts *out) {
    static const char *const kinds[] = {"curve", "image", "volume"};
    out->kind = kinds[f->grid.ndim - 1];
    for (int a = 0; a < f->grid.ndim; a++)
        f->half[a] = a == f->grid.ndim - 1 ? f->grid.shape[a] / 2 + 1 : f->grid.shape[a];
    fqp_status s = transform(ctx, data, f);
    if (!s)
        s = quieten(ctx, f);
    if (!s)
        s = grid_edges(ctx, f, out);
    if (!s)
        grid_peaks(f, out);
    for (size_t p = 0; p < out->peaks; p++)
        for (int a = 0; a < f->grid.ndim; a++)
            out->high[a] = fmax(out->high[a], fabs(out->peak[p][a]));
    fqpi_free(f->energy);
    return s;
}

/* ---- scattered points ------------------------------------------------------------------------------------------- */

static double variance(const fqp_dataset *data, double *mean) {
    const double *y = data->y.data, n = (double)data->n;
    double var = 0;
    for (int64_t c = 0; c < data->m; c++) {
        mean[c] = 0;
        for (int64_t j = 0; j < data->n; j++)
            mean[c] += y[j * data->m + c] / n;
        for (int64_t j = 0; j < data->n; j++)
            var += (y[j * data->m + c] - mean[c]) * (y[j * data->m + c] - mean[c]) / n;
    }
    return var;
}

/* Half waves over the extent, up to the Nyquist frequency. */
static fqp_status along_axis(fqp_ctx *ctx, const fqp_dataset *data, int a, fqp_facts *out) {
    const double step = 0.25 / fmax(out->half[a], 1e-300);
    const int64_t count = (int64_t)(out->nyquist[a] / step) + 1, n = data->n;
    double *room = fqpi_calloc(ctx, (size_t)(n + data->m + count * (2 * data->m + 1)), sizeof *room);
    if (!room)
        return FQP_E_NOMEM;
    double *mean = room + n, *z = mean + data->m, *e = z + 2 * count * data->m;
    const fqp_view x = fqp_array_view(&data->x);
    for (int64_t j = 0; j < n; j++)
        room[j] = fqpi_real_at(x, j * data->d + a);
    const double noise = variance(data, mean) / (double)n;
    fqpi_nudft *f = NULL;
    fqp_status s = fqpi_nudft_create(ctx, n, room, 0, step, count, data->m, &f);
    if (!s)
        fqpi_nudft_run(f, data->y.data, data->m, mean, z);
    for (int64_t i = 0; !s && i < count; i++) {
        for (int64_t c = 0; c < data->m; c++) {
            const double *v = z + 2 * (i * data->m + c);
            e[i] += v[0] * v[0] + v[1] * v[1];
        }
        e[i] = fmax(0, e[i] - 2 * noise);
    }
    if (!s)
        edges(e, count, step, &out->low[a], &out->high[a]);
    fqpi_nudft_destroy(f);
    fqpi_free(room);
    return s;
}

static fqp_status of_table(fqp_ctx *ctx, const fqp_dataset *data, fqp_facts *out) {
    fqp_status s = FQP_OK;
    out->kind = "table";
    if (data->d == 2 || data->d == 3)
        return fqpi_facts_scattered(ctx, data, out);
    for (int a = 0; a < FQP_FACTS_AXES && a < data->d && !s; a++)
        s = along_axis(ctx, data, a, out);
    return s;
}

/* ---- both ------------------------------------------------------------------------------------------------------- */

static void box(const fqp_dataset *data, fqp_facts *out) {
    const fqp_view x = fqp_array_view(&data->x);
    for (int a = 0; a < FQP_FACTS_AXES && a < data->d; a++) {
        double low = INFINITY, high = -INFINITY;
        for (int64_t j = 0; j < data->n; j++) {
            const double v = fqpi_real_at(x, j * data->d + a);
            low = fmin(low, v);
            high = fmax(high, v);
        }
        out->half[a] = (high - low) / 2;
        out->centre[a] = (high + low) / 2;
    }
}

static bool is_grid(fqp_ctx *ctx, const fqp_dataset *data, fqpi_grid *grid) {
    if (data->d > FQPI_GRID_MAX || data->n < 4)
        return false;
    fqpi_kept before = fqpi_keep(ctx, FQP_OK);
    const bool found = !fqpi_grid_find(ctx, fqp_array_view(&data->x), "", "", NULL, grid) && grid->ndim == data->d;
    fqp_ctx_problems_clear(ctx);
    fqpi_restore(ctx, &before);
    return found;
}

/* Points, box and Nyquist frequencies; the grid where there is one. */
static void sampling(fqp_ctx *ctx, const fqp_dataset *data, fqpi_grid *grid, fqp_facts *out) {
    *out = (fqp_facts){.d = data->d, .m = data->m, .n = data->n};
    box(data, out);
    out->grid = is_grid(ctx, data, grid);
    const double side = pow((double)data->n, 1 / (double)data->d);
    for (int a = 0; !out->grid && a < FQP_FACTS_AXES && a < data->d; a++)
        out->nyquist[a] = out->half[a] > 0 ? 0.25 * side / out->half[a] : 0;
    for (int a = 0; out->grid && a < grid->ndim; a++)
        out->nyquist[grid->column[a]] = 0.5 / fabs(grid->step[a]);
}

void fqpi_facts_sampling(fqp_ctx *ctx, const fqp_dataset *data, fqp_facts *out) {
    fqpi_grid grid;
    sampling(ctx, data, &grid, out);
}

fqp_status fqp_facts_of(fqp_ctx *ctx, const fqp_dataset *data, fqp_facts *out) {
    if (!ctx || !data || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_facts_of: a context, data and a place for the facts are needed");
    field f = {.bins = 0};
    sampling(ctx, data, &f.grid, out);
    return out->grid ? of_grid(ctx, data, &f, out) : of_table(ctx, data, out);
}

double fqp_facts_highest(const fqp_facts *f) {
    double most = 0;
    for (int a = 0; a < FQP_FACTS_AXES && a < f->d; a++)
        most = fmax(most, f->high[a]);
    return most;
}

double fqp_facts_cycles(const fqp_facts *f) {
    double most = 0;
    for (int a = 0; a < FQP_FACTS_AXES && a < f->d; a++)
        most = fmax(most, 2 * f->half[a] * f->high[a]);
    return most;
}
