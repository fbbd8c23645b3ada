/* spectral: w_k = |k|^(2s), s = loss_power, k the index of the transform (E, Ma, Wu 1912.12777): s = 0 is mse, s = 1
 * the first derivative, s = 2 the second; negative s strengthens the preference for low frequencies, and the mean then
 * counts as index 1 does. */
#include "loss.h"

#include <math.h>

static double spectrum(double k, double omega, double param, double power) {
    (void)omega, (void)param;
    return pow(power < 0 && k < 1 ? 1 : k, 2 * power);
}

const fqpi_loss fqpi_loss_spectral = {
    .name = "spectral",
    .doc = "mean squared error weighted by k^(2 loss_power) at index k of its transform; on a regular grid",
    .spectrum = spectrum};
