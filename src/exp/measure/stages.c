/* stages.c - what the stages of a run found out and how good their sum was (manifest.json, stages). */
#include "measure.h"

#include <math.h>

static int64_t number_of(const fqpi_measuring *m) {
    return m->trial->seed[m->seed].number;
}

/* Facts of one stage of the seed at hand; NULL: there is none. */
static const json_t *stage_of(const fqpi_measuring *m, double stage) {
    const json_t *all = json_object_get(m->trial->manifest, "stages");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *s = json_array_get(all, i), *number = json_object_get(s, "stage");
        if (json_integer_value(json_object_get(s, "seed")) == number_of(m) && json_is_integer(number) &&
            (double)json_integer_value(number) == stage)
            return s;
    }
    return NULL;
}

static double fact(const fqpi_measuring *m, double stage, const char *name) {
    const json_t *v = json_object_get(stage_of(m, stage), name);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static double stages(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    double n = 0;
    while (stage_of(m, n))
        n++;
    return n;
}

static double stage_error(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return fact(m, arg[0], "error");
}

static double stage_train_error(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return fact(m, arg[0], "train_error");
}

static double stage_cycles(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return fact(m, arg[0], "cycles");
}

static double stage_scale(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const json_t *list = json_object_get(stage_of(m, arg[0]), "scales");
    const json_t *v = arg[1] >= 0 ? json_array_get(list, (size_t)arg[1]) : NULL;
    return v ? json_number_value(v) : NAN;
}

const fqpi_measure fqpi_measures_stages[] = {
    {"stages", 0, 0, true, false, "stages(): networks trained one after another (train.stages)", stages},
    {"stage_error", 1, 1, true, false,
     "stage_error(i): rms error over rms target at the monitored points after stage i = 0, 1, ...", stage_error},
    {"stage_train_error", 1, 1, true, false, "stage_train_error(i): the same at the training points",
     stage_train_error},
    {"stage_cycles", 1, 1, true, false,
     "stage_cycles(i): dominant frequency of the residue that stage i learnt, centre of its band for kind bands "
     "[cycles per unit]",
     stage_cycles},
    {"stage_scale", 2, 2, true, false, "stage_scale(i, b): scale b = 0, 1, ... of stage i for kind scales",
     stage_scale},
    {0}};
