/* dft.c - discrete Fourier transform on regular grids of one to three dimensions.
 *
 *   Y_k = 1/n sum_j y_j exp(-2 pi i k.j/n),   error(k) = ||H_k - Y_k|| / ||Y_k||   (Xu et al. 1901.06523, eq. 2.3)
 * Peaks: strict local maxima of |Y_k| over 0..kmax-1, norm over outputs, above a floor (the authors' scripts). */
#include "conf.h"
#include "fail.h"
#include "fft.h"
#include "grid.h"
#include "mem.h"
#include "probe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct wave {
    int64_t k[FQPI_GRID_MAX]; /* in memory order of the axes */
    double length;            /* |k| in cycles per longest side */
    size_t at;                /* its place in the transform */
    bool conj;
} wave;

typedef struct dft {
    fqpi_grid grid;
    fqpi_fft *fft;
    const fqpi_layout *layout;
    int64_t m, kmax[FQPI_GRID_MAX];
    int error;
    double *mean; /* [m] subtracted from both */
    size_t nbins;
    wave *wave;
} dft;

/* ---- which wave vectors ------------------------------------------------------------------------------------ */

static fqp_status choose_kmax(const fqpi_points *p, int64_t asked, dft *d) {
    for (int a = 0; a < d->grid.ndim; a++) {
        const int64_t n = d->grid.shape[a], most = (n - 1) / 2;
        if (asked > most)
            return fqpi_config_fail(p->ctx, p->conf, "monitor.dft.kmax", FQP_E_CONFIG,
                                    "%lld needs more than %lld points%s, there are %lld", (long long)asked,
                                    2 * (long long)asked, d->grid.ndim > 1 ? " along every axis" : "", (long long)n);
        if (most < 1)
            return fqpi_fail(p->ctx, FQP_E_SHAPE, NULL,
                             "probe dft needs at least 3 points along every axis, there are %lld", (long long)n);
        d->kmax[a] = asked ? asked : most;
    }
    return FQP_OK;
}

/* k and -k tell the same of a real field: keep the one whose first non-zero component (in columns of x) is positive. */
static bool in_half_space(const fqpi_grid *g, const int64_t *k) {
    for (int c = 0; c < g->ndim; c++)
        for (int a = 0; a < g->ndim; a++)
            if (g->column[a] == c && k[a] != 0)
                return k[a] > 0;
    return true;
}

static double length_of(const fqpi_grid *g, const int64_t *k) {
    const double longest = fqpi_grid_longest(g);
    double sum = 0;
    for (int a = 0; a < g->ndim; a++) {
        const double f = (double)k[a] * (longest / g->period[a]);
        sum += f * f;
    }
    return g->ndim == 1 ? (double)k[0] : sqrt(sum);
}

