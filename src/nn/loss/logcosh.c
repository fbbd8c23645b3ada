/* logcosh: log cosh r = |r| + log(1 + e^(-2|r|)) - log 2, slope tanh r. */
#include "loss.h"

#include <math.h>

static double of(double r, double param, double *slope) {
    (void)param;
    double a = fabs(r);
    *slope = tanh(r);
    return a < 1e-3 ? r * r * (0.5 - r * r / 12) : a + log1p(exp(-2 * a)) - 0.69314718055994530942;
}

const fqpi_loss fqpi_loss_logcosh = {.name = "logcosh", .doc = "mean of log(cosh(residual))", .of = of};
