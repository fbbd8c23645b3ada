/* Losses of the transform: against the sum over frequencies written out, their gradient against differences, weight 1
 * against mse; on odd and even grids and on a closed curve; weights that follow the error, held in the gradient; what
 * they refuse. */
#include "unit/train/fixture.h"

#include <complex.h>
#include <math.h>

enum { M = 2 };

typedef struct setting {
    int64_t n;
    bool circle;
    const char *loss, *output, *optimizer;
    double param, power;
    int threads;
} setting;

static double length_of(const setting *s) {
    return s->circle ? 2 * sin(M_PI / (double)s->n) * (double)s->n : 0.3 * (double)s->n;
}

static void points(fixture *f, const setting *s) {
    fixture_data(f, s->n, s->circle ? 2 : 1, M);
    for (int64_t j = 0; j < s->n; j++)
        if (s->circle) {
            f->x[2 * j] = cos(2 * M_PI * (double)j / (double)s->n);
            f->x[2 * j + 1] = sin(2 * M_PI * (double)j / (double)s->n);
        } else {
            f->x[j] = 1 - 0.3 * (double)j;
        }
}

static fqp_train_opts options(const setting *s) {
    fqp_train_opts o = fqpi_train_defaults;
    o.loss = find(fqp_loss_name, s->loss);
    if (s->param > 0)
        o.loss_param = s->param;
    o.loss_power = s->power;
    o.optimizer = find(fqp_optimizer_name, s->optimizer ? s->optimizer : "adam");
    o.steps = 30;
    return o;
}

static void open_all(fixture *f, const setting *s) {
    static int64_t hidden[] = {9, 5};
    fixture_open(f, s->threads ? s->threads : 1);
    points(f, s);
    fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, true);
    mo.output = find(fqpi_output_name, s->output ? s->output : "linear");
    const fqp_train_opts to = options(s);
    assert_ok(f->ctx, fqp_model_create(f->ctx, s->circle ? 2 : 1, M, &mo, 3, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &to, 1, NULL, &f->trainer));
}

/* By the definition, term by term. */
static double by_hand(fixture *f, const setting *s) {
    double *h = calloc((size_t)s->n * M, sizeof *h), sum = 0;
    assert_ok(f->ctx, fqp_model_eval(f->ctx, f->net, fqp_array_view(&f->data.x), h));
    for (int64_t i = 0; i < M; i++)
        for (int64_t k = -(s->n - 1) / 2; k <= s->n / 2; k++) {
            double complex D = 0;
            for (int64_t j = 0; j < s->n; j++)
                D += (h[j * M + i] - f->y[j * M + i]) * cexp(-2 * M_PI * I * (double)(j * k % s->n) / (double)s->n);
            const double size = fabs((double)k), omega = 2 * M_PI * size / length_of(s);
            const double w = !strcmp(s->loss, "sobolev") ? 1 + s->param * omega * omega
                             : !strcmp(s->loss, "mse")   ? 1
                             : k == 0 && s->power < 0    ? 1
                                                         : pow(size, 2 * s->power);
            sum += w * creal(D * conj(D));
        }
    free(h);
    return sum / ((double)s->n * (double)s->n * M);
}

static const setting settings[] = {
    {.n = 21, .loss = "spectral", .power = 1},
    {.n = 24, .loss = "spectral", .power = 2},
    {.n = 24, .loss = "spectral", .power = -0.5},
    {.n = 2, .loss = "spectral", .power = 1},
    {.n = 31, .loss = "sobolev", .param = 0.3},
    {.n = 16, .loss = "sobolev", .param = 2, .output = "sigmoid"},
    {.n = 130, .loss = "spectral", .power = 0.5, .output = "softmax"}, /* several tiles */
    {.n = 20, .loss = "sobolev", .param = 0.1, .circle = true},
    {.n = 33, .loss = "spectral", .power = 2, .circle = true},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

static void the_loss_is_the_weighted_sum_over_frequencies(void **state) {
    (void)state;
    for (int i = 0; i < SETTINGS; i++) {
        fixture f;
        open_all(&f, &settings[i]);
        double loss;
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, NULL));
        assert_near(loss, by_hand(&f, &settings[i]), 1e-11 * loss);
        fixture_close(&f);
    }
}

