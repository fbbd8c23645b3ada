/* lazy.c - measures of how far the tangent kernel and the parameters move: in runs with monitor.kernel, and of the
 * two-layer networks of base "circle" in the register, trained here.
 *
 * x = (cos t, sin t), t = 2 pi j/24, y = cos t + cos(2t + 0.6); f = m^-1/2 sum_j a_j relu(w_j.x + b_j), all N(0,1), in
 * antisymmetric pairs; 150 steps of gradient descent on (1/2) sum of squares, of length 1/l_max of the infinitely wide
 * network's kernel.  With NTK parameters and without biases that is the network of inputs sqrt(3) (cos t, sin t, 1).
 *
 * Mean-field scaling, f/sqrt(m) with steps m times as long, has the parameters of this network under targets
 * sqrt(m) y: both follow theta' = -sum_i (f - sqrt(m) y) grad f. */
#include "fail.h"
#include "measure.h"
#include "mem.h"

#include <fqp/ntk.h>
#include <math.h>

enum { POINTS = 24, INPUTS = 3, STEPS = 150, DRAWS = 3, WIDTHS = 6, NARROWEST = 128 };

/* ---- in runs --------------------------------------------------------------------------------------------------- */

/* Number `place` of the last look at or before `step`. */
static double stored(const fqpi_measuring *m, const char *name, double step, int64_t place) {
    char path[FQPI_NAME];
    fqp_array steps = {0}, a = {0};
    double v = NAN;
    const long long seed = (long long)m->trial->seed[m->seed].number;
    fqpi_print(path, sizeof path, "seed_%04lld/kernel/step", seed);
    fqp_status s = fqp_store_get(m->trial->store, path, &steps);
    fqpi_print(path, sizeof path, "seed_%04lld/kernel/%s", seed, name);
    s = s ? s : fqp_store_get(m->trial->store, path, &a);
    int64_t look = -1;
    while (!s && look + 1 < steps.shape[0] && (double)((const int64_t *)steps.data)[look + 1] <= step)
        look++;
    const int64_t row = a.ndim > 1 ? a.shape[1] : 1;
    if (!s && look >= 0 && look < a.shape[0] && place >= 0 && place < row)
        v = fqp_view_at(fqp_array_view(&a), look * row + place);
    fqp_array_free(&steps);
    fqp_array_free(&a);
    return v;
}

static double kernel_drift(const fqpi_measuring *m, const double *arg, int nargs) {
    return stored(m, "drift", nargs > 0 ? arg[0] : INFINITY, 0);
}

static double parameter_drift(const fqpi_measuring *m, const double *arg, int nargs) {
    return stored(m, "parameter_drift", nargs > 0 ? arg[0] : INFINITY, 0);
}

static double kernel_alignment(const fqpi_measuring *m, const double *arg, int nargs) {
    return stored(m, "alignment", nargs > 0 ? arg[0] : INFINITY, 0);
}

static double kernel_eigenvalue(const fqpi_measuring *m, const double *arg, int nargs) {
    return stored(m, "eigenvalue", nargs > 1 ? arg[1] : INFINITY, (int64_t)arg[0] - 1);
}

/* ---- networks trained here ------------------------------------------------------------------------------------- */

enum { NTK_SCALING, MEAN_FIELD };

typedef struct circle {
    double x[POINTS * INPUTS], y[POINTS];
    fqp_view vx, vy;
} circle;

static void fill(circle *c, double scale) {
    const double pi = acos(-1);
    for (int j = 0; j < POINTS; j++) {
        const double t = 2 * pi * j / POINTS;
        c->x[j * INPUTS] = sqrt(INPUTS) * cos(t);
        c->x[j * INPUTS + 1] = sqrt(INPUTS) * sin(t);
        c->x[j * INPUTS + 2] = sqrt(INPUTS);
        c->y[j] = scale * (cos(t) + cos(2 * t + 0.6));
    }
    c->vx = fqp_view_2d(c->x, POINTS, INPUTS);
    c->vy = fqp_view_2d(c->y, POINTS, 1);
}

static fqp_status configure(const fqpi_measuring *m, int width, double lr, fqp_config **out) {
    char text[320];
    fqpi_print(text, sizeof text,
               "model: {hidden: [%d], activation: relu, parameters: ntk, init: ntk, bias: false, antisymmetric: true, "
               "precision: f64}\n"
               "train: {optimizer: gd, loss: mse, lr: %.17g, steps: %d}\n",
               width, lr, STEPS);
    return fqp_config_parse(m->ctx, "measure", text, 0, NULL, out);
}

