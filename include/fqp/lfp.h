/* lfp.h - the linear frequency principle: what a wide two-layer network will learn, without training it.
 *
 * For f = sum_j a_j s(w_j.x + b_j) with many neurons, r = |w| of isotropic direction and biases spread much wider than
 * r |x|, training a and b by gradient flow moves the transform of the function at each frequency by (Luo, Ma, Xu, Zhang
 * arXiv 2010.08153; Zhang, Xu, Luo, Ma arXiv 1905.10264)
 *
 *     d/dt F[h](xi) = -gamma^2(xi) F[(h - y)_rho](xi),    (h - y)_rho = sum_i (h(x_i) - y_i) delta(x - x_i)
 *     relu: gamma^2 = Gamma(d/2)/pi^(d/2) [ A/(16 pi^4 |xi|^(d+3)) + B/(4 pi^2 |xi|^(d+1)) ],  A = E[r^3], B = E[a^2 r]
 *
 * A comes from training a, B from training b; what training w adds (a divergence) is left out, as the papers do.  The
 * function reached is that of least FP-norm  int |F[h]|^2/gamma^2 dxi  through the points, in d = 1 between the linear
 * interpolant (B only) and the natural cubic spline (A only).
 *
 * Transforms in the cycle convention.  Everything is f64.  Objects belong to the thread of their context. */
#ifndef FQP_LFP_H
#define FQP_LFP_H

#include <fqp/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what the initial distribution says ------------------------------------------------------------------------ */

typedef enum fqp_lfp_kind { FQP_LFP_RELU, FQP_LFP_TANH } fqp_lfp_kind;

/* kernel of the network = rate * G(x - x') + functions of x and of x' that the affine part absorbs. */
typedef struct fqp_lfp_law {
    int64_t d; /* inputs */
    fqp_lfp_kind kind;
    double a, b;   /* relu: A = E[r^3] and B = E[a^2 r]; tanh: 1 and E[a^2]; 0: a, or b, is not trained */
    bool uniform;  /* entries of w: U(-weight, weight) (d = 1 only), else N(0, weight^2) */
    double weight; /* factor of an NTK layer included; read for tanh only */
    double rate;   /* p_b(0) times neurons times the squared factor of the output layer: scale of time */
    double spread; /* standard deviation of the biases */
    double radius; /* E[r] */
} fqp_lfp_law;

/* relu with given moments; rate 1, the rest unknown (NaN). */
FQP_API fqp_lfp_law fqp_lfp_moments(int64_t d, double a, double b);
/* Of the network of `opts` with d inputs and one output.  Refused with a problem that begins with the key and says why
 * (FQP_E_UNSUPPORTED): more or less than one hidden layer, another activation than relu and tanh, biases that are
 * missing or all zero, an output map, uniform weights in two or more dimensions (directions not isotropic). */
FQP_API fqp_status fqp_lfp_law_of(fqp_ctx *ctx, const fqp_model_opts *opts, int64_t d, fqp_lfp_law *out);

/* gamma^2 at |xi| > 0. */
FQP_API double fqp_lfp_symbol(const fqp_lfp_law *law, double xi);
/* Its inverse transform G at distance |x|, modulo constants (relu with A > 0: modulo squares too). */
FQP_API double fqp_lfp_kernel(const fqp_lfp_law *law, double distance);
/* Frequency sqrt(A/B)/(2 pi) below which the cubic part of gamma^2 is the larger (0: never, inf: always); NaN for tanh.
 */
FQP_API double fqp_lfp_crossover(const fqp_lfp_law *law);

/* ---- the function that training reaches ------------------------------------------------------------------------ */

typedef struct fqp_lfp fqp_lfp;

typedef struct fqp_lfp_opts {
    /* r > 0: (G + r g I) in place of G, g the mean modulus of G between the points: targets are no longer met exactly
     * (minimum of FP-norm^2 + sum of squares/(r g)).  0: none, unless the system is singular to working precision;
     * then 1e-12, which fqp_lfp_describe tells. */
    double ridge;
} fqp_lfp_opts;

typedef struct fqp_lfp_facts {
    int64_t n, d, m;
    double crossover;
    double condition; /* 1-norm condition of the system solved */
    double ridge;     /* that was used; 0: none */
    double norm;      /* FP-norm of the solution, root of the sum over outputs: sqrt(alpha^T G alpha) */
    double spread;    /* spread of the biases over E[r] times the radius of the data: the theory asks for >> 1 */
    double miss;      /* largest |h(x_i) - y_i| */
} fqp_lfp_facts;

/* h(x) = sum_j alpha_j G(x - x_j) + c_0 + c.x with sum alpha_j = 0, sum alpha_j x_j = 0 (tanh, and relu with A = 0:
 * without c and its condition), h(x_i) = y_i; for a network that starts at 0, or whose start was taken off y.
 * x [n, d], y [n, m] f64 or f32, copied; opts NULL: exact.  Refused: fewer than d + 1 points or points in a plane,
 * which leave c free; points that coincide with other targets.  O(n^3); the bytes needed are told when there is no
 * room. */
