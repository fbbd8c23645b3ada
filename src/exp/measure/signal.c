/* signal.c - how good a copy of a signal the stored predictions (monitor.predictions: true) are, at the monitored
 * points: on test points with monitor.on: test.  A `step` picks the last frame up to it; without one the last frame is
 * meant. Of several channels or outputs the mean square is over all of them. */
#include "fail.h"
#include "measure.h"
#include "mem.h"

#include <fqp/signal.h>

#include <math.h>

/* Greatest minus least value that the signal can have, or, where nobody said, that the targets have. */
static double peak_of(const fqpi_measuring *m, const fqpi_stored *s) {
    const json_t *range = json_object_get(json_object_get(m->trial->manifest, "data"), "range");
    const double *y = s->y.data;
    double low = y[0], high = y[0];
    if (json_array_size(range) == 2)
        return json_number_value(json_array_get(range, 1)) - json_number_value(json_array_get(range, 0));
    for (int64_t i = 0; i < s->n * s->m; i++) {
        low = fmin(low, y[i]);
        high = fmax(high, y[i]);
    }
    return high - low;
}

/* A frame as f64 [n, m], owned. */
static double *frame_of(const fqpi_measuring *m, const fqpi_stored *s, int64_t f) {
    double *v = fqpi_alloc(m->ctx, (size_t)(s->n * s->m), sizeof *v);
    for (int64_t i = 0; v && i < s->n * s->m; i++)
        v[i] = fqpi_stored_at(s, f, i);
    return v;
}

/* What is measured of a target and a frame. */
typedef double quantity(const fqpi_measuring *m, const fqpi_stored *s, const double *frame);

static double measure(const fqpi_measuring *m, const double *arg, int nargs, quantity *of) {
    const fqpi_stored *s = fqpi_measuring_stored(m);
    double *v = s ? frame_of(m, s, fqpi_stored_frame(s, nargs > 0 ? arg[0] : INFINITY)) : NULL;
    const double q = v ? of(m, s, v) : NAN;
    fqpi_free(v);
    return q;
}

/* ---- quantities
 * ------------------------------------------------------------------------------------------------------ */

static double psnr_of(const fqpi_measuring *m, const fqpi_stored *s, const double *frame) {
    return fqp_psnr(s->y.data, frame, s->n * s->m, peak_of(m, s));
}

static double snr_of(const fqpi_measuring *m, const fqpi_stored *s, const double *frame) {
    (void)m;
    return fqp_snr(s->y.data, frame, s->n * s->m);
}

/* Sides of the monitored grid; 0: it has another number of axes. */
static bool grid_of(const fqpi_measuring *m, size_t axes, int64_t *side) {
    const json_t *grid = json_object_get(json_object_get(m->trial->manifest, "data"), "grid");
    for (size_t j = 0; j < axes && json_array_size(grid) == axes; j++)
        side[j] = json_integer_value(json_array_get(grid, j));
    if (json_array_size(grid) == axes)
        return true;
    fqpi_fail(m->ctx, FQP_E_ARG, NULL, "%s: the monitored points are no grid of %zu ax%s", m->dir, axes,
              axes == 1 ? "is" : "es");
    return false;
}

static double ssim_of(const fqpi_measuring *m, const fqpi_stored *s, const double *frame) {
    int64_t side[2];
    double q = NAN;
    if (!grid_of(m, 2, side) || fqp_ssim(m->ctx, s->y.data, frame, side[0], side[1], s->m, peak_of(m, s), &q))
        return NAN;
    return q;
}

static double distance_of(const fqpi_measuring *m, const fqpi_stored *s, const double *frame) {
    int64_t side[1];
    double q = NAN;
    if (!grid_of(m, 1, side))
        return NAN;
    if (s->m != 1) {
        fqpi_fail(m->ctx, FQP_E_ARG, NULL, "%s: a spectral distance is that of one channel, not of %lld", m->dir,
                  (long long)s->m);
        return NAN;
    }
    return fqp_log_spectral_distance(m->ctx, s->y.data, frame, s->n, &q) ? NAN : q;
}

/* ---- rows
 * ------------------------------------------------------------------------------------------------------------ */

/* Every frame of a signal brings its PSNR; of other data the stored predictions tell it. */
static double psnr(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqpi_seed *s = &m->trial->seed[m->seed];
    size_t f = s->frames;
    if (!s->psnr.data || f == 0 || s->psnr.shape[0] < (int64_t)f)
        return measure(m, arg, nargs, psnr_of);
    for (f--; f > 0 && nargs > 0 && (double)((const int64_t *)s->step.data)[f] > arg[0];)
        f--;
    return ((const double *)s->psnr.data)[f];
}
static double ssim(const fqpi_measuring *m, const double *arg, int nargs) {
    return measure(m, arg, nargs, ssim_of);
}
static double snr(const fqpi_measuring *m, const double *arg, int nargs) {
    return measure(m, arg, nargs, snr_of);
}
static double spectral_distance(const fqpi_measuring *m, const double *arg, int nargs) {
    return measure(m, arg, nargs, distance_of);
}
static double relative_l2(const fqpi_measuring *m, const double *arg, int nargs) {
    return pow(10, -measure(m, arg, nargs, snr_of) / 20);
}

/* First step recorded with this PSNR or more. */
static double psnr_step(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqpi_seed *s = &m->trial->seed[m->seed];
    (void)nargs;
    for (size_t f = 0; f < s->frames; f++) {
        const double step = (double)((const int64_t *)s->step.data)[f], q = psnr(m, &step, 1);
        if (isnan(q))
            return NAN;
        if (q >= arg[0])
            return step;
    }
    return INFINITY;
}

const fqpi_measure fqpi_measures_signal[] = {
    {"psnr", 0, 1, true, false,
     "psnr(), psnr(step): 10 log10(peak^2/mean squared error) at the monitored points [dB]; peak: the signal's range "
     "(1 "
     "of images); of other data that of the targets, from stored predictions",
     psnr},
    {"psnr_step", 1, 1, true, false, "psnr_step(p): first recorded step whose psnr is p or more; infinite: none",
     psnr_step},
    {"ssim", 0, 1, true, false,
     "ssim(), ssim(step): structural similarity of the stored predictions on a grid of two axes", ssim},
    {"snr", 0, 1, true, false,
     "snr(), snr(step): 10 log10(sum of target^2/sum of squared errors) of the stored predictions [dB]", snr},
    {"spectral_distance", 0, 1, true, false,
     "spectral_distance(), spectral_distance(step): log-spectral distance of the stored predictions on a grid of one "
     "axis "
     "[dB]",
     spectral_distance},
    {"relative_l2", 0, 1, true, false,
     "relative_l2(), relative_l2(step): root of the sum of squared errors over that of the squared targets",
     relative_l2},
    {0}};
