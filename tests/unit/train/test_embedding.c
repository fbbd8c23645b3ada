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
    static double sigma = 0.7;
    o.feature_sigma = (fqp_reals){&sigma, 1};
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

/* ---- frequencies along the axes ---------------------------------------------------------------- */

static const double FINE[] = {0, 1.8284271247461903, 7}, OCTAVES[] = {1, 2, 4}, WHOLE[] = {1, 2, 3}, ONE[] = {1};

/* The embedding's numbers at some points are the sines and cosines of these frequencies, axis by axis. */
static void compare_waves(const fqp_model_opts *o, const double *b, int64_t count, double scale) {
    fixture f;
    fixture_open(&f, 1);
    fixture_data(&f, N, D, 1);
    assert_ok(f.ctx, fqp_model_create(f.ctx, D, 1, o, 4, &f.net));
    assert_int_equal(f.net->d, 2 * D * count);
    f.net->embed.scales[0] = scale;
    double squares = 0, rows[64];
    for (int64_t j = 0; j < count; j++)
        squares += D * pow(b[j], -2 * o->feature_decay);
    for (int64_t i = 0; i < N; i++) {
        fqpi_rows_in(f.net, fqp_array_view(&f.data.x), i, 1, rows, f.net->d);
        for (int64_t j = 0; j < count * D; j++) {
            const double angle = 2 * 3.14159265358979323846 * b[j / D] * scale * f.x[i * D + j % D];
            const double a = isnan(o->feature_decay) ? 1 : pow(b[j / D], -o->feature_decay) / sqrt(squares);
            assert_near(rows[j], a * sin(angle), 1e-14);
            assert_near(rows[count * D + j], a * cos(angle), 1e-14);
        }
    }
    fixture_close(&f);
}

static void axes_get_the_frequencies_of_the_formula(void **state) {
    (void)state;
    const setting s = {"axes", FQPI_ACT_TANH, 1, 3 * D, 0, "adam", NULL};
    fqp_model_opts o = model_options(&s, 3);
    o.feature_octaves = 3;
    compare_waves(&o, FINE, 3, 1);
    o.feature_steps = 1;
    compare_waves(&o, OCTAVES, 3, 1);
    compare_waves(&o, OCTAVES, 3, 2.5);
    o.feature_decay = 0.5;
    compare_waves(&o, OCTAVES, 3, 1);
    o.feature_steps = 2;
    compare_waves(&o, WHOLE, 3, 1);
    o = model_options(&s, 2);
    compare_waves(&o, ONE, 1, 1);
}

static void every_axis_may_have_its_spread(void **state) {
    (void)state;
    const setting s = {"spreads", FQPI_ACT_TANH, 1, 2000, 0, "adam", NULL};
    fixture f;
    fixture_open(&f, 1);
    fqp_model_opts o = model_options(&s, FOURIER);
    double sigma[] = {0.5, 3, 1}, squares[D] = {0};
    o.feature_sigma = (fqp_reals){sigma, D};
    assert_ok(f.ctx, fqp_model_create(f.ctx, D, 1, &o, 4, &f.net));
    for (int64_t i = 0; i < f.net->embed.numbers; i++)
        squares[i % D] += f.net->embed.fixed[i] * f.net->embed.fixed[i] / 2000;
    assert_near(sqrt(squares[0]), 0.5, 0.05);
    assert_near(sqrt(squares[1]), 3, 0.3);
    fixture_close(&f);
}

/* ---- more than memory should hold -------------------------------------------------------------- */

enum { MANY = 66000, WIDE = 128 }; /* 2 * WIDE numbers of 4 bytes at MANY points are more than 64 MiB */

static fqp_status keep_last(void *user, const fqp_frame *frame, bool *stop) {
    (void)stop;
    memcpy(user, frame->prediction.data, (size_t)fqp_view_count(frame->prediction) * sizeof(float));
    return FQP_OK;
}

/* Two steps, and predictions of all points; x f32 or f64. */
static void train_many(fixture *f, int64_t batch, float *shown) {
    fqp_train_opts o = fqpi_train_defaults;
    fqp_schedule when;
    o.steps = 2;
    o.batch = batch;
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &o, 1, NULL, &f->trainer));
    assert_ok(f->ctx, fqp_schedule_parse(f->ctx, "every:2", (fqp_origin){0}, &when));
    assert_ok(f->ctx, fqp_trainer_observe(f->trainer, fqp_array_view(&f->data.x), &when, keep_last, shown));
    assert_ok(f->ctx, fqp_trainer_run(f->trainer));
    fqp_schedule_release(&when);
}

