/* solved.c - problems with a known solution, solved without a network: random features (collocation.h), series
 * (spectral/reference.h) and central differences (relax.h). */
#include <fqp/relax.h>

#include "collocation/collocation.h"
#include "fail.h"
#include "kernel.h"
#include "measure.h"
#include "mem.h"
#include "spectral/reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

/* ---- problems ---------------------------------------------------------------------------------------------------- */

typedef struct smooth {
    const char *text;
    int64_t patches; /* along an axis */
    double range;
    int64_t share; /* collocation points of a patch per feature */
} smooth;

static const smooth SMOOTH[] = {
    /* 1: -((2 + sin x) u')' + u = f, Robin at one end */
    {"problem: {domain: \"interval(-2, 2)\", define: [\"v = exp(sin(3*x))\"], "
     "equations: [\"-(2 + sin(x))*u_xx - cos(x)*u_x + u = -(2 + sin(x))*v_xx - cos(x)*v_x + v\"], "
     "conditions: [\"u = v on x < 0\", \"u_n + 2*u = v_x + 2*v on x > 0\"], exact: [v]}",
     4, 3, 2},
    /* 2: Poisson on a square */
    {"problem: {coordinates: [x, y], domain: \"box(-1, 1, -1, 1)\", "
     "define: [\"v = sin(2*x + y) + cos(x - 3*y)/2\"], equations: [\"-lap(u) = 5*sin(2*x + y) + 5*cos(x - 3*y)\"], "
     "conditions: [\"u = v on boundary\"], exact: [v]}",
     1, 2.5, 3},
    /* 3: Helmholtz on a disk */
    {"problem: {coordinates: [x, y], domain: \"disk(0, 0, 1)\", equations: [\"lap(u) + 25*u = 0\"], "
     "conditions: [\"u = sin(3*x + 4*y) on boundary\"], exact: [\"sin(3*x + 4*y)\"]}",
     1, 4, 4},
    /* 4: heat in space and time */
    {"problem: {coordinates: [x, t], domain: \"interval(0, 1)\", time: [0, 0.5], equations: [\"u_t = 0.1*u_xx\"], "
     "conditions: [\"u = sin(pi*x) at t = 0\", \"u = 0 on boundary\"], exact: [\"exp(-0.1*pi^2*t)*sin(pi*x)\"]}",
     1, 2, 3},
    /* 5: nonlinear, by Gauss-Newton */
    {"problem: {domain: \"interval(-1, 1)\", define: [\"v = sin(2*x)\"], "
     "equations: [\"u_xx + u - u^3 = v_xx + v - v^3\"], conditions: [\"u = v on boundary\"], exact: [v]}",
     2, 2, 2}};
enum { SMOOTHS = sizeof SMOOTH / sizeof *SMOOTH, MOST = 2000, LOOKED = 4000 };

/* Of the text of a section problem; NULL with a problem. */
static fqp_pde *stated(const fqpi_measuring *m, const char *yaml) {
    fqp_config *config = NULL;
    fqp_pde *p = NULL;
    if (!fqp_config_parse(m->ctx, "measure", yaml, 0, NULL, &config) &&
        fqp_problem_create(m->ctx, fqp_config_section(config, "problem"), config, &p))
        p = NULL;
    fqp_config_destroy(config);
    return p;
}

static double relative(int64_t n, const double *u, const double *exact) {
    double error = 0, size = 0;
    for (int64_t i = 0; i < n; i++) {
        error += (u[i] - exact[i]) * (u[i] - exact[i]);
        size += exact[i] * exact[i];
    }
    return sqrt(error / size);
}

/* ---- random features --------------------------------------------------------------------------------------------- */

/* number: relative L2 error at random places, condition, unknowns, rank, seconds. */
enum { ERROR, CONDITION, UNKNOWNS, RANK, SECONDS };

