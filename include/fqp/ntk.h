/* ntk.h - neural tangent kernels: of infinitely wide networks, of a network at hand, of anyone's Jacobian; their
 * eigenpairs and the frequency of each; training as the kernel sees it.
 *
 * K(x, x') = grad f(x) . grad f(x') over the trained parameters (Jacot et al. 1806.07572).  Everything here is f64
 * unless said.  Different contexts may be used from different threads at the same time; objects belong to the thread of
 * their context, which must outlive them.  What needs much memory says how much before it takes it: FQP_E_NOMEM with
 * the bytes needed and the way out (a file, fewer points, leading pairs only). */
#ifndef FQP_NTK_H
#define FQP_NTK_H

#include <fqp/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- kernels --------------------------------------------------------------------------------------------------- */

typedef struct fqp_ntk fqp_ntk;

/* One layer of an infinitely wide network, z = s W h + s_b b, then sigma: a layer with n inputs of mean square q has
 * outputs of variance gain*weight_var*q + bias_gain*bias_var.  NTK parameters: gain 1, weight_var 1; standard ones:
 * gain n.  Frozen parameters shape the function but add nothing to the tangent kernel. */
typedef struct fqp_ntk_layer {
    double gain;       /* s^2 times the number of inputs */
    double weight_var; /* of an entry of W */
    double bias_gain;  /* s_b^2 */
    double bias_var;   /* of an entry of b */
    bool train_weight, train_bias;
    int activation; /* row of the activations, after this layer; not read in the last one */
    double param;   /* of the activation; NaN: its default */
    double omega;   /* sigma(omega z); 1 but for siren */
} fqp_ntk_layer;

/* The network of `opts` with d inputs, its hidden layers taken as infinitely wide but with the gains of the widths that
 * opts names.  Refused: activations without a Gaussian expectation (they are listed).  Outputs are independent: one
 * kernel serves each. */
FQP_API fqp_status fqp_ntk_infinite(fqp_ctx *ctx, const fqp_model_opts *opts, int64_t d, fqp_ntk **out);
/* The same layer by layer (copied); what fqp_ntk_infinite would use for `opts` is in fqp_ntk_layers_of. */
FQP_API fqp_status fqp_ntk_infinite_layers(fqp_ctx *ctx, size_t n, const fqp_ntk_layer *layer, fqp_ntk **out);
FQP_API fqp_status fqp_ntk_layers_of(fqp_ctx *ctx, const fqp_model_opts *opts, int64_t d, size_t room,
                                     fqp_ntk_layer *layer, size_t *n);

/* Which outputs of a finite network: one of them (its number), the sum of the kernels of all (the trace over outputs),
 * or all against all. */
enum { FQP_NTK_SUM = -1, FQP_NTK_ALL = -2 };
/* Of `model` at its parameters at the time of each call (borrowed; it must outlive the kernel).  The output map counts:
 * the derivative of softmax, not of its inputs. */
FQP_API fqp_status fqp_ntk_empirical(fqp_ctx *ctx, const fqp_model *model, int64_t output, fqp_ntk **out);

FQP_API void fqp_ntk_destroy(fqp_ntk *k);

/* Rows that n points have in the kernel: n, or n m with FQP_NTK_ALL (row a n + i is output a at point i). */
FQP_API int64_t fqp_ntk_rows(const fqp_ntk *k, int64_t n);

/* The tangent kernel, or the covariance of the outputs of an infinite network at the start (nngp). */
typedef enum fqp_ntk_part { FQP_NTK_TANGENT, FQP_NTK_COVARIANCE } fqp_ntk_part;

/* out [rows(xa), rows(xb)] row by row; xa [na, d], xb [nb, d], f32 or f64.  xb.data NULL: xb = xa, symmetric to the
 * bit. */
FQP_API fqp_status fqp_ntk_gram(const fqp_ntk *k, fqp_view xa, fqp_view xb, fqp_ntk_part part, double *out);

/* out [count, rows] = K(x, x) v for `count` vectors v [count, rows], without ever holding K. */
FQP_API fqp_status fqp_ntk_apply(const fqp_ntk *k, fqp_view x, int64_t count, const double *v, double *out);

