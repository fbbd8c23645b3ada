/* erf: the error function, whose infinitely wide networks have kernels in closed form (Williams 1997); erf(sqrt(pi)
 * z/2) is close to tanh z.  s' = 2/sqrt(pi) exp(-z^2), s'' = -2 z s', s''' = (4 z^2 - 2) s'. */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[4]) {
    (void)param;
    double d = 1.12837916709551257390 * exp(-z * z);
    f[0] = erf(z);
    f[1] = d;
    f[2] = -2 * z * d;
    f[3] = (4 * z * z - 2) * d;
    return 3;
}

const fqpi_activation fqpi_activation_erf = {.name = "erf", .doc = "error function", .c = "erf(z)", .eval = eval};
