/* train.subtract_start and model.antisymmetric: training from the function 0. */
#include "unit/train/fixture.h"

enum { N = 40, M = 3, FRAMES = 64 };

/* ---- f - f_0 ---------------------------------------------------------------------------------------------------- */

typedef struct seen {
    int frames;
    double loss[FRAMES], accuracy[FRAMES], prediction[FRAMES][N * M];
} seen;

static fqp_status see(void *user, const fqp_frame *f, bool *stop) {
    seen *s = user;
    (void)stop;
    s->loss[s->frames] = f->loss;
    s->accuracy[s->frames] = f->accuracy;
    for (int64_t i = 0; i < fqp_view_count(f->prediction); i++)
        s->prediction[s->frames][i] = fqp_view_at(f->prediction, i);
    s->frames++;
    return FQP_OK;
}

typedef struct setting {
    const char *optimizer, *activation;
    int64_t m, batch;
    bool f64, classes;
} setting;

static const setting rows[] = {
    {"adam", "tanh", M, 0, true, false}, {"momentum", "relu", 1, 0, true, false}, {"gd", "relu", 1, 0, false, false},
    {"adam", "gelu", M, 7, true, true},  {"lbfgs", "tanh", 1, 0, true, false},    {"lm", "tanh", 1, 0, true, false},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void open_one(fixture *f, const setting *s, bool subtract, uint64_t seed, seen *to) {
    fixture_open(f, 2);
    fixture_data(f, N, 2, s->m);
    if (s->classes)
        fixture_classes(f);
    int64_t hidden[] = {24};
    fqp_model_opts mo = small_model(hidden, 1, find(fqp_activation_name, s->activation), s->f64);
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, s->optimizer);
    o.lr = 0.02, o.batch = s->batch, o.steps = 30, o.subtract_start = subtract;
    assert_ok(f->ctx, fqp_model_create(f->ctx, 2, s->m, &mo, seed, &f->net));
    if (!subtract) { /* the same by hand: targets y + f_0 */
        double f0[N * M];
        assert_ok(f->ctx, fqp_model_eval(f->ctx, f->net, fqp_array_view(&f->data.x), f0));
        for (int i = 0; i < N * s->m; i++)
            f->y[i] += f0[i];
    }
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &o, 7, NULL, &f->trainer));
    fqp_schedule every = {.every = 3};
    *to = (seen){0};
    assert_ok(f->ctx, fqp_trainer_observe(f->trainer, fqp_array_view(&f->data.x), &every, see, to));
}

static void learns_what_is_left(void **state) {
    (void)state;
    static seen a, b;
    for (int r = 0; r < ROWS; r++) {
        fixture f, g;
        const double tol = rows[r].f64 ? 1e-13 : 1e-6;
        open_one(&f, &rows[r], true, 1, &a);
        open_one(&g, &rows[r], false, 1, &b);
        double f0[N * M];
        assert_ok(g.ctx, fqp_model_eval(g.ctx, g.net, fqp_array_view(&g.data.x), f0));
        assert_ok(f.ctx, fqp_trainer_run(f.trainer));
        assert_ok(g.ctx, fqp_trainer_run(g.trainer));
        assert_int_equal(a.frames, b.frames);
        assert_memory_equal(fqp_model_parameters(f.net), fqp_model_parameters(g.net),
                            (size_t)fqp_model_parameter_count(f.net) * f.net->k->elem);
        for (int q = 0; q < a.frames; q++) {
            assert_near(a.loss[q], b.loss[q], 0);
            for (int i = 0; i < N * rows[r].m; i++)
                assert_near(a.prediction[q][i], q ? b.prediction[q][i] - f0[i] : 0, q ? tol : 0);
        }
        assert_true(a.loss[a.frames - 1] < 0.9 * a.loss[0]);
        fixture_close(&f);
        fixture_close(&g);
    }
}

/* Classes are those of f - f_0. */
static void classes_are_of_the_difference(void **state) {
    (void)state;
    static seen a;
    fixture f;
    const setting s = {"adam", "tanh", M, 0, true, true};
    open_one(&f, &s, true, 1, &a);
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    for (int q = 0; q < a.frames; q++) {
        int hits = 0;
        for (int i = 0; i < N; i++) {
            const double *p = &a.prediction[q][i * M];
            int best = 0;
            for (int c = 1; c < M; c++)
                best = p[c] > p[best] ? c : best;
            hits += best == f.labels[i];
        }
        assert_near(a.accuracy[q], (double)hits / N, 0);
    }
    fixture_close(&f);
}

