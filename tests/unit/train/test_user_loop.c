/* The loop around a user's objective, stream and optimiser: what frames show, what is asked when, and a failing call
 * that ends training with its status. */
#include "unit/train/user.h"

typedef struct seen {
    int frames;
    double loss[64], own[64];
    fixture *f;
} seen;

static fqp_status see(void *user, const fqp_frame *frame, bool *stop) {
    seen *s = user;
    (void)stop;
    s->loss[s->frames] = frame->loss;
    double sum = 0; /* mean square of the frame's predictions, which are at the training points */
    for (int64_t i = 0; i < N * M; i++)
        sum += pow(fqp_view_at(frame->prediction, i) - s->f->y[i], 2) / (N * M);
    s->own[s->frames++] = sum;
    return FQP_OK;
}

static void frames_show_the_loss_of_the_objective(void **state) {
    (void)state;
    setting s = plain(0);
    s.train.loss = find(fqp_loss_name, "mae"); /* ours: must not be shown */
    fixture f;
    seen w = {.f = &f};
    open_all(&f, &s);
    fqp_schedule when;
    assert_ok(f.ctx, fqp_schedule_parse(f.ctx, "every:10", (fqp_origin){0}, &when));
    assert_ok(f.ctx, fqp_trainer_observe(f.trainer, fqp_view_2d(f.x, N, D), &when, see, &w));
    fqp_schedule_release(&when);
    assert_ok(f.ctx, fqp_trainer_objective(f.trainer, 0, mean_square, NULL));
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_int_equal(w.frames, 5);
    for (int i = 0; i < 5; i++)
        assert_near(w.loss[i], w.own[i], 1e-12);
    fixture_close(&f);
}

static fqp_status replay_counted(void *user, int64_t step, int64_t n, double *x, double *y) {
    seen *w = user;
    if (step != w->frames++)
        return FQP_E_ARG;
    return replay(w->f, step, n, x, y);
}

/* A stream is asked once a step, in order, and shown by its mean since the last frame. */
static void a_stream_is_asked_once_a_step(void **state) {
    (void)state;
    setting s = plain(0);
    s.train.steps = 6;
    fixture f;
    seen shown = {.f = &f}, drawn = {.f = &f};
    open_all(&f, &s);
    fqp_schedule when;
    assert_ok(f.ctx, fqp_schedule_parse(f.ctx, "every:3", (fqp_origin){0}, &when));
    assert_ok(f.ctx, fqp_trainer_observe(f.trainer, fqp_view_2d(f.x, N, D), &when, see, &shown));
    fqp_schedule_release(&when);
    assert_ok(f.ctx, fqp_trainer_stream(f.trainer, N, replay_counted, &drawn));
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_int_equal(drawn.frames, 6);
    assert_int_equal(shown.frames, 3);
    assert_near(shown.loss[0], shown.own[0], 1e-12); /* step 0: the whole data set */
    assert_true(shown.loss[2] > shown.own[2] && shown.loss[2] < shown.loss[1]);
    fixture_close(&f);
}

static fqp_status fails_at_three(void *user, const fqp_batch *b, double *loss) {
    mean_square(NULL, b, loss);
    return b->step == 3 ? *(const fqp_status *)user : FQP_OK;
}

static fqp_status stream_fails(void *user, int64_t step, int64_t n, double *x, double *y) {
    (void)user;
    memset(x, 0, (size_t)(n * D) * sizeof *x);
    memset(y, 0, (size_t)(n * M) * sizeof *y);
    y[5] = step == 2 ? NAN : 0;
    return FQP_OK;
}

static fqp_status update_fails(void *user, int64_t step, double lr, int64_t n, void *w, const void *g) {
    (void)user, (void)lr, (void)n, (void)w, (void)g;
    return step == 5 ? FQP_E_DATA : FQP_OK;
}

static fqp_status slope_is_lost(void *user, const fqp_batch *b, double *loss) {
    (void)user;
    *loss = 1;
    b->du[3] = b->step == 1 ? NAN : 0;
    return FQP_OK;
}

static void a_failing_call_ends_training(void **state) {
    (void)state;
    for (int kind = 0; kind < 8; kind++) {
        fixture f;
        setting s = plain(0);
        fqp_status answer = FQP_E_IO;
        open_all(&f, &s);
        static const fqp_status want[] = {FQP_E_IO, FQP_E_DATA, FQP_E_DATA, FQP_E_DATA};
        static const int64_t done[] = {3, 2, 4, 1};
        static const char *const text[] = {NULL, "step 2: stream: y of point 2, number 1, is nan", NULL,
                                           "step 1: objective: du of point 1, number 1, is nan"};
        if (kind / 2 == 0)
            assert_ok(f.ctx, fqp_trainer_objective(f.trainer, 0, fails_at_three, &answer));
        if (kind / 2 == 1)
            assert_ok(f.ctx, fqp_trainer_stream(f.trainer, 40, stream_fails, NULL));
        if (kind / 2 == 2)
            assert_ok(f.ctx, fqp_trainer_optimizer(f.trainer, update_fails, NULL));
        if (kind / 2 == 3)
            assert_ok(f.ctx, fqp_trainer_objective(f.trainer, 0, slope_is_lost, NULL));
        assert_int_equal(kind % 2 ? fqp_trainer_step(f.trainer, 30, NULL) : fqp_trainer_run(f.trainer), want[kind / 2]);
        assert_int_equal(fqp_trainer_steps_done(f.trainer), done[kind / 2]);
        if (text[kind / 2]) {
            assert_int_equal(fqp_ctx_problem_count(f.ctx), 1);
            assert_non_null(strstr(fqp_ctx_problem(f.ctx, 0).message, text[kind / 2]));
        }
        answer = FQP_OK; /* and it may go on */
        fqp_ctx_problems_clear(f.ctx);
        if (kind / 2 == 0) {
            assert_ok(f.ctx, fqp_trainer_run(f.trainer));
            assert_int_equal(fqp_trainer_steps_done(f.trainer), 40);
        }
        fixture_close(&f);
    }
}

