/* jet_feature.c - sines and cosines are layers of a dense network with weights B, whose jets the kernels know; filters
 * and gates multiply jets. */
#include "jet_feature.h"
#include "elements.h"
#include "feature_pass.h"
#include "loops.h"

#include <string.h>

bool fqpi_jet_features_served(const fqp_model *net) {
    for (int64_t i = 0; i < net->features; i++)
        if (net->feature[i].row != &fqpi_feature_waves && net->feature[i].row != &fqpi_feature_sine)
            return false;
    return true;
}

/* ---- places -------------------------------------------------------------------------------------- */

enum { ANGLE, VALUE, ADJOINT, PANELS }; /* of a feature, `width` rows each */

static int64_t columns(const fqp_model *net, const fqpi_jet *jet, int64_t n) {
    return jet->channels * fqpi_padded(net->k, n);
}

static int64_t feature_rows(const fqp_model *net, int64_t features) {
    int64_t rows = net->embed.d;
    for (int64_t i = 0; i < features; i++)
        rows += PANELS * net->feature[i].width;
    return rows;
}

static int64_t filtered_rows(const fqp_model *net, int64_t below) {
    int64_t rows = 0;
    for (int64_t l = 1; l < below; l++)
        rows += net->layer[l].feature >= 0 ? net->layer[l].in : 0;
    return rows;
}

int64_t fqpi_jet_feature_rows(const fqp_model *net) {
    if (net->features == 0)
        return 0;
    return feature_rows(net, net->features) + filtered_rows(net, net->layers) + 2 * net->m;
}

static void *row_at(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t row) {
    return fqpi_elem_at(net->k->dtype, jet->more, row * columns(net, jet, n));
}

static void *panel_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t i, int which, int64_t row) {
    return row_at(net, jet, n, feature_rows(net, i) + which * net->feature[i].width + row);
}

static void *bend_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t i, int64_t row) {
    const int64_t first = feature_rows(net, i) + row;
    return fqpi_elem_at(net->k->dtype, jet->more_bend, first * jet->order * fqpi_padded(net->k, n));
}

void *fqpi_jet_coordinates(const fqp_model *net, const fqpi_jet *jet) {
    return net->features ? jet->more : NULL;
}

void *fqpi_jet_filtered(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l) {
    if (l == 0 || net->layer[l].feature < 0)
        return NULL;
    return row_at(net, jet, n, feature_rows(net, net->features) + filtered_rows(net, l));
}

void *fqpi_jet_gated(const fqp_model *net, const fqpi_jet *jet, int64_t n, bool adjoint) {
    if (net->gates == 0)
        return NULL;
    const int64_t row = feature_rows(net, net->features) + filtered_rows(net, net->layers);
    return row_at(net, jet, n, row + (adjoint ? net->m : 0));
}

static const void *row_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, const void *panel, int64_t row) {
    return fqpi_elem_in(net->k->dtype, panel, row * columns(net, jet, n));
}

static void *row_in(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *panel, int64_t row) {
    return fqpi_elem_at(net->k->dtype, panel, row * columns(net, jet, n));
}

/* ---- values -------------------------------------------------------------------------------------- */

static const void *numbers_of(const fqp_model *net, const fqpi_feature *f) {
    return f->fixed ? f->fixed : fqpi_elem_in(net->k->dtype, net->w, f->at);
}

/* Of the sines, or the cosines, of a feature. */
static fqpi_jet_mix mix_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, const fqpi_feature *f, int half) {
    return (fqpi_jet_mix){
        .order = jet->order,
        .d = f->d,
        .rows = f->units,
        .groups = fqpi_padded(net->k, n) / net->k->lanes,
        .act = half ? FQPI_ACT_COS : FQPI_ACT_SIN,
        .omega = 1,
        .bias = f->row == &fqpi_feature_sine ? fqpi_elem_in(net->k->dtype, numbers_of(net, f), f->units * f->d) : NULL,
        .bias_scale = 1};
}

static int halves(const fqpi_feature *f) {
    return f->width > f->units ? 2 : 1;
}

static void values(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t i, void *out) {
    const fqpi_feature *f = &net->feature[i];
    const int64_t ld = columns(net, jet, n);
    const fqpi_epilogue scale = {.scale = f->factor, .bias_scale = 1, .act = FQPI_ACT_IDENTITY, .act_omega = 1};
    for (int half = 0; half < halves(f); half++) {
        void *angle = panel_of(net, jet, n, i, ANGLE, half * f->units);
        const fqpi_gemm g = {.m = f->units,
                             .n = ld,
                             .k = f->d,
                             .a = numbers_of(net, f),
                             .a_row = f->d,
                             .a_col = 1,
                             .b = fqpi_jet_coordinates(net, jet),
                             .b_row = ld,
                             .c = angle,
                             .c_row = ld,
                             .c_panel = true};
        net->k->gemm(&g, &scale);
        const fqpi_jet_mix mix = mix_of(net, jet, n, f, half);
        net->k->jet_forward(&mix, angle, bend_of(net, jet, n, i, half * f->units),
                            fqpi_elem_at(net->k->dtype, out, half * f->units * ld));
    }
}

