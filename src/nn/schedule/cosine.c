/* cosine: (1 + cos(pi t/total))/2 (Loshchilov & Hutter 2017, one cycle). */
#include "schedule.h"

#include <math.h>

static double factor(double t, double total, double rate, double every) {
    (void)rate, (void)every;
    return t < total ? 0.5 * (1 + cos(3.14159265358979323846 * t / total)) : 0;
}

const fqpi_schedule_row fqpi_lr_cosine = {
    .name = "cosine", .doc = "half a cosine from lr to 0 over the whole run", .factor = factor};
