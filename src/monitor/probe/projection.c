/* projection.c - non-uniform Fourier transform of the outputs along one direction p of input space.
 *
 *   s_j = p.(x_j - mean),  Y(k) = 1/n sum_j y_j exp(-2 pi i k s_j),  error(k) = ||H(k) - Y(k)|| / ||Y(k)||
 * (projection method: Xu et al. 1901.06523, sec. 4; Xu, Zhang, Luo 2201.07395, sec. 3.2.1), norms over outputs.  A band
 * gathers its frequencies:  error = sqrt(sum_k ||H - Y||^2 / sum_k ||Y||^2). */
#include "conf.h"
#include "direction.h"
#include "fail.h"
#include "mem.h"
#include "nudft.h"
#include "principal.h"
#include "probe.h"

#include <math.h>
#include <stdio.h>

typedef struct band {
    size_t first, last; /* frequencies */
} band;

typedef struct projection {
    const fqpi_layout *layout;
    fqpi_nudft *transform;
    int64_t n, m, column; /* first column that is looked at */
    int error;
    double *mean; /* [ncomp] subtracted from both */
    size_t nfreq, nbands;
    band *band;
    char axis_name[64];
} projection;

/* ---- measure ----------------------------------------------------------------------------------------------- */

/* Bands hold the norm over their frequencies, output by output, as real part. */
static void gather_bands(const projection *p, double *spectrum) {
    const size_t ncomp = p->layout->ncomp;
    for (size_t b = 0; b < p->nbands; b++)
        for (size_t c = 0; c < ncomp; c++) {
            double sum = 0;
            for (size_t k = p->band[b].first; k <= p->band[b].last; k++) {
                const double *z = spectrum + 2 * (k * ncomp + c);
                sum += z[0] * z[0] + z[1] * z[1];
            }
            double *out = spectrum + 2 * ((p->nfreq + b) * ncomp + c);
            out[0] = sqrt(sum);
            out[1] = 0;
        }
}

static void transform(projection *p, const double *y, double *spectrum) {
    fqpi_nudft_run(p->transform, y + p->column, p->m, p->mean, spectrum);
    gather_bands(p, spectrum);
}

static void measure(void *state, const double *h, double *spectrum, double *error) {
    projection *p = state;
    const fqpi_layout *l = p->layout;
    transform(p, h, spectrum);
    fqpi_bin_errors(l, p->error, p->n, 0, p->nfreq, spectrum, error);
    for (size_t b = 0; b < p->nbands; b++) {
        double sum = 0;
        for (size_t i = 2 * l->ncomp * p->band[b].first; i < 2 * l->ncomp * (p->band[b].last + 1); i++)
            sum += (spectrum[i] - l->target[i]) * (spectrum[i] - l->target[i]);
        const size_t bin = p->nfreq + b;
        error[bin] = l->valid[bin] ? sqrt(sum) / fqpi_bin_norm(l->target, l->ncomp, bin) : NAN;
    }
}

/* ---- bins -------------------------------------------------------------------------------------------------- */

static fqp_status count_bins(const fqpi_points *p, const fqp_projection_opts *o, projection *s) {
    enum { MOST = 100000 };
    const double count = floor((o->kmax - o->kmin) / o->dk + 1e-9) + 1;
    if (o->kmax < o->kmin)
        return fqpi_config_fail(p->ctx, p->conf, "monitor.projection.kmax", FQP_E_CONFIG, "%g is below kmin %g",
                                o->kmax, o->kmin);
    if (!(count <= MOST))
        return fqpi_config_fail(p->ctx, p->conf, "monitor.projection.kmax", FQP_E_CONFIG,
                                "%.0f frequencies from %g by %g, at most %d", count, o->kmin, o->dk, MOST);
    if (o->bands.n % 2)
        return fqpi_config_fail(p->ctx, p->conf, "monitor.projection.bands", FQP_E_CONFIG,
                                "edges come in pairs, there are %zu", o->bands.n);
    if (o->output >= p->m)
        return fqpi_config_fail(p->ctx, p->conf, "monitor.projection.output", FQP_E_CONFIG,
                                "there are %lld outputs, counted from 0, no %lld", (long long)p->m,
                                (long long)o->output);
    s->nfreq = (size_t)count;
    s->nbands = o->bands.n / 2;
    s->n = p->n;
    s->m = p->m;
    s->column = o->output < 0 ? 0 : o->output;
    s->error = o->error;
    return FQP_OK;
}

static fqp_status find_bands(const fqpi_points *p, const fqp_projection_opts *o, projection *s) {
    s->band = fqpi_calloc(p->ctx, s->nbands, sizeof *s->band);
    if (!s->band)
        return FQP_E_NOMEM;
    for (size_t b = 0; b < s->nbands; b++) {
        const double lo = o->bands.v[2 * b], hi = o->bands.v[2 * b + 1];
        const double first = ceil((lo - o->kmin) / o->dk - 1e-9), last = floor((hi - o->kmin) / o->dk + 1e-9);
        if (!(fmax(first, 0) <= fmin(last, (double)s->nfreq - 1)))
            return fqpi_config_fail(p->ctx, p->conf, "monitor.projection.bands", FQP_E_CONFIG,
                                    "no frequency of %g, %g, ... %g lies in [%g, %g]", o->kmin, o->kmin + o->dk,
                                    o->kmax, lo, hi);
        s->band[b] = (band){(size_t)fmax(first, 0), (size_t)fmin(last, (double)s->nfreq - 1)};
    }
    return FQP_OK;
}

