/* train.finish: the steps of two optimisers one after the other, to the bit those of each, through pauses too. */
#include "unit/train/fixture.h"

#include <math.h>

enum { N = 40, D = 2, M = 1, FIRST = 12, LAST = 9 };

static int64_t hidden[] = {8, 5};

static fqp_train_opts settings(const char *optimizer, const char *finish) {
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, optimizer);
    o.lr = 1e-2;
    o.steps = FIRST + LAST;
    if (finish) {
        o.finish = find(fqp_finish_name, finish);
        o.finish_steps = LAST;
    }
    return o;
}

static void open_fit(fixture *f, const fqp_train_opts *o, int threads) {
    fixture_open(f, threads);
    fixture_data(f, N, D, M);
    const fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, true);
    assert_ok(f->ctx, fqp_model_create(f->ctx, D, M, &mo, 5, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, o, 11, NULL, &f->trainer));
}

static void assert_same(const fixture *a, const fixture *b) {
    assert_memory_equal(a->net->w, b->net->w, (size_t)a->net->parameters * sizeof(double));
}

/* Adam, then a trainer of its own for the other optimiser. */
static void it_is_one_after_the_other(void **state) {
    (void)state;
    static const char *const finish[] = {"lbfgs", "lm"};
    for (int i = 0; i < 2; i++) {
        fixture a, b;
        fqp_train_opts both = settings("adam", finish[i]), one = settings("adam", NULL);
        open_fit(&a, &both, 2);
        assert_ok(a.ctx, fqp_trainer_run(a.trainer));
        assert_int_equal(fqp_trainer_steps_done(a.trainer), FIRST + LAST);
        one.steps = FIRST;
        open_fit(&b, &one, 1);
        assert_ok(b.ctx, fqp_trainer_run(b.trainer));
        fqp_trainer_destroy(b.trainer);
        one = settings(finish[i], NULL);
        one.steps = LAST;
        assert_ok(b.ctx, fqp_trainer_create(b.ctx, b.net, &b.data, &one, 11, NULL, &b.trainer));
        assert_ok(b.ctx, fqp_trainer_run(b.trainer));
        assert_same(&a, &b);
        fixture_close(&a);
        fixture_close(&b);
    }
}

static void a_pause_does_not_change_a_bit(void **state) {
    (void)state;
    char path[] = "/tmp/fqp_finish_XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    const fqp_train_opts o = settings("adam", "lbfgs");
    fixture whole;
    open_fit(&whole, &o, 1);
    assert_ok(whole.ctx, fqp_trainer_run(whole.trainer));
    for (int64_t pause = FIRST - 2; pause <= FIRST + 2; pause++) {
        fixture a, b;
        open_fit(&a, &o, 1);
        open_fit(&b, &o, 1);
        assert_ok(a.ctx, fqp_trainer_step(a.trainer, pause, NULL));
        assert_ok(a.ctx, fqp_trainer_save(a.trainer, path));
        assert_ok(b.ctx, fqp_trainer_restore(b.trainer, path));
        assert_int_equal(fqp_trainer_steps_done(b.trainer), pause);
        assert_ok(b.ctx, fqp_trainer_run(b.trainer));
        assert_same(&whole, &b);
        fixture_close(&a);
        fixture_close(&b);
    }
    unlink(path);
    fixture_close(&whole);
}

/* The learning rate's schedule ends where the other optimiser begins. */
static void the_schedule_ends_with_the_first(void **state) {
    (void)state;
    fqp_train_opts o = settings("adam", "lbfgs"), one = settings("adam", NULL);
    o.schedule = one.schedule = find(fqpi_lr_name, "cosine");
    one.steps = FIRST;
    fixture a, b;
    open_fit(&a, &o, 1);
    open_fit(&b, &one, 1);
    assert_ok(a.ctx, fqp_trainer_step(a.trainer, FIRST, NULL));
    assert_ok(b.ctx, fqp_trainer_step(b.trainer, FIRST, NULL));
    assert_same(&a, &b);
    fixture_close(&a);
    fixture_close(&b);
}

