/* Training by optimisers that want the whole vector: what Levenberg-Marquardt reaches, what it refuses, and that it may
 * be stopped and resumed. */
#include "unit/train/fixture.h"

#include "lapack.h"

/* A network of random parameters is the target; the student begins nearby. */
static void open_student(fixture *f, const char *optimizer, double damping, int64_t n, int64_t width) {
    int64_t hidden[] = {width};
    fixture_open(f, 2);
    fixture_data(f, n, 2, 1);
    fqp_model_opts mo = small_model(hidden, 1, FQPI_ACT_TANH, true);
    mo.weight_std = 1;
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, optimizer);
    o.damping = damping;
    o.lr = 1e-2;
    assert_ok(f->ctx, fqp_model_create(f->ctx, 2, 1, &mo, 4, &f->net));
    assert_ok(f->ctx, fqp_model_eval(f->ctx, f->net, fqp_array_view(&f->data.x), f->y));
    double *w = fqp_model_parameters(f->net);
    for (int64_t i = 0; i < fqp_model_parameter_count(f->net); i++)
        w[i] += 0.1 * sin(5.0 * (double)i);
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &o, 1, NULL, &f->trainer));
    f->trainer->pace.chosen = f->trainer->members;
}

static double loss_after(fixture *f, int64_t steps) {
    double loss;
    assert_ok(f->ctx, fqp_trainer_step(f->trainer, steps, NULL));
    assert_ok(f->ctx, fqp_trainer_gradient(f->trainer, &loss, NULL));
    return loss;
}

static void lm_solves_what_adam_does_not(void **state) {
    (void)state;
    const int64_t points[] = {12, 60}; /* fewer and more residuals than the 21 parameters */
    for (int i = 0; i < 2; i++) {
        fixture lm, adam;
        open_student(&lm, "lm", 1e-3, points[i], 5);
        open_student(&adam, "adam", 1e-3, points[i], 5);
        assert_true(loss_after(&lm, 200) < 1e-20);
        assert_true(loss_after(&adam, 5000) > 1e-10);
        fixture_close(&lm);
        fixture_close(&adam);
    }
}

static void digits_double_near_a_solution(void **state) {
    (void)state;
    fixture f;
    open_student(&f, "lm", 1e-14, 60, 2);
    double loss = 1, last = 1;
    int steps = 0, doubled = 0;
    for (; steps < 40 && loss > 1e-26; steps++) {
        last = loss;
        loss = loss_after(&f, 1);
        doubled += last < 1e-4 && loss < sqrt(last) * last;
    }
    assert_true(loss <= 1e-26);
    assert_true(doubled >= 2);
    fixture_close(&f);
}

/* A linear network: the minimum is that of least squares, which lbfgs finds as well. */
static void both_find_the_same_minimum(void **state) {
    (void)state;
    double found[2][3], decay[] = {0, 0.1};
    const char *names[] = {"lbfgs", "lm"};
    for (int d = 0; d < 2; d++) {
        for (int i = 0; i < 2; i++) {
            fixture f;
            fixture_open(&f, 2);
            fixture_data(&f, d ? 2 : 40, 2, 1); /* with decay, fewer points than parameters will do */
            fqp_model_opts mo = small_model(NULL, 0, FQPI_ACT_TANH, true);
            fqp_train_opts o = fqpi_train_defaults;
            o.optimizer = find(fqp_optimizer_name, names[i]);
            o.weight_decay = decay[d];
            o.steps = 500;
            assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 5, &f.net));
            assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer));
            assert_ok(f.ctx, fqp_trainer_run(f.trainer));
            assert_true(fqp_trainer_steps_done(f.trainer) < 100); /* both know that they have arrived */
            memcpy(found[i], fqp_model_parameters(f.net), sizeof found[i]);
            double loss;
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, NULL));
            assert_near(f.trainer->last_finite, loss, 0); /* of the point kept */
            fixture_close(&f);
        }
        for (int c = 0; c < 3; c++)
            assert_near(found[1][c], found[0][c], 1e-7);
    }
}

static void output_maps_are_part_of_the_residual(void **state) {
    (void)state;
    static int64_t hidden[] = {6};
    const char *maps[] = {"sigmoid", "softmax"};
    for (int i = 0; i < 2; i++) {
        fixture f;
        fixture_open(&f, 2);
        fixture_data(&f, 4, 2, 3);
        fqp_model_opts mo = small_model(hidden, 1, FQPI_ACT_TANH, true);
        mo.output = find(fqpi_output_name, maps[i]);
        fqp_train_opts o = fqpi_train_defaults;
        o.optimizer = find(fqp_optimizer_name, "lm");
        assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 3, &mo, 5, &f.net));
        assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer));
        assert_true(loss_after(&f, 200) < 1e-20); /* 12 residuals, 39 parameters */
        fixture_close(&f);
    }
}

/* Of a network without hidden layers the loss is a parabola: a step of length 1 is Newton's, and one of length lr
 * leaves (1 - lr)^2 of what is above the minimum, in every direction alike. */