FQP_API fqp_status fqp_lfp_create(fqp_ctx *ctx, const fqp_lfp_law *law, fqp_view x, fqp_view y,
                                  const fqp_lfp_opts *opts, fqp_lfp **out);
FQP_API void fqp_lfp_destroy(fqp_lfp *l);
/* out [k, m] = h at x [k, d] */
FQP_API fqp_status fqp_lfp_eval(const fqp_lfp *l, fqp_view x, double *out);
FQP_API fqp_lfp_facts fqp_lfp_describe(const fqp_lfp *l);
FQP_API const double *fqp_lfp_alpha(const fqp_lfp *l); /* [m, n], borrowed */

/* The limits in d = 1, by another route: interpolants of the points (x [n] in any order, distinct) at `at` [k].  Both
 * continue as straight lines beyond the outermost points. */
FQP_API fqp_status fqp_spline_linear(fqp_ctx *ctx, int64_t n, const double *x, const double *y, int64_t k,
                                     const double *at, double *out);
FQP_API fqp_status fqp_spline_cubic(fqp_ctx *ctx, int64_t n, const double *x, const double *y, int64_t k,
                                    const double *at, double *out);

/* ---- FP-norm and the a-priori bound ---------------------------------------------------------------------------- */

/* FP-norm of a function known on a grid of one period, f row by row, shape[d], period[d] (end point left out):
 * ||f||^2 = sum_{k != 0} |F_k|^2/gamma^2(xi_k)/prod period, xi_k = k/period, d <= 3.  Of a function that vanishes at
 * the ends this is the integral over all frequencies, of a periodic one the norm of one period.  *tail (may be NULL):
 * share of the sum from the upper half of the frequencies; near 1 the grid is too coarse (or the norm infinite). */
FQP_API fqp_status fqp_lfp_norm(fqp_ctx *ctx, const fqp_lfp_law *law, const int64_t *shape, const double *period,
                                const double *f, double *norm, double *tail);
/* ||gamma||^2 = sum_{k != 0} gamma^2(xi_k)/prod period, so that |f| <= ||f|| ||gamma||; d <= 3. */
FQP_API fqp_status fqp_lfp_gamma(fqp_ctx *ctx, const fqp_lfp_law *law, const double *period, double *gamma);
/* With probability 1 - delta over n points:  E (h - f)^2 <= (||f||/sqrt n) ||gamma|| (2 + 4 sqrt(2 ln(4/delta))), in
 * the form of arXiv 1905.10264, Theorem 3, and the survey, for |f| <= 1 (f scaled by 1/c: c^2 times the bound of f/c).
 * A worst case that is far above what is seen; its use is to compare targets. */
FQP_API double fqp_lfp_bound(double norm, double gamma, double n, double delta);
/* Points from which that bound is at most `error`. */
FQP_API double fqp_lfp_samples(double norm, double gamma, double error, double delta);

/* ---- the dynamics, frequency by frequency ---------------------------------------------------------------------- */

/* On the lattice xi_k = k/period, |k_i| <= kmax: modes [count], the lower half space only (F(-xi) is the conjugate).
 * gamma^2 is held at its value at `floor` below it.  Time in units of 1/law->rate. */
typedef struct fqp_lfp_flow fqp_lfp_flow;
typedef struct fqp_lfp_flow_opts {
    double period; /* of every axis; 0: 4 times the largest extent of the points */
    int64_t kmax;  /* 0: 64 (d = 1), 16 (d = 2), 6 (d = 3) */
    double floor;  /* 0: half the lowest frequency, 1/(2 period) */
} fqp_lfp_flow_opts;

/* x [n, d], y [n] copied; the network starts at 0. */
FQP_API fqp_status fqp_lfp_flow_create(fqp_ctx *ctx, const fqp_lfp_law *law, fqp_view x, fqp_view y,
                                       const fqp_lfp_flow_opts *opts, fqp_lfp_flow **out);
FQP_API void fqp_lfp_flow_destroy(fqp_lfp_flow *f);
FQP_API int64_t fqp_lfp_flow_count(const fqp_lfp_flow *f);
FQP_API const double *fqp_lfp_flow_frequency(const fqp_lfp_flow *f); /* [count, d] */
FQP_API const double *fqp_lfp_flow_symbol(const fqp_lfp_flow *f);    /* [count] gamma^2 */
/* F[h](xi_k, t) into spectrum [count, 2] and h(x_i) - y_i into residual [n] (either may be NULL): by the matrix
 * exponential on the points, any t >= 0 ... */
FQP_API fqp_status fqp_lfp_flow_at(const fqp_lfp_flow *f, double t, double *spectrum, double *residual);
/* ... and by integrating every frequency (Dormand-Prince 5(4), error per step below tolerance): the second road.
 * Explicit, so the work grows with t times the largest eigenvalue. */
FQP_API fqp_status fqp_lfp_flow_integrate(const fqp_lfp_flow *f, double t, double tolerance, double *spectrum,
                                          double *residual, int64_t *steps);
/* The function of a spectrum at x [k, d]. */
FQP_API fqp_status fqp_lfp_flow_eval(const fqp_lfp_flow *f, const double *spectrum, fqp_view x, double *out);

#ifdef __cplusplus
}
#endif
#endif
