/* Networks of learnt embeddings, filters and gates, every combination that is taken: against their formula written out,
 * gradients against differences, any number of threads, resumed training, both precisions. */
#include "unit/train/fixture.h"

#include "elements.h"
#include "init.h"
#include "jacobian.h"
#include "legendre.h"

#include <math.h>

enum { LAYERS = 2, N = 37, M = 2, MOST = 256, GRID = 4 };
static const double TURN = 2 * 3.14159265358979323846;

typedef struct setting {
    int64_t d;
    int embedding, filters, gate; /* gate: 1 fixed, 2 trained waves, 3 windows */
    bool trained;
    size_t scales;
} setting;

static fqp_model_opts options(const setting *s, bool f64) {
    static int64_t hidden[LAYERS] = {12, 8};
    static double periods[] = {1.5, 0, 0}, sigma[] = {0.6}, scales[] = {1, -2.5}, phases[] = {0.4, 3, -1.1, 2, 0.7, -5},
                  lower[] = {-0.8, -1, -1}, upper[] = {0.9};
    fqp_model_opts o = small_model(hidden, LAYERS, FQPI_ACT_TANH, f64);
    o.embedding = s->embedding;
    o.features = 6;
    o.feature_octaves = 2;
    o.feature_sigma = (fqp_reals){sigma, 1};
    o.periods = (fqp_reals){periods, (size_t)s->d};
    o.scales = (fqp_reals){scales, s->scales};
    o.branches = FQPI_BRANCHES_SEPARATE;
    o.train_features = s->trained;
    o.filters = s->filters;
    o.filter_scale = 5;
    static int64_t windows[3][3] = {{4}, {2, 2}, {2, 1, 2}};
    o.gate = s->gate == 3 ? 2 : s->gate > 0;
    o.train_phases = s->gate == 2;
    o.phases = (fqp_reals){phases, (size_t)(s->gate ? 2 * s->d : 0)};
    o.windows = (fqp_ints){windows[s->d - 1], (size_t)s->d};
    o.window_overlap = 0.7;
    o.window_lower = (fqp_reals){lower, (size_t)s->d};
    o.window_upper = (fqp_reals){upper, 1};
    o.grid_levels = 3;
    o.grid_coarsest = 2;
    o.grid_finest = 9;
    o.grid_table = 5;
    o.grid_lower = (fqp_reals){lower, (size_t)s->d};
    o.grid_upper = (fqp_reals){upper, 1};
    o.bias_std = 0.3;
    o.init = FQPI_INIT_TORCH;
    return o;
}

static bool is_periodic(int embedding) {
    return !strcmp(fqp_embedding_name((size_t)embedding, NULL), "periodic");
}

static bool is_window(int embedding) {
    return !strcmp(fqp_embedding_name((size_t)embedding, NULL), "window");
}

static void sweep(void (*fn)(const setting *s, const fqp_model_opts *o)) {
    int taken = 0;
    for (int64_t d = 1; d <= 3; d++)
        for (int e = 0; fqp_embedding_name((size_t)e, NULL); e++)
            for (int f = 0; fqp_filter_name((size_t)f, NULL); f++)
                for (int k = 0; k < 4 * 2 * 2; k++) {
                    const setting s = {d, e, f, k % 4, k / 4 % 2, k / 8 ? 2 : 0};
                    const bool fixed = e == 0 || is_window(e) || is_periodic(e);
                    const bool fits = !(f && (e || s.trained || s.scales)) && !(s.trained && fixed) &&
                                      !(s.gate && s.scales) && !(is_window(e) && s.gate != 3);
                    const fqp_model_opts o = options(&s, true);
                    if (fits)
                        fn(&s, &o), taken++;
                }
    assert_true(taken > 100);
}

static void open_model(fixture *f, const setting *s, const fqp_model_opts *o, int threads) {
    fixture_open(f, threads);
    fixture_data(f, N, s->d, M);
    assert_ok(f->ctx, fqp_model_create(f->ctx, s->d, M, o, 3, &f->net));
    /* tables of grids begin so near 0 that they would hide in a test */
    double *w = f->net->w;
    for (int64_t i = 0; i < f->net->parameters && o->precision; i++)
        w[i] *= fabs(w[i]) <= 1e-4 ? 5e3 : 1;
}

static void say(const setting *s, const char *what, double worst) {
    fail_msg("d %d, embedding %s%s, %zu scales, filters %s, gate %d: %s differs by %.2e", (int)s->d,
             fqp_embedding_name((size_t)s->embedding, NULL), s->trained ? " (trained)" : "", s->scales,
             fqp_filter_name((size_t)s->filters, NULL), s->gate, what, worst);
}

