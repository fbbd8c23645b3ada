/* elu: z for z > 0, alpha (e^z - 1) else (Clevert, Unterthiner, Hochreiter 2015).  Once differentiable at 0 only when
 * alpha = 1: then sigma'' is a jump, an ordinary function; else it holds a delta. */
#include "activation.h"

#include <math.h>

static int eval(double alpha, double z, double f[FQPI_DERIVATIVES]) {
    f[0] = z > 0 ? z : alpha * expm1(z);
    f[1] = z > 0 ? 1 : alpha * exp(z);
    f[2] = alpha == 1 ? (z > 0 ? 0 : exp(z)) : NAN;
    f[3] = NAN;
    return alpha == 1 ? 2 : 1;
}

const fqpi_activation fqpi_activation_elu = {.name = "elu",
                                             .doc = "exponential linear unit, alpha*(exp(z)-1) where negative",
                                             .parameter = "alpha",
                                             .value = 1,
                                             .least = 0,
                                             .most = 100,
                                             .c = "z > 0 ? z : p * expm1(z)",
                                             .eval = eval};
