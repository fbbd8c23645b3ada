/* objective_run.h - an objective attached to the trainer of a small network. */
#ifndef FQP_TEST_OBJECTIVE_RUN_H
#define FQP_TEST_OBJECTIVE_RUN_H

#include "unit/pde/objective_bed.h"

#include "net.h"
#include "trainer.h"

#define POISSON                                                                                                        \
    "problem:\n  coordinates: [x]\n  domain: interval(0, 1)\n  equations: [\"-u_xx = pi^2*sin(pi*x)\"]\n"              \
    "  conditions: [\"u = 0 on boundary\"]\n  exact: [\"sin(pi*x)\"]\n"
#define HEAT                                                                                                           \
    "problem:\n  coordinates: [x, t]\n  domain: interval(0, 1)\n  time: [0, 0.5]\n"                                    \
    "  equations: [\"u_t = 0.3*u_xx + u^2\"]\n"                                                                        \
    "  conditions: [\"u = t at x = 0\", \"u_x = 1 at x = 1\", \"u = sin(x) at t = 0\"]\n"
#define FIND                                                                                                           \
    "problem:\n  coordinates: [x]\n  domain: interval(0, 1)\n  equations: [\"-k*u_xx = pi^2*sin(pi*x)\"]\n"            \
    "  find: [\"k = 2\"]\n  conditions: [\"u = 0 on boundary\"]\n  exact: [\"0.5*sin(pi*x)\"]\n  data_count: 5\n"
#define SMALL "objective.points: {interior: 40, boundary: 12, initial: 9}\n"

typedef struct run {
    bed b;
    fqp_model *net;
    fqp_dataset data;
    double x[4], y[4];
    fqp_trainer *trainer;
} run;

static inline void run_model(run *r) {
    static int64_t hidden[] = {12, 10};
    fqp_ctx *ctx = r->b.ctx;
    fqp_model_opts mo = {0};
    double start[4];
    assert_ok(ctx, fqp_section_defaults(ctx, &fqp_model_section, &mo));
    for (size_t i = 0; i < r->b.o->numbers; i++)
        fqp_problem_number(r->b.problem, i, &start[i]);
    fqp_model_opts used = mo;
    used.hidden = (fqp_ints){hidden, 2};
    used.precision = 1;
    used.numbers = (fqp_reals){start, r->b.o->numbers};
    assert_ok(ctx, fqp_model_create(ctx, r->b.o->d, r->b.o->m, &used, 5, &r->net));
    fqp_section_release(&fqp_model_section, &mo);
}

static inline void run_open(run *r, int threads, const char *text, const char *optimizer, double lr) {
    *r = (run){0};
    assert_ok(r->b.ctx, bed_try(&r->b, threads, text));
    run_model(r);
    fqp_train_opts to = fqpi_train_defaults;
    for (size_t i = 0; fqp_optimizer_name(i, NULL); i++)
        if (strcmp(fqp_optimizer_name(i, NULL), optimizer) == 0)
            to.optimizer = (int)i;
    to.lr = lr;
    to.steps = 1000000;
    r->data = (fqp_dataset){.n = 1,
                            .d = r->b.o->d,
                            .m = r->b.o->m,
                            .x = {.data = r->x, .dtype = FQP_F64, .ndim = 2, .shape = {1, r->b.o->d}},
                            .y = {.data = r->y, .dtype = FQP_F64, .ndim = 2, .shape = {1, r->b.o->m}}};
    assert_ok(r->b.ctx, fqp_trainer_create(r->b.ctx, r->net, &r->data, &to, 11, NULL, &r->trainer));
    assert_ok(r->b.ctx, fqp_objective_attach(r->b.o, r->trainer));
}

static inline void run_close(run *r) {
    fqp_trainer_destroy(r->trainer);
    fqp_model_destroy(r->net);
    bed_close(&r->b);
}

static inline void run_steps(run *r, int64_t n) {
    assert_ok(r->b.ctx, fqp_trainer_step(r->trainer, n, NULL));
}

static inline double run_loss(run *r, double *gradient) {
    double loss;
    assert_ok(r->b.ctx, fqp_trainer_gradient(r->trainer, &loss, gradient));
    return loss;
}

#endif