typedef struct seen {
    int64_t frames, last;
    double loss;
} seen;

static fqp_status look(void *user, const fqp_frame *frame, bool *stop) {
    seen *q = user;
    (void)stop;
    if (q->frames++ > 0 && !(frame->loss <= q->loss * 1.5))
        return FQP_E_DATA;
    q->loss = frame->loss;
    q->last = frame->step;
    return FQP_OK;
}

static void frames_are_shown_around_the_turn(void **state) {
    (void)state;
    const fqp_train_opts o = settings("adam", "lbfgs");
    fixture f;
    seen q = {0};
    fqp_schedule when;
    open_fit(&f, &o, 2);
    assert_ok(f.ctx, fqp_schedule_parse(f.ctx, "every:1", (fqp_origin){0}, &when));
    assert_ok(f.ctx, fqp_trainer_observe(f.trainer, fqp_array_view(&f.data.x), &when, look, &q));
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_int_equal(q.frames, FIRST + LAST + 1);
    assert_int_equal(q.last, FIRST + LAST);
    fqp_schedule_release(&when);
    fixture_close(&f);
}

static void refusals(void **state) {
    (void)state;
    static const struct {
        const char *optimizer, *says;
        int64_t steps, batch;
        bool f32;
    } row[] = {
        {"adam", "train.finish_steps: 0 of the 21 steps", 0, 0, false},
        {"adam", "train.finish_steps: 22 of the 21 steps", 22, 0, false},
        {"lm", "train.finish: lbfgs comes after an optimiser that follows a gradient", 5, 0, false},
        {"adam", "train.batch: lbfgs needs every training point", 5, 4, false},
        {"adam", "train.finish: lbfgs needs model.precision f64", 5, 0, true},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fixture f;
        fixture_open(&f, 1);
        fixture_data(&f, N, D, M);
        fqp_train_opts o = settings(row[i].optimizer, "lbfgs");
        o.finish_steps = row[i].steps;
        o.batch = row[i].batch;
        const fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, !row[i].f32);
        assert_ok(f.ctx, fqp_model_create(f.ctx, D, M, &mo, 5, &f.net));
        assert_int_equal(fqp_trainer_create(f.ctx, f.net, &f.data, &o, 11, NULL, &f.trainer), FQP_E_CONFIG);
        if (!strstr(fqp_ctx_problem(f.ctx, 0).message, row[i].says))
            fail_msg("\"%s\" is not in \"%s\"", row[i].says, fqp_ctx_problem(f.ctx, 0).message);
        f.trainer = NULL;
        fixture_close(&f);
    }
}

/* A checkpoint of the first optimiser cannot be one of the second. */
static void a_checkpoint_of_other_steps_is_refused(void **state) {
    (void)state;
    char path[] = "/tmp/fqp_finish_XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    fqp_train_opts o = settings("adam", "lbfgs");
    fixture a, b;
    open_fit(&a, &o, 1);
    assert_ok(a.ctx, fqp_trainer_step(a.trainer, FIRST - 2, NULL));
    assert_ok(a.ctx, fqp_trainer_save(a.trainer, path));
    o.finish_steps = LAST + 4;
    open_fit(&b, &o, 1);
    assert_int_equal(fqp_trainer_restore(b.trainer, path), FQP_E_SHAPE);
    assert_non_null(strstr(fqp_ctx_problem(b.ctx, 0).message, "train.finish is adam in the checkpoint and lbfgs here"));
    unlink(path);
    fixture_close(&a);
    fixture_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_one_after_the_other),
        cmocka_unit_test(a_pause_does_not_change_a_bit),
        cmocka_unit_test(the_schedule_ends_with_the_first),
        cmocka_unit_test(frames_are_shown_around_the_turn),
        cmocka_unit_test(refusals),
        cmocka_unit_test(a_checkpoint_of_other_steps_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
