/* remedy_networks.c - remedies in the network: what it sees of a point, its activations, how it is drawn. */
#include "remedy_i.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

/* ---- plain networks, to compare with ---------------------------------------------------------------------------- */

static void plain(fqpi_rx *rx) {
    fqpi_rx_hidden(rx, 3);
    fqpi_rx_set(rx, "model.activation=tanh");
    fqpi_rx_set(rx, "model.init=glorot_uniform");
    fqpi_rx_adam(rx, 1e-3);
}

static void relu(fqpi_rx *rx) {
    fqpi_rx_hidden(rx, 3);
    fqpi_rx_set(rx, "model.activation=relu");
    fqpi_rx_set(rx, "model.init=torch");
    fqpi_rx_adam(rx, 1e-3);
}

/* ---- Fourier features ------------------------------------------------------------------------------------------- */

/* Frequencies N(0, sigma^2) should be dense up to the edge of the target's band and rare beyond: at sigma = high/2 a
 * frequency lies within the band with probability 0.95 (one axis). */
static double sigma(const fqp_facts *f) {
    return fmax(fqp_facts_highest(f), 0.25 / fmax(f->half[0], 1e-300)) / 2;
}

static void fourier(fqpi_rx *rx) {
    fqpi_rx_hidden(rx, 2);
    fqpi_rx_set(rx, "model.embedding=fourier");
    fqpi_rx_set(rx, "model.features=%lld", (long long)rx->width);
    fqpi_rx_set(rx, "model.feature_sigma=%.4g", sigma(rx->facts));
    fqpi_rx_set(rx, "model.activation=tanh");
    fqpi_rx_set(rx, "model.init=glorot_uniform");
    fqpi_rx_adam(rx, 2e-3);
}

/* ---- SIREN ------------------------------------------------------------------------------------------------------ */

/* omega_0 = 30 for points in [-1, 1]; a target with higher waves needs them in its first layer, whose weights are
 * U(+-1/d): the fastest neuron then turns as fast as the edge of the band. */
static double omega0(const fqp_facts *f) {
    double half = 0;
    for (int a = 0; a < FQP_FACTS_AXES && a < f->d; a++)
        half = fmax(half, f->half[a]);
    return fmax(30 / fmax(half, 1e-300), 2 * PI * fqp_facts_highest(f));
}

static void siren(fqpi_rx *rx) {
    fqpi_rx_hidden(rx, 3);
    fqpi_rx_set(rx, "model.activation=sin");
    fqpi_rx_set(rx, "model.init=siren");
    fqpi_rx_set(rx, "model.omega0=%.4g", omega0(rx->facts));
    fqpi_rx_adam(rx, 5e-4);
}

const fqpi_remedy fqpi_remedy_networks[] = {
    {{"plain", "three hidden layers of tanh: no remedy, to compare with", "Xu et al. 2019, 1901.06523",
      "any target; learns low frequencies first"},
     NULL,
     plain},
    {{"relu", "three hidden layers of relu: no remedy, to compare with", "Rahaman et al. 2019, 1806.08734",
      "any target; learns low frequencies first"},
     NULL,
     relu},
    {{"fourier", "random Fourier features of the target's band", "Tancik et al. 2020, 2006.10739",
      "any target of few inputs"},
     NULL,
     fourier},
    {{"siren", "sine layers with an initialisation that keeps their spread", "Sitzmann et al. 2020, 2006.09661",
      "any target of few inputs"},
     NULL,
     siren},
    {{.name = NULL}, NULL, NULL}};
