/* solve.h - a problem solved by networks, by classical methods, or by both: section "solve".
 *
 * The method is a list of phases, gone through `rounds` times on the same solution:
 *
 *   [network 2000]                      a network (the usual run of a configuration, with everything a run has)
 *   [jacobi 5000]                       relaxation from 0
 *   [network 1000, jacobi 100000]       the survey's hybrid: the network's solution is the start of the sweeps
 *   [jacobi 500, network 1000]          the other way round: the network learns the correction that is left
 *   [correct 1, damped_jacobi 15]       with rounds: alternating, a trained corrector on the residual equation (HINTS)
 *   [network 500, vcycle 20]            a network as first guess of multigrid
 *   [random_features]                   least squares with random features (random_features.h)
 *
 * Whatever the phases, the monitor sees one sequence of solutions, and the run directory looks like any other. */
#ifndef FQP_SOLVE_H
#define FQP_SOLVE_H

#include <fqp/objective.h>
#include <fqp/relax.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fqp_solve_opts {
    fqp_texts method; /* phases: a name and how many steps, sweeps, iterations or cycles at most */
    int64_t rounds;   /* times the list is gone through */
    double tolerance; /* end when the relative residual of the difference equations, or the error against their
                         solution (below), falls below; 0: never */
    double baseline;  /* seconds that every classical method gets on the same grid for comparison; 0: none */
    int until;        /* residual | error: what tolerance is held against (error: largest, relative to the largest) */
    int64_t patches;  /* random_features: along every axis */
    int64_t features; /* ... of a patch */
    double range;     /* ... of their weights */
    int64_t points;   /* ... collocation points of a patch along an axis */
    int partition;    /* ... indicator | smooth */
} fqp_solve_opts;

extern const fqp_section fqp_solve_section;

/* What a phase may be, after the methods of relax.h; NULL past the end. */
FQP_API const char *fqp_phase_name(size_t i, const char **doc);

#ifdef __cplusplus
}
#endif
#endif