static void the_gradient_is_its_derivative(void **state) {
    (void)state;
    for (int i = 0; i < SETTINGS; i++) {
        fixture f;
        open_all(&f, &settings[i]);
        const int64_t p = fqp_model_parameter_count(f.net);
        double g[256], loss, up, down, scale = 0, *w = fqp_model_parameters(f.net);
        assert_true(p <= 256);
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, g));
        for (int64_t j = 0; j < p; j++)
            scale = fmax(scale, fabs(g[j]));
        for (int64_t j = 0; j < p; j += 3) {
            const double keep = w[j], h = 1e-5;
            w[j] = keep + h;
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &up, NULL));
            w[j] = keep - h;
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &down, NULL));
            w[j] = keep;
            assert_near(g[j], (up - down) / (2 * h), 1e-6 * scale);
        }
        fixture_close(&f);
    }
}

/* All weights 1: Parseval's theorem. */
static void expect_same_training(const setting *a, const setting *b, double tolerance) {
    fixture f, g;
    open_all(&f, a);
    open_all(&g, b);
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_ok(g.ctx, fqp_trainer_run(g.trainer));
    const double *v = fqp_model_parameters(f.net), *w = fqp_model_parameters(g.net);
    for (int64_t i = 0; i < fqp_model_parameter_count(f.net); i++)
        assert_near(v[i], w[i], tolerance);
    fixture_close(&f);
    fixture_close(&g);
}

static void without_weights_it_is_the_mean_of_squares(void **state) {
    (void)state;
    for (int64_t n = 23; n <= 24; n++) {
        const setting a = {.n = n, .loss = "spectral", .power = 0}, b = {.n = n, .loss = "mse"};
        expect_same_training(&a, &b, 1e-9);
    }
}

static void the_line_search_follows_it_too(void **state) {
    (void)state;
    const setting a = {.n = 20, .loss = "spectral", .power = 0, .optimizer = "lbfgs"},
                  b = {.n = 20, .loss = "mse", .optimizer = "lbfgs"};
    expect_same_training(&a, &b, 1e-5);
}

/* ---- weights that follow the error --------------------------------------------------------------- */

enum { MOST = 40 };

/* |D_k|^2 of every output and index, by the definition. */
static void powers(fixture *f, const setting *s, double *power) {
    double h[MOST * M];
    assert_true(s->n <= MOST);
    assert_ok(f->ctx, fqp_model_eval(f->ctx, f->net, fqp_array_view(&f->data.x), h));
    for (int64_t i = 0; i < M; i++)
        for (int64_t k = 0; k < s->n; k++) {
            double complex D = 0;
            for (int64_t j = 0; j < s->n; j++)
                D += (h[j * M + i] - f->y[j * M + i]) * cexp(-2 * M_PI * I * (double)(j * k % s->n) / (double)s->n);
            power[i * s->n + k] = creal(D * conj(D));
        }
}

static double weighted(fixture *f, const setting *s, const double *w) {
    double power[MOST * M], sum = 0;
    powers(f, s, power);
    for (int64_t i = 0; i < M * s->n; i++)
        sum += w[i] * power[i];
    return sum / ((double)s->n * (double)s->n * M);
}

/* (|D_k| / largest)^a, output by output. */
static void focal_weights(fixture *f, const setting *s, double *w) {
    powers(f, s, w);
    for (int64_t i = 0; i < M; i++) {
        double most = 0;
        for (int64_t k = 0; k < s->n; k++)
            most = fmax(most, w[i * s->n + k]);
        for (int64_t k = 0; k < s->n; k++)
            w[i * s->n + k] = pow(sqrt(w[i * s->n + k] / most), s->param);
    }
}

/* The loss with the weights of now, and its derivative while they stay as they are. */
static void focal_weights_are_held(void **state) {
    (void)state;
    static const setting all[] = {{.n = 21, .loss = "focal", .param = 1},
                                  {.n = 24, .loss = "focal", .param = 2.5, .output = "sigmoid"},
                                  {.n = 33, .loss = "focal", .param = 0.5, .circle = true}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const setting *s = &all[i];
        fixture f;
        open_all(&f, s);
        const int64_t p = fqp_model_parameter_count(f.net);
        double g[256], w[MOST * M], loss, free_up, free_down, scale = 0, apart = 0, *at = fqp_model_parameters(f.net);
        assert_true(p <= 256);
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, g));
        focal_weights(&f, s, w);
        assert_near(loss, weighted(&f, s, w), 1e-11 * loss);
        for (int64_t j = 0; j < p; j++)
            scale = fmax(scale, fabs(g[j]));
        for (int64_t j = 0; j < p; j += 3) {
            const double keep = at[j], h = 1e-5;
            at[j] = keep + h;
            const double up = weighted(&f, s, w);
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &free_up, NULL));
            at[j] = keep - h;
            const double down = weighted(&f, s, w);
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &free_down, NULL));
            at[j] = keep;
            assert_near(g[j], (up - down) / (2 * h), 1e-6 * scale);
            apart = fmax(apart, fabs((free_up - free_down) / (2 * h) - g[j]) / scale);
        }
        assert_true(apart > 0.01); /* weights that move make another derivative */
        fixture_close(&f);
    }
}

