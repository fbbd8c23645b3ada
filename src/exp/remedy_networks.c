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

/* ---- SIREN ------------------------------------------------------------------------------------------------------ */

/* The weights of the first layer are U(+-1/d): its fastest neuron turns at a fifth of the edge of the target's band.
 * Deeper sine layers multiply that a few times.  (omega_0 = 30 of the paper is this for images in [-1, 1].) */
static double omega0(const fqp_facts *f) {
    return fmax(5 / fqpi_widest(f), 2 * PI * fqp_facts_highest(f) * (double)f->d / 5);
}

void fqpi_rx_siren(fqpi_rx *rx) {
    fqpi_rx_hidden(rx, 3);
    fqpi_rx_set(rx, "model.activation=sin");
    fqpi_rx_set(rx, "model.init=siren");
    fqpi_rx_set(rx, "model.omega0=%.4g", omega0(rx->facts));
}

/* Sitzmann et al. train 256 neurons with 1e-4.  A step of Adam moves every weight by about the rate, so that what
 * reaches a sine grows with the neurons before it. */
static void adam_of_sines(fqpi_rx *rx) {
    fqpi_rx_adam(rx, fmin(5e-4, 1e-4 * 256 / (double)rx->width));
}

static void siren(fqpi_rx *rx) {
    fqpi_rx_siren(rx);
    adam_of_sines(rx);
}

/* Wavelets cos(omega0 z) exp(-(s z)^2) of ten turns or so. */
static void wire(fqpi_rx *rx) {
    fqpi_rx_hidden(rx, 3);
    fqpi_rx_set(rx, "model.activation=gabor");
    fqpi_rx_set(rx, "model.init=siren");
    fqpi_rx_set(rx, "model.omega0=%.4g", omega0(rx->facts));
    fqpi_rx_set(rx, "model.activation_param=%.4g", omega0(rx->facts) / 10);
    adam_of_sines(rx);
}

/* sin(omega0 (|z| + 1) z) is up to twice as fast as a sine for |z| < 1. */
static void finer(fqpi_rx *rx) {
    fqpi_rx_hidden(rx, 3);
    fqpi_rx_set(rx, "model.activation=finer");
    fqpi_rx_set(rx, "model.init=siren");
    fqpi_rx_set(rx, "model.omega0=%.4g", omega0(rx->facts) / 2);
    adam_of_sines(rx);
}

/* ---- trained slopes --------------------------------------------------------------------------------------------- */

static void slopes(fqpi_rx *rx, const char *whose) {
    plain(rx);
    fqpi_rx_set(rx, "model.slopes=%s", whose);
    fqpi_rx_set(rx, "model.slope_factor=5");
}

static void slopes_network(fqpi_rx *rx) {
    slopes(rx, "network");
}

static void slopes_layer(fqpi_rx *rx) {
    slopes(rx, "layer");
    fqpi_rx_set(rx, "train.slope_recovery=1e-3");
}

static void slopes_neuron(fqpi_rx *rx) {
    slopes(rx, "neuron");
    fqpi_rx_set(rx, "train.slope_recovery=1e-3");
}

/* ---- random features -------------------------------------------------------------------------------------------- */

static bool solvable(const fqp_facts *f, char *why, size_t size) {
    enum { MOST = 4096 };
    if (f->n <= MOST)
        return true;
    fqpi_print(why, size,
               "its outputs are solved for by singular values, with a row for each of %lld points; it serves "
               "up to %d",
               (long long)f->n, MOST);
    return false;
}

/* Weights U(+-R) with R the edge of the band in radians, biases that bend all over the box. */
static void random_features(fqpi_rx *rx) {
    const double rate = 2 * PI * fmax(fqp_facts_highest(rx->facts), 0.5 / fqpi_widest(rx->facts));
    fqpi_rx_hidden(rx, 1);
    fqpi_rx_set(rx, "model.activation=tanh");
    fqpi_rx_set(rx, "model.init=uniform");
    fqpi_rx_set(rx, "model.weight_std=%.4g", rate);
    fqpi_rx_set(rx, "model.bias_range=%.4g", fmin(1000, rate * fqpi_widest(rx->facts)));
    fqpi_rx_set(rx, "model.precision=f64");
    fqpi_rx_set(rx, "train.optimizer=least_squares");
    fqpi_rx_set(rx, "train.batch=0");
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
    {{"siren", "sine layers with an initialisation that keeps their spread", "Sitzmann et al. 2020, 2006.09661",
      "any target of few inputs"},
     NULL,
     siren},
    {{"wire", "wavelets in place of sines", "Saragadam et al. 2023, 2301.05187", "any target of few inputs"},
     NULL,
     wire},
    {{"finer", "sines that turn faster away from zero", "Liu et al. 2023, 2312.02434", "any target of few inputs"},
     NULL,
     finer},
    {{"slopes_network", "one trained slope in all activations", "Jagtap, Kawaguchi & Karniadakis 2020, 1906.01170",
      "any target"},
     NULL,
     slopes_network},
    {{"slopes_layer", "a trained slope for each layer, with slope recovery", "Jagtap et al. 2020, 1909.12228",
      "any target"},
     NULL,
     slopes_layer},
    {{"slopes_neuron", "a trained slope for each neuron, with slope recovery", "Jagtap et al. 2020, 1909.12228",
      "any target"},
     NULL,
     slopes_neuron},
    {{"random_features", "a random layer, its outputs solved for", "Chen, Chi, E & Yang 2022, 2207.13380",
      "up to 4096 points"},
     solvable,
     random_features},
    {{.name = NULL}, NULL, NULL}};
