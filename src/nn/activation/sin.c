/* sin: sin(omega z).  The frequency set of a sine network is set by its weights, so omega scales it. */
#include "activation.h"

#include <math.h>

static int eval(double omega, double z, double f[FQPI_DERIVATIVES]) {
    double s = sin(omega * z), c = cos(omega * z);
    f[0] = s;
    f[1] = omega * c;
    f[2] = -omega * omega * s;
    f[3] = -omega * omega * omega * c;
    f[4] = pow(omega, 4) * s;
    f[5] = pow(omega, 5) * c;
    return 5;
}

const fqpi_activation fqpi_activation_sin = {.name = "sin",
                                             .doc = "sin(omega*z)",
                                             .parameter = "omega",
                                             .value = 1,
                                             .least = 1e-6,
                                             .most = 1e6,
                                             .c = "sin(z)",
                                             .eval = eval};
