/* mscale: as the published MscaleDNN code draws (Liu, Cai & Xu 2007.11207): weights and biases N(0, 4/(in + out)),
 * those of the output layer with the fans of the last layer between hidden ones. */
#include "init.h"

#include <math.h>

static fqpi_spread both(const fqpi_init_layer *l) {
    return (fqpi_spread){.size = 2 / sqrt(l->hidden_fans)};
}

const fqpi_init fqpi_init_mscale = {.name = "mscale",
                                    .doc =
                                        "N(0, 4/(fan_in+fan_out)) for weights and biases, MscaleDNN's published code",
                                    .weight = both,
                                    .bias = both};
