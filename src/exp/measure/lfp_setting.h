/* lfp_setting.h - the published few-point problems, the exact kernel's answer to them, and networks trained on them. */
#ifndef FQPI_LFP_SETTING_H
#define FQPI_LFP_SETTING_H

#include "measure.h"

#include <fqp/lfp.h>

/* A few points in one or two dimensions. */
typedef struct fqpi_few {
    int64_t d, n;
    const double *x, *y; /* [n, d], [n] */
} fqpi_few;
extern const fqpi_few fqpi_few_four; /* X = -0.8 -0.3 0.2 0.9, Y = 0.5 -0.7 0.9 -0.1 */
extern const fqpi_few fqpi_few_xor;  /* X = (+-1, +-1), y = x1 x2 */

/* Law of two-layer relu with w ~ N(0, weight^2 I), a ~ N(0, a_std^2). */
fqp_lfp_law fqpi_lfp_normal(int64_t d, double weight, double a_std);
/* out [k] = the function of least FP-norm at `at` [k, d]; false: a problem was reported. */
bool fqpi_lfp_solve(fqp_ctx *ctx, const fqp_lfp_law *law, const fqpi_few *p, int64_t k, const double *at, double *out);

/* A two-layer relu network of infinite width: w ~ N(0, gain/d I), a ~ N(0, a_std^2), b ~ N(0, sigma_b^2); what trains.
 */
typedef struct fqpi_wide {
    double gain, a_std, sigma_b;
    bool train_a, train_w;
    bool train_b;
} fqpi_wide;
/* out [k] = its kernel's interpolant; *trace (may be NULL): trace of the kernel on the points. */
bool fqpi_wide_solve(fqp_ctx *ctx, const fqpi_wide *w, const fqpi_few *p, int64_t k, const double *at, double *out,
                     double *trace);

/* A network of `pairs` antisymmetric pairs with NTK parameters, trained by the heavy ball on targets times 0.02 until
 * half the sum of squares is below 1e-7 of 0.02^2. */
typedef struct fqpi_pairs {
    const fqpi_few *points;
    int64_t pairs;
    double a_std, sigma_b, momentum;
    bool train_w;
    uint64_t seed;
} fqpi_pairs;
/* out [k] = the trained network over 0.02; networks are kept in the cache of the measuring. */
bool fqpi_pairs_eval(const fqpi_measuring *m, const fqpi_pairs *p, int64_t k, const double *at, double *out);

/* `k` equal steps from `low` to `high`, both included; and ||a - b||/||b||. */
void fqpi_even(double low, double high, int64_t k, double *out);
double fqpi_relative(int64_t k, const double *a, const double *b);

#endif
