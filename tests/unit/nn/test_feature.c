/* Features: what is refused and with which words, how numbers are drawn, where they lie. */
#include "elements.h"
#include "feature_pass.h"
#include "init.h"
#include "jet.h"
#include "mem.h"
#include "support.h"
#include "window.h"

#include <math.h>
#include <stdlib.h>

static fqp_ctx *ctx;

static int begin(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) == FQP_OK ? 0 : 1;
}

static int end(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

static int64_t hidden[] = {12, 8};
static double numbers[] = {3, -1, 2, 0.5, 4, 1};

static fqp_model_opts options(void) {
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){hidden, 2};
    o.precision = 1;
    return o;
}

static int named(const char *(*names)(size_t, const char **), const char *name) {
    for (size_t i = 0; names(i, NULL); i++)
        if (!strcmp(names(i, NULL), name))
            return (int)i;
    fail_msg("there is no %s", name);
    return -1;
}

/* ---- refusals ------------------------------------------------------------------------------------ */

static void expect_refused(const fqp_model_opts *o, int64_t d, const char *says) {
    fqp_model *net = NULL;
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqp_model_create(ctx, d, 1, o, 1, &net), FQP_E_CONFIG);
    if (!strstr(fqp_ctx_problem(ctx, 0).message, says))
        fail_msg("%s, instead of %s", fqp_ctx_problem(ctx, 0).message, says);
    fqp_ctx_problems_clear(ctx);
}

static void filters_are_refused_where_they_cannot_be(void **state) {
    (void)state;
    fqp_model_opts o = options();
    o.filters = named(fqp_filter_name, "gabor");
    o.activation = FQPI_ACT_RELU;
    expect_refused(&o, 2,
                   "model.filters: layers are multiplied by gabor filters and have no activation; "
                   "model.activation relu would not be used");
    o.activation = FQPI_ACT_TANH;
    o.embedding = named(fqp_embedding_name, "fourier");
    expect_refused(&o, 2, "model.embedding fourier would not be used");
    o.embedding = 0;
    o.scales = (fqp_reals){numbers, 2};
    expect_refused(&o, 2, "model.filters: not with the branches of model.scales");
    o.scales.n = 0;
    o.slopes = named(fqp_slopes_name, "layer");
    expect_refused(&o, 2, "model.slopes: layers that are multiplied by gabor filters have no activation");
    o.slopes = 0;
    o.filter_beta = 0;
    expect_refused(&o, 2, "filter_alpha 6 and filter_beta 0 must be above 0");
    o.filter_beta = 1;
    o.hidden.n = 0;
    expect_refused(&o, 2, "model.filters: gabor needs hidden layers");
}

static void gates_are_refused_where_they_cannot_be(void **state) {
    (void)state;
    fqp_model_opts o = options();
    o.gate = named(fqp_gate_name, "phase");
    expect_refused(&o, 2, "model.phases: 0 numbers are not frequencies of 2 coordinates each; 2 would be one");
    o.phases = (fqp_reals){numbers, 3};
    expect_refused(&o, 2, "model.phases: 3 numbers are not frequencies of 2 coordinates each");
    expect_refused(&o, 1,
                   "model.hidden: 8 neurons of layer 2 cannot be shared equally by 6 branches, a cosine and a "
                   "sine for each of the model.phases; 12 can");
    o.phases.n = 2;
    o.scales = (fqp_reals){numbers, 2};
    expect_refused(&o, 1, "model.gate: its branches are those of model.phases; not with model.scales");
}

static void windows_are_refused_where_they_cannot_be(void **state) {
    (void)state;
    int64_t along[] = {2, 2, 200, 200};
    fqp_model_opts o = options();
    o.embedding = named(fqp_embedding_name, "window");
    expect_refused(&o, 2,
                   "model.embedding: window is the view of a branch from its own window; it needs model.gate window");
    o.gate = named(fqp_gate_name, "window");
    expect_refused(&o, 2,
                   "model.windows: 0 numbers for 2 coordinates; how many windows along each is one number for each");
    expect_refused(&o, 4, "model.gate: window serves 1 to 3 coordinates, not 4");
    o.windows = (fqp_ints){along + 2, 2};
    expect_refused(&o, 2, "model.windows: 40000 windows are more than 1024");
    o.windows = (fqp_ints){along, 2};
    o.window_upper = (fqp_reals){numbers, 2};
    expect_refused(&o, 2, "model.window_upper: -1 is not above model.window_lower -1");
    o.window_upper.n = 3;
    expect_refused(&o, 2, "model.window_upper: 3 numbers for 2 coordinates; give one, or one for each");
    o.window_upper.n = 1;
    o.scales = (fqp_reals){numbers, 2};
    expect_refused(&o, 2, "model.gate: its branches are those of model.windows; not with model.scales");
    o.scales.n = 0;
    hidden[1] = 10;
    expect_refused(&o, 2,
                   "model.hidden: 10 neurons of layer 2 cannot be shared equally by 4 branches, one for each of the "
                   "model.windows; 12 can");
    hidden[1] = 8;
    o.window_overlap = 1.5;
    expect_refused(&o, 2, "model.window_overlap: 1.5 is outside (0, 1]");
}