/* ---- a symmetric matrix, in memory or in a file ---------------------------------------------------------------- */

typedef struct fqp_gram fqp_gram;
typedef struct fqp_gram_opts {
    const char *file; /* a .npy file to hold it (readable by anyone, mapped into memory); NULL: memory */
    bool single;      /* f32 instead of f64 */
    double memory;    /* bytes it may take when no file is given; 0: what the machine has free */
} fqp_gram_opts;
/* K(x, x) [rows, rows]; opts NULL: f64 in memory.  Shows progress. */
FQP_API fqp_status fqp_gram_of(const fqp_ntk *k, fqp_view x, const fqp_gram_opts *opts, fqp_gram **out);
/* J J^T of an array file [rows, parameters] or [n, m, parameters] (rows n m, output by output, or their sum), read some
 * rows at a time. */
FQP_API fqp_status fqp_gram_of_jacobian(fqp_ctx *ctx, const char *file, int64_t output, const fqp_gram_opts *opts,
                                        fqp_gram **out);
/* Any square array file (mapped), checked for symmetry. */
FQP_API fqp_status fqp_gram_load(fqp_ctx *ctx, const char *file, fqp_gram **out);
FQP_API void fqp_gram_destroy(fqp_gram *g);
FQP_API fqp_view fqp_gram_view(const fqp_gram *g); /* [rows, rows], f64 or f32, borrowed */
/* ||a - b||_F / ||b||_F: the drift of a kernel since b. */
FQP_API fqp_status fqp_gram_distance(const fqp_gram *a, const fqp_gram *b, double *out);

/* ---- eigenpairs ------------------------------------------------------------------------------------------------ */

/* Falling eigenvalues; the caller frees with fqp_eigen_free.  Of a kernel's matrix, values between 0 and -n times the
 * rounding of its numbers, relative to the largest, are 0: a kernel has none below, and rounding makes no larger ones.
 * The element of largest modulus of each vector is positive. */
typedef struct fqp_eigen {
    int64_t n, count;
    double *value;   /* [count] */
    double *vector;  /* [count, n] row i is eigenvector i, of unit length */
    double residual; /* max_i ||K v_i - l_i v_i|| / l_0; NaN: direct solver */
} fqp_eigen;
/* All pairs (count 0) or the leading `count`: by LAPACK while the matrix is small or most pairs are wanted, else by
 * block Lanczos to `tolerance` (0: 1e-10), residuals relative to the largest eigenvalue. */
FQP_API fqp_status fqp_gram_eigen(const fqp_gram *g, int64_t count, double tolerance, fqp_eigen *out);
/* Of any symmetric operator: apply(user, count, v [count, n], out [count, n]). */
typedef fqp_status (*fqp_apply_fn)(void *user, int64_t count, const double *v, double *out);
FQP_API fqp_status fqp_eigen_leading(fqp_ctx *ctx, int64_t n, fqp_apply_fn apply, void *user, int64_t count,
                                     double tolerance, fqp_eigen *out);
FQP_API void fqp_eigen_free(fqp_eigen *e);

/* The frequency of an eigenvector along a coordinate of the points, in cycles over its range: by the discrete Fourier
 * transform around a closed curve; between two ends by integrals over cos(2 pi k u), k = 0, 1/2, 1, ..., u from 0 to 1,
 * which continue the function by reflection (trapezoidal rule over the points as they lie). */
typedef struct fqp_mode {
    double frequency;     /* where the power is largest, cycles over the range of s */
    double centre;        /* mean frequency, weighted by power */
    double spread;        /* standard deviation about it */
    double share;         /* of the power within half a cycle of `frequency` */
    int64_t sign_changes; /* along s, around a closed curve; -1: s has ties */
} fqp_mode;
/* s [n] the coordinate of each point; NULL: the points follow each other along a closed curve in equal steps.  kmax at
 * most n/2 (0: that).  out [e->count].  FQP_E_ARG: s not finite, or all the same. */
FQP_API fqp_status fqp_eigen_modes(fqp_ctx *ctx, const fqp_eigen *e, const double *s, double kmax, fqp_mode *out);

