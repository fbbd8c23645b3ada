/* srelu: x (1-x) inside (0, 1), 0 outside: a hump whose transform decays like xi^-2 (Liu, Cai & Xu 2007.11207). */
#include "activation.h"

#include <math.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    const bool inside = z > 0 && z < 1;
    f[0] = inside ? z * (1 - z) : 0;
    f[1] = inside ? 1 - 2 * z : 0;
    f[2] = f[3] = NAN;
    return 1;
}

const fqpi_activation fqpi_activation_srelu = {.name = "srelu",
                                               .doc = "max(0, z) max(0, 1 - z), of compact support (MscaleDNN)",
                                               .c = "z > 0 && z < 1 ? z * (1 - z) : 0",
                                               .eval = eval};
