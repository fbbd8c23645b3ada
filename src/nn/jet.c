/* jet.c - forward pass and reverse sweep of a dense network over values and derivatives.
 *
 *   forward   z_c = s W h_c (+ s_b b for the value),  then the activation mixes channels (kernel/jet.inc)
 *   backward  dW = s sum_c Z_c h_c^T,  db = s_b sum_n Z_0,  A_c = s W^T Z_c
 *
 * where c counts channels and Z, A are the adjoints of z, h. */
#include "jet.h"
#include "elements.h"
#include "jet_feature.h"
#include "jet_panel.h"

#include <string.h>

/* ---- work space -------------------------------------------------------------------------------- */

static size_t align(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

int64_t fqpi_jet_tile(const fqp_model *net, const fqpi_jet_plan *plan) {
    enum { VECTORS = 40, LEAST = 4 };
    const int64_t fit = VECTORS / plan->rule.channels;
    return (fit > LEAST ? fit : LEAST) * net->k->lanes;
}

/* Rows of what the hidden layers below l give. */
static int64_t rows_below(const fqp_model *net, int64_t l) {
    int64_t rows = 0;
    for (int64_t i = 0; i < l; i++)
        rows += net->layer[i].out;
    return rows;
}

static int64_t widest(const fqp_model *net) {
    int64_t most = net->d;
    for (int64_t l = 0; l < net->layers; l++)
        most = net->layer[l].out > most ? net->layer[l].out : most;
    for (int64_t i = 0; i < net->features; i++)
        most = net->feature[i].width > most ? net->feature[i].width : most;
    return most;
}

/* The next part of a block; a NULL block only counts. */
static void *carve(char *block, size_t *used, size_t bytes) {
    void *part = block ? block + *used : NULL;
    *used += align(bytes);
    return part;
}

static size_t place_kept(const fqp_model *net, const fqpi_jet_plan *plan, int64_t samples, char *block, fqpi_jet *jet) {
    *jet = (fqpi_jet){.plan = plan, .capacity = fqpi_padded(net->k, samples)};
    const size_t row = (size_t)(jet->capacity * plan->rule.channels) * net->k->elem;
    size_t used = 0;
    jet->h0 = carve(block, &used, (size_t)net->d * row);
    jet->z = carve(block, &used, (size_t)rows_below(net, net->layers - 1) * row);
    jet->out = carve(block, &used, (size_t)net->outputs * row);
    jet->more = carve(block, &used, (size_t)fqpi_jet_feature_rows(net) * row);
    return used;
}

static size_t place_work(const fqp_model *net, char *block, fqpi_jet *jet) {
    const fqpi_jet_rule *u = &jet->plan->rule;
    const size_t rows = (size_t)widest(net), vector = (size_t)jet->capacity * net->k->elem;
    size_t used = 0;
    jet->h = carve(block, &used, rows * vector * (size_t)u->channels);
    jet->adjoint[0] = carve(block, &used, rows * vector * (size_t)u->channels);
    jet->adjoint[1] = carve(block, &used, rows * vector * (size_t)u->channels);
    jet->sums = carve(block, &used, rows * net->k->elem);
    jet->given = carve(block, &used, vector);
    jet->each = carve(block, &used, fqpi_jet_each_numbers(net, u) * sizeof(double));
    return used;
}

size_t fqpi_jet_kept_bytes(const fqp_model *net, const fqpi_jet_plan *plan, int64_t samples) {
    fqpi_jet jet;
    return place_kept(net, plan, samples, NULL, &jet);
}

size_t fqpi_jet_work_bytes(const fqp_model *net, const fqpi_jet_plan *plan, int64_t samples) {
    fqpi_jet jet = {.plan = plan, .capacity = fqpi_padded(net->k, samples)};
    return place_work(net, NULL, &jet);
}

size_t fqpi_jet_bytes(const fqp_model *net, const fqpi_jet_plan *plan, int64_t samples) {
    return fqpi_jet_kept_bytes(net, plan, samples) + fqpi_jet_work_bytes(net, plan, samples);
}

void fqpi_jet_place_kept(const fqp_model *net, const fqpi_jet_plan *plan, int64_t samples, void *block, fqpi_jet *jet) {
    place_kept(net, plan, samples, block, jet);
}

void fqpi_jet_share(const fqp_model *net, fqpi_jet *jet, void *work) {
    place_work(net, work, jet);
}

void fqpi_jet_place(const fqp_model *net, const fqpi_jet_plan *plan, int64_t samples, void *block, fqpi_jet *jet) {
    const size_t kept = place_kept(net, plan, samples, block, jet);
    place_work(net, (char *)block + kept, jet);
}

/* Outputs of layer l before its activation. */
static void *z_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l) {
    return l < net->layers - 1 ? fqpi_jet_row(net, jet, n, jet->z, rows_below(net, l)) : jet->out;
}

