/* width.c - kernels of networks of finite width against those of infinite width: how the distance falls, and whether
 * the mean over draws is the limit (Jacot, Gabriel, Hongler 1806.07572). */
#include <fqp/model.h>
#include <fqp/ntk.h>

#include "dual/dual.h"
#include "init.h"
#include "kernel.h"
#include "measure.h"

#include <math.h>

enum { POINTS = 16, PAIRS = POINTS * POINTS, DRAWS = 32, DEEP_DRAWS = 16, WIDTHS = 4, LAYERS = 4 };

/* The circle, stretched so that W x/sqrt 2 is w.x of points on the unit circle. */
static void circle(double *x) {
    for (int i = 0; i < POINTS; i++) {
        x[2 * i] = M_SQRT2 * cos(2 * M_PI * i / POINTS);
        x[2 * i + 1] = M_SQRT2 * sin(2 * M_PI * i / POINTS);
    }
}

/* Networks of `hidden` equal layers in NTK parameters, all N(0, 1). */
typedef struct family {
    int activation;
    size_t hidden;
} family;

static fqp_model_opts options(const family *f, int64_t *widths, int64_t width) {
    for (size_t l = 0; l < f->hidden; l++)
        widths[l] = width;
    return (fqp_model_opts){.hidden = {widths, f->hidden},
                            .activation = f->activation,
                            .activation_param = NAN,
                            .init = FQPI_INIT_NTK,
                            .weight_std = 1,
                            .bias_std = NAN,
                            .bias = true,
                            .parameters = 1,
                            .omega0 = 30,
                            .precision = 1};
}

/* The derivative by the bias of the output, 1 everywhere, is left out: f = m^(-1/2) sum a_j s(w_j.x + b_j). */
static void without_output_bias(double *K) {
    for (int q = 0; q < PAIRS; q++)
        K[q] -= 1;
}

static bool kernel_of_draw(const fqpi_measuring *m, const family *f, int64_t width, uint64_t draw, double *K) {
    double x[2 * POINTS];
    int64_t widths[LAYERS];
    const fqp_model_opts o = options(f, widths, width);
    fqp_model *net = NULL;
    fqp_ntk *k = NULL;
    circle(x);
    bool ok = !fqp_model_create(m->ctx, 2, 1, &o, draw, &net) && !fqp_ntk_empirical(m->ctx, net, 0, &k) &&
              !fqp_ntk_gram(k, fqp_view_2d(x, POINTS, 2), (fqp_view){0}, FQP_NTK_TANGENT, K);
    fqp_ntk_destroy(k);
    fqp_model_destroy(net);
    without_output_bias(K);
    return ok;
}

/* `change` is applied to the layers (a wrong limit for a control); NULL: none. */
static bool kernel_of_limit(const fqpi_measuring *m, const family *f, void (*change)(size_t n, fqp_ntk_layer *layer),
                            double *K) {
    double x[2 * POINTS];
    int64_t widths[LAYERS];
    fqp_ntk_layer layer[LAYERS + 1];
    const fqp_model_opts o = options(f, widths, 1);
    size_t n = 0;
    fqp_ntk *k = NULL;
    circle(x);
    bool ok = !fqp_ntk_layers_of(m->ctx, &o, 2, LAYERS + 1, layer, &n);
    if (ok && change)
        change(n, layer);
    ok = ok && !fqp_ntk_infinite_layers(m->ctx, n, layer, &k) &&
         !fqp_ntk_gram(k, fqp_view_2d(x, POINTS, 2), (fqp_view){0}, FQP_NTK_TANGENT, K);
    fqp_ntk_destroy(k);
    without_output_bias(K);
    return ok;
}

static double distance(const double *a, const double *limit) {
    double apart = 0, size = 0;
    for (int q = 0; q < PAIRS; q++) {
        apart += (a[q] - limit[q]) * (a[q] - limit[q]);
        size += limit[q] * limit[q];
    }
    return sqrt(apart / size);
}

static double mean_distance(const fqpi_measuring *m, const family *f, int64_t width, int draws, const double *limit) {
    double sum = 0, K[PAIRS];
    for (int draw = 1; draw <= draws; draw++) {
        if (!kernel_of_draw(m, f, width, (uint64_t)draw, K))
            return NAN;
        sum += distance(K, limit);
    }
    return sum / draws;
}

/* Least squares of ln(mean distance) against ln width, `widths` of them from `first` on by `ratio`. */
static double slope(const fqpi_measuring *m, const family *f, int64_t first, int64_t ratio, int draws,
                    const double *limit) {
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    int64_t width = first;
    for (int i = 0; i < WIDTHS; i++, width *= ratio) {
        const double x = log((double)width), y = log(mean_distance(m, f, width, draws, limit));
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }
    return (WIDTHS * sxy - sx * sy) / (WIDTHS * sxx - sx * sx);
}

/* ---- two layers ------------------------------------------------------------------------------------------------- */