static void hardly_focal_is_the_mean_of_squares(void **state) {
    (void)state;
    const setting a = {.n = 24, .loss = "focal", .param = 1e-13}, b = {.n = 24, .loss = "mse"};
    expect_same_training(&a, &b, 1e-9);
}

static void threads_change_no_bit(void **state) {
    (void)state;
    const setting one = {.n = 200, .loss = "spectral", .power = 1, .threads = 1},
                  two = {.n = 200, .loss = "spectral", .power = 1, .threads = 2};
    fixture f, g;
    open_all(&f, &one);
    open_all(&g, &two);
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    assert_ok(g.ctx, fqp_trainer_run(g.trainer));
    assert_memory_equal(fqp_model_parameters(f.net), fqp_model_parameters(g.net),
                        (size_t)fqp_model_parameter_count(f.net) * sizeof(double));
    fixture_close(&f);
    fixture_close(&g);
}

/* ---- refusals ---------------------------------------------------------------------------------- */

static void expect_refused(fixture *f, const fqp_train_opts *o, fqp_status status, const char *words) {
    fqp_ctx_problems_clear(f->ctx);
    fqp_trainer *t = NULL;
    assert_int_equal(fqp_trainer_create(f->ctx, f->net, &f->data, o, 1, NULL, &t), status);
    assert_null(t);
    const char *message = fqp_ctx_problem(f->ctx, 0).message;
    if (!strstr(message, words))
        fail_msg("\"%s\" is not in: %s", words, message);
}

static fqp_status no_stream(void *user, int64_t step, int64_t n, double *x, double *y) {
    (void)user, (void)step, (void)n, (void)x, (void)y;
    return FQP_OK;
}

static void what_has_no_transform_is_refused(void **state) {
    (void)state;
    const setting line = {.n = 20, .loss = "spectral", .power = 1},
                  circle = {.n = 20, .loss = "sobolev", .circle = true};
    fixture f;
    open_all(&f, &line);
    fqp_train_opts o = options(&line);
    o.batch = 5;
    expect_refused(&f, &o, FQP_E_CONFIG, "train.batch: loss spectral is one of the transform of all points together");
    o.batch = 20;
    f.x[7] += 0.1;
    expect_refused(&f, &o, FQP_E_SHAPE, "train.loss: spectral needs equal spacing: gap 6");
    assert_int_equal(fqp_trainer_stream(f.trainer, 4, no_stream, NULL), FQP_E_ARG);
    fixture_close(&f);
    open_all(&f, &circle);
    o = options(&circle);
    f.x[9] += 0.1;
    expect_refused(&f, &o, FQP_E_SHAPE, "a closed curve of equal steps: the step from point 3");
    fixture_close(&f);
    const setting focal = {.n = 20, .loss = "focal", .param = 1};
    open_all(&f, &focal);
    o = options(&focal);
    o.optimizer = find(fqp_optimizer_name, "lbfgs");
    expect_refused(&f, &o, FQP_E_CONFIG, "train.optimizer: lbfgs compares losses along its way, and loss focal");
    fixture_close(&f);
}

static void powers_below_one_have_no_slope_at_zero(void **state) {
    (void)state;
    const setting s = {.n = 20, .loss = "mse"};
    fixture f;
    open_all(&f, &s);
    fqp_train_opts o = options(&s);
    o.loss = find(fqp_loss_name, "lp");
    o.loss_param = 0.9;
    expect_refused(&f, &o, FQP_E_CONFIG, "train.loss_param: 0.9 is below 1, the least that loss lp takes");
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loss_is_the_weighted_sum_over_frequencies),
        cmocka_unit_test(the_gradient_is_its_derivative),
        cmocka_unit_test(without_weights_it_is_the_mean_of_squares),
        cmocka_unit_test(focal_weights_are_held),
        cmocka_unit_test(hardly_focal_is_the_mean_of_squares),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(the_line_search_follows_it_too),
        cmocka_unit_test(what_has_no_transform_is_refused),
        cmocka_unit_test(powers_below_one_have_no_slope_at_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
