/* samples.h - numbers drawn for spectra of samples, and what a spectrum warned of. */
#ifndef FQP_TEST_SAMPLES_H
#define FQP_TEST_SAMPLES_H

#include "mem.h"
#include "rng.h"
#include "unit/monitor/field.h"

#include <complex.h>
#include <fqp/periodogram.h>

static inline double draw(int64_t i) {
    return fqpi_rng_uniform(5, FQPI_STREAM_TEST, (uint64_t)i);
}

static inline double normal(int64_t i) {
    return fqpi_rng_normal(6, FQPI_STREAM_TEST, (uint64_t)i);
}

static inline fqp_periodogram spectrum(fqp_ctx *ctx, fqp_view x, fqp_view y, fqp_periodogram_opts o) {
    fqp_periodogram p;
    assert_ok(ctx, fqp_periodogram_of(ctx, x, y, &o, &p));
    return p;
}

static inline const fqp_spectrum_warning *warned(const fqp_periodogram *p, const char *name) {
    for (size_t i = 0; i < p->nwarnings; i++)
        if (strcmp(p->warning[i].name, name) == 0)
            return &p->warning[i];
    return NULL;
}

#endif
