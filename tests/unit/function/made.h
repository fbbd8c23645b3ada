/* made.h - small trained functions, and a folder for their files. */
#ifndef FQP_TEST_MADE_H
#define FQP_TEST_MADE_H

#include "folder.h"
#include "function_i.h"
#include "mem.h"

#include <stdlib.h>
#include <unistd.h>

/* Options of a small network; widths are the caller's. */
static inline fqp_model_opts small_options(int64_t hidden[2]) {
    fqp_model_opts o = fqpi_model_defaults;
    hidden[0] = 9;
    hidden[1] = 6;
    o.hidden = (fqp_ints){hidden, 2};
    o.precision = 1;
    o.bias_std = 0.3;
    return o;
}

static inline void add(fqp_function *f, const fqp_model_opts *o, uint64_t seed, double factor, const double *phase,
                       double turn) {
    fqp_model *net = NULL;
    assert_ok(ctx, fqp_model_create(ctx, f->d, f->m, o, seed, &net));
    const fqp_function_part p = {
        .options = o, .seed = seed, .model = net, .factor = factor, .phase = phase, .turn = turn};
    assert_ok(ctx, fqp_function_add(f, &p));
    fqp_model_destroy(net);
}

/* Two coordinates, three outputs: a plain network in f64, Fourier features behind a gate in f32. */
static inline fqp_function *two_parts(void) {
    int64_t hidden[2];
    fqp_model_opts o = small_options(hidden);
    fqp_function *f = NULL;
    assert_ok(ctx, fqp_function_create(ctx, 2, 3, &f));
    assert_ok(ctx, fqp_function_scale(f, (double[]){0.5, -1}, (double[]){0.5, 2}, (double[]){0, 0.25, 1},
                                      (double[]){2, 1, 0.5}));
    add(f, &o, 3, 1, NULL, 0);
    o.embedding = 1;
    o.features = 5;
    o.precision = 0;
    hidden[1] = 4;
    add(f, &o, 11, 1e-3, (double[]){20, -3}, 0.7);
    assert_ok(ctx, fqp_function_note(f, "signal.kind", "image"));
    assert_ok(ctx, fqp_function_note(f, "signal.shape", "8 \"6\""));
    return f;
}

/* n points of the square [0, 1] x [-3, 1]. */
static inline double *points(int64_t n) {
    double *x = malloc((size_t)(2 * n) * sizeof *x);
    assert_non_null(x);
    for (int64_t i = 0; i < n; i++) {
        x[2 * i] = fmod(0.6180339887 * (double)i, 1);
        x[2 * i + 1] = -3 + 4 * fmod(0.7548776662 * (double)i, 1);
    }
    return x;
}

static inline double *values(const fqp_function *f, const double *x, int64_t n) {
    double *y = malloc((size_t)(n * f->m) * sizeof *y);
    assert_non_null(y);
    assert_ok(ctx, fqp_function_eval(ctx, f, fqp_view_2d(x, n, f->d), y));
    return y;
}

#endif
