/* tridiag.h - eigenvalues and vectors of small symmetric tridiagonal matrices. */
#ifndef FQPI_TRIDIAG_H
#define FQPI_TRIDIAG_H

#include <stdbool.h>

/* diag [n] becomes the eigenvalues (in no order); off [n], off[i] couples i and i+1, is destroyed; column j of
 * z [n,n] (row-major) becomes the unit vector of eigenvalue j.  False when 60 sweeps do not converge. */
bool fqpi_tridiag_eigen(int n, double *diag, double *off, double *z);

#endif
