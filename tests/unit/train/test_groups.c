/* Groups of points with derivatives: the gradient against differences, the same bits for any number of threads and
 * after a pause, what a draw may change, every refusal with its reason. */
#include "unit/train/groups.h"

static void the_gradient_is_that_of_the_loss(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        fixture f;
        made_up p = {.n0 = 131};
        setting s = plain("adam", 10);
        s.slopes = i;
        open_groups(&f, &s, &p);
        assert_true(worst_difference(&f) < 1e-8);
        fixture_close(&f);
    }
}

/* The last parameter is the number, which worst_difference may step over. */
static void the_number_has_a_gradient(void **state) {
    (void)state;
    fixture f;
    made_up p = {0};
    setting s = plain("adam", 10);
    int64_t at;
    open_groups(&f, &s, &p);
    assert_int_equal(fqp_model_numbers(f.net, &at), 1);
    assert_int_equal(at, fqp_model_parameter_count(f.net) - 1);
    double *w = fqp_model_parameters(f.net), *g = calloc((size_t)at + 1, sizeof *g), loss;
    assert_true(w[at] == 0.7);
    assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, g));
    const double h = 1e-5, change = loss_at(&f, &w[at], w[at] + h) - loss_at(&f, &w[at], w[at] - h);
    assert_near(g[at], change / (2 * h), 1e-8 * (1 + fabs(g[at])));
    free(g);
    fixture_close(&f);
}

static void single_precision_is_near(void **state) {
    (void)state;
    fixture f[2];
    made_up p[2] = {{0}, {0}};
    double loss[2], *g[2];
    for (int i = 0; i < 2; i++) {
        setting s = plain("adam", 10);
        s.f32 = i;
        open_groups(&f[i], &s, &p[i]);
        g[i] = calloc((size_t)fqp_model_parameter_count(f[i].net), sizeof *g[i]);
        assert_ok(f[i].ctx, fqp_trainer_gradient(f[i].trainer, &loss[i], g[i]));
    }
    assert_near(loss[0], loss[1], 1e-4 * loss[0]);
    for (int64_t i = 0; i < fqp_model_parameter_count(f[0].net); i++)
        assert_near(g[0][i], g[1][i], 1e-3);
    for (int i = 0; i < 2; i++) {
        free(g[i]);
        fixture_close(&f[i]);
    }
}

static void threads_do_not_change_a_bit(void **state) {
    (void)state;
    for (int kind = 0; kind < 4; kind++) { /* both precisions; all tiles kept, none */
        fixture f[3];
        made_up p[3] = {{.every = 4}, {.every = 4}, {.every = 4}};
        for (int i = 0; i < 3; i++) {
            setting s = plain("adam", 10);
            s.threads = i + 1;
            s.f32 = kind & 1;
            open_groups(&f[i], &s, &p[i]);
            if (kind & 2 && i > 0)
                f[i].trainer->parts.groups.group[0].kept = 0;
            assert_ok(f[i].ctx, fqp_trainer_step(f[i].trainer, 10, NULL));
        }
        for (int i = 1; i < 3; i++)
            assert_memory_equal(f[0].net->w, f[i].net->w, (size_t)f[0].net->parameters * f[0].net->k->elem);
        for (int i = 0; i < 3; i++)
            fixture_close(&f[i]);
    }
}

static void points_are_drawn_once_a_step(void **state) {
    (void)state;
    fixture f;
    made_up p = {.every = 3};
    setting s = plain("adam", 7);
    open_groups(&f, &s, &p);
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_int_equal(p.draws, 7);
    assert_int_equal(p.calls, 7);
    fixture_close(&f);
}

static void a_pause_does_not_change_a_bit(void **state) {
    (void)state;
    char path[] = "/tmp/fqp_groups_XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    fixture a, b, c;
    made_up p[3] = {{.every = 5}, {.every = 5}, {.every = 5}};
    const setting s = plain("adam", 20);
    open_groups(&a, &s, &p[0]);
    open_groups(&b, &s, &p[1]);
    open_groups(&c, &s, &p[2]);
    assert_ok(a.ctx, fqp_trainer_run(a.trainer));
    assert_ok(b.ctx, fqp_trainer_step(b.trainer, 12, NULL));
    assert_ok(b.ctx, fqp_trainer_save(b.trainer, path));
    assert_ok(c.ctx, fqp_trainer_restore(c.trainer, path));
    assert_ok(c.ctx, fqp_trainer_run(c.trainer));
    assert_memory_equal(a.net->w, c.net->w, (size_t)a.net->parameters * a.net->k->elem);
    unlink(path);
    fixture_close(&a);
    fixture_close(&b);
    fixture_close(&c);
}

