/* fqp_fit: the same bits as its parts by hand, what the monitor is shown, and every ending. */
#include "unit/train/fixture.h"
#include <fqp/monitor.h>

#include <math.h>

enum { N = 64 };

static double x[N], y[N];
static int64_t hidden[] = {20, 20};

static void open_sines(fixture *f) {
    fixture_open(f, 2);
    for (int i = 0; i < N; i++) {
        x[i] = -1 + 2.0 * i / N;
        y[i] = sin(3.14159265358979 * x[i]) + 0.5 * sin(3 * 3.14159265358979 * x[i]);
    }
}

static fqp_train_opts options(int64_t steps, double lr) {
    fqp_train_opts o = fqpi_train_defaults;
    o.steps = steps;
    o.lr = lr;
    return o;
}

/* The same training from its parts. */
static fqp_fitted by_hand(fixture *f, const fqp_model_opts *mo, const fqp_train_opts *to, uint64_t seed) {
    fqp_dataset *data;
    fqp_fitted r = {0};
    assert_ok(f->ctx, fqp_dataset_from_arrays(f->ctx, fqp_view_2d(x, N, 1), fqp_view_2d(y, N, 1), NULL, NULL, &data));
    assert_ok(f->ctx, fqp_model_create(f->ctx, 1, 1, mo, seed, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, data, to, seed, NULL, &f->trainer));
    assert_ok(f->ctx, fqp_trainer_run(f->trainer));
    assert_ok(f->ctx, fqp_trainer_gradient(f->trainer, &r.loss, NULL));
    r.steps = fqp_trainer_steps_done(f->trainer);
    fqp_trainer_destroy(f->trainer);
    f->trainer = NULL;
    fqp_dataset_destroy(data);
    return r;
}

static void the_same_as_by_hand(void **state) {
    (void)state;
    fixture f;
    open_sines(&f);
    for (int batch = 0; batch <= 16; batch += 16) {
        fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, true);
        fqp_train_opts to = options(300, 3e-3);
        to.batch = batch;
        fqp_model *net = NULL;
        fqp_fitted r, want = by_hand(&f, &mo, &to, 9);
        assert_ok(f.ctx, fqp_fit(f.ctx, fqp_view_2d(x, N, 1), fqp_view_2d(y, N, 1), &mo, &to, 9, NULL, NULL, &net, &r));
        assert_int_equal(r.steps, 300);
        assert_int_equal(want.steps, 300);
        assert_true(r.loss == want.loss); /* of the whole set, with mini-batches too */
        assert_true(r.seconds > 0);
        assert_memory_equal(fqp_model_parameters(net), fqp_model_parameters(f.net),
                            (size_t)fqp_model_parameter_count(net) * sizeof(double));
        fqp_model_destroy(net);
        fqp_model_destroy(f.net);
        f.net = NULL;
    }
    fixture_close(&f);
}

