/* pixels.c - image frequency against response frequency: a fixed permutation of the pixels changes the first, not the
 * second (survey, sec. 3.2). */
#include "fail.h"
#include "fft.h"
#include "measure.h"
#include "mem.h"
#include "rng.h"

#include <math.h>

enum { IMAGES = 1000, SIDE = 28, PIXELS = SIDE * SIDE, WIDTHS = 3 };

typedef enum change { CHANGE_NONE, CHANGE_PERMUTED, CHANGE_NOISE } change;

static double *pixels_of(const fqpi_measuring *m, const fqp_dataset *d, change what) {
    double *x = fqpi_alloc(m->ctx, (size_t)d->n * PIXELS, sizeof *x);
    int64_t order[PIXELS];
    const uint64_t seed = (uint64_t)m->seed + 1;
    fqpi_rng_permutation(seed, FQPI_STREAM_TEST, 0, PIXELS, order);
    const fqp_view v = fqp_array_view(&d->x);
    for (int64_t i = 0; x && i < d->n; i++)
        for (int64_t c = 0; c < PIXELS; c++) {
            const int64_t at = i * PIXELS + c;
            if (what == CHANGE_PERMUTED)
                x[at] = fqp_view_at(v, i * PIXELS + order[c]);
            else
                x[at] = fqp_view_at(v, at);
            if (what == CHANGE_NOISE)
                x[at] += 0.2 * fqpi_rng_normal(seed, FQPI_STREAM_NOISE, (uint64_t)at);
        }
    return x;
}

/* Low-frequency ratios of the labels at delta 3, 10, 30 over the changed images. */
static bool ratios(const fqpi_measuring *m, const fqp_dataset *d, change what, double ratio[WIDTHS]) {
    double *x = pixels_of(m, d, what);
    fqp_monitor *monitor =
        x ? fqpi_measuring_monitor(m, "monitor: {probes: [filter], filter: {delta: [3, 10, 30], min_share: 0}}",
                                   fqp_view_2d(x, d->n, PIXELS), fqp_array_view(&d->y))
          : NULL;
    fqp_bins bins;
    const bool good = monitor && !fqp_monitor_observe(monitor, 0, 0, fqp_array_view(&d->y)) &&
                      !fqp_monitor_bins(monitor, 0, 0, &bins);
    for (int w = 0; good && w < WIDTHS; w++) {
        const double low = bins.target[4 * w] * bins.target[4 * w]; /* low parts are every second bin */
        ratio[w] = low / (double)d->n;                              /* ||one-hot labels||^2 = n */
    }
    fqp_monitor_destroy(monitor);
    fqpi_free(x);
    return good;
}

static double response_change(const fqpi_measuring *m, change what) {
    const fqp_dataset *d = fqpi_measuring_images(m, IMAGES);
    double before[WIDTHS], after[WIDTHS], worst = 0;
    if (!d || d->d != PIXELS || !ratios(m, d, CHANGE_NONE, before) || !ratios(m, d, what, after))
        return NAN;
    for (int w = 0; w < WIDTHS; w++)
        worst = fmax(worst, fabs(after[w] - before[w]) / before[w]);
    return worst;
}

static double pixels_response(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    return response_change(m, CHANGE_PERMUTED);
}

static double pixels_noise(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    return response_change(m, CHANGE_NOISE);
}

/* ---- image frequency ------------------------------------------------------------------------------------------- */

/* Power-weighted mean of |k| in cycles a pixel over all images, each without its mean. */
static double centroid(const fqpi_measuring *m, const fqp_dataset *d, change what) {
    const int64_t shape[2] = {SIDE, SIDE};
    fqpi_fft *fft = NULL;
    double *x = pixels_of(m, d, what), moment = 0, power = 0;
    if (!x || fqpi_fft_create(m->ctx, 2, shape, &fft)) {
        fqpi_free(x);
        return NAN;
    }
    for (int64_t i = 0; i < d->n; i++) {
        double mean = 0;
        for (int64_t c = 0; c < PIXELS; c++)
            mean += x[i * PIXELS + c] / PIXELS;
        for (int64_t c = 0; c < PIXELS; c++)
            fqpi_fft_field(fft)[c] = x[i * PIXELS + c] - mean;
        const double *z = fqpi_fft_run(fft);
        for (int64_t a = -SIDE / 2; a < SIDE / 2; a++)
            for (int64_t b = -SIDE / 2; b < SIDE / 2; b++) {
                bool conj;
                const int64_t k[2] = {a, b};
                const double *at = z + 2 * fqpi_fft_index(fft, k, &conj);
                const double p = at[0] * at[0] + at[1] * at[1];
                moment += p * hypot((double)a, (double)b) / SIDE;
                power += p;
            }
    }
    fqpi_fft_destroy(fft);
    fqpi_free(x);
    return moment / power;
}

/* arg[0] = 0: of the images; 1: of the images with permuted pixels. */
static double pixels_centroid(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqp_dataset *d = fqpi_measuring_images(m, IMAGES);
    return d && d->d == PIXELS ? centroid(m, d, arg[0] > 0 ? CHANGE_PERMUTED : CHANGE_NONE) : NAN;
}

const fqpi_measure fqpi_measures_pixels[] = {
    {"pixels_response", 0, 0, false, false,
     "pixels_response(): largest relative change of the labels' low-frequency ratio when the pixels are permuted",
     pixels_response},
    {"pixels_noise", 0, 0, false, false, "pixels_noise(): the same when noise of std 0.2 is added to the pixels",
     pixels_noise},
    {"pixels_centroid", 1, 1, false, false,
     "pixels_centroid(permuted): mean image frequency in cycles a pixel; permuted 0 or 1", pixels_centroid},
    {0}};
