/* s2relu: sin(2 pi x) x (1-x) inside (0, 1), 0 outside; its slope is continuous (Liu, Cai & Xu 2007.11207). */
#include "activation.h"

#include <math.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    const bool inside = z > 0 && z < 1;
    const double w = 6.28318530717958647693, s = sin(w * z), c = cos(w * z), p = z * (1 - z), p1 = 1 - 2 * z;
    f[0] = inside ? s * p : 0;
    f[1] = inside ? w * c * p + s * p1 : 0;
    f[2] = inside ? -w * w * s * p + 2 * w * c * p1 - 2 * s : 0;
    f[3] = NAN;
    return 2;
}

const fqpi_activation fqpi_activation_s2relu = {
    .name = "s2relu",
    .doc = "sin(2 pi z) max(0, z) max(0, 1 - z), of compact support (MscaleDNN)",
    .c = "z > 0 && z < 1 ? sin(6.28318530717958647693 * z) * z * (1 - z) : 0",
    .eval = eval};
