/* lecun_normal: variance 1/in, normal (LeCun et al. 1998). */
#include "init.h"

#include <math.h>

static fqpi_spread weight(const fqpi_init_layer *l) {
    return (fqpi_spread){.size = sqrt(1.0 / (double)l->in)};
}

const fqpi_init fqpi_init_lecun_normal = {
    .name = "lecun_normal", .doc = "N(0, 1/fan_in), zero biases", .weight = weight};
