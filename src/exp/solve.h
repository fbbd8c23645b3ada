/* solve.h - a problem solved in phases (section "solve"): relaxations, multigrid, networks, a trained corrector, one
 * after the other on one solution, as a run directory like any other.
 *
 * Seconds are those of sweeps and steps alone; looking at the solution is not counted.  What is made once for many
 * solutions (the corrector's training) is told apart, as phase "corrector" of the manifest. */
#ifndef FQPI_SOLVE_H
#define FQPI_SOLVE_H

#include "fail.h"
#include "relax/system.h"
#include "run_i.h"

#include <fqp/solve.h>

enum { FQPI_SOLVE_PHASES = 16 };

/* What solve.method says; a row is a method of relax.h, or beyond them one of fqp_phase_name. */
typedef struct fqpi_solve_plan {
    size_t n, row[FQPI_SOLVE_PHASES];
    int64_t steps[FQPI_SOLVE_PHASES], total; /* total: of all rounds */
} fqpi_solve_plan;

/* A solution in the making. */
typedef struct fqpi_phases {
    fqpi_job *job;
    fqp_ctx *ctx;
    const fqp_config *config;
    const fqp_solve_opts *opts;
    int64_t seed, n;
    fqp_pde *problem;
    fqp_system *system;
    fqp_view x;               /* [n, d] nodes */
    double *u, *good, *y, *r; /* [n] solution, the last one known to be finite, reference, scratch */
    double *discrete;         /* [n] solution of the difference equations; NULL: not needed */
    double largest;           /* of |discrete| */
    fqp_monitor *monitor;
    fqpi_recorder recorder;
    fqp_schedule when;
    fqpi_relax_corrector *corrector; /* made when first needed */
    int64_t step;                    /* of all phases so far */
    double seconds;
    bool reached; /* the tolerance */
    fqpi_progress progress;
} fqpi_phases;

/* ---- phases --------------------------------------------------------------------------------------------------------
 */

/* At most `steps` of method `row` of relax.h (solve_relax.c). */
fqp_status fqpi_solve_relax(fqpi_phases *s, size_t row, int64_t steps);
/* `network` (solve_network.c).  The first phase of all trains the network of the configuration on its objective, as a
 * run without phases does; s->u becomes its values at the nodes.  Later ones train a new network on the residual
 * equation. */
fqp_status fqpi_solve_network(fqpi_phases *s, size_t row, int64_t steps);
/* `correct` (solve_relax.c) */
fqp_status fqpi_solve_correct(fqpi_phases *s, size_t row, int64_t steps);
/* `random_features` (solve_network.c): the solution anew, whatever it was. */
fqp_status fqpi_solve_features(fqpi_phases *s, size_t row, int64_t steps);

typedef struct fqpi_solve_phase {
    const char *name, *doc;
    fqp_status (*run)(fqpi_phases *s, size_t row, int64_t steps);
} fqpi_solve_phase;
const char *fqpi_solve_phase_word(size_t row); /* NULL past the end */
fqp_status fqpi_solve_phase_run(fqpi_phases *s, size_t row, int64_t steps);
fqp_status fqpi_solve_parse(fqp_ctx *ctx, const fqp_config *config, fqpi_solve_plan *plan);

/* A frame of s->u at s->step, and whether the tolerance is reached (s->reached). */
fqp_status fqpi_phases_frame(fqpi_phases *s);
bool fqpi_phases_reached(fqpi_phases *s);

/* ---- for the run ---------------------------------------------------------------------------------------------------
 */

/* Is the configuration solved in phases? */
bool fqpi_solve_given(const fqp_config *config);
/* All seeds of a job, in place of training them. */
fqp_status fqpi_solve_seeds(fqpi_job *j);
/* baseline.json: the classical methods on the grid of the problem, error against seconds; nothing where it has no
 * difference equations (solve_baseline.c). */
fqp_status fqpi_solve_baseline(fqp_ctx *ctx, fqp_store *store, const fqp_config *config, const fqp_pde *problem);
/* y [n]: what solutions of `system` are held against, and what it is in words: the exact solution, a file, or the
 * solution of the difference equations. */
fqp_status fqpi_solve_reference(fqp_ctx *ctx, const fqp_config *config, const fqp_pde *problem, fqp_system *system,
                                double *y, const char **what);

#endif
