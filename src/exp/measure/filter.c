/* filter.c - the Gaussian filter: its laws, and the order it finds.
 *
 * Laws are checked through the monitor against S built by a second road: plain loops, double precision, the definition
 * S_ij = G(x_i - x_j) / sum_j G(x_i - x_j),  G(z) = exp(-|z|^2/(2 delta)). */
#include "fail.h"
#include "gauss_filter.h"
#include "measure.h"
#include "mem.h"

#include <math.h>
#include <string.h>

static double filter_share(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    const fqpi_series *s = fqpi_measuring_series(m, m->seed, "filter");
    return s ? fqpi_series_low_share(&m->trial->seed[m->seed], s, -1) : NAN;
}

/* Number of widths of which both parts are strong enough to compare. */
static double filter_widths(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    const fqpi_series *s = fqpi_measuring_series(m, m->seed, "filter");
    double n = 0;
    for (size_t b = 0; s && b < s->nbins; b++) {
        bool low;
        const int64_t pair = fqpi_series_pair(s, b, &low);
        n += pair >= 0 && low && fqpi_series_valid(s, b) && fqpi_series_valid(s, (size_t)pair);
    }
    return n;
}

/* ---- the high part as a target ------------------------------------------------------------------------------- */

typedef struct high_target {
    double share; /* of the low part, as the monitor reports it */
    double masked;
} high_target;

static high_target judge_high(const fqpi_measuring *m, fqp_view x, fqp_view y, double delta) {
    high_target out = {NAN, NAN};
    const int64_t values = fqp_view_count(y);
    double *low = fqpi_alloc(m->ctx, (size_t)values, sizeof *low), whole = 0;
    if (!low || fqpi_filter(m->ctx, x, y, &delta, 1, low)) {
        fqpi_free(low);
        return out;
    }
    for (int64_t i = 0; i < values; i++) {
        low[i] = fqp_view_at(y, i) - low[i];
        whole += low[i] * low[i];
    }
    char yaml[128];
    fqpi_print(yaml, sizeof yaml, "monitor: {probes: [filter], filter: {delta: [%.17g], min_share: 0.05}}", delta);
    const fqp_view high = fqp_view_2d(low, y.shape[0], y.ndim > 1 ? y.shape[1] : 1);
    fqp_monitor *monitor = fqpi_measuring_monitor(m, yaml, x, high);
    fqp_bins bins;
    if (monitor && !fqp_monitor_observe(monitor, 0, 0, high) && !fqp_monitor_bins(monitor, 0, 0, &bins)) {
        out.share = bins.target[0] / sqrt(whole);
        out.masked = !bins.valid[0];
    }
    fqp_monitor_destroy(monitor);
    fqpi_free(low);
    return out;
}

static high_target high_of_run(const fqpi_measuring *m, double delta) {
    char own[64];
    fqp_array x = {0}, y = {0};
    fqpi_print(own, sizeof own, "seed_%04lld/y", (long long)m->trial->seed[m->seed].number);
    char file[80];
    fqpi_print(file, sizeof file, "%s.npy", own);
    high_target out = {NAN, NAN};
    if (!fqp_store_get(m->trial->store, "x", &x) &&
        !fqp_store_get(m->trial->store, fqp_store_has(m->trial->store, file) ? own : "y", &y))
        out = judge_high(m, fqp_array_view(&x), fqp_array_view(&y), delta);
    fqp_array_free(&x);
    fqp_array_free(&y);
    return out;
}

static double filter_high_share(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return high_of_run(m, arg[0]).share;
}

static double filter_high_masked(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return high_of_run(m, arg[0]).masked;
}

/* ---- laws on images -------------------------------------------------------------------------------------------- */

enum { IMAGES = 1000, WIDTHS = 3 };
static const double widths[WIDTHS] = {3, 10, 30};