/* Their sum is 1 and that of their derivatives 0, which follow each other as differences do; one is felt in its own box
 * only. */
static void windows_share_the_box(void **state) {
    (void)state;
    enum { D = 2, WINDOWS = 6 };
    int64_t along[D] = {3, 2};
    fqp_model_opts o = options();
    o.windows = (fqp_ints){along, D};
    fqpi_windows w;
    fqpi_windows_lay_out(D, &o, &w);
    for (int i = 0; i < 200; i++) {
        const double x[D] = {-1.2 + 0.012 * i, 0.9 - 0.0097 * i}, h = 1e-5;
        for (int q = 0; q <= 4; q++) {
            double value[WINDOWS], up[WINDOWS], down[WINDOWS], sum = 0;
            const int order[D] = {q, 0}, mixed[D] = {q > 0 ? q - 1 : 0, q > 0};
            fqpi_windows_eval(&w, x, order, value);
            for (int b = 0; b < WINDOWS; b++)
                sum += value[b];
            assert_near(sum, q == 0, q ? 1e-11 * pow(30, q) : 1e-14);
            if (q == 0)
                continue;
            const double right[D] = {x[0], x[1] + h}, left[D] = {x[0], x[1] - h};
            const int below[D] = {q - 1, 0};
            fqpi_windows_eval(&w, x, mixed, value);
            fqpi_windows_eval(&w, right, below, up);
            fqpi_windows_eval(&w, left, below, down);
            for (int b = 0; b < WINDOWS; b++) {
                double middle, half;
                assert_near(value[b], (up[b] - down[b]) / (2 * h), 1e-6 * pow(30, q));
                fqpi_windows_place(&w, b, 1, &middle, &half);
                if (fabs(x[1] - middle) > half && fabs(x[1]) < 1)
                    assert_true(value[b] == 0);
            }
        }
    }
}

static void derivatives(const fqp_model *net, const double *x, size_t count, const fqp_derivative *which, double *u) {
    fqpi_jet_plan *plan;
    fqpi_jet jet;
    assert_ok(ctx, fqpi_jet_plan_create_forward(ctx, net, count, which, &plan));
    void *block = fqpi_alloc(ctx, 1, fqpi_jet_bytes(net, plan, 1));
    memset(block, 0xff, fqpi_jet_bytes(net, plan, 1)); /* NaN: nothing may be read before it is written */
    fqpi_jet_place(net, plan, 1, block, &jet);
    fqpi_jet_forward(net, &jet, 1, x);
    fqpi_jet_get(net, &jet, 1, u);
    fqpi_free(block);
    fqpi_jet_plan_destroy(plan);
}

/* Every derivative of a network of windows is the difference of one a step lower. */
static void derivatives_of_windows_follow_each_other(void **state) {
    (void)state;
    enum { COUNT = 7 };
    static const fqp_derivative above[COUNT] = {{{0, 1}, false}, {{0, 2}, false}, {{1, 1}, false}, {{3, 1}, false},
                                                {{0, 4}, false}, {{2, 2}, false}, {{1, 3}, false}},
                                sum = {{2, 2}, true};
    int64_t along[] = {3, 2}, wide[] = {12, 6};
    fqp_model_opts o = options();
    o.hidden = (fqp_ints){wide, 2};
    o.gate = named(fqp_gate_name, "window");
    o.windows = (fqp_ints){along, 2};
    o.bias_std = 0.5;
    for (int own = 0; own < 2; own++) {
        o.embedding = own ? named(fqp_embedding_name, "window") : 0;
        fqp_model *net;
        assert_ok(ctx, fqp_model_create(ctx, 2, 1, &o, 4, &net));
        for (int i = 0; i < 12; i++) {
            const double h = 1e-5, x[] = {-1.1 + 0.2 * i, 0.3 - 0.07 * i}, up[] = {x[0], x[1] + h},
                         down[] = {x[0], x[1] - h};
            fqp_derivative below[COUNT];
            double got[COUNT], high[COUNT], low[COUNT], lap, pure[2];
            memcpy(below, above, sizeof below);
            for (int k = 0; k < COUNT; k++)
                below[k].order[1]--;
            derivatives(net, x, COUNT, above, got);
            derivatives(net, up, COUNT, below, high);
            derivatives(net, down, COUNT, below, low);
            for (int k = 0; k < COUNT; k++)
                assert_near(got[k], (high[k] - low[k]) / (2 * h), 1e-5 * (10 + fabs(got[k])));
            const fqp_derivative axes[] = {{{2, 0}, false}, {{0, 2}, false}};
            derivatives(net, x, 2, axes, pure);
            derivatives(net, x, 1, &sum, &lap);
            assert_near(lap, pure[0] + pure[1], 1e-11 * (1 + fabs(lap)));
        }
        fqp_model_destroy(net);
    }
}

