/* he_uniform: variance 2/in, uniform (He et al. 2015). */
#include "init.h"

#include <math.h>

static fqpi_spread weight(const fqpi_init_layer *l) {
    return (fqpi_spread){.uniform = true, .size = sqrt(6.0 / (double)l->in)};
}

const fqpi_init fqpi_init_he_uniform = {
    .name = "he_uniform", .doc = "U(+-sqrt(6/fan_in)), zero biases", .weight = weight};