static void describe(const fqp_projection_opts *o, double extent, projection *s, fqpi_layout *l) {
    snprintf(s->axis_name, sizeof s->axis_name, "frequency along %.40s", o->direction ? o->direction : "pc1");
    l->axis_name = s->axis_name;
    l->axis_unit = o->rescale ? "cycles per extent of the data" : "cycles per unit of x";
    l->wavenumber = 2 * acos(-1) / extent;
    for (size_t k = 0; k < s->nfreq; k++) {
        l->axis[k] = o->kmin + (double)k * o->dk;
        snprintf(l->text[k], FQPI_LABEL, "%g", l->axis[k]);
    }
    for (size_t b = 0; b < s->nbands; b++) {
        const double lo = o->bands.v[2 * b], hi = o->bands.v[2 * b + 1];
        l->axis[s->nfreq + b] = (lo + hi) / 2;
        snprintf(l->text[s->nfreq + b], FQPI_LABEL, "%g to %g", lo, hi);
    }
}

static fqp_status select_bins(const fqpi_points *p, const fqp_projection_opts *o, const projection *s, fqpi_layout *l) {
    double *norm = fqpi_calloc(p->ctx, l->nbins, sizeof *norm);
    if (!norm)
        return FQP_E_NOMEM;
    double most = 0;
    for (size_t b = 0; b < l->nbins; b++) {
        norm[b] = fqpi_bin_norm(l->target, l->ncomp, b);
        most = b < s->nfreq ? fmax(most, norm[b]) : most;
    }
    for (size_t b = 0; b < l->nbins; b++)
        l->valid[b] = norm[b] > o->floor * most;
    if (s->nbands == 0 && o->peaks == FQPI_PEAKS_AUTO)
        fqpi_peaks(norm, s->nfreq, o->floor * most, true, l->selected);
    for (size_t b = 0; b < l->nbins && (s->nbands || o->peaks == FQPI_PEAKS_ALL); b++)
        l->selected[b] = s->nbands ? b >= s->nfreq : l->valid[b];
    fqpi_free(norm);
    return FQP_OK;
}

/* ---- create, destroy --------------------------------------------------------------------------------------- */

static fqp_status build_transform(const fqpi_points *p, const fqp_projection_opts *o, projection *s, double *extent) {
    double *mean = fqpi_calloc(p->ctx, (size_t)(2 * p->d + p->n), sizeof *mean), *direction = mean + p->d;
    if (!mean)
        return FQP_E_NOMEM;
    fqpi_column_means(p->x, mean);
    const char *name = o->direction ? o->direction : "pc1";
    const uint64_t seed = o->direction_seed > 0 ? (uint64_t)o->direction_seed : p->seed;
    fqp_status status = fqpi_direction_find(p, "monitor.projection.direction", name, seed, mean, direction);
    if (!status)
        status = fqpi_direction_coordinate(p, "probe projection", name, o->rescale, mean, direction, direction + p->d,
                                           extent);
    if (!status)
        status = fqpi_nudft_create(p->ctx, p->n, direction + p->d, o->kmin, o->dk, (int64_t)s->nfreq,
                                   o->output < 0 ? p->m : 1, &s->transform);
    fqpi_free(mean);
    return status;
}

static fqp_status build(const fqpi_points *p, const fqp_projection_opts *o, fqpi_layout *l, projection *s) {
    double extent = 1;
    const size_t ncomp = o->output < 0 ? (size_t)p->m : 1;
    fqp_status status = count_bins(p, o, s);
    if (!status)
        status = find_bands(p, o, s);
    if (!status)
        status = build_transform(p, o, s, &extent);
    if (!status)
        status = fqpi_layout_alloc(p->ctx, l, s->nfreq + s->nbands, ncomp);
    s->mean = status ? NULL : fqpi_calloc(p->ctx, ncomp, sizeof *s->mean);
    if (status || !s->mean)
        return status ? status : FQP_E_NOMEM;
    s->layout = l;
    for (int64_t j = 0; o->centre && j < p->n; j++)
        for (size_t c = 0; c < ncomp; c++)
            s->mean[c] += p->y[j * p->m + s->column + (int64_t)c] / (double)p->n;
    describe(o, extent, s, l);
    transform(s, p->y, l->target);
    return select_bins(p, o, s, l);
}

static fqp_status create(const fqpi_points *p, const void *opts, fqpi_layout *layout, void **state) {
    projection *s = fqpi_calloc(p->ctx, 1, sizeof *s);
    *state = s;
    return s ? build(p, opts, layout, s) : FQP_E_NOMEM;
}

static void destroy(void *state) {
    projection *s = state;
    fqpi_nudft_destroy(s->transform);
    fqpi_free(s->mean);
    fqpi_free(s->band);
    fqpi_free(s);
}

const fqpi_probe fqpi_probe_projection = {.name = "projection",
                                          .doc = "non-uniform Fourier transform along one direction of input space",
                                          .section = &fqp_projection_section,
                                          .setup = offsetof(fqp_monitor_setup, projection),
                                          .create = create,
                                          .measure = measure,
                                          .destroy = destroy};
