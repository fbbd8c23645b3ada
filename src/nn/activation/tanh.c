/* tanh: t = tanh z, t' = 1 - t^2, t'' = -2 t t', t''' = -2 t' (1 - 3 t^2), t4 = 8 t t' (2 - 3 t^2), t5 = 8 t' (2 - 15
 * t^2 + 15 t^4). */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    double t = tanh(z), d = (1 - t) * (1 + t);
    f[0] = t;
    f[1] = d;
    f[2] = -2 * t * d;
    f[3] = -2 * d * (1 - 3 * t * t);
    f[4] = 8 * t * d * (2 - 3 * t * t);
    f[5] = 8 * d * (2 - 15 * t * t * (1 - t * t));
    return 5;
}

const fqpi_activation fqpi_activation_tanh = {
    .name = "tanh", .doc = "hyperbolic tangent", .c = "tanh(z)", .eval = eval};