/* ---- between arrays of samples and panels ------------------------------------------------------ */

static void *outputs_of(const fqp_model *net, const fqpi_jet *jet, int64_t n) {
    return net->gates > 0 ? fqpi_jet_gated(net, jet, n, false) : jet->out;
}

static void *adjoints_of(const fqp_model *net, const fqpi_jet *jet, int64_t n) {
    return net->gates > 0 ? fqpi_jet_gated(net, jet, n, true) : jet->adjoint[0];
}

/* The channel of derivative q in row i. */
static void *asked_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *panel, int64_t i, size_t q) {
    return fqpi_jet_channel(net, jet, n, panel, i, jet->plan->asked[q]);
}

void fqpi_jet_get_one(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t i, size_t q, double *u,
                      int64_t stride) {
    const void *row = asked_of(net, jet, n, outputs_of(net, jet, n), i, q);
    const int64_t lanes = net->k->lanes, group = jet->plan->rule.channels * lanes;
    for (int64_t s = 0; s < n; s++) {
        const int64_t at = s / lanes * group + s % lanes;
        u[s * stride] = net->k->dtype == FQP_F32 ? (double)((const float *)row)[at] : ((const double *)row)[at];
    }
}

void fqpi_jet_put_one(const fqp_model *net, fqpi_jet *jet, int64_t n, int64_t i, size_t q, const double *du,
                      int64_t stride) {
    void *row = asked_of(net, jet, n, adjoints_of(net, jet, n), i, q);
    const int64_t lanes = net->k->lanes, group = jet->plan->rule.channels * lanes;
    for (int64_t s = 0; s < n; s++) {
        const int64_t at = s / lanes * group + s % lanes;
        if (net->k->dtype == FQP_F32)
            ((float *)row)[at] += (float)du[s * stride];
        else
            ((double *)row)[at] += du[s * stride];
    }
}

void fqpi_jet_clear(const fqp_model *net, fqpi_jet *jet, int64_t n) {
    memset(adjoints_of(net, jet, n), 0, (size_t)(net->m * fqpi_jet_columns(net, jet, n)) * net->k->elem);
}

void fqpi_jet_get(const fqp_model *net, const fqpi_jet *jet, int64_t n, double *u) {
    const int64_t count = (int64_t)jet->plan->count;
    for (int64_t i = 0; i < net->m; i++)
        for (int64_t q = 0; q < count; q++)
            fqpi_jet_get_one(net, jet, n, i, (size_t)q, u + i * count + q, net->m * count);
}

void fqpi_jet_put(const fqp_model *net, fqpi_jet *jet, int64_t n, const double *du) {
    const int64_t count = (int64_t)jet->plan->count;
    fqpi_jet_clear(net, jet, n);
    for (int64_t i = 0; i < net->m; i++)
        for (int64_t q = 0; q < count; q++)
            fqpi_jet_put_one(net, jet, n, i, (size_t)q, du + i * count + q, net->m * count);
}

/* ---- passes ------------------------------------------------------------------------------------ */

static const void *weights(const fqp_model *net, int64_t at) {
    return fqpi_elem_in(net->k->dtype, fqpi_live(net), at);
}

/* The activation goes over rows with biases of their own: block after block where the biases are shared. */
static int64_t mixes(const fqpi_layer *y) {
    return y->shared ? y->blocks : 1;
}

static fqpi_jet_mix mix_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, const fqpi_layer *y) {
    return (fqpi_jet_mix){.rule = &jet->plan->rule,
                          .rows = y->out / mixes(y),
                          .groups = fqpi_padded(net->k, n) / net->k->lanes,
                          .act = y->act,
                          .param = y->param,
                          .omega = y->omega,
                          .bias = y->bias < 0 ? NULL : weights(net, y->bias),
                          .bias_scale = y->bias_scale};
}

