/* radial.c - shells of |k| on regular grids of one to three dimensions.
 *
 *   E_s(Y) = sqrt(sum over k in shell s, outputs of |Y_k|^2),   error_s = E_s(H - Y) / E_s(Y),   Y_k as in probe dft
 * Shell s holds (s - 1/2) width <= |k| < (s + 1/2) width, |k| in cycles per longest side; k and -k both count, so that
 * over all shells the squares add up to the mean of y^2 (Parseval). */
#include "conf.h"
#include "fail.h"
#include "fft.h"
#include "grid.h"
#include "mem.h"
#include "probe.h"

#include <math.h>
#include <stdio.h>

typedef struct radial {
    fqpi_grid grid;
    fqpi_fft *fft;
    const fqpi_layout *layout;
    size_t half;
    int64_t m;
    int32_t *shell;        /* [half] of a coefficient; -1: beyond the last */
    uint8_t *twice;        /* [half] 1: stands for its conjugate too */
    double *target;        /* [m, half, 2] */
    double *sum_h, *sum_d; /* [nbins] */
} radial;

/* Nyquist of the coarsest axis, in cycles per longest side. */
static double nyquist(const fqpi_grid *g) {
    double least = INFINITY;
    for (int a = 0; a < g->ndim; a++)
        least = fmin(least, 0.5 * (double)g->shape[a] * fqpi_grid_longest(g) / g->period[a]);
    return least;
}

/* Walk the half spectrum in storage order and put each coefficient into its shell. */
static void sort_into_shells(radial *r, double width, size_t nbins) {
    const fqpi_grid *g = &r->grid;
    const int last = g->ndim - 1;
    const int64_t row = g->shape[last] / 2 + 1;
    for (size_t i = 0; i < r->half; i++) {
        double sum = 0;
        int64_t rest = (int64_t)i;
        for (int a = last; a >= 0; a--) {
            const int64_t n = a == last ? row : g->shape[a];
            int64_t k = rest % n;
            rest /= n;
            if (a < last && k > g->shape[a] / 2)
                k -= g->shape[a];
            if (a == last)
                r->twice[i] = k > 0 && 2 * k < g->shape[last];
            const double f = (double)k * (fqpi_grid_longest(g) / g->period[a]);
            sum += f * f;
        }
        const double s = floor(sqrt(sum) / width + 0.5);
        r->shell[i] = s < (double)nbins ? (int32_t)s : -1;
    }
}

static const double *transform(radial *r, const double *y, int64_t output) {
    double *field = fqpi_fft_field(r->fft);
    const double scale = 1 / (double)r->grid.n;
    for (int64_t j = 0; j < r->grid.n; j++)
        field[j] = scale * y[j * r->m + output];
    return fqpi_fft_run(r->fft);
}

static void add_shells(radial *r, const double *h, const double *y) {
    for (size_t i = 0; i < r->half; i++) {
        if (r->shell[i] < 0)
            continue;
        const double weight = r->twice[i] ? 2 : 1, re = h[2 * i] - y[2 * i], im = h[2 * i + 1] - y[2 * i + 1];
        r->sum_h[r->shell[i]] += weight * (h[2 * i] * h[2 * i] + h[2 * i + 1] * h[2 * i + 1]);
        r->sum_d[r->shell[i]] += weight * (re * re + im * im);
    }
}

static void clear_sums(radial *r) {
    for (size_t b = 0; b < r->layout->nbins; b++)
        r->sum_h[b] = r->sum_d[b] = 0;
}

static void measure(void *state, const double *h, double *spectrum, double *error) {
    radial *r = state;
    const fqpi_layout *l = r->layout;
    clear_sums(r);
    for (int64_t c = 0; c < r->m; c++)
        add_shells(r, transform(r, h, c), r->target + 2 * r->half * (size_t)c);
    for (size_t b = 0; b < l->nbins; b++) {
        spectrum[2 * b] = sqrt(r->sum_h[b]);
        spectrum[2 * b + 1] = 0;
        error[b] = l->valid[b] ? sqrt(r->sum_d[b]) / l->target[2 * b] : NAN;
    }
}

/* ---- create, destroy --------------------------------------------------------------------------------------- */

