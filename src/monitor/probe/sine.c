/* sine.c - sine modes of fields on regular grids of one to three dimensions whose border is a grid line.
 *
 *   b_k = prod_a (2/n_a) sum_j y_j prod_a sin(pi k_a j_a/n_a),   j = 1 .. n_a - 1 of n_a intervals (DST-I)
 * Dirichlet problems have these for eigenfunctions, and what a relaxation does to an error it does mode by mode.  Of
 * the border values, which such problems are given, nothing is seen.  In one dimension a bin is one k; in more a shell
 * s - 1/2 <= |k| < s + 1/2, |k| in half waves per longest side, which holds the root of the sum of squares.
 *
 * A target that is 0 everywhere gives no scale: errors are then relative to those of the first frame, none of which
 * counts for less than `floor` times the largest. */
#include "conf.h"
#include "fail.h"
#include "fft.h"
#include "grid.h"
#include "mem.h"
#include "probe.h"

#include <math.h>
#include <stdio.h>

typedef struct sine {
    fqpi_grid grid;
    fqpi_dst *dst;
    const fqpi_layout *layout;
    int64_t m, inner[FQPI_GRID_MAX];
    size_t n;       /* inner points, and modes */
    size_t modes;   /* bins that are no bands */
    int32_t *bin;   /* [n] of a mode; -1: beyond kmax */
    double *target; /* [m, n] */
    double *sum;    /* [nbins] squares of the error */
    double *scale;  /* [nbins] that errors are relative to */
    size_t nbands;
    struct {
        size_t first, last;
    } * band;
    double floor;
    bool adopt; /* the target is 0: the next frame gives the scale */
} sine;

static const double *transform(sine *p, const double *y, int64_t output) {
    const fqpi_grid *g = &p->grid;
    double *field = fqpi_dst_field(p->dst), factor = 1;
    for (int a = 0; a < g->ndim; a++)
        factor /= (double)(g->shape[a] - 1); /* FFTW gives 2^d times the sum */
    for (size_t i = 0; i < p->n; i++) {
        int64_t rest = (int64_t)i, at = 0, stride = 1;
        for (int a = g->ndim - 1; a >= 0; a--) {
            at += (rest % p->inner[a] + 1) * stride;
            rest /= p->inner[a];
            stride *= g->shape[a];
        }
        field[i] = factor * y[at * p->m + output];
    }
    fqpi_dst_run(p->dst);
    return field;
}

/* One output's coefficients into a spectrum whose entries hold squares until their roots are taken (in one dimension,
 * values). */
static void put_spectrum(const sine *p, const double *b, int64_t output, double *spectrum) {
    const size_t ncomp = p->layout->ncomp;
    for (size_t i = 0; i < p->n; i++) {
        if (p->bin[i] < 0)
            continue;
        double *to = spectrum + 2 * (ncomp * (size_t)p->bin[i] + (ncomp > 1 ? (size_t)output : 0));
        to[0] = p->grid.ndim == 1 ? b[i] : to[0] + b[i] * b[i];
    }
}

static void add_error(sine *p, const double *b, const double *target) {
    for (size_t i = 0; i < p->n; i++)
        if (p->bin[i] >= 0)
            p->sum[p->bin[i]] += (b[i] - target[i]) * (b[i] - target[i]);
}

/* Roots of sums, and bands from the modes. */
static void finish(const sine *p, double *spectrum) {
    const size_t ncomp = p->layout->ncomp;
    for (size_t i = 0; i < ncomp * p->modes && p->grid.ndim > 1; i++)
        spectrum[2 * i] = sqrt(spectrum[2 * i]);
    for (size_t b = 0; b < p->nbands; b++)
        for (size_t c = 0; c < ncomp; c++) {
            double sum = 0;
            for (size_t k = p->band[b].first; k <= p->band[b].last; k++)
                sum += spectrum[2 * (ncomp * k + c)] * spectrum[2 * (ncomp * k + c)];
            spectrum[2 * (ncomp * (p->modes + b) + c)] = sqrt(sum);
        }
}

static void gather_errors(sine *p) {
    for (size_t b = 0; b < p->nbands; b++) {
        p->sum[p->modes + b] = 0;
        for (size_t k = p->band[b].first; k <= p->band[b].last; k++)
            p->sum[p->modes + b] += p->sum[k];
    }
}

static void adopt_scale(sine *p) {
    double most = 0;
    for (size_t b = 0; b < p->layout->nbins; b++)
        most = fmax(most, sqrt(p->sum[b]));
    for (size_t b = 0; b < p->layout->nbins; b++)
        p->scale[b] = most > 0 ? fmax(sqrt(p->sum[b]), p->floor * most) : 1;
    p->adopt = false;
}

