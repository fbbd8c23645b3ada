/* ideal.h - the idealised analysis: exact Fourier transforms of activations, and what they make of the gradient of the
 * loss at one frequency.
 *
 * Transforms are in the cycle convention, F[s](xi) = int s(x) exp(-2 pi i xi x) dx, with csch = 1/sinh.  The loss at
 * one frequency speaks of the angular frequency k = 2 pi xi, as its papers do (Xu et al. arXiv 1901.06523, section 4;
 * survey arXiv 2201.07395, section 4.1).  All numbers are f64; large frequencies are followed by logarithms, where the
 * values themselves are 0 in floating point.  Calls keep nothing and may run in several threads, each with its own
 * context. */
#ifndef FQP_IDEAL_H
#define FQP_IDEAL_H

#include <fqp/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- transforms ------------------------------------------------------------------------------------------------ */

/* How |F| falls: |xi|^-rate, exp(-rate |xi|), exp(-rate xi^2); or two lines at +-rate and nothing else. */
typedef enum fqp_decay { FQP_DECAY_POWER, FQP_DECAY_EXPONENTIAL, FQP_DECAY_GAUSSIAN, FQP_DECAY_LINES } fqp_decay;

typedef struct fqp_transform {
    const char *name;     /* as the activation is called, or "step", "abs", "sech2" */
    const char *function; /* "max(0, x)" */
    const char *formula;  /* "-1/(4 pi^2 xi^2) (+ (i/(4 pi)) delta')"; in brackets: what stands at xi = 0 only */
    const char *valid;    /* where, and in which sense */
    fqp_decay decay;
    double rate; /* at the parameter asked for */
} fqp_transform;

/* Names of the rows; NULL past the end. */
FQP_API const char *fqp_transform_name(size_t i, const char **formula);
/* The row of a function or activation.  FQP_E_UNSUPPORTED with the sentence why when it has no closed form,
 * FQP_E_ARG with the nearest name when it is not known at all. */
FQP_API fqp_status fqp_transform_find(fqp_ctx *ctx, const char *name, size_t *row);
/* param: of the activation (model.h); NaN: its default. */
FQP_API fqp_status fqp_transform_describe(fqp_ctx *ctx, size_t row, double param, fqp_transform *out);
/* F of the order-th derivative at xi, (2 pi i xi)^order F[s](xi), real and imaginary part.  Refused (FQP_E_UNSUPPORTED)
 * at xi = 0 where F is singular there, and for lines, which have no value at any frequency. */
FQP_API fqp_status fqp_transform_value(fqp_ctx *ctx, size_t row, double param, int order, double xi, double out[2]);
/* F = exp(*log) (phase[0] + i phase[1]) with |phase| = 1, good where F itself underflows. */
FQP_API fqp_status fqp_transform_log(fqp_ctx *ctx, size_t row, double param, double xi, double *log, double phase[2]);

/* One neuron a s(w x + b):  F(xi) = (a/|w|) exp(2 pi i b xi/w) F[s](xi/w). */
typedef struct fqp_neuron {
    double a, w, b;
} fqp_neuron;
FQP_API fqp_status fqp_transform_neuron(fqp_ctx *ctx, size_t row, double param, fqp_neuron neuron, double xi,
                                        double out[2]);

/* ---- the loss at one frequency --------------------------------------------------------------------------------- */

/* L(k) = |D|^2/2, D = h^(k) - f^(k), of h(x) = sum_j a_j s(w_j x + b_j) at the angular frequency k != 0; target[2] is
 * f^(k).  residual [2] (may be NULL) receives D.  w_j = 0 is refused: such a neuron is a constant. */
FQP_API fqp_status fqp_ideal_loss(fqp_ctx *ctx, size_t row, double param, size_t n, const fqp_neuron *neuron, double k,
                                  const double target[2], double *loss, double residual[2]);

/* dL(k)/d(a, w, b) of every neuron in closed form: value [n, 3], log [n, 3] ln of the modulus (-inf: 0).  Either may be
 * NULL.  By logarithms, so that components of 1e-500 can still be compared. */
FQP_API fqp_status fqp_ideal_gradient(fqp_ctx *ctx, size_t row, double param, size_t n, const fqp_neuron *neuron,
                                      double k, const double target[2], double *value, double *log);
/* The same of one neuron when the residual D = amplitude exp(i phase) is given. */
FQP_API fqp_status fqp_ideal_gradient_at(fqp_ctx *ctx, size_t row, double param, fqp_neuron neuron, double k,
                                         double amplitude, double phase, double value[3], double log[3]);

/* ln of the decay law of that gradient, up to a constant: -rate |xi|, -rate xi^2 or -rate ln |xi| at xi = k/(2 pi w).
 * For tanh exp(-pi k/(2 w)), for relu (k/w)^-2.  Lines are refused. */
FQP_API fqp_status fqp_ideal_law(fqp_ctx *ctx, size_t row, double param, double w, double k, double *log);

#ifdef __cplusplus
}
#endif
#endif
