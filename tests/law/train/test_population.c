/* Many trainers at once: each member ends with the bits, frames and status that it has alone, for any number of
 * threads.  Adaptive frames are those of the rule, read off a run that records every step; resuming changes none. */
#include "unit/train/fixture.h"

enum { MEMBERS = 5, FRAMES = 512 };

typedef struct watch {
    int64_t step[FRAMES];
    double loss[FRAMES], prediction[FRAMES];
    int frames, stop_at;
    fqp_ctx *ctx;
    int interrupt_at;
    fqp_status answer; /* from frame 2 on */
} watch;

static fqp_status see(void *user, const fqp_frame *f, bool *stop) {
    watch *w = user;
    assert_true(w->frames < FRAMES);
    w->step[w->frames] = f->step;
    w->loss[w->frames] = f->loss;
    w->prediction[w->frames++] = fqp_view_at(f->prediction, fqp_view_count(f->prediction) - 1);
    *stop = w->stop_at && w->frames == w->stop_at;
    if (w->interrupt_at && w->frames == w->interrupt_at)
        fqp_ctx_interrupt(w->ctx);
    return w->frames >= 2 ? w->answer : FQP_OK;
}

/* One training with its data, network and what was seen of it. */
typedef struct trial {
    fixture f; /* its context is shared */
    watch seen;
    fqp_status status;
} trial;

typedef struct setting {
    const char *optimizer;
    const char *record; /* NULL: no observer */
    int64_t n, width, batch, steps;
    double lr, stop_loss;
    int stop_at;    /* the observer's word */
    double blow_up; /* first parameter; a large step from there leaves the finite numbers */
} setting;

/* Members that differ in all that a round must cope with; the fourth diverges. */
static const setting rows[MEMBERS] = {
    {"adam", "every:10", 65, 20, 0, 1200, 5e-3, 0, 0, 0},        {"adam", "log:10", 65, 20, 0, 2500, 1e-2, 4e-3, 0, 0},
    {"momentum", "every:1", 40, 33, 16, 400, 1e-3, 0, 0, 0},     {"gd", "every:5", 65, 20, 0, 900, 900, 0, 0, 1e15},
    {"rmsprop", "adaptive:0.05", 30, 8, 0, 1500, 1e-3, 0, 12, 0},
};

static void set_up(trial *a, fqp_ctx *ctx, const setting *s, bool f64, int number) {
    *a = (trial){.seen = {.stop_at = s->stop_at, .ctx = ctx}};
    a->f.ctx = ctx;
    fixture_data(&a->f, s->n, 2, 1);
    for (int64_t i = 0; i < s->n; i++)
        a->f.y[i] += 0.1 * number * a->f.x[i];
    int64_t hidden[] = {s->width, s->width};
    fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, f64);
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, s->optimizer);
    o.lr = s->lr;
    o.batch = s->batch;
    o.steps = s->steps;
    o.stop_loss = s->stop_loss;
    if (s->blow_up > 0)
        o.loss = find(fqp_loss_name, "l4");
    uint64_t seed = (uint64_t)number + 1;
    assert_ok(ctx, fqp_model_create(ctx, 2, 1, &mo, seed, &a->f.net));
    assert_ok(ctx, fqp_trainer_create(ctx, a->f.net, &a->f.data, &o, seed, NULL, &a->f.trainer));
    int64_t last = fqp_model_parameter_count(a->f.net) - 1; /* the bias of the output */
    if (s->blow_up > 0 && f64)
        ((double *)fqp_model_parameters(a->f.net))[last] = s->blow_up;
    else if (s->blow_up > 0)
        ((float *)fqp_model_parameters(a->f.net))[last] = (float)s->blow_up;
    a->f.trainer->pace.chosen = a->f.trainer->members; /* alone, all threads take part, however small the work */
    if (!s->record)
        return;
    fqp_schedule when;
    assert_ok(ctx, fqp_schedule_parse(ctx, s->record, (fqp_origin){0}, &when));
    assert_ok(ctx, fqp_trainer_observe(a->f.trainer, fqp_array_view(&a->f.data.x), &when, see, &a->seen));
    fqp_schedule_release(&when);
}

static void take_down(trial *a) {
    a->f.ctx = NULL;
    fixture_close(&a->f);
}

static fqp_ctx *context(int threads) {
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = threads}, &ctx), FQP_OK);
    return ctx;
}

