/* remedy_training.c - remedies in the training: losses that weigh frequencies, optimisers that even out their rates. */
#include "remedy_i.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

static void tanh_network(fqpi_rx *rx, int layers) {
    fqpi_rx_hidden(rx, layers);
    fqpi_rx_set(rx, "model.activation=tanh");
    fqpi_rx_set(rx, "model.init=glorot_uniform");
}

/* ---- losses ----------------------------------------------------------------------------------------------------- */

/* These losses speak of indices of one transform. */
static bool curve(const fqp_facts *f, char *why, size_t size) {
    if (!fqpi_needs_grid(f, why, size) || f->d == 1)
        return f->grid;
    fqpi_print(why, size, "it weighs the indices of a transform in one dimension; these points have %lld",
               (long long)f->d);
    return false;
}

static void weighted(fqpi_rx *rx, const char *loss, double param) {
    tanh_network(rx, 3);
    fqpi_rx_adam(rx, 1e-3);
    fqpi_rx_set(rx, "train.batch=0");
    fqpi_rx_set(rx, "train.loss=%s", loss);
    fqpi_rx_set(rx, "train.loss_param=%.4g", param);
}

/* Weights 1 + lambda omega^2 of the error's transform (loss spectral alone would not weigh the mean), with lambda =
 * 1/omega^2 of the lowest wave: there, derivative and error weigh the same. */
static void sobolev(fqpi_rx *rx) {
    const double low = 2 * PI * fmax(rx->facts->low[0], 0.5 / fmax(rx->facts->half[0], 1e-300));
    weighted(rx, "sobolev", 1 / (low * low));
}

static void focal(fqpi_rx *rx) {
    weighted(rx, "focal", 1);
}

/* ---- stages ------------------------------------------------------------------------------------------------------ */

/* Three networks that share the budget of parameters, each on what those before it leave, its first layer tuned to the
 * residue's dominant frequency. */
enum { STAGES = 3 };

static bool curve_or_plane(const fqp_facts *f, char *why, size_t size) {
    if (!fqpi_needs_grid(f, why, size) || f->d <= 2)
        return f->grid;
    fqpi_print(why, size,
               "the dominant frequency of a residue is looked for in one or two dimensions; these points have "
               "%lld",
               (long long)f->d);
    return false;
}

static void multistage(fqpi_rx *rx) {
    tanh_network(rx, 2);
    fqpi_rx_adam(rx, 2e-3);
    fqpi_rx_set(rx, "train.stages=%d", STAGES);
    fqpi_rx_set(rx, "train.stage_kind=residue");
    fqpi_rx_set(rx, "model.precision=f64");
}

/* Bands a third of the target's wide, each with a pair of networks but the one at zero: five bands at most, for what
 * leaks out of the target's band lies in the fourth. */
enum { BANDS = 5 };

static bool curve_band(const fqp_facts *f, char *why, size_t size) {
    if (f->grid && f->d == 1)
        return true;
    fqpi_print(why, size,
               "it trains %d networks in one dimension, and a power of that in more; these %s points have "
               "%lld",
               2 * BANDS - 1, f->grid ? "grid" : "scattered", (long long)f->d);
    return false;
}

static void phase_parallel(fqpi_rx *rx) {
    tanh_network(rx, 2);
    fqpi_rx_adam(rx, 5e-3);
    fqpi_rx_set(rx, "train.stages=%d", 2 * BANDS - 1);
    fqpi_rx_set(rx, "train.stage_kind=bands");
    fqpi_rx_set(rx, "train.band_width=%.4g", fmax(rx->facts->high[0], 0.5 / fqpi_widest(rx->facts)) / (BANDS - 2));
    fqpi_rx_set(rx, "train.band_energy=1e-3");
}

/* ---- Gauss-Newton ------------------------------------------------------------------------------------------------ */

static bool small(const fqp_facts *f, char *why, size_t size) {
    enum { MOST = 4096 };
    const long long numbers = (long long)f->n * f->m;
    if (numbers <= MOST)
        return true;
    fqpi_print(why, size,
               "a step solves a system of the size of the smaller of points and parameters; %lld numbers are "
               "more than %d",
               numbers, MOST);
    return false;
}

/* What a second-order step cannot repair is a start without the target's waves: hence the network of remedy siren. */
static void gauss_newton(fqpi_rx *rx) {
    fqpi_rx_siren(rx);
    fqpi_rx_set(rx, "model.precision=f64");
    fqpi_rx_set(rx, "train.optimizer=lm");
    fqpi_rx_set(rx, "train.batch=0");
}

static void natural(fqpi_rx *rx) {
    gauss_newton(rx);
    fqpi_rx_set(rx, "train.optimizer=natural");
    fqpi_rx_set(rx, "train.lr=0.5");
}

static void kfac(fqpi_rx *rx) {
    tanh_network(rx, 3);
    fqpi_rx_adam(rx, 1e-2);
    fqpi_rx_set(rx, "train.optimizer=kfac");
}

/* Mini-batches of points where the error is large, a quarter of the set or less. */
static void sampling(fqpi_rx *rx) {
    const int64_t quarter = rx->facts->n / 4 > 1 ? rx->facts->n / 4 : 1;
    tanh_network(rx, 3);
    fqpi_rx_adam(rx, 1e-3);
    fqpi_rx_set(rx, "train.batch=%lld", (long long)(quarter < FQPI_RX_BATCH ? quarter : FQPI_RX_BATCH));
    fqpi_rx_set(rx, "train.sampling=residual");
    fqpi_rx_set(rx, "train.sampling_unbiased=false");
}

const fqpi_remedy fqpi_remedy_training[] = {
    {{"sobolev", "the loss compares derivatives too: the error weighs more, the higher its frequency",
      "Czarnecki et al. 2017, 1706.04859", "curves on a regular grid"},
     curve,
     sobolev},
    {{"focal", "the loss weighs each frequency by how badly it is fitted (focal frequency loss)",
      "Jiang et al. 2021, 2012.12821", "curves on a regular grid"},
     curve,
     focal},
    {{"multistage", "networks one after another on what is left, tuned to its frequency", "Wang & Lai 2024, 2307.08934",
      "curves and images on a grid"},
     curve_or_plane,
     multistage},
    {{"gauss_newton", "Levenberg-Marquardt steps on a small sine network", "Marquardt 1963, SIAM J. Appl. Math. 11",
      "up to 4096 numbers to fit"},
     small,
     gauss_newton},
    {{"natural", "natural gradient steps on a small sine network", "Amari 1998, Neural Computation 10",
      "up to 4096 numbers to fit"},
     small,
     natural},
    {{"sampling", "points with large errors are drawn more often", "Wu et al. 2023, 2207.10289", "any target"},
     NULL,
     sampling},
    {{"kfac", "steps by the Kronecker-factored curvature of each layer", "Martens & Grosse 2015, 1503.05671",
      "any target"},
     NULL,
     kfac},
    {{"phase_parallel", "a pair of networks for each band of the spectrum (parallel PhaseDNN)",
      "Cai, Li & Liu 2020, 1909.11759", "curves on a grid"},
     curve_band,
     phase_parallel},
    {{.name = NULL}, NULL, NULL}};
