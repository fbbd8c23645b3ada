/* solve.h - a problem solved in phases (section "solve"): relaxations, multigrid, networks, a trained corrector, one
 * after the other on one solution, as a run directory like any other.
 *
 * Seconds are those of sweeps and steps alone; looking at the solution is not counted.  What is made once for many
 * solutions (the corrector's training) is told apart, as phase "corrector" of the manifest. */
#ifndef FQPI_EXP_SOLVE_H
#define FQPI_EXP_SOLVE_H

#include "relax/system.h"
#include "run_i.h"
#include "solution.h"

#include <fqp/solve.h>

enum { FQPI_SOLVE_PHASES = 16 };

typedef struct fqpi_solving fqpi_solving;

/* One phase of solve.method: go through it, at most `steps` long. */
typedef struct fqpi_solve_phase {
    const char *name, *doc;
    fqp_status (*run)(fqpi_solving *s, size_t row, int64_t steps);
} fqpi_solve_phase;

/* A solution in the making. */
struct fqpi_solving {
    fqpi_job *job;
    fqp_ctx *ctx;
    const fqp_config *config;
    const fqp_solve_opts *opts;
    int64_t seed;
    fqp_pde *problem;
    fqp_system *system; /* NULL: the problem has no difference equations */
    int64_t n, d;
    fqp_array x;                  /* [n, d] nodes */
    double *u, *good, *y, *r;     /* [n]: solution, last one known to be finite, reference, scratch */
    double *discrete;             /* [n] solution of the difference equations; NULL: not asked for */
    double largest;               /* of |discrete| */
    const char *reference;        /* what y is */
    fqp_monitor *monitor;
    fqpi_recorder recorder;
    fqp_schedule when;
    fqpi_relax_corrector *corrector;
    int64_t step, total;
    double seconds;
    size_t phases_done;
    bool reached; /* the tolerance */
    struct {
        size_t row;
        int64_t steps;
    } phase[FQPI_SOLVE_PHASES];
    size_t phases;
    fqpi_progress_state *progress;
};

/* Is the configuration solved in phases? */
bool fqpi_solve_given(const fqp_config *config);
/* All seeds of a job, in place of training them. */
fqp_status fqpi_solve_seeds(fqpi_job *j);
/* What cannot be told from one key: phases and their numbers. */
fqp_status fqpi_solve_check(fqp_ctx *ctx, const fqp_config *config);
#endif
