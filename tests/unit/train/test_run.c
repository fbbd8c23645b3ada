/* The loop: frames when they are due, stop rules, interrupts, divergence, no allocation after the first step. */
#include "unit/train/fixture.h"

enum { FRAMES = 4096 };

typedef struct watch {
    int64_t step[FRAMES];
    double loss[FRAMES], accuracy[FRAMES], epoch[FRAMES];
    int frames;
    int stop_at;  /* frame that says stop; 0: never */
    fqp_ctx *ctx; /* interrupted at frame interrupt_at */
    int interrupt_at;
    fqp_status answer;   /* from frame 2 on */
    long allocations[2]; /* counted at frames 1 and last */
    double last_prediction;
} watch;

static fqp_status see(void *user, const fqp_frame *f, bool *stop) {
    watch *w = user;
    w->step[w->frames] = f->step;
    w->loss[w->frames] = f->loss;
    w->accuracy[w->frames] = f->accuracy;
    w->epoch[w->frames] = f->epoch;
    w->frames++;
    w->last_prediction = fqp_view_at(f->prediction, 0);
    *stop = w->stop_at && w->frames == w->stop_at;
    if (w->interrupt_at && w->frames == w->interrupt_at)
        fqp_ctx_interrupt(w->ctx);
    w->allocations[w->frames > 1] = fqpi_mem_count(w->ctx);
    return w->frames >= 2 ? w->answer : FQP_OK;
}

static fqp_train_opts options(int64_t steps) {
    fqp_train_opts o = fqpi_train_defaults;
    o.steps = steps;
    o.lr = 5e-3;
    return o;
}

static void open_run(fixture *f, const fqp_train_opts *o, int64_t n, int64_t m, const char *when, watch *w) {
    static int64_t hidden[] = {12, 8};
    fixture_open(f, 2);
    fixture_data(f, n, 2, m);
    if (m > 1)
        fixture_classes(f);
    fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, true);
    assert_ok(f->ctx, fqp_model_create(f->ctx, 2, m, &mo, 5, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, o, 11, NULL, &f->trainer));
    f->trainer->pace.chosen = f->trainer->members; /* both threads, however small the work */
    if (!when)
        return;
    fqp_schedule s;
    assert_ok(f->ctx, fqp_schedule_parse(f->ctx, when, (fqp_origin){0}, &s));
    assert_ok(f->ctx, fqp_trainer_observe(f->trainer, fqp_array_view(&f->data.x), &s, see, w));
    fqp_schedule_release(&s);
    w->ctx = f->ctx;
}

static double loss_now(fixture *f) {
    double loss;
    assert_ok(f->ctx, fqp_trainer_gradient(f->trainer, &loss, NULL));
    return loss;
}

static void frames_are_shown_when_due(void **state) {
    (void)state;
    fixture f;
    watch w = {0};
    fqp_train_opts o = options(2047);
    open_run(&f, &o, 50, 1, "every:100", &w);
    double first = loss_now(&f);
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_int_equal(w.frames, 22);
    for (int i = 0; i < 21; i++)
        assert_int_equal(w.step[i], 100 * i);
    assert_int_equal(w.step[21], 2047);
    assert_near(w.loss[0], first, 1e-15); /* the loss of a frame is that of its parameters */
    assert_near(w.loss[21], loss_now(&f), 1e-15);
    assert_true(w.loss[21] < 0.05 * w.loss[0]);
    assert_near(w.epoch[3], 300, 0);
    assert_true(isnan(w.accuracy[3]));
    double out[50];
    assert_ok(f.ctx, fqp_model_eval(f.ctx, f.net, fqp_array_view(&f.data.x), out));
    assert_near(w.last_prediction, out[0], 1e-14);
    assert_int_equal(w.allocations[1], w.allocations[0]);
    assert_int_equal(fqp_trainer_steps_done(f.trainer), 2047);
    double seconds, sum = 0;
    size_t phases = 0;
    for (; fqp_trainer_phase(f.trainer, phases, &seconds); phases++)
        sum += seconds;
    assert_int_equal(phases, 4);
    assert_true(sum > 0);
    fixture_close(&f);
}

