/* glorot_normal: variance 2/(in+out), normal (Glorot & Bengio 2010). */
#include "init.h"

#include <math.h>

static fqpi_spread weight(const fqpi_init_layer *l) {
    return (fqpi_spread){.size = sqrt(2.0 / (double)(l->in + l->out))};
}

const fqpi_init fqpi_init_glorot_normal = {
    .name = "glorot_normal", .doc = "N(0, 2/(fan_in+fan_out)), zero biases", .weight = weight};
