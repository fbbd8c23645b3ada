/* sobol.h - Sobol points in [0,1)^d. */
#ifndef FQPI_SOBOL_H
#define FQPI_SOBOL_H

#include <stdint.h>

enum { FQPI_SOBOL_MAX_DIM = 16, FQPI_SOBOL_BITS = 52 };

/* Points first .. first+n-1 of the sequence into x [n,d], 1 <= d <= FQPI_SOBOL_MAX_DIM.  shift [d] (NULL: none) moves
 * every point by an exclusive or of its binary digits (the lowest FQPI_SOBOL_BITS bits are used), which keeps all
 * balance properties. */
void fqpi_sobol(int64_t first, int64_t n, int d, const uint64_t *shift, double *x);

#endif
