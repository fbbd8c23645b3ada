/* l4: r^4, which weights the largest residuals. */
#include "loss.h"

static void of(const fqpi_kernel *k64, int64_t n, double param, double weight, double *restrict r,
               double *restrict loss, double *restrict work) {
    (void)k64, (void)param, (void)work;
    for (int64_t j = 0; j < n; j++) {
        double cube = r[j] * r[j] * r[j];
        loss[j] += cube * r[j];
        r[j] = 4 * weight * cube;
    }
}

const fqpi_loss fqpi_loss_l4 = {.name = "l4", .doc = "mean of fourth powers of residuals", .of = of};
