/* huber: r^2/2 for |r| <= delta, delta (|r| - delta/2) beyond (Huber 1964).  With c = r held to [-delta, delta] both
 * are c (r - c/2), and c is the slope. */
#include "loss.h"

static void of(const fqpi_kernel *k64, int64_t n, double delta, double weight, double *restrict r,
               double *restrict loss, double *restrict work) {
    (void)k64, (void)work;
    for (int64_t j = 0; j < n; j++) {
        double c = r[j] > delta ? delta : r[j];
        c = c < -delta ? -delta : c;
        loss[j] += c * (r[j] - 0.5 * c);
        r[j] = weight * c;
    }
}

const fqpi_loss fqpi_loss_huber = {
    .name = "huber", .doc = "quadratic for residuals below loss_param, linear beyond", .of = of};
