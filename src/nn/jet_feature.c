/* jet_feature.c - where the panels of features lie, products with them, sines and cosines. */
#include "jet_feature.h"
#include "fail.h"
#include "feature_pass.h"
#include "jet_panel.h"

#include <string.h>

static const fqpi_jet_kind *const kinds[] = {&fqpi_jet_waves, &fqpi_jet_sine, &fqpi_jet_gabor, &fqpi_jet_grid,
                                             &fqpi_jet_window};

static const fqpi_jet_kind *kind_of(const fqpi_feature *f) {
    size_t i = 0;
    while (kinds[i]->row != f->row)
        i++;
    return kinds[i];
}

fqp_status fqpi_jet_features_check(fqp_ctx *ctx, const fqp_model *net, int order, const char *what) {
    for (int64_t i = 0; i < net->features; i++) {
        const fqpi_jet_kind *kind = kind_of(&net->feature[i]);
        if (order > kind->order)
            return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "derivatives: %s: %s", what, kind->why);
    }
    return FQP_OK;
}

/* ---- places -------------------------------------------------------------------------------------- */

/* The coordinates; of each feature values, adjoints and what its kind wants; filtered inputs of layers; gated outputs.
 */
static int64_t rows_of(const fqpi_feature *f) {
    return 2 * f->width + kind_of(f)->rows(f);
}

static int64_t feature_rows(const fqp_model *net, int64_t features) {
    int64_t rows = net->embed.d;
    for (int64_t i = 0; i < features; i++)
        rows += rows_of(&net->feature[i]);
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
    return fqpi_jet_row(net, jet, n, jet->more, row);
}

static void *value_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t i) {
    const fqpi_feature *f = &net->feature[i];
    return f->slice >= 0 ? fqpi_jet_row(net, jet, n, jet->h0, f->slice) : row_at(net, jet, n, feature_rows(net, i));
}