/* The factor of the layer is all that may be left to do after the product. */
static void product(const fqp_model *net, const fqpi_layer *y, const fqpi_gemm *g) {
    const fqpi_epilogue e = {.scale = y->scale, .bias_scale = 1, .act = FQPI_ACT_IDENTITY, .act_omega = 1};
    net->k->gemm(g, y->scale == 1 ? NULL : &e);
}

static void multiply(const fqp_model *net, const fqpi_layer *y, int64_t ld, const void *h, void *z) {
    const int64_t in = fqpi_block_in(y), out = fqpi_block_out(y);
    for (int64_t b = 0; b < y->blocks; b++)
        product(net, y,
                &(fqpi_gemm){.m = out,
                             .n = ld,
                             .k = in,
                             .a = weights(net, fqpi_weight_block(y, b)),
                             .a_row = in,
                             .a_col = 1,
                             .b = fqpi_elem_in(net->k->dtype, h, b * in * ld),
                             .b_row = ld,
                             .c = fqpi_elem_at(net->k->dtype, z, b * out * ld),
                             .c_row = ld,
                             .c_panel = true});
}

/* h = what layer l gives. */
static void activate(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l, void *h) {
    const fqpi_layer *y = &net->layer[l];
    const fqpi_jet_mix mix = mix_of(net, jet, n, y);
    for (int64_t b = 0; b < mixes(y); b++)
        net->k->jet_forward(&mix, fqpi_jet_row(net, jet, n, z_of(net, jet, n, l), b * mix.rows),
                            fqpi_jet_row(net, jet, n, h, b * mix.rows));
}

/* What layer l multiplies. */
static const void *inputs_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l) {
    const void *filtered = fqpi_jet_filtered(net, jet, n, l);
    return filtered ? filtered : l > 0 ? jet->h : jet->h0;
}

void fqpi_jet_forward(const fqp_model *net, fqpi_jet *jet, int64_t n, const double *x) {
    const int64_t last = net->layers - 1;
    fqpi_jet_inputs(net, jet, n, x);
    for (int64_t l = 0; l <= last; l++) {
        void *h = l < last ? jet->h : jet->out; /* the last layer has no activation: in place */
        multiply(net, &net->layer[l], fqpi_jet_columns(net, jet, n), inputs_of(net, jet, n, l), z_of(net, jet, n, l));
        activate(net, jet, n, l, h);
        if (net->features > 0)
            fqpi_jet_feature_apply(net, jet, n, l, h);
    }
}

/* A of the layer's inputs from Z of its outputs. */
static void pull_back(const fqp_model *net, const fqpi_layer *y, int64_t ld, const void *z, void *a) {
    const int64_t in = fqpi_block_in(y), out = fqpi_block_out(y);
    for (int64_t b = 0; b < y->blocks; b++)
        product(net, y,
                &(fqpi_gemm){.m = in,
                             .n = ld,
                             .k = out,
                             .a = weights(net, fqpi_weight_block(y, b)),
                             .a_row = 1,
                             .a_col = in,
                             .b = fqpi_elem_in(net->k->dtype, z, b * out * ld),
                             .b_row = ld,
                             .c = fqpi_elem_at(net->k->dtype, a, b * in * ld),
                             .c_row = ld,
                             .c_panel = true});
}

/* dW (+)= s Z h^T */
static void weight_gradient(const fqp_model *net, const fqpi_jet *jet, int64_t n, const fqpi_layer *y, const void *z,
                            const void *h, const fqpi_jet_sink *to) {
    const int64_t in = fqpi_block_in(y), out = fqpi_block_out(y), ld = fqpi_jet_columns(net, jet, n);
    for (int64_t b = 0; b < y->blocks; b++) {
        const void *left = fqpi_jet_row_in(net, jet, n, z, b * out), *right = fqpi_jet_row_in(net, jet, n, h, b * in);
        const int64_t at = fqpi_weight_block(y, b);
        if (to->rows)
            fqpi_jet_each_product(net, jet, n, out, in, left, right, y->scale, to->rows, to->stride, at);
        else
            net->k->row_dots(&(fqpi_row_dots){.m = out,
                                              .n = in,
                                              .k = ld,
                                              .a = left,
                                              .a_row = ld,
                                              .b = right,
                                              .b_row = ld,
                                              .c = fqpi_elem_at(net->k->dtype, to->grad, at),
                                              .c_row = in,
                                              .scale = y->scale,
                                              .accumulate = to->accumulate || (y->shared && b > 0)});
    }
}

