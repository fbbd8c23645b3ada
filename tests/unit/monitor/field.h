/* field.h - what the tests of monitor share: views, grids, the settings of the papers, and a monitor with given
 * options. */
#ifndef FQP_TEST_FIELD_H
#define FQP_TEST_FIELD_H

#include "support.h"

#include <fqp/monitor.h>
#include <stdlib.h>

static inline fqp_view table(const double *v, int64_t rows, int64_t cols) {
    return (fqp_view){.data = v, .dtype = FQP_F64, .ndim = 2, .shape = {rows, cols}};
}

/* n points from a to b, end point included. */
static inline void grid(double *x, int64_t n, double a, double b) {
    for (int64_t j = 0; j < n; j++)
        x[j] = a + (b - a) * (double)j / (double)(n - 1);
}

/* sum_i a[i] sin(w[i] x) */
static inline void sines(const double *x, int64_t n, int count, const double *a, const double *w, double *y) {
    for (int64_t j = 0; j < n; j++) {
        y[j] = 0;
        for (int i = 0; i < count; i++)
            y[j] += a[i] * sin(w[i] * x[j]);
    }
}

typedef struct setting { /* science reference 1.5 */
    const char *name;
    double a, b;
    int64_t n, kmax;
    int count;
    double amplitude[3], omega[3];
    int peaks;
    int64_t index[3];
    double norm[3]; /* |Y_k|/n at the peaks, 1.6 */
} setting;

static const setting settings[] = {
    {"A", -10, 10, 61, 20, 2, {1, 1}, {1, 4}, 2, {3, 13}, {0.4369, 0.4800}},
    {"B", -5, 5, 101, 40, 3, {1, 2, 3}, {1, 3, 5}, 3, {2, 5, 8}, {0.4628, 0.8851, 1.4658}},
    {"C", -3.14, 3.14, 201, 40, 3, {1, 1, 1}, {1, 3, 5}, 3, {1, 3, 5}, {0.5015, 0.5012, 0.4933}},
};
enum { SETTINGS = sizeof settings / sizeof settings[0], SETTING_POINTS = 201 };

static inline void setting_field(const setting *s, double *x, double *y) {
    grid(x, s->n, s->a, s->b);
    sines(x, s->n, s->count, s->amplitude, s->omega, y);
}

static inline fqp_ctx *open_ctx(int threads) {
    fqp_ctx *ctx = NULL;
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = threads}, &ctx), FQP_OK);
    return ctx;
}

/* Probe numbers are rows of rows.c. */
enum { DFT, PROJECTION, FILTER, RADIAL, SCATTERED, SINE };

/* A monitor with one probe; setup's probe options may be NULL. */
static inline fqp_status open_probe(fqp_ctx *ctx, int64_t probe, fqp_view x, fqp_view y, fqp_monitor_setup setup,
                                    fqp_monitor **out) {
    fqp_monitor_opts o = {.probes = {&probe, 1}};
    setup.monitor = &o;
    return fqp_monitor_create(ctx, x, y, &setup, out);
}

static inline fqp_bins bins_of(const fqp_monitor *m, size_t probe, size_t frame) {
    fqp_bins b;
    assert_int_equal(fqp_monitor_bins(m, probe, frame, &b), FQP_OK);
    return b;
}

static inline double norm_of(const double *spectrum, size_t ncomp, size_t bin) {
    double sum = 0;
    for (size_t i = 0; i < 2 * ncomp; i++)
        sum += spectrum[2 * ncomp * bin + i] * spectrum[2 * ncomp * bin + i];
    return sqrt(sum);
}

#endif
