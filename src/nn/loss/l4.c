/* l4: r^4, which weights the largest residuals. */
#include "loss.h"

static double of(double r, double param, double *slope) {
    (void)param;
    *slope = 4 * r * r * r;
    return r * r * r * r;
}

const fqpi_loss fqpi_loss_l4 = {.name = "l4", .doc = "mean of fourth powers of residuals", .of = of};
