/* torch: W, b ~ U(-1/sqrt(in), 1/sqrt(in)), what PyTorch's Linear does when nothing is said. */
#include "init.h"

#include <math.h>

static fqpi_spread weight(const fqpi_init_layer *l) {
    return (fqpi_spread){.uniform = true, .size = 1.0 / sqrt((double)l->in)};
}

const fqpi_init fqpi_init_torch = {.name = "torch",
                                   .doc = "U(+-1/sqrt(fan_in)) for weights and biases, PyTorch's default",
                                   .weight = weight,
                                   .bias = weight};
