/* phase.c - a quarter-period shift of a pure tone: amplitude error 0, complex error sqrt 2. */
#include "measure.h"

#include <math.h>

enum { POINTS = 128, TONE = 7 };

/* Error at the tone; form 0: complex, 1: amplitude. */
static double phase_error(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double x[POINTS], y[POINTS], h[POINTS];
    for (int j = 0; j < POINTS; j++) {
        x[j] = (double)j / POINTS;
        y[j] = sin(2 * M_PI * TONE * x[j]);
        h[j] = cos(2 * M_PI * TONE * x[j]);
    }
    fqp_monitor *monitor =
        fqpi_measuring_monitor(m,
                               arg[0] > 0 ? "monitor: {probes: [dft], dft: {peaks: all, error: amplitude}}"
                                          : "monitor: {probes: [dft], dft: {peaks: all, error: complex}}",
                               fqp_view_1d(x, POINTS), fqp_view_1d(y, POINTS));
    fqp_bins bins;
    double error = NAN;
    if (monitor && !fqp_monitor_observe(monitor, 0, 0, fqp_view_1d(h, POINTS)) &&
        !fqp_monitor_bins(monitor, 0, 0, &bins))
        error = bins.error[TONE];
    fqp_monitor_destroy(monitor);
    return error;
}

const fqpi_measure fqpi_measures_phase[] = {
    {"phase_error", 1, 1, false, false,
     "phase_error(form): error of a pure tone shifted by a quarter period; form 0: complex, 1: amplitude", phase_error},
    {0}};
