/* kernels.h - the kernels that the measures of spectra speak of by number. */
#ifndef FQPI_KERNELS_H
#define FQPI_KERNELS_H

#include "measure.h"

#include <fqp/ntk.h>

/* Sums of infinite kernels: two-layer relu networks as in the table of Basri et al. 1906.00425 on the unit circle
 * (x . x' and x . x' + 1 over 2), deep ones with sigma_w^2 = 2, sigma_b^2 = 0.1 (Jacot et al. 1806.07572), a Gaussian.
 */
enum {
    FQPI_KERNEL_GAUSSIAN,  /* exp(-|x - x'|^2/2) */
    FQPI_KERNEL_FIRST,     /* relu, first layer trained, no bias */
    FQPI_KERNEL_BIAS,      /* relu, first layer and its bias trained */
    FQPI_KERNEL_BOTH,      /* relu, both layers trained, no bias */
    FQPI_KERNEL_OUTPUT,    /* relu, output layer trained, no bias */
    FQPI_KERNEL_NETWORK,   /* relu with biases, all trained, NTK parameters, all of variance 1 */
    FQPI_KERNEL_RELU = 10, /* + hidden layers, 1 to 9 */
    FQPI_KERNEL_ERF = 20
};
#define FQPI_KERNELS_DOC                                                                                               \
    "kernel 0: gaussian, 1: relu, first layer trained, 2: with bias, 3: both layers, 4: output layer, 5: all with "    \
    "biases, "                                                                                                         \
    "10 + L: relu, L hidden layers, 20 + L: erf"

enum { FQPI_KERNEL_TERMS = 2 };
typedef struct fqpi_kernels {
    fqp_ntk *term[FQPI_KERNEL_TERMS];
    int n;
} fqpi_kernels;

/* For points of R^d.  False: no such kernel, or a problem. */
bool fqpi_kernels_open(const fqpi_measuring *m, double number, int64_t d, fqpi_kernels *out);
/* Of this many hidden layers of relu or erf, sigma_w^2 = 2 and the given sigma_b^2. */
bool fqpi_kernels_deep(const fqpi_measuring *m, int activation, int64_t hidden, double bias, fqpi_kernels *out);
void fqpi_kernels_close(fqpi_kernels *k);

/* out [na, nb]; xb NULL: xa. */
bool fqpi_kernels_gram(const fqpi_measuring *m, const fqpi_kernels *k, int64_t d, int64_t na, const double *xa,
                       int64_t nb, const double *xb, double *out);
/* All eigenpairs of the matrix on x [n, d]. */
bool fqpi_kernels_eigen(const fqpi_measuring *m, const fqpi_kernels *k, int64_t d, int64_t n, const double *x,
                        fqp_eigen *out);
/* n equal steps around the unit circle, x [n, 2]. */
void fqpi_circle(int64_t n, double *x);

#endif