static const family shallow = {.activation = FQPI_ACT_RELU, .hidden = 1}, deep = {FQPI_ACT_RELU, 3};

/* The first layer has no biases; the 1 of the output's stays, to be taken off again. */
static void no_bias(size_t n, fqp_ntk_layer *layer) {
    (void)n;
    layer[0].bias_gain = layer[0].bias_var = 0;
}

/* The second hidden layer becomes linear: one nonlinearity fewer. */
static void one_fewer(size_t n, fqp_ntk_layer *layer) {
    (void)n;
    layer[1].activation = FQPI_ACT_IDENTITY;
}

static bool limit_of(const fqpi_measuring *m, const family *f, bool wrong, double *K) {
    return kernel_of_limit(m, f, !wrong ? NULL : f == &shallow ? no_bias : one_fewer, K);
}

static double error_at(const fqpi_measuring *m, const family *f, int draws, const double *arg, int nargs) {
    double limit[PAIRS];
    return limit_of(m, f, nargs > 1 && arg[1] != 0, limit) ? mean_distance(m, f, (int64_t)arg[0], draws, limit) : NAN;
}

static double width_error(const fqpi_measuring *m, const double *arg, int nargs) {
    return error_at(m, &shallow, DRAWS, arg, nargs);
}

static double deep_width_error(const fqpi_measuring *m, const double *arg, int nargs) {
    return error_at(m, &deep, DEEP_DRAWS, arg, nargs);
}

static double width_slope(const fqpi_measuring *m, const double *arg, int nargs) {
    double limit[PAIRS];
    return limit_of(m, &shallow, nargs > 0 && arg[0] != 0, limit) ? slope(m, &shallow, 64, 4, DRAWS, limit) : NAN;
}

static double deep_width_slope(const fqpi_measuring *m, const double *arg, int nargs) {
    double limit[PAIRS];
    return limit_of(m, &deep, nargs > 0 && arg[0] != 0, limit) ? slope(m, &deep, 64, 2, DEEP_DRAWS, limit) : NAN;
}

/* ---- activations ------------------------------------------------------------------------------------------------ */

enum { MEAN_WIDTH = 4096 };

/* Weights of the first layer of twice the variance. */
static void wider_weights(size_t n, fqp_ntk_layer *layer) {
    (void)n;
    layer[0].weight_var *= 2;
}

/* Distance of the mean kernel over DRAWS networks of one hidden layer from the limit; NAN: no limit is known. */
static double mean_kernel_error(const fqpi_measuring *m, int activation, bool wrong) {
    const family f = {.activation = activation, .hidden = 1};
    double limit[PAIRS], K[PAIRS], mean[PAIRS] = {0};
    if (!kernel_of_limit(m, &f, wrong ? wider_weights : NULL, limit))
        return NAN;
    for (int draw = 1; draw <= DRAWS; draw++) {
        if (!kernel_of_draw(m, &f, MEAN_WIDTH, (uint64_t)draw, K))
            return NAN;
        for (int q = 0; q < PAIRS; q++)
            mean[q] += K[q] / DRAWS;
    }
    return distance(mean, limit);
}

/* The worst activation; arg 1: the best one, against a wrong limit. */
static double activation_kernels(const fqpi_measuring *m, const double *arg, int nargs) {
    const bool wrong = nargs > 0 && arg[0] != 0;
    double worst = wrong ? INFINITY : 0;
    for (size_t i = 0; fqpi_dual_nth(i); i++) {
        const int a = fqpi_dual_nth(i)->activation;
        const double e = mean_kernel_error(m, a, wrong);
        worst = wrong ? fmin(worst, e) : isnan(e) ? INFINITY : fmax(worst, e);
    }
    return worst;
}

const fqpi_measure fqpi_measures_width[] = {
    {.name = "width_slope",
     .least = 0,
     .most = 1,
     .doc = "width_slope(from): slope of ln(mean distance of a relu kernel on the circle from its limit) against ln "
            "width; 1: from the "
            "limit without biases",
     .eval = width_slope},
    {.name = "width_error",
     .least = 1,
     .most = 2,
     .doc = "width_error(width, bare): mean relative distance of the kernel of that width from the limit; second "
            "argument 1: without biases",
     .eval = width_error},
    {.name = "deep_width_slope",
     .least = 0,
     .most = 1,
     .doc = "deep_width_slope(from): the same slope with three hidden layers; 1: from the limit of one nonlinear layer "
            "fewer",
     .eval = deep_width_slope},
    {.name = "deep_width_error",
     .least = 1,
     .most = 2,
     .doc = "deep_width_error(width, fewer): mean relative distance with three hidden layers; second argument 1: from "
            "the limit of one fewer",
     .eval = deep_width_error},
    {.name = "activation_kernels",
     .least = 0,
     .most = 1,
     .doc = "activation_kernels(from): largest relative distance, over all activations with a known limit, of the mean "
            "kernel of networks from "
            "the limit; 1: the "
            "smallest one from the limit of twice the variance of the first weights",
     .eval = activation_kernels},
    {0}};
