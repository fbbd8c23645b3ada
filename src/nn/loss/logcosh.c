/* logcosh: log cosh r = |r| + log(1 + e^(-2|r|)) - log 2, slope tanh r.  Below NEAR these terms cancel, and the series
 * r^2/2 - r^4/12 + r^6/45 - 17 r^8/2520 + 31 r^10/14175 is better (integral of DLMF 4.33.3). */
#include "loss.h"

#include <math.h>

static const double NEAR = 0.1;

static void of(const fqpi_kernel *k64, int64_t n, double param, double weight, double *restrict r,
               double *restrict loss, double *restrict work) {
    (void)param;
    for (int64_t j = 0; j < n; j++)
        work[j] = -2 * fabs(r[j]);
    k64->vexp(n, work, work);
    for (int64_t j = 0; j < n; j++)
        work[j] += 1;
    k64->vlog(n, work, work);
    for (int64_t j = 0; j < n; j++) {
        double a = fabs(r[j]), s = r[j] * r[j];
        double near = s * (1 / 2.0 - s * (1 / 12.0 - s * (1 / 45.0 - s * (17 / 2520.0 - s * (31 / 14175.0)))));
        double far = a + work[j] - 0.69314718055994530942;
        loss[j] += a < NEAR ? near : far;
    }
    k64->vtanh(n, r, r);
    for (int64_t j = 0; j < n; j++)
        r[j] *= weight;
}

const fqpi_loss fqpi_loss_logcosh = {.name = "logcosh", .doc = "mean of log(cosh(residual))", .of = of};
