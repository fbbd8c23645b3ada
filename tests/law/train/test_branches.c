/* Networks of several branches: against their formula written out, gradients against differences, any number of
 * threads, both precisions. */
#include "unit/train/fixture.h"

#include "elements.h"
#include "init.h"
#include "jacobian.h"

static double scales[] = {1, 2.5, -4};

typedef struct shape {
    int64_t hidden[3];
    size_t layers, scales;
    int branches, embedding, activation, parameters;
    bool bias;
} shape;

static const shape shapes[] = {
    {{6, 5}, 2, 3, FQPI_BRANCHES_FIRST, 0, FQPI_ACT_TANH, 0, true},
    {{21, 24, 4}, 3, 3, FQPI_BRANCHES_FIRST, 1, FQPI_ACT_SIN, 1, true},
    {{6, 9}, 2, 3, FQPI_BRANCHES_SEPARATE, 0, FQPI_ACT_TANH, 0, true},
    {{48, 54, 30}, 3, 3, FQPI_BRANCHES_SEPARATE, 1, FQPI_ACT_GELU, 1, true},
    {{40, 20}, 2, 2, FQPI_BRANCHES_SEPARATE, 0, FQPI_ACT_SIN, 0, false},
    {{7, 5}, 2, 3, FQPI_BRANCHES_SHARED, 0, FQPI_ACT_TANH, 0, true},
    {{19, 22}, 2, 2, FQPI_BRANCHES_SHARED, 1, FQPI_ACT_SIN, 1, true},
    {{12}, 1, 1, FQPI_BRANCHES_SHARED, 0, FQPI_ACT_TANH, 0, false},
    {{6}, 1, 3, FQPI_BRANCHES_SEPARATE, 0, FQPI_ACT_TANH, 0, true},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0], D = 2, M = 2 };

static fqp_model_opts options(const shape *s, bool f64) {
    static int64_t hidden[3];
    memcpy(hidden, s->hidden, sizeof hidden);
    fqp_model_opts o = small_model(hidden, s->layers, s->activation, f64);
    o.scales = (fqp_reals){scales, s->scales};
    o.branches = s->branches;
    o.embedding = s->embedding;
    o.features = 5;
    static double sigma = 0.4;
    o.feature_sigma = (fqp_reals){&sigma, 1};
    o.parameters = s->parameters;
    o.bias = s->bias;
    o.bias_std = s->bias ? 0.3 : NAN;
    return o;
}

/* ---- the formula ----------------------------------------------------------------------------------------------- */

/* One branch through `layers` weight matrices given by their places in w. */
typedef struct place {
    int64_t in, out, weight, bias;
} place;

static double activate(const shape *s, double z) {
    double f[4];
    fqp_activation_eval(s->activation, fqpi_activation_row(s->activation)->value, z, f);
    return f[0];
}

static void dense(const shape *s, const double *w, place p, int64_t from, int64_t rows, const double *h, bool last,
                  double *out) {
    for (int64_t i = 0; i < rows; i++) {
        double z = 0;
        for (int64_t c = 0; c < p.in; c++)
            z += w[p.weight + (from + i) * p.in + c] * h[c];
        z *= s->parameters ? 1 / sqrt((double)p.in) : 1;
        z += p.bias < 0 ? 0 : w[p.bias + from + i];
        out[i] = last ? z : activate(s, z);
    }
}

/* y(x) by loops over branches, from what model.h says of the parameters. */
static void formula(const shape *s, const fqp_model *net, const double *x, double *y) {
    const double *w = net->w;
    double h[8][64], next[8][64], all[256];
    int64_t widths[8], B = (int64_t)s->scales, count = B, at;
    for (int64_t b = 0; b < B; b++) {
        widths[b] = s->embedding ? 10 : D;
        for (int64_t i = 0; i < D && !s->embedding; i++)
            h[b][i] = scales[b] * x[i];
        for (int64_t i = 0; i < 5 && s->embedding; i++) {
            const double *f = net->embed.fixed + (b * 5 + i) * D;
            const double turns = 2 * 3.14159265358979323846 * scales[b] * (f[0] * x[0] + f[1] * x[1]);
            h[b][i] = sin(turns), h[b][5 + i] = cos(turns);
        }
    }
    for (int64_t l = 0; l < net->layers; l++) {
        place p;
        fqp_model_layer(net, l, &p.in, &p.out, &p.weight, &p.bias);
        const bool last = l == net->layers - 1, joined = last || (l > 0 && s->branches == FQPI_BRANCHES_FIRST);
        if (joined) {
            at = 0;
            for (int64_t b = 0; b < count; b++)
                for (int64_t i = 0; i < widths[b]; i++)
                    all[at++] = h[b][i];
            assert_int_equal(at, p.in);
            count = 1;
            widths[0] = p.out;
            dense(s, w, p, 0, p.out, all, last, next[0]);
        }
        for (int64_t b = 0; b < B && !joined; b++) {
            const bool same = s->branches == FQPI_BRANCHES_SHARED;
            widths[b] = same ? p.out : p.out / B;
            dense(s, w, p, same ? 0 : b * widths[b], widths[b], h[b], last, next[b]);
        }
        memcpy(h, next, sizeof h);
    }
    memcpy(y, h[0], M * sizeof *y);
}