/* ---- the formula --------------------------------------------------------------------------------- */

/* A walk along the flat vector, in the order that model.h gives. */
typedef struct walk {
    const double *w;
    int64_t at;
} walk;

static const double *take(walk *p, int64_t n) {
    p->at += n;
    return p->w + p->at - n;
}

static double inner(int64_t d, const double *a, const double *b) {
    double sum = 0;
    for (int64_t c = 0; c < d; c++)
        sum += a[c] * b[c];
    return sum;
}

/* sin, then cos, of `count` angles. */
static int64_t waves(int64_t d, int64_t count, const double *B, double factor, const double *x, double *out) {
    for (int64_t j = 0; j < count; j++) {
        out[j] = sin(factor * inner(d, B + j * d, x));
        out[count + j] = cos(factor * inner(d, B + j * d, x));
    }
    return 2 * count;
}

/* Three levels; vertices by their index, or its hash when there are more than 2^5. */
static int64_t grids(const fqp_model_opts *o, int64_t d, double scale, const double *x, walk *p, double *out) {
    static const int64_t cells[] = {2, 4, 9};
    static const uint64_t prime[] = {1, 2654435761U, 805459861U};
    for (int level = 0; level < 3; level++) {
        const double vertices = pow((double)cells[level] + 1, (double)d);
        const bool hashed = vertices > 32;
        const double *table = take(p, 2 * (hashed ? 32 : (int64_t)vertices));
        out[2 * level] = out[2 * level + 1] = 0;
        for (int corner = 0; corner < 1 << d; corner++) {
            double weight = 1;
            uint64_t hash = 0, index = 0, stride = 1;
            for (int64_t c = 0; c < d; c++) {
                const double u = (scale * x[c] - o->grid_lower.v[c]) / (o->grid_upper.v[0] - o->grid_lower.v[c]);
                const double inside = fmin(fmax(u, 0), 1) * (double)cells[level];
                const double cell = fmin(floor(inside), (double)cells[level] - 1);
                const bool far = corner >> c & 1;
                weight *= far ? inside - cell : 1 - (inside - cell);
                hash ^= ((uint64_t)cell + far) * prime[c];
                index += ((uint64_t)cell + far) * stride;
                stride *= (uint64_t)cells[level] + 1;
            }
            for (int e = 0; e < 2; e++)
                out[2 * level + e] += weight * table[2 * (hashed ? hash % 32 : index) + (uint64_t)e];
        }
    }
    return 6;
}

static void filter(const setting *s, int64_t width, const double *x, walk *p, double *g) {
    const int64_t d = s->d;
    const double *W = take(p, width * d), *b = take(p, width);
    const double *gamma = s->filters == 2 ? take(p, width) : NULL, *mu = s->filters == 2 ? take(p, width * d) : NULL;
    for (int64_t i = 0; i < width; i++) {
        g[i] = sin(inner(d, W + i * d, x) + b[i]);
        double square = 0;
        for (int64_t c = 0; c < d && mu; c++)
            square += (x[c] - mu[i * d + c]) * (x[c] - mu[i * d + c]);
        g[i] *= gamma ? exp(-gamma[i] / 2 * square) : 1;
    }
}

/* Window b of four, and its view of x: S as an integral, 630 int_0^t s^4 (1 - s)^4 ds. */
static double ramp(double t) {
    double s[5], w[5], sum = 0;
    if (t <= 0 || t >= 1)
        return t >= 1;
    fqpi_legendre(5, 0, t, s, w);
    for (int i = 0; i < 5; i++)
        sum += 630 * w[i] * pow(s[i] * (1 - s[i]), 4);
    return sum;
}

static double window(const setting *s, const fqp_model_opts *o, int64_t b, const double *x, double *view) {
    double product = 1;
    for (int64_t c = s->d - 1; c >= 0; c--) {
        const int64_t along = o->windows.v[c], j = b % along;
        const double lower = o->window_lower.v[c], width = (o->window_upper.v[0] - lower) / (double)along;
        const double from = lower + (double)j * width, zone = 0.7 * width;
        b /= along;
        product *= (j == 0 ? 1 : ramp((x[c] - from) / zone + 0.5)) *
                   (j == along - 1 ? 1 : 1 - ramp((x[c] - from - width) / zone + 0.5));
        view[c] = (x[c] - from - width / 2) / (1.7 / 2 * width);
    }
    return product;
}