/* Stopped in the middle and taken up by a trainer that was made with other parameters. */
static void resumes_from_the_same_start(void **state) {
    (void)state;
    static seen whole, first, second;
    char path[] = "/tmp/fqp_start_XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    for (int r = 0; r < 3; r++) {
        fixture f, g, h;
        open_one(&f, &rows[r], true, 1, &whole);
        assert_ok(f.ctx, fqp_trainer_run(f.trainer));
        open_one(&g, &rows[r], true, 1, &first);
        g.trainer->opts.steps = 12;
        assert_ok(g.ctx, fqp_trainer_run(g.trainer));
        assert_ok(g.ctx, fqp_trainer_save(g.trainer, path));
        open_one(&h, &rows[r], true, 99, &second);
        assert_ok(h.ctx, fqp_trainer_restore(h.trainer, path));
        assert_ok(h.ctx, fqp_trainer_run(h.trainer));
        assert_memory_equal(fqp_model_parameters(f.net), fqp_model_parameters(h.net),
                            (size_t)fqp_model_parameter_count(f.net) * f.net->k->elem);
        assert_int_equal(first.frames + second.frames, whole.frames);
        for (int q = 0; q < second.frames; q++)
            assert_memory_equal(second.prediction[q], whole.prediction[first.frames + q], sizeof whole.prediction[0]);
        fixture_close(&f);
        fixture_close(&g);
        fixture_close(&h);
    }
    unlink(path);
}

/* A population takes the same path: same bits as alone. */
static void many_at_once(void **state) {
    (void)state;
    static seen alone, together[2];
    fixture f, g[2];
    open_one(&f, &rows[0], true, 1, &alone);
    assert_ok(f.ctx, fqp_trainer_run(f.trainer));
    fqp_trainer *t[2];
    fqp_ctx *ctx = NULL;
    for (int i = 0; i < 2; i++) {
        open_one(&g[i], &rows[0], true, 1 + (uint64_t)i, &together[i]);
        ctx = ctx ? ctx : g[i].ctx;
        g[i].trainer->ctx = ctx;
        t[i] = g[i].trainer;
    }
    assert_ok(ctx, fqp_population_run(ctx, 2, t, NULL));
    assert_memory_equal(&together[0], &alone, sizeof alone);
    assert_true(memcmp(&together[1], &alone, sizeof alone) != 0);
    for (int i = 1; i >= 0; i--)
        fixture_close(&g[i]);
    fixture_close(&f);
}

static fqp_status no_loss(void *user, const fqp_batch *b, double *loss) {
    (void)user, (void)b;
    *loss = 0;
    return FQP_OK;
}

static void refuses(void **state) {
    (void)state;
    static seen a;
    fixture f;
    open_one(&f, &rows[0], true, 1, &a);
    assert_refused(f.ctx, fqp_trainer_objective(f.trainer, 0, no_loss, NULL), FQP_E_UNSUPPORTED,
                   "objective: not with train.subtract_start, which knows f_0 at the points of the data set only");
    fqp_model_opts mo = fqpi_model_defaults;
    int64_t hidden[] = {4, 4};
    mo.hidden = (fqp_ints){hidden, 1};
    mo.output = find(fqpi_output_name, "softmax");
    fqp_model *net = NULL;
    fqp_trainer *t = NULL;
    fqp_train_opts o = fqpi_train_defaults;
    o.subtract_start = true;
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, M, &mo, 1, &net));
    assert_refused(f.ctx, fqp_trainer_create(f.ctx, net, &f.data, &o, 1, NULL, &t), FQP_E_CONFIG,
                   "train.subtract_start: model.output is softmax, and a start can be subtracted from linear outputs "
                   "only");
    fqp_model_destroy(net);
    mo = small_model(hidden, 2, FQPI_ACT_RELU, true);
    mo.antisymmetric = true;
    assert_refused(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 1, &net), FQP_E_CONFIG,
                   "model.antisymmetric: pairs of neurons cancel in networks of one hidden layer, not of 2; "
                   "train.subtract_start: true begins at 0 with every network");
    hidden[0] = 5;
    mo.hidden.n = 1;
    assert_refused(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 1, &net), FQP_E_CONFIG,
                   "model.antisymmetric: 5 neurons are not pairs; set model.hidden to [6]");
    fixture_close(&f);
}

