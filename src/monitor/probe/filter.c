/* filter.c - errors of the low and the high part under Gaussian filters in input space.
 *
 *   e_low = ||h_low - y_low|| / ||y_low||,  e_high = ||h_high - y_high|| / ||y_high||,  norms over points and outputs
 * (filtering method: Xu, Zhang, Luo 2201.07395, sec. 3.2.2).  The filter is linear, so the difference h - y is filtered
 * and nothing is lost by subtracting two nearly equal parts. */
#include "conf.h"
#include "fail.h"
#include "gauss_filter.h"
#include "mem.h"
#include "probe.h"

#include <math.h>
#include <stdio.h>

enum { DEFAULT_WIDTHS = 5 };
static const fqpi_smoother_room ROOM = {.distances = FQPI_SMOOTHER_BYTES, .points = FQPI_SMOOTHER_BYTES};

typedef struct filter {
    const fqpi_layout *layout;
    fqpi_smoother *smoother;
    size_t values, nd; /* n * m */
    double *y;         /* [values] */
    double *low;       /* [nd, values] of the target */
    double *diff;      /* [values] h - y */
    double *diff_low;  /* [nd, values] */
} filter;

typedef struct norms {
    double diff_low, diff_high, low, high; /* squared: of the filtered difference, and of the prediction's parts */
} norms;

static norms add_up(const filter *f, size_t width) {
    const double *low = f->low + width * f->values, *diff_low = f->diff_low + width * f->values;
    norms sum = {0};
    for (size_t i = 0; i < f->values; i++) {
        const double diff_high = f->diff[i] - diff_low[i], h_low = low[i] + diff_low[i],
                     h_high = f->y[i] - low[i] + diff_high;
        sum.diff_low += diff_low[i] * diff_low[i];
        sum.diff_high += diff_high * diff_high;
        sum.low += h_low * h_low;
        sum.high += h_high * h_high;
    }
    return sum;
}

static void measure(void *state, const double *h, double *spectrum, double *error) {
    filter *f = state;
    const fqpi_layout *l = f->layout;
    for (size_t i = 0; i < f->values; i++)
        f->diff[i] = h[i] - f->y[i];
    fqpi_smoother_run(f->smoother, f->diff, f->diff_low);
    for (size_t w = 0; w < f->nd; w++) {
        const norms sum = add_up(f, w);
        const double parts[2] = {sum.low, sum.high}, diffs[2] = {sum.diff_low, sum.diff_high};
        for (size_t part = 0; part < 2; part++) {
            const size_t b = 2 * w + part;
            spectrum[2 * b] = sqrt(parts[part]);
            spectrum[2 * b + 1] = 0;
            error[b] = l->valid[b] ? sqrt(diffs[part]) / l->target[2 * b] : NAN;
        }
    }
}

/* ---- create, destroy --------------------------------------------------------------------------------------- */

static void lay_out(const fqp_filter_opts *o, const double *deltas, filter *f, fqpi_layout *l) {
    double whole = 0;
    for (size_t i = 0; i < f->values; i++)
        whole += f->y[i] * f->y[i];
    l->axis_name = "filter width";
    l->axis_unit = "variance of the kernel, squared units of x";
    for (size_t w = 0; w < f->nd; w++) {
        const norms sum = add_up(f, w); /* the difference is still zero: the target's own parts */
        for (size_t part = 0; part < 2; part++) {
            const size_t b = 2 * w + part;
            l->axis[b] = deltas[w];
            l->target[2 * b] = sqrt(part ? sum.high : sum.low);
            l->valid[b] = whole > 0 && l->target[2 * b] >= o->min_share * sqrt(whole) && l->target[2 * b] > 0;
            l->selected[b] = 1;
            snprintf(l->text[b], FQPI_LABEL, "%s, delta %.4g", part ? "high" : "low", deltas[w]);
        }
    }
}

static fqp_status alloc_all(const fqpi_points *p, filter *f) {
    f->y = fqpi_alloc(p->ctx, f->values, sizeof *f->y);
    f->low = fqpi_calloc(p->ctx, f->nd * f->values, sizeof *f->low);
    f->diff = fqpi_calloc(p->ctx, f->values, sizeof *f->diff);
    f->diff_low = fqpi_calloc(p->ctx, f->nd * f->values, sizeof *f->diff_low);
    return f->y && f->low && f->diff && f->diff_low ? FQP_OK : FQP_E_NOMEM;
}

static fqp_status build(const fqpi_points *p, const fqp_filter_opts *o, fqpi_layout *l, filter *f) {
    double chosen[DEFAULT_WIDTHS];
    const double *deltas = o->delta.n ? o->delta.v : chosen;
    f->nd = o->delta.n ? o->delta.n : DEFAULT_WIDTHS;
    f->values = (size_t)(p->n * p->m);
    f->layout = l;
    for (size_t i = 0; i < o->delta.n; i++)
        if (!(deltas[i] > 0 && isfinite(deltas[i])))
            return fqpi_config_fail(p->ctx, p->conf, "monitor.filter.delta", FQP_E_CONFIG,
                                    "width %g is not a positive number", deltas[i]);
    fqp_status s = o->delta.n ? FQP_OK : fqpi_filter_widths(p->ctx, p->x, DEFAULT_WIDTHS, chosen);
    if (!s)
        s = fqpi_smoother_create(p->ctx, p->x, p->m, deltas, f->nd, ROOM, &f->smoother);
    if (!s)
        s = fqpi_layout_alloc(p->ctx, l, 2 * f->nd, 1);
    if (!s)
        s = alloc_all(p, f);
    if (s)
        return s;
    for (size_t i = 0; i < f->values; i++)
        f->y[i] = p->y[i];
    fqpi_smoother_run(f->smoother, f->y, f->low);
    lay_out(o, deltas, f, l);
    return FQP_OK;
}

static fqp_status create(const fqpi_points *p, const void *opts, fqpi_layout *layout, void **state) {
    filter *f = fqpi_calloc(p->ctx, 1, sizeof *f);
    *state = f;
    return f ? build(p, opts, layout, f) : FQP_E_NOMEM;
}

static void destroy(void *state) {
    filter *f = state;
    fqpi_smoother_destroy(f->smoother);
    fqpi_free(f->y);
    fqpi_free(f->low);
    fqpi_free(f->diff);
    fqpi_free(f->diff_low);
    fqpi_free(f);
}

const fqpi_probe fqpi_probe_filter = {.name = "filter",
                                      .doc =
                                          "Gaussian low-pass in input space: the low and the high part for every width",
                                      .section = &fqp_filter_section,
                                      .setup = offsetof(fqp_monitor_setup, filter),
                                      .create = create,
                                      .measure = measure,
                                      .destroy = destroy};