/* What the first layer sees, of branch b. */
static int64_t embed(const setting *s, const fqp_model_opts *o, const fqp_model *net, int64_t b, const double *x,
                     walk *p, double *out) {
    const char *name = fqp_embedding_name((size_t)s->embedding, NULL);
    const double scale = s->scales ? o->scales.v[b] : 1;
    if (!strcmp(name, "grid"))
        return grids(o, s->d, scale, x, p, out);
    if (is_window(s->embedding)) {
        window(s, o, b, x, out);
        return s->d;
    }
    if (s->embedding == 0) {
        for (int64_t c = 0; c < s->d; c++)
            out[c] = scale * x[c];
        return s->d;
    }
    if (is_periodic(s->embedding)) { /* the first coordinate has period 1.5 */
        const double angle[4] = {cos(TURN / 1.5 * x[0]), sin(TURN / 1.5 * x[0]), s->d > 1 ? x[1] : 0,
                                 s->d > 2 ? x[2] : 0};
        const int64_t seen = s->d + 1;
        return waves(seen, 6, net->embed.fixed + b * (s->d + 6 * seen) + s->d, TURN * scale, angle, out);
    }
    const int64_t count = !strcmp(name, "basic") ? s->d : 6;
    const double *fixed = net->embed.fixed + b * count * s->d;
    return waves(s->d, count, s->trained ? take(p, count * s->d) : fixed, TURN * scale, x, out);
}

static void formula(const setting *s, const fqp_model_opts *o, const fqp_model *net, const double *x, double *y) {
    double h[MOST], z[MOST], g[MOST], gates[MOST];
    int64_t in, out, weight, bias, width = 0;
    const int64_t last = net->layers - 1, branches = is_window(s->embedding) ? 4 : s->scales ? 2 : 1;
    fqp_model_layer(net, last, &in, &out, &weight, &bias);
    walk p = {net->w, bias + out};
    if (s->filters)
        filter(s, width = o->hidden.v[0], x, &p, h);
    for (int64_t b = 0; b < branches && !s->filters; b++)
        width += embed(s, o, net, b, x, &p, h + width);
    walk q = p; /* further filters, then phases */
    for (int64_t l = 0; l <= last; l++) {
        fqp_model_layer(net, l, &in, &out, &weight, &bias);
        const double *w = (const double *)net->w + weight, *add = (const double *)net->w + bias;
        const int64_t blocks = width / in, share = out / blocks;
        for (int64_t i = 0; i < out; i++)
            z[i] = inner(in, w + i * in, h + i / share * in) + add[i];
        if (l < last && s->filters)
            filter(s, out, x, &q, g);
        for (int64_t i = 0; i < out; i++)
            h[i] = l == last ? z[i] : s->filters ? z[i] * g[i] : tanh(z[i]);
        width = out;
    }
    memcpy(y, h, M * sizeof *y);
    if (s->gate == 0) {
        assert_int_equal(q.at, net->parameters);
        return;
    }
    const double *phases = s->gate == 2 ? take(&q, 2 * s->d) : o->phases.v;
    assert_int_equal(q.at, net->parameters);
    assert_int_equal(out, 4 * M);
    if (s->gate < 3)
        waves(s->d, 2, phases, 1, x, gates);
    for (int64_t b = 0; b < 4 && s->gate == 3; b++)
        gates[b] = window(s, o, b, x, z);
    for (int64_t i = 0; i < M; i++) {
        y[i] = 0;
        for (int64_t b = 0; b < 4; b++)
            y[i] += gates[b] * h[b * M + i];
    }
}

static void one_formula(const setting *s, const fqp_model_opts *o) {
    fixture f;
    double got[N * M], want[M], worst = 0;
    open_model(&f, s, o, 1);
    assert_ok(f.ctx, fqp_model_eval(f.ctx, f.net, fqp_array_view(&f.data.x), got));
    for (int64_t i = 0; i < N; i++) {
        formula(s, o, f.net, f.x + i * s->d, want);
        for (int64_t k = 0; k < M; k++)
            worst = fmax(worst, fabs(got[i * M + k] - want[k]));
    }
    if (!(worst < 1e-13))
        say(s, "the output", worst);
    fixture_close(&f);
}

static void outputs_are_the_formula(void **state) {
    (void)state;
    sweep(one_formula);
}

/* ---- gradients ----------------------------------------------------------------------------------- */

