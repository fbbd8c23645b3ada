/* finer: sin((q |z| + 1) z).  In a network z is omega0 times the layer's sum and q is its parameter over omega0, which
 * makes it sin(omega0 (|z| + 1) z) for parameter 1: steeper further from 0, so that biases choose the frequency (FINER,
 * Liu et al. 2312.02434).  The second derivative jumps at 0. */
#include "activation.h"

#include <math.h>

static int eval(double q, double z, double f[FQPI_DERIVATIVES]) {
    const double t = q * fabs(z), u1 = 2 * t + 1, u2 = z > 0 ? 2 * q : z < 0 ? -2 * q : 0;
    const double s = sin((t + 1) * z), c = cos((t + 1) * z);
    f[0] = s;
    f[1] = c * u1;
    f[2] = c * u2 - s * u1 * u1;
    f[3] = NAN;
    return 2;
}

const fqpi_activation fqpi_activation_finer = {.name = "finer",
                                               .doc = "sin(omega0*(q*|z| + 1)*z), of variable period (FINER)",
                                               .parameter = "factor q",
                                               .value = 1,
                                               .least = 0,
                                               .most = 1e3,
                                               .omega0 = true,
                                               .c = "sin((p * fabs(z) + 1) * z)",
                                               .eval = eval};
