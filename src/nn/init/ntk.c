/* ntk: entries N(0,1) with NTK parameters, where the layer divides by sqrt(in) (Jacot, Gabriel, Hongler 2018); with
 * standard parameters W ~ N(0, 1/in), b ~ N(0,1), which is the same function at the start. */
#include "init.h"

#include <math.h>

static fqpi_spread weight(const fqpi_init_layer *l) {
    return (fqpi_spread){.size = l->ntk ? 1.0 : 1.0 / sqrt((double)l->in)};
}

static fqpi_spread bias(const fqpi_init_layer *l) {
    (void)l;
    return (fqpi_spread){.size = 1.0};
}

const fqpi_init fqpi_init_ntk = {
    .name = "ntk", .doc = "the NTK scaling: W/sqrt(fan_in) with W, b from N(0, 1)", .weight = weight, .bias = bias};
