/* jet_each.c - gradients of single samples: the sums of the reverse sweep, sample by sample instead of all together.
 *
 * A sample's columns of both panels are gathered in double precision, and their product over the channels is added to
 * its row. */
#include "jet_panel.h"

static int64_t wide(const fqp_model *net) {
    int64_t most = net->d;
    for (int64_t l = 0; l < net->layers; l++) {
        most = net->layer[l].in > most ? net->layer[l].in : most;
        most = net->layer[l].out > most ? net->layer[l].out : most;
    }
    for (int64_t i = 0; i < net->features; i++)
        most = net->feature[i].width > most ? net->feature[i].width : most;
    return fqpi_padded(net->k64, most);
}

size_t fqpi_jet_each_numbers(const fqp_model *net, const fqpi_jet_rule *rule) {
    return (size_t)(wide(net) * (2 * rule->channels + net->k64->lanes));
}

/* to[c*step + i] = channel c of sample s in row i */
static void gather(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t rows, const void *panel, int64_t s,
                   double *to, int64_t step) {
    const fqp_dtype t = net->k->dtype;
    const int64_t lanes = net->k->lanes, channels = jet->plan->rule.channels;
    const int64_t ld = fqpi_jet_columns(net, jet, n), at = s / lanes * channels * lanes + s % lanes;
    for (int64_t c = 0; c < channels; c++)
        fqpi_elem_load(t, rows, fqpi_elem_in(t, panel, at + c * lanes), ld, to + c * step);
}

void fqpi_jet_each_product(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t out, int64_t in, const void *z,
                           const void *h, double scale, double *rows, int64_t stride, int64_t at) {
    const int64_t channels = jet->plan->rule.channels, step = wide(net);
    double *left = jet->each, *right = left + channels * step;
    for (int64_t s = 0; s < n; s++) {
        gather(net, jet, n, out, z, s, left, step);
        gather(net, jet, n, in, h, s, right, step);
        for (int64_t c = 0; c < channels && scale != 1; c++)
            fqpi_elem_scale(FQP_F64, out, scale, left + c * step);
        net->k64->gemm(&(fqpi_gemm){.m = out,
                                    .n = in,
                                    .k = channels,
                                    .a = left,
                                    .a_row = 1,
                                    .a_col = step,
                                    .b = right,
                                    .b_row = step,
                                    .c = rows + s * stride + at,
                                    .c_row = in,
                                    .accumulate = true},
                       NULL);
    }
}

void fqpi_jet_each_values(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t out, const void *z,
                          double scale, double *rows, int64_t stride, int64_t at) {
    const fqp_dtype t = net->k->dtype;
    const int64_t lanes = net->k->lanes, group = jet->plan->rule.channels * lanes;
    for (int64_t s = 0; s < n; s++) {
        fqpi_elem_load(t, out, fqpi_elem_in(t, z, s / lanes * group + s % lanes), fqpi_jet_columns(net, jet, n),
                       jet->each);
        for (int64_t i = 0; i < out; i++)
            rows[s * stride + at + i] += scale * jet->each[i];
    }
}
