/* uniform: W, b ~ U(-r, r), r = weight_std. */
#include "init.h"

static fqpi_spread weight(const fqpi_init_layer *l) {
    return (fqpi_spread){.uniform = true, .size = l->weight_std};
}

const fqpi_init fqpi_init_uniform = {
    .name = "uniform", .doc = "weights and biases U(-weight_std, weight_std)", .weight = weight, .bias = weight};
