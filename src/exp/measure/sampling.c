/* sampling.c - what samples do to a spectrum: folding (aliasing) and white noise.
 *
 * n equispaced samples cannot tell frequency v from v - n, 2n - v, ...: a learner that prefers low frequencies takes
 * the lowest of them.  What it then learns is the trigonometric polynomial of the lowest degree through the samples,
 * and its error between them follows from the samples and the target alone (survey arXiv 2201.07395, section 5).
 *
 * White noise of standard deviation s has Y_k/n complex Gaussian with E |Y_k|^2/n^2 = s^2/n at inner k, so |Y_k|/n is
 * Rayleigh distributed with mean s sqrt(pi)/(2 sqrt n); Y_0/n is real and its modulus has mean s sqrt(2/(pi n)). */
#include "grid.h"
#include "measure.h"
#include "mem.h"
#include "rng.h"
#include "trained.h"

#include <complex.h>
#include <math.h>

/* ---- folding --------------------------------------------------------------------------------------------------- */

/* Coefficients k = 0 .. (n-1)/2 of the samples of a data set over a grid of period T. */
typedef struct spectrum {
    fqp_dataset *data;
    double start, period;
    int64_t n, most;
    double complex *c; /* [most + 1] */
} spectrum;

static void drop(spectrum *s) {
    fqpi_free(s->c);
    fqp_dataset_destroy(s->data);
    *s = (spectrum){0};
}

static fqp_status load_data(const fqpi_measuring *m, fqp_dataset **out) {
    char path[4096 + FQPI_NAME];
    fqpi_print(path, sizeof path, "%s/config.yaml", m->dir);
    fqp_config *config = NULL;
    fqp_status s = fqp_config_load(m->ctx, path, 0, NULL, &config);
    if (!s)
        s = fqp_dataset_create(m->ctx, fqp_config_section(config, "data"), (uint64_t)m->trial->seed[m->seed].number,
                               config, out);
    fqp_config_destroy(config);
    return s;
}

static void transform(spectrum *s) {
    const double *y = s->data->y.data;
    for (int64_t k = 0; k <= s->most; k++) {
        s->c[k] = 0;
        for (int64_t j = 0; j < s->n; j++) /* k j mod n keeps the angle exact */
            s->c[k] += y[j] * cexp(-2 * M_PI * I * (double)(k * j % s->n) / (double)s->n) / (double)s->n;
    }
}

static bool sampled(const fqpi_measuring *m, spectrum *s) {
    *s = (spectrum){0};
    fqpi_grid grid;
    fqp_status st = load_data(m, &s->data);
    if (!st)
        st = fqpi_grid_find(m->ctx, fqp_array_view(&s->data->x), "this measure", "it has no other form", NULL, &grid);
    if (!st && grid.ndim == 1 && s->data->m == 1) {
        s->n = grid.n;
        s->most = (grid.n - 1) / 2;
        s->start = ((const double *)s->data->x.data)[0];
        s->period = grid.period[0];
        s->c = fqpi_alloc(m->ctx, (size_t)s->most + 1, sizeof *s->c);
    }
    if (s->c) {
        transform(s);
        return true;
    }
    drop(s);
    return false;
}

static double polynomial(const spectrum *s, double x) {
    double y = creal(s->c[0]);
    for (int64_t k = 1; k <= s->most; k++)
        y += 2 * creal(s->c[k] * cexp(2 * M_PI * I * (double)k * (x - s->start) / s->period));
    return y;
}

static double folded_error(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    spectrum s;
    if (!sampled(m, &s))
        return NAN;
    const double *x = s.data->x_test.data, *y = s.data->y_test.data;
    double sum = 0;
    for (int64_t i = 0; i < s.data->n_test; i++) {
        const double e = polynomial(&s, x[i]) - y[i];
        sum += e * e;
    }
    const double found = s.data->n_test ? sum / (double)s.data->n_test : NAN;
    drop(&s);
    return found;
}

static double folded_amplitude(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    spectrum s;
    if (!sampled(m, &s))
        return NAN;
    const int64_t k = llround(arg[0]);
    const double found = k >= 0 && k <= s.most ? cabs(s.c[k]) : NAN;
    drop(&s);
    return found;
}

/* ---- noise ----------------------------------------------------------------------------------------------------- */

static double noise_mean(double std, double n) {
    return std * sqrt(M_PI) / (2 * sqrt(n));
}

/* arg: k, n, draws. */
static double noise_ratio(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)m;
    (void)nargs;
    enum { ROOM = 4096 };
    const int64_t n = llround(arg[1]), k = llround(arg[0]);
    if (n < 1 || n > ROOM || k < 0 || k > n / 2)
        return NAN;
    double complex turn[ROOM];
    double y[ROOM], sum = 0;
    for (int64_t j = 0; j < n; j++)
        turn[j] = cexp(-2 * M_PI * I * (double)(k * j % n) / (double)n);
    for (uint64_t draw = 0; (double)draw < arg[2]; draw++) {
        double complex z = 0;
        fqpi_rng_normals(1, FQPI_STREAM_NOISE, draw * (uint64_t)n, n, y);
        for (int64_t j = 0; j < n; j++)
            z += y[j] * turn[j];
        sum += cabs(z) / (double)n;
    }
    return sum / arg[2] / noise_mean(1, (double)n);
}

static double noise_floor(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)m;
    (void)nargs;
    return noise_mean(arg[0], arg[1]);
}

/* Highest frequency up to which the target is nowhere below the floor; the mean does not count. */
static double noise_crossing(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_series *s = fqpi_measuring_series(m, m->seed, NULL);
    double last = 0;
    for (size_t b = 0; s && b < s->nbins; b++) {
        const double k = ((const double *)s->axis.data)[b];
        if (k > 0 && fqpi_series_target(s, b) < noise_mean(arg[0], arg[1]))
            break;
        last = k;
    }
    return s ? last : NAN;
}

static double captured_to(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqpi_series *s = fqpi_measuring_series(m, m->seed, NULL);
    const double tau = nargs > 1 ? arg[1] : m->trial->tau;
    double step = 0;
    for (size_t b = 0; s && b < s->nbins; b++)
        if (fqpi_series_selected(s, b) && ((const double *)s->axis.data)[b] <= arg[0])
            step = fmax(step, fqpi_series_capture(m->trial, &m->trial->seed[m->seed], s, b, tau));
    return s ? step : NAN;
}

const fqpi_measure fqpi_measures_sampling[] = {
    {"folded_error", 0, 0, true, false,
     "folded_error(): mean squared difference, on the test points, of the target and the lowest trigonometric "
     "polynomial "
     "through the training points: what a low-frequency-first learner is expected to get wrong",
     folded_error},
    {"folded_amplitude", 1, 1, true, false,
     "folded_amplitude(k): |Y_k|/n of the training points, k in cycles per period", folded_amplitude},
    {"noise_ratio", 3, 3, false, false,
     "noise_ratio(k, n, draws): mean |Y_k|/n of white noise at n points over s sqrt(pi)/(2 sqrt n)", noise_ratio},
    {"noise_floor", 2, 2, false, false, "noise_floor(s, n): s sqrt(pi)/(2 sqrt n)", noise_floor},
    {"noise_crossing", 2, 2, true, false,
     "noise_crossing(s, n): highest frequency before the target falls below noise_floor(s, n)", noise_crossing},
    {"captured_to", 1, 2, true, false,
     "captured_to(k), captured_to(k, tau): step at which all selected frequencies up to k are captured", captured_to},
    {0}};
