/* Kronecker-factored curvature: exact where it is known to be (one layer), its factors by plain sums, faster than what
 * knows no curvature, and refused where it has none. */
#include "unit/train/fixture.h"

#include "elements.h"
#include "init.h"
#include "kfac.h"

static fqp_train_opts kfac_opts(void) {
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, "kfac");
    o.lr = 1;
    o.momentum = 0;
    o.kfac_clip = 0;
    return o;
}

static void begin(fixture *f, const fqp_model_opts *mo, const fqp_train_opts *to, int64_t n, int64_t m, bool classes) {
    fixture_open(f, 2);
    fixture_data(f, n, 2, m);
    if (classes)
        fixture_classes(f);
    assert_ok(f->ctx, fqp_model_create(f->ctx, 2, m, mo, 3, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, to, 1, NULL, &f->trainer));
    f->trainer->pace.chosen = f->trainer->members;
}

static double loss_after(fixture *f, int64_t steps) {
    double loss;
    assert_ok(f->ctx, fqp_trainer_step(f->trainer, steps, NULL));
    assert_ok(f->ctx, fqp_trainer_gradient(f->trainer, &loss, NULL));
    return loss;
}

/* One layer, one output: A x G is the Hessian, and a step of length 1 is Newton's. */
static void one_layer_is_newton(void **state) {
    (void)state;
    for (int ntk = 0; ntk < 2; ntk++)
        for (int bias = 0; bias < 2; bias++) {
            fqp_model_opts mo = small_model(NULL, 0, FQPI_ACT_TANH, true);
            mo.parameters = ntk;
            mo.bias = bias;
            fqp_train_opts to = kfac_opts();
            to.damping = 1e-14;
            fixture f;
            begin(&f, &mo, &to, 60, 1, false);
            double g[3] = {0}, loss;
            const double first = loss_after(&f, 0);
            const double least = loss_after(&f, 1);
            assert_true(least < first);
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, g));
            for (int i = 0; i < 3; i++)
                assert_true(fabs(g[i]) < 1e-6);
            fixture_close(&f);
        }
}

/* Averages after the first look, against sums in plain loops. */
static void inputs_have_their_second_moments(void **state) {
    (void)state;
    static int64_t hidden[] = {6, 5};
    fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, true);
    mo.parameters = 1;
    mo.init = FQPI_INIT_NTK;
    fqp_train_opts to = kfac_opts();
    to.lr = 1e-9;
    enum { N = 75 };
    fixture f;
    begin(&f, &mo, &to, N, 2, false);
    static double h[N * 6];
    for (int64_t l = 1; l < 3; l++) {
        fqp_model *start = NULL;
        assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 2, &mo, 3, &start));
        assert_ok(f.ctx, fqp_model_hidden(f.ctx, start, l, fqp_array_view(&f.data.x), h));
        fqp_model_destroy(start);
        if (l == 1)
            assert_ok(f.ctx, fqp_trainer_step(f.trainer, 1, NULL));
        const fqpi_kfac_unit *u = &f.trainer->kfac->unit[l];
        const double *a = (const double *)f.trainer->state + f.trainer->stride + u->a;
        const int64_t in = hidden[l - 1];
        assert_int_equal(u->rows, in + 1);
        for (int64_t i = 0; i <= in; i++)
            for (int64_t j = 0; j <= i; j++) {
                double sum = 0;
                for (int64_t k = 0; k < N; k++)
                    sum += (i < in ? h[k * in + i] / sqrt((double)in) : 1) *
                           (j < in ? h[k * in + j] / sqrt((double)in) : 1) / N;
                assert_near(a[i * u->rows + j], sum, 1e-12);
            }
    }
    fixture_close(&f);
}

/* Over many draws of targets G is the Fisher matrix of the outputs: softmax diag p - p p^T, sigmoid diag p(1 - p)/m. */
static void outputs_have_the_fisher_matrix_of_their_probabilities(void **state) {
    (void)state;
    enum { N = 64, M = 3, ROUNDS = 600 };
    for (int o = 1; o < 3; o++) {
        fqp_model_opts mo = small_model(NULL, 0, FQPI_ACT_TANH, true);
        mo.output = o;
        mo.weight_std = 1;
        fqp_train_opts to = kfac_opts();
        to.loss = find(fqp_loss_name, "cross_entropy");
        to.lr = 1e-12;
        to.kfac_every = 1;
        to.beta2 = 0.9999;
        fixture f;
        begin(&f, &mo, &to, N, M, true);
        double p[N * M], want[M][M] = {{0}};
        assert_ok(f.ctx, fqp_model_eval(f.ctx, f.net, fqp_array_view(&f.data.x), p));
        for (int k = 0; k < N; k++)
            for (int i = 0; i < M; i++)
                for (int j = 0; j < M; j++) {
                    const double pi = p[k * M + i], pj = p[k * M + j];
                    want[i][j] += mo.output == find(fqpi_output_name, "softmax") ? ((i == j) - pj) * pi / N
                                  : i == j                                       ? pi * (1 - pi) / M / N
                                                                                 : 0;
                }
        assert_ok(f.ctx, fqp_trainer_step(f.trainer, ROUNDS, NULL));
        const fqpi_kfac_unit *u = f.trainer->kfac->unit;
        const double *g = (const double *)f.trainer->state + f.trainer->stride + u->g;
        for (int i = 0; i < M; i++)
            for (int j = 0; j < M; j++) /* a standard deviation is 1/sqrt(N ROUNDS) = 0.005 of 1 at most */
                assert_near(g[i * M + j], want[i][j], 0.02 * want[i][i]);
        fixture_close(&f);
    }
}

