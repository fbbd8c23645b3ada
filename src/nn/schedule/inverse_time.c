/* inverse_time: 1/(1 + rate t). */
#include "schedule.h"

static double factor(double t, double total, double rate, double every) {
    (void)total, (void)every;
    return 1 / (1 + rate * t);
}

const fqpi_schedule_row fqpi_lr_inverse_time = {
    .name = "inverse_time", .doc = "lr/(1 + schedule_rate*step)", .factor = factor};
