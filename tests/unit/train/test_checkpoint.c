/* Checkpoints: what does not fit is refused by name; broken files leave the trainer as it was. */
#include "unit/train/fixture.h"

#include "zip_late.h"

static char path[] = "/tmp/fqp_checkpoint_XXXXXX";

typedef struct setting {
    int64_t n, hidden, batch, memory;
    const char *optimizer;
    bool f64;
} setting;

static const setting usual = {30, 6, 0, 10, "adam", true};

static void open_setting(fixture *f, const setting *s) {
    fixture_open(f, 1);
    fixture_data(f, s->n, 2, 1);
    int64_t hidden[] = {s->hidden};
    fqp_model_opts mo = small_model(hidden, 1, FQPI_ACT_TANH, s->f64);
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, s->optimizer);
    o.batch = s->batch;
    o.memory = s->memory;
    o.steps = 20;
    assert_ok(f->ctx, fqp_model_create(f->ctx, 2, 1, &mo, 1, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &o, 7, NULL, &f->trainer));
}

static void save(const setting *s) {
    fixture f;
    open_setting(&f, s);
    assert_ok(f.ctx, fqp_trainer_step(f.trainer, 3, NULL));
    assert_ok(f.ctx, fqp_trainer_save(f.trainer, path));
    fixture_close(&f);
}

static void refuse(const setting *s, fqp_status status, const char *text) {
    fixture f;
    char whole[256];
    open_setting(&f, s);
    size_t bytes = (size_t)fqp_model_parameter_count(f.net) * f.net->k->elem;
    void *before = malloc(bytes);
    memcpy(before, fqp_model_parameters(f.net), bytes);
    snprintf(whole, sizeof whole, "%s: %s", path, text);
    assert_refused(f.ctx, fqp_trainer_restore(f.trainer, path), status, whole);
    assert_memory_equal(before, fqp_model_parameters(f.net), bytes);
    assert_int_equal(fqp_trainer_steps_done(f.trainer), 0);
    free(before);
    fixture_close(&f);
}

static void what_does_not_fit_is_named(void **state) {
    (void)state;
    save(&usual);
    setting s = usual;
    s.n = 31;
    refuse(&s, FQP_E_SHAPE, "number of training points is 30 in the checkpoint and 31 here");
    s = usual;
    s.hidden = 7;
    refuse(&s, FQP_E_SHAPE, "number of parameters is 25 in the checkpoint and 29 here");
    s = usual;
    s.batch = 10;
    refuse(&s, FQP_E_SHAPE, "train.batch is 30 in the checkpoint and 10 here");
    s = usual;
    s.optimizer = "adamw";
    refuse(&s, FQP_E_SHAPE, "train.optimizer is adam in the checkpoint and adamw here");
    s = usual;
    s.f64 = false;
    refuse(&s, FQP_E_DATA, "parameters holds 25 f64 numbers, this training needs 25 f32");
    s = usual;
    s.optimizer = "lbfgs";
    save(&s);
    s.memory = 4;
    refuse(&s, FQP_E_SHAPE, "train.memory is 10 in the checkpoint and 4 here");
}

static void everything_comes_back(void **state) {
    (void)state;
    save(&usual);
    fixture f;
    open_setting(&f, &usual);
    f.trainer->seed = 99;
    assert_ok(f.ctx, fqp_trainer_restore(f.trainer, path));
    assert_int_equal(f.trainer->seed, 7); /* the order of batches goes on */
    assert_int_equal(fqp_trainer_steps_done(f.trainer), 3);
    double seconds;
    assert_string_equal(fqp_trainer_phase(f.trainer, 0, &seconds), "train");
    assert_true(seconds > 0); /* time of the first part counts */
    fixture_close(&f);
}

static void broken_files_are_refused(void **state) {
    (void)state;
    fixture f;
    open_setting(&f, &usual);
    assert_int_not_equal(fqp_trainer_restore(f.trainer, "/nonexistent/x.npz"), FQP_OK);
    assert_true(fqp_ctx_problem_count(f.ctx) > 0);
    FILE *file = fopen(path, "wb");
    fputs("no archive", file);
    fclose(file);
    assert_int_equal(fqp_trainer_restore(f.trainer, path), FQP_E_DATA);
    double one = 1;
    const char *name[] = {"shape"};
    fqp_view v[] = {fqp_view_1d(&one, 1)};
    assert_ok(f.ctx, fqp_npz_write(f.ctx, path, 1, name, v));
    char text[256];
    snprintf(text, sizeof text, "%s: shape holds 1 f64 numbers, this training needs 7 i64", path);
    assert_refused(f.ctx, fqp_trainer_restore(f.trainer, path), FQP_E_DATA, text);
    assert_int_not_equal(fqp_trainer_save(f.trainer, "/nonexistent/x.npz"), FQP_OK);
    fixture_close(&f);
}

static void failing_memory_leaves_nothing_behind(void **state) {
    (void)state;
    save(&usual);
    fixture f;
    open_setting(&f, &usual);
    for (long n = 0;; n++) {
        fqpi_mem_fail_after(f.ctx, n);
        fqp_status s = fqp_trainer_restore(f.trainer, path);
        fqpi_mem_fail_after(f.ctx, -1);
        if (!s)
            break;
        assert_int_equal(s, FQP_E_NOMEM);
        assert_int_equal(fqp_trainer_steps_done(f.trainer), 0);
    }
    fixture_close(&f);
}

static void checkpoints_are_written_by_the_clock(void **state) {
    (void)state;
    fixture f;
    open_setting(&f, &usual);
    f.trainer->opts.checkpoint_every = 1e-9;
    unlink(path);
    assert_ok(f.ctx, fqp_trainer_checkpoints(f.trainer, path));
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_int_equal(access(path, R_OK), 0);
    double seconds;
    assert_string_equal(fqp_trainer_phase(f.trainer, 3, &seconds), "checkpoint");
    assert_true(seconds > 0);
    fixture_close(&f);
}

/* Not after hours of training. */
static void a_missing_library_is_told_before_training(void **state) {
    (void)state;
    fixture f;
    open_setting(&f, &usual);
    fqpi_late_pretend(&fqpi_zip_library, "libnone.so.4");
    assert_int_equal(fqp_trainer_checkpoints(f.trainer, path), FQP_E_UNSUPPORTED);
    assert_ok(f.ctx, fqp_trainer_run(f.trainer)); /* without checkpoints it trains */
    fqpi_late_pretend(&fqpi_zip_library, NULL);
    fixture_close(&f);
}

static int begin(void **state) {
    (void)state;
    int fd = mkstemp(path);
    close(fd);
    return fd < 0;
}

static int end(void **state) {
    (void)state;
    return unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_is_named),
        cmocka_unit_test(everything_comes_back),
        cmocka_unit_test(broken_files_are_refused),
        cmocka_unit_test(failing_memory_leaves_nothing_behind),
        cmocka_unit_test(checkpoints_are_written_by_the_clock),
        cmocka_unit_test(a_missing_library_is_told_before_training),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