/* f = sin x + 0.3 sin 9x: the gradient of the fast part is small.  Gradient descent gets the best of its rates. */
static void curvature_is_worth_its_steps(void **state) {
    (void)state;
    static int64_t hidden[] = {24, 24};
    enum { STEPS = 200 };
    const double rates[] = {0.02, 0.05, 0.1, 0.2, 0.5};
    double best = INFINITY, reached[2];
    for (size_t i = 0; i < 7; i++) {
        fixture f;
        fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, true);
        fqp_train_opts to = kfac_opts();
        to.lr = 0.1;
        to.momentum = 0.9;
        to.kfac_clip = fqpi_train_defaults.kfac_clip;
        if (i < 5) {
            to.optimizer = find(fqp_optimizer_name, "gd");
            to.lr = rates[i];
        }
        mo.branches = FQPI_BRANCHES_SHARED;
        static double scales[] = {1, 2};
        mo.scales = (fqp_reals){scales, i == 6 ? 2 : 0}; /* and with branches that share their weights */
        fixture_open(&f, 1);
        fixture_data(&f, 100, 1, 1);
        for (int k = 0; k < 100; k++) {
            f.x[k] = 2.0 * k / 99 - 1;
            f.y[k] = sin(f.x[k]) + 0.3 * sin(9 * f.x[k]);
        }
        assert_ok(f.ctx, fqp_model_create(f.ctx, 1, 1, &mo, 3, &f.net));
        assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &to, 1, NULL, &f.trainer));
        const double loss = loss_after(&f, STEPS);
        best = i < 5 && loss < best ? loss : best;
        if (i >= 5)
            reached[i - 5] = loss;
        fixture_close(&f);
    }
    if (!(reached[0] < 0.1 * best && reached[1] < 0.1 * best))
        fail_msg("kfac %g, with branches %g, gradient descent %g", reached[0], reached[1], best);
}

/* In the middle between two looks the inverses are made again from the averages that were saved. */
static void going_on_from_a_checkpoint_gives_the_same_bits(void **state) {
    (void)state;
    static int64_t hidden[] = {9, 7};
    char path[] = "/tmp/fqp_kfac_XXXXXX";
    close(mkstemp(path));
    for (int f64 = 0; f64 < 2; f64++) {
        const fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, f64);
        fqp_train_opts to = kfac_opts();
        to.lr = 0.05;
        to.batch = 20;
        fixture whole, half, rest;
        begin(&whole, &mo, &to, 50, 2, false);
        begin(&half, &mo, &to, 50, 2, false);
        begin(&rest, &mo, &to, 50, 2, false);
        assert_ok(whole.ctx, fqp_trainer_step(whole.trainer, 28, NULL));
        assert_ok(half.ctx, fqp_trainer_step(half.trainer, 14, NULL));
        assert_ok(half.ctx, fqp_trainer_save(half.trainer, path));
        assert_ok(rest.ctx, fqp_trainer_step(rest.trainer, 3, NULL));
        assert_ok(rest.ctx, fqp_trainer_restore(rest.trainer, path));
        assert_ok(rest.ctx, fqp_trainer_step(rest.trainer, 14, NULL));
        assert_memory_equal(fqp_model_parameters(whole.net), fqp_model_parameters(rest.net),
                            (size_t)fqp_model_parameter_count(rest.net) * rest.net->k->elem);
        fixture_close(&whole);
        fixture_close(&half);
        fixture_close(&rest);
    }
    unlink(path);
}

static fqp_status nothing(void *user, const fqp_batch *b, double *loss) {
    (void)user, (void)b;
    *loss = 0;
    return FQP_OK;
}

static void what_it_cannot_serve_is_refused(void **state) {
    (void)state;
    static int64_t wide[] = {9000}, narrow[] = {4};
    fqp_model_opts mo = small_model(wide, 1, FQPI_ACT_TANH, false);
    fqp_train_opts to = kfac_opts();
    fixture f;
    fixture_open(&f, 1);
    fixture_data(&f, 20, 2, 1);
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 3, &f.net));
    assert_refused(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &to, 1, NULL, &f.trainer), FQP_E_CONFIG,
                   "train.optimizer: kfac would need 2.4 GiB for the factors of its layers, more than 1; use adam or "
                   "narrower layers");
    fqp_model_destroy(f.net);
    mo.hidden.v = narrow;
    mo.slopes = find(fqp_slopes_name, "layer");
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 3, &f.net));
    assert_refused(
        f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &to, 1, NULL, &f.trainer), FQP_E_CONFIG,
        "train.optimizer: kfac knows the curvature of layers, not of the trained factors of model.slopes and "
        "train_scales; use adam");
    fqp_model_destroy(f.net);
    mo.slopes = 0;
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 3, &f.net));
    to.loss = find(fqp_loss_name, "mae");
    assert_refused(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &to, 1, NULL, &f.trainer), FQP_E_CONFIG,
                   "train.optimizer: kfac knows the curvature of mse and cross_entropy, not of mae");
    to.loss = 0;
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &to, 1, NULL, &f.trainer));
    assert_refused(f.ctx, fqp_trainer_objective(f.trainer, 0, nothing, NULL), FQP_E_ARG,
                   "objective: train.optimizer kfac knows the curvature of mse and cross_entropy on the points of the "
                   "data set; set one that follows a gradient (gd, momentum, adam, ...)");
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_layer_is_newton),
        cmocka_unit_test(inputs_have_their_second_moments),
        cmocka_unit_test(outputs_have_the_fisher_matrix_of_their_probabilities),
        cmocka_unit_test(curvature_is_worth_its_steps),
        cmocka_unit_test(going_on_from_a_checkpoint_gives_the_same_bits),
        cmocka_unit_test(what_it_cannot_serve_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
