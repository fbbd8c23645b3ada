/* remedy_features.c - remedies in what the network sees of a point: sines and cosines, filters, grids. */
#include "remedy_i.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

/* ---- Fourier features ------------------------------------------------------------------------------------------- */

/* Frequencies N(0, sigma^2): the edge of the target's band is at 3 sigma.  The network makes sums and differences of
 * them, so that a wider spread soon fits waves between the points that nobody asked for. */
static double sigma(const fqp_facts *f) {
    return fmax(fqp_facts_highest(f), 0.5 / fqpi_widest(f)) / 3;
}

/* tanh layers behind an embedding that is set already. */
static void behind(fqpi_rx *rx, int layers, double lr) {
    fqpi_rx_hidden(rx, layers);
    fqpi_rx_set(rx, "model.activation=tanh");
    fqpi_rx_set(rx, "model.init=glorot_uniform");
    fqpi_rx_adam(rx, lr);
}

/* One spread for each axis where the axes differ. */
static void spreads(fqpi_rx *rx) {
    const fqp_facts *f = rx->facts;
    double v[FQP_FACTS_AXES] = {sigma(f)};
    size_t n = 1;
    if (f->d > 1 && f->d <= FQP_FACTS_AXES)
        for (n = 0; n < (size_t)f->d; n++)
            v[n] = fmax(f->high[n], 0.5 / fqpi_widest(f)) / 3;
    char list[128];
    fqpi_rx_reals(list, sizeof list, v, n);
    fqpi_rx_set(rx, "model.feature_sigma=[%s]", list);
}

static void fourier(fqpi_rx *rx) {
    fqpi_rx_set(rx, "model.embedding=fourier");
    fqpi_rx_set(rx, "model.features=%lld", (long long)rx->width);
    spreads(rx);
    behind(rx, 2, 2e-3);
}

static void fourier_learnt(fqpi_rx *rx) {
    fourier(rx);
    fqpi_rx_set(rx, "model.train_features=true");
}

static void basic(fqpi_rx *rx) {
    fqpi_rx_set(rx, "model.embedding=basic");
    behind(rx, 3, 1e-3);
}

/* Octaves 1, 2, 4, ... cycles per unit up to the edge of the band. */
static void positional(fqpi_rx *rx) {
    const int octaves = 1 + (int)fmin(20, ceil(log2(fmax(1, fqp_facts_highest(rx->facts)))));
    fqpi_rx_set(rx, "model.embedding=positional");
    fqpi_rx_set(rx, "model.feature_steps=octaves");
    fqpi_rx_set(rx, "model.feature_octaves=%d", octaves);
    behind(rx, 3, 1e-3);
}

/* Spreads from the lowest waves to the edge of the band, a factor of four or less apart. */
static void multiscale_fourier(fqpi_rx *rx) {
    const double most = sigma(rx->facts), least = fmin(0.25 / fqpi_widest(rx->facts), most);
    const size_t n = 1 + (size_t)fmin(5, ceil(log2(fmax(1, most / least)) / 2));
    double v[8];
    for (size_t b = 0; b < n; b++)
        v[b] = least * pow(most / least, n > 1 ? (double)b / (double)(n - 1) : 0);
    char list[256];
    fqpi_rx_reals(list, sizeof list, v, n);
    fqpi_rx_set(rx, "model.embedding=fourier");
    fqpi_rx_set(rx, "model.features=%lld", (long long)rx->width);
    fqpi_rx_set(rx, "model.feature_sigma=1");
    fqpi_rx_set(rx, "model.scales=[%s]", list);
    fqpi_rx_set(rx, "model.branches=shared");
    behind(rx, 2, 2e-3);
}

/* ---- multiplicative filters ------------------------------------------------------------------------------------- */

/* The product of all filters has frequencies of spread filter_scale/sqrt(3 d) along an axis, in radians: a third of the
 * edge of the band, as of Fourier features. */
static void filters(fqpi_rx *rx, const char *kind) {
    fqpi_rx_hidden(rx, 3);
    fqpi_rx_set(rx, "model.filters=%s", kind);
    fqpi_rx_set(rx, "model.filter_scale=%.4g", 2 * PI * sigma(rx->facts) * sqrt(3 * (double)rx->facts->d));
    fqpi_rx_set(rx, "model.init=torch");
    fqpi_rx_adam(rx, 2e-3);
}

