/* solving.c - how far a differential equation's solution has come: relative errors, numbers found, classical solvers on
 * the same grid (baseline.json). */
#include "measure.h"

#include <math.h>
#include <string.h>

/* ||u - u*||_2^2 and ||u*||_2^2 over the nodes of frame f. */
static void squares(const fqpi_stored *s, int64_t f, double *error, double *size) {
    const double *y = s->y.data;
    *error = *size = 0;
    for (int64_t i = 0; i < s->n * s->m; i++) {
        const double e = fqpi_stored_at(s, f, i) - y[i];
        *error += e * e;
        *size += y[i] * y[i];
    }
}

static double relative(const fqpi_stored *s, int64_t f) {
    double error, size;
    squares(s, f, &error, &size);
    return sqrt(error / size);
}

static double rel_l2(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqpi_stored *s = fqpi_measuring_stored(m);
    return s ? relative(s, fqpi_stored_frame(s, nargs > 0 ? arg[0] : INFINITY)) : NAN;
}

static double rel_l2_step(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_stored *s = fqpi_measuring_stored(m);
    for (int64_t f = 0; s && f < s->frames; f++)
        if (relative(s, f) <= arg[0])
            return (double)((const int64_t *)s->step.data)[f];
    return s ? INFINITY : NAN;
}

static double rel_l2_seconds(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_stored *s = fqpi_measuring_stored(m);
    const fqpi_seed *seed = &m->trial->seed[m->seed];
    for (int64_t f = 0; s && f < s->frames && f < (int64_t)seed->frames; f++)
        if (relative(s, f) <= arg[0])
            return ((const double *)seed->seconds.data)[f];
    return s ? INFINITY : NAN;
}

static double mse_tail(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_stored *s = fqpi_measuring_stored(m);
    double sum = 0, count = 0;
    for (int64_t f = 0; s && f < s->frames; f++) {
        if ((double)((const int64_t *)s->step.data)[f] < arg[0])
            continue;
        double error, size;
        squares(s, f, &error, &size);
        sum += error / (double)(s->n * s->m);
        count++;
    }
    return count > 0 ? sum / count : NAN;
}

static double found(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    char name[FQPI_NAME];
    fqpi_print(name, sizeof name, "%s/numbers", m->trial->seed[m->seed].folder);
    fqp_array a = {0};
    double value = NAN;
    if (fqp_store_get(m->trial->store, name, &a) == FQP_OK && a.ndim == 2 && a.shape[0] > 0 && arg[0] >= 1 &&
        arg[0] <= (double)a.shape[1])
        value = fqp_view_at(fqp_array_view(&a), (a.shape[0] - 1) * a.shape[1] + (int64_t)arg[0] - 1);
    fqp_array_free(&a);
    return value;
}

/* The least time after which a classical solver's error was at most that. */
static double baseline_seconds(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    json_t *list = NULL;
    double least = INFINITY;
    if (fqpi_store_json(m->ctx, m->trial->store, "baseline.json", &list))
        return NAN;
    size_t i;
    json_t *row;
    json_array_foreach(list, i, row) {
        const json_t *error = json_object_get(row, "rel_l2"), *seconds = json_object_get(row, "seconds");
        for (size_t k = 0; k < json_array_size(error); k++)
            if (json_is_number(json_array_get(error, k)) && json_number_value(json_array_get(error, k)) <= arg[0])
                least = fmin(least, json_number_value(json_array_get(seconds, k)));
    }
    json_decref(list);
    return least;
}

const fqpi_measure fqpi_measures_solving[] = {
    {"rel_l2", 0, 1, true, false, "rel_l2(), rel_l2(step): relative L2 error of the stored predictions", rel_l2},
    {"rel_l2_step", 1, 1, true, false, "rel_l2_step(e): first recorded step with that relative L2 error or less",
     rel_l2_step},
    {"rel_l2_seconds", 1, 1, true, false,
     "rel_l2_seconds(e): seconds of training to the first frame with that relative L2 error or less", rel_l2_seconds},
    {"mse_tail", 1, 1, true, false, "mse_tail(step): mean of mse over the frames from that step on", mse_tail},
    {"found", 1, 1, true, false, "found(i): number i (from 1) of problem.find at the last frame", found},
    {"baseline_seconds", 1, 1, true, false,
     "baseline_seconds(e): seconds until the fastest classical solver on the same grid has that relative L2 error",
     baseline_seconds},
    {0}};
