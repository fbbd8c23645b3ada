/* silu: z s(z) with the logistic s (Elfwing, Uchibe, Doya 2017).
 * s' = s(1-s): f' = s + z s', f'' = 2 s' + z s'', f''' = 3 s'' + z s''', and so on. */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    double s[FQPI_DERIVATIVES];
    fqpi_activation_sigmoid.eval(param, z, s);
    f[0] = z * s[0];
    f[1] = s[0] + z * s[1];
    f[2] = 2 * s[1] + z * s[2];
    f[3] = 3 * s[2] + z * s[3];
    f[4] = 4 * s[3] + z * s[4];
    f[5] = 5 * s[4] + z * s[5];
    return 5;
}

const fqpi_activation fqpi_activation_silu = {.name = "silu",
                                              .doc = "z*sigmoid(z), also called swish",
                                              .c = "z > 0 ? z / (1 + exp(-z)) : z * exp(z) / (1 + exp(z))",
                                              .eval = eval};