static bool collocate(const fqpi_measuring *m, const char *text, const fqpi_collocation_opts *o, double *number) {
    fqp_pde *p = stated(m, text);
    const int64_t d = p ? fqp_problem_inputs(p) : 0;
    double *x = p ? fqpi_alloc(m->ctx, (size_t)(LOOKED * (d + 2)), sizeof *x) : NULL;
    bool good = x && !fqp_problem_draw(m->ctx, p, 0, FQP_POINTS_RANDOM, 11, 0, LOOKED, x, NULL, NULL);
    if (good) {
        double *u = x + LOOKED * d, *exact = u + LOOKED, began = fqpi_clock();
        fqpi_collocation_told told;
        good = !fqp_problem_exact_eval(m->ctx, p, LOOKED, x, exact) &&
               !fqpi_collocation_run(m->ctx, p, o, LOOKED, x, u, &told);
        if (good) {
            number[ERROR] = relative(LOOKED, u, exact);
            number[CONDITION] = told.condition;
            number[UNKNOWNS] = (double)told.unknowns;
            number[RANK] = (double)told.rank;
            number[SECONDS] = fqpi_clock() - began;
        }
    }
    fqpi_free(x);
    fqp_problem_destroy(p);
    return good;
}

static fqpi_collocation_opts options(int64_t patches, int64_t per_patch, int activation, double range, int64_t d,
                                     double share, uint64_t draw) {
    return (fqpi_collocation_opts){.features = {.patches = {patches},
                                                .per_patch = per_patch,
                                                .activation = activation,
                                                .activation_param = NAN,
                                                .range = range,
                                                .seed = draw},
                                   .points = (int64_t)ceil(pow(share * (double)per_patch, 1 / (double)d)),
                                   .most = 20,
                                   .boundary = 1};
}

static const double *smooth_numbers(const fqpi_measuring *m, const double *arg) {
    static const char owner;
    if (!(arg[0] >= 1 && arg[0] <= SMOOTHS && arg[1] >= 1 && arg[1] <= MOST && arg[2] >= 1))
        return NULL;
    bool fresh;
    double *kept = fqpi_measuring_memo(m, &owner, (int)arg[1], (int)(SMOOTHS * arg[2] + arg[0]), &fresh);
    if (!kept || !fresh)
        return kept;
    const smooth *s = &SMOOTH[(int)arg[0] - 1];
    const int64_t d = strstr(s->text, "coordinates") ? 2 : 1;
    const fqpi_collocation_opts o =
        options(s->patches, (int64_t)arg[1], FQPI_ACT_TANH, s->range, d, (double)s->share, (uint64_t)arg[2]);
    for (int i = 0; i <= SECONDS; i++)
        kept[i] = NAN;
    collocate(m, s->text, &o, kept);
    return kept;
}

static double smooth_error(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const double *kept = smooth_numbers(m, arg);
    return kept ? kept[ERROR] : NAN;
}

static double smooth_condition(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const double *kept = smooth_numbers(m, arg);
    return kept ? kept[CONDITION] : NAN;
}

/* ---- series ------------------------------------------------------------------------------------------------------ */

/* Relative change of Allen-Cahn's solution on 101 x 256 nodes from `points` and `steps` to the doubled ones of either.
 */
static const char ALLEN_CAHN[] =
    "problem: {coordinates: [x, t], domain: \"interval(-1, 1)\", time: [0, 1], equations: [\"u_t - 1e-4*u_xx + 5*u^3 - "
    "5*u = 0\"], conditions: [\"u = x^2*cos(pi*x) at t = 0\", \"u periodic in x\"], reference: spectral}";

enum { ALONG = 256, TIMES = 101 };

