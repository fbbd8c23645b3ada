/* tape.c - where the panels of a wave lie: layer after layer, tile after tile. */
#include "elements.h"
#include "net.h"

int64_t fqpi_padded(const fqpi_kernel *k, int64_t n) {
    return (n + k->lanes - 1) / k->lanes * k->lanes;
}

static size_t align(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

static size_t panel_bytes(const fqp_model *net, int64_t rows, int64_t capacity) {
    return align((size_t)rows * (size_t)capacity * net->k->elem);
}

static int64_t hidden_rows(const fqp_model *net) {
    return net->rows - net->d - net->outputs;
}

size_t fqpi_tape_bytes(const fqp_model *net, int64_t capacity, bool gradient) {
    size_t bytes = panel_bytes(net, net->rows, capacity) + panel_bytes(net, net->more_rows, capacity);
    if (gradient)
        bytes += panel_bytes(net, hidden_rows(net), capacity) + panel_bytes(net, net->rows - net->d, capacity) +
                 panel_bytes(net, net->turned_rows, capacity) + panel_bytes(net, 1, capacity) +
                 panel_bytes(net, net->way_rows, capacity);
    return bytes;
}

void fqpi_tape_place(const fqp_model *net, int64_t capacity, bool gradient, void *block, fqpi_tape *tape) {
    char *p = block;
    *tape = (fqpi_tape){.capacity = capacity, .h = p};
    tape->more = p += panel_bytes(net, net->rows, capacity);
    if (!gradient)
        return;
    tape->slope = p += panel_bytes(net, net->more_rows, capacity);
    tape->dz = p += panel_bytes(net, hidden_rows(net), capacity);
    tape->turned = p += panel_bytes(net, net->rows - net->d, capacity);
    tape->ones = p += panel_bytes(net, net->turned_rows, capacity);
    tape->way = p + panel_bytes(net, 1, capacity);
}

/* Rows [row, row + width) of a block of panels, at a tile. */
static void *panel(const fqp_model *net, const fqpi_tape *t, void *base, int64_t row, int64_t width, fqpi_span s) {
    return fqpi_elem_at(net->k->dtype, base, row * t->capacity + width * s.first);
}

void *fqpi_tape_h(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s) {
    if (l == net->layers)
        return panel(net, t, t->h, net->rows - net->m, net->m, s);
    return panel(net, t, t->h, net->layer[l].row, net->layer[l].in, s);
}

/* sigma' at the inputs of layer l >= 1 */
void *fqpi_tape_slope(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s) {
    return panel(net, t, t->slope, net->layer[l].row - net->d, net->layer[l].in, s);
}

void *fqpi_tape_dz(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s) {
    int64_t row = net->layer[l].row + net->layer[l].in - net->d; /* where the rows of h(l + 1) are */
    return panel(net, t, t->dz, row, net->layer[l].out, s);
}

void *fqpi_tape_panel(const fqp_model *net, const fqpi_tape *t, void *base, int64_t row, int64_t rows, fqpi_span s) {
    return panel(net, t, base, row, rows, s);
}

void *fqpi_tape_dy(const fqp_model *net, const fqpi_tape *t, fqpi_span s) {
    return net->gates > 0 ? panel(net, t, t->way, net->joined_adjoint, net->m, s)
                          : fqpi_tape_dz(net, t, net->layers - 1, s);
}

static int64_t vectors_of(const fqp_model *net, int64_t l) {
    return fqpi_padded(net->k, fqpi_block_in(&net->layer[l])) / net->k->lanes;
}

int64_t fqpi_block_groups(const fqp_model *net, int64_t l) {
    return (vectors_of(net, l) + FQPI_TILE_VECTORS - 1) / FQPI_TILE_VECTORS;
}

int64_t fqpi_turned_rows(const fqp_model *net, const fqpi_layer *y) {
    return y->blocks * fqpi_padded(net->k, fqpi_block_in(y));
}

fqpi_group fqpi_tape_group(const fqp_model *net, const fqpi_tape *t, int64_t l, int64_t g) {
    const fqpi_layer *y = &net->layer[l];
    const int64_t vectors = vectors_of(net, l), groups = fqpi_block_groups(net, l), lanes = net->k->lanes;
    const int64_t block = g / groups, in_block = g % groups, size = fqpi_block_in(y);
    const int64_t first = vectors * in_block / groups * lanes;
    fqpi_group of = {.feature = block * size + first, .width = vectors * (in_block + 1) / groups * lanes - first};
    of.count = size - first < of.width ? size - first : of.width;
    of.samples = fqpi_elem_at(net->k->dtype, t->turned, (y->turned + block * vectors * lanes + first) * t->capacity);
    return of;
}
