/* phi: sum of (-1)^j binomial(3, j) max(0, x-j)^2, which is twice the quadratic B-spline on [0, 3] (Liu, Cai & Xu
 * 2007.11207; the authors' program takes half of it). */
#include "activation.h"

#include <math.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    static const double binomial[] = {1, -3, 3, -1};
    f[0] = f[1] = f[2] = 0;
    for (int j = 0; j < 4 && z > j && z < 3; j++) {
        const double x = z - j;
        f[0] += binomial[j] * x * x;
        f[1] += binomial[j] * 2 * x;
        f[2] += binomial[j] * 2;
    }
    f[3] = NAN;
    return 2;
}

const fqpi_activation fqpi_activation_phi = {
    .name = "phi",
    .doc = "quadratic B-spline on [0, 3], of height 3/2 (MscaleDNN)",
    .c = "z <= 0 || z >= 3 ? 0 : z < 1 ? z * z : z < 2 ? z * z - 3 * (z - 1) * (z - 1) : (3 - z) * (3 - z)",
    .eval = eval};
