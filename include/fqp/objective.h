/* objective.h - what a network minimises to solve a problem: sections "objective" and "objective.points".
 *
 *   pinn   sum over pieces of weight * mean of r^2 (Raissi, Perdikaris & Karniadakis 2019)
 *   ritz   volume * mean of the energy density + the conditions as in pinn (E & Yu 1710.00211)
 *   weak   weight * mean square of the equation tested with polynomials on a box of elements + the conditions as in
 * pinn (Kharazmi, Zhang & Karniadakis 1912.00873)
 *
 * Means are over places and never hold a measure: a term of the form beta * |border| * mean is a weight of beta *
 * |border|.  The rows of a piece (equations of a system) are added.
 *
 * An objective is attached to a trainer, whose network it then evaluates with derivatives at points it draws.  All
 * draws are functions of seed and step.  An objective belongs to one thread at a time, as its trainer does. */
#ifndef FQP_OBJECTIVE_H
#define FQP_OBJECTIVE_H

#include <fqp/problem.h>
#include <fqp/train.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Section "objective". */
typedef struct fqp_objective_opts {
    int kind;               /* pinn | ritz | weak */
    int conditions;         /* penalty | augmented | hard: how boundary and initial conditions are kept */
    double equation_weight; /* of the equations (pinn, weak); the energy has weight 1 */
    double boundary_weight; /* of boundary and periodic conditions */
    double initial_weight;
    double data_weight;
    int64_t augmented_every; /* augmented: steps between two updates of the multipliers */
    int balance;             /* none | ntk | gradient_norm | relobralo: weights that follow the training */
    int64_t balance_every;   /* steps between two looks */
    double balance_momentum; /* of the weights; relobralo: of the loss ratios */
    double balance_temperature, balance_lookback; /* relobralo */
    int64_t causal_chunks; /* of time; 0: no causal weights (Wang, Sankaran & Perdikaris 2203.07404) */
    double causal_tolerance;
    int64_t curriculum_steps; /* steps over which the right side's frequencies are let in, low ones first; 0: none */
    int64_t test_functions;   /* weak: of every element and axis */
    fqp_ints elements;        /* weak: along every axis */
    int64_t quadrature;       /* weak: nodes of an element along an axis */
    double residual_scale;    /* equations are divided by this; 0: 1 */
} fqp_objective_opts;

/* Section "objective.points". */
typedef struct fqp_objective_points {
    int kind;         /* random | sobol | grid */
    int64_t interior; /* places of a step */
    int64_t boundary; /* ... of all boundary pieces together, shared by measure */
    int64_t initial;  /* ... of every initial piece */
    int64_t data;     /* ... of measured points; 0: all */
    int64_t every;    /* steps between two draws; 0: the same points for good */
    int adaptive;     /* none | rad: points by residual (Wu et al. 2207.10289) */
    int64_t adaptive_every;
    double adaptive_power, adaptive_even; /* density ~ |r|^power / mean + even */
    int64_t adaptive_pool;                /* candidates */
} fqp_objective_points;

extern const fqp_section fqp_objective_section, fqp_objective_points_section;

typedef struct fqp_objective fqp_objective;

/* Reports what does not fit: no energy for ritz, no box for weak, settings that exclude each other, a condition that
 * cannot be built in.  opts are copied; problem is borrowed and must outlive it.  conf (may be NULL) lends places to
 * messages.
 *
 * Conditions `hard`: values on the border (on whole sides of a box, or the whole border of another domain) and at a
 * fixed time, and u_t there, hold whatever the network says: u = G + phi v.  Others - Neumann, Robin, periodic, data -
 * stay terms of the loss; a periodic network keeps a periodic condition by itself.  With derivatives beyond the second
 * the domain must be a box. Lbfgs keeps the points of its first step, and causal weights from one look at the balance
 * to the next. */
FQP_API fqp_status fqp_objective_create(fqp_ctx *ctx, const fqp_pde *problem, const fqp_objective_opts *opts,
                                        const fqp_objective_points *points, uint64_t seed, const fqp_config *conf,
                                        fqp_objective **out);
FQP_API void fqp_objective_destroy(fqp_objective *o);

/* The trainer minimises it from now on.  The model must have d inputs, m outputs and the problem's numbers
 * (fqp_model_opts.numbers); with hard conditions the solution is not the network's output but what follows. */
FQP_API fqp_status fqp_objective_attach(fqp_objective *o, fqp_trainer *t);

/* Is the solution more than the network's output: are conditions built in? */
FQP_API bool fqp_objective_builds(const fqp_objective *o);

/* u [n, m] of the solution at x [n, d] from the network's outputs v [n, m] there (v may be u); equal without hard
 * conditions. */
FQP_API fqp_status fqp_objective_solution(const fqp_objective *o, int64_t n, const double *x, const double *v,
                                          double *u);

/* r [n, rows] of the equations (piece 0) at x [n, d] for the solution that this network stands for, with its present
 * numbers; exact derivatives. */
FQP_API fqp_status fqp_objective_residual(const fqp_objective *o, const fqp_model *net, int64_t n, const double *x,
                                          double *r);

/* Terms of the loss (unweighted mean squares, or the energy), of the last step, with their present weights; names NULL
 * past the end. */
FQP_API const char *fqp_objective_term(const fqp_objective *o, size_t i, double *value, double *weight);

/* What a checkpoint needs besides the trainer (weights, multipliers, adapted points): into and out of an npy file.
 * Training on gives the same bits as never having stopped.  FQP_E_DATA for a file of another objective. */
FQP_API fqp_status fqp_objective_save(const fqp_objective *o, const char *path);
FQP_API fqp_status fqp_objective_restore(fqp_objective *o, const char *path);

FQP_API const char *fqp_objective_kind_name(size_t i, const char **doc);
FQP_API const char *fqp_conditions_name(size_t i, const char **doc);
FQP_API const char *fqp_balance_name(size_t i, const char **doc);

#ifdef __cplusplus
}
#endif
#endif
