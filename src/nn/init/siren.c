/* siren (Sitzmann et al. 2006.09661): first layer W ~ U(+-1/in), the others U(+-sqrt(6/in)/omega0), biases
 * U(+-1/sqrt(in)); every sine layer is sin(omega0 (W h + b)). */
#include "init.h"

#include <math.h>

static fqpi_spread weight(const fqpi_init_layer *l) {
    double in = (double)l->in;
    return (fqpi_spread){.uniform = true, .size = l->layer == 0 ? 1.0 / in : sqrt(6.0 / in) / l->omega0};
}

static fqpi_spread bias(const fqpi_init_layer *l) {
    return (fqpi_spread){.uniform = true, .size = 1.0 / sqrt((double)l->in)};
}

const fqpi_init fqpi_init_siren = {
    .name = "siren", .doc = "SIREN, for activation sin with omega0", .weight = weight, .bias = bias};
