/* softplus: log(1 + e^z), written so that nothing overflows; its derivative is the logistic. */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[4]) {
    double s[4];
    fqpi_activation_sigmoid.eval(param, z, s);
    f[0] = (z > 0 ? z : 0) + log1p(exp(-fabs(z)));
    f[1] = s[0];
    f[2] = s[1];
    f[3] = s[2];
    return 3;
}

const fqpi_activation fqpi_activation_softplus = {
    .name = "softplus", .doc = "log(1+exp(z))", .c = "(z > 0 ? z : 0) + log1p(exp(-fabs(z)))", .eval = eval};
