/* dft.c - discrete Fourier transform on regular grids of one to three dimensions.
 *
 *   Y_k = 1/n sum_j y_j exp(-2 pi i k.j/n),   error(k) = ||H_k - Y_k|| / ||Y_k||   (Xu et al. 1901.06523, eq. 2.3)
 * Peaks: strict local maxima of |Y_k| over 0..kmax-1, norm over outputs, above a floor (the authors' scripts). */
#include "conf.h"
#include "fail.h"
#include "fft.h"
#include "mem.h"
#include "wavebox.h"

#include <stddef.h>

typedef struct dft {
    fqpi_grid grid;
    fqpi_fft *fft;
    const fqpi_layout *layout;
    int64_t m;
    int error;
    double *mean; /* [m] subtracted from both */
    fqpi_wavebox waves;
    size_t *at;    /* [waves.n] place in the transform */
    uint8_t *conj; /* [waves.n] where the conjugate stands there */
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
        d->waves.kmax[a] = asked ? asked : most;
    }
    return FQP_OK;
}

static fqp_status list_waves(const fqpi_points *p, dft *d) {
    fqpi_wavebox *w = &d->waves;
    w->ndim = d->grid.ndim;
    for (int a = 0; a < w->ndim; a++) {
        w->column[a] = d->grid.column[a];
        w->period[a] = d->grid.period[a];
    }
    fqp_status s = fqpi_wavebox_list(p, "monitor.dft.kmax", w);
    d->at = s ? NULL : fqpi_alloc(p->ctx, w->n, sizeof *d->at);
    d->conj = s ? NULL : fqpi_alloc(p->ctx, w->n, 1);
    if (!d->at || !d->conj)
        return s ? s : FQP_E_NOMEM;
    for (size_t b = 0; b < w->n; b++) {
        bool conj;
        d->at[b] = fqpi_fft_index(d->fft, w->wave[b].k, &conj);
        d->conj[b] = conj;
    }
    return FQP_OK;
}

/* ---- transform --------------------------------------------------------------------------------------------- */

static void transform(dft *d, const double *y, double *spectrum) {
    double *field = fqpi_fft_field(d->fft);
    const double scale = 1 / (double)d->grid.n;
    for (int64_t c = 0; c < d->m; c++) {
        for (int64_t j = 0; j < d->grid.n; j++)
            field[j] = y[j * d->m + c] - d->mean[c];
        const double *z = fqpi_fft_run(d->fft);
        for (size_t b = 0; b < d->waves.n; b++) {
            double *out = spectrum + 2 * (b * (size_t)d->m + (size_t)c);
            out[0] = scale * z[2 * d->at[b]];
            out[1] = (d->conj[b] ? -scale : scale) * z[2 * d->at[b] + 1];
        }
    }
}

static void measure(void *state, const double *h, double *spectrum, double *error) {
    dft *d = state;
    transform(d, h, spectrum);
    fqpi_bin_errors(d->layout, d->error, d->grid.n, 0, d->waves.n, spectrum, error);
}

/* ---- create, destroy --------------------------------------------------------------------------------------- */

static void target_mean(const fqpi_points *p, double *mean) {
    for (int64_t j = 0; j < p->n; j++)
        for (int64_t c = 0; c < p->m; c++)
            mean[c] += p->y[j * p->m + c] / (double)p->n;
}

static fqp_status build(const fqpi_points *p, const fqp_dft_opts *o, fqpi_layout *l, dft *d) {
    const fqp_origin origin = fqpi_origin_of(p->conf, "monitor.probes");
    fqp_status s = fqpi_grid_find(p->ctx, p->x, "probe dft",
                                  "use probe scattered, projection or filter for such points", &origin, &d->grid);
    if (!s)
        s = choose_kmax(p, o->kmax, d);
    if (!s)
        s = fqpi_fft_create(p->ctx, d->grid.ndim, d->grid.shape, &d->fft);
    if (!s)
        s = list_waves(p, d);
    if (!s)
        s = fqpi_layout_alloc(p->ctx, l, d->waves.n, (size_t)p->m);
    d->mean = s ? NULL : fqpi_calloc(p->ctx, (size_t)p->m, sizeof *d->mean);
    if (s || !d->mean)
        return s ? s : FQP_E_NOMEM;
    d->m = p->m;
    d->error = o->error;
    d->layout = l;
    if (o->detrend)
        target_mean(p, d->mean);
    fqpi_wavebox_describe(&d->waves, l);
    transform(d, p->y, l->target);
    return fqpi_wavebox_select(p,
                               &(fqpi_selection){.probe = "dft",
                                                 .list_key = "monitor.dft.list",
                                                 .peaks = o->peaks,
                                                 .list = &o->list,
                                                 .floor = o->floor,
                                                 .ends = o->ends},
                               &d->waves, l);
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
    fqpi_free(d->at);
    fqpi_free(d->conj);
    fqpi_wavebox_free(&d->waves);
    fqpi_free(d);
}

const fqpi_probe fqpi_probe_dft = {.name = "dft",
                                   .doc = "discrete Fourier transform on regular grids of one to three dimensions",
                                   .section = &fqp_dft_section,
                                   .setup = offsetof(fqp_monitor_setup, dft),
                                   .create = create,
                                   .measure = measure,
                                   .destroy = destroy};
