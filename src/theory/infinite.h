/* infinite.h - the kernel of infinitely wide networks: layers, and what they make of the points. */
#ifndef FQPI_INFINITE_H
#define FQPI_INFINITE_H

#include "dual/dual.h"
#include "ntk_i.h"

typedef struct fqpi_infinite {
    size_t n; /* layers; the last one has no activation */
    fqp_ntk_layer *layer;
} fqpi_infinite;

/* The layer's numbers in the words of the recursion. */
static inline double fqpi_layer_weight(const fqp_ntk_layer *y) { /* sigma_w^2 */
    return y->gain * y->weight_var;
}

static inline double fqpi_layer_bias(const fqp_ntk_layer *y) { /* sigma_b^2 */
    return y->bias_gain * y->bias_var;
}

fqp_status fqpi_infinite_gram(const fqp_ntk *k, fqp_view xa, fqp_view xb, fqp_ntk_part part, double *out);

#endif