/* Many networks at once, each with groups of its own. */
static void populations_have_groups(void **state) {
    (void)state;
    enum { MEMBERS = 3 };
    fixture alone, f;
    made_up p[MEMBERS] = {{.every = 2}, {.every = 2}, {.every = 2}}, q = {.every = 2};
    const setting s = plain("adam", 15);
    fqp_model *net[MEMBERS];
    fqp_trainer *trainer[MEMBERS];
    open_groups(&alone, &s, &q);
    assert_ok(alone.ctx, fqp_trainer_run(alone.trainer));
    open_groups(&f, &s, &p[0]);
    net[0] = f.net;
    trainer[0] = f.trainer;
    for (int i = 1; i < MEMBERS; i++) {
        assert_ok(f.ctx, fqpi_model_copy(f.ctx, f.net, FQP_F64, &net[i]));
        assert_ok(f.ctx, fqp_trainer_create(f.ctx, net[i], &f.data, &s.train, 11, NULL, &trainer[i]));
        p[i].n0 = N0;
        const fqp_groups groups = groups_of(&p[i]);
        assert_ok(f.ctx, fqp_trainer_groups(trainer[i], &groups));
    }
    assert_ok(f.ctx, fqp_population_run(f.ctx, MEMBERS, trainer, NULL));
    for (int i = 0; i < MEMBERS; i++)
        assert_memory_equal(alone.net->w, net[i]->w, (size_t)f.net->parameters * sizeof(double));
    for (int i = 1; i < MEMBERS; i++) {
        fqp_trainer_destroy(trainer[i]);
        fqp_model_destroy(net[i]);
    }
    fixture_close(&alone);
    fixture_close(&f);
}

static void nothing_is_allocated_by_a_step(void **state) {
    (void)state;
    fixture f;
    made_up p = {.every = 2};
    const setting s = plain("adam", 10);
    open_groups(&f, &s, &p);
    const long before = fqpi_mem_count(f.ctx);
    assert_ok(f.ctx, fqp_trainer_step(f.trainer, 5, NULL));
    assert_int_equal(fqpi_mem_count(f.ctx), before);
    fqp_groups groups = groups_of(&p);
    for (long n = 0; n < 3; n++) { /* refused, and the trainer is as before */
        fqpi_mem_fail_after(f.ctx, n);
        assert_int_equal(fqp_trainer_groups(f.trainer, &groups), FQP_E_NOMEM);
        fqpi_mem_fail_after(f.ctx, -1);
        fqp_ctx_problems_clear(f.ctx);
    }
    assert_ok(f.ctx, fqp_trainer_step(f.trainer, 5, NULL));
    fixture_close(&f);
}

/* Weights decay, the number does not. */
static void numbers_do_not_decay(void **state) {
    (void)state;
    static const char *const name[] = {"adamw", "gd"};
    for (int i = 0; i < 2; i++) {
        fixture a, b;
        made_up p = {0}, q = {0};
        setting s = plain(name[i], 1);
        open_groups(&a, &s, &p);
        s.train.weight_decay = 0.1;
        open_groups(&b, &s, &q);
        assert_ok(a.ctx, fqp_trainer_step(a.trainer, 1, NULL));
        assert_ok(b.ctx, fqp_trainer_step(b.trainer, 1, NULL));
        const double *v = fqp_model_parameters(a.net), *w = fqp_model_parameters(b.net);
        const int64_t last = a.net->parameters - 1;
        assert_true(v[last] == w[last] && v[last] != 0.7);
        assert_true(v[0] != w[0]);
        fixture_close(&a);
        fixture_close(&b);
    }
}

static void assert_says(fixture *f, fqp_status got, fqp_status want, const char *text) {
    assert_int_equal(got, want);
    assert_int_equal(fqp_ctx_problem_count(f->ctx), 1);
    if (!strstr(fqp_ctx_problem(f->ctx, 0).message, text))
        fail_msg("\"%s\" is not in \"%s\"", text, fqp_ctx_problem(f->ctx, 0).message);
    fqp_ctx_problems_clear(f->ctx);
}

