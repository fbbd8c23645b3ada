/* tail.c - which part of the decrease of the loss lies above a cut-off (Luo, Ma, Xu, Zhang 1906.09235).
 *
 * 128 points of the circle, target sum of cos(k t) for k = 1, 2, 4, 8, 16; two-layer network of 2000 antisymmetric
 * pairs in NTK parameters, f_0 = 0; 20 steps of gradient descent of size 0.2/(largest w_k l_k), l_k the eigenvalues of
 * the infinite network's kernel on the points.  With E_k = w_k |D_k|^2/n^2 the part of the loss at k, D the transform
 * of the residual, R(eta) = |change of sum_(k > eta) E_k| / |change of sum E_k|.  Loss weights w_k = k^(2s). */
#include "fail.h"
#include "measure.h"
#include "mem.h"

#include <fqp/ntk.h>

#include <math.h>
#include <string.h>

enum { POINTS = 128, MODES = POINTS / 2 + 1, STEPS = 20, FREQUENCIES = 5, WIDTH = 4000 };

typedef struct bench {
    double x[POINTS][2], y[POINTS], h[POINTS];
    double weight[MODES], kernel[POINTS][POINTS];
} bench;

static void set_up(bench *b, int s) {
    static const int k[FREQUENCIES] = {1, 2, 4, 8, 16};
    for (int j = 0; j < POINTS; j++) {
        const double t = 2 * M_PI * j / POINTS;
        b->x[j][0] = cos(t);
        b->x[j][1] = sin(t);
        b->y[j] = 0;
        for (int i = 0; i < FREQUENCIES; i++)
            b->y[j] += cos(k[i] * t);
    }
    for (int i = 0; i < MODES; i++)
        b->weight[i] = pow(i, 2.0 * s);
}

/* The infinite network's kernel depends on the angle between points alone, so its eigenvalues are the transform of a
 * row: here of the rows of the kernel at hand, averaged over all turns of the circle. */
static fqp_status largest_rate(const fqpi_measuring *m, const fqp_model *model, bench *b, double *out) {
    fqp_ntk *kernel = NULL;
    const fqp_view x = fqp_view_2d(b->x[0], POINTS, 2);
    fqp_status s = fqp_ntk_empirical(m->ctx, model, 0, &kernel);
    if (!s)
        s = fqp_ntk_gram(kernel, x, (fqp_view){0}, FQP_NTK_TANGENT, b->kernel[0]);
    fqp_ntk_destroy(kernel);
    double row[POINTS] = {0};
    for (int i = 0; i < POINTS && !s; i++)
        for (int j = 0; j < POINTS; j++)
            row[(j - i + POINTS) % POINTS] += b->kernel[i][j] / POINTS;
    *out = 0;
    for (int k = 0; k < MODES && !s; k++) {
        double l = 0;
        for (int j = 0; j < POINTS; j++)
            l += row[j] * cos(2 * M_PI * k * j / POINTS);
        *out = fmax(*out, b->weight[k] * l);
    }
    return s;
}

/* E_k of k and -k together. */
static void split(const bench *b, double part[MODES]) {
    for (int k = 0; k < MODES; k++) {
        double re = 0, im = 0;
        for (int j = 0; j < POINTS; j++) {
            re += (b->h[j] - b->y[j]) * cos(2 * M_PI * k * j / POINTS);
            im -= (b->h[j] - b->y[j]) * sin(2 * M_PI * k * j / POINTS);
        }
        const double twice = k > 0 && 2 * k < POINTS ? 2 : 1;
        part[k] = twice * b->weight[k] * (re * re + im * im) / ((double)POINTS * POINTS);
    }
}

static fqp_status train(const fqpi_measuring *m, bench *b, fqp_model *model, const fqp_train_opts *opts,
                        double change[MODES]) {
    const fqp_dataset data = {.n = POINTS,
                              .d = 2,
                              .m = 1,
                              .x = {.data = b->x, .dtype = FQP_F64, .ndim = 2, .shape = {POINTS, 2}},
                              .y = {.data = b->y, .dtype = FQP_F64, .ndim = 2, .shape = {POINTS, 1}}};
    const fqp_view x = fqp_view_2d(b->x[0], POINTS, 2);
    fqp_trainer *t = NULL;
    double before[MODES];
    fqp_status s = fqp_trainer_create(m->ctx, model, &data, opts, 1, NULL, &t);
    if (!s)
        s = fqp_model_eval(m->ctx, model, x, b->h);
    if (!s) {
        split(b, before);
        s = fqp_trainer_step(t, STEPS, NULL);
    }
    if (!s)
        s = fqp_model_eval(m->ctx, model, x, b->h);
    if (!s) {
        split(b, change);
        for (int k = 0; k < MODES; k++)
            change[k] -= before[k];
    }
    fqp_trainer_destroy(t);
    return s;
}

static fqp_status changes(const fqpi_measuring *m, int relu, int s, double change[MODES]) {
    char text[320];
    fqpi_print(
        text, sizeof text,
        "model: {hidden: [%d], activation: %s, init: ntk, parameters: ntk, antisymmetric: true, precision: f64}\n"
        "train: {optimizer: gd, loss: %s, loss_power: %d, steps: %d}",
        WIDTH, relu ? "relu" : "tanh", s ? "spectral" : "mse", s, STEPS);
    fqp_config *config = NULL;
    fqp_status st = fqp_config_parse(m->ctx, "measure", text, 0, NULL, &config);
    bench *b = st ? NULL : fqpi_calloc(m->ctx, 1, sizeof *b);
    fqp_model *model = NULL;
    if (!b) {
        fqp_config_destroy(config);
        return st ? st : FQP_E_NOMEM;
    }
    set_up(b, s);
    const fqp_model_opts *net = fqp_config_section(config, "model");
    fqp_train_opts opts = *(const fqp_train_opts *)fqp_config_section(config, "train");
    double rate = 0;
    st = fqp_model_create(m->ctx, 2, 1, net, (uint64_t)m->seed + 1, &model);
    if (!st)
        st = largest_rate(m, model, b, &rate);
    opts.lr = 0.2 / rate * POINTS / 2; /* the gradient of a mean of squares has the factor 2/n */
    if (!st)
        st = train(m, b, model, &opts, change);
    fqp_model_destroy(model);
    fqp_config_destroy(config);
    fqpi_free(b);
    return st;
}

/* arg: 0 tanh, 1 relu; s of the weights; the cut-off. */
static double loss_tail(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    bool fresh;
    double *change = fqpi_measuring_memo(m, fqpi_measures_tail, (int)arg[0], (int)arg[1], &fresh);
    if (!change)
        return NAN;
    if (fresh && changes(m, (int)arg[0], (int)arg[1], change)) {
        change[0] = NAN;
        return NAN;
    }
    double all = 0, above = 0;
    for (int k = 0; k < MODES; k++) {
        all += change[k];
        above += k > arg[2] ? change[k] : 0;
    }
    return fabs(above) / fabs(all);
}

const fqpi_measure fqpi_measures_tail[] = {
    {"loss_tail", 3, 3, false, false,
     "loss_tail(a, s, eta): part of the decrease of the loss above eta in 20 steps on the circle; a 0: tanh, 1: relu; "
     "loss weights k^(2s)",
     loss_tail},
    {0}};
