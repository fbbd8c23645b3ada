/* collocation.c - the problem of a run, solved once more by least squares with random features: what networks are held
 * against where differences on a grid do not reach, as in domains with holes. */
#include "collocation/collocation.h"
#include "fail.h"
#include "kernel.h"
#include "measure.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 4000, ERROR = 0, SECONDS = 1 };

/* The problem as the manifest keeps it; NULL with a problem of another kind. */
static fqp_pde *stated(const fqpi_measuring *m) {
    json_t *section = json_object_get(json_object_get(m->trial->manifest, "config"), "problem");
    json_t *alone = json_pack("{s:O?}", "problem", section);
    char *text = json_dumps(alone, 0);
    fqp_config *config = NULL;
    fqp_pde *problem = NULL;
    if (text && !fqp_config_parse(m->ctx, "manifest.json", text, 0, NULL, &config) &&
        fqp_problem_create(m->ctx, fqp_config_section(config, "problem"), config, &problem))
        problem = NULL;
    fqp_config_destroy(config);
    free(text);
    json_decref(alone);
    return problem;
}

/* u at the nodes of the run, and the seconds it took. */
static bool solve(const fqpi_measuring *m, const fqpi_stored *s, const double *arg, double *u, double *seconds) {
    fqp_pde *problem = stated(m);
    const fqpi_collocation_opts o = {.features = {.patches = {(int64_t)arg[0]},
                                                  .per_patch = (int64_t)arg[1],
                                                  .activation = FQPI_ACT_TANH,
                                                  .activation_param = NAN,
                                                  .range = arg[2],
                                                  .seed = (uint64_t)(m->seed < 0 ? 1 : m->seed + 1)},
                                     .points = (int64_t)arg[3],
                                     .solver = FQP_SOLVE_QR,
                                     .most = 20,
                                     .boundary = 1};
    const double began = fqpi_clock();
    const bool solved = problem && !fqpi_collocation_run(m->ctx, problem, &o, s->n, s->x.data, u, NULL);
    *seconds = fqpi_clock() - began;
    fqp_problem_destroy(problem);
    return solved;
}

static const double *numbers(const fqpi_measuring *m, const double *arg) {
    static const char owner;
    const fqpi_stored *s = fqpi_measuring_stored(m);
    if (!s || s->x.dtype != FQP_F64 || !(arg[0] >= 1 && arg[0] <= 64 && arg[1] >= 1 && arg[1] <= MOST && arg[2] > 0) ||
        !(arg[3] >= 1 && arg[3] <= MOST))
        return NULL;
    bool fresh;
    double *kept =
        fqpi_measuring_memo(m, &owner, (int)(arg[0] * MOST + arg[1]), (int)(arg[3] * 1000 + 10 * arg[2]), &fresh);
    if (!kept || !fresh)
        return kept;
    kept[ERROR] = kept[SECONDS] = NAN;
    double *u = fqpi_alloc(m->ctx, (size_t)(s->n * s->m), sizeof *u);
    if (u && solve(m, s, arg, u, &kept[SECONDS])) {
        double error = 0, size = 0;
        for (int64_t i = 0; i < s->n * s->m; i++) {
            const double y = ((const double *)s->y.data)[i];
            error += (u[i] - y) * (u[i] - y);
            size += y * y;
        }
        kept[ERROR] = sqrt(error / size);
    }
    fqpi_free(u);
    return kept;
}

static double features_l2(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const double *kept = numbers(m, arg);
    return kept ? kept[ERROR] : NAN;
}

static double features_seconds(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const double *kept = numbers(m, arg);
    return kept ? kept[SECONDS] : NAN;
}

const fqpi_measure fqpi_measures_collocation[] = {
    {"features_l2", 4, 4, true, false,
     "features_l2(p, n, r, q): relative L2 error at the run's nodes of its problem solved by random features instead: "
     "n "
     "of range r on each of p patches an axis, q points of a patch an axis; the draw is the seed's",
     features_l2},
    {"features_seconds", 4, 4, true, false, "features_seconds(p, n, r, q): seconds that this took", features_seconds},
    {0}};
