/* spectrum_i.h - a spectrum out of eigenpairs that somebody else found. */
#ifndef FQPI_SPECTRUM_I_H
#define FQPI_SPECTRUM_I_H

#include <fqp/spectrum.h>

/* e is the spectrum's from now on, also when this fails.  trace NaN: not known; points NULL: no frequencies. */
fqp_status fqpi_spectrum_of_pairs(fqp_ctx *ctx, fqp_eigen *e, const fqp_kernel_points *points, double trace,
                                  fqp_spectrum *out);

#endif
