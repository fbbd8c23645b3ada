/* sobolev: |h - y|^2 + lambda |h' - y'|^2, lambda = loss_param: w = 1 + lambda omega^2 (Czarnecki et al. 1706.04859).
 */
#include "loss.h"

static double spectrum(double k, double omega, double param, double power) {
    (void)k, (void)power;
    return 1 + param * omega * omega;
}

const fqpi_loss fqpi_loss_sobolev = {
    .name = "sobolev",
    .doc = "mean squared error plus loss_param times that of the derivative, by the transform; on a regular grid",
    .spectrum = spectrum};