static void mfn_fourier(fqpi_rx *rx) {
    filters(rx, "fourier");
}

static void mfn_gabor(fqpi_rx *rx) {
    filters(rx, "gabor");
}

/* ---- grids ------------------------------------------------------------------------------------------------------ */

static bool few_inputs(const fqp_facts *f, char *why, size_t size) {
    if (f->d <= FQP_FACTS_AXES)
        return true;
    fqpi_print(why, size, "a grid over %lld inputs has too many vertices; it serves up to %d", (long long)f->d,
               FQP_FACTS_AXES);
    return false;
}

static void corners(fqpi_rx *rx, const char *key, double side) {
    double v[FQP_FACTS_AXES];
    for (int a = 0; a < (int)rx->facts->d; a++)
        v[a] = rx->facts->centre[a] + side * fmax(rx->facts->half[a], 1e-12);
    char list[128];
    fqpi_rx_reals(list, sizeof list, v, (size_t)rx->facts->d);
    fqpi_rx_set(rx, "model.%s=[%s]", key, list);
}

/* Eight levels from 4 cells to four in a wave at the edge of the band, but no more than samples; tables take half of
 * the budget, the layers behind them what is left. */
static void grid(fqpi_rx *rx) {
    enum { LEVELS = 8, ENTRY = 2, COARSEST = 4 };
    const fqp_facts *f = rx->facts;
    double samples = 0;
    for (int a = 0; a < (int)f->d; a++)
        samples = fmax(samples, 4 * f->half[a] * f->nyquist[a]);
    const double finest = fmax(2 * COARSEST, fmin(4 * fqp_facts_cycles(f), floor(samples * (1 + 1e-9))));
    const double table = floor(log2(fmax(2, 0.5 * (double)rx->budget / (LEVELS * ENTRY))));
    fqpi_rx_set(rx, "model.embedding=grid");
    fqpi_rx_set(rx, "model.grid_levels=%d", LEVELS);
    fqpi_rx_set(rx, "model.grid_features=%d", ENTRY);
    fqpi_rx_set(rx, "model.grid_coarsest=%d", COARSEST);
    fqpi_rx_set(rx, "model.grid_finest=%.0f", finest);
    fqpi_rx_set(rx, "model.grid_table=%.0f", table);
    corners(rx, "grid_lower", -1);
    corners(rx, "grid_upper", 1);
    fqpi_rx_hidden(rx, 2);
    fqpi_rx_set(rx, "model.activation=relu");
    fqpi_rx_set(rx, "model.init=he_uniform");
    fqpi_rx_adam(rx, 5e-3);
}

const fqpi_remedy fqpi_remedy_features[] = {
    {{"basic", "one sine and cosine of a turn per unit", "Tancik et al. 2020, 2006.10739", "any target of few inputs"},
     NULL,
     basic},
    {{"positional", "sines and cosines of 1, 2, 4, ... turns per unit along each axis",
      "Mildenhall et al. 2020, 2003.08934", "any target of few inputs; waves along the axes"},
     NULL,
     positional},
    {{"fourier", "random Fourier features of the target's band", "Tancik et al. 2020, 2006.10739",
      "any target of few inputs"},
     NULL,
     fourier},
    {{"fourier_learnt", "random Fourier features whose frequencies are trained", "Tancik et al. 2020, 2006.10739",
      "any target of few inputs"},
     NULL,
     fourier_learnt},
    {{"multiscale_fourier", "Fourier features of several spreads through one network",
      "Wang, Wang & Perdikaris 2021, 2012.10047", "any target of few inputs"},
     NULL,
     multiscale_fourier},
    {{"mfn_fourier", "layers multiplied by sines of the coordinates", "Fathony et al. 2021, ICLR",
      "any target of few inputs"},
     NULL,
     mfn_fourier},
    {{"mfn_gabor", "layers multiplied by Gabor wavelets of the coordinates", "Fathony et al. 2021, ICLR",
      "any target of few inputs"},
     NULL,
     mfn_gabor},
    {{"grid", "trained grids of several resolutions, hashed, before a small network", "Mueller et al. 2022, 2201.05989",
      "up to three inputs; densely sampled"},
     few_inputs,
     grid},
    {{.name = NULL}, NULL, NULL}};
