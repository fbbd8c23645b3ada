/* axis_text.h - what a frequency axis says: cycles, and the wavenumber they are in the units of x. */
#ifndef FQPI_AXIS_TEXT_H
#define FQPI_AXIS_TEXT_H

#include <stddef.h>

/* "wavenumber 2πk/L = 0.985 k", "2πk" where the domain has length 1; "" when it does not apply (0).  symbol: how 2πk is
 * written. */
const char *fqpi_axis_wave(char *buf, size_t size, double wavenumber, const char *symbol);
/* "frequency k [cycles per domain]", then `between`, then the wavenumber. */
const char *fqpi_axis_text(char *buf, size_t size, const char *name, const char *unit, double wavenumber,
                           const char *between);
/* "amplitude (1/n, no window)": how the numbers of a probe's spectra are scaled. */
const char *fqpi_amplitude_text(const char *probe);

#endif
