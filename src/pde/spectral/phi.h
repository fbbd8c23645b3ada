/* phi.h - the functions of exponential integrators, of small complex matrices.
 *
 *   phi_0(z) = e^z,   phi_l(z) = z phi_{l+1}(z) + 1/l! */
#ifndef FQPI_SPECTRAL_PHI_H
#define FQPI_SPECTRAL_PHI_H

#include <complex.h>

enum { FQPI_PHI_COUNT = 4, FQPI_PHI_MOST = 8 };

/* phi[l] [n, n] = phi_l(z), l = 0 .. 3, of z [n, n], n <= FQPI_PHI_MOST: Taylor's series of z/2^s, then s doublings
 * (Skaflestad & Wright, BIT 49, 487, 2009), which lose no digits where the definition divides small differences by
 * powers of z. */
void fqpi_phi(int n, const double complex *z, double complex phi[FQPI_PHI_COUNT][FQPI_PHI_MOST * FQPI_PHI_MOST]);

#endif
