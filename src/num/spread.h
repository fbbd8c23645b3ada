/* spread.h - the window with which scattered points are spread onto an equispaced grid.
 *
 *   phi(u) = exp(beta (sqrt(1 - (2u/taps)^2) - 1)), |u| <= taps/2 cells,   beta = 2.3 taps, grid at least twice as fine
 * the "exponential of semicircle" (Barnett, Magland & af Klinteberg, SIAM J. Sci. Comput. 41, C479, 2019). */
#ifndef FQPI_SPREAD_H
#define FQPI_SPREAD_H

#include "kernel.h"

#define FQPI_SPREAD_BETA 2.3 /* times taps, for a grid twice as fine as the highest frequency asks */

/* The least even number from `least` on without a prime factor above 5: a transform of that size is quick. */
int64_t fqpi_spread_cells(int64_t least);
/* w[i] = integral of phi(u) cos(2 pi q u/cells) du for q = first, first + 1, ...; taps at most FQPI_TAPS. */
void fqpi_spread_transform(const fqpi_kernel *kernel, int taps, int64_t cells, int64_t first, int64_t count, double *w);
/* k s modulo 1, to rounding of the result rather than of the product; 0 <= result <= 1 */
double fqpi_spread_turns(double k, double s);

#endif
