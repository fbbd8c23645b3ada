/* mae: |r|, slope 0 at 0. */
#include "loss.h"

#include <math.h>

static void of(const fqpi_kernel *k64, int64_t n, double param, double weight, double *restrict r,
               double *restrict loss, double *restrict work) {
    (void)k64, (void)param, (void)work;
    for (int64_t j = 0; j < n; j++) {
        loss[j] += fabs(r[j]);
        r[j] = (r[j] > 0 ? weight : 0) - (r[j] < 0 ? weight : 0);
    }
}

const fqpi_loss fqpi_loss_mae = {.name = "mae", .doc = "mean of absolute residuals", .of = of};