static bool allen_cahn(const fqpi_measuring *m, int64_t points, double steps, double *u) {
    fqp_pde *p = stated(m, ALLEN_CAHN);
    double *x = p ? fqpi_alloc(m->ctx, 2 * ALONG * TIMES, sizeof *x) : NULL;
    for (int64_t i = 0; i < (int64_t)ALONG * TIMES && x; i++) {
        const int64_t node = i / TIMES;
        x[2 * i] = -1 + 2 * (double)node / ALONG;
        x[2 * i + 1] = (double)(i % TIMES) / (TIMES - 1);
    }
    const bool good = x && !fqpi_spectral_reference(m->ctx, p, (int64_t)ALONG * TIMES, x, u, points, 1 / steps);
    fqpi_free(x);
    fqp_problem_destroy(p);
    return good;
}

static double spectral_change(const fqpi_measuring *m, const double *arg, int nargs) {
    const double more_points = nargs > 2 ? arg[2] : 1, more_steps = nargs > 3 ? arg[3] : 1;
    if (!(arg[0] >= 8 && arg[0] * more_points <= 4096 && arg[1] >= 10 && arg[1] * more_steps <= 1e5))
        return NAN;
    double *u = fqpi_alloc(m->ctx, 2 * ALONG * TIMES, sizeof *u), *other = u + ALONG * TIMES, change = NAN;
    if (u && allen_cahn(m, (int64_t)arg[0], arg[1], u) &&
        allen_cahn(m, (int64_t)(arg[0] * more_points), arg[1] * more_steps, other))
        change = relative((int64_t)ALONG * TIMES, u, other);
    fqpi_free(u);
    return change;
}

/* ---- Helmholtz on the unit square -------------------------------------------------------------------------------- */

/* Two plane waves of wave number k, given at the border. */
static void helmholtz(double k, char *text, size_t size) {
    snprintf(text, size,
             "problem: {coordinates: [x, y], domain: \"box(0, 1, 0, 1)\", "
             "define: [\"v = cos(%.17g*(0.6*x + 0.8*y)) + sin(%.17g*(cos(2)*x + sin(2)*y))\"], "
             "equations: [\"-lap(u) - %.17g*u = 0\"], conditions: [\"u = v on boundary\"], exact: [v]}",
             k, k, k * k);
}

/* A patch is 8 waves wide at most in angle: its half width times k is 12.5. */
static const double *features_of(const fqpi_measuring *m, const double *arg) {
    static const char owner;
    if (!(arg[0] >= 1 && arg[0] <= 200 && arg[1] >= 1 && arg[1] <= MOST && arg[2] >= 1))
        return NULL;
    bool fresh;
    double *kept = fqpi_measuring_memo(m, &owner, (int)arg[1], (int)(1000 * arg[2] + arg[0]), &fresh);
    if (!kept || !fresh)
        return kept;
    const int64_t patches = (int64_t)fmax(1, ceil(arg[0] / 25));
    const double range = 1.1 * arg[0] / (2 * (double)patches);
    const fqpi_collocation_opts o = options(patches, (int64_t)arg[1], FQPI_ACT_SIN, range, 2, 2, (uint64_t)arg[2]);
    char text[512];
    helmholtz(arg[0], text, sizeof text);
    for (int i = 0; i <= SECONDS; i++)
        kept[i] = NAN;
    collocate(m, text, &o, kept);
    return kept;
}

static double helmholtz_features(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const double *kept = features_of(m, arg);
    return kept ? kept[ERROR] : NAN;
}

static double per_wavelength(double k, double unknowns) {
    return 2 * PI * sqrt(unknowns) / k;
}

static double helmholtz_features_points(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const double *kept = features_of(m, arg);
    return kept ? per_wavelength(arg[0], kept[UNKNOWNS]) : NAN;
}

static double helmholtz_features_seconds(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const double *kept = features_of(m, arg);
    return kept ? kept[SECONDS] : NAN;
}