static void clear(sine *p, double *spectrum) {
    for (size_t i = 0; i < 2 * p->layout->ncomp * p->layout->nbins; i++)
        spectrum[i] = 0;
    for (size_t b = 0; b < p->layout->nbins; b++)
        p->sum[b] = 0;
}

static void measure(void *state, const double *h, double *spectrum, double *error) {
    sine *p = state;
    const fqpi_layout *l = p->layout;
    clear(p, spectrum);
    for (int64_t c = 0; c < p->m; c++) {
        const double *b = transform(p, h, c);
        put_spectrum(p, b, c, spectrum);
        add_error(p, b, p->target + p->n * (size_t)c);
    }
    finish(p, spectrum);
    gather_errors(p);
    if (p->adopt)
        adopt_scale(p);
    for (size_t b = 0; b < l->nbins; b++)
        error[b] = l->valid[b] ? sqrt(p->sum[b]) / p->scale[b] : NAN;
}

/* ---- bins -------------------------------------------------------------------------------------------------------- */

/* |k| of mode i in half waves per longest side. */
static double length_of(const sine *p, size_t i) {
    const fqpi_grid *g = &p->grid;
    double longest = 0, sum = 0;
    for (int a = 0; a < g->ndim; a++)
        longest = fmax(longest, g->period[a] - fabs(g->step[a]));
    int64_t rest = (int64_t)i;
    for (int a = g->ndim - 1; a >= 0; a--) {
        const double side = g->period[a] - fabs(g->step[a]), k = (double)(rest % p->inner[a] + 1) * (longest / side);
        rest /= p->inner[a];
        sum += k * k;
    }
    return sqrt(sum);
}

static double longest_side(const fqpi_grid *g) {
    double longest = 0;
    for (int a = 0; a < g->ndim; a++)
        longest = fmax(longest, g->period[a] - fabs(g->step[a]));
    return longest;
}

static fqp_status sort_into_bins(const fqpi_points *p, const fqp_sine_opts *o, sine *s) {
    double most = 0;
    for (size_t i = 0; i < s->n; i++)
        most = fmax(most, length_of(s, i));
    const double top = floor(most + 0.5 + 1e-9);
    if ((double)o->kmax > top)
        return fqpi_config_fail(p->ctx, p->conf, "monitor.sine.kmax", FQP_E_CONFIG,
                                "%lld is above %.0f, the highest mode of these points", (long long)o->kmax, top);
    s->modes = (size_t)(o->kmax > 0 ? (double)o->kmax : top);
    for (size_t i = 0; i < s->n; i++) {
        const double k = floor(length_of(s, i) + 0.5 + 1e-9);
        s->bin[i] = k <= (double)s->modes ? (int32_t)k - 1 : -1;
    }
    return FQP_OK;
}

static fqp_status find_bands(const fqpi_points *p, const fqp_sine_opts *o, sine *s) {
    if (o->bands.n % 2)
        return fqpi_config_fail(p->ctx, p->conf, "monitor.sine.bands", FQP_E_CONFIG,
                                "edges come in pairs, there are %zu", o->bands.n);
    s->nbands = o->bands.n / 2;
    s->band = fqpi_calloc(p->ctx, s->nbands, sizeof *s->band);
    if (!s->band)
        return FQP_E_NOMEM;
    for (size_t b = 0; b < s->nbands; b++) {
        const double lo = o->bands.v[2 * b], hi = o->bands.v[2 * b + 1], first = fmax(ceil(lo - 1e-9), 1),
                     last = fmin(floor(hi + 1e-9), (double)s->modes);
        if (!(first <= last))
            return fqpi_config_fail(p->ctx, p->conf, "monitor.sine.bands", FQP_E_CONFIG,
                                    "no mode lies in [%g, %g]; there are 1 to %zu", lo, hi, s->modes);
        s->band[b].first = (size_t)first - 1;
        s->band[b].last = (size_t)last - 1;
    }
    return FQP_OK;
}

static void describe(const fqp_sine_opts *o, const sine *s, fqpi_layout *l) {
    l->axis_name = s->grid.ndim == 1 ? "mode" : "|k|";
    l->axis_unit = s->grid.ndim == 1 ? "half waves per domain" : "half waves per longest side";
    l->wavenumber = acos(-1) / longest_side(&s->grid);
    for (size_t b = 0; b < s->modes; b++) {
        l->axis[b] = (double)b + 1;
        snprintf(l->text[b], FQPI_LABEL, "%zu", b + 1);
    }
    for (size_t b = 0; b < s->nbands; b++) {
        const double lo = o->bands.v[2 * b], hi = o->bands.v[2 * b + 1];
        l->axis[s->modes + b] = 0.5 * (lo + hi);
        snprintf(l->text[s->modes + b], FQPI_LABEL, "%g to %g", lo, hi);
    }
}

