/* gamma.h - ln |Gamma(x)| without the global sign that lgamma() writes, which threads would share. */
#ifndef FQPI_GAMMA_H
#define FQPI_GAMMA_H

#include <math.h>

static inline double fqpi_log_gamma(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

#endif