/* Largest eigenvalue of the infinitely wide network's kernel; NaN with a problem. */
static double largest(const fqpi_measuring *m, fqp_view x) {
    fqp_config *config = NULL;
    fqp_ntk *k = NULL;
    fqp_gram *g = NULL;
    fqp_eigen e = {0};
    fqp_status s = configure(m, NARROWEST, 1, &config);
    s = s ? s : fqp_ntk_infinite(m->ctx, fqp_config_section(config, "model"), INPUTS, &k);
    s = s ? s : fqp_gram_of(k, x, NULL, &g);
    s = s ? s : fqp_gram_eigen(g, 1, 0, &e);
    const double l = s ? NAN : e.value[0];
    fqp_eigen_free(&e);
    fqp_gram_destroy(g);
    fqp_ntk_destroy(k);
    fqp_config_destroy(config);
    return l;
}

static double distance(const double *a, const double *b, int64_t n) {
    double difference = 0, size = 0;
    for (int64_t i = 0; i < n; i++) {
        difference += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
    }
    return sqrt(difference / size);
}

/* Everything that training needs. */
typedef struct lesson {
    fqp_config *config;
    fqp_dataset *data;
    fqp_model *model;
    fqp_trainer *trainer;
    fqp_ntk *kernel;
    fqp_gram *before, *after;
    double *start; /* parameters */
} lesson;

static fqp_status prepare(const fqpi_measuring *m, lesson *l, const circle *c, int width, int64_t seed, double lr) {
    fqp_status s = configure(m, width, lr, &l->config);
    s = s ? s : fqp_dataset_from_arrays(m->ctx, c->vx, c->vy, NULL, NULL, &l->data);
    s = s ? s : fqp_model_create(m->ctx, INPUTS, 1, fqp_config_section(l->config, "model"), (uint64_t)seed, &l->model);
    s = s ? s
          : fqp_trainer_create(m->ctx, l->model, l->data, fqp_config_section(l->config, "train"), (uint64_t)seed,
                               l->config, &l->trainer);
    return s ? s : fqp_ntk_empirical(m->ctx, l->model, 0, &l->kernel);
}

static fqp_status teach(const fqpi_measuring *m, lesson *l, const circle *c, double drift[2]) {
    double loss;
    const int64_t p = fqp_model_parameter_count(l->model);
    const double *now = fqp_model_parameters(l->model);
    l->start = fqpi_alloc(m->ctx, (size_t)p, sizeof *l->start);
    if (!l->start)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < p; i++)
        l->start[i] = now[i];
    fqp_status s = fqp_gram_of(l->kernel, c->vx, NULL, &l->before);
    s = s ? s : fqp_trainer_step(l->trainer, STEPS, &loss);
    s = s ? s : fqp_gram_of(l->kernel, c->vx, NULL, &l->after);
    s = s ? s : fqp_gram_distance(l->after, l->before, &drift[1]);
    drift[0] = distance(now, l->start, p);
    return s;
}

static void dismiss(lesson *l) {
    fqpi_free(l->start);
    fqp_gram_destroy(l->before);
    fqp_gram_destroy(l->after);
    fqp_ntk_destroy(l->kernel);
    fqp_trainer_destroy(l->trainer);
    fqp_model_destroy(l->model);
    fqp_dataset_destroy(l->data);
    fqp_config_destroy(l->config);
}

/* How far the network of one training moved. */
typedef struct moved {
    int width, scaling;
    int64_t seed;
    double drift[2]; /* of parameters, of the kernel */
} moved;
enum { LESSONS = 64 };
typedef struct lessons {
    moved each[LESSONS];
    size_t n;
} lessons;

