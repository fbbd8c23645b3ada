/* Embeddings: a network behind one is the network without it on features made beforehand - predictions, derivatives by
 * the coordinates, and training on every path, to the last bit; checkpoints know the features. */
#include "unit/train/fixture.h"

#include "init.h"
#include "jet.h"

#include <math.h>

enum { D = 2, N = 90, FOURIER = 1 };

typedef struct setting {
    const char *name;
    int activation;
    size_t layers;
    int64_t features, batch;
    const char *optimizer, *loss;
} setting;

static int64_t hidden[] = {80, 7};

static fqp_model_opts model_options(const setting *s, int embedding) {
    fqp_model_opts o = small_model(hidden, s->layers, s->activation, true);
    o.embedding = embedding;
    o.features = s->features;
    o.feature_sigma = 0.7;
    return o;
}

static fqp_train_opts train_options(const setting *s) {
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, s->optimizer);
    o.loss = find(fqp_loss_name, s->loss ? s->loss : "mse");
    o.batch = s->batch;
    o.steps = 12;
    return o;
}

static void open_model(fixture *f, const setting *s) {
    fixture_open(f, 2);
    fixture_data(f, N, D, 1);
    const fqp_model_opts o = model_options(s, FOURIER);
    assert_ok(f->ctx, fqp_model_create(f->ctx, D, 1, &o, 4, &f->net));
    assert_int_equal(fqp_model_inputs(f->net), D);
}

/* The same network without the embedding, and what its embedding would have given it. */
static void open_twin(fixture *g, const fixture *f, const setting *s) {
    const int64_t width = 2 * s->features;
    fixture_open(g, 2);
    fixture_data(g, N, width, 1);
    memcpy(g->y, f->y, N * sizeof *g->y);
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < s->features; j++) {
            const double *b = f->net->embed.fixed + j * D;
            const double angle = 2 * 3.14159265358979323846 * (b[0] * f->x[i * D] + b[1] * f->x[i * D + 1]);
            f->net->k64->vsincos(1, &angle, &g->x[i * width + j], &g->x[i * width + s->features + j]);
            assert_near(g->x[i * width + j], sin(angle), 1e-15);
            assert_near(g->x[i * width + s->features + j], cos(angle), 1e-15);
        }
    const fqp_model_opts o = model_options(s, 0);
    assert_ok(g->ctx, fqp_model_create(g->ctx, width, 1, &o, 4, &g->net));
    assert_int_equal(g->net->parameters, f->net->parameters);
    assert_memory_equal(g->net->w, f->net->w, (size_t)g->net->parameters * sizeof(double)); /* draws of their own */
}

static const setting settings[] = {
    {"layers", FQPI_ACT_TANH, 2, 70, 0, "adam", NULL},
    {"batches", FQPI_ACT_TANH, 2, 3, 20, "momentum", NULL},
    {"shallow", FQPI_ACT_RELU, 1, 2, 0, "gd", NULL},
    {"lm", FQPI_ACT_TANH, 1, 5, 0, "lm", NULL},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

static void it_trains_as_on_features_made_beforehand(void **state) {
    (void)state;
    for (int i = 0; i < SETTINGS; i++) {
        const setting *s = &settings[i];
        fixture f, g;
        open_model(&f, s);
        open_twin(&g, &f, s);
        const fqp_train_opts o = train_options(s);
        assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer));
        assert_ok(g.ctx, fqp_trainer_create(g.ctx, g.net, &g.data, &o, 1, NULL, &g.trainer));
        assert_string_equal(fqp_trainer_plan(f.trainer).path, fqp_trainer_plan(g.trainer).path);
        assert_ok(f.ctx, fqp_trainer_run(f.trainer));
        assert_ok(g.ctx, fqp_trainer_run(g.trainer));
        if (memcmp(g.net->w, f.net->w, (size_t)g.net->parameters * sizeof(double)) != 0)
            fail_msg("%s: other bits than on features", s->name);
        double u[N], v[N];
        assert_ok(f.ctx, fqp_model_eval(f.ctx, f.net, fqp_array_view(&f.data.x), u));
        assert_ok(g.ctx, fqp_model_eval(g.ctx, g.net, fqp_array_view(&g.data.x), v));
        assert_memory_equal(u, v, sizeof u);
        fixture_close(&f);
        fixture_close(&g);
    }
}

/* ---- derivatives ------------------------------------------------------------------------------- */

typedef struct seen {
    double u[N], u_x[N * D], u_xx[N * D], x[N * D];
} seen;

static fqp_status look(void *user, const fqp_batch *b, double *loss) {
    seen *s = user;
    memcpy(s->x, b->x.data, sizeof s->x);
    memcpy(s->u, b->u.data, sizeof s->u);
    memcpy(s->u_x, b->u_x.data, sizeof s->u_x);
    memcpy(s->u_xx, b->u_xx.data, sizeof s->u_xx);
    *loss = 0;
    for (int i = 0; i < N * D; i++) {
        *loss += s->u_xx[i] * s->u_xx[i] * 1e-3 + s->u_x[i];
        b->du_x[i] = 1;
        b->du_xx[i] = 2e-3 * s->u_xx[i];
    }
    return FQP_OK;
}

