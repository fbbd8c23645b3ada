/* relax.h - the classical side: difference equations of a problem on a box grid, and what solves them.
 *
 * A system is A u = b over the free nodes of a regular grid (1-D to 3-D), made from the linear pieces of a problem
 * (problem.h) by central differences: -div(a grad u) + v . grad u + c u = f with Dirichlet, Neumann, Robin and periodic
 * conditions.  Every method is a row; each is observed sweep by sweep through the same monitor as a network. */
#ifndef FQP_RELAX_H
#define FQP_RELAX_H

#include <fqp/array.h>
#include <fqp/config.h>
#include <fqp/problem.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Section "solve.grid". */
typedef struct fqp_grid_opts {
    fqp_ints cells;        /* intervals along every axis, one number: along each; empty: those of problem.grid */
    double damping;        /* omega of damped Jacobi */
    double over;           /* omega of SOR; 0: the best one of the model problem */
    int64_t before, after; /* smoothing sweeps of a multigrid cycle */
    int64_t coarsest;      /* intervals along an axis at which a cycle solves directly */
} fqp_grid_opts;
extern const fqp_section fqp_grid_section;

/* Section "solve.correct": a network trained on random right sides of the same operator, from the residual on a coarse
 * level of the grid to the correction there. */
typedef struct fqp_correct_opts {
    int64_t cells;   /* intervals along an axis, at most, of the level it works on */
    fqp_ints hidden; /* widths of its hidden layers */
    int64_t samples; /* right sides it learns from */
    int64_t steps;   /* Adam steps */
    int64_t batch;
    double lr;
    bool search;   /* follow a correction as far as the energy (or residual) falls, not just once */
    bool shuffled; /* corrections of other right sides as its targets: a control, which must not work */
} fqp_correct_opts;
extern const fqp_section fqp_correct_section;

typedef struct fqp_system fqp_system;

/* Refuses what is not linear, not stationary, not of second order, not on a box, with the reason. */
FQP_API fqp_status fqp_system_create(fqp_ctx *ctx, const fqp_pde *problem, const fqp_grid_opts *opts,
                                     const fqp_config *conf, fqp_system **out);
FQP_API void fqp_system_destroy(fqp_system *s);
FQP_API int64_t fqp_system_nodes(const fqp_system *s, int64_t *shape); /* all nodes, border included; shape [axes] */
FQP_API const double *fqp_system_points(const fqp_system *s);          /* [nodes, axes] in C order, borrowed */

/* u [nodes]: border values of Dirichlet conditions into it. */
FQP_API void fqp_system_border(const fqp_system *s, double *u);
/* r [nodes] = b - A u, 0 at nodes that are not free; answers its root mean square over that of b. */
FQP_API double fqp_system_residual(const fqp_system *s, const double *u, double *r);
/* Replace b by another right side (HINTS and multigrid: the residual equation); NULL: the problem's own. */
FQP_API void fqp_system_right(fqp_system *s, const double *b);

/* One sweep, iteration or cycle of method `row` on u [nodes].  State of a method (conjugate gradients) begins anew
 * after fqp_system_begin. */
FQP_API void fqp_system_begin(fqp_system *s);
FQP_API fqp_status fqp_system_sweep(fqp_system *s, size_t row, double *u);
/* The solution of the difference equations (SuiteSparse, opened late; tridiagonal systems by elimination). */
FQP_API fqp_status fqp_system_direct(fqp_system *s, double *u);

/* jacobi damped_jacobi gauss_seidel sor cg vcycle fcycle direct; NULL past the end. */
FQP_API const char *fqp_relax_name(size_t i, const char **doc);

#ifdef __cplusplus
}
#endif
#endif
