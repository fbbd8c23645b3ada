/* selftest_i.h - a law of spectra: what it says, how far off it is.  Rows stand in laws_spectrum.c and
 * laws_transform.c. */
#ifndef FQPI_SELFTEST_I_H
#define FQPI_SELFTEST_I_H

#include "rng.h"

#include <fqp/periodogram.h>
#include <fqp/selftest.h>

#include <math.h>

typedef struct fqpi_law {
    fqp_law told;
    fqp_status (*measure)(fqp_ctx *ctx, double *deviation);
} fqpi_law;

extern const fqpi_law fqpi_laws_spectrum[], fqpi_laws_transform[]; /* terminated by a row without a name */

/* The numbers of a law are always the same ones. */
static inline double fqpi_law_uniform(int64_t i) {
    return fqpi_rng_uniform(1, FQPI_STREAM_TEST, (uint64_t)i);
}

static inline double fqpi_law_normal(int64_t i) {
    return fqpi_rng_normal(2, FQPI_STREAM_TEST, (uint64_t)i);
}

/* The larger one; NaN stays. */
static inline double fqpi_law_worse(double a, double b) {
    return isnan(a) || a > b ? a : b;
}

#endif
