/* user.h - a trainer whose objective, stream and optimiser are the user's: what their tests share. */
#ifndef FQP_TEST_USER_H
#define FQP_TEST_USER_H

#include "unit/train/fixture.h"

#include <math.h>

enum { N = 150, D = 2, M = 2 };

static int64_t hidden[] = {13, 7};

static inline fqp_train_opts options(const char *optimizer, int64_t steps) {
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, optimizer);
    o.steps = steps;
    o.lr = 5e-3;
    return o;
}

typedef struct setting {
    int threads;
    bool f32;
    int activation;
    const char *output;
    fqp_train_opts train;
} setting;

static inline setting plain(int64_t batch) {
    setting s = {.threads = 2, .activation = FQPI_ACT_TANH, .train = options("adam", 40)};
    s.train.batch = batch;
    return s;
}

static inline void open_all(fixture *f, const setting *s) {
    fixture_open(f, s->threads);
    fixture_data(f, N, D, M);
    fqp_model_opts mo = small_model(hidden, 2, s->activation, !s->f32);
    mo.output = s->output ? find(fqpi_output_name, s->output) : 0;
    assert_ok(f->ctx, fqp_model_create(f->ctx, D, M, &mo, 5, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &s->train, 11, NULL, &f->trainer));
}

static inline double parameter(const fixture *f, int64_t i) {
    const void *w = fqp_model_parameters(f->net);
    return fqp_model_precision(f->net) == FQP_F64 ? ((const double *)w)[i] : (double)((const float *)w)[i];
}

static inline void assert_same_parameters(const fixture *a, const fixture *b, double tolerance) {
    for (int64_t i = 0; i < fqp_model_parameter_count(a->net); i++)
        assert_near(parameter(a, i), parameter(b, i), tolerance);
}

static inline double loss_of(fixture *f) {
    double loss;
    assert_ok(f->ctx, fqp_trainer_gradient(f->trainer, &loss, NULL));
    return loss;
}

static inline fqp_status mean_square(void *user, const fqp_batch *b, double *loss) {
    int64_t count = b->n * b->u.shape[1];
    int *calls = user;
    *loss = 0;
    for (int64_t i = 0; i < count; i++) {
        double r = fqp_view_at(b->u, i) - fqp_view_at(b->y, i);
        *loss += r * r / (double)count;
        b->du[i] = 2 * r / (double)count;
    }
    if (calls)
        ++*calls;
    return FQP_OK;
}

static inline fqp_status replay(void *user, int64_t step, int64_t n, double *x, double *y) {
    const fixture *f = user;
    (void)step;
    for (int64_t j = 0; j < n; j++) { /* the data set, again and again */
        memcpy(x + j * D, f->x + j % N * D, D * sizeof *x);
        memcpy(y + j * M, f->y + j % N * M, M * sizeof *y);
    }
    return FQP_OK;
}

typedef struct descent {
    int64_t calls;
    double lr;
    fqp_dtype type;
} descent;

static inline fqp_status descend(void *user, int64_t step, double lr, int64_t n, void *w, const void *g) {
    descent *d = user;
    d->lr = lr;
    if (step != ++d->calls)
        return FQP_E_ARG;
    for (int64_t i = 0; i < n; i++)
        if (d->type == FQP_F64)
            ((double *)w)[i] -= lr * ((const double *)g)[i];
        else
            ((float *)w)[i] -= (float)lr * ((const float *)g)[i];
    return FQP_OK;
}

/* mean of (sum_i u_xx_i + u u_x_0 - y)^2 over points and outputs: every channel counts. */
static inline fqp_status residual(void *user, const fqp_batch *b, double *loss) {
    int order = *(const int *)user;
    int64_t m = b->u.shape[1], d = b->x.shape[1];
    double count = (double)(b->n * m);
    *loss = 0;
    for (int64_t i = 0; i < b->n * m; i++) {
        double u = fqp_view_at(b->u, i), first = fqp_view_at(b->u_x, i * d), r = u * first - fqp_view_at(b->y, i);
        for (int64_t k = 0; k < d && order == 2; k++)
            r += fqp_view_at(b->u_xx, i * d + k);
        *loss += r * r / count;
        b->du[i] = 2 * r * first / count;
        b->du_x[i * d] = 2 * r * u / count;
        for (int64_t k = 0; k < d && order == 2; k++)
            b->du_xx[i * d + k] = 2 * r / count;
    }
    return order == 2 ? FQP_OK : b->du_xx || b->u_xx.data ? FQP_E_INTERNAL : FQP_OK;
}

#endif
