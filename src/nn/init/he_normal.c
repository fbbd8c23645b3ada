/* he_normal: variance 2/in, normal (He et al. 2015). */
#include "init.h"

#include <math.h>

static fqpi_spread weight(const fqpi_init_layer *l) {
    return (fqpi_spread){.size = sqrt(2.0 / (double)l->in)};
}

const fqpi_init fqpi_init_he_normal = {.name = "he_normal", .doc = "N(0, 2/fan_in), zero biases", .weight = weight};