static void embeddings_are_refused_where_they_cannot_be(void **state) {
    (void)state;
    fqp_model_opts o = options();
    o.train_features = true;
    expect_refused(&o, 2, "model.train_features: embedding identity has nothing to train");
    o.embedding = named(fqp_embedding_name, "basic");
    o.feature_decay = 1;
    expect_refused(&o, 2, "model.train_features: amplitudes by model.feature_decay 1 belong to fixed frequencies");
    o = options();
    o.embedding = named(fqp_embedding_name, "grid");
    expect_refused(&o, 4, "model.embedding: a cell of a grid in 4 dimensions has 2^4 corners; grid serves 1 to 3");
    o.grid_finest = 15;
    expect_refused(&o, 2, "model.grid_finest: 15 cells are fewer than model.grid_coarsest 16");
    o.grid_finest = 64;
    o.grid_levels = 0;
    expect_refused(&o, 2, "model.grid_levels: embedding grid needs levels, numbers and cells; it has 0, 2 and 16");
    o.grid_levels = 3;
    o.grid_upper = (fqp_reals){numbers, 3};
    expect_refused(&o, 2, "model.grid_upper: 3 numbers for 2 coordinates; give one, or one for each");
    o.grid_upper.n = 2;
    expect_refused(&o, 2, "model.grid_upper: -1 is not above model.grid_lower -1");
    o.grid_upper.n = 1;
    o.scales = (fqp_reals){numbers, 2};
    o.train_scales = true;
    expect_refused(&o, 2, "model.train_scales: a scale is a factor of the first weights");
    o.scales.n = 0;
    o.train_scales = false;
    o.antisymmetric = true;
    o.hidden.n = 1;
    expect_refused(&o, 2, "model.antisymmetric: not with the learnt embedding grid");
}

/* ---- places -------------------------------------------------------------------------------------- */

static int64_t count_of(const fqp_model_opts *o, int64_t d) {
    fqp_model *net;
    assert_ok(ctx, fqp_model_create(ctx, d, 1, o, 1, &net));
    const int64_t count = fqp_model_parameter_count(net);
    fqp_model_destroy(net);
    return count;
}

static void numbers_follow_the_layers(void **state) {
    (void)state;
    fqp_model_opts o = options();
    o.embedding = named(fqp_embedding_name, "fourier");
    o.features = 10;
    const int64_t fixed = 12 * (20 + 1) + 8 * (12 + 1) + 8 + 1;
    assert_int_equal(count_of(&o, 2), fixed);
    o.train_features = true;
    assert_int_equal(count_of(&o, 2), fixed + 20);
    o = options();
    o.filters = named(fqp_filter_name, "fourier");
    assert_int_equal(count_of(&o, 2), 8 * (12 + 1) + 8 + 1 + (12 + 8) * 3);
    o.filters = named(fqp_filter_name, "gabor");
    assert_int_equal(count_of(&o, 2), 8 * (12 + 1) + 8 + 1 + (12 + 8) * 6);
    o = options();
    o.gate = 1;
    o.phases = (fqp_reals){numbers, 4}; /* two phases, four branches of 3, then 2 neurons */
    const int64_t gated = 12 * 3 + 8 * (3 + 1) + 4 * (2 + 1);
    assert_int_equal(count_of(&o, 2), gated);
    o.train_phases = true;
    assert_int_equal(count_of(&o, 2), gated + 4);
    o = options();
    o.embedding = named(fqp_embedding_name, "grid");
    o.grid_levels = 2; /* 17^2 vertices, and a table of 2^10 for 513^2 */
    o.grid_table = 10;
    assert_int_equal(count_of(&o, 2), 12 * (4 + 1) + 8 * (12 + 1) + 8 + 1 + 2 * (17 * 17 + 1024));
}