static fqp_status select_bins(const fqpi_points *p, const fqp_sine_opts *o, const sine *s, fqpi_layout *l) {
    double most = 0, *norm = fqpi_alloc(p->ctx, l->nbins, sizeof *norm);
    if (!norm)
        return FQP_E_NOMEM;
    for (size_t b = 0; b < l->nbins; b++) {
        norm[b] = fqpi_bin_norm(l->target, l->ncomp, b);
        most = b < s->modes ? fmax(most, norm[b]) : most;
    }
    for (size_t b = 0; b < l->nbins; b++) {
        l->valid[b] = s->adopt || norm[b] > o->floor * most;
        l->selected[b] = l->valid[b] && (b >= s->modes || (s->nbands == 0 && o->peaks == FQPI_PEAKS_ALL));
        s->scale[b] = norm[b];
    }
    if (s->nbands == 0 && o->peaks == FQPI_PEAKS_AUTO)
        fqpi_peaks(norm, s->modes, o->floor * most, true, l->selected);
    fqpi_free(norm);
    return FQP_OK;
}

/* ---- create, destroy --------------------------------------------------------------------------------------------- */

static fqp_status find_inner(const fqpi_points *p, sine *s) {
    const fqp_origin origin = fqpi_origin_of(p->conf, "monitor.probes");
    fqp_status status =
        fqpi_grid_find(p->ctx, p->x, "probe sine", "use probe scattered or filter for such points", &origin, &s->grid);
    s->n = 1;
    for (int a = 0; a < s->grid.ndim && !status; a++) {
        s->inner[a] = s->grid.shape[a] - 2;
        if (s->inner[a] < 1)
            status = fqpi_fail(p->ctx, FQP_E_SHAPE, &origin,
                               "probe sine needs at least 3 points along every axis, border included; there are %lld",
                               (long long)s->grid.shape[a]);
        else
            s->n *= (size_t)s->inner[a];
    }
    return status;
}

static fqp_status transform_target(const fqpi_points *p, sine *s, fqpi_layout *l) {
    bool nothing = true;
    for (int64_t c = 0; c < p->m; c++) {
        const double *b = transform(s, p->y, c);
        for (size_t i = 0; i < s->n; i++) {
            s->target[s->n * (size_t)c + i] = b[i];
            nothing = nothing && b[i] == 0;
        }
        put_spectrum(s, b, c, l->target);
    }
    finish(s, l->target);
    s->adopt = nothing;
    return FQP_OK;
}

static fqp_status build(const fqpi_points *p, const fqp_sine_opts *o, fqpi_layout *l, sine *s) {
    s->m = p->m;
    s->floor = o->floor;
    fqp_status status = find_inner(p, s);
    status = status ? status : fqpi_dst_create(p->ctx, s->grid.ndim, s->inner, &s->dst);
    if (status)
        return status;
    s->bin = fqpi_calloc(p->ctx, s->n, sizeof *s->bin);
    s->target = fqpi_calloc(p->ctx, s->n * (size_t)p->m, sizeof *s->target);
    status = s->bin && s->target ? sort_into_bins(p, o, s) : FQP_E_NOMEM;
    status = status ? status : find_bands(p, o, s);
    if (!status)
        status = fqpi_layout_alloc(p->ctx, l, s->modes + s->nbands, s->grid.ndim == 1 ? (size_t)p->m : 1);
    if (status)
        return status;
    s->layout = l;
    s->sum = fqpi_calloc(p->ctx, l->nbins, sizeof *s->sum);
    s->scale = fqpi_calloc(p->ctx, l->nbins, sizeof *s->scale);
    if (!s->sum || !s->scale)
        return FQP_E_NOMEM;
    describe(o, s, l);
    status = transform_target(p, s, l);
    return status ? status : select_bins(p, o, s, l);
}

static fqp_status create(const fqpi_points *p, const void *opts, fqpi_layout *layout, void **state) {
    sine *s = fqpi_calloc(p->ctx, 1, sizeof *s);
    *state = s;
    return s ? build(p, opts, layout, s) : FQP_E_NOMEM;
}

static void destroy(void *state) {
    sine *s = state;
    fqpi_dst_destroy(s->dst);
    void *const owned[] = {s->bin, s->target, s->sum, s->scale, s->band, s};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        fqpi_free(owned[i]);
}

const fqpi_probe fqpi_probe_sine = {.name = "sine",
                                    .doc = "sine modes of fields that are 0 on the border of a regular grid",
                                    .section = &fqp_sine_section,
                                    .setup = offsetof(fqp_monitor_setup, sine),
                                    .create = create,
                                    .measure = measure,
                                    .destroy = destroy};
