/* sincos: (sin z + cos z)/10 (the authors' program of MscaleDNN). */
#include "activation.h"

#include <math.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    f[0] = 0.1 * (sin(z) + cos(z));
    f[1] = 0.1 * (cos(z) - sin(z));
    f[2] = -f[0];
    f[3] = -f[1];
    f[4] = f[0];
    f[5] = f[1];
    return 5;
}

const fqpi_activation fqpi_activation_sincos = {
    .name = "sincos", .doc = "(sin(z) + cos(z))/10 (MscaleDNN)", .c = "0.1 * (sin(z) + cos(z))", .eval = eval};
