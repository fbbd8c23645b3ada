/* gabor: cos(z) exp(-(r z)^2).  In a network z is omega0 times the layer's sum and r is s/omega0, which makes it
 * cos(omega0 z) exp(-(s z)^2), the real wavelet of WIRE (Saragadam et al. 2301.05187).
 * Derivatives: Leibniz' rule on the cosine and the Gaussian. */
#include "activation.h"

#include <math.h>

static int eval(double r, double z, double f[4]) {
    const double t = r * z, e = exp(-t * t), s = sin(z), c = cos(z);
    const double wave[4] = {c, -s, -c, s};
    const double hump[4] = {e, -2 * r * t * e, r * r * (4 * t * t - 2) * e, r * r * r * t * (12 - 8 * t * t) * e};
    f[0] = wave[0] * hump[0];
    f[1] = wave[1] * hump[0] + wave[0] * hump[1];
    f[2] = wave[2] * hump[0] + 2 * wave[1] * hump[1] + wave[0] * hump[2];
    f[3] = wave[3] * hump[0] + 3 * wave[2] * hump[1] + 3 * wave[1] * hump[2] + wave[0] * hump[3];
    return 3;
}

const fqpi_activation fqpi_activation_gabor = {.name = "gabor",
                                               .doc = "cos(omega0*z) exp(-(s*z)^2), a wavelet (WIRE)",
                                               .parameter = "rate s of the envelope",
                                               .value = 10,
                                               .least = 1e-3,
                                               .most = 1e4,
                                               .omega0 = true,
                                               .c = "cos(z) * exp(-(p * z) * (p * z))",
                                               .eval = eval};