/* Relative change of parameters and of the kernel in one training; false with a problem. */
static bool drifts(const fqpi_measuring *m, int width, int scaling, int64_t seed, double drift[2]) {
    lessons *known = fqpi_cache_place(m, fqpi_measures_lazy, sizeof *known, NULL);
    if (!known)
        return false;
    for (size_t i = 0; i < known->n; i++)
        if (known->each[i].width == width && known->each[i].scaling == scaling && known->each[i].seed == seed) {
            drift[0] = known->each[i].drift[0];
            drift[1] = known->each[i].drift[1];
            return true;
        }
    circle c;
    lesson l = {0};
    fill(&c, scaling == MEAN_FIELD ? sqrt(width) : 1);
    const double top = largest(m, c.vx); /* lr of the mean of squares: step * n/2 */
    fqp_status s = isfinite(top) ? prepare(m, &l, &c, width, seed, POINTS / (2 * top)) : FQP_E_NOMEM;
    s = s ? s : teach(m, &l, &c, drift);
    dismiss(&l);
    if (!s && known->n < LESSONS)
        known->each[known->n++] =
            (moved){.width = width, .scaling = scaling, .seed = seed, .drift = {drift[0], drift[1]}};
    return s == FQP_OK;
}

/* Mean logarithm over the draws. */
static double mean_log(const fqpi_measuring *m, double width, double scaling, int what) {
    double sum = 0, drift[2];
    for (int64_t seed = 1; seed <= DRAWS; seed++) {
        if (!(width >= 2 && width <= 1e6) || !drifts(m, (int)width, (int)scaling, seed, drift))
            return NAN;
        sum += log(drift[what]) / DRAWS;
    }
    return sum;
}

static double slope(const fqpi_measuring *m, double scaling, int what) {
    double x[WIDTHS], y[WIDTHS], mx = 0, my = 0, xy = 0, xx = 0;
    for (int i = 0; i < WIDTHS; i++) {
        x[i] = log(NARROWEST << i);
        y[i] = mean_log(m, NARROWEST << i, scaling, what);
        mx += x[i] / WIDTHS;
        my += y[i] / WIDTHS;
    }
    for (int i = 0; i < WIDTHS; i++) {
        xy += (x[i] - mx) * (y[i] - my);
        xx += (x[i] - mx) * (x[i] - mx);
    }
    return xy / xx;
}

static double scaling_of(const double *arg, int nargs, int at) {
    return nargs > at ? arg[at] : NTK_SCALING;
}

static double lazy_parameters(const fqpi_measuring *m, const double *arg, int nargs) {
    return exp(mean_log(m, arg[0], scaling_of(arg, nargs, 1), 0));
}

static double lazy_kernel(const fqpi_measuring *m, const double *arg, int nargs) {
    return exp(mean_log(m, arg[0], scaling_of(arg, nargs, 1), 1));
}

static double lazy_slope_parameters(const fqpi_measuring *m, const double *arg, int nargs) {
    return slope(m, scaling_of(arg, nargs, 0), 0);
}

static double lazy_slope_kernel(const fqpi_measuring *m, const double *arg, int nargs) {
    return slope(m, scaling_of(arg, nargs, 0), 1);
}

const fqpi_measure fqpi_measures_lazy[] = {
    {"kernel_drift", 0, 1, true, false,
     "kernel_drift(step): relative change of the tangent kernel since the start (monitor.kernel); without step: at the "
     "end",
     kernel_drift},
    {"parameter_drift", 0, 1, true, false, "parameter_drift(step): relative change of the parameters likewise",
     parameter_drift},
    {"kernel_alignment", 0, 1, true, false, "kernel_alignment(step): alignment of the tangent kernel with the targets",
     kernel_alignment},
    {"kernel_eigenvalue", 1, 2, true, false,
     "kernel_eigenvalue(i, step): eigenvalue i = 1, 2, ... of the tangent kernel, falling", kernel_eigenvalue},
    {"lazy_parameters", 1, 2, false, false,
     "lazy_parameters(width, scaling): relative change of the parameters of a two-layer relu network on the circle "
     "after "
     "150 steps, geometric mean of three draws; scaling 0: 1/sqrt(width) in front, 1: mean field",
     lazy_parameters},
    {"lazy_kernel", 1, 2, false, false, "lazy_kernel(width, scaling): that of its tangent kernel", lazy_kernel},
    {"lazy_slope_parameters", 0, 1, false, false,
     "lazy_slope_parameters(scaling): slope of ln lazy_parameters against ln width, 128 to 4096",
     lazy_slope_parameters},
    {"lazy_slope_kernel", 0, 1, false, false, "lazy_slope_kernel(scaling): slope of ln lazy_kernel likewise",
     lazy_slope_kernel},
    {0}};
