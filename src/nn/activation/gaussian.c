/* gaussian: g = exp(-z^2), g' = -2 z g, g'' = (4 z^2 - 2) g, g''' = (12 z - 8 z^3) g. */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[4]) {
    (void)param;
    double g = exp(-z * z);
    f[0] = g;
    f[1] = -2 * z * g;
    f[2] = (4 * z * z - 2) * g;
    f[3] = (12 - 8 * z * z) * z * g;
    return 3;
}

const fqpi_activation fqpi_activation_gaussian = {
    .name = "gaussian", .doc = "exp(-z^2)", .c = "exp(-z * z)", .eval = eval};
