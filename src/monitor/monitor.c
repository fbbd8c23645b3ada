/* monitor.c - points and targets in, predictions one by one, bins out.  Knows probes only as rows. */
#include "conf.h"
#include "fail.h"
#include "mem.h"
#include "probe.h"
#include "real.h"

#include <math.h>
#include <string.h>

typedef struct lane { /* one probe at work */
    const fqpi_probe *row;
    void *state;
    fqpi_layout layout;
    double *spectrum; /* [capacity, nbins, ncomp, 2] */
    double *error;    /* [capacity, nbins] */
} lane;

struct fqp_monitor {
    fqp_ctx *ctx;
    int64_t n, m;
    double *h; /* [n,m] the prediction at hand */
    size_t nlanes;
    lane *lanes;
    size_t frames, capacity;
    int64_t *step;
    double *seconds;
};

/* ---- create ------------------------------------------------------------------------------------------------ */

static fqp_status check_finite(fqp_ctx *ctx, const char *what, fqp_view v, int64_t rows, int64_t cols) {
    for (int64_t i = 0; i < rows * cols; i++)
        if (!isfinite(fqpi_real_at(v, i)))
            return fqpi_fail(ctx, FQP_E_DATA, NULL, "%s: element (%lld, %lld) is %g", what, (long long)(i / cols),
                             (long long)(i % cols), fqpi_real_at(v, i));
    return FQP_OK;
}

/* [n] counts as [n,1]. */
static fqp_status check_table(fqp_ctx *ctx, const char *what, fqp_view *v) {
    if (v->data && (v->dtype == FQP_C128 || v->dtype == FQP_C64))
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "%s: probes watch real numbers; give real and imaginary part as two columns", what);
    if (!v->data || !fqpi_is_real(v->dtype))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s: real numbers (f64 or f32) are expected, not %s", what,
                         v->data ? "this type" : "an empty array");
    if (v->ndim == 1) {
        v->ndim = 2;
        v->shape[1] = 1;
    }
    if (v->ndim != 2 || v->shape[0] < 1 || v->shape[1] < 1)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "%s: a table [points, columns] is expected, not %d dimensions", what,
                         v->ndim);
    return check_finite(ctx, what, *v, v->shape[0], v->shape[1]);
}

static fqp_status check_points(fqp_ctx *ctx, fqp_view *x, fqp_view *y) {
    fqp_status s = check_table(ctx, "x", x);
    if (!s)
        s = check_table(ctx, "y", y);
    if (!s && x->shape[0] != y->shape[0])
        s = fqpi_fail(ctx, FQP_E_SHAPE, NULL, "x has %lld points, y has %lld", (long long)x->shape[0],
                      (long long)y->shape[0]);
    return s;
}

/* One probe with its own options, or with the defaults of its section. */
static fqp_status open_lane(const fqpi_points *p, const fqp_monitor_setup *setup, const fqpi_probe *row, lane *l) {
    l->row = row;
    const void *opts;
    memcpy(&opts, (const char *)setup + row->setup, sizeof opts);
    if (opts)
        return row->create(p, opts, &l->layout, &l->state);
    void *own = fqpi_calloc(p->ctx, 1, row->section->size);
    if (!own)
        return FQP_E_NOMEM;
    fqp_status s = fqp_section_defaults(p->ctx, row->section, own);
    if (!s)
        s = row->create(p, own, &l->layout, &l->state);
    fqp_section_release(row->section, own);
    fqpi_free(own);
    return s;
}

static fqp_status open_lanes(fqp_monitor *m, const fqpi_points *p, const fqp_monitor_setup *setup,
                             const fqp_ints *probes) {
    if (probes->n == 0)
        return fqpi_config_fail(p->ctx, p->conf, "monitor.probes", FQP_E_CONFIG, "at least one probe is needed");
    m->lanes = fqpi_calloc(p->ctx, probes->n, sizeof *m->lanes);
    if (!m->lanes)
        return FQP_E_NOMEM;
    fqp_status first = FQP_OK; /* every probe says what it misses */
    for (size_t i = 0; i < probes->n; i++) {
        const fqpi_probe *row = probes->v[i] < 0 ? NULL : fqpi_probe_row((size_t)probes->v[i]);
        if (!row)
            return fqpi_config_fail(p->ctx, p->conf, "monitor.probes", FQP_E_ARG, "there is no probe %lld",
                                    (long long)probes->v[i]);
        for (size_t j = 0; j < i; j++)
            if (probes->v[j] == probes->v[i])
                return fqpi_config_fail(p->ctx, p->conf, "monitor.probes", FQP_E_CONFIG, "%s is named twice",
                                        row->name);
        m->nlanes++;
        fqp_status s = open_lane(p, setup, row, &m->lanes[i]);
        first = first ? first : s;
    }
    return first;
}