/* Defaults everywhere; a monitor beside it changes nothing and sees the schedule's steps. */
static void a_monitor_is_shown_the_schedule(void **state) {
    (void)state;
    fixture f;
    open_sines(&f);
    fqp_view vx = fqp_view_1d(x, N), vy = fqp_view_1d(y, N);
    fqp_train_opts to = options(40, 1e-3);
    fqp_monitor *monitor;
    fqp_model *plain = NULL, *watched = NULL;
    fqp_fitted a, b;
    assert_ok(f.ctx, fqp_monitor_create(f.ctx, vx, vy, NULL, &monitor));
    assert_ok(f.ctx, fqp_fit(f.ctx, vx, vy, NULL, &to, 1, NULL, NULL, &plain, &a));
    assert_ok(f.ctx, fqp_fit(f.ctx, vx, vy, NULL, &to, 1, monitor, "steps:5,17", &watched, &b));
    assert_true(a.loss == b.loss);
    static const int64_t want[] = {0, 5, 17, 40};
    assert_int_equal(fqp_monitor_frames(monitor), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(fqp_monitor_steps(monitor)[i], want[i]);
    fqp_bins bins; /* the last frame is the trained network's */
    double out[N];
    assert_ok(f.ctx, fqp_model_eval(f.ctx, watched, vx, out));
    assert_ok(f.ctx, fqp_monitor_bins(monitor, 0, 3, &bins));
    double re = 0, im = 0;
    for (int i = 0; i < N; i++) {
        re += out[i] * cos(2 * 3.14159265358979323846 * 3 * i / N) / N;
        im -= out[i] * sin(2 * 3.14159265358979323846 * 3 * i / N) / N;
    }
    assert_near(bins.prediction[2 * 3], re, 1e-6);
    assert_near(bins.prediction[2 * 3 + 1], im, 1e-6);
    fqp_model_destroy(plain);
    fqp_model_destroy(watched);
    fqp_monitor_destroy(monitor);
    fixture_close(&f);
}

static void endings(void **state) {
    (void)state;
    fixture f;
    open_sines(&f);
    fqp_view vx = fqp_view_2d(x, N, 1), vy = fqp_view_2d(y, N, 1);
    fqp_train_opts to = options(500, 900);
    fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_RELU, true);
    fqp_model *net = NULL;
    fqp_fitted r = {.steps = -1};
    for (int i = 0; fqp_optimizer_name((size_t)i, NULL); i++)
        if (!strcmp(fqp_optimizer_name((size_t)i, NULL), "gd"))
            to.optimizer = i;
    assert_int_equal(fqp_fit(f.ctx, vx, vy, &mo, &to, 1, NULL, NULL, &net, &r), FQP_E_DIVERGED);
    assert_non_null(net); /* at the last finite state */
    assert_true(isfinite(r.loss) && r.steps >= 0);
    fqp_model_destroy(net);
    net = NULL;
    fqp_ctx_problems_clear(f.ctx);
    fqp_ctx_interrupt(f.ctx);
    to = options(500, 1e-3);
    assert_int_equal(fqp_fit(f.ctx, vx, vy, &mo, &to, 1, NULL, NULL, &net, &r), FQP_E_INTERRUPTED);
    assert_non_null(net);
    assert_true(r.steps < 500);
    fqp_ctx_interrupt_clear(f.ctx);
    fqp_model_destroy(net);
    fixture_close(&f);
}

static void refusals_leave_nothing_behind(void **state) {
    (void)state;
    fixture f;
    open_sines(&f);
    fqp_view vx = fqp_view_2d(x, N, 1), vy = fqp_view_2d(y, N, 1), shorter = fqp_view_2d(y, N - 1, 1);
    fqp_train_opts to = options(5, 1e-3), wrong = options(5, -1);
    fqp_model *net = NULL;
    fqp_fitted r = {.steps = -7};
    fqp_monitor *monitor;
    assert_ok(f.ctx, fqp_monitor_create(f.ctx, vx, vy, NULL, &monitor));
    assert_int_equal(fqp_fit(f.ctx, vx, shorter, NULL, &to, 1, NULL, NULL, &net, &r), FQP_E_SHAPE);
    assert_int_equal(fqp_fit(f.ctx, vx, vy, NULL, &wrong, 1, NULL, NULL, &net, &r), FQP_E_CONFIG);
    assert_int_equal(fqp_fit(f.ctx, vx, vy, NULL, &to, 1, monitor, "evry:3", &net, &r), FQP_E_CONFIG);
    assert_int_equal(fqp_fit(f.ctx, vx, vy, NULL, &to, 1, NULL, NULL, NULL, &r), FQP_E_ARG);
    assert_int_equal(fqp_fit(NULL, vx, vy, NULL, &to, 1, NULL, NULL, &net, &r), FQP_E_ARG);
    assert_null(net);
    assert_int_equal(r.steps, -7);
    for (long k = 0; k < 200; k++) { /* out of memory anywhere: said, and nothing leaks */
        fqp_ctx_problems_clear(f.ctx);
        fqpi_mem_fail_after(f.ctx, k);
        fqp_status s = fqp_fit(f.ctx, vx, vy, NULL, &to, 1, NULL, NULL, &net, &r);
        fqpi_mem_fail_after(f.ctx, -1);
        if (!s)
            break;
        assert_int_equal(s, FQP_E_NOMEM);
        assert_null(net);
    }
    assert_non_null(net);
    fqp_model_destroy(net);
    fqp_monitor_destroy(monitor);
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_as_by_hand),
        cmocka_unit_test(a_monitor_is_shown_the_schedule),
        cmocka_unit_test(endings),
        cmocka_unit_test(refusals_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
