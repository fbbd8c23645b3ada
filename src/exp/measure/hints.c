/* hints.c - relaxation whose every n-th step is a network trained on random right sides (Zhang et al. 2208.13273, for
 * one operator): -u'' = 0 on (0, 1) with 128 intervals, all sine modes at 1, the network on the level of 32 intervals.
 */
#include "relax/system.h"

#include "measure.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { N = 128, DRAWS = 8 };

typedef struct pupil {
    bool tried;
    fqp_system *system;
    fqpi_relax_corrector *net;
} pupil;

typedef struct pupils {
    pupil each[DRAWS][2]; /* by draw, and whether its targets were shuffled */
} pupils;

static void drop(void *place) {
    pupils *all = place;
    for (int i = 0; i < 2 * DRAWS; i++) {
        pupil *p = &all->each[i / 2][i % 2];
        fqpi_relax_corrector_destroy(p->net);
        fqp_system_destroy(p->system);
    }
}

static fqp_status prepare(const fqpi_measuring *m, uint64_t draw, bool shuffled, pupil *p) {
    static const char settings[] = "solve.grid: {damping: 2/3}\n"
                                   "solve.correct: {cells: 32, hidden: [200], samples: 4000, steps: 6000, batch: 100, "
                                   "lr: 1e-3, search: false}\n";
    static double nothing = 0;
    const double lower = 0, upper = 1;
    const int64_t cells = N;
    const fqpi_relax_grid g = fqpi_relax_grid_of(1, &lower, &upper, &cells, NULL);
    const fqpi_relax_form form = {&nothing, fqpi_relax_poisson.inside, fqpi_relax_poisson.border};
    fqp_config *c = NULL;
    fqp_status s = fqp_config_parse(m->ctx, "measure", settings, 0, NULL, &c);
    s = s ? s : fqpi_system_create(m->ctx, &g, &form, fqp_config_section(c, "solve.grid"), &p->system);
    if (!s) {
        fqp_correct_opts o =
            *(const fqp_correct_opts *)fqp_config_section(c, "solve.correct"); /* its list is borrowed */
        o.shuffled = shuffled;
        s = fqpi_relax_corrector_create(p->system, &o, draw, &p->net);
    }
    fqp_config_destroy(c);
    return s;
}

static const pupil *pupil_of(const fqpi_measuring *m, double draw, double shuffled) {
    static const char owner;
    if (!(draw >= 1 && draw <= DRAWS))
        return NULL;
    pupils *all = fqpi_cache_place(m, &owner, sizeof *all, drop);
    pupil *p = all ? &all->each[(int)draw - 1][shuffled != 0] : NULL;
    if (p && !p->tried) {
        p->tried = true;
        if (prepare(m, (uint64_t)draw, shuffled != 0, p))
            return NULL;
    }
    return p && p->net ? p : NULL;
}

/* Root mean square of the mode amplitudes, by Parseval's equation. */
static double rms_of_modes(const double *u) {
    double sum = 0;
    for (int j = 0; j <= N; j++)
        sum += u[j] * u[j];
    return sqrt(2 * sum / N / (N - 1));
}

/* Iterations until rms is below `level`, at most `most`: every `every`-th a correction (0: none). */
static double mix(const pupil *p, int64_t every, double level, int64_t most, double *rms) {
    double u[N + 1] = {0};
    for (int k = 1; k < N; k++)
        for (int j = 1; j < N; j++)
            u[j] += sin(acos(-1) * (double)(k * j % (2 * N)) / N);
    const size_t sweep = (size_t)fqpi_relax_row("damped_jacobi");
    int64_t i = 0;
    fqp_system_begin(p->system);
    *rms = rms_of_modes(u);
    while (i < most && !(*rms < level) && isfinite(*rms)) {
        i++;
        const fqp_status status =
            every > 0 && i % every == 0 ? fqpi_relax_correct(p->net, u) : fqp_system_sweep(p->system, sweep, u);
        if (status == FQP_E_DIVERGED) { /* what a measurement may find is no failure of it */
            fqp_ctx_problems_clear(p->system->ctx);
            *rms = INFINITY;
            break;
        }
        if (status)
            return NAN;
        *rms = rms_of_modes(u);
    }
    return *rms < level ? (double)i : (double)INFINITY;
}

static double hints_iterations(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double rms;
    const pupil *p = pupil_of(m, arg[0], arg[2]);
    return p ? mix(p, (int64_t)arg[1], 1e-6, 100000, &rms) : NAN;
}

static double hints_rms(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double rms = NAN;
    const pupil *p = pupil_of(m, arg[0], arg[2]);
    if (p && arg[3] >= 0 && arg[3] <= 1e6)
        mix(p, (int64_t)arg[1], 0, (int64_t)arg[3], &rms);
    return rms;
}

static double hints_error(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const pupil *p = pupil_of(m, arg[0], 0);
    return p ? fqpi_relax_corrector_error(p->net) : NAN;
}

static double hints_seconds(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const pupil *p = pupil_of(m, arg[0], 0);
    return p ? fqpi_relax_corrector_seconds(p->net) : NAN;
}

const fqpi_measure fqpi_measures_hints[] = {
    {"hints_iterations", 3, 3, false, false,
     "hints_iterations(draw, every, shuffled): damped Jacobi on 128 intervals, all modes at 1, every `every`-th step "
     "(0: "
     "none) the correction of a network trained on random right sides: iterations to rms 1e-6; shuffled 1: trained on "
     "corrections of other right sides",
     hints_iterations},
    {"hints_rms", 4, 4, false, false, "hints_rms(draw, every, shuffled, i): rms of the modes after i such iterations",
     hints_rms},
    {"hints_error", 1, 1, false, false,
     "hints_error(draw): relative L2 error of that network's corrections on right sides it has not seen", hints_error},
    {"hints_seconds", 1, 1, false, false, "hints_seconds(draw): seconds its training took", hints_seconds},
    {0}};
