/* remedy_branches.c - remedies in branches: scales of the input (MscaleDNN) and phases of the output (PhaseDNN). */
#include "remedy_i.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

/* ---- scales ----------------------------------------------------------------------------------------------------- */

/* From 1/half, where a branch sees [-1, 1], to the angular frequency of the edge of the band, where it sees waves that
 * turn by one over one; a factor of two or so apart. */
static int64_t scales(fqpi_rx *rx) {
    enum { MOST = 8 };
    const double doublings = log2(fmax(1, 2 * PI * fqp_facts_highest(rx->facts) * fqpi_widest(rx->facts)));
    const size_t n = (size_t)fmin(MOST, 1 + ceil(doublings));
    double v[MOST];
    for (size_t b = 0; b < n; b++)
        v[b] = pow(2, n > 1 ? doublings * (double)b / (double)(n - 1) : 0) / fqpi_widest(rx->facts);
    char list[256];
    fqpi_rx_reals(list, sizeof list, v, n);
    fqpi_rx_set(rx, "model.scales=[%s]", list);
    return (int64_t)n;
}

/* Three hidden layers shared by n branches: rx->width neurons of a branch in all, so that the budget is met closely. */
static void shared_out(fqpi_rx *rx, int64_t n) {
    const long long w = (long long)rx->width, b = (long long)n;
    fqpi_rx_set(rx, "model.hidden=[%lld, %lld, %lld]", b * ((w + 4) / 3), b * ((w + 3) / 3), b * ((w + 2) / 3));
}

static void sine(fqpi_rx *rx) {
    fqpi_rx_set(rx, "model.activation=sin");
    fqpi_rx_set(rx, "model.init=torch");
    fqpi_rx_adam(rx, 1e-3);
}

static void mscale_first(fqpi_rx *rx) {
    const long long n = scales(rx), w = (long long)rx->width;
    fqpi_rx_set(rx, "model.hidden=[%lld, %lld, %lld]", (w + n - 1) / n * n, w, w);
    fqpi_rx_set(rx, "model.branches=first");
    sine(rx);
}

static void mscale(fqpi_rx *rx) {
    shared_out(rx, scales(rx));
    fqpi_rx_set(rx, "model.branches=separate");
    sine(rx);
}

static void mscale_learnt(fqpi_rx *rx) {
    mscale(rx);
    fqpi_rx_set(rx, "model.train_scales=true");
}

/* ---- phases ----------------------------------------------------------------------------------------------------- */

enum { PHASES = 6 };

/* The strongest peaks, each with its opposite once. */
static size_t phases_of(const fqp_facts *f, double *v) {
    size_t n = 0;
    for (size_t p = 0; p < f->peaks && n < PHASES; p++, n++)
        for (int64_t a = 0; a < f->d; a++)
            v[n * (size_t)f->d + (size_t)a] = 2 * PI * f->peak[p][a];
    if (f->lines || f->d > 1)
        return n;
    for (n = 0; n < PHASES; n++) /* a broad band: its middle sixths */
        v[n] = 2 * PI * fmax(f->high[0], 0.5 / fqpi_widest(f)) * ((double)n + 0.5) / PHASES;
    return n;
}

static bool peaked(const fqp_facts *f, char *why, size_t size) {
    if (f->grid && (f->d == 1 || f->lines))
        return true;
    if (!f->grid)
        fqpi_print(why, size, "its phases are peaks of a spectrum on a grid; these %lld points are scattered",
                   (long long)f->n);
    else
        fqpi_print(why, size,
                   "the %d strongest peaks hold less than 90 %% of the target's energy, and a comb of phases in %lld "
                   "dimensions would need too many branches",
                   FQP_FACTS_PEAKS, (long long)f->d);
    return false;
}

static void phase(fqpi_rx *rx) {
    double v[PHASES * FQP_FACTS_AXES];
    char list[512];
    const size_t n = phases_of(rx->facts, v);
    fqpi_rx_reals(list, sizeof list, v, n * (size_t)rx->facts->d);
    shared_out(rx, 2 * (int64_t)n);
    fqpi_rx_set(rx, "model.gate=phase");
    fqpi_rx_set(rx, "model.phases=[%s]", list);
    fqpi_rx_set(rx, "model.activation=tanh");
    fqpi_rx_set(rx, "model.init=glorot_uniform");
    fqpi_rx_adam(rx, 2e-3);
}

const fqpi_remedy fqpi_remedy_branches[] = {
    {{"mscale", "a subnetwork for every scale of the input, summed (MscaleDNN-2)", "Liu, Cai & Xu 2020, 2007.11207",
      "any target of few inputs"},
     NULL,
     mscale},
    {{"mscale_first", "one network whose first layer is split among scales (MscaleDNN-1)",
      "Liu, Cai & Xu 2020, 2007.11207", "any target of few inputs"},
     NULL,
     mscale_first},
    {{"mscale_learnt", "MscaleDNN-2 whose scales are trained", "Liu, Cai & Xu 2020, 2007.11207",
      "any target of few inputs"},
     NULL,
     mscale_learnt},
    {{"phase", "subnetworks times sines and cosines of the target's peaks (coupled PhaseDNN)",
      "Cai, Li & Liu 2020, 1909.11759", "curves on a grid; images and volumes of few waves"},
     peaked,
     phase},
    {{.name = NULL}, NULL, NULL}};
