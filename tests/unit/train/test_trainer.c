/* Creating trainers: every refusal by its words, failing memory, defaults, learning rates, data in other types. */
#include "defaults.h"
#include "unit/train/fixture.h"

static void open_plain(fixture *f, int64_t m, bool f64, int output) {
    fixture_open(f, 1);
    fixture_data(f, 30, 2, m);
    fqp_model_opts mo = small_model(NULL, 0, FQPI_ACT_TANH, f64);
    mo.output = output;
    assert_ok(f->ctx, fqp_model_create(f->ctx, 2, m, &mo, 1, &f->net));
}

static void refuse(fixture *f, const fqp_train_opts *o, fqp_status status, const char *text) {
    assert_refused(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, o, 1, NULL, &f->trainer), status, text);
    assert_null(f->trainer);
}

static void every_mistake_is_named(void **state) {
    (void)state;
    fixture f;
    open_plain(&f, 2, false, 0);
    fqp_train_opts o = fqpi_train_defaults;
    o.lr = 3000;
    refuse(&f, &o, FQP_E_CONFIG, "train.lr: 3000 is outside (0, 1000]");
    o.lr = NAN;
    refuse(&f, &o, FQP_E_CONFIG, "train.lr: nan is outside (0, 1000]");
    o = fqpi_train_defaults;
    o.beta1 = 1;
    refuse(&f, &o, FQP_E_CONFIG, "train.beta1: 1 is outside [0, 1)");
    o = fqpi_train_defaults;
    o.loss = 17;
    refuse(&f, &o, FQP_E_CONFIG, "train.loss: there is no choice number 17");
    o = fqpi_train_defaults;
    o.batch = 31;
    refuse(&f, &o, FQP_E_CONFIG, "train.batch: 31 is more than the 30 training points");
    o.batch = 0;
    o.optimizer = find(fqp_optimizer_name, "lbfgs");
    refuse(&f, &o, FQP_E_CONFIG,
           "train.optimizer: lbfgs needs model.precision f64; the line search cannot tell points apart in f32");
    o = fqpi_train_defaults;
    o.loss = find(fqp_loss_name, "cross_entropy");
    refuse(&f, &o, FQP_E_CONFIG,
           "train.loss: cross_entropy needs probabilities; set model.output to softmax or sigmoid, not linear");
    o = fqpi_train_defaults;
    o.stop_accuracy = 0.9;
    refuse(&f, &o, FQP_E_CONFIG, "train.stop_accuracy: the data has no classes");
    o = fqpi_train_defaults;
    f.data.d = 1;
    refuse(&f, &o, FQP_E_SHAPE, "train: the data has 1 inputs, the network takes 2");
    f.data.d = 2;
    f.data.m = 1;
    refuse(&f, &o, FQP_E_SHAPE, "train: the data has 1 outputs, the network gives 2");
    f.data.m = 2;
    f.data.n = 0;
    refuse(&f, &o, FQP_E_SHAPE, "train: the data set has no training points");
    f.data.n = 30;
    f.data.x.dtype = FQP_U8;
    refuse(&f, &o, FQP_E_ARG, "train: inputs must be f32 or f64 and targets f64, not u8 and f64");
    fixture_close(&f);

    open_plain(&f, 2, true, 1);
    o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, "lbfgs");
    o.batch = 10;
    refuse(&f, &o, FQP_E_CONFIG,
           "train.batch: lbfgs needs every training point in each step; set 0, or another train.optimizer");
    o = fqpi_train_defaults;
    o.loss = find(fqp_loss_name, "cross_entropy");
    f.y[7] = -1;
    refuse(&f, &o, FQP_E_DATA, "train.loss: cross_entropy needs targets between 0 and 1; output 1 of point 3 is -1");
    fixture_classes(&f);
    f.data.classes = 2;
    f.data.m = 1;
    f.labels[4] = 2;
    refuse(&f, &o, FQP_E_DATA, "train.loss: label 2 of point 4 is outside 0 .. 1");
    fixture_close(&f);
}

static void observers_are_checked(void **state) {
    (void)state;
    fixture f;
    open_plain(&f, 2, true, 0);
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, NULL, 1, NULL, &f.trainer));
    fqp_schedule s;
    assert_ok(f.ctx, fqp_schedule_parse(f.ctx, "every:1", (fqp_origin){0}, &s));
    fqp_observer_fn any = (fqp_observer_fn)(void (*)(void))abort; /* never called */
    double x[6] = {0};
    assert_refused(f.ctx, fqp_trainer_observe(f.trainer, fqp_view_2d(x, 2, 3), &s, any, NULL), FQP_E_SHAPE,
                   "observed points have shape [2, 3], the network takes 2 inputs");
    fqp_view v = fqp_view_2d(x, 3, 2);
    v.dtype = FQP_I64;
    assert_refused(f.ctx, fqp_trainer_observe(f.trainer, v, &s, any, NULL), FQP_E_ARG,
                   "observed points must be f32 or f64, not i64");
    assert_int_equal(fqp_trainer_observe(f.trainer, fqp_view_2d(x, 3, 2), &s, NULL, NULL), FQP_E_ARG);
    fixture_close(&f);
    fqp_trainer_destroy(NULL);
}