static fqp_status open_all(fqp_monitor *m, const fqpi_points *p, const fqp_monitor_setup *setup) {
    if (setup->monitor)
        return open_lanes(m, p, setup, &setup->monitor->probes);
    fqp_monitor_opts own = {0};
    fqp_status s = fqp_section_defaults(p->ctx, &fqp_monitor_section, &own);
    if (!s)
        s = open_lanes(m, p, setup, &own.probes);
    fqp_section_release(&fqp_monitor_section, &own);
    return s;
}

static fqp_status open_monitor(fqp_monitor *m, fqp_view x, fqp_view y, const fqp_monitor_setup *setup) {
    m->n = y.shape[0];
    m->m = y.shape[1];
    m->h = fqpi_alloc(m->ctx, (size_t)(m->n * m->m), sizeof *m->h);
    if (!m->h)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < m->n * m->m; i++)
        m->h[i] = fqpi_real_at(y, i);
    const fqpi_points p = {.ctx = m->ctx,
                           .n = m->n,
                           .d = x.shape[1],
                           .m = m->m,
                           .x = x,
                           .y = m->h,
                           .seed = setup->seed,
                           .conf = setup->conf};
    return open_all(m, &p, setup);
}

fqp_status fqp_monitor_create(fqp_ctx *ctx, fqp_view x, fqp_view y, const fqp_monitor_setup *setup, fqp_monitor **out) {
    static const fqp_monitor_setup defaults = {0};
    fqp_status s = check_points(ctx, &x, &y);
    if (s)
        return s;
    fqp_monitor *m = fqpi_calloc(ctx, 1, sizeof *m);
    if (!m)
        return FQP_E_NOMEM;
    m->ctx = ctx;
    s = open_monitor(m, x, y, setup ? setup : &defaults);
    if (s) {
        fqp_monitor_destroy(m);
        return s;
    }
    *out = m;
    return FQP_OK;
}

void fqp_monitor_destroy(fqp_monitor *m) {
    if (!m)
        return;
    for (size_t i = 0; i < m->nlanes; i++) {
        lane *l = &m->lanes[i];
        if (l->state)
            l->row->destroy(l->state);
        fqpi_layout_free(&l->layout);
        fqpi_free(l->spectrum);
        fqpi_free(l->error);
    }
    fqpi_free(m->lanes);
    fqpi_free(m->h);
    fqpi_free(m->step);
    fqpi_free(m->seconds);
    fqpi_free(m);
}

/* ---- observe ----------------------------------------------------------------------------------------------- */

static size_t spectrum_size(const fqpi_layout *l) {
    return l->nbins * l->ncomp * 2;
}

/* p grown to `count` elements, or false with p as it was. */
static bool grow(fqp_ctx *ctx, void **p, size_t count, size_t size) {
    void *q = fqpi_resize(ctx, *p, count, size);
    if (q)
        *p = q;
    return q != NULL;
}

/* Room for one more frame; doubled when full, so that recording costs no allocation per frame. */
static fqp_status make_room(fqp_monitor *m) {
    if (m->frames < m->capacity)
        return FQP_OK;
    const size_t capacity = m->capacity ? 2 * m->capacity : 64;
    bool ok = grow(m->ctx, (void **)&m->step, capacity, sizeof *m->step) &&
              grow(m->ctx, (void **)&m->seconds, capacity, sizeof *m->seconds);
    for (size_t i = 0; i < m->nlanes && ok; i++) {
        lane *l = &m->lanes[i];
        ok = grow(m->ctx, (void **)&l->spectrum, capacity * spectrum_size(&l->layout), sizeof *l->spectrum) &&
             grow(m->ctx, (void **)&l->error, capacity * l->layout.nbins, sizeof *l->error);
    }
    if (!ok)
        return FQP_E_NOMEM;
    m->capacity = capacity;
    return FQP_OK;
}

