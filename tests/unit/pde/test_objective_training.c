/* Objectives attached to trainers: they learn, the gradient of the parameters is the loss's, a resumed run has the same
 * bits, nothing is allocated in a step. */
#include "unit/pde/objective_run.h"

#include <unistd.h>

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
        run_steps(&r, row[i].steps);
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
    run_steps(&r, 60);
    double k;
    fqpi_objective_numbers(r.b.o, r.net, &k);
    assert_near(k, 2, 1e-3);
    run_close(&r);
}

static double loss_at(run *r, double *w, double value) {
    double keep = *w;
    *w = value;
    double loss = run_loss(r, NULL);
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
        double *g = calloc((size_t)n, sizeof *g), *w = fqp_model_parameters(r.net), scale = 0;
        run_loss(&r, g);
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

/* All that follows a training, saved in the middle, goes on as if it had never stopped. */
static void a_resumed_run_has_the_same_bits(void **state) {
    (void)state;
    static const struct {
        const char *text, *optimizer;
    } row[] = {
        {HEAT
         "objective: {balance: ntk, balance_every: 5, causal_chunks: 4}\n"
         "objective.points: {interior: 40, boundary: 12, initial: 9, adaptive: rad, adaptive_every: 7, adaptive_pool: "
         "90}\n",
         "adam"},
        {HEAT "objective: {balance: relobralo, balance_every: 1, balance_momentum: 0.99, balance_lookback: 0.7}\n"
              "objective.points: {interior: 40, boundary: 12, initial: 9, every: 4, kind: sobol}\n",
         "adam"},
        {POISSON "objective: {conditions: augmented, augmented_every: 5, curriculum_steps: 25}\n" SMALL, "adam"},
        {FIND "objective: {balance: gradient_norm, balance_every: 4}\n"
              "objective.points: {interior: 40, data: 3}\n",
         "adam"},
        {HEAT "objective: {causal_chunks: 4, balance_every: 6}\n" SMALL, "lbfgs"},
    };
    static const char *const paths[] = {"objective_trainer.npz", "objective_state.npy"};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        run a, b;
        run_open(&a, 2, row[i].text, row[i].optimizer, 1e-2);
        run_open(&b, 1, row[i].text, row[i].optimizer, 1e-2);
        run_steps(&a, 17);
        assert_ok(a.b.ctx, fqp_trainer_save(a.trainer, paths[0]));
        assert_ok(a.b.ctx, fqp_objective_save(a.b.o, paths[1]));
        run_steps(&a, 13);
        assert_ok(b.b.ctx, fqp_trainer_restore(b.trainer, paths[0]));
        assert_ok(b.b.ctx, fqp_objective_restore(b.b.o, paths[1]));
        run_steps(&b, 13);
        for (int64_t k = 0; k < fqp_model_parameter_count(a.net); k++)
            if (((double *)a.net->w)[k] != ((double *)b.net->w)[k])
                fail_msg("row %zu: parameter %lld is another", i, (long long)k);
        double value[2], weight[2];
        for (size_t g = 0; fqp_objective_term(a.b.o, g, &value[0], &weight[0]); g++) {
            fqp_objective_term(b.b.o, g, &value[1], &weight[1]);
            assert_true(value[0] == value[1] && weight[0] == weight[1]);
        }
        run_close(&a);
        run_close(&b);
    }
    unlink(paths[0]);
    unlink(paths[1]);
}

static void a_file_of_another_objective_is_refused(void **state) {
    (void)state;
    bed a, b;
    assert_ok(a.ctx, bed_try(&a, 1, POISSON SMALL));
    assert_ok(b.ctx, bed_try(&b, 1, HEAT SMALL));
    assert_ok(a.ctx, fqp_objective_save(a.o, "objective_other.npy"));
    assert_refused(b.ctx, fqp_objective_restore(b.o, "objective_other.npy"), FQP_E_DATA,
                   "objective_other.npy: was written by another objective: other pieces, points or settings");
    unlink("objective_other.npy");
    bed_close(&a);
    bed_close(&b);
}

/* Points that stay; drawing new ones is the problem's work. */
static void nothing_is_allocated_in_a_step(void **state) {
    (void)state;
    static const char *const text[] = {
        HEAT "objective: {conditions: hard, causal_chunks: 3}\nobjective.points: {interior: 40, every: 0}\n",
        HEAT "objective: {kind: weak, elements: 2}\nobjective.points: {every: 0}\n",
        FIND "objective: {kind: pinn}\nobjective.points: {interior: 40, data: 3, every: 0}\n"};
    for (int i = 0; i < 3; i++) {
        run r;
        run_open(&r, 2, text[i], "adam", 1e-3);
        run_steps(&r, 2);
        long before = fqpi_mem_count(r.b.ctx);
        run_steps(&r, 5);
        assert_int_equal(fqpi_mem_count(r.b.ctx), before);
        run_close(&r);
    }
}

/* Every allocation of making and attaching an objective fails once. */
static void memory_that_is_missing_is_told(void **state) {
    (void)state;
    static const char *const text[] = {
        HEAT "objective: {conditions: hard, causal_chunks: 3}\nobjective.points: {interior: 9, adaptive: rad, "
             "adaptive_pool: 20}\n",
        POISSON "objective: {kind: weak, conditions: augmented}\n",
        FIND "objective: {curriculum_steps: 9}\nobjective.points: {interior: 9, data: 3}\n"};
    for (int i = 0; i < 3; i++) {
        bed b;
        assert_ok(b.ctx, bed_try(&b, 1, text[i]));
        fqp_status s = FQP_E_NOMEM;
        for (long n = 0; s != FQP_OK; n++) {
            fqp_objective *o = NULL;
            fqpi_mem_fail_after(b.ctx, n);
            s = fqp_objective_create(b.ctx, b.problem, fqp_config_section(b.conf, "objective"),
                                     fqp_config_section(b.conf, "objective.points"), 7, b.conf, &o);
            fqpi_mem_fail_after(b.ctx, -1);
            assert_true(s == FQP_OK || s == FQP_E_NOMEM);
            fqp_objective_destroy(o);
            fqp_ctx_problems_clear(b.ctx);
        }
        bed_close(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(poisson_is_learnt),
                                       cmocka_unit_test(a_coefficient_is_found),
                                       cmocka_unit_test(gradients_reach_the_parameters),
                                       cmocka_unit_test(a_resumed_run_has_the_same_bits),
                                       cmocka_unit_test(a_file_of_another_objective_is_refused),
                                       cmocka_unit_test(nothing_is_allocated_in_a_step),
                                       cmocka_unit_test(memory_that_is_missing_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
