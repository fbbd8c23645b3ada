/* constant: 1. */
#include "schedule.h"

static double factor(double t, double total, double rate, double every) {
    (void)t, (void)total, (void)rate, (void)every;
    return 1;
}

const fqpi_schedule_row fqpi_lr_constant = {.name = "constant", .doc = "lr as it is", .factor = factor};