/* G [n,n] by the definition; columns: S is normalised by its columns instead. */
static double *weights(const fqpi_measuring *m, const fqp_dataset *d, double delta, bool columns) {
    const int64_t n = d->n;
    const fqp_view x = fqp_array_view(&d->x);
    double *g = fqpi_alloc(m->ctx, (size_t)(n * n), sizeof *g),
           *pixel = fqpi_alloc(m->ctx, (size_t)(n * d->d), sizeof *pixel);
    for (int64_t i = 0; g && pixel && i < n * d->d; i++)
        pixel[i] = fqp_view_at(x, i);
    for (int64_t i = 0; g && pixel && i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
            for (int64_t c = 0; c < d->d; c++) {
                const double z = pixel[i * d->d + c] - pixel[j * d->d + c];
                sum += z * z;
            }
            g[i * n + j] = exp(-sum / (2 * delta));
        }
    fqpi_free(pixel);
    for (int64_t i = 0; g && !columns && i < n; i++) {
        double sum = 0;
        for (int64_t j = 0; j < n; j++)
            sum += g[i * n + j];
        for (int64_t j = 0; j < n; j++)
            g[i * n + j] /= sum;
    }
    for (int64_t j = 0; g && columns && j < n; j++) {
        double sum = 0;
        for (int64_t i = 0; i < n; i++)
            sum += g[i * n + j];
        for (int64_t i = 0; i < n; i++)
            g[i * n + j] /= sum;
    }
    return g;
}

/* out [n,m] = S y */
static void apply(const double *s, int64_t n, int64_t cols, const double *y, double *out) {
    memset(out, 0, (size_t)(n * cols) * sizeof *out);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            for (int64_t c = 0; c < cols; c++)
                out[i * cols + c] += s[i * n + j] * y[j * cols + c];
}

