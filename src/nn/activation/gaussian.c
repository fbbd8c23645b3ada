/* gaussian: g = exp(-z^2), g' = -2 z g, g'' = (4 z^2 - 2) g, g''' = (12 z - 8 z^3) g, and so on with
 * the Hermite polynomials H4 = 16 z^4 - 48 z^2 + 12, H5 = 32 z^5 - 160 z^3 + 120 z: (-1)^n H_n g. */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    double g = exp(-z * z);
    f[0] = g;
    f[1] = -2 * z * g;
    f[2] = (4 * z * z - 2) * g;
    f[3] = (12 - 8 * z * z) * z * g;
    f[4] = ((16 * z * z - 48) * z * z + 12) * g;
    f[5] = -((32 * z * z - 160) * z * z + 120) * z * g;
    return 5;
}

const fqpi_activation fqpi_activation_gaussian = {
    .name = "gaussian", .doc = "exp(-z^2)", .c = "exp(-z * z)", .eval = eval};