/* ---- pairs ------------------------------------------------------------------------------------------------------ */

/* grad f(x_i) from the loss (f - y)^2 of one point whose residual is 1/2. */
static void gradient_at(fqp_ctx *ctx, fqp_model *net, const double *x, double *g) {
    double y, loss;
    assert_ok(ctx, fqp_model_eval(ctx, net, fqp_view_2d(x, 1, 2), &y));
    y -= 0.5;
    fqp_dataset *data = NULL;
    fqp_trainer *t = NULL;
    assert_ok(ctx, fqp_dataset_from_arrays(ctx, fqp_view_2d(x, 1, 2), fqp_view_2d(&y, 1, 1), NULL, NULL, &data));
    assert_ok(ctx, fqp_trainer_create(ctx, net, data, NULL, 1, NULL, &t));
    assert_ok(ctx, fqp_trainer_gradient(t, &loss, g));
    fqp_trainer_destroy(t);
    fqp_dataset_destroy(data);
}

static void kernel(fqp_ctx *ctx, fqp_model *net, const double *x, int points, double *k) {
    const int64_t p = fqp_model_parameter_count(net);
    double *g = malloc((size_t)(points * p) * sizeof *g);
    for (int i = 0; i < points; i++)
        gradient_at(ctx, net, x + 2 * i, g + i * p);
    for (int i = 0; i < points * points; i++) {
        k[i] = 0;
        for (int64_t q = 0; q < p; q++)
            k[i] += g[i / points * p + q] * g[i % points * p + q];
    }
    free(g);
}

/* f_0 = 0, and the kernel is that of the network of half the width drawn with the same seed. */
static void pairs_keep_the_kernel(void **state) {
    (void)state;
    static const char *const activations[] = {"relu", "tanh"};
    enum { POINTS = 6 };
    for (int bias = 0; bias < 2; bias++)
        for (int a = 0; a < 2; a++) {
            fixture f;
            fixture_open(&f, 1);
            fixture_data(&f, N, 2, 1);
            int64_t hidden[] = {50};
            fqp_model_opts mo = small_model(hidden, 1, find(fqp_activation_name, activations[a]), true);
            mo.init = find(fqp_init_name, "ntk"), mo.parameters = 1, mo.bias = bias, mo.antisymmetric = true;
            fqp_model *whole = NULL, *half = NULL;
            assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 5, &whole));
            hidden[0] = 25, mo.antisymmetric = false;
            assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 5, &half));
            double f0[N], k[POINTS * POINTS], k_half[POINTS * POINTS];
            assert_ok(f.ctx, fqp_model_eval(f.ctx, whole, fqp_array_view(&f.data.x), f0));
            for (int i = 0; i < N; i++)
                assert_near(f0[i], 0, 1e-15);
            kernel(f.ctx, whole, f.x, POINTS, k);
            kernel(f.ctx, half, f.x, POINTS, k_half);
            for (int i = 0; i < POINTS * POINTS; i++)
                assert_near(k[i], k_half[i], 1e-12 * fabs(k_half[0]));
            fqp_model_destroy(whole);
            fqp_model_destroy(half);
            fixture_close(&f);
        }
}

/* Every output starts at 0. */
static void pairs_with_many_outputs(void **state) {
    (void)state;
    fixture f;
    fixture_open(&f, 1);
    fixture_data(&f, N, 2, M);
    int64_t hidden[] = {30};
    fqp_model_opts mo = small_model(hidden, 1, FQPI_ACT_TANH, false);
    mo.antisymmetric = true;
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, M, &mo, 5, &f.net));
    double f0[N * M];
    assert_ok(f.ctx, fqp_model_eval(f.ctx, f.net, fqp_array_view(&f.data.x), f0));
    for (int i = 0; i < N * M; i++)
        assert_near(f0[i], 0, 1e-6);
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_what_is_left),
        cmocka_unit_test(classes_are_of_the_difference),
        cmocka_unit_test(resumes_from_the_same_start),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(refuses),
        cmocka_unit_test(pairs_keep_the_kernel),
        cmocka_unit_test(pairs_with_many_outputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
