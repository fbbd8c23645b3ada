/* window.h - windows that taper a field towards the ends of its domain, and trends that are taken off it.
 *
 * w(u) for u in [0, 1], periodic form (w(0) = w(1)); of several coordinates the product.  Coherent gain: mean of w,
 * what a tone's amplitude is multiplied by.  Equivalent noise bandwidth: mean w^2 / (mean w)^2, what white noise in one
 * bin is multiplied by once tones are right (Harris, Proc. IEEE 66, 51, 1978). */
#ifndef FQPI_WINDOW_H
#define FQPI_WINDOW_H

#include <fqp/base.h>

typedef struct fqpi_window {
    const char *name, *doc;
    double (*at)(double u, double parameter);
    double parameter; /* what is used when none is given; 0: it has none */
} fqpi_window;

/* Row i, NULL past the end: none, hann, blackman, kaiser (beta). */
const fqpi_window *fqpi_window_row(size_t i);
const char *fqpi_window_choice(size_t i, const char **doc);

/* Of the window itself, not of samples of it. */
void fqpi_window_gain(const fqpi_window *w, double parameter, double *gain, double *bandwidth);

#endif