static int by_length(const void *a_, const void *b_) {
    const wave *a = a_, *b = b_;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* The next k with |k_a| <= kmax_a, counting like an odometer; false after the last. */
static bool next_wave(const dft *d, int64_t *k) {
    for (int a = d->grid.ndim - 1; a >= 0; a--) {
        if (k[a] < d->kmax[a]) {
            k[a]++;
            return true;
        }
        k[a] = -d->kmax[a];
    }
    return false;
}

static fqp_status list_waves(const fqpi_points *p, dft *d) {
    enum { MOST = 1 << 18 };
    int64_t all = 1, k[FQPI_GRID_MAX];
    for (int a = 0; a < d->grid.ndim; a++) {
        all *= 2 * d->kmax[a] + 1;
        k[a] = -d->kmax[a];
        if (all / 2 >= MOST && d->grid.ndim > 1) {
            return fqpi_config_fail(p->ctx, p->conf, "monitor.dft.kmax", FQP_E_CONFIG,
                                    "more than %d wave vectors a frame; lower it, or use probe radial", MOST);
        }
    }
    d->wave = fqpi_calloc(p->ctx, (size_t)(all / 2 + 1), sizeof *d->wave);
    if (!d->wave)
        return FQP_E_NOMEM;
    do {
        if (!in_half_space(&d->grid, k))
            continue;
        wave *w = &d->wave[d->nbins++];
        for (int a = 0; a < d->grid.ndim; a++)
            w->k[a] = k[a];
        w->length = length_of(&d->grid, k);
        w->at = fqpi_fft_index(d->fft, k, &w->conj);
    } while (next_wave(d, k));
    qsort(d->wave, d->nbins, sizeof *d->wave, by_length);
    return FQP_OK;
}

/* "3", or "(2, 5)" in the order of the columns of x. */
static void write_label(const fqpi_grid *g, const wave *w, char *text) {
    if (g->ndim == 1) {
        snprintf(text, FQPI_LABEL, "%lld", (long long)w->k[0]);
        return;
    }
    int used = 0;
    for (int c = 0; c < g->ndim; c++)
        for (int a = 0; a < g->ndim; a++)
            if (g->column[a] == c)
                used +=
                    snprintf(text + used, (size_t)(FQPI_LABEL - used), "%s%lld", c ? ", " : "(", (long long)w->k[a]);
    snprintf(text + used, (size_t)(FQPI_LABEL - used), ")");
}

/* ---- transform --------------------------------------------------------------------------------------------- */

static void transform(dft *d, const double *y, double *spectrum) {
    double *field = fqpi_fft_field(d->fft);
    const double scale = 1 / (double)d->grid.n;
    for (int64_t c = 0; c < d->m; c++) {
        for (int64_t j = 0; j < d->grid.n; j++)
            field[j] = y[j * d->m + c] - d->mean[c];
        const double *z = fqpi_fft_run(d->fft);
        for (size_t b = 0; b < d->nbins; b++) {
            const wave *w = &d->wave[b];
            double *out = spectrum + 2 * (b * (size_t)d->m + (size_t)c);
            out[0] = scale * z[2 * w->at];
            out[1] = (w->conj ? -scale : scale) * z[2 * w->at + 1];
        }
    }
}

static void measure(void *state, const double *h, double *spectrum, double *error) {
    dft *d = state;
    transform(d, h, spectrum);
    fqpi_bin_errors(d->layout, d->error, d->grid.n, 0, d->nbins, spectrum, error);
}

/* ---- masks and peaks --------------------------------------------------------------------------------------- */

/* Is bin b above all its neighbours within the search range |k_a| < kmax?  norm [half] stands in transform order. */
static bool is_peak(const dft *d, const double *norm, size_t b, bool ends) {
    const fqpi_grid *g = &d->grid;
    const wave *w = &d->wave[b];
    bool zero = true;
    for (int a = 0; a < g->ndim; a++) {
        zero = zero && w->k[a] == 0;
        if (w->k[a] >= d->kmax[a] || w->k[a] <= -d->kmax[a])
            return false;
    }
    if (zero && !ends)
        return false;
    int neighbours = 1;
    for (int a = 0; a < g->ndim; a++)
        neighbours *= 3;
    for (int i = 0; i < neighbours; i++) {
        int64_t k[FQPI_GRID_MAX];
        bool same = true, outside = false;
        for (int a = 0, rest = i; a < g->ndim; a++, rest /= 3) {
            k[a] = w->k[a] + rest % 3 - 1;
            same = same && k[a] == w->k[a];
            outside = outside || k[a] >= d->kmax[a] || k[a] <= -d->kmax[a];
        }
        bool conj;
        if (outside && !ends)
            return false;
        if (!same && !outside && !(norm[w->at] > norm[fqpi_fft_index(d->fft, k, &conj)]))
            return false;
    }
    return true;
}

static fqp_status select_listed(const fqpi_points *p, const fqp_dft_opts *o, dft *d, fqpi_layout *l) {
    if (d->grid.ndim > 1)
        return fqpi_config_fail(p->ctx, p->conf, "monitor.dft.list", FQP_E_CONFIG,
                                "indices can be listed on one-dimensional grids only");
    if (o->list.n == 0)
        return fqpi_config_fail(p->ctx, p->conf, "monitor.dft.list", FQP_E_CONFIG,
                                "peaks is list, and no index is listed");
    for (size_t i = 0; i < o->list.n; i++) {
        const int64_t k = o->list.v[i];
        if (k < 0 || k > d->kmax[0])
            return fqpi_config_fail(p->ctx, p->conf, "monitor.dft.list", FQP_E_CONFIG, "index %lld is outside 0..%lld",
                                    (long long)k, (long long)d->kmax[0]);
        l->selected[k] = 1; /* bins of one dimension stand at their index */
    }
    return FQP_OK;
}

static fqp_status select_bins(const fqpi_points *p, const fqp_dft_opts *o, dft *d, fqpi_layout *l) {
    double *norm = fqpi_calloc(p->ctx, fqpi_fft_half(d->fft), sizeof *norm);
    if (!norm)
        return FQP_E_NOMEM;
    double most = 0;
    for (size_t b = 0; b < d->nbins; b++)
        most = fmax(most, fqpi_bin_norm(l->target, l->ncomp, b));
    for (size_t b = 0; b < d->nbins; b++) {
        const double v = fqpi_bin_norm(l->target, l->ncomp, b);
        int64_t minus[FQPI_GRID_MAX];
        bool conj;
        for (int a = 0; a < d->grid.ndim; a++)
            minus[a] = -d->wave[b].k[a];
        norm[d->wave[b].at] = v;
        norm[fqpi_fft_index(d->fft, minus, &conj)] =
            v; /* in several dimensions both stand in the half spectrum's plane 0 */
        l->valid[b] = v > o->floor * most;
    }
    fqp_status s = FQP_OK;
    bool any = false;
    if (o->peaks == FQPI_PEAKS_LIST)
        s = select_listed(p, o, d, l);
    else
        for (size_t b = 0; b < d->nbins; b++) {
            l->selected[b] = l->valid[b] && (o->peaks == FQPI_PEAKS_ALL || is_peak(d, norm, b, o->ends));
            any = any || l->selected[b];
        }
    if (o->peaks == FQPI_PEAKS_AUTO && !any)
        fqpi_log(p->ctx, FQP_LOG_WARN,
                 "probe dft: the target's spectrum has no peak above %g of its maximum; see monitor.dft.peaks, floor, "
                 "detrend",
                 o->floor);
    fqpi_free(norm);
    return s;
}

/* ---- create, destroy --------------------------------------------------------------------------------------- */

static void target_mean(const fqpi_points *p, double *mean) {
    for (int64_t j = 0; j < p->n; j++)
        for (int64_t c = 0; c < p->m; c++)
            mean[c] += p->y[j * p->m + c] / (double)p->n;
}

static void describe(dft *d, fqpi_layout *l) {
    l->axis_name = "frequency";
    l->axis_unit = d->grid.ndim == 1 ? "cycles per domain" : "cycles per longest side";
    l->wavenumber = 2 * acos(-1) / fqpi_grid_longest(&d->grid);
    for (size_t b = 0; b < d->nbins; b++) {
        l->axis[b] = d->wave[b].length;
        write_label(&d->grid, &d->wave[b], l->text[b]);
    }
}

static fqp_status build(const fqpi_points *p, const fqp_dft_opts *o, fqpi_layout *l, dft *d) {
    const fqp_origin origin = fqpi_origin_of(p->conf, "monitor.probes");
    fqp_status s =
        fqpi_grid_find(p->ctx, p->x, "probe dft", "use probe projection or filter for such points", &origin, &d->grid);
    if (!s)
        s = choose_kmax(p, o->kmax, d);
    if (!s)
        s = fqpi_fft_create(p->ctx, d->grid.ndim, d->grid.shape, &d->fft);
    if (!s)
        s = list_waves(p, d);
    if (!s)
        s = fqpi_layout_alloc(p->ctx, l, d->nbins, (size_t)p->m);
    d->mean = s ? NULL : fqpi_calloc(p->ctx, (size_t)p->m, sizeof *d->mean);
    if (s || !d->mean)
        return s ? s : FQP_E_NOMEM;
    d->m = p->m;
    d->error = o->error;
    d->layout = l;
    if (o->detrend)
        target_mean(p, d->mean);
    describe(d, l);
    transform(d, p->y, l->target);
    return select_bins(p, o, d, l);
}

static fqp_status create(const fqpi_points *p, const void *opts, fqpi_layout *layout, void **state) {
    dft *d = fqpi_calloc(p->ctx, 1, sizeof *d);
    *state = d;
    return d ? build(p, opts, layout, d) : FQP_E_NOMEM;
}

static void destroy(void *state) {
    dft *d = state;
    fqpi_fft_destroy(d->fft);
    fqpi_free(d->mean);
    fqpi_free(d->wave);
    fqpi_free(d);
}

const fqpi_probe fqpi_probe_dft = {.name = "dft",
                                   .doc = "discrete Fourier transform on regular grids of one to three dimensions",
                                   .section = &fqp_dft_section,
                                   .setup = offsetof(fqp_monitor_setup, dft),
                                   .create = create,
                                   .measure = measure,
                                   .destroy = destroy};