/* db (+)= s_b sum_n Z_0 */
static void bias_gradient(const fqp_model *net, const fqpi_jet *jet, int64_t n, const fqpi_layer *y, const void *z,
                          const fqpi_jet_sink *to) {
    const int64_t out = fqpi_block_out(y);
    for (int64_t b = 0; b < y->blocks && y->bias >= 0; b++) {
        const int64_t at = fqpi_bias_block(y, b);
        if (to->rows) {
            fqpi_jet_each_values(net, jet, n, out, fqpi_jet_row_in(net, jet, n, z, b * out), y->bias_scale, to->rows,
                                 to->stride, at);
            continue;
        }
        void *bias = fqpi_elem_at(net->k->dtype, to->grad, at);
        if (!to->accumulate && !(y->shared && b > 0))
            memset(bias, 0, (size_t)out * net->k->elem);
        net->k->axpy(out, y->bias_scale, fqpi_elem_in(net->k->dtype, jet->sums, b * out), bias);
    }
}

/* A of what layer l gives becomes Z, in place; h is what it gave (NULL: not wanted). */
static void pull_activation(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l, void *h, void *a,
                            const fqpi_jet_sink *to) {
    const fqpi_layer *y = &net->layer[l];
    const fqpi_jet_mix mix = mix_of(net, jet, n, y);
    for (int64_t b = 0; b < mixes(y); b++)
        net->k->jet_backward(&mix, fqpi_jet_row(net, jet, n, z_of(net, jet, n, l), b * mix.rows),
                             h ? fqpi_jet_row(net, jet, n, h, b * mix.rows) : NULL,
                             fqpi_jet_row(net, jet, n, a, b * mix.rows),
                             fqpi_elem_at(net->k->dtype, jet->sums, b * mix.rows));
    bias_gradient(net, jet, n, y, a, to);
}

/* From Z of layer l to that of the layer below, whose outputs jet->h are made again on the way. */
static void descend(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l, const void *z, void *a,
                    const fqpi_jet_sink *to) {
    pull_back(net, &net->layer[l], fqpi_jet_columns(net, jet, n), z, a);
    if (net->layer[l].feature < 0) {
        pull_activation(net, jet, n, l - 1, jet->h, a, to);
        return;
    }
    activate(net, jet, n, l - 1, jet->h);
    fqpi_jet_filter_back(net, jet, n, l, jet->h, a);
    pull_activation(net, jet, n, l - 1, NULL, a, to);
}

static void sweep(const fqp_model *net, fqpi_jet *jet, int64_t n, const fqpi_jet_sink *to) {
    void *z = jet->adjoint[0], *a = jet->adjoint[1];
    if (net->gates > 0)
        fqpi_jet_gate_back(net, jet, n, jet->out, z);
    pull_activation(net, jet, n, net->layers - 1, NULL, z, to);
    for (int64_t l = net->layers - 1; l >= 0; l--) {
        if (l > 0)
            descend(net, jet, n, l, z, a, to);
        else if (net->makes_inputs)
            pull_back(net, &net->layer[0], fqpi_jet_columns(net, jet, n), z, a);
        weight_gradient(net, jet, n, &net->layer[l], z, inputs_of(net, jet, n, l), to);
        void *next = a;
        a = z;
        z = next;
    }
    fqpi_jet_feature_gradient(net, jet, n, z, to);
}

void fqpi_jet_backward(const fqp_model *net, fqpi_jet *jet, int64_t n, void *grad, bool accumulate) {
    sweep(net, jet, n, &(fqpi_jet_sink){.grad = grad, .accumulate = accumulate});
}

void fqpi_jet_backward_each(const fqp_model *net, fqpi_jet *jet, int64_t n, double *rows, int64_t stride) {
    sweep(net, jet, n, &(fqpi_jet_sink){.rows = rows, .stride = stride});
}
