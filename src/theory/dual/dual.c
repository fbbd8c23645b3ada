/* dual.c - the table of Gaussian expectations. */
#include "dual.h"

#define ROWS(R)                                                                                                        \
    R(relu)                                                                                                            \
    R(leaky_relu)                                                                                                      \
    R(relu_power)                                                                                                      \
    R(sin)                                                                                                             \
    R(cos)                                                                                                             \
    R(erf)                                                                                                             \
    R(ricker)                                                                                                          \
    R(gaussian)                                                                                                        \
    R(gelu)                                                                                                            \
    R(identity)                                                                                                        \
    R(tanh)                                                                                                            \
    R(sigmoid)                                                                                                         \
    R(softplus)                                                                                                        \
    R(silu)

#define R(name) extern const fqpi_dual fqpi_dual_##name;
ROWS(R)
#undef R

static const fqpi_dual *const rows[] = {
#define R(name) &fqpi_dual_##name,
    ROWS(R)
#undef R
};

enum { COUNT = sizeof rows / sizeof rows[0] };

const fqpi_dual *fqpi_dual_nth(size_t i) {
    return i < COUNT ? rows[i] : NULL;
}

const fqpi_dual *fqpi_dual_row(int activation) {
    for (size_t i = 0; i < COUNT; i++)
        if (rows[i]->activation == activation)
            return rows[i];
    return NULL;
}

double fqpi_gap(double below_one, double above_minus_one) {
    if (below_one <= 1)
        return fmax(0, below_one);
    return -fmin(1, fmax(0, above_minus_one));
}

double fqpi_gap_of(double e1, double e2, double value) {
    const double size = sqrt(e1) * sqrt(e2);
    if (!(size > 0))
        return 1;
    return fqpi_gap(1 - value / size, 1 + value / size);
}