static void assert_same(const trial *a, const trial *b, const char *what, int member) {
    size_t bytes = (size_t)fqp_model_parameter_count(a->f.net) * a->f.net->k->elem;
    const fqp_trainer *s = a->f.trainer, *t = b->f.trainer;
    const char *wrong = NULL;
    if (a->status != b->status)
        wrong = "status";
    else if (s->now.step != t->now.step)
        wrong = "last step";
    else if (memcmp(s->net->w, t->net->w, bytes) != 0 ||
             memcmp(s->state, t->state, (size_t)(s->vectors * s->stride) * s->net->k->elem) != 0)
        wrong = "parameters";
    else if (memcmp(a->seen.step, b->seen.step, sizeof a->seen.step) != 0)
        wrong = "recorded steps";
    else if (memcmp(a->seen.loss, b->seen.loss, sizeof a->seen.loss) != 0 ||
             memcmp(a->seen.prediction, b->seen.prediction, sizeof a->seen.prediction) != 0)
        wrong = "frames";
    if (wrong)
        fail_msg("%s, member %d: the %s differ", what, member, wrong);
}

static void together(trial *m, size_t n, fqp_ctx *ctx, fqp_status want) {
    fqp_trainer *t[MEMBERS];
    fqp_status statuses[MEMBERS];
    for (size_t i = 0; i < n; i++)
        t[i] = m[i].f.trainer;
    assert_int_equal(fqp_population_run(ctx, n, t, statuses), want);
    for (size_t i = 0; i < n; i++)
        m[i].status = statuses[i];
}

static void members_are_as_alone(void **state) {
    (void)state;
    for (int f64 = 0; f64 < 2; f64++) {
        trial alone[MEMBERS];
        fqp_ctx *one = context(1);
        for (int i = 0; i < MEMBERS; i++) {
            set_up(&alone[i], one, &rows[i], f64, i);
            alone[i].status = fqp_trainer_run(alone[i].f.trainer);
            assert_int_equal(alone[i].status, i == 3 ? FQP_E_DIVERGED : FQP_OK);
        }
        assert_true(alone[1].f.trainer->now.step < rows[1].steps); /* each row ends as it should */
        assert_true(alone[4].seen.frames == rows[4].stop_at);
        for (int threads = 1; threads <= 3; threads++) {
            trial many[MEMBERS];
            char what[48];
            fqp_ctx *ctx = context(threads);
            snprintf(what, sizeof what, "%s, %d threads", f64 ? "f64" : "f32", threads);
            for (int i = 0; i < MEMBERS; i++)
                set_up(&many[i], ctx, &rows[i], f64, i);
            together(many, MEMBERS, ctx, FQP_E_DIVERGED);
            for (int i = 0; i < MEMBERS; i++)
                assert_same(&alone[i], &many[i], what, i);
            assert_int_equal(fqp_ctx_problem_count(ctx), 1);
            assert_int_equal(strncmp(fqp_ctx_problem(ctx, 0).message, "seed 4, step ", 13), 0);
            for (int i = 0; i < MEMBERS; i++)
                take_down(&many[i]);
            fqp_ctx_destroy(ctx);
        }
        for (int i = 0; i < MEMBERS; i++)
            take_down(&alone[i]);
        fqp_ctx_destroy(one);
    }
}

static void every_optimiser_and_many_more_members_than_threads(void **state) {
    (void)state;
    enum { N = 5 };
    for (size_t o = 0; fqp_optimizer_name(o, NULL); o++) {
        const char *name = fqp_optimizer_name(o, NULL);
        const setting s = {name, "every:7", 50, 12, 0, 60, 1e-3, 0, 0, 0};
        trial alone[N], many[N];
        fqp_ctx *ctx = context(2);
        for (int i = 0; i < N; i++) {
            set_up(&alone[i], ctx, &s, true, i);
            alone[i].status = fqp_trainer_run(alone[i].f.trainer);
            set_up(&many[i], ctx, &s, true, i);
        }
        together(many, N, ctx, FQP_OK);
        for (int i = 0; i < N; i++) {
            assert_same(&alone[i], &many[i], name, i);
            take_down(&alone[i]);
            take_down(&many[i]);
        }
        fqp_ctx_destroy(ctx);
    }
}

/* ---- endings ----------------------------------------------------------------------------------- */

