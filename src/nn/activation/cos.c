/* cos: the even half of a Fourier basis. */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    double s = sin(z), c = cos(z);
    f[0] = c;
    f[1] = -s;
    f[2] = -c;
    f[3] = s;
    f[4] = c;
    f[5] = -s;
    return 5;
}

const fqpi_activation fqpi_activation_cos = {.name = "cos", .doc = "cos(z)", .c = "cos(z)", .eval = eval};
