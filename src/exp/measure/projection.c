/* projection.c - bands along a direction of input space: shares of frames, captures, and random directions. */
#include "measure.h"

#include <math.h>
#include <stdio.h>

static int64_t selected(const fqpi_series *s, double i) {
    for (size_t b = 0; s && b < s->nbins; b++)
        if (fqpi_series_selected(s, b) && --i < 0.5)
            return (int64_t)b;
    return -1;
}

/* Share of recorded frames after step 0 in which selected bin 1 has the smaller error than selected bin 2. */
static double band_share(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    const fqpi_series *s = fqpi_measuring_series(m, m->seed, "projection");
    const int64_t low = selected(s, 1), high = selected(s, 2);
    if (low < 0 || high < 0)
        return NAN;
    const int64_t *step = m->trial->seed[m->seed].step.data;
    double first = 0, all = 0;
    for (size_t f = 0; f < s->frames; f++)
        if (step[f] > 0) {
            first += fqpi_series_error(s, f, (size_t)low) < fqpi_series_error(s, f, (size_t)high);
            all++;
        }
    return all > 0 ? first / all : NAN;
}

static double t_band(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqpi_series *s = fqpi_measuring_series(m, m->seed, "projection");
    const int64_t b = selected(s, arg[0]);
    if (b < 0)
        return NAN;
    return fqpi_series_capture(m->trial, &m->trial->seed[m->seed], s, (size_t)b, nargs > 1 ? arg[1] : m->trial->tau);
}

/* ---- directions ------------------------------------------------------------------------------------------------ */

/* Norm of the labels' transform over the band 0.5 to 2 along a direction of the first 5000 images. */
static double band_norm(const fqpi_measuring *m, const char *direction, fqp_view x, fqp_view y) {
    char yaml[256];
    fqpi_print(
        yaml, sizeof yaml,
        "monitor: {probes: [projection], projection: {direction: %s, kmin: 0.5, kmax: 2, dk: 0.5, bands: [0.5, 2], "
        "rescale: true, centre: true}}",
        direction);
    fqp_monitor *monitor = fqpi_measuring_monitor(m, yaml, x, y);
    fqp_bins bins;
    double norm = NAN;
    if (monitor && !fqp_monitor_observe(monitor, 0, 0, y) && !fqp_monitor_bins(monitor, 0, 0, &bins)) {
        const double *band = bins.target + (bins.nbins - 1) * bins.ncomp * 2;
        norm = 0;
        for (size_t i = 0; i < 2 * bins.ncomp; i++)
            norm += band[i] * band[i];
        norm = sqrt(norm);
    }
    fqp_monitor_destroy(monitor);
    return norm;
}

enum { IMAGES = 5000 };

static double principal_norm(const fqpi_measuring *m, const fqp_dataset *d) {
    double *known = fqpi_cache_place(m, fqpi_measures_projection, sizeof *known, NULL);
    if (known && *known == 0)
        *known = band_norm(m, "pc1", fqp_array_view(&d->x), fqp_array_view(&d->y));
    return known ? *known : NAN;
}

/* Random direction arg[0] against the first principal component. */
static double projection_random(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqp_dataset *d = fqpi_measuring_images(m, IMAGES);
    if (!d)
        return NAN;
    char direction[64];
    fqpi_print(direction, sizeof direction, "random, direction_seed: %.0f", arg[0]);
    return band_norm(m, direction, fqp_array_view(&d->x), fqp_array_view(&d->y)) / principal_norm(m, d);
}

/* The first principal component of the mirrored images (all inputs negated), which turns its coordinate around. */
static double projection_flipped(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    const fqp_dataset *d = fqpi_measuring_images(m, IMAGES);
    fqp_array x = {0};
    if (!d || fqp_array_convert(m->ctx, fqp_array_view(&d->x), FQP_F64, &x))
        return NAN;
    const int64_t n = fqp_view_count(fqp_array_view(&x));
    for (int64_t i = 0; i < n; i++)
        ((double *)x.data)[i] *= -1;
    const double ratio = band_norm(m, "pc1", fqp_array_view(&x), fqp_array_view(&d->y)) / principal_norm(m, d);
    fqp_array_free(&x);
    return ratio;
}

const fqpi_measure fqpi_measures_projection[] = {
    {"band_share", 0, 0, true, false,
     "band_share(): share of frames in which the first projection band has a smaller error than the second",
     band_share},
    {"t_band", 1, 2, true, false, "t_band(i), t_band(i, tau): capture step of the i-th selected projection bin",
     t_band},
    {"projection_random", 1, 1, false, false,
     "projection_random(i): label energy of 5000 images in the band 0.5 to 2 along random direction i over that along "
     "pc1",
     projection_random},
    {"projection_flipped", 0, 0, false, false, "projection_flipped(): the same for pc1 with its sign flipped, over pc1",
     projection_flipped},
    {0}};
