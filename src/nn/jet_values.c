/* jet_values.c - one tile forward and back, and its gradient into a vector. */
#include "jet_values.h"
#include "elements.h"
#include "jet_feature.h"

#include <string.h>

enum { CHUNK = 24 }; /* rows, or units, whose gradient is made together */

bool fqpi_jet_values_serves(const fqp_model *net, int order) {
    return order == 0 && !fqpi_jet_features_served(net);
}

static fqpi_span span_of(const fqp_model *net, int64_t n) {
    return (fqpi_span){.n = n, .ld = fqpi_padded(net->k, n)};
}

static void *carve(char *block, size_t *used, size_t bytes) {
    void *part = block ? block + *used : NULL;
    *used += (bytes + 63) / 64 * 64;
    return part;
}

void fqpi_jet_values_place(const fqp_model *net, int64_t samples, char *block, size_t *used, fqpi_jet *jet) {
    const int64_t capacity = fqpi_padded(net->k, samples);
    int64_t widest = 0;
    for (int64_t l = 0; l < net->layers; l++)
        widest = net->layer[l].in > widest ? net->layer[l].in : widest;
    void *tape = carve(block, used, fqpi_tape_bytes(net, capacity, true));
    jet->rows = carve(block, used, (size_t)(capacity * fqpi_row_length(net)) * net->k->elem);
    jet->chunk = carve(block, used, (size_t)(CHUNK * widest) * net->k->elem);
    jet->lanes = carve(block, used, fqpi_lanes_bytes(net, CHUNK));
    jet->pack = carve(block, used, fqpi_pack_bytes(net));
    if (!block)
        return;
    memset(tape, 0, fqpi_tape_bytes(net, capacity, true));
    fqpi_tape_place(net, capacity, true, tape, &jet->tape);
}

void fqpi_jet_values_forward(const fqp_model *net, const fqpi_jet *jet, int64_t n, const double *x) {
    const fqpi_span s = span_of(net, n);
    const int64_t row = fqpi_row_length(net);
    const fqp_view view = {.data = x, .dtype = FQP_F64, .ndim = 2, .shape = {n, net->embed.d}};
    fqpi_rows_in(net, view, 0, n, jet->rows, row);
    fqpi_inputs(net, &jet->tape, s, jet->rows, row, NULL);
    fqpi_forward(net, &jet->tape, s, true);
}

void *fqpi_jet_values_out(const fqp_model *net, const fqpi_jet *jet, int64_t n, bool adjoint) {
    const fqpi_span s = span_of(net, n);
    return adjoint ? fqpi_tape_dy(net, &jet->tape, s) : fqpi_tape_h(net, &jet->tape, net->layers, s);
}

/* grad [n] (+)= scale part */
static void add(const fqpi_kernel *k, int64_t n, double scale, const void *part, void *grad, bool accumulate) {
    if (!accumulate)
        memset(grad, 0, (size_t)n * k->elem);
    k->axpy(n, scale, part, grad);
}

static void layer_gradient(const fqp_model *net, const fqpi_jet *jet, int64_t l, const fqpi_span *s, void *grad,
                           bool accumulate) {
    const fqpi_layer *y = &net->layer[l];
    const fqp_dtype t = net->k->dtype;
    const int64_t in = fqpi_block_in(y), rows = fqpi_weight_rows(y);
    for (int64_t i = 0, to; i < rows; i = to) {
        to = i + CHUNK < rows ? i + CHUNK : rows;
        fqpi_weight_gradient(net, &jet->tape, l, i, to, 1, s, jet->chunk, false, jet->lanes);
        add(net->k, (to - i) * in, y->scale, jet->chunk, fqpi_elem_at(t, grad, y->weight + i * in), accumulate);
        if (y->bias < 0)
            continue;
        fqpi_bias_gradient(net, &jet->tape, l, i, to, 1, s, jet->chunk, false, jet->lanes);
        add(net->k, to - i, 1, jet->chunk, fqpi_elem_at(t, grad, y->bias + i), accumulate);
    }
}

void fqpi_jet_values_backward(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *grad, bool accumulate) {
    const fqpi_span s = span_of(net, n);
    const fqpi_wave wave = {.net = net, .tape = &jet->tape, .tiles = 1, .tile = &s};
    fqpi_backward(net, &jet->tape, 1, &s, jet->pack);
    for (int64_t l = 0; l < net->layers; l++)
        layer_gradient(net, jet, l, &s, grad, accumulate);
    for (int64_t i = 0; i < net->features; i++) {
        const fqpi_feature *f = &net->feature[i];
        void *own = fqpi_elem_at(net->k->dtype, grad, f->at);
        for (int64_t u = 0; u < f->units && !f->fixed; u += CHUNK)
            f->row->gradient(f, u, u + CHUNK < f->units ? u + CHUNK : f->units, &wave, own, accumulate, jet->lanes);
    }
}
