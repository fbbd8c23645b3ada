/* tanh, sigmoid, softplus, silu: no closed form is known, but they are analytic in a strip around the real line, where
 * the trapezoid rule converges like exp(-2 pi strip/step) (Trefethen & Weideman, SIAM Review 56, 2014).
 *
 * Pairs are expanded: see infinite_expand.c. */
#include "activation.h"
#include "dual.h"
#include "kernel.h"

#include <stdint.h>

static const double pi = 3.14159265358979323846;

/* E[s(u)^2], u of variance q, to rounding: 40 is -ln of it, and 9 and 9.5 do the same for the normal density. */
static double mean_square(int activation, double param, double strip, double q) {
    const double deviation = sqrt(q), step = 2 * pi / (40 * deviation / strip + 9);
    const int64_t side = (int64_t)(9.5 / step) + 1;
    double sum = 0;
    for (int64_t i = -side; i <= side; i++) {
        const double z = step * (double)i;
        double f[FQPI_DERIVATIVES];
        fqpi_activation_row(activation)->eval(param, deviation * z, f);
        sum += f[0] * f[0] * exp(-0.5 * z * z);
    }
    return 0.39894228040143267794 * step * sum;
}

/* The strip ends at the first pole (of softplus: branch point). */
#define SMOOTH(R)                                                                                                      \
    R(TANH, tanh, 1.57079632679489661923)                                                                              \
    R(SIGMOID, sigmoid, 3.14159265358979323846)                                                                        \
    R(SOFTPLUS, softplus, 3.14159265358979323846)                                                                      \
    R(SILU, silu, 3.14159265358979323846)

#define R(NAME, name, width)                                                                                           \
    static double square_##name(double param, double q) {                                                              \
        return mean_square(FQPI_ACT_##NAME, param, width, q);                                                          \
    }                                                                                                                  \
    const fqpi_dual fqpi_dual_##name = {.activation = FQPI_ACT_##NAME,                                                 \
                                        .formula = "Hermite expansion, by the trapezoid rule",                         \
                                        .strip = width,                                                                \
                                        .square = square_##name};
SMOOTH(R)
#undef R