/* Frames do not disturb training, whatever their schedule and the optimiser. */
static void observing_changes_nothing(void **state) {
    (void)state;
    const char *when[] = {"every:1", "log:10", "steps:3,4,50", NULL};
    for (int i = 0; fqp_optimizer_name((size_t)i, NULL); i++)
        for (int64_t batch = 0; batch < 20; batch += 15) {
            if (batch && fqpi_optimizer_row(i)->minimise)
                continue;
            double reference[512];
            for (int k = 0; k < 4; k++) {
                fixture f;
                watch w = {0};
                fqp_train_opts o = options(60);
                o.optimizer = i;
                o.batch = batch;
                open_run(&f, &o, 50, 1, when[k], &w);
                assert_ok(f.ctx, fqp_trainer_run(f.trainer));
                size_t bytes = (size_t)fqp_model_parameter_count(f.net) * sizeof(double);
                assert_true(bytes < sizeof reference);
                if (k == 0)
                    memcpy(reference, fqp_model_parameters(f.net), bytes);
                assert_memory_equal(reference, fqp_model_parameters(f.net), bytes);
                fixture_close(&f);
            }
        }
}

static void mini_batches_see_every_point_once_an_epoch(void **state) {
    (void)state;
    fixture f;
    watch w = {0};
    fqp_train_opts o = options(0);
    o.batch = 16;
    o.epochs = 3;
    o.lr = 1e-300; /* parameters stand still: the mean over an epoch is the loss of the whole set */
    o.optimizer = 0;
    open_run(&f, &o, 50, 3, "epoch:1", &w);
    double whole = loss_now(&f);
    assert_int_equal(fqp_trainer_steps_total(f.trainer), 12); /* 16 + 16 + 16 + 2 */
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_int_equal(w.frames, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(w.step[i], 4 * i);
        assert_near(w.epoch[i], i, 0);
        assert_near(w.loss[i], whole, 1e-14);
        assert_near(w.accuracy[i], w.accuracy[0], 1e-15);
    }
    assert_true(w.accuracy[0] >= 0 && w.accuracy[0] <= 1);
    fixture_close(&f);
}

static void rules_stop_at_the_step_that_meets_them(void **state) {
    (void)state;
    fixture f;
    watch w = {0};
    fqp_train_opts o = options(5000);
    o.stop_loss = 0.02;
    open_run(&f, &o, 50, 1, "every:1000", &w);
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    int64_t met = fqp_trainer_steps_done(f.trainer);
    assert_true(met > 0 && met < 5000);
    assert_int_equal(w.step[w.frames - 1], met); /* the last step is recorded */
    assert_true(loss_now(&f) < 0.02);
    fixture_close(&f);

    memset(&w, 0, sizeof w);
    open_run(&f, &o, 50, 1, "every:1", &w); /* the same by looking at each step */
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_int_equal(w.frames, met + 1);
    for (int i = 0; i < w.frames; i++)
        assert_int_equal(w.loss[i] < 0.02, i == met);
    fixture_close(&f);

    memset(&w, 0, sizeof w);
    o.stop_loss = 0;
    o.stop_accuracy = 0.9;
    open_run(&f, &o, 50, 3, "every:10", &w);
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_true(fqp_trainer_steps_done(f.trainer) < 5000);
    assert_true(w.accuracy[w.frames - 1] >= 0.9 && w.accuracy[w.frames - 2] < 0.9);
    fixture_close(&f);
}

static void mini_batch_rules_look_at_whole_epochs(void **state) {
    (void)state;
    fixture f;
    watch w = {0};
    fqp_train_opts o = options(50000);
    o.stop_loss = 0.02;
    o.batch = 10;
    open_run(&f, &o, 50, 1, "epoch:1", &w);
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    int64_t met = fqp_trainer_steps_done(f.trainer);
    assert_true(met < 50000 && met % 5 == 0);
    for (int i = 1; i < w.frames; i++)
        assert_int_equal(w.loss[i] < 0.02, i == w.frames - 1);
    fixture_close(&f);
}

