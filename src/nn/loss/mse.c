/* mse: r^2. */
#include "loss.h"

static void of(const fqpi_kernel *k64, int64_t n, double param, double weight, double *restrict r,
               double *restrict loss, double *restrict work) {
    (void)k64, (void)param, (void)work;
    const double twice = 2 * weight;
    for (int64_t j = 0; j < n; j++) {
        loss[j] += r[j] * r[j];
        r[j] *= twice;
    }
}

const fqpi_loss fqpi_loss_mse = {.name = "mse", .doc = "mean of squared residuals over samples and outputs", .of = of};
