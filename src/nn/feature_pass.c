/* feature_pass.c - features in the passes of a network. */
#include "feature_pass.h"
#include "elements.h"
#include "loops.h"

#include <string.h>

/* ---- places -------------------------------------------------------------------------------------- */

static int64_t keep_rows(const fqpi_feature *f) {
    return f->row->keep ? f->row->keep(f) : 0;
}

static int64_t adjoint_rows(const fqpi_feature *f) {
    return f->row->adjoint ? f->row->adjoint(f) : f->width;
}

static fqpi_feature_tile tile_of(const fqp_model *net, const fqpi_tape *t, const fqpi_feature *f, fqpi_span s) {
    fqpi_feature_tile tile = {.n = s.n, .ld = s.ld, .x = fqpi_tape_panel(net, t, t->more, 0, f->d, s)};
    const int64_t slice = f->slice * s.ld;
    if (f->slice >= 0)
        tile.value = fqpi_elem_at(net->k->dtype, fqpi_tape_h(net, t, 0, s), slice);
    else
        tile.value = fqpi_tape_panel(net, t, t->more, f->value, f->width, s);
    if (!t->way)
        return tile;
    tile.ones = fqpi_elem_in(net->k->dtype, t->ones, s.first);
    tile.keep = fqpi_tape_panel(net, t, t->way, f->keep, keep_rows(f), s);
    if (f->slice >= 0)
        tile.adjoint = fqpi_elem_at(net->k->dtype, fqpi_features_dh(net, t, 0, s), slice);
    else
        tile.adjoint = fqpi_tape_panel(net, t, t->way, f->adjoint, adjoint_rows(f), s);
    return tile;
}

fqpi_feature_tile fqpi_feature_at(const fqpi_feature *f, const fqpi_wave *wave, int64_t i) {
    return tile_of(wave->net, wave->tape, f, wave->tile[i]);
}

static const void *numbers_of(const fqp_model *net, const fqpi_feature *f) {
    return f->fixed ? f->fixed : fqpi_elem_in(net->k->dtype, net->w, f->at);
}

void *fqpi_features_out(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s) {
    const bool last = l == net->layers - 1;
    if (last && net->gates > 0)
        return fqpi_tape_panel(net, t, t->more, net->joined, net->outputs, s);
    if (!last && net->layer[l + 1].feature >= 0 && t->way)
        return fqpi_tape_panel(net, t, t->way, net->layer[l + 1].product, net->layer[l].out, s);
    return fqpi_tape_h(net, t, l + 1, s);
}

void *fqpi_features_dh(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s) {
    if (net->layer[l].feature < 0)
        return NULL;
    if (l == 0)
        return fqpi_tape_panel(net, t, t->way, net->inputs_adjoint, net->inputs_rows, s);
    const fqpi_feature *f = &net->feature[net->layer[l].feature];
    return fqpi_tape_panel(net, t, t->way, f->adjoint, adjoint_rows(f), s);
}

/* ---- forward ------------------------------------------------------------------------------------- */

void fqpi_features_inputs(const fqp_model *net, const fqpi_tape *t, fqpi_span s, const void *x, int64_t x_row,
                          const int64_t *at) {
    const fqp_dtype type = net->k->dtype;
    const int64_t d = net->embed.d, from = fqpi_row_coordinates(net);
    void *to = fqpi_tape_panel(net, t, t->more, 0, d, s);
    memset(to, 0, (size_t)(d * s.ld) * net->k->elem);
    for (int64_t j = 0; j < s.n; j++)
        for (int64_t c = 0; c < d; c++)
            memcpy(fqpi_elem_at(type, to, c * s.ld + j), fqpi_elem_in(type, x, (at ? at[j] : j) * x_row + from + c),
                   net->k->elem);
}

void fqpi_features_values(const fqp_model *net, const fqpi_tape *t, fqpi_span s) {
    for (int64_t i = 0; i < net->features; i++) {
        const fqpi_feature *f = &net->feature[i];
        const fqpi_feature_tile tile = tile_of(net, t, f, s);
        f->row->forward(f, numbers_of(net, f), &tile);
    }
}

void fqpi_features_apply(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s) {
    const fqpi_loops *loops = fqpi_loops_of(net->k);
    const void *z = fqpi_features_out(net, t, l, s);
    void *h = fqpi_tape_h(net, t, l + 1, s);
    if (l < net->layers - 1) {
        const int64_t i = net->layer[l + 1].feature;
        if (i >= 0)
            loops->multiply(net->layer[l].out * s.ld, z, tile_of(net, t, &net->feature[i], s).value, h);
    } else if (net->gates > 0) {
        loops->gate(net->gates, net->m, s.ld, tile_of(net, t, &net->feature[net->gate], s).value, z, h);
    }
}

/* ---- backward ------------------------------------------------------------------------------------ */

static void feature_back(const fqp_model *net, const fqpi_feature *f, const fqpi_feature_tile *tile) {
    if (f->row->backward)
        f->row->backward(f, numbers_of(net, f), tile);
}

void fqpi_features_gate_back(const fqp_model *net, const fqpi_tape *t, fqpi_span s) {
    const fqpi_feature *f = &net->feature[net->gate];
    const fqpi_feature_tile tile = tile_of(net, t, f, s);
    const int64_t last = net->layers - 1;
    fqpi_loops_of(net->k)->gate_back(net->gates, net->m, s.ld, tile.value, fqpi_features_out(net, t, last, s),
                                     fqpi_tape_dy(net, t, s), fqpi_tape_dz(net, t, last, s),
                                     f->fixed ? NULL : tile.adjoint);
    if (!f->fixed)
        feature_back(net, f, &tile);
}

void fqpi_features_back(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s) {
    const fqpi_loops *loops = fqpi_loops_of(net->k);
    if (l == 0) {
        for (int64_t i = 0; i < net->features && net->feature[i].slice >= 0; i++) {
            const fqpi_feature_tile tile = tile_of(net, t, &net->feature[i], s);
            feature_back(net, &net->feature[i], &tile);
        }
        return;
    }
    const fqpi_feature *f = &net->feature[net->layer[l].feature];
    const fqpi_feature_tile tile = tile_of(net, t, f, s);
    const int64_t n = f->width * s.ld;
    loops->multiply(n, tile.adjoint, tile.value, fqpi_tape_dz(net, t, l - 1, s));
    loops->multiply(n, tile.adjoint, fqpi_features_out(net, t, l - 1, s), tile.adjoint);
    feature_back(net, f, &tile);
}

void fqpi_feature_sums(const fqpi_feature *f, int64_t row, int64_t u0, int64_t u1, int64_t c, double scale,
                       const fqpi_wave *wave, void *out, int64_t step, bool resume, void *lanes) {
    const fqpi_kernel *k = f->k;
    for (int64_t i = 0; i < wave->tiles; i++) {
        const fqpi_feature_tile t = fqpi_feature_at(f, wave, i);
        k->lane_dots(u1 - u0, t.ld, fqpi_feature_row_of(f, t.adjoint, row + u0, t.ld), t.ld,
                     c < f->d ? fqpi_feature_row_of(f, t.x, c, t.ld) : t.ones, lanes, i > 0);
    }
    k->fold_lanes(u1 - u0, lanes, scale, fqpi_elem_at(k->dtype, out, u0 * step), step, resume);
}