static void the_observer_has_a_word(void **state) {
    (void)state;
    fixture f;
    watch w = {.stop_at = 4};
    fqp_train_opts o = options(1000);
    open_run(&f, &o, 50, 1, "every:10", &w);
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_int_equal(fqp_trainer_steps_done(f.trainer), 30);
    assert_int_equal(w.frames, 4);
    fixture_close(&f);
    w = (watch){.answer = FQP_E_IO};
    open_run(&f, &o, 50, 1, "every:10", &w);
    assert_int_equal(fqp_trainer_run(f.trainer), FQP_E_IO);
    assert_int_equal(fqp_trainer_steps_done(f.trainer), 10);
    fixture_close(&f);
}

static void an_interrupt_saves_and_can_be_gone_on_from(void **state) {
    (void)state;
    char path[] = "/tmp/fqp_interrupt_XXXXXX";
    close(mkstemp(path));
    fixture f, g;
    watch w = {.interrupt_at = 3}, all = {0};
    fqp_train_opts o = options(200);
    open_run(&f, &o, 50, 1, "every:10", &w);
    assert_ok(f.ctx, fqp_trainer_checkpoints(f.trainer, path));
    char text[128];
    snprintf(text, sizeof text, "interrupted after step 21 of 200; state saved in %s", path);
    assert_refused(f.ctx, fqp_trainer_run(f.trainer), FQP_E_INTERRUPTED, text);
    fqp_ctx_interrupt_clear(f.ctx);
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    open_run(&g, &o, 50, 1, "every:10", &all);
    assert_ok(g.ctx, fqp_trainer_run(g.trainer));
    assert_int_equal(w.frames, all.frames);
    assert_memory_equal(w.step, all.step, (size_t)all.frames * sizeof all.step[0]);
    assert_memory_equal(w.loss, all.loss, (size_t)all.frames * sizeof all.loss[0]);
    fixture_close(&f);
    fixture_close(&g);
    unlink(path);
}

static void divergence_is_named_and_the_last_finite_state_kept(void **state) {
    (void)state;
    fixture f;
    watch w = {0};
    fqp_train_opts o = options(20000);
    o.optimizer = 0;
    o.loss = 4; /* l4: gradient descent with a large step leaves the finite numbers */
    o.lr = 40;
    open_run(&f, &o, 50, 1, "every:1", &w);
    double *net = fqp_model_parameters(f.net);
    net[0] = 1e3;
    net[fqp_model_parameter_count(f.net) - 1] = 50;
    assert_int_equal(fqp_trainer_run(f.trainer), FQP_E_DIVERGED);
    assert_int_equal(fqp_ctx_problem_count(f.ctx), 1);
    const char *message = fqp_ctx_problem(f.ctx, 0).message;
    char text[128];
    snprintf(text, sizeof text, "step %d: loss is not finite (loss was %.3g at step %d, train.lr 40)",
             (int)w.step[w.frames - 1] + 1, w.loss[w.frames - 1], (int)w.step[w.frames - 1]);
    assert_string_equal(message, text);
    assert_true(isfinite(loss_now(&f)));
    fixture_close(&f);
}

static void steps_without_ceremony(void **state) {
    (void)state;
    fixture f;
    fqp_train_opts o = options(10);
    o.stop_loss = 1e9;
    open_run(&f, &o, 50, 1, NULL, NULL);
    double loss;
    assert_ok(f.ctx, fqp_trainer_step(f.trainer, 1, &loss));
    long before = fqpi_mem_count(f.ctx);
    assert_ok(f.ctx, fqp_trainer_step(f.trainer, 29, &loss)); /* beyond train.steps, past stop rules */
    assert_int_equal(fqpi_mem_count(f.ctx), before);
    assert_int_equal(fqp_trainer_steps_done(f.trainer), 30);
    assert_true(loss > loss_now(&f)); /* the loss before the last update */
    fixture_close(&f);
}