static void an_interrupt_saves_all_and_all_go_on(void **state) {
    (void)state;
    char path[3][40];
    trial alone[3], many[3], later[3];
    fqp_ctx *ctx = context(2);
    const int who[3] = {4, 1, 2};
    for (int i = 0; i < 3; i++) {
        set_up(&alone[i], ctx, &rows[who[i]], true, i);
        alone[i].status = fqp_trainer_run(alone[i].f.trainer);
        set_up(&many[i], ctx, &rows[who[i]], true, i);
        snprintf(path[i], sizeof path[i], "/tmp/fqp_population_%d_XXXXXX", i);
        close(mkstemp(path[i]));
        assert_ok(ctx, fqp_trainer_checkpoints(many[i].f.trainer, path[i]));
    }
    many[2].seen.interrupt_at = 3;
    together(many, 3, ctx, FQP_E_INTERRUPTED);
    assert_int_equal(fqp_ctx_problem_count(ctx), 1);
    const char *message = fqp_ctx_problem(ctx, 0).message;
    assert_non_null(strstr(message, " steps of 3 networks; state saved in /tmp/fqp_population_0_"));
    assert_non_null(strstr(message, " and 2 more files"));
    fqp_ctx_interrupt_clear(ctx);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(many[i].status, FQP_E_INTERRUPTED);
        set_up(&later[i], ctx, &rows[who[i]], true, i);
        assert_ok(ctx, fqp_trainer_restore(later[i].f.trainer, path[i]));
        assert_int_equal(later[i].f.trainer->now.step, many[i].f.trainer->now.step);
        later[i].seen = many[i].seen;
        later[i].seen.interrupt_at = 0;
        unlink(path[i]);
    }
    together(later, 3, ctx, FQP_OK);
    for (int i = 0; i < 3; i++) {
        assert_same(&alone[i], &later[i], "resumed", i);
        take_down(&alone[i]);
        take_down(&many[i]);
        take_down(&later[i]);
    }
    fqp_ctx_destroy(ctx);
}

/* An interrupt that came before is answered at once, and nothing is lost by it. */
static void an_early_interrupt_ends_every_member(void **state) {
    (void)state;
    trial m[3];
    fqp_ctx *ctx = context(2);
    for (int i = 0; i < 3; i++)
        set_up(&m[i], ctx, &rows[0], true, i);
    fqp_ctx_interrupt(ctx);
    together(m, 3, ctx, FQP_E_INTERRUPTED);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(m[i].status, FQP_E_INTERRUPTED);
        assert_true(m[i].f.trainer->now.step < 20);
        take_down(&m[i]);
    }
    fqp_ctx_destroy(ctx);
}

static void a_failing_observer_ends_its_member_alone(void **state) {
    (void)state;
    trial m[3];
    fqp_ctx *ctx = context(2);
    for (int i = 0; i < 3; i++)
        set_up(&m[i], ctx, &rows[0], true, i);
    m[1].seen.answer = FQP_E_IO;
    together(m, 3, ctx, FQP_E_IO);
    assert_int_equal(m[0].status, FQP_OK);
    assert_int_equal(m[1].status, FQP_E_IO);
    assert_int_equal(m[1].f.trainer->now.step, 10);
    assert_int_equal(m[2].f.trainer->now.step, 1200);
    for (int i = 0; i < 3; i++)
        take_down(&m[i]);
    fqp_ctx_destroy(ctx);
}

static void mistakes_are_named(void **state) {
    (void)state;
    trial m[2];
    fqp_ctx *ctx = context(1), *other = context(1);
    for (int i = 0; i < 2; i++)
        set_up(&m[i], i ? other : ctx, &rows[0], true, i);
    fqp_trainer *t[] = {m[0].f.trainer, m[1].f.trainer}, *twice[] = {t[0], t[0]}, *none[] = {t[0], NULL};
    assert_refused(ctx, fqp_population_run(ctx, 0, t, NULL), FQP_E_ARG,
                   "fqp_population_run: a context and at least one trainer are needed");
    assert_refused(ctx, fqp_population_run(ctx, 2, t, NULL), FQP_E_ARG,
                   "fqp_population_run: trainer 1 belongs to another context");
    assert_refused(ctx, fqp_population_run(ctx, 2, none, NULL), FQP_E_ARG, "fqp_population_run: trainer 1 is NULL");
    assert_refused(ctx, fqp_population_run(ctx, 2, twice, NULL), FQP_E_ARG,
                   "fqp_population_run: trainers 0 and 1 train the same network");
    assert_int_equal(fqp_population_run(NULL, 1, t, NULL), FQP_E_ARG);
    for (int i = 0; i < 2; i++)
        take_down(&m[i]);
    fqp_ctx_destroy(ctx);
    fqp_ctx_destroy(other);
}