/* Members of a population, each with an objective and a stream; two of them fail, and both say so. */
static void populations_have_parts(void **state) {
    (void)state;
    enum { MEMBERS = 5 };
    fixture f, alone;
    setting s = plain(0);
    fqp_model *net[MEMBERS];
    fqp_trainer *trainer[MEMBERS];
    fqp_status ended[MEMBERS];
    open_all(&f, &s);
    open_all(&alone, &s);
    fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, true);
    for (int i = 0; i < MEMBERS; i++) {
        assert_ok(f.ctx, fqp_model_create(f.ctx, D, M, &mo, i ? 100 + (uint64_t)i : 5, &net[i]));
        assert_ok(f.ctx, fqp_trainer_create(f.ctx, net[i], &f.data, &s.train, 11, NULL, &trainer[i]));
        assert_ok(f.ctx, fqp_trainer_objective(trainer[i], 0, i > 2 ? slope_is_lost : mean_square, NULL));
        assert_ok(f.ctx, fqp_trainer_stream(trainer[i], 2 * N, replay, &f));
    }
    assert_ok(alone.ctx, fqp_trainer_objective(alone.trainer, 0, mean_square, NULL));
    assert_ok(alone.ctx, fqp_trainer_stream(alone.trainer, 2 * N, replay, &alone));
    assert_ok(alone.ctx, fqp_trainer_run(alone.trainer));
    assert_int_equal(fqp_population_run(f.ctx, MEMBERS, trainer, ended), FQP_E_DATA);
    for (int i = 0; i < MEMBERS; i++) {
        assert_int_equal(ended[i], i > 2 ? FQP_E_DATA : FQP_OK);
        assert_int_equal(fqp_trainer_steps_done(trainer[i]), i > 2 ? 1 : 40);
    }
    assert_int_equal(fqp_ctx_problem_count(f.ctx), 2);
    assert_memory_equal(net[0]->w, alone.net->w, (size_t)net[0]->parameters * sizeof(double));
    for (int i = 0; i < MEMBERS; i++) {
        fqp_trainer_destroy(trainer[i]);
        fqp_model_destroy(net[i]);
    }
    fixture_close(&f);
    fixture_close(&alone);
}

static fqp_status not_a_number(void *user, const fqp_batch *b, double *loss) {
    mean_square(user, b, loss);
    if (b->step == 7)
        *loss = NAN;
    return FQP_OK;
}

static void a_loss_that_is_no_number_is_a_divergence(void **state) {
    (void)state;
    fixture f;
    setting s = plain(0);
    open_all(&f, &s);
    assert_ok(f.ctx, fqp_trainer_objective(f.trainer, 0, not_a_number, NULL));
    assert_int_equal(fqp_trainer_run(f.trainer), FQP_E_DIVERGED);
    assert_non_null(strstr(fqp_ctx_problem(f.ctx, 0).message, "step 7"));
    fixture_close(&f);
}

static void nothing_is_allocated_by_a_step(void **state) {
    (void)state;
    fixture f;
    setting s = plain(0);
    int order = 2;
    descent d = {.type = FQP_F64};
    open_all(&f, &s);
    assert_ok(f.ctx, fqp_trainer_objective(f.trainer, 2, residual, &order));
    assert_ok(f.ctx, fqp_trainer_stream(f.trainer, 2 * N, replay, &f));
    assert_ok(f.ctx, fqp_trainer_optimizer(f.trainer, descend, &d));
    long before = fqpi_mem_count(f.ctx);
    assert_ok(f.ctx, fqp_trainer_step(f.trainer, 5, NULL));
    assert_int_equal(fqpi_mem_count(f.ctx), before);
    fqpi_mem_fail_after(f.ctx, 0); /* no room for a larger batch: refused, and the trainer is as before */
    assert_int_equal(fqp_trainer_stream(f.trainer, 50 * N, replay, &f), FQP_E_NOMEM);
    fqpi_mem_fail_after(f.ctx, -1);
    fqp_ctx_problems_clear(f.ctx);
    assert_ok(f.ctx, fqp_trainer_step(f.trainer, 5, NULL));
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_show_the_loss_of_the_objective),
        cmocka_unit_test(a_stream_is_asked_once_a_step),
        cmocka_unit_test(a_failing_call_ends_training),
        cmocka_unit_test(populations_have_parts),
        cmocka_unit_test(a_loss_that_is_no_number_is_a_divergence),
        cmocka_unit_test(nothing_is_allocated_by_a_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
