/* harmonic.h - Fourier coefficients of a field known at scattered points, by weighted least squares.
 *
 *   c = argmin sum_j w_j |y_j - sum over |k_a| <= K_a of c_k exp(2 pi i k.u_j)|^2,   sum_j w_j = 1
 * (Lomb and Scargle's least squares, for all frequencies at once, in one to three dimensions.)  A field made of these
 * waves gets its coefficients back whatever the points, where sums over the points leak from wave to wave.
 *
 * The normal matrix T_{k-l} = sum_j w_j exp(-2 pi i (k-l).u_j) is Toeplitz: one transform gives all of it (Feichtinger,
 * Groechenig & Strohmer, Numer. Math. 69, 423, 1995).  Up to FQPI_HARMONIC_DENSE unknowns it is factored once; beyond,
 * conjugate gradients multiply by it through an FFT.
 *
 * Weights.  Equal ones are best for noise; but what a field holds beyond K then counts as often as points were taken
 * there.  By density, w_j is inverse to the number of points within one wave of the highest frequency, found by
 * iteration w <- w / (w * psi), psi the Fejer kernel of |q_a| <= 2 K_a (Pipe & Menon, Magn. Reson. Med. 41, 179, 1999):
 * a cluster counts like one point, all dimensions are treated alike, and no cell grows without bound at a gap, as
 * Voronoi cells do. */
#ifndef FQPI_HARMONIC_H
#define FQPI_HARMONIC_H

#include "domain.h"

enum { FQPI_HARMONIC_DENSE = 2048, FQPI_HARMONIC_DENSITY = 0, FQPI_HARMONIC_EQUAL };

typedef struct fqpi_harmonic fqpi_harmonic;

/* u [n, d] in turns, K [d].  FQP_E_SHAPE when there are more waves than points; FQP_E_DATA when the points do not tell
 * the waves apart: condition above 1e12, or no end
 * of conjugate gradients.  `who` begins messages. */
fqp_status fqpi_harmonic_create(fqp_ctx *ctx, const char *who, int d, int64_t n, const double *u, const int64_t *K,
                                int weights, fqpi_harmonic **out);
/* Without K: as many waves as have four points each, at most `most`, and fewer as long as the condition number is above
 * FQPI_HARMONIC_FAIR (what the waves do not hold grows by its root): a density that falls to nothing at the ends
 * carries few.  K [d] of the box taken. */
#define FQPI_HARMONIC_FAIR 100.0
fqp_status fqpi_harmonic_suited(fqp_ctx *ctx, const char *who, const fqpi_domain *domain, int64_t n, const double *u,
                                double most, int weights, int64_t *K, fqpi_harmonic **out);
void fqpi_harmonic_destroy(fqpi_harmonic *h);

/* c of the real field y, elements y[j*row] - shift, into box [2 K_0 + 1, ...][2] as nufft.h has it.  Allocates nothing;
 * the same bits for any number of threads.  False: conjugate gradients did not reach 1e-12 of the right-hand side. */
bool fqpi_harmonic_fit(fqpi_harmonic *h, const double *y, int64_t row, double shift, double *box);
/* The field that a box stands for, at the points: real and imaginary part [n]; the latter may be NULL. */
void fqpi_harmonic_field(fqpi_harmonic *h, const double *box, double *re, double *im);

int64_t fqpi_harmonic_box(const fqpi_harmonic *h);
const double *fqpi_harmonic_weights(const fqpi_harmonic *h); /* [n] */
double fqpi_harmonic_condition(const fqpi_harmonic *h); /* largest over smallest eigenvalue, estimated from below */

#endif