static void one_gradient(const setting *s, const fqp_model_opts *o) {
    fixture f;
    open_model(&f, s, o, 2);
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &fqpi_train_defaults, 1, NULL, &f.trainer));
    const int64_t p = f.net->parameters, layers = f.net->features ? f.net->feature[0].at : p;
    double *g = calloc((size_t)p, sizeof *g), *w = f.net->w, loss, up, down, worst = 0, scale = 0;
    assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, g));
    for (int64_t i = 0; i < p; i++)
        scale = fmax(scale, fabs(g[i]));
    assert_true(scale > 1e-6);
    for (int64_t i = 0; i < p; i += i < layers ? 23 : 5) {
        const double keep = w[i], h = 1e-5;
        w[i] = keep + h;
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &up, NULL));
        w[i] = keep - h;
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &down, NULL));
        w[i] = keep;
        worst = fmax(worst, fabs((up - down) / (2 * h) - g[i]) / scale);
    }
    if (!(worst < 2e-7))
        say(s, "the gradient", worst);
    free(g);
    fixture_close(&f);
}

/* Rows written down one by one, as Levenberg-Marquardt and the tangent kernel take them: J^T r is the gradient. */
static void one_jacobian(const setting *s, const fqp_model_opts *o) {
    fixture f;
    open_model(&f, s, o, 2);
    fqpi_jacobian *j;
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &fqpi_train_defaults, 1, NULL, &f.trainer));
    assert_ok(f.ctx, fqpi_jacobian_create(f.trainer, sqrt(2.0 / (N * M)), &j));
    const int64_t p = fqp_model_parameter_count(f.net);
    double *g = calloc((size_t)p, sizeof *g), *want = calloc((size_t)p, sizeof *want), r[N * M], loss, scale = 0,
           worst = 0;
    fqpi_jacobian_take(j, r);
    fqpi_jacobian_pull(j, r, g);
    assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, want));
    for (int64_t k = 0; k < p; k++) {
        scale = fmax(scale, fabs(want[k]));
        worst = fmax(worst, fabs(g[k] - want[k]));
    }
    if (!(worst <= 1e-12 * scale))
        say(s, "the gradient by rows", worst / scale);
    free(g), free(want);
    fqpi_jacobian_destroy(j);
    fixture_close(&f);
}

static void rows_are_gradients(void **state) {
    (void)state;
    sweep(one_jacobian);
}

static void gradients_are_derivatives(void **state) {
    (void)state;
    sweep(one_gradient);
}

/* ---- the same bits ------------------------------------------------------------------------------- */

enum { MANY = 300, STEPS = 6 };

static void open_training(fixture *f, const setting *s, const fqp_model_opts *o, int threads, int64_t batch) {
    fqp_train_opts t = fqpi_train_defaults;
    t.batch = batch;
    t.steps = STEPS;
    fixture_open(f, threads);
    fixture_data(f, MANY, s->d, M);
    assert_ok(f->ctx, fqp_model_create(f->ctx, s->d, M, o, 3, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &t, 1, NULL, &f->trainer));
}

static void compare(const setting *s, const fixture *a, const fixture *b, const char *what) {
    const size_t bytes = (size_t)a->net->parameters * a->net->k->elem;
    if (memcmp(a->net->w, b->net->w, bytes) != 0)
        say(s, what, NAN);
}

static void one_count(const setting *s, const fqp_model_opts *given) {
    if (s->d != (s->scales ? 1 : 2))
        return;
    fqp_model_opts o = *given;
    fixture one, three;
    o.precision = s->gate > 0;
    open_training(&one, s, &o, 1, s->gate ? 130 : 0);
    open_training(&three, s, &o, 3, s->gate ? 130 : 0);
    assert_ok(one.ctx, fqp_trainer_run(one.trainer));
    assert_ok(three.ctx, fqp_trainer_run(three.trainer));
    compare(s, &one, &three, "training on three threads");
    fixture_close(&one);
    fixture_close(&three);
}

static void threads_give_the_same_bits(void **state) {
    (void)state;
    sweep(one_count);
}

static void one_resume(const setting *s, const fqp_model_opts *o) {
    if (s->d != 2 || s->scales || s->gate == 1)
        return;
    char path[] = "/tmp/fqp_features_XXXXXX";
    const int fd = mkstemp(path);
    fixture straight, first, second;
    assert_true(fd >= 0);
    close(fd);
    open_training(&straight, s, o, 2, 0);
    open_training(&first, s, o, 1, 0);
    open_training(&second, s, o, 2, 0);
    assert_ok(straight.ctx, fqp_trainer_run(straight.trainer));
    assert_ok(first.ctx, fqp_trainer_step(first.trainer, STEPS / 2, NULL));
    assert_ok(first.ctx, fqp_trainer_save(first.trainer, path));
    assert_ok(second.ctx, fqp_trainer_restore(second.trainer, path));
    assert_ok(second.ctx, fqp_trainer_run(second.trainer));
    compare(s, &straight, &second, "a resumed training");
    unlink(path);
    fixture_close(&straight);
    fixture_close(&first);
    fixture_close(&second);
}

