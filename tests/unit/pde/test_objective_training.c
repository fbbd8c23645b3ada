/* Objectives attached to trainers: they learn, the gradient of the parameters is the loss's, a resumed run has the same
 * bits, nothing is allocated in a step. */
#include "unit/pde/objective_bed.h"

#include "net.h"
#include "trainer.h"

#include <unistd.h>

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

static void run_open(run *r, int threads, const char *text, const char *optimizer, double lr) {
    static int64_t hidden[] = {12, 10};
    *r = (run){0};
    assert_ok(r->b.ctx, bed_try(&r->b, threads, text));
    fqp_ctx *ctx = r->b.ctx;
    fqp_model_opts mo = {0};
    assert_ok(ctx, fqp_section_defaults(ctx, &fqp_model_section, &mo));
    fqp_model_opts used = mo;
    double start[4];
    for (size_t i = 0; i < r->b.o->numbers; i++)
        fqp_problem_number(r->b.problem, i, &start[i]);
    used.hidden = (fqp_ints){hidden, 2};
    used.precision = 1;
    used.numbers = (fqp_reals){start, r->b.o->numbers};
    assert_ok(ctx, fqp_model_create(ctx, r->b.o->d, r->b.o->m, &used, 5, &r->net));
    fqp_section_release(&fqp_model_section, &mo);
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
    assert_ok(ctx, fqp_trainer_create(ctx, r->net, &r->data, &to, 11, NULL, &r->trainer));
    assert_ok(ctx, fqp_objective_attach(r->b.o, r->trainer));
}

static void run_close(run *r) {
    fqp_trainer_destroy(r->trainer);
    fqp_model_destroy(r->net);
    bed_close(&r->b);
}

static double relative_error(const run *r, double scale) {
    double v[50], u[50], x[50], error = 0, norm = 0;
    for (int i = 0; i < 50; i++)
        x[i] = (i + 0.5) / 50;
    assert_ok(r->b.ctx, fqp_model_eval(r->b.ctx, r->net, fqp_view_2d(x, 50, 1), v));
    assert_ok(r->b.ctx, fqp_objective_solution(r->b.o, 50, x, v, u));
    for (int i = 0; i < 50; i++) {
        error += pow(u[i] - scale * sin(M_PI * x[i]), 2);
        norm += pow(scale * sin(M_PI * x[i]), 2);
    }
    return sqrt(error / norm);
}

static void poisson_is_learnt(void **state) {
    (void)state;
    static const struct {
        const char *text, *optimizer;
        int64_t steps;
        double lr, error;
    } row[] = {
        {POISSON "objective: {boundary_weight: 100}\n" SMALL, "adam", 800, 5e-3, 0.03},
        {POISSON "objective: {conditions: hard}\n" SMALL, "adam", 500, 5e-3, 0.02},
        {POISSON "objective: {kind: ritz, conditions: hard}\nobjective.points: {interior: 300, kind: sobol}\n", "adam",
         400, 5e-3, 0.05},
        {POISSON "objective: {kind: weak, boundary_weight: 10}\n", "lm", 60, 1e-3, 1e-4},
        {POISSON "objective: {boundary_weight: 10}\nobjective.points: {interior: 40, every: 0}\n", "lm", 60, 1e-3,
         1e-4},
        {POISSON "objective: {boundary_weight: 10}\nobjective.points: {interior: 60, every: 0}\n", "lbfgs", 300, 1,
         1e-2},
        {POISSON "objective: {conditions: augmented, augmented_every: 50, boundary_weight: 5}\n" SMALL, "adam", 800,
         5e-3, 0.03},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        run r;
        run_open(&r, 2, row[i].text, row[i].optimizer, row[i].lr);
        assert_ok(r.b.ctx, fqp_trainer_step(r.trainer, row[i].steps, NULL));
        double error = relative_error(&r, 1);
        if (error > row[i].error)
            fail_msg("row %zu: relative error %g", i, error);
        run_close(&r);
    }
}

static void a_coefficient_is_found(void **state) {
    (void)state;
    run r;
    run_open(&r, 2,
             FIND "objective: {boundary_weight: 10, data_weight: 10}\nobjective.points: {interior: 40, every: 0}\n",
             "lm", 1e-3);
    assert_ok(r.b.ctx, fqp_trainer_step(r.trainer, 60, NULL));
    double k;
    fqpi_objective_numbers(r.b.o, r.net, &k);
    assert_near(k, 2, 1e-3);
    run_close(&r);
}

static double loss_at(run *r, double *w, double value) {
    double keep = *w, loss;
    *w = value;
    assert_ok(r->b.ctx, fqp_trainer_gradient(r->trainer, &loss, NULL));
    *w = keep;
    return loss;
}

static void gradients_reach_the_parameters(void **state) {
    (void)state;
    static const char *const text[] = {
        HEAT "objective: {conditions: hard}\n" SMALL, FIND "objective: {conditions: hard}\n" SMALL,
        HEAT "objective: {kind: weak, elements: 2, quadrature: 4, test_functions: 2}\n" SMALL};
    for (int s = 0; s < 3; s++) {
        run r;
        run_open(&r, 2, text[s], "adam", 1e-3);
        int64_t n = fqp_model_parameter_count(r.net);
        double *g = calloc((size_t)n, sizeof *g), *w = fqp_model_parameters(r.net), loss, scale = 0;
        assert_ok(r.b.ctx, fqp_trainer_gradient(r.trainer, &loss, g));
        for (int64_t i = 0; i < n; i++)
            scale = fmax(scale, fabs(g[i]));
        for (int64_t i = n - 1; i >= 0; i -= 7) {
            double h = 1e-5, slope = (loss_at(&r, &w[i], w[i] + h) - loss_at(&r, &w[i], w[i] - h)) / (2 * h);
            assert_near(slope, g[i], 1e-6 * scale);
        }
        free(g);
        run_close(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(poisson_is_learnt), cmocka_unit_test(a_coefficient_is_found),
                                       cmocka_unit_test(gradients_reach_the_parameters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
