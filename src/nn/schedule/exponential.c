/* exponential: rate^(t/every). */
#include "schedule.h"

#include <math.h>

static double factor(double t, double total, double rate, double every) {
    (void)total;
    return pow(rate, t / every);
}

const fqpi_schedule_row fqpi_lr_exponential = {
    .name = "exponential", .doc = "lr times schedule_rate every schedule_every steps, smoothly", .factor = factor};