static void outputs_are_the_formula(void **state) {
    (void)state;
    for (int i = 0; i < SHAPES; i++) {
        fixture f;
        fixture_open(&f, 2);
        fixture_data(&f, 37, D, M);
        const fqp_model_opts o = options(&shapes[i], true);
        assert_ok(f.ctx, fqp_model_create(f.ctx, D, M, &o, 3, &f.net));
        double got[37 * M], want[M];
        assert_ok(f.ctx, fqp_model_eval(f.ctx, f.net, fqp_array_view(&f.data.x), got));
        for (int64_t k = 0; k < 37; k++) {
            formula(&shapes[i], f.net, f.x + k * D, want);
            for (int64_t c = 0; c < M; c++)
                assert_near(got[k * M + c], want[c], 1e-13 * (1 + fabs(want[c])));
        }
        fixture_close(&f);
    }
}

/* ---- training --------------------------------------------------------------------------------------------------- */

static void begin(fixture *f, const shape *s, bool f64, int threads, int64_t n, int64_t batch) {
    fixture_open(f, threads);
    fixture_data(f, n, D, M);
    const fqp_model_opts o = options(s, f64);
    fqp_train_opts to = fqpi_train_defaults;
    to.batch = batch;
    to.lr = 1e-2;
    assert_ok(f->ctx, fqp_model_create(f->ctx, D, M, &o, 3, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &to, 1, NULL, &f->trainer));
    f->trainer->pace.chosen = f->trainer->members;
}

static void gradients_are_limits_of_differences(void **state) {
    (void)state;
    for (int i = 0; i < SHAPES; i++)
        for (int64_t n = 13; n < 400; n += 129) {
            fixture f;
            begin(&f, &shapes[i], true, 2, n, 0);
            const int64_t p = fqp_model_parameter_count(f.net);
            double *g = calloc((size_t)p, sizeof *g), *w = f.net->w, loss, up, down;
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, g));
            for (int64_t k = 0; k < p; k += 1 + p / 60) {
                const double kept = w[k], h = 1e-5;
                w[k] = kept + h;
                assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &up, NULL));
                w[k] = kept - h;
                assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &down, NULL));
                w[k] = kept;
                if (!(fabs((up - down) / (2 * h) - g[k]) < 1e-8 * (1 + fabs(g[k]))))
                    fail_msg("shape %d, n %d, parameter %d: %.10g, differences give %.10g", i, (int)n, (int)k, g[k],
                             (up - down) / (2 * h));
            }
            free(g);
            fixture_close(&f);
        }
}

/* Levenberg-Marquardt's rows: J^T r is the gradient of the loss, J J^T and J v are made of the same rows. */
static void rows_of_the_jacobian(void **state) {
    (void)state;
    enum { N = 29, ROWS = N * M };
    for (int i = 0; i < SHAPES; i++) {
        fixture f;
        begin(&f, &shapes[i], true, 2, N, 0);
        const int64_t p = fqp_model_parameter_count(f.net);
        double *g = calloc((size_t)p, sizeof *g), *want = calloc((size_t)p, sizeof *g), loss, r[ROWS], u[ROWS];
        double *rows = calloc((size_t)(ROWS * p), sizeof *rows), *outer = calloc(ROWS * ROWS, sizeof *outer);
        fqpi_jacobian *j;
        assert_ok(f.ctx, fqpi_jacobian_create(f.trainer, sqrt(2.0 / ROWS), &j));
        fqpi_jacobian_take(j, r);
        fqpi_jacobian_pull(j, r, g);
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, want));
        for (int64_t k = 0; k < p; k++)
            assert_near(g[k], want[k], 1e-13 * (1 + fabs(want[k])));
        fqpi_jacobian_rows(j, 0, ROWS, rows, p);
        fqpi_jacobian_outer(j, outer);
        fqpi_jacobian_push(j, g, u);
        for (int64_t a = 0; a < ROWS; a++) {
            double product = 0;
            for (int64_t k = 0; k < p; k++)
                product += rows[a * p + k] * g[k];
            assert_near(u[a], product, 1e-12 * (1 + fabs(product)));
            for (int64_t b = 0; b <= a; b++) {
                double sum = 0;
                for (int64_t k = 0; k < p; k++)
                    sum += rows[a * p + k] * rows[b * p + k];
                assert_near(outer[a * ROWS + b], sum, 1e-12 * (1 + fabs(sum)));
            }
        }
        fqpi_jacobian_destroy(j);
        free(g), free(want), free(rows), free(outer);
        fixture_close(&f);
    }
}

