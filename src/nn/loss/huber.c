/* huber: r^2/2 for |r| <= delta, delta (|r| - delta/2) beyond (Huber 1964). */
#include "loss.h"

#include <math.h>

static double of(double r, double delta, double *slope) {
    double a = fabs(r);
    if (a <= delta) {
        *slope = r;
        return 0.5 * r * r;
    }
    *slope = r > 0 ? delta : -delta;
    return delta * (a - 0.5 * delta);
}

const fqpi_loss fqpi_loss_huber = {
    .name = "huber", .doc = "quadratic for residuals below loss_param, linear beyond", .of = of};
