/* Every activation with every embedding, gate and loss: the gradient along a random direction against differences of
 * the loss.  Whatever is a row of these tables is here the day it lands. */
#include "unit/train/fixture.h"

#include "init.h"

enum { N = 24, M = 2, GATES = 4 };
static const double CLOSE = 1e-6;

typedef struct setting {
    int activation, embedding, gate, loss; /* gate: none, fixed phases, trained phases, windows */
} setting;

static fqp_model_opts model_of(const setting *s) {
    static int64_t hidden[] = {8, 4};
    static double sigma[] = {0.7}, phases[] = {1.5, -4}, lower[] = {0}, upper[] = {1};
    fqp_model_opts o = small_model(hidden, 2, s->activation, true);
    o.embedding = s->embedding;
    o.features = 4;
    o.feature_octaves = 1;
    o.feature_sigma = (fqp_reals){sigma, 1};
    o.grid_levels = 2;
    o.grid_coarsest = 2;
    o.grid_finest = 5;
    o.grid_table = 4;
    o.grid_lower = (fqp_reals){lower, 1};
    o.grid_upper = (fqp_reals){upper, 1};
    static int64_t windows[] = {4};
    const bool window = fqpi_embedding_row(s->embedding)->windows || s->gate == 3;
    o.gate = window ? find(fqp_gate_name, "window") : s->gate > 0;
    o.windows = (fqp_ints){windows, 1};
    o.phases = (fqp_reals){phases, s->gate > 0 ? 2 : 0};
    o.train_phases = s->gate == 2;
    o.omega0 = 3;
    o.bias_std = 0.4;
    o.init = FQPI_INIT_TORCH;
    if (fqpi_loss_is_entropy(fqpi_loss_row(s->loss)))
        o.output = find(fqpi_output_name, "softmax");
    return o;
}

/* Points of a grid, which some losses want. */
static void grid(fixture *f) {
    fixture_data(f, N, 1, M);
    for (int64_t i = 0; i < N; i++)
        f->x[i] = (double)i / N;
    f->data.grid_ndim = 1;
    f->data.grid[0] = N;
    f->data.upper[0] = 1;
}

static double moved(fixture *f, int64_t p, const double *start, const double *v, double h) {
    double *w = fqp_model_parameters(f->net), loss;
    for (int64_t i = 0; i < p; i++)
        w[i] = start[i] + h * v[i];
    assert_ok(f->ctx, fqp_trainer_gradient(f->trainer, &loss, NULL));
    return loss;
}

static double difference(fixture *f) {
    const int64_t p = fqp_model_parameter_count(f->net);
    double *g = calloc((size_t)(3 * p), sizeof *g), *start = g + p, *v = start + p, *w = fqp_model_parameters(f->net);
    double loss, along = 0, size = 0;
    fqpi_rng_normals(9, FQPI_STREAM_TEST, 0, p, v);
    for (int64_t i = 0; i < p; i++)
        w[i] *= fabs(w[i]) <= 1e-4 ? 5e3 : 1; /* tables of grids begin near 0 */
    memcpy(start, w, (size_t)p * sizeof *w);
    assert_ok(f->ctx, fqp_trainer_gradient(f->trainer, &loss, g));
    for (int64_t i = 0; i < p; i++) {
        along += g[i] * v[i];
        size += fabs(g[i] * v[i]);
    }
    double least = INFINITY; /* a kink within a step is not within a shorter one; a wrong gradient is wrong in all */
    for (double h = 1e-5; h > 1e-8 && least > CLOSE; h /= 10) {
        const double near = moved(f, p, start, v, h) - moved(f, p, start, v, -h),
                     far = moved(f, p, start, v, 2 * h) - moved(f, p, start, v, -2 * h);
        least = fmin(least, fabs((8 * near - far) / (12 * h) - along) / (size + 1e-3));
    }
    free(g);
    return least;
}

static void check(const setting *s) {
    fixture f;
    fixture_open(&f, 1);
    grid(&f);
    const fqp_model_opts o = model_of(s);
    fqp_train_opts t = fqpi_train_defaults;
    t.loss = s->loss;
    t.loss_param = fmax(0.3, 1.7 * fqpi_loss_row(s->loss)->least);
    assert_ok(f.ctx, fqp_model_create(f.ctx, 1, M, &o, 5, &f.net));
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &t, 1, NULL, &f.trainer));
    const double d = difference(&f);
    if (!(d <= CLOSE))
        fail_msg("%s, embedding %s, gate %d, loss %s: the gradient differs by %.2e",
                 fqp_activation_name((size_t)s->activation, NULL), fqp_embedding_name((size_t)s->embedding, NULL),
                 s->gate, fqp_loss_name((size_t)s->loss, NULL), d);
    fixture_close(&f);
}

static void every_combination(void **state) {
    (void)state;
    int checked = 0;
    for (int a = 0; fqp_activation_name((size_t)a, NULL); a++)
        for (int e = 0; fqp_embedding_name((size_t)e, NULL); e++)
            for (int g = 0; g < GATES; g++)
                for (int l = 0; fqp_loss_name((size_t)l, NULL); l++) {
                    if (fqpi_loss_row(l)->focus) /* weights are held: tests/unit/train/test_spectral.c */
                        continue;
                    check(&(setting){a, e, g, l});
                    checked++;
                }
    assert_true(checked > 2000);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_combination)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
