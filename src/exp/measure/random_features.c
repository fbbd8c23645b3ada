/* random_features.c - the random feature method on the problem of claim s5-rfm-spectral-accuracy: u'' - 4u = f on [0,
 * 8], u = sin 3x + cos(7x)/2, Dirichlet; 8 indicator patches joined by C0 and C1 rows, J tanh features a patch, k, b ~
 * U(-3, 3), 3J equispaced points a patch (Chen, Chi, E & Yang 2207.13380). */
#include <fqp/random_features.h>

#include "kernel.h"
#include "measure.h"
#include "mem.h"

#include <math.h>

enum { PATCHES = 8, CHECKED = 200, MOST = 200 };
static const double length = 8;

static double solution(double x) {
    return sin(3 * x) + 0.5 * cos(7 * x);
}

static double right_side(double x) {
    return -13 * sin(3 * x) - 26.5 * cos(7 * x);
}

static fqp_status equations(fqp_features *f, int64_t points) {
    static const fqp_term operator[2] = {{{2, 0, 0}, 1, NULL}, {{0, 0, 0}, -4, NULL}}, value = {.factor = 1};
    fqp_status s = FQP_OK;
    for (int64_t i = 0; i < PATCHES * points && !s; i++) {
        const double x = length * ((double)i + 0.5) / (double)(PATCHES * points), g = right_side(x);
        s = fqp_features_equations(f, 1, &x, 2, operator, & g, 1);
    }
    const double end[2] = {0, length}, at_end[2] = {solution(0), solution(length)};
    s = s ? s : fqp_features_equations(f, 2, end, 1, &value, at_end, 1);
    return s ? s : fqp_features_continuity(f, 1, 1, 1);
}

static double largest_error(const fqp_features *f) {
    double worst = 0;
    for (int64_t i = 0; i < PATCHES * CHECKED; i++) {
        const double x = length * ((double)i + 0.5) / (PATCHES * CHECKED);
        double u;
        if (fqp_features_eval(f, 1, &x, NULL, &u))
            return NAN;
        worst = fmax(worst, fabs(u - solution(x)));
    }
    return worst;
}

/* number[0] the error, number[1] the condition. */
static bool solve(const fqpi_measuring *m, int64_t per_patch, uint64_t draw, fqp_features_solver by, double *number) {
    const fqp_features_opts o = {.patches = {PATCHES},
                                 .per_patch = per_patch,
                                 .activation = FQPI_ACT_TANH,
                                 .activation_param = NAN,
                                 .range = 3,
                                 .seed = draw};
    const double lower = 0;
    fqp_features *f = NULL;
    fqp_features_told told;
    bool good = !fqp_features_create(m->ctx, 1, &lower, &length, &o, &f) && !equations(f, 3 * per_patch) &&
                !fqp_features_solve(f, by, 0, &told);
    if (good) {
        number[0] = largest_error(f);
        number[1] = told.condition;
    }
    fqp_features_destroy(f);
    return good;
}

static const double *numbers(const fqpi_measuring *m, const double *arg, int nargs) {
    static const char owner;
    const double by = nargs > 2 ? arg[2] : FQP_SOLVE_SVD;
    if (!(arg[0] >= 1 && arg[0] <= MOST && arg[1] >= 1 && by >= FQP_SOLVE_SVD && by <= FQP_SOLVE_NORMAL))
        return NULL;
    bool fresh;
    double *kept = fqpi_measuring_memo(m, &owner, (int)arg[0], (int)(4 * arg[1] + by), &fresh);
    if (kept && fresh && !solve(m, (int64_t)arg[0], (uint64_t)arg[1], (fqp_features_solver)by, kept))
        kept[0] = kept[1] = NAN;
    return kept;
}

static double rfm_error(const fqpi_measuring *m, const double *arg, int nargs) {
    const double *kept = numbers(m, arg, nargs);
    return kept ? kept[0] : NAN;
}

static double rfm_condition(const fqpi_measuring *m, const double *arg, int nargs) {
    const double *kept = numbers(m, arg, nargs);
    return kept ? kept[1] : NAN;
}

const fqpi_measure fqpi_measures_random_features[] = {
    {"rfm_error", 2, 3, false, false,
     "rfm_error(J, draw, solver): largest error of J random features a patch on u'' - 4u = f, [0, 8]; solver 0: "
     "singular "
     "values, 1: QR, 2: normal equations",
     rfm_error},
    {"rfm_condition", 2, 3, false, false,
     "rfm_condition(J, draw, solver): largest over smallest singular value of those equations", rfm_condition},
    {0}};