static void *adjoint_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t i) {
    return row_at(net, jet, n, feature_rows(net, i) + net->feature[i].width);
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

static fqpi_jet_feature feature_at(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t i) {
    const fqpi_feature *f = &net->feature[i];
    return (fqpi_jet_feature){.net = net,
                              .jet = jet,
                              .n = n,
                              .f = f,
                              .w = f->fixed ? f->fixed : fqpi_elem_in(net->k->dtype, net->w, f->at),
                              .value = value_of(net, jet, n, i),
                              .own = row_at(net, jet, n, feature_rows(net, i) + 2 * f->width)};
}

/* ---- passes -------------------------------------------------------------------------------------- */

void fqpi_jet_feature_values(const fqp_model *net, const fqpi_jet *jet, int64_t n) {
    for (int64_t i = 0; i < net->features; i++) {
        const fqpi_jet_feature q = feature_at(net, jet, n, i);
        kind_of(q.f)->values(&q);
    }
}

static fqpi_jet_rows rows_in(const fqp_model *net, const fqpi_jet *jet, int64_t n) {
    return (fqpi_jet_rows){.rule = &jet->plan->rule, .groups = fqpi_padded(net->k, n) / net->k->lanes};
}

void fqpi_jet_feature_apply(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l, const void *z) {
    const fqpi_loops *loops = fqpi_loops_of(net->k);
    const fqpi_jet_rows p = rows_in(net, jet, n);
    if (l < net->layers - 1) {
        void *to = fqpi_jet_filtered(net, jet, n, l + 1);
        for (int64_t i = 0; i < net->layer[l].out && to; i++)
            loops->jet_multiply(&p, fqpi_jet_row(net, jet, n, value_of(net, jet, n, net->layer[l + 1].feature), i),
                                fqpi_jet_row_in(net, jet, n, z, i), fqpi_jet_row(net, jet, n, to, i), false);
        return;
    }
    void *to = fqpi_jet_gated(net, jet, n, false);
    for (int64_t b = 0; b < net->gates; b++)
        for (int64_t i = 0; i < net->m; i++)
            loops->jet_multiply(&p, fqpi_jet_row(net, jet, n, value_of(net, jet, n, net->gate), b),
                                fqpi_jet_row_in(net, jet, n, z, b * net->m + i), fqpi_jet_row(net, jet, n, to, i),
                                b > 0);
}

void fqpi_jet_gate_back(const fqp_model *net, const fqpi_jet *jet, int64_t n, const void *z, void *a) {
    const fqpi_loops *loops = fqpi_loops_of(net->k);
    const fqpi_jet_rows p = rows_in(net, jet, n);
    const void *dy = fqpi_jet_gated(net, jet, n, true);
    for (int64_t b = 0; b < net->gates; b++)
        for (int64_t i = 0; i < net->m; i++) {
            const int64_t at = b * net->m + i;
            loops->jet_multiply_back(&p, fqpi_jet_row_in(net, jet, n, dy, i), fqpi_jet_row_in(net, jet, n, z, at),
                                     fqpi_jet_row(net, jet, n, adjoint_of(net, jet, n, net->gate), b), i > 0);
            loops->jet_multiply_back(&p, fqpi_jet_row_in(net, jet, n, dy, i),
                                     fqpi_jet_row(net, jet, n, value_of(net, jet, n, net->gate), b),
                                     fqpi_jet_row(net, jet, n, a, at), false);
        }
}

void fqpi_jet_filter_back(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l, const void *z, void *a) {
    const fqpi_loops *loops = fqpi_loops_of(net->k);
    const fqpi_jet_rows p = rows_in(net, jet, n);
    const int64_t f = net->layer[l].feature;
    for (int64_t i = 0; i < net->layer[l].in; i++) {
        void *row = fqpi_jet_row(net, jet, n, a, i);
        loops->jet_multiply_back(&p, row, fqpi_jet_row_in(net, jet, n, z, i),
                                 fqpi_jet_row(net, jet, n, adjoint_of(net, jet, n, f), i), false);
        loops->jet_multiply_back(&p, row, fqpi_jet_row(net, jet, n, value_of(net, jet, n, f), i), row, false);
    }
}

void fqpi_jet_feature_gradient(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *a0,
                               const fqpi_jet_sink *to) {
    for (int64_t i = 0; i < net->features; i++) {
        const fqpi_jet_feature q = feature_at(net, jet, n, i);
        if (!q.f->fixed)
            kind_of(q.f)->gradient(
                &q, q.f->slice >= 0 ? fqpi_jet_row(net, jet, n, a0, q.f->slice) : adjoint_of(net, jet, n, i), to);
    }
}

/* ---- sines and cosines --------------------------------------------------------------------------- */

/* Does the kind have phases b behind W? */
static bool phased(const fqpi_feature *f) {
    return f->row != &fqpi_feature_waves;
}

static fqpi_jet_mix mix_of(const fqpi_jet_feature *q, int half) {
    const fqpi_feature *f = q->f;
    return (fqpi_jet_mix){.rule = &q->jet->plan->rule,
                          .rows = f->units,
                          .groups = fqpi_padded(q->net->k, q->n) / q->net->k->lanes,
                          .act = half ? FQPI_ACT_COS : FQPI_ACT_SIN,
                          .omega = 1,
                          .bias = phased(f) ? fqpi_elem_in(q->net->k->dtype, q->w, f->units * f->d) : NULL,
                          .bias_scale = 1};
}

void fqpi_jet_turn(const fqpi_jet_feature *q, int half, void *angle, void *out) {
    const fqpi_feature *f = q->f;
    const int64_t ld = fqpi_jet_columns(q->net, q->jet, q->n);
    const double factor = phased(f) ? 1 : f->factor;
    const fqpi_epilogue scale = {.scale = factor, .bias_scale = 1, .act = FQPI_ACT_IDENTITY, .act_omega = 1};
    const fqpi_jet_mix mix = mix_of(q, half);
    q->net->k->gemm(&(fqpi_gemm){.m = f->units,
                                 .n = ld,
                                 .k = f->d,
                                 .a = q->w,
                                 .a_row = f->d,
                                 .a_col = 1,
                                 .b = fqpi_jet_coordinates(q->net, q->jet),
                                 .b_row = ld,
                                 .c = angle,
                                 .c_row = ld,
                                 .c_panel = true},
                    factor == 1 ? NULL : &scale);
    q->net->k->jet_forward(&mix, angle, out);
}

void fqpi_jet_turn_back(const fqpi_jet_feature *q, int half, const void *angle, void *adjoint,
                        const fqpi_jet_sink *to) {
    const fqp_model *net = q->net;
    const fqpi_jet *jet = q->jet;
    const fqpi_feature *f = q->f;
    const fqpi_kernel *k = net->k;
    const int64_t ld = fqpi_jet_columns(net, jet, q->n), phases = f->at + f->units * f->d;
    const double factor = phased(f) ? 1 : f->factor;
    const fqpi_jet_mix mix = mix_of(q, half);
    k->jet_backward(&mix, angle, NULL, adjoint, jet->sums);
    if (to->rows) {
        fqpi_jet_each_product(net, jet, q->n, f->units, f->d, adjoint, fqpi_jet_coordinates(net, jet), factor, to->rows,
                              to->stride, f->at);
        if (phased(f))
            fqpi_jet_each_values(net, jet, q->n, f->units, adjoint, 1, to->rows, to->stride, phases);
        return;
    }
    k->row_dots(&(fqpi_row_dots){.m = f->units,
                                 .n = f->d,
                                 .k = ld,
                                 .a = adjoint,
                                 .a_row = ld,
                                 .b = fqpi_jet_coordinates(net, jet),
                                 .b_row = ld,
                                 .c = fqpi_elem_at(k->dtype, to->grad, f->at),
                                 .c_row = f->d,
                                 .scale = factor,
                                 .accumulate = to->accumulate || half > 0});
    if (!phased(f))
        return;
    void *bias = fqpi_elem_at(k->dtype, to->grad, phases);
    if (!to->accumulate)
        memset(bias, 0, (size_t)f->units * k->elem);
    k->axpy(f->units, 1, jet->sums, bias);
}

static void *half_of(const fqpi_jet_feature *q, int half, void *panel) {
    return fqpi_jet_row(q->net, q->jet, q->n, panel, half * q->f->units);
}

static int64_t waves_rows(const fqpi_feature *f) { /* angles */
    return f->width;
}

static void waves_values(const fqpi_jet_feature *q) {
    for (int half = 0; half < 2 && half * q->f->units < q->f->width; half++)
        fqpi_jet_turn(q, half, half_of(q, half, q->own), half_of(q, half, q->value));
}

/* Of a sine and a cosine the adjoints of the same angle add up. */
static void waves_gradient(const fqpi_jet_feature *q, void *adjoint, const fqpi_jet_sink *to) {
    for (int half = 0; half < 2 && half * q->f->units < q->f->width; half++)
        fqpi_jet_turn_back(q, half, half_of(q, half, q->own), half_of(q, half, adjoint), to);
}

const fqpi_jet_kind fqpi_jet_waves = {.row = &fqpi_feature_waves,
                                      .order = FQPI_JET_ORDER,
                                      .rows = waves_rows,
                                      .values = waves_values,
                                      .gradient = waves_gradient};
const fqpi_jet_kind fqpi_jet_sine = {.row = &fqpi_feature_sine,
                                     .order = FQPI_JET_ORDER,
                                     .rows = waves_rows,
                                     .values = waves_values,
                                     .gradient = waves_gradient};