void fqpi_jet_feature_values(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *h0) {
    for (int64_t i = 0; i < net->features; i++) {
        const int64_t slice = net->feature[i].slice;
        values(net, jet, n, i, slice >= 0 ? row_in(net, jet, n, h0, slice) : panel_of(net, jet, n, i, VALUE, 0));
    }
}

/* ---- products ------------------------------------------------------------------------------------ */

static fqpi_jet_product product_of(const fqp_model *net, const fqpi_jet *jet, int64_t n) {
    return (fqpi_jet_product){.order = jet->order,
                              .d = net->embed.d,
                              .groups = fqpi_padded(net->k, n) / net->k->lanes,
                              .lanes = net->k->lanes};
}

void fqpi_jet_feature_apply(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l, const void *z) {
    const fqpi_loops *loops = fqpi_loops_of(net->k);
    const fqpi_jet_product p = product_of(net, jet, n);
    if (l < net->layers - 1) {
        void *to = fqpi_jet_filtered(net, jet, n, l + 1);
        for (int64_t i = 0; i < net->layer[l].out && to; i++)
            loops->jet_multiply(&p, panel_of(net, jet, n, net->layer[l + 1].feature, VALUE, i),
                                row_of(net, jet, n, z, i), row_in(net, jet, n, to, i), false);
        return;
    }
    void *to = fqpi_jet_gated(net, jet, n, false);
    for (int64_t b = 0; b < net->gates; b++)
        for (int64_t i = 0; i < net->m; i++)
            loops->jet_multiply(&p, panel_of(net, jet, n, net->gate, VALUE, b), row_of(net, jet, n, z, b * net->m + i),
                                row_in(net, jet, n, to, i), b > 0);
}

void fqpi_jet_gate_back(const fqp_model *net, const fqpi_jet *jet, int64_t n, const void *z, void *a) {
    const fqpi_loops *loops = fqpi_loops_of(net->k);
    const fqpi_jet_product p = product_of(net, jet, n);
    const void *dy = fqpi_jet_gated(net, jet, n, true);
    for (int64_t b = 0; b < net->gates; b++)
        for (int64_t i = 0; i < net->m; i++) {
            const int64_t at = b * net->m + i;
            loops->jet_multiply_back(&p, row_of(net, jet, n, dy, i), row_of(net, jet, n, z, at),
                                     panel_of(net, jet, n, net->gate, ADJOINT, b), i > 0);
            loops->jet_multiply_back(&p, row_of(net, jet, n, dy, i), panel_of(net, jet, n, net->gate, VALUE, b),
                                     row_in(net, jet, n, a, at), false);
        }
}

void fqpi_jet_filter_back(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l, const void *z, void *a) {
    const fqpi_loops *loops = fqpi_loops_of(net->k);
    const fqpi_jet_product p = product_of(net, jet, n);
    const int64_t f = net->layer[l].feature;
    for (int64_t i = 0; i < net->layer[l].in; i++) {
        void *row = row_in(net, jet, n, a, i);
        loops->jet_multiply_back(&p, row, row_of(net, jet, n, z, i), panel_of(net, jet, n, f, ADJOINT, i), false);
        loops->jet_multiply_back(&p, row, panel_of(net, jet, n, f, VALUE, i), row, false);
    }
}

/* ---- gradients ----------------------------------------------------------------------------------- */

/* dB (+)= factor sum over both halves of the angles' adjoints times the coordinates; phases get sums of their own. */
static void gradient(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t i, void *adjoint, void *grad,
                     bool accumulate) {
    const fqpi_feature *f = &net->feature[i];
    const fqpi_kernel *k = net->k;
    const int64_t ld = columns(net, jet, n);
    for (int half = 0; half < halves(f); half++) {
        void *a = fqpi_elem_at(k->dtype, adjoint, half * f->units * ld);
        const fqpi_jet_mix mix = mix_of(net, jet, n, f, half);
        k->jet_backward(&mix, panel_of(net, jet, n, i, ANGLE, half * f->units),
                        bend_of(net, jet, n, i, half * f->units), a, jet->sums);
        k->row_dots(&(fqpi_row_dots){.m = f->units,
                                     .n = f->d,
                                     .k = ld,
                                     .a = a,
                                     .a_row = ld,
                                     .b = fqpi_jet_coordinates(net, jet),
                                     .b_row = ld,
                                     .c = fqpi_elem_at(k->dtype, grad, f->at),
                                     .c_row = f->d,
                                     .scale = f->factor,
                                     .accumulate = accumulate || half > 0});
    }
    if (f->row != &fqpi_feature_sine)
        return;
    void *bias = fqpi_elem_at(k->dtype, grad, f->at + f->units * f->d);
    if (!accumulate)
        memset(bias, 0, (size_t)f->units * k->elem);
    k->axpy(f->units, 1, jet->sums, bias);
}

void fqpi_jet_feature_gradient(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *a0, void *grad,
                               bool accumulate) {
    for (int64_t i = 0; i < net->features; i++) {
        const fqpi_feature *f = &net->feature[i];
        void *own = f->slice >= 0 ? row_in(net, jet, n, a0, f->slice) : panel_of(net, jet, n, i, ADJOINT, 0);
        if (!f->fixed)
            gradient(net, jet, n, i, own, grad, accumulate);
    }
}
