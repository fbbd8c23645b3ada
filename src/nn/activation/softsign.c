/* softsign: z/(1+|z|), q = 1/(1+|z|): s' = q^2, s'' = -2 sign(z) q^3 (a jump at 0, value 0 taken there). */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    double q = 1 / (1 + fabs(z)), sign = (z > 0) - (z < 0);
    f[0] = z * q;
    f[1] = q * q;
    f[2] = -2 * sign * q * q * q;
    f[3] = NAN;
    return 2;
}

const fqpi_activation fqpi_activation_softsign = {
    .name = "softsign", .doc = "z/(1+|z|)", .c = "z / (1 + fabs(z))", .eval = eval};
