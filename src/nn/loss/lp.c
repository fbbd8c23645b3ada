/* lp: |r|^p with p = loss_param >= 1, slope p |r|^(p-1) sign r and 0 at 0.  The power is exp((p-1) log |r|); what is
 * below LEAST counts as LEAST there, which its factor |r| or sign r makes good. */
#include "loss.h"

#include <math.h>

static const double LEAST = 1e-300;

static void of(const fqpi_kernel *k64, int64_t n, double p, double weight, double *restrict r, double *restrict loss,
               double *restrict work) {
    for (int64_t j = 0; j < n; j++) {
        double a = fabs(r[j]);
        work[j] = a < LEAST ? LEAST : a;
    }
    k64->vlog(n, work, work);
    for (int64_t j = 0; j < n; j++)
        work[j] *= p - 1;
    k64->vexp(n, work, work);
    for (int64_t j = 0; j < n; j++) {
        loss[j] += fabs(r[j]) * work[j];
        r[j] = (double)((r[j] > 0) - (r[j] < 0)) * weight * p * work[j] + (r[j] - r[j]); /* NaN stays NaN */
    }
}

const fqpi_loss fqpi_loss_lp = {
    .name = "lp", .doc = "mean of |residual|^p, p = loss_param of at least 1", .least = 1, .of = of};
