/* A user's objective, stream and optimiser: each in the place of ours gives our training; derivatives by the inputs
 * reach the gradient; every refusal with its reason; a failing call ends training with its status. */
#include "unit/train/fixture.h"

#include <math.h>

enum { N = 150, D = 2, M = 2 };

static int64_t hidden[] = {13, 7};

static fqp_train_opts options(const char *optimizer, int64_t steps) {
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, optimizer);
    o.steps = steps;
    o.lr = 5e-3;
    return o;
}

typedef struct setting {
    int threads;
    bool f32;
    int activation;
    const char *output;
    fqp_train_opts train;
} setting;

static setting plain(int64_t batch) {
    setting s = {.threads = 2, .activation = FQPI_ACT_TANH, .train = options("adam", 40)};
    s.train.batch = batch;
    return s;
}

static void open_all(fixture *f, const setting *s) {
    fixture_open(f, s->threads);
    fixture_data(f, N, D, M);
    fqp_model_opts mo = small_model(hidden, 2, s->activation, !s->f32);
    mo.output = s->output ? find(fqpi_output_name, s->output) : 0;
    assert_ok(f->ctx, fqp_model_create(f->ctx, D, M, &mo, 5, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &s->train, 11, NULL, &f->trainer));
}

static double parameter(const fixture *f, int64_t i) {
    const void *w = fqp_model_parameters(f->net);
    return fqp_model_precision(f->net) == FQP_F64 ? ((const double *)w)[i] : (double)((const float *)w)[i];
}

static void assert_same_parameters(const fixture *a, const fixture *b, double tolerance) {
    for (int64_t i = 0; i < fqp_model_parameter_count(a->net); i++)
        assert_near(parameter(a, i), parameter(b, i), tolerance);
}

static double loss_of(fixture *f) {
    double loss;
    assert_ok(f->ctx, fqp_trainer_gradient(f->trainer, &loss, NULL));
    return loss;
}

/* ---- ours by the user's means ------------------------------------------------------------------ */

static fqp_status mean_square(void *user, const fqp_batch *b, double *loss) {
    int64_t count = b->n * b->u.shape[1];
    int *calls = user;
    *loss = 0;
    for (int64_t i = 0; i < count; i++) {
        double r = fqp_view_at(b->u, i) - fqp_view_at(b->y, i);
        *loss += r * r / (double)count;
        b->du[i] = 2 * r / (double)count;
    }
    if (calls)
        ++*calls;
    return FQP_OK;
}

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

static fqp_status replay(void *user, int64_t step, int64_t n, double *x, double *y) {
    const fixture *f = user;
    (void)step;
    for (int64_t j = 0; j < n; j++) { /* the data set, again and again */
        memcpy(x + j * D, f->x + j % N * D, D * sizeof *x);
        memcpy(y + j * M, f->y + j % N * M, M * sizeof *y);
    }
    return FQP_OK;
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

typedef struct descent {
    int64_t calls;
    double lr;
    fqp_dtype type;
} descent;

static fqp_status descend(void *user, int64_t step, double lr, int64_t n, void *w, const void *g) {
    descent *d = user;
    d->lr = lr;
    if (step != ++d->calls)
        return FQP_E_ARG;
    for (int64_t i = 0; i < n; i++)
        if (d->type == FQP_F64)
            ((double *)w)[i] -= lr * ((const double *)g)[i];
        else
            ((float *)w)[i] -= (float)lr * ((const float *)g)[i];
    return FQP_OK;
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

/* ---- derivatives ------------------------------------------------------------------------------- */

/* mean of (sum_i u_xx_i + u u_x_0 - y)^2 over points and outputs: every channel counts. */
static fqp_status residual(void *user, const fqp_batch *b, double *loss) {
    int order = *(const int *)user;
    int64_t m = b->u.shape[1], d = b->x.shape[1];
    double count = (double)(b->n * m);
    *loss = 0;
    for (int64_t i = 0; i < b->n * m; i++) {
        double u = fqp_view_at(b->u, i), first = fqp_view_at(b->u_x, i * d), r = u * first - fqp_view_at(b->y, i);
        for (int64_t k = 0; k < d && order == 2; k++)
            r += fqp_view_at(b->u_xx, i * d + k);
        *loss += r * r / count;
        b->du[i] = 2 * r * first / count;
        b->du_x[i * d] = 2 * r * u / count;
        for (int64_t k = 0; k < d && order == 2; k++)
            b->du_xx[i * d + k] = 2 * r / count;
    }
    return order == 2 ? FQP_OK : b->du_xx || b->u_xx.data ? FQP_E_INTERNAL : FQP_OK;
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
                f[i].trainer->parts.kept = 0;
            assert_ok(f[i].ctx, fqp_trainer_step(f[i].trainer, 10, NULL));
        }
        assert_memory_equal(f[0].net->w, f[1].net->w, (size_t)f[0].net->parameters * sizeof(double));
        fixture_close(&f[0]);
        fixture_close(&f[1]);
    }
}

/* ---- the loop ---------------------------------------------------------------------------------- */

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

/* ---- refusals ---------------------------------------------------------------------------------- */

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
        cmocka_unit_test(frames_show_the_loss_of_the_objective),
        cmocka_unit_test(a_stream_is_asked_once_a_step),
        cmocka_unit_test(a_failing_call_ends_training),
        cmocka_unit_test(a_loss_that_is_no_number_is_a_divergence),
        cmocka_unit_test(nothing_is_allocated_by_a_step),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
