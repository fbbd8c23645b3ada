/* relu: max(0, z); the derivative at 0 is taken as 0. */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    f[0] = z > 0 ? z : 0;
    f[1] = z > 0 ? 1 : 0;
    f[2] = f[3] = NAN;
    return 1;
}

const fqpi_activation fqpi_activation_relu = {
    .name = "relu", .doc = "rectified linear, max(0, z)", .c = "z > 0 ? z : 0", .eval = eval};
