/* glorot_uniform: variance 2/(in+out), uniform (Glorot & Bengio 2010). */
#include "init.h"

#include <math.h>

static fqpi_spread weight(const fqpi_init_layer *l) {
    return (fqpi_spread){.uniform = true, .size = sqrt(6.0 / (double)(l->in + l->out))};
}

const fqpi_init fqpi_init_glorot_uniform = {
    .name = "glorot_uniform", .doc = "U(+-sqrt(6/(fan_in+fan_out))), zero biases", .weight = weight};
