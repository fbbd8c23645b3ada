/* output_rows.c - one forward pass of a sample, and one backward pass for each output. */
#include "output_rows.h"
#include "elements.h"

#include <string.h>

static size_t align(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

static int64_t most_rows(const fqp_model *net) {
    int64_t most = 1;
    for (int64_t l = 0; l < net->layers; l++)
        most = fqpi_weight_rows(&net->layer[l]) > most ? fqpi_weight_rows(&net->layer[l]) : most;
    for (int64_t i = 0; i < net->features; i++)
        most = net->feature[i].units > most ? net->feature[i].units : most;
    return most;
}

/* Parts of the work space: tape, outputs and their adjoints with what the map needs, lanes of sums, what rows add to
 * trained factors, and the gradient of these. */
typedef struct parts {
    size_t outputs, lanes, sums, factors, size;
} parts;

static parts parts_of(const fqp_model *net) {
    const int64_t ld = net->k->lanes;
    parts p = {.outputs = align(fqpi_tape_bytes(net, ld, true))};
    p.lanes = p.outputs + align((size_t)((2 * net->m + FQPI_WORK_ROWS) * ld) * sizeof(double));
    p.sums = p.lanes + align(fqpi_lanes_bytes(net, most_rows(net)));
    p.factors = p.sums + align((size_t)(2 * net->rows) * sizeof(double));
    p.size = p.factors + align((size_t)net->reparam.numbers * sizeof(double));
    return p;
}

size_t fqpi_output_rows_bytes(const fqp_model *net) {
    return parts_of(net).size;
}

/* The adjoint of output a, through the output map. */
static void begin(const fqp_model *net, const fqpi_tape *t, fqpi_span s, int64_t a, double weight, const double *h,
                  double *dz) {
    memset(dz, 0, (size_t)(net->m * s.ld) * sizeof *dz);
    dz[a * s.ld] = weight;
    if (net->output->pull)
        net->output->pull(net->m, s.ld, h, dz, dz + net->m * s.ld);
    fqpi_elem_store(net->k->dtype, net->m * s.ld, dz, fqpi_tape_dy(net, t, s), 1);
}

static void gradient(const fqp_model *net, const fqpi_tape *t, fqpi_span s, char *work, void *row) {
    const fqp_dtype type = net->k->dtype;
    const parts p = parts_of(net);
    void *lanes = work + p.lanes;
    double *sums = (double *)(void *)(work + p.sums), *factors = (double *)(void *)(work + p.factors);
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        const int64_t rows = fqpi_weight_rows(y);
        void *g = fqpi_elem_at(type, row, y->weight);
        fqpi_weight_gradient(net, t, l, 0, rows, 1, &s, g, false, lanes);
        fqpi_elem_scale(type, rows * fqpi_block_in(y), y->scale, g);
        if (net->reparam.live)
            fqpi_reparam_weights(net, l, 0, rows, g, sums);
        if (y->bias < 0)
            continue;
        g = fqpi_elem_at(type, row, y->bias);
        fqpi_bias_gradient(net, t, l, 0, rows, 1, &s, g, false, lanes);
        if (net->reparam.live)
            fqpi_reparam_biases(net, l, 0, rows, g, sums);
    }
    for (int64_t i = 0; i < net->features; i++) {
        const fqpi_feature *f = &net->feature[i];
        const fqpi_wave wave = {.net = net, .tape = t, .tiles = 1, .tile = &s};
        if (!f->fixed)
            f->row->gradient(f, 0, f->units, &wave, fqpi_elem_at(type, row, f->at), false, lanes);
    }
    if (!net->reparam.live)
        return;
    fqpi_reparam_settle(net, sums, factors);
    fqpi_elem_store(type, net->reparam.numbers, factors, fqpi_elem_at(type, row, net->reparam.at), 1);
}

void fqpi_output_rows(const fqp_model *net, const void *x, int64_t first, int64_t outputs, double weight, void *work,
                      void *rows, int64_t ld, double *prediction, int64_t step) {
    const parts p = parts_of(net);
    const fqpi_span s = {.n = 1, .ld = net->k->lanes};
    double *h = (double *)(void *)((char *)work + p.outputs), *dz = h + net->m * s.ld;
    fqpi_tape t;
    fqpi_tape_place(net, s.ld, true, work, &t);
    fqpi_inputs(net, &t, s, x, 0, NULL);
    fqpi_forward(net, &t, s, true);
    fqpi_output_panel(net->output, net->k, net->k64, net->m, s.ld, fqpi_tape_h(net, &t, net->layers, s), h, dz);
    for (int64_t a = 0; a < net->m && prediction; a++)
        prediction[a * step] = h[a * s.ld];
    for (int64_t a = 0; a < outputs; a++) {
        begin(net, &t, s, first + a, weight, h, dz);
        fqpi_backward(net, &t, 1, &s, NULL);
        gradient(net, &t, s, work, fqpi_elem_at(net->k->dtype, rows, a * ld));
    }
}
