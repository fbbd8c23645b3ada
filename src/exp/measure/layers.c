/* layers.c - measures of what section monitor.layers stored: frequencies of effective targets, information. */
#include "fail.h"
#include "measure.h"

#include <math.h>

/* DIR/seed_0001/layers/<name>.npy; false with a problem. */
static bool get(const fqpi_measuring *m, const char *name, fqp_dtype type, int ndim, fqp_array *out) {
    char path[FQPI_NAME];
    fqpi_print(path, sizeof path, "seed_%04lld/layers/%s", (long long)m->trial->seed[m->seed].number, name);
    *out = (fqp_array){0};
    if (fqp_store_get(m->trial->store, path, out))
        return false;
    return out->dtype == type && out->ndim == ndim;
}

/* The last look at or before `step`; -1: none. */
static int64_t look_at(const fqpi_measuring *m, double step) {
    fqp_array steps;
    int64_t at = -1;
    if (get(m, "step", FQP_I64, 1, &steps))
        while (at + 1 < steps.shape[0] && (double)((const int64_t *)steps.data)[at + 1] <= step)
            at++;
    fqp_array_free(&steps);
    return at;
}

/* Element [look, layer, place] of a series; layers count from 1. */
static double element(const fqpi_measuring *m, const char *name, int ndim, int64_t look, double layer, int64_t place) {
    fqp_array a;
    double v = NAN;
    if (get(m, name, FQP_F64, ndim, &a) && look >= 0 && look < a.shape[0] && layer >= 1 &&
        layer <= (double)a.shape[1]) {
        const int64_t inner = ndim > 2 ? a.shape[2] : 1, row = look * a.shape[1] + (int64_t)layer - 1;
        if (place >= 0 && place < inner)
            v = ((const double *)a.data)[row * inner + place];
    }
    fqp_array_free(&a);
    return v;
}

/* Place of the filter width whose 1/delta is nearest to k on a logarithmic scale. */
static int64_t width_at(const fqpi_measuring *m, double k) {
    fqp_array delta;
    int64_t best = -1;
    if (get(m, "delta", FQP_F64, 1, &delta)) {
        const double *d = delta.data;
        for (int64_t i = 0; i < delta.shape[0]; i++)
            if (best < 0 || fabs(log(k * d[i])) < fabs(log(k * d[best])))
                best = i;
    }
    fqp_array_free(&delta);
    return best;
}

static double step_of(const double *arg, int nargs, int at) {
    return nargs > at ? arg[at] : INFINITY;
}

static double rdf_mean(const fqpi_measuring *m, const double *arg, int nargs) {
    return element(m, "mean", 2, look_at(m, step_of(arg, nargs, 1)), arg[0], 0);
}

static double lfr(const fqpi_measuring *m, const double *arg, int nargs) {
    return element(m, "lfr", 3, look_at(m, step_of(arg, nargs, 2)), arg[0], width_at(m, arg[1]));
}

static double rdf(const fqpi_measuring *m, const double *arg, int nargs) {
    return element(m, "rdf", 3, look_at(m, step_of(arg, nargs, 2)), arg[0], width_at(m, arg[1]));
}

static double info_x(const fqpi_measuring *m, const double *arg, int nargs) {
    return element(m, "information", 3, look_at(m, step_of(arg, nargs, 1)), arg[0], 0);
}

static double info_y(const fqpi_measuring *m, const double *arg, int nargs) {
    return element(m, "information", 3, look_at(m, step_of(arg, nargs, 1)), arg[0], 1);
}

/* How far I(X;T) lies at the end below its largest value. */
static double info_drop(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const int64_t last = look_at(m, INFINITY);
    double most = -INFINITY;
    for (int64_t f = 0; f <= last; f++)
        most = fmax(most, element(m, "information", 3, f, arg[0], 0));
    return last < 0 ? NAN : most - element(m, "information", 3, last, arg[0], 0);
}

const fqpi_measure fqpi_measures_layers[] = {
    {"rdf_mean", 1, 2, true, false,
     "rdf_mean(l), rdf_mean(l, step): mean of 1/delta weighted by the ratio density of hidden layer l = 1, 2, ...",
     rdf_mean},
    {"lfr", 2, 3, true, false, "lfr(l, k), lfr(l, k, step): low-frequency ratio of hidden layer l at 1/delta = k", lfr},
    {"rdf", 2, 3, true, false, "rdf(l, k), rdf(l, k, step): its ratio density over the maximum", rdf},
    {"info_x", 1, 2, true, false, "info_x(l), info_x(l, step): I(X;T) of the binned hidden layer l, in nats", info_x},
    {"info_y", 1, 2, true, false, "info_y(l), info_y(l, step): I(T;Y) of the binned hidden layer l, in nats", info_y},
    {"info_drop", 1, 1, true, false, "info_drop(l): largest I(X;T) of layer l over training less that at the end",
     info_drop},
    {0}};
