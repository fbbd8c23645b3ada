/* gelu: z Phi(z) with the normal distribution Phi and its density p (Hendrycks & Gimpel 2016), exact form.
 * s' = Phi + z p, s'' = p (2 - z^2), s''' = p (z^3 - 4 z), s4 = -p (z^4 - 7 z^2 + 4),
 * s5 = p (z^5 - 11 z^3 + 18 z). */
#include "activation.h"

#include <math.h>
#include <stddef.h>

static int eval(double param, double z, double f[FQPI_DERIVATIVES]) {
    (void)param;
    double cdf = 0.5 * erfc(-z * 0.70710678118654752440);
    double p = 0.39894228040143267794 * exp(-0.5 * z * z);
    f[0] = z * cdf;
    f[1] = cdf + z * p;
    f[2] = p * (2 - z * z);
    f[3] = p * z * (z * z - 4);
    f[4] = -p * ((z * z - 7) * z * z + 4);
    f[5] = p * z * ((z * z - 11) * z * z + 18);
    return 5;
}

const fqpi_activation fqpi_activation_gelu = {.name = "gelu",
                                              .doc = "Gaussian error linear unit, exact",
                                              .c = "0.5 * z * erfc(-0.70710678118654752440 * z)",
                                              .eval = eval};
