/* focal: w_k = (|H_k - Y_k| / max over k)^a, a = loss_param, held while the gradient is taken: the focal frequency loss
 * (Jiang, Dai, Wu & Loy, ICCV 2021, 2012.12821, eq. 8 and 9) in one dimension, each output with its own largest error.
 */
#include "loss.h"

#include <math.h>

static double spectrum(double k, double omega, double param, double power) {
    (void)k, (void)omega, (void)param, (void)power;
    return 1;
}

static double focus(double share, double param) {
    return pow(share, param);
}

const fqpi_loss fqpi_loss_focal = {
    .name = "focal",
    .doc = "mean squared error weighted by the error's own size at each index of its transform, to the power "
           "loss_param: what is fitted worst counts most; on a regular grid",
    .spectrum = spectrum,
    .focus = focus};
