/* gabor: cos(z) exp(-(r z)^2).  In a network z is omega0 times the layer's sum and r is s/omega0, which makes it
 * cos(omega0 z) exp(-(s z)^2), the real wavelet of WIRE (Saragadam et al. 2301.05187).
 * Derivatives: Leibniz' rule on the cosine and the Gaussian. */
#include "activation.h"

#include <math.h>

static int eval(double r, double z, double f[FQPI_DERIVATIVES]) {
    const double t = r * z, e = exp(-t * t), s = sin(z), c = cos(z);
    const double wave[FQPI_DERIVATIVES] = {c, -s, -c, s, c, -s};
    const double hermite[FQPI_DERIVATIVES] = {1,
                                              2 * t,
                                              4 * t * t - 2,
                                              t * (8 * t * t - 12),
                                              (16 * t * t - 48) * t * t + 12,
                                              t * ((32 * t * t - 160) * t * t + 120)};
    for (int n = 0; n < FQPI_DERIVATIVES; n++) {
        double binomial = 1;
        f[n] = 0;
        for (int q = 0; q <= n; q++) { /* the Gaussian's derivative of order q is (-r)^q H_q(t) e */
            f[n] += binomial * wave[n - q] * pow(-r, q) * hermite[q] * e;
            binomial *= (double)(n - q) / (q + 1);
        }
    }
    return 5;
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
