/* A linear model is its kernel: the closed form of training against fqp_trainer, by every rule it knows. */
#include "support.h"

#include <fqp/ntk.h>
#include <fqp/train.h>

enum { N = 12 };

/* Points (cos t, sin t): with a bias K = 1 + x.x', whose eigenvectors are 1, cos t, sin t. */
typedef struct circle {
    double x[N * 2], y[N], value[3], vector[3 * N];
} circle;

static void make(circle *c) {
    for (int i = 0; i < N; i++) {
        const double t = 8 * atan(1) * i / N;
        c->x[2 * i] = cos(t), c->x[2 * i + 1] = sin(t);
        c->y[i] = 0.7 + cos(t + 0.4) + 0.5 * cos(3 * t);
        c->vector[i] = 1 / sqrt(N);
        c->vector[N + i] = sqrt(2.0 / N) * cos(t);
        c->vector[2 * N + i] = sqrt(2.0 / N) * sin(t);
    }
    c->value[0] = N, c->value[1] = c->value[2] = N / 2.0;
}

static fqp_status train(fqp_ctx *ctx, const circle *c, const fqp_train_opts *o, fqp_model *model, double *f) {
    fqp_dataset *data = NULL;
    fqp_trainer *t = NULL;
    const fqp_view x = fqp_view_2d(c->x, N, 2);
    double loss;
    assert_ok(ctx, fqp_dataset_from_arrays(ctx, x, fqp_view_2d(c->y, N, 1), NULL, NULL, &data));
    assert_ok(ctx, fqp_trainer_create(ctx, model, data, o, 1, NULL, &t));
    assert_ok(ctx, fqp_trainer_step(t, o->steps, &loss));
    fqp_trainer_destroy(t);
    fqp_dataset_destroy(data);
    return fqp_model_eval(ctx, model, x, f);
}

static void training_is_the_closed_form(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int rule;
    } rows[] = {{"gd", FQP_FLOW_GD}, {"momentum", FQP_FLOW_MOMENTUM}, {"nesterov", FQP_FLOW_NESTEROV}};
    fqp_ctx *ctx = NULL;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    circle c;
    make(&c);
    for (size_t i = 0; i < 3; i++)
        for (int64_t steps = 1; steps < 200; steps = steps * 3 + 2) {
            fqp_model_opts m;
            fqp_train_opts o;
            assert_ok(ctx, fqp_section_defaults(ctx, &fqp_model_section, &m));
            assert_ok(ctx, fqp_section_defaults(ctx, &fqp_train_section, &o));
            m.hidden.n = 0, m.precision = 1, m.init = 0;
            for (o.optimizer = 0; strcmp(fqp_optimizer_name((size_t)o.optimizer, NULL), rows[i].name);)
                o.optimizer++;
            o.lr = 0.2, o.momentum = 0.85, o.steps = steps;
            fqp_model *model = NULL;
            double f0[N], r0[N], f[N], r[N];
            assert_ok(ctx, fqp_model_create(ctx, 2, 1, &m, 3, &model));
            assert_ok(ctx, fqp_model_eval(ctx, model, fqp_view_2d(c.x, N, 2), f0));
            for (int j = 0; j < N; j++)
                r0[j] = f0[j] - c.y[j];
            fqp_flow *flow = NULL;
            const fqp_eigen e = {.n = N, .count = 3, .value = c.value, .vector = c.vector};
            assert_ok(
                ctx, fqp_flow_create(ctx, &e, r0, 1,
                                     &(fqp_flow_opts){.rule = rows[i].rule, .lr = o.lr, .momentum = 0.85, .c = 2.0 / N},
                                     &flow));
            assert_ok(ctx, train(ctx, &c, &o, model, f));
            assert_ok(ctx, fqp_flow_residual(flow, (double)steps, r));
            for (int j = 0; j < N; j++)
                assert_near(c.y[j] + r[j], f[j], 1e-12);
            fqp_flow_destroy(flow);
            fqp_model_destroy(model);
            fqp_section_release(&fqp_model_section, &m);
            fqp_section_release(&fqp_train_section, &o);
        }
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(training_is_the_closed_form)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
