/* remedy_networks.c - remedies in the network: what it sees of a point, its activations, how it is drawn. */
#include "remedy_i.h"

#include <math.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

/* Half the longest side of the box. */
static double widest(const fqp_facts *f) {
    double half = 0;
    for (int a = 0; a < FQP_FACTS_AXES && a < f->d; a++)
        half = fmax(half, f->half[a]);
    return half > 0 ? half : 1;
}

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

/* Frequencies N(0, sigma^2): the edge of the target's band is at 3 sigma.  The network makes sums and differences of
 * them, so that a wider spread soon fits waves between the points that nobody asked for. */
static double sigma(const fqp_facts *f) {
    return fmax(fqp_facts_highest(f), 0.5 / widest(f)) / 3;
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

/* The weights of the first layer are U(+-1/d): its fastest neuron turns at a fifth of the edge of the target's band.
 * Deeper sine layers multiply that a few times.  (omega_0 = 30 of the paper is this for images in [-1, 1].) */
static double omega0(const fqp_facts *f) {
    return fmax(5 / widest(f), 2 * PI * fqp_facts_highest(f) * (double)f->d / 5);
}

void fqpi_rx_siren(fqpi_rx *rx) {
    fqpi_rx_hidden(rx, 3);
    fqpi_rx_set(rx, "model.activation=sin");
    fqpi_rx_set(rx, "model.init=siren");
    fqpi_rx_set(rx, "model.omega0=%.4g", omega0(rx->facts));
}

static void siren(fqpi_rx *rx) {
    fqpi_rx_siren(rx);
    fqpi_rx_adam(rx, 5e-4);
}

/* ---- scales ----------------------------------------------------------------------------------------------------- */

/* From 1/half, where a branch sees [-1, 1], to the angular frequency of the edge of the band, where it sees waves that
 * turn by one over one; a factor of two or so apart. */
static int scales(fqpi_rx *rx) {
    enum { MOST = 8 };
    const double doublings = log2(fmax(1, 2 * PI * fqp_facts_highest(rx->facts) * widest(rx->facts)));
    const int n = (int)fmin(MOST, 1 + ceil(doublings));
    char list[512] = "";
    for (int b = 0; b < n; b++) {
        const double a = pow(2, n > 1 ? doublings * b / (n - 1) : 0) / widest(rx->facts);
        fqpi_print(list + strlen(list), sizeof list - strlen(list), "%s%.4g", b ? ", " : "", a);
    }
    fqpi_rx_set(rx, "model.scales=[%s]", list);
    return n;
}

/* The widths of layers that are split among branches are multiples of their number. */
static void in_branches(fqpi_rx *rx, int layers, int split, int n) {
    char list[256] = "";
    for (int l = 0; l < layers; l++) {
        const int64_t whole = (rx->width + n - 1) / n * n;
        fqpi_print(list + strlen(list), sizeof list - strlen(list), "%s%lld", l ? ", " : "",
                   (long long)(l < split ? whole : rx->width));
    }
    fqpi_rx_set(rx, "model.hidden=[%s]", list);
}

static void mscale_first(fqpi_rx *rx) {
    const int n = scales(rx);
    in_branches(rx, 3, 1, n);
    fqpi_rx_set(rx, "model.branches=first");
    fqpi_rx_set(rx, "model.activation=sin");
    fqpi_rx_set(rx, "model.init=torch");
    fqpi_rx_adam(rx, 1e-3);
}

static void mscale(fqpi_rx *rx) {
    const int n = scales(rx);
    in_branches(rx, 3, 3, n);
    fqpi_rx_set(rx, "model.branches=separate");
    fqpi_rx_set(rx, "model.activation=sin");
    fqpi_rx_set(rx, "model.init=torch");
    fqpi_rx_adam(rx, 1e-3);
}

/* Spreads from the lowest waves to the edge of the band, a factor of four or less apart. */
static void multiscale_fourier(fqpi_rx *rx) {
    const double most = sigma(rx->facts), least = fmin(0.25 / widest(rx->facts), most);
    const int n = 1 + (int)ceil(log2(fmax(1, most / least)) / 2);
    char list[512] = "";
    for (int b = 0; b < n; b++)
        fqpi_print(list + strlen(list), sizeof list - strlen(list), "%s%.4g", b ? ", " : "",
                   least * pow(most / least, n > 1 ? (double)b / (n - 1) : 0));
    fqpi_rx_hidden(rx, 2);
    fqpi_rx_set(rx, "model.embedding=fourier");
    fqpi_rx_set(rx, "model.features=%lld", (long long)rx->width);
    fqpi_rx_set(rx, "model.feature_sigma=1");
    fqpi_rx_set(rx, "model.scales=[%s]", list);
    fqpi_rx_set(rx, "model.branches=shared");
    fqpi_rx_set(rx, "model.activation=tanh");
    fqpi_rx_set(rx, "model.init=glorot_uniform");
    fqpi_rx_adam(rx, 2e-3);
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
    {{"multiscale_fourier", "Fourier features of several spreads through one network",
      "Wang, Wang & Perdikaris 2021, 2012.10047", "any target of few inputs"},
     NULL,
     multiscale_fourier},
    {{"mscale", "a subnetwork for every scale of the input, summed (MscaleDNN-2)", "Liu, Cai & Xu 2020, 2007.11207",
      "any target of few inputs"},
     NULL,
     mscale},
    {{"mscale_first", "one network whose first layer is split among scales (MscaleDNN-1)",
      "Liu, Cai & Xu 2020, 2007.11207", "any target of few inputs"},
     NULL,
     mscale_first},
    {{.name = NULL}, NULL, NULL}};