static void transform_target(radial *r, const fqpi_points *p, fqpi_layout *l, double floor_share) {
    clear_sums(r);
    for (int64_t c = 0; c < p->m; c++) {
        const double *z = transform(r, p->y, c);
        double *keep = r->target + 2 * r->half * (size_t)c;
        for (size_t i = 0; i < 2 * r->half; i++)
            keep[i] = z[i];
        add_shells(r, keep, keep);
    }
    double most = 0;
    for (size_t b = 0; b < l->nbins; b++) {
        l->target[2 * b] = sqrt(r->sum_h[b]);
        most = fmax(most, l->target[2 * b]);
    }
    for (size_t b = 0; b < l->nbins; b++)
        l->valid[b] = l->selected[b] = l->target[2 * b] > floor_share * most;
}

static fqp_status alloc_all(radial *r, const fqpi_points *p, size_t nbins) {
    r->half = fqpi_fft_half(r->fft);
    r->m = p->m;
    r->shell = fqpi_calloc(p->ctx, r->half, sizeof *r->shell);
    r->twice = fqpi_calloc(p->ctx, r->half, 1);
    r->target = fqpi_calloc(p->ctx, r->half * (size_t)p->m, 2 * sizeof *r->target);
    r->sum_h = fqpi_calloc(p->ctx, nbins, sizeof *r->sum_h);
    r->sum_d = fqpi_calloc(p->ctx, nbins, sizeof *r->sum_d);
    return r->shell && r->twice && r->target && r->sum_h && r->sum_d ? FQP_OK : FQP_E_NOMEM;
}

static fqp_status count_shells(const fqpi_points *p, const fqp_radial_opts *o, const radial *r, size_t *nbins) {
    enum { MOST = 1 << 20 };
    const double top = o->kmax > 0 ? o->kmax : nyquist(&r->grid), count = floor(top / o->width + 1e-9) + 1;
    if (!(count < MOST)) {
        return fqpi_config_fail(p->ctx, p->conf, "monitor.radial.width", FQP_E_CONFIG, "%g makes %.0f shells up to %g",
                                o->width, count, top);
    }
    *nbins = (size_t)count;
    return FQP_OK;
}

static fqp_status build(const fqpi_points *p, const fqp_radial_opts *o, fqpi_layout *l, radial *r) {
    const fqp_origin origin = fqpi_origin_of(p->conf, "monitor.probes");
    size_t nbins = 0;
    fqp_status s = fqpi_grid_find(p->ctx, p->x, "probe radial",
                                  "use probe scattered, projection or filter for such points", &origin, &r->grid);
    if (!s)
        s = fqpi_fft_create(p->ctx, r->grid.ndim, r->grid.shape, &r->fft);
    if (!s)
        s = count_shells(p, o, r, &nbins);
    if (!s)
        s = fqpi_layout_alloc(p->ctx, l, nbins, 1);
    if (!s)
        s = alloc_all(r, p, nbins);
    if (s)
        return s;
    r->layout = l;
    l->axis_name = "|k|";
    l->axis_unit = r->grid.ndim == 1 ? "cycles per domain" : "cycles per longest side";
    l->wavenumber = 2 * acos(-1) / fqpi_grid_longest(&r->grid);
    for (size_t b = 0; b < nbins; b++) {
        l->axis[b] = (double)b * o->width;
        snprintf(l->text[b], FQPI_LABEL, "%g", l->axis[b]);
    }
    sort_into_shells(r, o->width, nbins);
    transform_target(r, p, l, o->floor);
    return FQP_OK;
}

static fqp_status create(const fqpi_points *p, const void *opts, fqpi_layout *layout, void **state) {
    radial *r = fqpi_calloc(p->ctx, 1, sizeof *r);
    *state = r;
    return r ? build(p, opts, layout, r) : FQP_E_NOMEM;
}

static void destroy(void *state) {
    radial *r = state;
    fqpi_fft_destroy(r->fft);
    fqpi_free(r->shell);
    fqpi_free(r->twice);
    fqpi_free(r->target);
    fqpi_free(r->sum_h);
    fqpi_free(r->sum_d);
    fqpi_free(r);
}

const fqpi_probe fqpi_probe_radial = {.name = "radial",
                                      .doc = "shells of |k| on regular grids of one to three dimensions",
                                      .section = &fqp_radial_section,
                                      .setup = offsetof(fqp_monitor_setup, radial),
                                      .create = create,
                                      .measure = measure,
                                      .destroy = destroy};