static void what_is_not_kept_gives_the_same_bits(void **state) {
    (void)state;
    for (int64_t batch = 0; batch < 200; batch += 100) {
        int64_t width[] = {5};
        fixture f, g;
        fixture_open(&f, 2);
        fixture_data(&f, MANY, D, 1);
        fqp_model_opts o = small_model(width, 1, FQPI_ACT_TANH, false);
        o.embedding = FOURIER;
        o.features = WIDE;
        assert_ok(f.ctx, fqp_model_create(f.ctx, D, 1, &o, 4, &f.net));
        fixture_open(&g, 2);
        fixture_data(&g, 1, 1, 1);
        o.embedding = 0;
        assert_ok(g.ctx, fqp_model_create(g.ctx, 2 * WIDE, 1, &o, 4, &g.net));
        assert_memory_equal(g.net->w, f.net->w, (size_t)g.net->parameters * sizeof(float));
        float *rows = calloc(MANY, 2 * WIDE * sizeof *rows), *shown = calloc(2 * MANY, sizeof *shown);
        fqpi_rows_in(f.net, fqp_array_view(&f.data.x), 0, MANY, rows, 2 * WIDE);
        g.data = (fqp_dataset){.n = MANY,
                               .d = 2 * WIDE,
                               .m = 1,
                               .x = {.data = rows, .dtype = FQP_F32, .ndim = 2, .shape = {MANY, 2 * WIDE}},
                               .y = f.data.y};
        train_many(&f, batch, shown);
        train_many(&g, batch, shown + MANY);
        assert_null(f.trainer->x);
        assert_true(fqp_trainer_plan(f.trainer).bytes < 16 << 20);
        assert_memory_equal(g.net->w, f.net->w, (size_t)g.net->parameters * sizeof(float));
        assert_memory_equal(shown, shown + MANY, MANY * sizeof *shown);
        fixture_close(&f);
        fixture_close(&g);
        free(rows);
        free(shown);
    }
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
    o.feature_sigma = (fqp_reals){(double[]){0}, 1};
    assert_int_equal(fqp_model_create(f.ctx, 1, 1, &o, 1, &f.net), FQP_E_CONFIG);
    assert_int_equal(fqp_ctx_problem_count(f.ctx), 2);
    assert_non_null(strstr(fqp_ctx_problem(f.ctx, 0).message, "model.features: embedding fourier needs at least 1"));
    assert_non_null(strstr(fqp_ctx_problem(f.ctx, 1).message, "model.feature_sigma: frequencies of spread 0"));
    const struct {
        int embedding, steps;
        int64_t features;
        double octaves;
        size_t sigmas;
        double decay;
        const char *says;
    } bad[] = {
        {FOURIER, 0, 8, 6, 3, NAN, "model.feature_sigma: 3 numbers for 2 coordinates; give one, or one for each"},
        {3, 0, 7, 6, 1, NAN, "model.features: 7 frequencies cannot be shared equally by 2 axes; 8 can"},
        {3, 1, 8, 2.5, 1, NAN, "model.feature_octaves: 2.5 octaves do not end on a power of 2; set 3"},
        {3, 1, 8, 0, 1, NAN, "model.feature_octaves: embedding positional needs octaves, and has 0"},
        {3, 0, 8, 6, 1, 1, "model.feature_decay: frequency 0 of model.feature_steps fine has no amplitude 0^-1"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double sigma[] = {1, 1, 1};
        o = fqpi_model_defaults;
        o.embedding = bad[i].embedding;
        o.feature_steps = bad[i].steps;
        o.features = bad[i].features;
        o.feature_octaves = bad[i].octaves;
        o.feature_sigma = (fqp_reals){sigma, bad[i].sigmas};
        o.feature_decay = bad[i].decay;
        fqp_ctx_problems_clear(f.ctx);
        assert_int_equal(fqp_model_create(f.ctx, D, 1, &o, 1, &f.net), FQP_E_CONFIG);
        if (!strstr(fqp_ctx_problem(f.ctx, 0).message, bad[i].says))
            fail_msg("%s", fqp_ctx_problem(f.ctx, 0).message);
    }
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
        cmocka_unit_test(axes_get_the_frequencies_of_the_formula),
        cmocka_unit_test(every_axis_may_have_its_spread),
        cmocka_unit_test(what_is_not_kept_gives_the_same_bits),
        cmocka_unit_test(frequencies_have_the_spread_asked_for),
        cmocka_unit_test(what_cannot_be_drawn_is_refused),
        cmocka_unit_test(checkpoints_hold_to_their_features),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
