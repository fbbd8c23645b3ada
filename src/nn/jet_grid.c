/* jet_grid.c - values and first derivatives of grid encodings (feature/grid.c).  Inside a cell a grid is linear in
 * every coordinate, so that its first derivatives are those almost everywhere, and jump from cell to cell. */
#include "jet_feature.h"
#include "jet_panel.h"

#include <string.h>

static int64_t rows(const fqpi_feature *f) {
    (void)f;
    return 0;
}

/* The axis of a channel as a bit; 0: the value. */
static unsigned bit_of(const fqp_derivative *of) {
    unsigned by = 0;
    for (unsigned i = 0; i < FQP_AXES; i++)
        by |= of->order[i] ? 1U << i : 0;
    return by;
}

/* A group of samples, or what there is of it, and a channel of a level. */
static fqpi_grid_tile tile_of(const fqpi_jet_feature *q, int64_t level, int64_t g, int64_t c) {
    const int64_t lanes = q->net->k->lanes, left = q->n - g * lanes;
    return (fqpi_grid_tile){.levels = &q->f->levels,
                            .d = q->f->d,
                            .level = level,
                            .n = left < lanes ? left : lanes,
                            .ld = fqpi_jet_columns(q->net, q->jet, q->n),
                            .by = bit_of(&q->jet->plan->channel[c])};
}

static int64_t groups_of(const fqpi_jet_feature *q) {
    return fqpi_padded(q->net->k, q->n) / q->net->k->lanes;
}

static void values(const fqpi_jet_feature *q) {
    const fqp_dtype t = q->net->k->dtype;
    const int64_t lanes = q->net->k->lanes, channels = q->jet->plan->rule.channels;
    const void *x = fqpi_jet_coordinates(q->net, q->jet);
    for (int64_t l = 0; l < q->f->units; l++) {
        void *value = fqpi_jet_row(q->net, q->jet, q->n, q->value, l * q->f->levels.entry);
        for (int64_t g = 0; g < groups_of(q); g++)
            for (int64_t c = 0; c < channels; c++) {
                const fqpi_grid_tile tile = tile_of(q, l, g, c);
                q->f->loops->grid(&tile, fqpi_elem_in(t, x, g * channels * lanes),
                                  fqpi_elem_in(t, q->w, q->f->levels.first[l]),
                                  fqpi_elem_at(t, value, (g * channels + c) * lanes));
            }
    }
}

static void whole_gradient(const fqpi_jet_feature *q, const void *adjoint, void *grad, bool accumulate) {
    const fqp_dtype t = q->net->k->dtype;
    const int64_t lanes = q->net->k->lanes, channels = q->jet->plan->rule.channels;
    const void *x = fqpi_jet_coordinates(q->net, q->jet);
    if (!accumulate)
        memset(fqpi_elem_at(t, grad, q->f->at), 0, (size_t)q->f->numbers * q->net->k->elem);
    for (int64_t l = 0; l < q->f->units; l++) {
        const void *a = fqpi_jet_row_in(q->net, q->jet, q->n, adjoint, l * q->f->levels.entry);
        for (int64_t g = 0; g < groups_of(q); g++)
            for (int64_t c = 0; c < channels; c++) {
                const fqpi_grid_tile tile = tile_of(q, l, g, c);
                q->f->loops->grid_back(&tile, fqpi_elem_in(t, x, g * channels * lanes),
                                       fqpi_elem_in(t, a, (g * channels + c) * lanes),
                                       fqpi_elem_at(t, grad, q->f->at + q->f->levels.first[l]));
            }
    }
}

/* Sample s alone, in double precision: what lies on the border of two cells in single precision may then count to the
 * other. */
static void sample_gradient(const fqpi_jet_feature *q, const void *adjoint, int64_t s, double *row) {
    enum { VECTOR = 8 };
    const fqp_dtype t = q->net->k->dtype;
    const int64_t lanes = q->net->k->lanes, channels = q->jet->plan->rule.channels, entry = q->f->levels.entry;
    const int64_t ld = fqpi_jet_columns(q->net, q->jet, q->n), first = s / lanes * channels * lanes + s % lanes;
    double x[FQPI_LEVELS_DIMS * VECTOR] = {0}, *a = q->jet->each;
    for (int64_t i = 0; i < q->f->d; i++)
        fqpi_elem_load(t, 1, fqpi_elem_in(t, fqpi_jet_coordinates(q->net, q->jet), i * ld + first), 1, x + i * VECTOR);
    for (int64_t l = 0; l < q->f->units; l++)
        for (int64_t c = 0; c < channels; c++) {
            fqpi_grid_tile tile = tile_of(q, l, s / lanes, c);
            tile.n = 1;
            tile.ld = VECTOR;
            for (int64_t e = 0; e < entry; e++)
                fqpi_elem_load(t, 1, fqpi_elem_in(t, adjoint, (l * entry + e) * ld + first + c * lanes), 1,
                               a + e * VECTOR);
            fqpi_loops_f64.grid_back(&tile, x, a, row + q->f->at + q->f->levels.first[l]);
        }
}

static void gradient(const fqpi_jet_feature *q, void *adjoint, const fqpi_jet_sink *to) {
    if (!to->rows)
        whole_gradient(q, adjoint, to->grad, to->accumulate);
    for (int64_t s = 0; s < q->n && to->rows; s++)
        sample_gradient(q, adjoint, s, to->rows + s * to->stride);
}

const fqpi_jet_kind fqpi_jet_grid = {
    .row = &fqpi_feature_grid,
    .order = 1,
    .why = "model.embedding grid is linear between its vertices: second derivatives are none there, and no functions "
           "on the borders of its cells; fourier has derivatives of all orders",
    .rows = rows,
    .values = values,
    .gradient = gradient};
