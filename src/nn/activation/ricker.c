/* ricker: (pi^(1/4)/(15 a)) (1 - u^2) exp(-u^2/2), u = z/a: zero at frequency 0 and a hump at |omega| = sqrt(2)/a, the
 * counter-example to low-frequency-first (survey arXiv 2201.07395; the prefactor only scales the output).
 * d/du: u (u^2-3), -(u^4 - 6 u^2 + 3), u (u^4 - 10 u^2 + 15),
 * -(u^6 - 15 u^4 + 45 u^2 - 15), u (u^6 - 21 u^4 + 105 u^2 - 105), each times exp(-u^2/2). */
#include "activation.h"

#include <math.h>

static int eval(double a, double z, double f[FQPI_DERIVATIVES]) {
    double u = z / a, u2 = u * u;
    double c = 1.33133536380038971280 / (15 * a) * exp(-0.5 * u2);
    f[0] = c * (1 - u2);
    f[1] = c * u * (u2 - 3) / a;
    f[2] = -c * ((u2 - 6) * u2 + 3) / (a * a);
    f[3] = c * u * ((u2 - 10) * u2 + 15) / (a * a * a);
    f[4] = -c * (((u2 - 15) * u2 + 45) * u2 - 15) / pow(a, 4);
    f[5] = c * u * (((u2 - 21) * u2 + 105) * u2 - 105) / pow(a, 5);
    return 5;
}

const fqpi_activation fqpi_activation_ricker = {
    .name = "ricker",
    .doc = "Ricker wavelet of width a: prefers angular frequencies near sqrt(2)/a",
    .parameter = "width a",
    .value = 1,
    .least = 1e-6,
    .most = 1e6,
    .c = "1.33133536380038971280 / (15 * p) * (1 - z / p * (z / p)) * exp(-0.5 * (z / p) * (z / p))",
    .eval = eval};
