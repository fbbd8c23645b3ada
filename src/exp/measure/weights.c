/* weights.c - how far the first layer of a two-layer network travelled, and whether its neurons point the same way.
 *
 * Luo, Xu, Ma, Zhang arXiv 2007.07497: f(x) = sum_k a_k sigma(w_k.x + b_k) with a, w, b ~ N(0, m^-g).  The drift
 * |w(end) - w(start)|/|w(start)| of all input weights falls with the width m for g < 1 (lazy), grows for g > 1
 * (condensed: neurons gather in few directions), and stays for g = 1. */
#include "fail.h"
#include "measure.h"
#include "mem.h"
#include "trained.h"

#include <math.h>

typedef struct neurons {
    int64_t m, d; /* neurons; inputs, bias included */
    double *w;    /* [m, d] */
    double *size; /* [m] |a_k| |w_k|, their sum 1 */
} neurons;

static double element(const fqp_model *model, int64_t i) {
    const void *p = fqp_model_parameters((fqp_model *)(uintptr_t)model);
    return fqp_model_precision(model) == FQP_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

static double norm(const double *v, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

static void neurons_free(neurons *n) {
    fqpi_free(n->w);
    fqpi_free(n->size);
}

/* Input weights and bias of every neuron of the first layer, sized by its outgoing weights too. */
static bool read(const fqpi_measuring *m, const fqp_model *model, neurons *out) {
    int64_t in, width, weight, bias, next_in, next_out, next, next_bias;
    fqp_model_layer(model, 0, &in, &width, &weight, &bias);
    fqp_model_layer(model, 1, &next_in, &next_out, &next, &next_bias);
    *out = (neurons){.m = width, .d = in + (bias >= 0)};
    out->w = fqpi_alloc(m->ctx, (size_t)(width * out->d), sizeof *out->w);
    out->size = fqpi_alloc(m->ctx, (size_t)width, sizeof *out->size);
    if (!out->w || !out->size)
        return false;
    double all = 0;
    for (int64_t k = 0; k < width; k++) {
        double *w = out->w + k * out->d, away = 0;
        for (int64_t c = 0; c < in; c++)
            w[c] = element(model, weight + k * in + c);
        if (bias >= 0)
            w[in] = element(model, bias + k);
        for (int64_t o = 0; o < next_out; o++)
            away += pow(element(model, next + o * next_in + k), 2);
        out->size[k] = sqrt(away) * norm(w, out->d);
        all += out->size[k];
    }
    for (int64_t k = 0; k < width; k++)
        out->size[k] /= all;
    return true;
}

/* The neurons at the start (drawn again with the seed), at the end, or both. */
static bool load(const fqpi_measuring *m, neurons *start, neurons *end) {
    fqpi_trained t;
    const int64_t seed = m->trial->seed[m->seed].number;
    fqp_model *drawn = NULL;
    bool good = !fqpi_trained_load(m->ctx, m->dir, seed, &t) && fqp_model_layers(t.model) > 1;
    if (good && start)
        good = !fqp_model_create(m->ctx, t.data->d, t.data->m, fqp_config_section(t.config, "model"), (uint64_t)seed,
                                 &drawn) &&
               read(m, drawn, start);
    if (good && end)
        good = read(m, t.model, end);
    fqp_model_destroy(drawn);
    fqpi_trained_free(&t);
    return good;
}

static double weight_drift(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    neurons a = {0}, b = {0};
    double drift = NAN;
    if (load(m, &a, &b)) {
        const double before = norm(a.w, a.m * a.d);
        for (int64_t i = 0; i < a.m * a.d; i++)
            b.w[i] -= a.w[i];
        drift = norm(b.w, b.m * b.d) / before;
    }
    neurons_free(&a);
    neurons_free(&b);
    return drift;
}

/* sum_kl size_k size_l f(|cos(w_k, w_l)|) at the start (which 0) or at the end. */
static double over_pairs(const fqpi_measuring *m, double which, double (*f)(double)) {
    neurons n = {0};
    double sum = 0;
    if (!load(m, which > 0 ? NULL : &n, which > 0 ? &n : NULL)) {
        neurons_free(&n);
        return NAN;
    }
    for (int64_t k = 0; k < n.m; k++) {
        const double length = norm(n.w + k * n.d, n.d);
        for (int64_t c = 0; c < n.d && length > 0; c++)
            n.w[k * n.d + c] /= length;
    }
    for (int64_t k = 0; k < n.m; k++)
        for (int64_t l = 0; l < n.m; l++) {
            double cosine = 0;
            for (int64_t c = 0; c < n.d; c++)
                cosine += n.w[k * n.d + c] * n.w[l * n.d + c];
            sum += n.size[k] * n.size[l] * f(fmin(fabs(cosine), 1));
        }
    neurons_free(&n);
    return sum;
}

static double itself(double cosine) {
    return cosine;
}

/* Within two degrees. */
static double same(double cosine) {
    return cosine > 0.99939082701909573;
}

static double weight_cosine(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return over_pairs(m, arg[0], itself);
}

static double weight_directions(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return 1 / over_pairs(m, arg[0], same);
}

const fqpi_measure fqpi_measures_weights[] = {
    {"weight_drift", 0, 0, true, false,
     "weight_drift(): |w(end) - w(start)|/|w(start)| of the first layer's weights and biases", weight_drift},
    {"weight_cosine", 1, 1, true, false,
     "weight_cosine(which): mean |cos| between the input weights of two neurons, weighted by |a| |w|, at the start (0) "
     "or the end (1)",
     weight_cosine},
    {"weight_directions", 1, 1, true, false,
     "weight_directions(which): number of directions the input weights take (1/chance that two neurons, drawn by |a| "
     "|w|, lie within 2 degrees of one line)",
     weight_directions},
    {0}};