static void any_threads_same_bits(void **state) {
    (void)state;
    for (int i = 0; i < SHAPES; i++)
        for (int f64 = 0; f64 < 2; f64++)
            for (int mini = 0; mini < 2; mini++) {
                fixture one, many;
                double a, b;
                begin(&one, &shapes[i], f64, 1, 201, mini ? 50 : 0);
                begin(&many, &shapes[i], f64, 3, 201, mini ? 50 : 0);
                assert_ok(one.ctx, fqp_trainer_step(one.trainer, 9, &a));
                assert_ok(many.ctx, fqp_trainer_step(many.trainer, 9, &b));
                assert_memory_equal(&a, &b, sizeof a);
                assert_memory_equal(one.net->w, many.net->w,
                                    (size_t)fqp_model_parameter_count(one.net) * (f64 ? 8 : 4));
                fixture_close(&one);
                fixture_close(&many);
            }
}

/* Subnetworks of a separate network are plain networks: their sum is its output. */
static void separate_branches_are_networks(void **state) {
    (void)state;
    fixture f;
    const shape *s = &shapes[2];
    fixture_open(&f, 1);
    fixture_data(&f, 23, D, M);
    const fqp_model_opts o = options(s, true);
    assert_ok(f.ctx, fqp_model_create(f.ctx, D, M, &o, 3, &f.net));
    double sum[23 * M] = {0}, part[23 * M], got[23 * M], moved[23 * D];
    for (int64_t b = 0; b < 3; b++) {
        int64_t hidden[] = {2, 3};
        fqp_model_opts alone = small_model(hidden, 2, s->activation, true);
        fqp_model *net;
        assert_ok(f.ctx, fqp_model_create(f.ctx, D, M, &alone, 1, &net));
        for (int64_t l = 0; l < 3; l++) {
            const fqpi_layer *from = &f.net->layer[l], *to = &net->layer[l];
            const double *w = f.net->w;
            double *v = net->w;
            for (int64_t r = 0; r < to->out; r++)
                for (int64_t c = 0; c < to->in; c++)
                    v[to->weight + r * to->in + c] = l < 2 ? w[from->weight + (b * to->out + r) * to->in + c]
                                                           : w[from->weight + r * from->in + b * to->in + c];
            for (int64_t r = 0; r < to->out; r++)
                v[to->bias + r] = l < 2 ? w[from->bias + b * to->out + r] : b == 0 ? w[from->bias + r] : 0;
        }
        for (int64_t k = 0; k < 23 * D; k++)
            moved[k] = scales[b] * f.x[k];
        assert_ok(f.ctx, fqp_model_eval(f.ctx, net, fqp_view_2d(moved, 23, D), part));
        for (int64_t k = 0; k < 23 * M; k++)
            sum[k] += part[k];
        fqp_model_destroy(net);
    }
    assert_ok(f.ctx, fqp_model_eval(f.ctx, f.net, fqp_array_view(&f.data.x), got));
    for (int64_t k = 0; k < 23 * M; k++)
        assert_near(got[k], sum[k], 1e-13);
    fixture_close(&f);
}

static void widths_that_do_not_divide_are_refused(void **state) {
    (void)state;
    fixture f;
    fixture_open(&f, 1);
    shape s = shapes[2];
    s.hidden[1] = 10;
    const fqp_model_opts o = options(&s, true);
    assert_int_equal(fqp_model_create(f.ctx, D, M, &o, 3, &f.net), FQP_E_CONFIG);
    assert_non_null(strstr(fqp_ctx_problem(f.ctx, 0).message, "12 can"));
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_the_formula),        cmocka_unit_test(gradients_are_limits_of_differences),
        cmocka_unit_test(rows_of_the_jacobian),           cmocka_unit_test(any_threads_same_bits),
        cmocka_unit_test(separate_branches_are_networks), cmocka_unit_test(widths_that_do_not_divide_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
