/* A user's objective, stream and optimiser: each in the place of ours gives our training; derivatives by the inputs
 * reach the gradient; every refusal with its reason. */
#include "unit/train/user.h"

static void an_objective_in_the_place_of_the_loss(void **state) {
    (void)state;
    static const char *const output[] = {NULL, "sigmoid", "softmax"};
    for (int i = 0; i < 6; i++) {
        setting s = plain(i % 2 ? 32 : 0);
        s.output = output[i / 2];
        fixture a, b;
        int calls = 0;
        open_all(&a, &s);
        open_all(&b, &s);
        assert_ok(b.ctx, fqp_trainer_objective(b.trainer, 0, mean_square, &calls));
        assert_near(loss_of(&a), loss_of(&b), 1e-14);
        assert_int_equal(calls, 1);
        assert_ok(a.ctx, fqp_trainer_run(a.trainer));
        assert_ok(b.ctx, fqp_trainer_run(b.trainer));
        assert_int_equal(calls, 41); /* once a step, from one thread */
        assert_same_parameters(&a, &b, 1e-11);
        fixture_close(&a);
        fixture_close(&b);
    }
}

static void an_objective_in_f32(void **state) {
    (void)state;
    setting s = plain(0);
    s.f32 = true;
    fixture a, b;
    open_all(&a, &s);
    open_all(&b, &s);
    assert_ok(b.ctx, fqp_trainer_objective(b.trainer, 0, mean_square, NULL));
    assert_ok(a.ctx, fqp_trainer_step(a.trainer, 3, NULL));
    assert_ok(b.ctx, fqp_trainer_step(b.trainer, 3, NULL));
    assert_same_parameters(&a, &b, 1e-5);
    fixture_close(&a);
    fixture_close(&b);
}

static void a_stream_in_the_place_of_the_data(void **state) {
    (void)state;
    static const char *const loss[] = {"mse", "huber", "cross_entropy"};
    for (int i = 0; i < 6; i++) {
        setting s = plain(0);
        s.train.loss = find(fqp_loss_name, loss[i / 2]);
        s.output = i / 2 == 2 ? "softmax" : NULL;
        fixture a, b;
        open_all(&a, &s);
        open_all(&b, &s);
        if (i / 2 == 0 && i % 2)
            assert_ok(b.ctx, fqp_trainer_objective(b.trainer, 0, mean_square, NULL));
        assert_ok(b.ctx,
                  fqp_trainer_stream(b.trainer, i % 2 ? 3 * N : N, replay, &b)); /* the same mean three times over */
        assert_ok(a.ctx, fqp_trainer_run(a.trainer));
        assert_ok(b.ctx, fqp_trainer_run(b.trainer));
        assert_same_parameters(&a, &b, 1e-10);
        assert_near(loss_of(&a), loss_of(&b), 1e-10);
        fixture_close(&a);
        fixture_close(&b);
    }
}

static void an_optimiser_in_the_place_of_gd(void **state) {
    (void)state;
    for (int i = 0; i < 8; i++) {
        setting s = plain(i & 1 ? 32 : 0);
        s.f32 = i & 2;
        s.train.optimizer = find(fqp_optimizer_name, "gd");
        s.train.warmup = 10;
        fixture a, b;
        open_all(&a, &s);
        open_all(&b, &s);
        descent d = {.type = s.f32 ? FQP_F32 : FQP_F64};
        assert_ok(b.ctx, fqp_trainer_optimizer(b.trainer, descend, &d));
        if (i & 4)
            assert_ok(b.ctx, fqp_trainer_objective(b.trainer, 0, mean_square, NULL));
        assert_ok(b.ctx, fqp_trainer_step(b.trainer, 5, NULL));
        assert_near(d.lr, 5e-3 * 0.5, 1e-15); /* the schedule's */
        assert_ok(b.ctx, fqp_trainer_run(b.trainer));
        assert_ok(a.ctx, fqp_trainer_run(a.trainer));
        assert_int_equal(d.calls, 40);
        assert_same_parameters(&a, &b, s.f32 ? 2e-6 : 1e-12);
        fixture_close(&a);
        fixture_close(&b);
    }
}

static void derivatives_reach_the_gradient(void **state) {
    (void)state;
    for (int order = 1; order <= 2; order++) {
        setting s = plain(0);
        fixture f;
        open_all(&f, &s);
        assert_ok(f.ctx, fqp_trainer_objective(f.trainer, order, residual, &order));
        int64_t n = fqp_model_parameter_count(f.net);
        double *g = calloc((size_t)n, sizeof *g), *w = fqp_model_parameters(f.net), loss, low, high;
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, g));
        for (int64_t i = 0; i < n; i += 7) {
            double keep = w[i], h = 1e-5;
            w[i] = keep + h;
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &high, NULL));
            w[i] = keep - h;
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &low, NULL));
            w[i] = keep;
            assert_near(g[i], (high - low) / (2 * h), 1e-6 * (1 + fabs(g[i])));
        }
        free(g);
        assert_ok(f.ctx, fqp_trainer_run(f.trainer));
        assert_true(loss_of(&f) < loss);
        fixture_close(&f);
    }
}

