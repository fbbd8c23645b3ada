/* legendre.h - Gauss-Legendre quadrature. */
#ifndef FQPI_LEGENDRE_H
#define FQPI_LEGENDRE_H

#include <stdint.h>

/* Nodes, rising, and weights of the n-point rule on [a, b]: exact for polynomials of degree 2n - 1. */
void fqpi_legendre(int64_t n, double a, double b, double *node, double *weight);

#endif
