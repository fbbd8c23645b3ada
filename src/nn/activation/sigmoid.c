/* sigmoid: s = 1/(1+e^-z), q = 1-s from its own quotient so that no digits cancel.
 * s' = s q, s'' = s' (q - s), s''' = s' (1 - 6 s q). */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[4]) {
    (void)param;
    double e = exp(-fabs(z)), big = 1 / (1 + e), small = e / (1 + e);
    double s = z > 0 ? big : small, q = z > 0 ? small : big;
    f[0] = s;
    f[1] = s * q;
    f[2] = f[1] * (q - s);
    f[3] = f[1] * (1 - 6 * s * q);
    return 3;
}

const fqpi_activation fqpi_activation_sigmoid = {.name = "sigmoid",
                                                 .doc = "logistic, 1/(1+exp(-z))",
                                                 .c = "z > 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z))",
                                                 .eval = eval};