static void natural_is_newton_on_a_linear_model(void **state) {
    (void)state;
    const int64_t points[] = {2, 40}; /* fewer and more residuals than the 3 parameters */
    for (int i = 0; i < 2; i++) {
        double least = 0, g[3];
        for (int part = 0; part < 2; part++) {
            fixture f;
            fixture_open(&f, 2);
            fixture_data(&f, points[i], 2, 1);
            fqp_model_opts mo = small_model(NULL, 0, FQPI_ACT_TANH, true);
            fqp_train_opts o = fqpi_train_defaults;
            o.optimizer = find(fqp_optimizer_name, "natural");
            o.damping = 1e-15;
            o.lr = part ? 0.25 : 1;
            assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 4, &f.net));
            assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer));
            if (part == 0) {
                least = loss_after(&f, 1);
                assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &least, g));
                assert_true(fabs(g[0]) + fabs(g[1]) + fabs(g[2]) < 1e-13);
            }
            double before = part ? loss_after(&f, 0) - least : 0;
            for (int step = 0; part && step < 8; step++) {
                const double after = loss_after(&f, 1) - least;
                assert_near(after / before, 0.5625, 1e-6);
                before = after;
            }
            fixture_close(&f);
        }
    }
}

static void what_lm_cannot_serve_is_refused(void **state) {
    (void)state;
    static int64_t hidden[] = {3}, wide[] = {40000};
    fixture f;
    fixture_open(&f, 1);
    fixture_data(&f, 30, 2, 1);
    fqp_model_opts mo = small_model(hidden, 1, FQPI_ACT_TANH, true);
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 5, &f.net));
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, "lm");
    o.loss = find(fqp_loss_name, "mae");
    assert_refused(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer), FQP_E_CONFIG,
                   "train.optimizer: lm minimises a sum of squares; mae is none, mse is");
    o.loss = find(fqp_loss_name, "mse");
    o.batch = 7;
    assert_refused(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer), FQP_E_CONFIG,
                   "train.batch: lm needs every training point in each step; set 0, or another train.optimizer");
    o.batch = 0;
    o.damping = 0;
    assert_refused(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer), FQP_E_CONFIG,
                   "train.damping: 0 is outside (0, 1e+06]");
    o.damping = 1e-3;
    fqp_model_destroy(f.net);
    mo.precision = 0;
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 5, &f.net));
    assert_refused(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer), FQP_E_CONFIG,
                   "train.optimizer: lm needs model.precision f64; its equations square the condition, which is too "
                   "much in f32");
    fixture_close(&f);

    fixture_open(&f, 1);
    fixture_data(&f, 9000, 2, 1);
    mo = small_model(wide, 1, FQPI_ACT_TANH, true);
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 5, &f.net));
    fqp_ctx_problems_clear(f.ctx);
    assert_int_equal(fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer), FQP_E_CONFIG);
    const char *message = fqp_ctx_problem(f.ctx, 0).message, *begins = "train.optimizer: lm would need ",
               *ends = " GiB for 9000 residuals and 160001 parameters, more than 1; use lbfgs";
    assert_memory_equal(message, begins, strlen(begins));
    assert_non_null(strstr(message, ends));
    fixture_close(&f);
}

/* As many residuals as parameters: the same steps as where every point counts twice. */
static void a_square_system_is_one_of_parameters(void **state) {
    (void)state;
    enum { WIDTH = 4, P = 3 * WIDTH + 1 };
    double w[2][P];
    for (int twice = 0; twice < 2; twice++) {
        fixture f;
        int64_t hidden[] = {WIDTH};
        fixture_open(&f, 1);
        fixture_data(&f, 2 * P, 1, 1);
        for (int i = 0; i < P; i++) {
            f.x[P + i] = f.x[i];
            f.y[P + i] = f.y[i];
        }
        f.data.n = twice ? 2 * P : P;
        const fqp_model_opts mo = small_model(hidden, 1, FQPI_ACT_TANH, true);
        fqp_train_opts o = fqpi_train_defaults;
        o.optimizer = find(fqp_optimizer_name, "lm");
        assert_ok(f.ctx, fqp_model_create(f.ctx, 1, 1, &mo, 5, &f.net));
        assert_int_equal(f.net->parameters, P);
        assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer));
        assert_ok(f.ctx, fqp_trainer_step(f.trainer, 3, NULL));
        memcpy(w[twice], f.net->w, sizeof w[twice]);
        fixture_close(&f);
    }
    for (int i = 0; i < P; i++)
        assert_near(w[0][i], w[1][i], 1e-6);
}

static void failing_memory_leaves_nothing_behind(void **state) {
    (void)state;
    fixture f;
    open_student(&f, "lm", 1e-3, 60, 5);
    fqp_train_opts o = f.trainer->opts;
    for (long n = 0;; n++) {
        fqp_trainer *t = NULL;
        fqp_ctx_problems_clear(f.ctx);
        fqpi_mem_fail_after(f.ctx, n);
        fqp_status s = fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &t);
        fqpi_mem_fail_after(f.ctx, -1);
        fqp_trainer_destroy(t);
        if (!s)
            break;
        assert_int_equal(s, FQP_E_NOMEM);
    }
    long before = fqpi_mem_count(f.ctx);
    assert_ok(f.ctx, fqp_trainer_step(f.trainer, 5, NULL));
    assert_int_equal(fqpi_mem_count(f.ctx), before); /* all of it was taken before the first step */
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lm_solves_what_adam_does_not),         cmocka_unit_test(digits_double_near_a_solution),
        cmocka_unit_test(both_find_the_same_minimum),           cmocka_unit_test(output_maps_are_part_of_the_residual),
        cmocka_unit_test(natural_is_newton_on_a_linear_model),  cmocka_unit_test(what_lm_cannot_serve_is_refused),
        cmocka_unit_test(failing_memory_leaves_nothing_behind), cmocka_unit_test(a_square_system_is_one_of_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