/* Eigenvalues l_0 .. l_kmax of a kernel of the angle, as that of an infinitely wide network is, on the sphere of this
 * radius in R^d, d >= 2, under its uniform measure (circle: l_k of cos kt and of sin kt; sphere: of each spherical
 * harmonic of degree k), by Gauss quadrature of the Funk-Hecke integral, to 1e-13 of the largest K.  The points on the
 * sphere have n times these eigenvalues in their matrix as n grows.  FQP_E_UNSUPPORTED: another kernel. */
FQP_API fqp_status fqp_ntk_sphere(const fqp_ntk *k, int64_t d, double radius, int64_t kmax, double *out);

/* ---- training as the kernel sees it ------------------------------------------------------------------------------
 * For the loss (c/2) sum |f(x_i) - y_i|^2 (c = 2/(n m) for a mean of squares over n points and m outputs):
 *   flow       f' = -c K (f - y), t = lr * step        r(t) = V exp(-c l t) V^T r(0)
 *   gd         r(s) = V (1 - lr c l)^s V^T r(0), stable while lr c l < 2
 *   momentum   the heavy ball of rate `momentum`, mode by mode
 *   nesterov   likewise
 * Eigenvalues below cutoff * l_0 are taken as 0: their modes are never learnt, nothing is divided by them. */
typedef struct fqp_flow fqp_flow;
typedef struct fqp_flow_opts {
    int rule; /* FQP_FLOW_... */
    double lr, momentum;
    double c;      /* see above */
    double cutoff; /* 0: 1e-14 */
} fqp_flow_opts;
enum { FQP_FLOW_CONTINUOUS, FQP_FLOW_GD, FQP_FLOW_MOMENTUM, FQP_FLOW_NESTEROV };
/* e: all or the leading pairs of K on the training points (copied); r0 [n, m] = f_0 - y there (copied; m outputs that
 * share the kernel).  The part of r0 outside the pairs given stays as it is. */
FQP_API fqp_status fqp_flow_create(fqp_ctx *ctx, const fqp_eigen *e, const double *r0, int64_t m,
                                   const fqp_flow_opts *opts, fqp_flow **out);
FQP_API void fqp_flow_destroy(fqp_flow *f);
FQP_API bool fqp_flow_stable(const fqp_flow *f, double *largest_lr);          /* lr below which every mode falls */
FQP_API double fqp_flow_factor(const fqp_flow *f, int64_t mode, double step); /* r_i(step)/r_i(0) */
/* r [n, m] at a step (whole numbers for the discrete rules, any number for flow; infinity: the limit). */
FQP_API fqp_status fqp_flow_residual(const fqp_flow *f, double step, double *r);
/* Points elsewhere: cross [n_out, n] = K(x*, x), start [n_out, m] = f_0(x*) (NULL: 0); both copied, once.  Then
 * out [n_out, m] = f_step(x*). */
FQP_API fqp_status fqp_flow_points(fqp_flow *f, int64_t n_out, const double *cross, const double *start);
FQP_API fqp_status fqp_flow_eval(const fqp_flow *f, double step, double *out);

/* ---- the kernel while training -----------------------------------------------------------------------------------
 * Section "monitor.kernel": what a run stores of its tangent kernel (the sum over outputs) at some of its points.
 *   seed_0001/kernel/step.npy [F] i64, drift.npy [F] ||K - K_0||_F / ||K_0||_F, parameter_drift.npy [F]
 *   |theta - theta_0| / |theta_0|, alignment.npy [F] <K, Y Y^T> / (||K||_F ||Y Y^T||_F) (Cristianini et al. 2001),
 *   eigenvalue.npy [F, count] the leading ones */
typedef struct fqp_kernel_opts {
    int64_t every;  /* at every so many recorded frames, and at the end of training; 0: never */
    int64_t points; /* of the monitored ones, evenly taken; 0: all */
    int64_t count;  /* eigenvalues */
} fqp_kernel_opts;
extern const fqp_section fqp_kernel_section;

#ifdef __cplusplus
}
#endif
#endif
