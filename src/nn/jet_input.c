/* jet_input.c - what comes into a pass of jets: the coordinates, whose only derivatives are 1 by themselves, and fixed
 * functions of them, sample by sample. */
#include "jet_feature.h"
#include "jet_panel.h"

#include <string.h>

/* a x_i in rows of h from `first` on.  The panel is zero. */
static void coordinates(const fqp_model *net, const fqpi_jet *jet, int64_t n, const double *x, double a, void *h,
                        int64_t first) {
    const fqpi_jet_plan *plan = jet->plan;
    const int64_t lanes = net->k->lanes, group = plan->rule.channels * lanes, padded = fqpi_padded(net->k, n);
    const fqp_dtype t = net->k->dtype;
    for (int64_t i = 0; i < plan->d; i++) {
        void *row = fqpi_jet_row(net, jet, n, h, first + i);
        for (int64_t s = 0; s < n; s++) {
            const double value = a * x[s * plan->d + i];
            fqpi_elem_store(t, 1, &value, fqpi_elem_at(t, row, s / lanes * group + s % lanes), 1);
        }
        for (int64_t c = 1; c < plan->rule.channels; c++)
            if (fqpi_derivative_order(&plan->channel[c]) == 1 && plan->channel[c].order[i])
                for (int64_t s = 0; s < padded; s++)
                    fqpi_elem_store(t, 1, &a, fqpi_elem_at(t, row, s / lanes * group + c * lanes + s % lanes), 1);
    }
}

/* Sample s of all features of a branch, rows from `first` on. */
static void embed_sample(const fqp_model *net, const fqpi_jet *jet, int64_t n, const fqpi_embed *e, int64_t first,
                         const double *x, int64_t s) {
    enum { TOGETHER = 16 }; /* channels */
    const fqp_view view = {.data = x, .dtype = FQP_F64, .ndim = 2, .shape = {n, e->d}};
    const int64_t lanes = net->k->lanes, channels = jet->plan->rule.channels, ld = fqpi_jet_columns(net, jet, n);
    const int64_t at = s / lanes * channels * lanes + s % lanes;
    double f[TOGETHER][FQPI_EMBEDDED];
    for (int64_t c = 0; c < channels; c += TOGETHER)
        for (int64_t from = 0, made; from < e->width; from += made) {
            const int64_t count = channels - c < TOGETHER ? channels - c : TOGETHER;
            made = e->row->map(e, view, s * e->d, from, count, &jet->plan->channel[c], &f[0][0]);
            for (int64_t q = 0; q < count; q++)
                fqpi_elem_store(
                    net->k->dtype, made, f[q],
                    fqpi_elem_at(net->k->dtype, fqpi_jet_channel(net, jet, n, jet->h0, first + from, c + q), at), ld);
        }
}

void fqpi_jet_inputs(const fqp_model *net, const fqpi_jet *jet, int64_t n, const double *x) {
    const size_t row = (size_t)fqpi_jet_columns(net, jet, n) * net->k->elem;
    memset(jet->h0, 0, (size_t)net->d * row);
    if (net->features > 0) {
        void *own = fqpi_jet_coordinates(net, jet);
        memset(own, 0, (size_t)net->embed.d * row);
        coordinates(net, jet, n, x, 1, own, 0);
        fqpi_jet_feature_values(net, jet, n);
    }
    for (int64_t b = 0; b < net->embed.branches && !net->makes_inputs; b++) {
        const fqpi_embed e = fqpi_embed_branch(&net->embed, b);
        if (!e.row->map)
            coordinates(net, jet, n, x, e.scale, jet->h0, b * e.width);
        for (int64_t s = 0; s < n && e.row->map; s++)
            embed_sample(net, jet, n, &e, b * e.width, x, s);
    }
}
