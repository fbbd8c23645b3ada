/* slopes.h - networks with trained slopes, moved off their start: what the laws of slopes and scales share. */
#ifndef FQP_TEST_SLOPES_H
#define FQP_TEST_SLOPES_H

#include "unit/train/fixture.h"

static int64_t hidden[] = {7, 5};

static const char *const kinds[] = {"none", "network", "layer", "neuron", "factorised"};

typedef struct setting {
    fqp_model_opts model;
    fqp_train_opts train;
    int64_t n, d, m;
    int threads;
} setting;

static inline setting usual(const char *slopes) {
    setting s = {.model = small_model(hidden, 2, FQPI_ACT_TANH, true),
                 .train = fqpi_train_defaults,
                 .n = 37,
                 .d = 2,
                 .m = 1,
                 .threads = 1};
    s.model.slopes = find(fqp_slopes_name, slopes);
    s.model.slope_factor = 3;
    s.model.bias_std = 0.3;
    s.model.omega0 = 3;
    return s;
}

/* The slopes are moved off their start, where all factors are 1. */
static inline void open_setting(fixture *f, const setting *s, bool moved) {
    fixture_open(f, s->threads);
    fixture_data(f, s->n, s->d, s->m);
    assert_ok(f->ctx, fqp_model_create(f->ctx, s->d, s->m, &s->model, 3, &f->net));
    int64_t first, count = fqp_model_slopes(f->net, &first);
    double *w = fqp_model_parameters(f->net);
    for (int64_t i = 0; moved && i < count; i++)
        w[first + i] += 0.2 * sin(1 + 2.0 * (double)i);
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &s->train, 11, NULL, &f->trainer));
    f->trainer->pace.chosen = f->trainer->members; /* all threads take part, however small the work */
}

static inline void check_gradient(const setting *s) {
    fixture f;
    open_setting(&f, s, true);
    double worst = worst_difference(&f);
    if (!(worst < 1e-6))
        fail_msg("%s slopes, %s, loss %s, n %d, recovery %g: gradient differs by %.2e",
                 fqp_slopes_name((size_t)s->model.slopes, NULL), fqp_activation_name((size_t)s->model.activation, NULL),
                 fqp_loss_name((size_t)s->train.loss, NULL), (int)s->n, s->train.slope_recovery, worst);
    fixture_close(&f);
}

#endif
