/* random_features.h - the random feature method (Chen, Chi, E & Yang 2207.13380): a function as a sum of random
 * features on patches, whose coefficients solve linear equations in the sense of least squares.
 *
 *   u(x) = sum_n psi_n(x) sum_j u_nj sigma(k_nj . y + b_nj),   y = (x - x_n)/r_n on patch n,   k, b ~ U(-R, R) fixed.
 *
 * The box [lower, upper] is cut into patches along each axis, x_n and r_n their centres and half widths.  psi is the
 * indicator of the patch, which asks for continuity rows, or a smooth partition of unity with psi = (1 + sin 2 pi y)/2
 * on
 * [-5/4, -3/4), 1 up to 3/4, (1 - sin 2 pi y)/2 on [3/4, 5/4), products over the axes, and 1 on the outer side of outer
 * patches, so that the psi_n add up to 1 in the whole box.
 *
 * Equations are rows: a linear operator of u at points.  Each is divided by its largest entry (times `weight`), and all
 * are solved together, by singular values or rank-revealing QR (LAPACK).  Numbers are f64; calls need no network.  A
 * features object belongs to one thread at a time. */
#ifndef FQP_RANDOM_FEATURES_H
#define FQP_RANDOM_FEATURES_H

#include <fqp/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { FQP_FEATURES_AXES = 3 };

typedef enum fqp_partition { FQP_PARTITION_INDICATOR, FQP_PARTITION_SMOOTH } fqp_partition;

typedef struct fqp_features_opts {
    int64_t patches[FQP_FEATURES_AXES]; /* along each axis; 0 means 1 */
    int64_t per_patch;                  /* features of a patch, J */
    int activation;                     /* a row of fqp_activation_name (model.h) */
    double activation_param;            /* NaN: its default */
    double range;                       /* R */
    fqp_partition partition;
    uint64_t seed;
} fqp_features_opts;

typedef struct fqp_features fqp_features;

/* d = 1 .. 3 coordinates; lower, upper [d], copied. */
FQP_API fqp_status fqp_features_create(fqp_ctx *ctx, int64_t d, const double *lower, const double *upper,
                                       const fqp_features_opts *opts, fqp_features **out);
FQP_API void fqp_features_destroy(fqp_features *f);
FQP_API int64_t fqp_features_count(const fqp_features *f); /* coefficients, patches times J */

/* A term of a linear operator: factor * factors[i] * d^(order[0] + ...) u/dx_0^order[0] ... at point i; factors [n]
 * (NULL: 1).  Orders add up to 3 at most, and to no more than the activation has derivatives. */
typedef struct fqp_term {
    int order[FQP_FEATURES_AXES];
    double factor;
    const double *factors;
} fqp_term;

/* rows [n, count] = the terms' sum for every feature at x [n, d], unscaled.  A point on the border of indicator patches
 * belongs to the upper one. */
FQP_API fqp_status fqp_features_rows(const fqp_features *f, int64_t n, const double *x, size_t terms,
                                     const fqp_term *term, double *rows);

/* Add the equations `sum of terms = value[i]` at x [n, d].  weight: of these rows among all (1 as a rule).
 * FQP_E_UNSUPPORTED when the rows would pass 2 GiB. */
FQP_API fqp_status fqp_features_equations(fqp_features *f, int64_t n, const double *x, size_t terms,
                                          const fqp_term *term, const double *value, double weight);
/* Add: u and its derivatives across, up to `order`, are the same from both sides at points^(d-1) places of every border
 * between neighbouring patches.  Nothing for the smooth partition, which has no borders. */
FQP_API fqp_status fqp_features_continuity(fqp_features *f, int order, int64_t points, double weight);
FQP_API int64_t fqp_features_equation_count(const fqp_features *f);
FQP_API void fqp_features_clear(fqp_features *f); /* forget the equations */

/* FQP_SOLVE_NORMAL squares the condition of the equations; it is there to show what that costs. */
typedef enum fqp_features_solver { FQP_SOLVE_SVD, FQP_SOLVE_QR, FQP_SOLVE_NORMAL } fqp_features_solver;

typedef struct fqp_features_told {
    int64_t equations, unknowns, rank;
    double condition; /* largest over smallest singular value of what was solved (QR: of the diagonal of R) */
    double residual;  /* root mean square of the scaled rows */
} fqp_features_told;

/* The coefficients of least norm that minimise the squares of all equations.  cutoff: singular values below this part
 * of the largest count as 0; 0: the rounding of a double.  told may be NULL.  FQP_E_UNSUPPORTED without LAPACK. */
FQP_API fqp_status fqp_features_solve(fqp_features *f, fqp_features_solver by, double cutoff, fqp_features_told *told);
/* The coefficients, [count]; 0 before they are solved for.  Borrowed, writable. */
FQP_API double *fqp_features_coefficients(fqp_features *f);

/* u [n] = the derivative of `order` [d] (NULL: the value) of the solution at x [n, d]. */
FQP_API fqp_status fqp_features_eval(const fqp_features *f, int64_t n, const double *x, const int *order, double *u);

#ifdef __cplusplus
}
#endif
#endif
