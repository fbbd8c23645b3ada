/* relu_power: max(0, z)^p.  The derivative of order q <= p is an ordinary function (at order q = p a jump at 0, where
 * the value 0 is taken, as relu does). */
#include "activation.h"

#include <math.h>

static int eval(double p, double z, double f[FQPI_DERIVATIVES]) {
    int order = p >= FQPI_DERIVATIVES - 1 ? FQPI_DERIVATIVES - 1 : (int)p;
    double factor = 1;
    for (int q = 0; q < FQPI_DERIVATIVES; q++) {
        f[q] = q > order ? NAN : z > 0 ? factor * pow(z, p - q) : 0;
        factor *= p - q;
    }
    return order;
}

const fqpi_activation fqpi_activation_relu_power = {.name = "relu_power",
                                                    .doc = "max(0, z)^power",
                                                    .parameter = "power",
                                                    .value = 2,
                                                    .least = 1,
                                                    .most = 16,
                                                    .c = "z > 0 ? pow(z, p) : 0",
                                                    .eval = eval};