static void learning_begins_at_the_fixed_features(void **state) {
    (void)state;
    fqp_model_opts o = options();
    fqp_model *fixed, *learnt;
    o.embedding = named(fqp_embedding_name, "fourier");
    o.features = 5;
    assert_ok(ctx, fqp_model_create(ctx, 2, 1, &o, 7, &fixed));
    o.train_features = true;
    assert_ok(ctx, fqp_model_create(ctx, 2, 1, &o, 7, &learnt));
    assert_memory_equal(learnt->w, fixed->w, (size_t)fixed->parameters * sizeof(double));
    assert_memory_equal((double *)learnt->w + fixed->parameters, fixed->embed.fixed, 10 * sizeof(double));
    double x[20], a[10], b[10];
    for (int i = 0; i < 20; i++)
        x[i] = 0.1 * i - 1;
    const fqp_view view = {.data = x, .dtype = FQP_F64, .ndim = 2, .shape = {10, 2}};
    assert_ok(ctx, fqp_model_eval(ctx, fixed, view, a));
    assert_ok(ctx, fqp_model_eval(ctx, learnt, view, b));
    for (int i = 0; i < 10; i++)
        assert_near(a[i], b[i], 1e-13);
    fqp_model_destroy(fixed);
    fqp_model_destroy(learnt);
}

/* ---- draws --------------------------------------------------------------------------------------- */

typedef struct moments {
    double mean, variance, least, most;
} moments;

static moments moments_of(const double *v, int64_t n) {
    moments m = {.least = v[0], .most = v[0]};
    for (int64_t i = 0; i < n; i++) {
        m.mean += v[i] / (double)n;
        m.least = fmin(m.least, v[i]);
        m.most = fmax(m.most, v[i]);
    }
    for (int64_t i = 0; i < n; i++)
        m.variance += (v[i] - m.mean) * (v[i] - m.mean) / (double)n;
    return m;
}

/* Gamma(a, b) has mean a/b and variance a/b^2, below shape 1 and above. */
static void gabor_filters_are_drawn_as_published(void **state) {
    (void)state;
    static int64_t wide[] = {20000, 20000};
    for (int k = 0; k < 2; k++) {
        fqp_model_opts o = options();
        o.hidden = (fqp_ints){wide, 2 - (size_t)k}; /* two filters, one */
        o.filters = named(fqp_filter_name, "gabor");
        o.filter_alpha = k ? 6 : 0.8;
        o.filter_beta = 2;
        o.filter_scale = 10;
        const int64_t n = wide[0], d = 2, filters = 2 - k;
        fqpi_feature f = {.d = d, .units = n, .stream = 77};
        double *w = calloc((size_t)(n * (2 * d + 2)), sizeof *w);
        fqpi_filter_row(o.filters)->draw(&f, &o, filters, 5, w);
        const double shape = o.filter_alpha / (double)filters;
        const moments gamma = moments_of(w + n * (d + 1), n), phase = moments_of(w + n * d, n),
                      mu = moments_of(w + n * (d + 2), n * d), angle = moments_of(w, n * d);
        assert_near(gamma.mean, shape / 2, 0.03 * shape);
        assert_near(gamma.variance, shape / 4, 0.04 * shape);
        assert_true(gamma.least > 0);
        assert_near(phase.variance, 3.14159265358979 * 3.14159265358979 / 3, 0.1);
        assert_near(mu.variance, 1.0 / 3, 0.01);
        assert_true(mu.least >= -1 && mu.most <= 1 && phase.most < 3.1416 && phase.most > 3.13);
        /* U(+-s/sqrt d) times sqrt(gamma) */
        const double s = 10 / sqrt((double)(filters * d));
        assert_near(angle.variance, s * s / 3 * shape / 2, 0.05 * s * s * shape / 2);
        free(w);
    }
}

static void levels_grow_as_published(void **state) {
    (void)state;
    fqp_model_opts o = options();
    fqpi_levels g;
    fqpi_levels_lay_out(3, &o, 1, &g); /* 16 levels from 16 to 512, tables of 2^15 */
    assert_int_equal(g.cells[0], 16);
    assert_int_equal(g.cells[15], 512);
    assert_int_equal(g.cells[1], 20); /* floor(16 * 32^(1/15)) = floor(20.16) */
    assert_int_equal(g.mask[0], 0);
    assert_int_equal(g.first[1], 2 * 17 * 17 * 17);
    assert_int_equal(g.mask[15], (1 << 15) - 1);
    assert_int_equal(g.first[16] - g.first[15], 2 << 15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_are_refused_where_they_cannot_be),
        cmocka_unit_test(gates_are_refused_where_they_cannot_be),
        cmocka_unit_test(windows_are_refused_where_they_cannot_be),
        cmocka_unit_test(windows_share_the_box),
        cmocka_unit_test(derivatives_of_windows_follow_each_other),
        cmocka_unit_test(embeddings_are_refused_where_they_cannot_be),
        cmocka_unit_test(numbers_follow_the_layers),
        cmocka_unit_test(learning_begins_at_the_fixed_features),
        cmocka_unit_test(gabor_filters_are_drawn_as_published),
        cmocka_unit_test(levels_grow_as_published),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
