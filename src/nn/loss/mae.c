/* mae: |r|, slope 0 at 0. */
#include "loss.h"

#include <math.h>

static double of(double r, double param, double *slope) {
    (void)param;
    *slope = (double)((r > 0) - (r < 0));
    return fabs(r);
}

const fqpi_loss fqpi_loss_mae = {.name = "mae", .doc = "mean of absolute residuals", .of = of};
