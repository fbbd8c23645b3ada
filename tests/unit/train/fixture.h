/* fixture.h - small data sets, networks and trainers for the tests of training. */
#ifndef TRAIN_FIXTURE_H
#define TRAIN_FIXTURE_H

#include "mem.h"
#include "net.h"
#include "rng.h"
#include "support.h"
#include "trainer.h"

#include <stdlib.h>
#include <unistd.h>

typedef struct fixture {
    fqp_ctx *ctx;
    fqp_dataset data;
    double *x, *y;
    int64_t *labels;
    fqp_model *net;
    fqp_trainer *trainer;
} fixture;

/* Inputs in [-1,1], smooth targets in (0,1) that are probabilities when m > 1, class = largest target. */
static inline void fixture_data(fixture *f, int64_t n, int64_t d, int64_t m) {
    f->x = calloc((size_t)(n * d), sizeof *f->x);
    f->y = calloc((size_t)(n * m), sizeof *f->y);
    f->labels = calloc((size_t)n, sizeof *f->labels);
    for (int64_t i = 0; i < n; i++) {
        double sum = 0, s = 0;
        for (int64_t c = 0; c < d; c++)
            s += f->x[i * d + c] = 2 * fqpi_rng_uniform(7, FQPI_STREAM_POINTS, (uint64_t)(i * d + c)) - 1;
        for (int64_t c = 0; c < m; c++)
            sum += f->y[i * m + c] = 0.5 + 0.4 * sin(3 * s + (double)c);
        for (int64_t c = 0; c < m && m > 1; c++) {
            f->y[i * m + c] /= sum;
            if (f->y[i * m + c] > f->y[i * m + f->labels[i]])
                f->labels[i] = c;
        }
    }
    f->data = (fqp_dataset){.n = n,
                            .d = d,
                            .m = m,
                            .x = {.data = f->x, .dtype = FQP_F64, .ndim = 2, .shape = {n, d}},
                            .y = {.data = f->y, .dtype = FQP_F64, .ndim = 2, .shape = {n, m}}};
}

static inline void fixture_classes(fixture *f) {
    f->data.labels = (fqp_array){.data = f->labels, .dtype = FQP_I64, .ndim = 1, .shape = {f->data.n}};
    f->data.classes = f->data.m;
}

static inline void fixture_open(fixture *f, int threads) {
    *f = (fixture){0};
    fqp_ctx_opts o = {.threads = threads};
    assert_int_equal(fqp_ctx_create(&o, &f->ctx), FQP_OK);
}

static inline void fixture_close(fixture *f) {
    fqp_trainer_destroy(f->trainer);
    fqp_model_destroy(f->net);
    fqp_ctx_destroy(f->ctx);
    free(f->x);
    free(f->y);
    free(f->labels);
}

static inline fqp_model_opts small_model(int64_t *hidden, size_t layers, int activation, bool f64) {
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){hidden, layers};
    o.activation = activation;
    o.precision = f64;
    return o;
}

/* Largest difference between gradient and central differences of the loss, relative to the largest entry, over
 * parameters away from kinks. */
static inline double loss_at(fixture *f, double *w, double value) {
    const double keep = *w;
    double loss;
    *w = value;
    assert_ok(f->ctx, fqp_trainer_gradient(f->trainer, &loss, NULL));
    *w = keep;
    return loss;
}

/* Differences of fourth order, so that fast activations do not hide an error of the gradient. */
static inline double worst_difference(fixture *f) {
    int64_t p = fqp_model_parameter_count(f->net);
    double *g = calloc((size_t)p, sizeof *g), *w = fqp_model_parameters(f->net), loss, worst = 0, scale = 0;
    assert_ok(f->ctx, fqp_trainer_gradient(f->trainer, &loss, g));
    for (int64_t i = 0; i < p; i++)
        scale = fmax(scale, fabs(g[i]));
    assert_true(scale > 1e-6);
    for (int64_t i = 0; i < p; i += 1 + p / 40) {
        const double h = 1e-5, near = loss_at(f, &w[i], w[i] + h) - loss_at(f, &w[i], w[i] - h),
                     far = loss_at(f, &w[i], w[i] + 2 * h) - loss_at(f, &w[i], w[i] - 2 * h);
        worst = fmax(worst, fabs((8 * near - far) / (12 * h) - g[i]) / scale);
    }
    free(g);
    return worst;
}

static inline int find(const char *(*name)(size_t, const char **), const char *word) {
    for (size_t i = 0; name(i, NULL); i++)
        if (!strcmp(name(i, NULL), word))
            return (int)i;
    fail_msg("there is no \"%s\"", word);
    return -1;
}

#endif