static void resuming_gives_the_same_bits(void **state) {
    (void)state;
    sweep(one_resume);
}

/* A wave holds some thousand samples of a small network: many waves add to one gradient. */
static void waves_add_up(void **state) {
    (void)state;
    const setting all[] = {{2, 4, 0, 2, false, 0}, {2, 0, 2, 0, false, 0}, {1, 1, 0, 0, true, 2}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        fqp_model_opts o = options(&all[i], true);
        int64_t hidden[] = {128, 64};
        fixture f;
        o.hidden = (fqp_ints){hidden, 2};
        fixture_open(&f, 2);
        fixture_data(&f, 9000, all[i].d, M);
        assert_ok(f.ctx, fqp_model_create(f.ctx, all[i].d, M, &o, 3, &f.net));
        assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &fqpi_train_defaults, 1, NULL, &f.trainer));
        assert_true(f.trainer->whole.count > 1);
        const int64_t p = f.net->parameters;
        double *g = calloc((size_t)p, sizeof *g), *w = f.net->w, loss, up, down, scale = 0;
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, g));
        for (int64_t k = 0; k < p; k++)
            scale = fmax(scale, fabs(g[k]));
        for (int64_t k = f.net->feature[0].at; k < p; k += 1 + (p - f.net->feature[0].at) / 6) {
            const double keep = w[k], h = 1e-5;
            w[k] = keep + h;
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &up, NULL));
            w[k] = keep - h;
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &down, NULL));
            w[k] = keep;
            if (fabs((up - down) / (2 * h) - g[k]) > 1e-6 * scale)
                say(&all[i], "the gradient of many waves", ((up - down) / (2 * h) - g[k]) / scale);
        }
        free(g);
        fixture_close(&f);
    }
}

static void the_other_precision_is_the_same_network(void **state) {
    (void)state;
    const setting all[] = {{2, 4, 0, 1, false, 0}, {2, 0, 2, 2, false, 0}, {1, 1, 0, 1, true, 0}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const fqp_model_opts o = options(&all[i], true);
        fixture f;
        fqp_model *single;
        double a[N * M], b[N * M];
        open_model(&f, &all[i], &o, 1);
        assert_ok(f.ctx, fqpi_model_copy(f.ctx, f.net, FQP_F32, &single));
        assert_ok(f.ctx, fqp_model_eval(f.ctx, f.net, fqp_array_view(&f.data.x), a));
        assert_ok(f.ctx, fqp_model_eval(f.ctx, single, fqp_array_view(&f.data.x), b));
        for (int k = 0; k < N * M; k++)
            assert_near(a[k], b[k], 2e-5);
        fqp_model_destroy(single);
        fixture_close(&f);
    }
}

static fqp_status value(void *user, const fqp_batch *b, double *loss) {
    (void)user, (void)b;
    *loss = 0;
    return FQP_OK;
}

static void what_needs_more_is_refused(void **state) {
    (void)state;
    const setting s = {2, 4, 0, 0, false, 0};
    const fqp_model_opts o = options(&s, true);
    fixture f;
    open_model(&f, &s, &o, 1);
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &fqpi_train_defaults, 1, NULL, &f.trainer));
    assert_ok(f.ctx, fqp_trainer_objective(f.trainer, 0, value, NULL));
    assert_ok(f.ctx, fqp_trainer_objective(f.trainer, 1, value, NULL));
    assert_int_equal(fqp_trainer_objective(f.trainer, 2, value, NULL), FQP_E_UNSUPPORTED);
    assert_non_null(strstr(fqp_ctx_problem(f.ctx, 0).message, "model.embedding grid is linear between its vertices"));
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_the_formula),
        cmocka_unit_test(gradients_are_derivatives),
        cmocka_unit_test(rows_are_gradients),
        cmocka_unit_test(threads_give_the_same_bits),
        cmocka_unit_test(resuming_gives_the_same_bits),
        cmocka_unit_test(waves_add_up),
        cmocka_unit_test(the_other_precision_is_the_same_network),
        cmocka_unit_test(what_needs_more_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
