/* erf: the error function, whose infinitely wide networks have kernels in closed form (Williams 1997); erf(sqrt(pi)
 * z/2) is close to tanh z.  s' = 2/sqrt(pi) exp(-z^2), s'' = -2 z s', s''' = (4 z^2 - 2) s', s4 = (12 z - 8 z^3) s',
 * s5 = (16 z^4 - 48 z^2 + 12) s'. */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    double d = 1.12837916709551257390 * exp(-z * z);
    f[0] = erf(z);
    f[1] = d;
    f[2] = -2 * z * d;
    f[3] = (4 * z * z - 2) * d;
    f[4] = (12 - 8 * z * z) * z * d;
    f[5] = ((16 * z * z - 48) * z * z + 12) * d;
    return 5;
}

const fqpi_activation fqpi_activation_erf = {.name = "erf", .doc = "error function", .c = "erf(z)", .eval = eval};