static fqp_status check_prediction(const fqp_monitor *m, int64_t step, fqp_view p) {
    if (!p.data || !fqpi_is_real(p.dtype))
        return fqpi_fail(m->ctx, FQP_E_ARG, NULL, "prediction at step %lld: f64 or f32 numbers are expected",
                         (long long)step);
    const bool flat = p.ndim == 1 && m->m == 1 && p.shape[0] == m->n;
    if (!flat && !(p.ndim == 2 && p.shape[0] == m->n && p.shape[1] == m->m))
        return fqpi_fail(m->ctx, FQP_E_SHAPE, NULL,
                         "prediction at step %lld: shape (%lld, %lld) differs from the targets' (%lld, %lld)",
                         (long long)step, p.ndim > 0 ? (long long)p.shape[0] : 1,
                         p.ndim > 1 ? (long long)p.shape[1] : 1, (long long)m->n, (long long)m->m);
    if (m->frames && step <= m->step[m->frames - 1])
        return fqpi_fail(m->ctx, FQP_E_ARG, NULL, "step %lld does not follow step %lld: steps must increase",
                         (long long)step, (long long)m->step[m->frames - 1]);
    return FQP_OK;
}

fqp_status fqp_monitor_observe(fqp_monitor *m, int64_t step, double seconds, fqp_view prediction) {
    fqp_status s = check_prediction(m, step, prediction);
    if (s)
        return s;
    for (int64_t i = 0; i < m->n * m->m; i++) {
        m->h[i] = fqpi_real_at(prediction, i);
        if (!isfinite(m->h[i]))
            return fqpi_fail(m->ctx, FQP_E_DATA, NULL, "prediction at step %lld: element (%lld, %lld) is %g",
                             (long long)step, (long long)(i / m->m), (long long)(i % m->m), m->h[i]);
    }
    s = make_room(m);
    if (s)
        return s;
    for (size_t i = 0; i < m->nlanes; i++) {
        lane *l = &m->lanes[i];
        l->row->measure(l->state, m->h, l->spectrum + m->frames * spectrum_size(&l->layout),
                        l->error + m->frames * l->layout.nbins);
    }
    m->step[m->frames] = step;
    m->seconds[m->frames] = seconds;
    m->frames++;
    return FQP_OK;
}

/* ---- query ------------------------------------------------------------------------------------------------- */

size_t fqp_monitor_frames(const fqp_monitor *m) {
    return m->frames;
}

size_t fqp_monitor_probes(const fqp_monitor *m) {
    return m->nlanes;
}

const char *fqp_monitor_probe_name(const fqp_monitor *m, size_t probe) {
    return probe < m->nlanes ? m->lanes[probe].row->name : NULL;
}

const int64_t *fqp_monitor_steps(const fqp_monitor *m) {
    return m->step;
}

const double *fqp_monitor_seconds(const fqp_monitor *m) {
    return m->seconds;
}

fqp_status fqp_monitor_bins(const fqp_monitor *m, size_t probe, size_t frame, fqp_bins *out) {
    if (probe >= m->nlanes)
        return fqpi_fail(m->ctx, FQP_E_ARG, NULL, "probe %zu was asked for, there are %zu", probe, m->nlanes);
    if (frame >= m->frames)
        return fqpi_fail(m->ctx, FQP_E_ARG, NULL, "frame %zu was asked for, there are %zu", frame, m->frames);
    const lane *w = &m->lanes[probe];
    const fqpi_layout *l = &w->layout;
    *out = (fqp_bins){.axis_name = l->axis_name,
                      .axis_unit = l->axis_unit,
                      .nbins = l->nbins,
                      .ncomp = l->ncomp,
                      .axis = l->axis,
                      .label = l->label,
                      .valid = l->valid,
                      .selected = l->selected,
                      .target = l->target,
                      .prediction = w->spectrum + frame * spectrum_size(l),
                      .error = w->error + frame * l->nbins,
                      .wavenumber = l->wavenumber};
    return FQP_OK;
}
