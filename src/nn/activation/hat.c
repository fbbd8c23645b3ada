/* hat: max(0, x) - 2 max(0, x-1) + max(0, x-2), the linear B-spline on [0, 2] (phi_2 of Liu, Cai & Xu 2007.11207). */
#include "activation.h"

#include <math.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    f[0] = fmax(0, 1 - fabs(z - 1));
    f[1] = z <= 0 || z >= 2 ? 0 : z <= 1 ? 1 : -1;
    f[2] = f[3] = NAN;
    return 1;
}

const fqpi_activation fqpi_activation_hat = {.name = "hat",
                                             .doc = "linear B-spline on [0, 2], of height 1 (MscaleDNN)",
                                             .c = "fabs(z - 1) < 1 ? 1 - fabs(z - 1) : 0",
                                             .eval = eval};