static void failing_memory_leaves_nothing_behind(void **state) {
    (void)state;
    fqp_ctx *ctx = context(2);
    const setting s = {"adam", "every:5", 30, 6, 0, 10, 1e-3, 0, 0, 0};
    for (long n = 0;; n++) {
        trial m[2];
        fqp_trainer *t[2];
        for (int i = 0; i < 2; i++) {
            set_up(&m[i], ctx, &s, true, i);
            t[i] = m[i].f.trainer;
        }
        fqpi_mem_fail_after(ctx, n);
        fqp_status status = fqp_population_run(ctx, 2, t, NULL);
        fqpi_mem_fail_after(ctx, -1);
        for (int i = 0; i < 2; i++)
            take_down(&m[i]);
        if (!status)
            break;
        assert_int_equal(status, FQP_E_NOMEM);
        assert_true(n < 20);
    }
    fqp_ctx_destroy(ctx);
}

typedef struct told {
    int calls;
    double done, total;
} told;

static void report(void *user, const fqp_progress *p) {
    told *all = user;
    all->calls++;
    assert_string_equal(p->unit, "steps");
    assert_true(p->done <= p->total && p->done >= all->done);
    all->done = p->done;
    all->total = p->total;
}

static void progress_counts_all_members(void **state) {
    (void)state;
    told all = {0};
    fqp_ctx *ctx;
    fqp_ctx_opts co = {.threads = 2, .progress = report, .user = &all};
    assert_int_equal(fqp_ctx_create(&co, &ctx), FQP_OK);
    trial m[3];
    for (int i = 0; i < 3; i++)
        set_up(&m[i], ctx, &rows[0], false, i);
    m[0].seen.stop_at = 3; /* at step 20: leaves the others 2400 */
    together(m, 3, ctx, FQP_OK);
    assert_true(all.calls >= 2);
    assert_near(all.done, 2420, 0);
    assert_near(all.total, 2420, 0);
    for (int i = 0; i < 3; i++)
        take_down(&m[i]);
    fqp_ctx_destroy(ctx);
}

/* ---- adaptive frames --------------------------------------------------------------------------- */

/* Steps at which the rule asks for a frame, from the loss of every step. */
static int rule(const watch *every, double change, int64_t *step) {
    int n = 0;
    double last = every->loss[0];
    step[n++] = 0;
    for (int i = 1; i < every->frames; i++)
        if (fabs(log(every->loss[i] / last)) >= log1p(change)) {
            last = every->loss[i];
            step[n++] = every->step[i];
        }
    if (step[n - 1] != every->step[every->frames - 1])
        step[n++] = every->step[every->frames - 1];
    return n;
}

static void frames_follow_the_loss(void **state) {
    (void)state;
    static const char *const optimizers[] = {"adam", "gd", "lbfgs"};
    for (size_t o = 0; o < 3; o++)
        for (int threads = 1; threads <= 3; threads++) {
            setting s = {optimizers[o], "every:1", 50, 12, 0, o == 2 ? 30 : 400, 2e-2, 0, 0, 0};
            fqp_ctx *ctx = context(threads);
            trial every, adaptive;
            set_up(&every, ctx, &s, true, 1);
            assert_ok(ctx, fqp_trainer_run(every.f.trainer));
            s.record = "adaptive:0.1";
            set_up(&adaptive, ctx, &s, true, 1);
            assert_ok(ctx, fqp_trainer_run(adaptive.f.trainer));
            int64_t step[FRAMES];
            int n = rule(&every.seen, 0.1, step);
            assert_true(n > 8 && n < every.seen.frames);
            assert_int_equal(adaptive.seen.frames, n);
            for (int i = 0; i < n; i++) {
                assert_int_equal(adaptive.seen.step[i], step[i]);
                assert_memory_equal(&adaptive.seen.loss[i], &every.seen.loss[step[i]], sizeof(double));
                assert_memory_equal(&adaptive.seen.prediction[i], &every.seen.prediction[step[i]], sizeof(double));
            }
            size_t bytes = (size_t)fqp_model_parameter_count(every.f.net) * sizeof(double);
            assert_memory_equal(every.f.net->w, adaptive.f.net->w, bytes); /* frames do not disturb training */
            take_down(&every);
            take_down(&adaptive);
            fqp_ctx_destroy(ctx);
        }
}

