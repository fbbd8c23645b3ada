/* Any number of threads gives the same bits; training on from a checkpoint gives the same bits. */
#include "unit/train/fixture.h"

typedef struct setting {
    const char *optimizer;
    bool f64;
    int64_t n, batch;
} setting;

static void open_setting(fixture *f, const setting *s, int threads, int64_t steps) {
    static int64_t hidden[] = {20, 33};
    fixture_open(f, threads);
    fixture_data(f, s->n, 3, 2);
    fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, s->f64);
    fqp_train_opts to = fqpi_train_defaults;
    to.optimizer = find(fqp_optimizer_name, s->optimizer);
    to.lr = 1e-2;
    to.batch = s->batch;
    to.weight_decay = 1e-3;
    to.steps = steps;
    to.schedule = 3; /* cosine: the whole length is known from the start */
    to.warmup = 5;
    assert_ok(f->ctx, fqp_model_create(f->ctx, 3, 2, &mo, 5, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &to, 11, NULL, &f->trainer));
    f->trainer->pace.chosen = f->trainer->members; /* all threads take part, however small the work */
}

static void assert_same_weights(const fixture *a, const fixture *b, const setting *s, const char *what) {
    size_t bytes = (size_t)fqp_model_parameter_count(a->net) * (s->f64 ? 8 : 4);
    if (memcmp(fqp_model_parameters(a->net), fqp_model_parameters(b->net), bytes) != 0)
        fail_msg("%s, %s, n %d, batch %d: %s", s->optimizer, s->f64 ? "f64" : "f32", (int)s->n, (int)s->batch, what);
}

static const int64_t edges[] = {1, 61, 64, 65, 200}; /* of tiles */

/* fn(setting) for every optimiser, both precisions, the given numbers of points, full and mini-batch. */
static void sweep(void (*fn)(const setting *), const int64_t *n, size_t sizes) {
    for (size_t o = 0; fqp_optimizer_name(o, NULL); o++)
        for (int f64 = 0; f64 < 2; f64++)
            for (size_t i = 0; i < sizes; i++)
                for (int mini = 0; mini < 2; mini++) {
                    setting s = {fqp_optimizer_name(o, NULL), f64, n[i], mini ? n[i] / 3 : 0};
                    bool whole = fqpi_optimizer_row((int)o)->minimise != NULL;
                    if ((whole && (!f64 || mini)) || (mini && s.batch < 1))
                        continue;
                    fn(&s);
                }
}

static void one_thread_count(const setting *s) {
    fixture one;
    open_setting(&one, s, 1, 12);
    double loss, loss_n;
    assert_ok(one.ctx, fqp_trainer_step(one.trainer, 12, &loss));
    assert_true(isfinite(loss));
    for (int threads = 2; threads <= 4; threads++) {
        fixture many;
        open_setting(&many, s, threads, 12);
        assert_ok(many.ctx, fqp_trainer_step(many.trainer, 12, &loss_n));
        assert_memory_equal(&loss, &loss_n, sizeof loss);
        assert_same_weights(&one, &many, s, "threads change the bits");
        fixture_close(&many);
    }
    fixture_close(&one);
}

static void threads_give_the_same_bits(void **state) {
    (void)state;
    sweep(one_thread_count, edges, 5);
}

static void one_resume(const setting *s) {
    char path[] = "/tmp/fqp_resume_XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    fixture straight, first, second;
    open_setting(&straight, s, 2, 100);
    assert_ok(straight.ctx, fqp_trainer_run(straight.trainer));
    open_setting(&first, s, 1, 100);
    assert_ok(first.ctx, fqp_trainer_step(first.trainer, 60, NULL));
    assert_ok(first.ctx, fqp_trainer_save(first.trainer, path));
    open_setting(&second, s, 2, 100);
    assert_ok(second.ctx, fqp_trainer_restore(second.trainer, path));
    assert_int_equal(fqp_trainer_steps_done(second.trainer), fqp_trainer_steps_done(first.trainer));
    assert_ok(second.ctx, fqp_trainer_run(second.trainer));
    assert_int_equal(fqp_trainer_steps_done(second.trainer), fqp_trainer_steps_done(straight.trainer));
    assert_same_weights(&straight, &second, s, "a resumed training differs");
    unlink(path);
    fixture_close(&straight);
    fixture_close(&first);
    fixture_close(&second);
}

static void resuming_gives_the_same_bits(void **state) {
    (void)state;
    sweep(one_resume, edges + 3, 1);
}

typedef struct seen {
    double loss[16], prediction[16];
    int frames;
} seen;

static fqp_status see(void *user, const fqp_frame *f, bool *stop) {
    seen *s = user;
    (void)stop;
    s->loss[s->frames] = f->loss;
    s->prediction[s->frames++] = fqp_view_at(f->prediction, fqp_view_count(f->prediction) - 1);
    return FQP_OK;
}

/* Frames at every step make each stretch begin with a gradient that is known already. */
static void one_observed(const setting *s) {
    seen first = {0};
    for (int threads = 1; threads <= 4; threads++) {
        fixture f;
        seen now = {0};
        open_setting(&f, s, threads, 12);
        fqp_schedule when;
        assert_ok(f.ctx, fqp_schedule_parse(f.ctx, "every:1", (fqp_origin){0}, &when));
        assert_ok(f.ctx, fqp_trainer_observe(f.trainer, fqp_array_view(&f.data.x), &when, see, &now));
        assert_ok(f.ctx, fqp_trainer_run(f.trainer));
        if (threads == 1)
            first = now;
        assert_memory_equal(&first, &now, sizeof now);
        fixture_close(&f);
    }
}

static void threads_show_the_same_frames(void **state) {
    (void)state;
    sweep(one_observed, edges, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_give_the_same_bits),
        cmocka_unit_test(threads_show_the_same_frames),
        cmocka_unit_test(resuming_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
