/* verdict_equation.c - of runs that solve a differential equation: how large its residual is beside the error, and at
 * which frequencies each of them lies. */
#include "verdict_i.h"

#include <math.h>

/* Mean of the axis, weighted by the energy of prediction - target at the last frame; NaN: no spectra, or nothing. */
static double centre(const fqp_bands *b) {
    double sum = 0, weighted = 0;
    if (!b->frames || !b->prediction)
        return NAN;
    const size_t each = 2 * b->ncomp;
    const double *last = b->prediction + (b->frames - 1) * b->nbins * each;
    for (size_t i = 0; i < b->nbins * each; i++) {
        const double off = last[i] - b->target[i];
        sum += off * off;
        weighted += off * off * b->axis[i / each];
    }
    return sum > 0 ? weighted / sum : NAN;
}

void fqpi_find_equation(fqpi_findings *f) {
    const fqp_evidence *e = f->e;
    f->error_axis = centre(&e->bands);
    f->residual_axis = centre(&e->residual_bands);
    for (size_t i = e->frames; e->residual && i-- > 0 && isnan(f->v[FQPI_N_RESIDUAL]);)
        f->v[FQPI_N_RESIDUAL] = e->residual[i];
    if (f->v[FQPI_N_RESIDUAL] > 0)
        f->v[FQPI_N_HIDDEN] = f->v[FQPI_N_ERROR] / f->v[FQPI_N_RESIDUAL];
}