static void the_line_search_ends_at_a_minimum(void **state) {
    (void)state;
    fixture f;
    watch w = {0};
    fqp_train_opts o = options(5000);
    o.optimizer = find(fqp_optimizer_name, "lbfgs");
    fixture_open(&f, 2);
    fixture_data(&f, 40, 2, 1);
    fqp_model_opts mo = small_model(NULL, 0, FQPI_ACT_TANH, true); /* least squares */
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 5, &f.net));
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 11, NULL, &f.trainer));
    fqp_schedule s;
    assert_ok(f.ctx, fqp_schedule_parse(f.ctx, "every:1000", (fqp_origin){0}, &s));
    assert_ok(f.ctx, fqp_trainer_observe(f.trainer, fqp_array_view(&f.data.x), &s, see, &w));
    w.ctx = f.ctx;
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_true(fqp_trainer_steps_done(f.trainer) < 60);
    assert_int_equal(w.step[w.frames - 1], fqp_trainer_steps_done(f.trainer));
    double g[3], loss;
    assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, g));
    for (int i = 0; i < 3; i++)
        assert_near(g[i], 0, 1e-8);
    fixture_close(&f);
}

static void report(void *user, const fqp_progress *p) {
    int *calls = user;
    (*calls)++;
    assert_string_equal(p->unit, "steps");
    assert_true(p->done <= p->total);
}

static void progress_reaches_the_end(void **state) {
    (void)state;
    int calls = 0;
    fixture f = {0};
    fqp_ctx_opts co = {.threads = 1, .progress = report, .user = &calls};
    assert_int_equal(fqp_ctx_create(&co, &f.ctx), FQP_OK);
    fixture_data(&f, 20, 1, 1);
    fqp_train_opts o = options(50);
    assert_ok(f.ctx, fqp_model_create(f.ctx, 1, 1, NULL, 5, &f.net));
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 11, NULL, &f.trainer));
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_true(calls >= 2);
    fixture_close(&f);
}

/* Time ends training, however many steps are left, with a frame of the last one; the schedule has then come to its end
 * too, and another trainer goes on with what is left of a longer time. */
static void time_ends_training(void **state) {
    (void)state;
    fixture f, g;
    watch w = {0}, v = {0};
    fqp_train_opts o = options((int64_t)1e12);
    o.seconds = 0.05;
    o.schedule = 3; /* cosine */
    const char *name = NULL;
    assert_non_null(name = fqpi_lr_name(3, NULL));
    assert_string_equal(name, "cosine");
    open_run(&f, &o, 50, 1, "log:10", &w);
    assert_true(fqpi_learning_rate(f.trainer, 0) == o.lr);
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    const int64_t done = fqp_trainer_steps_done(f.trainer);
    double seconds;
    fqp_trainer_phase(f.trainer, 0, &seconds);
    assert_true(done >= 1 && seconds >= o.seconds);
    assert_int_equal(w.step[w.frames - 1], done);
    assert_true(fqpi_learning_rate(f.trainer, done) == 0);
    char path[] = "/tmp/fqp-time-XXXXXX";
    assert_true(close(mkstemp(path)) == 0);
    assert_ok(f.ctx, fqp_trainer_save(f.trainer, path));
    o.seconds = 4 * seconds;
    open_run(&g, &o, 50, 1, "log:10", &v);
    assert_ok(g.ctx, fqp_trainer_restore(g.trainer, path));
    assert_ok(g.ctx, fqp_trainer_run(g.trainer));
    double more;
    fqp_trainer_phase(g.trainer, 0, &more);
    assert_true(more >= o.seconds && fqp_trainer_steps_done(g.trainer) > done);
    unlink(path);
    fixture_close(&f);
    fixture_close(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_shown_when_due),
        cmocka_unit_test(observing_changes_nothing),
        cmocka_unit_test(mini_batches_see_every_point_once_an_epoch),
        cmocka_unit_test(rules_stop_at_the_step_that_meets_them),
        cmocka_unit_test(mini_batch_rules_look_at_whole_epochs),
        cmocka_unit_test(the_observer_has_a_word),
        cmocka_unit_test(an_interrupt_saves_and_can_be_gone_on_from),
        cmocka_unit_test(divergence_is_named_and_the_last_finite_state_kept),
        cmocka_unit_test(steps_without_ceremony),
        cmocka_unit_test(the_line_search_ends_at_a_minimum),
        cmocka_unit_test(progress_reaches_the_end),
        cmocka_unit_test(time_ends_training),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
