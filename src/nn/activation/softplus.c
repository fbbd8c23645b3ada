/* softplus: log(1 + e^z), written so that nothing overflows; its derivative is the logistic. */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    double s[FQPI_DERIVATIVES];
    fqpi_activation_sigmoid.eval(param, z, s);
    f[0] = (z > 0 ? z : 0) + log1p(exp(-fabs(z)));
    f[1] = s[0];
    f[2] = s[1];
    f[3] = s[2];
    f[4] = s[3];
    f[5] = s[4];
    return 5;
}

const fqpi_activation fqpi_activation_softplus = {
    .name = "softplus", .doc = "log(1+exp(z))", .c = "(z > 0 ? z : 0) + log1p(exp(-fabs(z)))", .eval = eval};