static fqp_status look(void *user, const fqp_frame *frame, bool *stop) {
    (void)user, (void)frame, (void)stop;
    return FQP_OK;
}

static void failing_memory_leaves_nothing_behind(void **state) {
    (void)state;
    for (long n = 0;; n++) {
        fixture f;
        open_plain(&f, 3, true, 1);
        fixture_classes(&f);
        f.data.m = 1;
        fqp_train_opts o = fqpi_train_defaults;
        o.loss = find(fqp_loss_name, "cross_entropy");
        o.steps = 5;
        o.batch = 7;
        fqp_schedule when = {0};
        fqpi_mem_fail_after(f.ctx, n);
        fqp_status s = fqp_schedule_parse(f.ctx, "steps:1,2", (fqp_origin){0}, &when);
        s = s ? s : fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer);
        s = s ? s : fqp_trainer_observe(f.trainer, fqp_array_view(&f.data.x), &when, look, NULL);
        s = s ? s : fqp_trainer_run(f.trainer);
        fqpi_mem_fail_after(f.ctx, -1);
        fqp_schedule_release(&when);
        f.data.m = 3;
        fixture_close(&f);
        if (!s) {
            assert_true(n >= 10);
            break;
        }
        assert_int_equal(s, FQP_E_NOMEM);
    }
}

static void defaults_agree_with_the_table(void **state) {
    (void)state;
    assert_defaults(&fqp_train_section, &fqpi_train_defaults);
}

static void learning_rates(void **state) {
    (void)state;
    fixture f;
    open_plain(&f, 1, true, 0);
    fqp_train_opts o = fqpi_train_defaults;
    o.lr = 0.8;
    o.steps = 100;
    o.warmup = 4;
    o.schedule = find(fqpi_lr_name, "step");
    o.schedule_every = 50;
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer));
    assert_near(fqpi_learning_rate(f.trainer, 0), 0.2, 1e-16);
    assert_near(fqpi_learning_rate(f.trainer, 3), 0.8, 1e-16);
    assert_near(fqpi_learning_rate(f.trainer, 49), 0.8, 1e-16);
    assert_near(fqpi_learning_rate(f.trainer, 50), 0.4, 1e-16);
    fixture_close(&f);
    open_plain(&f, 1, true, 0);
    o.schedule_every = 0; /* the whole run */
    o.warmup = 0;
    o.schedule = find(fqpi_lr_name, "exponential");
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer));
    assert_near(fqpi_learning_rate(f.trainer, 100), 0.4, 1e-15);
    fixture_close(&f);
}

/* Inputs of the model's own type with whole rows are used in place; a copy in the other type gives the same loss. */
static void inputs_in_place_or_converted(void **state) {
    (void)state;
    enum { N = 40, D = 16 };
    _Alignas(64) static float narrow[N * D];
    static double wide[N * D], y[N], loss[2];
    for (int i = 0; i < N * D; i++)
        wide[i] = narrow[i] = (float)sin(i);
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    for (int i = 0; i < 2; i++) {
        fqp_dataset data = {.n = N, .d = D, .m = 1};
        data.x =
            (fqp_array){.data = i ? (void *)wide : narrow, .dtype = i ? FQP_F64 : FQP_F32, .ndim = 2, .shape = {N, D}};
        data.y = (fqp_array){.data = y, .dtype = FQP_F64, .ndim = 2, .shape = {N, 1}};
        fqp_model *net = NULL;
        fqp_trainer *t = NULL;
        assert_ok(ctx, fqp_model_create(ctx, D, 1, NULL, 1, &net));
        assert_ok(ctx, fqp_trainer_create(ctx, net, &data, NULL, 1, NULL, &t));
        assert_int_equal(t->x == (void *)narrow, i == 0);
        assert_ok(ctx, fqp_trainer_step(t, 3, &loss[i]));
        fqp_trainer_destroy(t);
        fqp_model_destroy(net);
    }
    assert_near(loss[0], loss[1], 0);
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mistake_is_named),
        cmocka_unit_test(observers_are_checked),
        cmocka_unit_test(failing_memory_leaves_nothing_behind),
        cmocka_unit_test(defaults_agree_with_the_table),
        cmocka_unit_test(learning_rates),
        cmocka_unit_test(inputs_in_place_or_converted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