static double norm(const double *v, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

/* Monitor of target y with one width; bins after one observation of h.  NULL with a problem. */
static fqp_monitor *observe(const fqpi_measuring *m, fqp_view x, fqp_view y, fqp_view h, double delta, fqp_bins *bins) {
    char yaml[128];
    fqpi_print(yaml, sizeof yaml, "monitor: {probes: [filter], filter: {delta: [%.17g], min_share: 0}}", delta);
    fqp_monitor *monitor = fqpi_measuring_monitor(m, yaml, x, y);
    if (!monitor || fqp_monitor_observe(monitor, 0, 0, h) || fqp_monitor_bins(monitor, 0, 0, bins)) {
        fqp_monitor_destroy(monitor);
        return NULL;
    }
    return monitor;
}

/* ||const_high|| / ||const|| through the monitor. */
static double constant_high(const fqpi_measuring *m, const fqp_dataset *d, double delta, double *ones) {
    fqp_bins bins;
    const fqp_view y = fqp_view_1d(ones, d->n);
    fqp_monitor *monitor = observe(m, fqp_array_view(&d->x), y, y, delta, &bins);
    const double high = monitor ? bins.target[2] / norm(ones, d->n) : NAN;
    fqp_monitor_destroy(monitor);
    return high;
}

/* Largest of e_low, e_high at h = y, and |e_low - ||S(Sy - y)||/||Sy||| at h = Sy. */
static double exact_errors(const fqpi_measuring *m, const fqp_dataset *d, double delta, double *scratch) {
    const int64_t n = d->n, cols = d->m, all = n * cols;
    const fqp_view x = fqp_array_view(&d->x), y = fqp_array_view(&d->y);
    double *s = weights(m, d, delta, false), *sy = scratch, *ssy = scratch + all;
    if (!s)
        return NAN;
    apply(s, n, cols, d->y.data, sy);
    for (int64_t i = 0; i < all; i++)
        ssy[i] = sy[i] - ((const double *)d->y.data)[i];
    double *low = scratch + 2 * all;
    apply(s, n, cols, ssy, low);
    fqpi_free(s);
    fqp_bins bins;
    fqp_monitor *same = observe(m, x, y, y, delta, &bins);
    double worst = same ? fmax(bins.error[0], bins.error[1]) : NAN;
    fqp_monitor_destroy(same);
    fqp_monitor *smooth = observe(m, x, y, fqp_view_2d(sy, n, cols), delta, &bins);
    worst = smooth ? fmax(worst, fabs(bins.error[0] - norm(low, all) / norm(sy, all))) : NAN;
    fqp_monitor_destroy(smooth);
    return worst;
}

static double filter_laws(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    const fqp_dataset *d = fqpi_measuring_images(m, IMAGES);
    double *scratch = d ? fqpi_alloc(m->ctx, (size_t)(3 * d->n * d->m), sizeof *scratch) : NULL;
    double worst = scratch ? 0 : NAN;
    for (int w = 0; w < WIDTHS && scratch; w++) {
        for (int64_t i = 0; i < d->n; i++)
            scratch[i] = 1;
        const double high = constant_high(m, d, widths[w], scratch), error = exact_errors(m, d, widths[w], scratch);
        worst = isnan(high) || isnan(error) ? NAN : fmax(worst, fmax(high, error));
    }
    fqpi_free(scratch);
    return worst;
}

/* How far a constant is from itself when columns are normalised in place of rows; the smallest over the widths. */
static double filter_columns(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    const fqp_dataset *d = fqpi_measuring_images(m, IMAGES);
    double least = d ? INFINITY : NAN;
    for (int w = 0; d && w < WIDTHS; w++) {
        double *s = weights(m, d, widths[w], true), sum = 0;
        for (int64_t i = 0; s && i < d->n; i++) {
            double row = -1;
            for (int64_t j = 0; j < d->n; j++)
                row += s[i * d->n + j];
            sum += row * row;
        }
        least = s ? fmin(least, sqrt(sum / (double)d->n)) : NAN;
        fqpi_free(s);
    }
    return least;
}

/* ---- the multiplier on a grid ---------------------------------------------------------------------------------- */

/* max |y_low - exp(-2 pi^2 delta xi^2) y| over 0.1 < x < 0.9; arg[0] = 1 reads delta as a standard deviation. */
static double filter_multiplier(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    enum { N = 401 };
    static const double frequency[2] = {8, 16};
    const double delta = 1e-4, used = arg[0] > 0 ? delta * delta : delta;
    double x[N], y[2 * N], low[2 * N], worst = 0;
    for (int j = 0; j < N; j++) {
        x[j] = j / 400.0;
        y[2 * j] = cos(2 * M_PI * frequency[0] * x[j]);
        y[2 * j + 1] = sin(2 * M_PI * frequency[1] * x[j]);
    }
    if (fqpi_filter(m->ctx, fqp_view_2d(x, N, 1), fqp_view_2d(y, N, 2), &used, 1, low))
        return NAN;
    for (int j = 0; j < N; j++)
        for (int c = 0; c < 2; c++) {
            const double multiplier = exp(-2 * M_PI * M_PI * delta * frequency[c] * frequency[c]);
            if (x[j] > 0.1 && x[j] < 0.9)
                worst = fmax(worst, fabs(low[2 * j + c] - multiplier * y[2 * j + c]));
        }
    return worst;
}

const fqpi_measure fqpi_measures_filter[] = {
    {"filter_share", 0, 0, true, false,
     "filter_share(): share of (frame, width) pairs with e_low < e_high, where both parts are strong enough",
     filter_share},
    {"filter_widths", 0, 0, true, false, "filter_widths(): widths of which both parts are strong enough to compare",
     filter_widths},
    {"filter_high_share", 1, 1, true, false,
     "filter_high_share(delta): share of the low part in the target y - S y, as the monitor reports it",
     filter_high_share},
    {"filter_high_masked", 1, 1, true, false,
     "filter_high_masked(delta): 1 when the low part of the target y - S y is masked", filter_high_masked},
    {"filter_laws", 0, 0, false, false,
     "filter_laws(): largest deviation from the filter's identities on 1000 images, delta 3, 10, 30", filter_laws},
    {"filter_columns", 0, 0, false, false,
     "filter_columns(): deviation of a filtered constant when columns are normalised in place of rows", filter_columns},
    {"filter_multiplier", 1, 1, false, false,
     "filter_multiplier(reading): deviation from exp(-2 pi^2 delta xi^2) on a grid; reading 1 takes delta for a "
     "standard "
     "deviation",
     filter_multiplier},
    {0}};