static double at(fixture *f, double x, double y) {
    const double p[D] = {x, y};
    double u;
    assert_ok(f->ctx, fqp_model_eval(f->ctx, f->net, fqp_view_2d(p, 1, D), &u));
    return u;
}

static void derivatives_are_by_the_coordinates(void **state) {
    (void)state;
    const setting s = {"jets", FQPI_ACT_TANH, 2, 70, 0, "adam", NULL};
    fixture f;
    seen e;
    open_model(&f, &s);
    const fqp_train_opts o = train_options(&s);
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer));
    assert_ok(f.ctx, fqp_trainer_objective(f.trainer, 2, look, &e));
    double loss, up, down, scale = 0;
    double *g = calloc((size_t)f.net->parameters, sizeof *g), *w = f.net->w;
    assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, g));
    assert_memory_equal(e.x, f.x, sizeof e.x);
    const double h = 1e-4;
    for (int i = 0; i < N; i += 7) {
        const double *x = &f.x[i * D];
        const double right = at(&f, x[0] + h, x[1]), left = at(&f, x[0] - h, x[1]), over = at(&f, x[0], x[1] + h),
                     under = at(&f, x[0], x[1] - h);
        assert_near(e.u[i], at(&f, x[0], x[1]), 1e-12);
        assert_near(e.u_x[i * D], (right - left) / (2 * h), 2e-5);
        assert_near(e.u_x[i * D + 1], (over - under) / (2 * h), 2e-5);
        assert_near(e.u_xx[i * D], (right - 2 * e.u[i] + left) / (h * h), 2e-3);
        assert_near(e.u_xx[i * D + 1], (over - 2 * e.u[i] + under) / (h * h), 2e-3);
    }
    for (int64_t i = 0; i < f.net->parameters; i++)
        scale = fmax(scale, fabs(g[i]));
    for (int64_t i = 0; i < f.net->parameters; i += 997) {
        const double keep = w[i];
        w[i] = keep + 1e-5;
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &up, NULL));
        w[i] = keep - 1e-5;
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &down, NULL));
        w[i] = keep;
        assert_near(g[i], (up - down) / 2e-5, 1e-6 * scale);
    }
    free(g);
    fixture_close(&f);
}

/* ---- the draw ---------------------------------------------------------------------------------- */

static void frequencies_have_the_spread_asked_for(void **state) {
    (void)state;
    const setting s = {"draw", FQPI_ACT_TANH, 1, 4000, 0, "adam", NULL};
    fixture f;
    open_model(&f, &s);
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < f.net->embed.numbers; i++) {
        sum += f.net->embed.fixed[i];
        squares += f.net->embed.fixed[i] * f.net->embed.fixed[i];
    }
    const double n = (double)f.net->embed.numbers;
    assert_near(sum / n, 0, 4 * 0.7 / sqrt(n));
    assert_near(sqrt(squares / n), 0.7, 4 * 0.7 / sqrt(2 * n));
    fixture_close(&f);
}

static void what_cannot_be_drawn_is_refused(void **state) {
    (void)state;
    fixture f;
    fixture_open(&f, 1);
    fqp_model_opts o = fqpi_model_defaults;
    o.embedding = FOURIER;
    o.features = 0;
    o.feature_sigma = 0;
    assert_int_equal(fqp_model_create(f.ctx, 1, 1, &o, 1, &f.net), FQP_E_CONFIG);
    assert_int_equal(fqp_ctx_problem_count(f.ctx), 2);
    assert_non_null(strstr(fqp_ctx_problem(f.ctx, 0).message, "model.features: embedding fourier needs at least 1"));
    assert_non_null(strstr(fqp_ctx_problem(f.ctx, 1).message, "model.feature_sigma: frequencies of spread 0"));
    fixture_close(&f);
}

static void checkpoints_hold_to_their_features(void **state) {
    (void)state;
    char path[] = "/tmp/fqp_embedding_XXXXXX.npz";
    assert_true(mkstemps(path, 4) >= 0);
    const setting s = {"checkpoint", FQPI_ACT_TANH, 1, 5, 0, "adam", NULL};
    const fqp_train_opts o = train_options(&s);
    fixture f;
    open_model(&f, &s);
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 1, NULL, &f.trainer));
    assert_ok(f.ctx, fqp_trainer_save(f.trainer, path));
    assert_ok(f.ctx, fqp_trainer_restore(f.trainer, path));
    f.net->embed.fixed[3] += 1e-9;
    assert_int_equal(fqp_trainer_restore(f.trainer, path), FQP_E_SHAPE);
    assert_non_null(strstr(fqp_ctx_problem(f.ctx, 0).message, "features of model.embedding fourier are others"));
    unlink(path);
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_trains_as_on_features_made_beforehand),
        cmocka_unit_test(derivatives_are_by_the_coordinates),
        cmocka_unit_test(frequencies_have_the_spread_asked_for),
        cmocka_unit_test(what_cannot_be_drawn_is_refused),
        cmocka_unit_test(checkpoints_hold_to_their_features),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
