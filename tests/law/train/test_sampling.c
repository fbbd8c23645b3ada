/* Mini-batches in proportion to a score: how often points are drawn, that the weights make the mean that of the whole
 * set, same bits on any threads and after a checkpoint. */
#include "unit/train/fixture.h"

#include "sampling.h"

static int64_t hidden[] = {12};
enum { N = 60 };

static fqp_train_opts sampled(const char *name) {
    fqp_train_opts o = fqpi_train_defaults;
    o.sampling = find(fqpi_sampling_name, name);
    o.batch = 16;
    o.lr = 1e-2;
    o.sampling_every = 7;
    return o;
}

static void begin(fixture *f, const fqp_train_opts *to, int threads, bool f64) {
    const fqp_model_opts mo = small_model(hidden, 1, FQPI_ACT_TANH, f64);
    fixture_open(f, threads);
    fixture_data(f, N, 1, 1);
    for (int i = 0; i < N; i++) {
        f->x[i] = 2.0 * i / (N - 1) - 1;
        f->y[i] = f->x[i] > 0.3 ? sin(25 * f->x[i]) : 0.1 * f->x[i];
    }
    assert_ok(f->ctx, fqp_model_create(f->ctx, 1, 1, &mo, 3, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, to, 1, NULL, &f->trainer));
    f->trainer->pace.chosen = f->trainer->members;
}

/* Probabilities by their formula. */
static void probabilities(const fixture *f, bool residual, double even, double p[N]) {
    double score[N], h[N], all = 0;
    assert_ok(f->ctx, fqp_model_eval(f->ctx, f->net, fqp_view_1d(f->x, N), h));
    for (int i = 0; i < N; i++) {
        const double before = i > 0 ? fabs(f->y[i] - f->y[i - 1]) / (f->x[i] - f->x[i - 1]) : 0;
        const double after = i + 1 < N ? fabs(f->y[i] - f->y[i + 1]) / (f->x[i + 1] - f->x[i]) : 0;
        all += score[i] = residual ? fabs(h[i] - f->y[i]) : fmax(before, after);
    }
    for (int i = 0; i < N; i++)
        p[i] = (1 - even) * score[i] / all + even / N;
}

static void points_are_drawn_in_proportion(void **state) {
    (void)state;
    for (int residual = 0; residual < 2; residual++) {
        fixture f;
        fqp_train_opts to = sampled(residual ? "residual" : "detail");
        to.sampling_even = 0.2;
        begin(&f, &to, 1, true);
        double p[N], expected = 0;
        int64_t count[N] = {0}, draws = 40000;
        probabilities(&f, residual, 0.2, p);
        fqpi_sampling_refresh(f.trainer, 0, 0, 1);
        for (int64_t i = 0; i < draws; i++)
            count[fqpi_sampling_draw(f.trainer, i / 16, i % 16)]++;
        for (int i = 0; i < N; i++) {
            assert_near(fqpi_sampling_weight(f.trainer, i), 1 / (N * p[i]), 1e-9 / p[i]);
            if (!(fabs((double)count[i] - p[i] * (double)draws) < 5 * sqrt(p[i] * (double)draws) + 1))
                fail_msg("point %d: %d draws of %g", i, (int)count[i], p[i] * (double)draws);
            expected += p[i];
        }
        assert_near(expected, 1, 1e-12);
        fixture_close(&f);
    }
}

/* The mean of many steps of the same small learning rate is a step of the whole set; without weights it is not. */
static void weights_make_the_gradient_that_of_the_whole_set(void **state) {
    (void)state;
    for (int unbiased = 0; unbiased < 2; unbiased++) {
        fixture f;
        fqp_train_opts to = sampled("residual");
        to.optimizer = find(fqp_optimizer_name, "gd");
        to.lr = 1e-7;
        to.sampling_even = 0.5;
        to.sampling_unbiased = unbiased;
        begin(&f, &to, 1, true);
        enum { STEPS = 4000 };
        const int64_t p = fqp_model_parameter_count(f.net);
        double *w = fqp_model_parameters(f.net), start[64], g[64], loss, off = 0, size = 0;
        assert_true(p <= 64);
        memcpy(start, w, (size_t)p * sizeof *w);
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, g));
        assert_ok(f.ctx, fqp_trainer_step(f.trainer, STEPS, NULL));
        for (int64_t i = 0; i < p; i++) {
            off += pow((start[i] - w[i]) / (STEPS * to.lr) - g[i], 2);
            size += g[i] * g[i];
        }
        assert_true(unbiased ? sqrt(off / size) < 0.05 : sqrt(off / size) > 0.2);
        fixture_close(&f);
    }
}

static void assert_same(const fixture *a, const fixture *b) {
    assert_memory_equal(fqp_model_parameters(a->net), fqp_model_parameters(b->net),
                        (size_t)fqp_model_parameter_count(a->net) * a->net->k->elem);
}

static void threads_and_checkpoints_keep_the_bits(void **state) {
    (void)state;
    const char *names[] = {"residual", "detail"};
    char path[] = "/tmp/fqp_sampling_XXXXXX";
    close(mkstemp(path));
    for (int k = 0; k < 4; k++) {
        fixture one, many, half, rest;
        const fqp_train_opts to = sampled(names[k / 2]);
        begin(&one, &to, 1, k % 2);
        begin(&many, &to, 3, k % 2);
        begin(&half, &to, 2, k % 2);
        begin(&rest, &to, 1, k % 2);
        assert_ok(one.ctx, fqp_trainer_step(one.trainer, 30, NULL));
        assert_ok(many.ctx, fqp_trainer_step(many.trainer, 30, NULL));
        assert_same(&one, &many);
        assert_ok(half.ctx, fqp_trainer_step(half.trainer, 17, NULL)); /* between two looks */
        assert_ok(half.ctx, fqp_trainer_save(half.trainer, path));
        assert_ok(rest.ctx, fqp_trainer_restore(rest.trainer, path));
        assert_ok(rest.ctx, fqp_trainer_step(rest.trainer, 13, NULL));
        assert_same(&one, &rest);
        fixture_close(&one);
        fixture_close(&many);
        fixture_close(&half);
        fixture_close(&rest);
    }
    unlink(path);
}

static void full_batches_are_refused(void **state) {
    (void)state;
    fixture f;
    const fqp_train_opts to = sampled("residual");
    begin(&f, &to, 1, true);
    fqp_train_opts full = to;
    full.batch = 0;
    fqp_trainer *t = NULL;
    assert_refused(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &full, 1, NULL, &t), FQP_E_CONFIG,
                   "train.sampling: residual draws mini-batches, and every step sees all 60 points; set train.batch");
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_drawn_in_proportion),
        cmocka_unit_test(weights_make_the_gradient_that_of_the_whole_set),
        cmocka_unit_test(threads_and_checkpoints_keep_the_bits),
        cmocka_unit_test(full_batches_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
