/* normal: W, b ~ N(0, weight_std^2) (Xu et al. 1901.06523: 0.05 or 0.1). */
#include "init.h"

static fqpi_spread weight(const fqpi_init_layer *l) {
    return (fqpi_spread){.size = l->weight_std};
}

const fqpi_init fqpi_init_normal = {
    .name = "normal",
    .doc = "weights and biases N(0, weight_std^2), as the papers on the frequency principle use",
    .weight = weight,
    .bias = weight};
