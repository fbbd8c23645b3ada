/* lecun_uniform: variance 1/in, uniform (LeCun et al. 1998). */
#include "init.h"

#include <math.h>

static fqpi_spread weight(const fqpi_init_layer *l) {
    return (fqpi_spread){.uniform = true, .size = sqrt(3.0 / (double)l->in)};
}

const fqpi_init fqpi_init_lecun_uniform = {
    .name = "lecun_uniform", .doc = "U(+-sqrt(3/fan_in)), zero biases", .weight = weight};