static void what_the_user_answers_ends_training(void **state) {
    (void)state;
    fixture f;
    made_up p = {0};
    const setting s = plain("adam", 10);
    open_groups(&f, &s, &p);
    p.fails = FQP_E_DATA;
    assert_int_equal(fqp_trainer_step(f.trainer, 3, NULL), FQP_E_DATA);
    assert_int_equal(p.calls, 1);
    p.fails = FQP_OK;
    p.bad = true;
    assert_says(&f, fqp_trainer_step(f.trainer, 3, NULL), FQP_E_DATA,
                "step 0: groups: du of point 1, number 1, is nan");
    fixture_close(&f);
}

static fqp_status too_many(void *user, int64_t step, fqp_group_batch *batch, bool *changed) {
    (void)user, (void)step, (void)changed;
    batch[0].n = 1;
    batch[1].n = N1 + 1;
    return FQP_OK;
}

static void refusals(void **state) {
    (void)state;
    fixture f;
    made_up p = {.n0 = N0};
    setting s = plain("adam", 10);
    open_groups(&f, &s, &p);
    fqp_groups g = groups_of(&p);
    fqp_group one[2] = {both[0], both[1]};
    g.group = one;
    one[1].most = 0;
    assert_says(&f, fqp_trainer_groups(f.trainer, &g), FQP_E_ARG, "group 1 has places for 0 points and 3 derivatives");
    one[1] = both[1];
    one[1].span = N1 + 1;
    assert_says(&f, fqp_trainer_groups(f.trainer, &g), FQP_E_ARG, "residuals that look at 91 points each");
    one[1] = both[1];
    one[0].most = INT64_MAX / 64;
    assert_says(&f, fqp_trainer_groups(f.trainer, &g), FQP_E_NOMEM, "more than any memory holds");
    one[0] = both[0];
    g.draw = NULL;
    assert_says(&f, fqp_trainer_groups(f.trainer, &g), FQP_E_ARG, "draw and objective are needed");
    g.draw = too_many;
    assert_ok(f.ctx, fqp_trainer_groups(f.trainer, &g));
    assert_says(&f, fqp_trainer_step(f.trainer, 1, NULL), FQP_E_DATA,
                "step 0: group 1 has 91 points, and places for 90");
    assert_int_equal(fqp_trainer_groups(f.trainer, NULL), FQP_E_ARG);
    fixture_close(&f);
}

/* What settings of the trainer do not go with groups. */
static void settings_that_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *optimizer, *says;
        int64_t batch;
        int activation;
        fqp_status status;
    } row[] = {
        {"adam", "not from train.batch 2; set it to 0", 2, FQPI_ACT_TANH, FQP_E_ARG},
        {"least_squares", "groups: train.optimizer least_squares solves for values", 0, FQPI_ACT_TANH, FQP_E_ARG},
        {"kfac", "groups: train.optimizer kfac knows the curvature", 0, FQPI_ACT_TANH, FQP_E_ARG},
        {"lm", "groups: train.optimizer lm minimises a sum of squares, and this loss gives no residuals", 0,
         FQPI_ACT_TANH, FQP_E_ARG},
        {"adam", "relu", 0, FQPI_ACT_RELU, FQP_E_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fixture f;
        made_up p = {.n0 = N0};
        setting s = plain(row[i].optimizer, 10);
        s.train.batch = row[i].batch;
        fixture_open(&f, 1);
        fixture_data(&f, 3, D, M);
        const fqp_model_opts mo = small_model(narrow, 2, row[i].activation, true);
        assert_ok(f.ctx, fqp_model_create(f.ctx, D, M, &mo, 5, &f.net));
        assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &s.train, 11, NULL, &f.trainer));
        fqp_groups g = groups_of(&p);
        g.residuals = NULL;
        assert_says(&f, fqp_trainer_groups(f.trainer, &g), row[i].status, row[i].says);
        fixture_close(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_is_that_of_the_loss),
        cmocka_unit_test(the_number_has_a_gradient),
        cmocka_unit_test(single_precision_is_near),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(points_are_drawn_once_a_step),
        cmocka_unit_test(a_pause_does_not_change_a_bit),
        cmocka_unit_test(populations_have_groups),
        cmocka_unit_test(nothing_is_allocated_by_a_step),
        cmocka_unit_test(numbers_do_not_decay),
        cmocka_unit_test(what_the_user_answers_ends_training),
        cmocka_unit_test(refusals),
        cmocka_unit_test(settings_that_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
