/* step: rate^floor(t/every). */
#include "schedule.h"

#include <math.h>

static double factor(double t, double total, double rate, double every) {
    (void)total;
    return pow(rate, floor(t / every));
}

const fqpi_schedule_row fqpi_lr_step = {
    .name = "step", .doc = "lr times schedule_rate once every schedule_every steps", .factor = factor};