/* number[0] the error at the nodes, number[1] seconds. */
static bool differences(const fqpi_measuring *m, double k, int64_t cells, double *number) {
    char text[512];
    helmholtz(k, text, sizeof text);
    fqp_pde *p = stated(m, text);
    fqp_grid_opts o;
    fqp_system *s = NULL;
    int64_t n[1] = {cells}, shape[FQP_DOMAIN_AXES];
    const double began = fqpi_clock();
    if (!p || fqp_section_defaults(m->ctx, &fqp_grid_section, &o)) {
        fqp_problem_destroy(p);
        return false;
    }
    fqp_grid_opts of = o;
    of.cells = (fqp_ints){n, 1};
    bool good = !fqp_system_create(m->ctx, p, &of, NULL, &s);
    const int64_t nodes = good ? fqp_system_nodes(s, shape) : 0;
    double *u = fqpi_calloc(m->ctx, (size_t)(2 * nodes), sizeof *u);
    good = good && u;
    if (good)
        fqp_system_border(s, u);
    good =
        good && !fqp_system_direct(s, u) && !fqp_problem_exact_eval(m->ctx, p, nodes, fqp_system_points(s), u + nodes);
    if (good) {
        number[0] = relative(nodes, u, u + nodes);
        number[1] = fqpi_clock() - began;
    }
    fqpi_free(u);
    fqp_system_destroy(s);
    fqp_section_release(&fqp_grid_section, &o);
    fqp_problem_destroy(p);
    return good;
}

static const double *differences_of(const fqpi_measuring *m, const double *arg) {
    static const char owner;
    const double cells = ceil(arg[0] * arg[1] / (2 * PI));
    if (!(arg[0] >= 1 && arg[0] <= 200 && cells >= 2 && cells <= 2000))
        return NULL;
    bool fresh;
    double *kept = fqpi_measuring_memo(m, &owner, (int)arg[0], (int)cells, &fresh);
    if (kept && fresh && !differences(m, arg[0], (int64_t)cells, kept))
        kept[0] = kept[1] = NAN;
    return kept;
}

static double helmholtz_differences(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const double *kept = differences_of(m, arg);
    return kept ? kept[0] : NAN;
}

static double helmholtz_differences_seconds(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const double *kept = differences_of(m, arg);
    return kept ? kept[1] : NAN;
}

const fqpi_measure fqpi_measures_solved[] = {
    {"smooth_error", 3, 3, false, false,
     "smooth_error(problem, J, draw): relative L2 error of J random features a patch on smooth problem 1 (variable "
     "coefficient, Robin), 2 (Poisson, square), 3 (Helmholtz, disk), 4 (heat, space-time), 5 (nonlinear)",
     smooth_error},
    {"smooth_condition", 3, 3, false, false,
     "smooth_condition(problem, J, draw): largest over smallest singular value of those equations", smooth_condition},
    {"spectral_change", 2, 4, false, false,
     "spectral_change(points, steps, p, q): relative change on 101 x 256 nodes of Allen-Cahn's spectral solution when "
     "its points are p, its steps q times as many",
     spectral_change},
    {"helmholtz_features", 3, 3, false, false,
     "helmholtz_features(k, J, draw): relative L2 error of J random sines a patch, (k/25)^2 patches, on lap u + k^2 u "
     "= 0 "
     "in the unit square",
     helmholtz_features},
    {"helmholtz_features_points", 3, 3, false, false,
     "helmholtz_features_points(k, J, draw): their unknowns per wavelength and axis", helmholtz_features_points},
    {"helmholtz_features_seconds", 3, 3, false, false,
     "helmholtz_features_seconds(k, J, draw): seconds of that solution", helmholtz_features_seconds},
    {"helmholtz_differences", 2, 2, false, false,
     "helmholtz_differences(k, p): relative L2 error of central differences with p nodes per wavelength, solved "
     "directly",
     helmholtz_differences},
    {"helmholtz_differences_seconds", 2, 2, false, false,
     "helmholtz_differences_seconds(k, p): seconds of that solution", helmholtz_differences_seconds},
    {0}};
