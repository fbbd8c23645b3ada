/* wave: max(0, x) - 2 max(0, x-1/4) + 2 max(0, x-3/4) - max(0, x-1), one wave on [0, 1] (Liu, Cai & Xu 2007.11207). */
#include "activation.h"

#include <math.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    const bool inside = z > 0 && z < 1;
    f[0] = !inside ? 0 : z <= 0.25 ? z : z <= 0.75 ? 0.5 - z : z - 1;
    f[1] = !inside ? 0 : z > 0.25 && z <= 0.75 ? -1 : 1;
    f[2] = f[3] = NAN;
    return 1;
}

const fqpi_activation fqpi_activation_wave = {.name = "wave",
                                              .doc = "piecewise linear wave on [0, 1], of height 1/4 (MscaleDNN)",
                                              .c = "z <= 0 || z >= 1 ? 0 : z <= 0.25 ? z : z <= 0.75 ? 0.5 - z : z - 1",
                                              .eval = eval};