/* With mini-batches the mean over an epoch is looked at, after every epoch. */
static void mini_batches_are_judged_by_epochs(void **state) {
    (void)state;
    enum { PER_EPOCH = 5 };
    setting s = {"adam", "every:1", 50, 12, 10, 400, 1e-2, 0, 0, 0};
    fqp_ctx *ctx = context(2);
    trial every, adaptive;
    set_up(&every, ctx, &s, true, 1);
    assert_ok(ctx, fqp_trainer_run(every.f.trainer));
    s.record = "adaptive:0.1";
    set_up(&adaptive, ctx, &s, true, 1);
    assert_ok(ctx, fqp_trainer_run(adaptive.f.trainer));
    watch epochs = {0};
    for (int i = 0; i < every.seen.frames; i += PER_EPOCH) { /* a frame at step i tells the loss of batch i - 1 */
        double sum = 0;
        for (int k = 0; k < PER_EPOCH && i > 0; k++)
            sum += every.seen.loss[i - k] * 10;
        epochs.step[epochs.frames] = i;
        epochs.loss[epochs.frames++] = i ? sum / 50 : every.seen.loss[0];
    }
    int64_t step[FRAMES];
    int n = rule(&epochs, 0.1, step);
    assert_true(n > 5 && n < epochs.frames);
    assert_int_equal(adaptive.seen.frames, n);
    assert_memory_equal(adaptive.seen.step, step, (size_t)n * sizeof *step);
    take_down(&every);
    take_down(&adaptive);
    fqp_ctx_destroy(ctx);
}

/* Cut anywhere, at a frame or between frames, by an interrupt or by a smaller train.steps that is raised afterwards. */
static void resuming_keeps_the_adaptive_frames(void **state) {
    (void)state;
    for (int mini = 0; mini < 2; mini++) {
        const setting s = {"adam", "adaptive:0.1", 50, 12, mini ? 10 : 0, 300, 1e-2, 0, 0, 0};
        fqp_ctx *ctx = context(1);
        trial whole;
        set_up(&whole, ctx, &s, true, 1);
        whole.status = fqp_trainer_run(whole.f.trainer);
        assert_true(whole.seen.frames > 6);
        for (int64_t at = 1; at < 200; at += 1 + at / 4) {
            char path[] = "/tmp/fqp_adaptive_XXXXXX";
            close(mkstemp(path));
            setting first = s;
            first.steps = at;
            trial a, b;
            set_up(&a, ctx, &first, true, 1);
            assert_ok(ctx, fqp_trainer_checkpoints(a.f.trainer, path));
            assert_ok(ctx, fqp_trainer_run(a.f.trainer));
            set_up(&b, ctx, &s, true, 1);
            assert_ok(ctx, fqp_trainer_restore(b.f.trainer, path));
            b.seen = a.seen;
            if (b.f.trainer->now.mark.step != at) { /* the frame of the end was none of the rule's */
                int last = --b.seen.frames;
                b.seen.step[last] = 0;
                b.seen.loss[last] = b.seen.prediction[last] = 0;
            }
            b.status = fqp_trainer_run(b.f.trainer);
            if (mini) /* the loss shown is a mean since the frame before: the frame of the end cut it in two */
                memcpy(b.seen.loss, whole.seen.loss, sizeof b.seen.loss);
            assert_same(&whole, &b, mini ? "mini-batches" : "full batch", (int)at);
            take_down(&a);
            take_down(&b);
            unlink(path);
        }
        take_down(&whole);
        fqp_ctx_destroy(ctx);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_as_alone),
        cmocka_unit_test(every_optimiser_and_many_more_members_than_threads),
        cmocka_unit_test(an_interrupt_saves_all_and_all_go_on),
        cmocka_unit_test(an_early_interrupt_ends_every_member),
        cmocka_unit_test(a_failing_observer_ends_its_member_alone),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(failing_memory_leaves_nothing_behind),
        cmocka_unit_test(progress_counts_all_members),
        cmocka_unit_test(frames_follow_the_loss),
        cmocka_unit_test(mini_batches_are_judged_by_epochs),
        cmocka_unit_test(resuming_keeps_the_adaptive_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
