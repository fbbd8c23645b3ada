/* collocation.h - the random feature method on a problem (Chen, Chi, E & Yang 2207.13380): equations and conditions at
 * points of every patch, continuity between patches, one least squares problem; of nonlinear problems a sequence of
 * them (Gauss-Newton). */
#ifndef FQPI_COLLOCATION_H
#define FQPI_COLLOCATION_H

#include <fqp/problem.h>
#include <fqp/random_features.h>
#include <fqp/solve.h>

typedef struct fqpi_collocation_opts {
    fqp_features_opts features; /* of every unknown; axes without patches of their own have those of the first */
    int64_t points;             /* along an axis of a patch, and of its border */
    fqp_features_solver solver;
    double cutoff;   /* of singular values; 0: the rounding of a double */
    int64_t most;    /* Gauss-Newton steps of nonlinear problems */
    double boundary; /* weight of the rows of conditions among those of the equations */
} fqpi_collocation_opts;

typedef struct fqpi_collocation_told {
    int64_t equations, unknowns, rank; /* of the last least squares problem */
    double condition;                  /* largest over smallest singular value */
    double residual;                   /* root mean square of its rows, each scaled by its largest entry */
    int64_t steps;                     /* least squares problems that were solved */
    double change;                     /* relative, of the solution by the last step */
} fqpi_collocation_told;

/* u [n, m] of the solution at x [n, d], d = 1 .. 3, in any domain.  told may be NULL.  FQP_E_UNSUPPORTED with the
 * reason: more coordinates, derivatives beyond the third or beyond those of the activation, equations that do not fit
 * in memory.  FQP_E_DIVERGED when Gauss-Newton does not settle. */
fqp_status fqpi_collocation_run(fqp_ctx *ctx, const fqp_pde *problem, const fqpi_collocation_opts *opts, int64_t n,
                                const double *x, double *u, fqpi_collocation_told *told);

/* The same with the keys of section "solve". */
fqp_status fqpi_collocation_solve(fqp_ctx *ctx, const fqp_pde *problem, const fqp_solve_opts *opts, uint64_t seed,
                                  int64_t n, const double *x, double *u, fqpi_collocation_told *told);

#endif