/* The same bits with any number of threads, when tiles are passed forward twice too. */
static void threads_do_not_change_a_bit(void **state) {
    (void)state;
    int order = 2;
    for (int kept = 0; kept < 2; kept++) {
        fixture f[2];
        for (int i = 0; i < 2; i++) {
            setting s = plain(0);
            s.threads = i ? 3 : 1;
            open_all(&f[i], &s);
            assert_ok(f[i].ctx, fqp_trainer_objective(f[i].trainer, order, residual, &order));
            if (!kept && i) /* no tile is kept: the jets there are serve the members */
                f[i].trainer->parts.groups.group[0].kept = 0;
            assert_ok(f[i].ctx, fqp_trainer_step(f[i].trainer, 10, NULL));
        }
        assert_memory_equal(f[0].net->w, f[1].net->w, (size_t)f[0].net->parameters * sizeof(double));
        fixture_close(&f[0]);
        fixture_close(&f[1]);
    }
}

static void assert_says(fixture *f, fqp_status got, fqp_status want, const char *text) {
    assert_int_equal(got, want);
    assert_int_equal(fqp_ctx_problem_count(f->ctx), 1);
    if (!strstr(fqp_ctx_problem(f->ctx, 0).message, text))
        fail_msg("\"%s\" is not in \"%s\"", text, fqp_ctx_problem(f->ctx, 0).message);
    fqp_ctx_problems_clear(f->ctx);
}

static void refusals(void **state) {
    (void)state;
    fixture f;
    setting s = plain(0);
    s.train.optimizer = find(fqp_optimizer_name, "lbfgs");
    open_all(&f, &s);
    assert_says(&f, fqp_trainer_objective(f.trainer, 0, mean_square, NULL), FQP_E_ARG,
                "objective: train.optimizer lbfgs makes its steps by itself; set one that follows a gradient");
    assert_says(&f, fqp_trainer_stream(f.trainer, 10, replay, &f), FQP_E_ARG, "stream: train.optimizer lbfgs");
    assert_says(&f, fqp_trainer_optimizer(f.trainer, descend, NULL), FQP_E_ARG, "optimizer: train.optimizer lbfgs");
    fixture_close(&f);

    s = plain(0);
    open_all(&f, &s);
    assert_says(&f, fqp_trainer_objective(f.trainer, 3, mean_square, NULL), FQP_E_ARG,
                "objective: order 3; values are 0");
    assert_says(&f, fqp_trainer_objective(f.trainer, -1, mean_square, NULL), FQP_E_ARG, "objective: order -1");
    assert_says(&f, fqp_trainer_stream(f.trainer, 0, replay, &f), FQP_E_ARG, "stream: batches of 0 points");
    assert_says(&f, fqp_trainer_stream(f.trainer, INT64_MAX / 2, replay, &f), FQP_E_NOMEM,
                "more than any memory holds");
    assert_int_equal(fqp_trainer_objective(f.trainer, 0, NULL, NULL), FQP_E_ARG);
    assert_int_equal(fqp_trainer_stream(f.trainer, 5, NULL, NULL), FQP_E_ARG);
    assert_int_equal(fqp_trainer_optimizer(NULL, descend, NULL), FQP_E_ARG);
    fixture_close(&f);

    s.activation = FQPI_ACT_RELU;
    open_all(&f, &s);
    assert_says(
        &f, fqp_trainer_objective(f.trainer, 1, residual, NULL), FQP_E_UNSUPPORTED,
        "objective: order 1 needs the second derivative of the activation, and relu has none; smooth enough are:");
    assert_ok(f.ctx, fqp_trainer_objective(f.trainer, 0, mean_square, NULL));
    fixture_close(&f);

    s = plain(0);
    s.output = "softmax";
    open_all(&f, &s);
    assert_says(&f, fqp_trainer_objective(f.trainer, 2, residual, NULL), FQP_E_UNSUPPORTED,
                "derivatives by the inputs need model.output linear, not softmax");
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_objective_in_the_place_of_the_loss),
        cmocka_unit_test(an_objective_in_f32),
        cmocka_unit_test(a_stream_in_the_place_of_the_data),
        cmocka_unit_test(an_optimiser_in_the_place_of_gd),
        cmocka_unit_test(derivatives_reach_the_gradient),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
