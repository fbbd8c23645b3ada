/* sigmoid: s = 1/(1+e^-z), q = 1-s from its own quotient so that no digits cancel.
 * s' = s q, s'' = s' (q - s), s''' = s' (1 - 6 s q), and with q - s = r: s4 = s' r (1 - 12 s q),
 * s5 = s' (1 - 30 s q (1 - 4 s q)). */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    double e = exp(-fabs(z)), big = 1 / (1 + e), small = e / (1 + e);
    double s = z > 0 ? big : small, q = z > 0 ? small : big;
    f[0] = s;
    f[1] = s * q;
    f[2] = f[1] * (q - s);
    f[3] = f[1] * (1 - 6 * s * q);
    f[4] = f[2] * (1 - 12 * s * q);
    f[5] = f[1] * (1 - 30 * s * q * (1 - 4 * s * q));
    return 5;
}

const fqpi_activation fqpi_activation_sigmoid = {.name = "sigmoid",
                                                 .doc = "logistic, 1/(1+exp(-z))",
                                                 .c = "z > 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z))",
                                                 .eval = eval};
