/* jet.c - forward pass and reverse sweep of a dense network over values and derivatives.
 *
 *   forward   z_c = s W h_c (+ s_b b for the value),  then the activation mixes channels (kernel/jet.inc)
 *   backward  dW = s sum_c Z_c h_c^T,  db = s_b sum_n Z_0,  A_c = s W^T Z_c
 *
 * where c counts channels and Z, A are the adjoints of z, h. */
#include "jet.h"
#include "elements.h"
#include "jet_feature.h"
#include "jet_values.h"

#include <string.h>

bool fqpi_jet_served(const fqp_model *net, int order, const char **why) {
    static const char *const text[] = {
        "its output map is not linear",
        "its activation is not smooth enough (one derivative more than the order is needed)",
        "derivatives by the inputs go to order 2",
        "its gabor filters or grids give values only",
    };
    int reason = -1;
    if (net->output->map)
        reason = 0;
    for (int64_t l = 0; l < net->layers; l++) {
        double f[4];
        const fqpi_layer *y = &net->layer[l];
        if (y->act != FQPI_ACT_IDENTITY && fqp_activation_eval(y->act, y->param, 0.5, f) < order + 1)
            reason = 1;
    }
    if (order > 2)
        reason = 2;
    if (order > 0 && !fqpi_jet_features_served(net))
        reason = 3;
    if (why && reason >= 0)
        *why = text[reason];
    return reason < 0;
}

/* ---- work space -------------------------------------------------------------------------------- */

static size_t align(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

static int64_t channels_of(const fqp_model *net, int order) {
    return 1 + order * net->embed.d;
}

int64_t fqpi_jet_tile(const fqp_model *net, int order) {
    enum { VECTORS = 40 };
    const int64_t fit = VECTORS / channels_of(net, order);
    return (fit > 1 ? fit : 1) * net->k->lanes;
}

static int64_t groups(const fqp_model *net, int64_t n) {
    return fqpi_padded(net->k, n) / net->k->lanes;
}

/* Columns of the panels of a tile of n samples. */
static int64_t columns(const fqp_model *net, const fqpi_jet *jet, int64_t n) {
    return jet->channels * fqpi_padded(net->k, n);
}

/* Rows of the inputs of all layers below l. */
static int64_t rows_below(const fqp_model *net, int64_t l) {
    int64_t rows = 0;
    for (int64_t i = 0; i < l; i++)
        rows += net->layer[i].in;
    return rows;
}

static int64_t widest(const fqp_model *net) {
    int64_t most = 1;
    for (int64_t l = 0; l < net->layers; l++)
        most = net->layer[l].out > most ? net->layer[l].out : most;
    return net->makes_inputs && net->d > most ? net->d : most; /* whose adjoints a learnt embedding wants */
}

/* The next part of a block; a NULL block only counts. */
static void *carve(char *block, size_t *used, size_t bytes) {
    void *part = block ? block + *used : NULL;
    *used += align(bytes);
    return part;
}

static size_t place(const fqp_model *net, int order, int64_t samples, char *block, fqpi_jet *jet) {
    const int64_t rows = rows_below(net, net->layers) + net->outputs, capacity = fqpi_padded(net->k, samples);
    *jet = (fqpi_jet){.order = order, .channels = channels_of(net, order), .capacity = capacity};
    const size_t vector = (size_t)capacity * net->k->elem, panel_row = vector * (size_t)jet->channels;
    size_t used = 0;
    jet->channel = carve(block, &used, (size_t)jet->channels * sizeof *jet->channel);
    jet->values = fqpi_jet_values_serves(net, order);
    if (jet->values) {
        fqpi_jet_values_place(net, samples, block, &used, jet);
        return used;
    }
    jet->h = carve(block, &used, (size_t)rows * panel_row);
    jet->z = carve(block, &used, (size_t)(rows - net->d) * panel_row);
    jet->bend = carve(block, &used, (size_t)(rows - net->d) * (size_t)order * vector);
    jet->adjoint[0] = carve(block, &used, (size_t)widest(net) * panel_row);
    jet->adjoint[1] = carve(block, &used, (size_t)widest(net) * panel_row);
    jet->sums = carve(block, &used, (size_t)widest(net) * net->k->elem);
    jet->more = carve(block, &used, (size_t)fqpi_jet_feature_rows(net) * panel_row);
    jet->more_bend = carve(block, &used, (size_t)fqpi_jet_feature_rows(net) * (size_t)order * vector);
    return used;
}

size_t fqpi_jet_bytes(const fqp_model *net, int order, int64_t samples) {
    fqpi_jet jet;
    return place(net, order, samples, NULL, &jet);
}

void fqpi_jet_place(const fqp_model *net, int order, int64_t samples, void *block, fqpi_jet *jet) {
    place(net, order, samples, block, jet);
    jet->channel[0] = (fqpi_channel){0};
    for (int64_t c = 1; c < jet->channels; c++)
        jet->channel[c] = (fqpi_channel){.order = 1 + (int)((c - 1) / net->embed.d), .axis = (c - 1) % net->embed.d};
}

/* Inputs of layer l; l = layers: the outputs. */
static void *h_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l) {
    return fqpi_elem_at(net->k->dtype, jet->h, rows_below(net, l) * columns(net, jet, n));
}

/* Outputs of layer l before its activation, and what else its activation leaves for the way back. */
static void *z_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l) {
    return fqpi_elem_at(net->k->dtype, jet->z, (rows_below(net, l + 1) - net->d) * columns(net, jet, n));
}

static void *bend_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l) {
    return fqpi_elem_at(net->k->dtype, jet->bend,
                        (rows_below(net, l + 1) - net->d) * jet->order * fqpi_padded(net->k, n));
}

/* ---- between arrays of samples and panels ------------------------------------------------------ */

/* A channel of one row of a panel: `lanes` of one group after the other, `group` elements apart. */
static void row_from(fqp_dtype t, int64_t lanes, int64_t group, int64_t n, const double *src, int64_t stride,
                     void *row) {
    for (int64_t from = 0; from < n; from += lanes, row = fqpi_elem_at(t, row, group))
        for (int64_t s = from; s < from + lanes && s < n; s++)
            if (t == FQP_F32)
                ((float *)row)[s - from] = (float)src[s * stride];
            else
                ((double *)row)[s - from] = src[s * stride];
}

static void row_into(fqp_dtype t, int64_t lanes, int64_t group, int64_t n, const void *row, double *dst,
                     int64_t stride) {
    for (int64_t from = 0; from < n; from += lanes, row = fqpi_elem_in(t, row, group))
        for (int64_t s = from; s < from + lanes && s < n; s++)
            dst[s * stride] = t == FQP_F32 ? (double)((const float *)row)[s - from] : ((const double *)row)[s - from];
}

/* Channel c of row i. */
static void *channel_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *panel, int64_t i, int64_t c) {
    return fqpi_elem_at(net->k->dtype, panel, i * columns(net, jet, n) + c * net->k->lanes);
}

/* All samples of a channel, padding included, get one value. */
static void constant(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *row, double value) {
    const int64_t lanes = net->k->lanes;
    row_from(net->k->dtype, lanes, jet->channels * lanes, fqpi_padded(net->k, n), &value, 0, row);
}

/* a x_i as a function of x: derivative a by x_i, and nothing else.  Rows of h from `first` on. */
static void fill_coordinates(const fqp_model *net, const fqpi_jet *jet, int64_t n, const double *x, double a, void *h,
                             int64_t first) {
    const int64_t lanes = net->k->lanes, d = net->embed.d;
    for (int64_t c = 0; c < jet->channels; c++) {
        const fqpi_channel *is = &jet->channel[c];
        for (int64_t i = 0; i < d; i++)
            constant(net, jet, n, channel_of(net, jet, n, h, first + i, c), is->order == 1 && is->axis == i ? a : 0);
    }
    for (int64_t i = 0; i < d; i++) {
        void *row = channel_of(net, jet, n, h, first + i, 0);
        for (int64_t s = 0; s < n; s++) {
            const double value = a * x[s * d + i];
            fqpi_elem_store(net->k->dtype, 1, &value,
                            fqpi_elem_at(net->k->dtype, row, s / lanes * jet->channels * lanes + s % lanes), 1);
        }
    }
}

/* Sample s of a channel of all features of a branch, rows from `first` on. */
static void embed_sample(const fqp_model *net, const fqpi_jet *jet, int64_t n, const fqpi_embed *e, int64_t first,
                         fqp_view x, int64_t s, int64_t c) {
    const fqpi_channel *is = &jet->channel[c];
    const int64_t lanes = net->k->lanes, at = s / lanes * jet->channels * lanes + s % lanes;
    void *h = h_of(net, jet, n, 0);
    double f[FQPI_EMBEDDED];
    for (int64_t from = 0, made; from < e->width; from += made) {
        made = e->row->map(e, x, s * e->d, from, is->order, is->axis, f);
        for (int64_t i = 0; i < made; i++)
            fqpi_elem_store(net->k->dtype, 1, &f[i],
                            fqpi_elem_at(net->k->dtype, channel_of(net, jet, n, h, first + from + i, c), at), 1);
    }
}

static void fill_inputs(const fqp_model *net, const fqpi_jet *jet, int64_t n, const double *x) {
    const fqp_view view = {.data = x, .dtype = FQP_F64, .ndim = 2, .shape = {n, net->embed.d}};
    memset(h_of(net, jet, n, 0), 0, (size_t)(net->d * columns(net, jet, n)) * net->k->elem);
    if (net->features > 0) {
        memset(fqpi_jet_coordinates(net, jet), 0, (size_t)(net->embed.d * columns(net, jet, n)) * net->k->elem);
        fill_coordinates(net, jet, n, x, 1, fqpi_jet_coordinates(net, jet), 0);
        fqpi_jet_feature_values(net, jet, n, h_of(net, jet, n, 0));
    }
    for (int64_t b = 0; b < net->embed.branches && !net->makes_inputs; b++) {
        const fqpi_embed e = fqpi_embed_branch(&net->embed, b);
        if (!e.row->map)
            fill_coordinates(net, jet, n, x, e.scale, h_of(net, jet, n, 0), b * e.width);
        for (int64_t s = 0; s < n && e.row->map; s++)
            for (int64_t c = 0; c < jet->channels; c++)
                embed_sample(net, jet, n, &e, b * e.width, view, s, c);
    }
}

/* Where a channel of output i begins in the caller's array of that order, and the step from sample to sample. */
typedef struct outside {
    int64_t first, stride;
} outside;

static outside outside_of(const fqp_model *net, const fqpi_channel *is, int64_t i) {
    const int64_t d = net->embed.d;
    return is->order ? (outside){i * d + is->axis, net->m * d} : (outside){i, net->m};
}

static void *outputs_of(const fqp_model *net, const fqpi_jet *jet, int64_t n) {
    if (jet->values)
        return fqpi_jet_values_out(net, jet, n, false);
    return net->gates > 0 ? fqpi_jet_gated(net, jet, n, false) : h_of(net, jet, n, net->layers);
}

static void *adjoints_of(const fqp_model *net, const fqpi_jet *jet, int64_t n) {
    if (jet->values)
        return fqpi_jet_values_out(net, jet, n, true);
    return net->gates > 0 ? fqpi_jet_gated(net, jet, n, true) : jet->adjoint[0];
}

void fqpi_jet_get(const fqp_model *net, const fqpi_jet *jet, int64_t n, double *u, double *u_x, double *u_xx) {
    const int64_t lanes = net->k->lanes;
    double *const by_order[] = {u, u_x, u_xx};
    void *h = outputs_of(net, jet, n);
    for (int64_t i = 0; i < net->m; i++)
        for (int64_t c = 0; c < jet->channels; c++) {
            const outside o = outside_of(net, &jet->channel[c], i);
            double *to = by_order[jet->channel[c].order];
            if (to)
                row_into(net->k->dtype, lanes, jet->channels * lanes, n, channel_of(net, jet, n, h, i, c), to + o.first,
                         o.stride);
        }
}

void fqpi_jet_put(const fqp_model *net, fqpi_jet *jet, int64_t n, const double *du, const double *du_x,
                  const double *du_xx) {
    const int64_t lanes = net->k->lanes;
    const double *const by_order[] = {du, du_x, du_xx};
    void *to = adjoints_of(net, jet, n);
    memset(to, 0, (size_t)(net->m * columns(net, jet, n)) * net->k->elem);
    for (int64_t i = 0; i < net->m; i++)
        for (int64_t c = 0; c < jet->channels; c++) {
            const outside o = outside_of(net, &jet->channel[c], i);
            const double *from = by_order[jet->channel[c].order];
            if (from)
                row_from(net->k->dtype, lanes, jet->channels * lanes, n, from + o.first, o.stride,
                         channel_of(net, jet, n, to, i, c));
        }
}

/* ---- passes ------------------------------------------------------------------------------------ */

static const void *weights(const fqp_model *net, int64_t at) {
    return fqpi_elem_in(net->k->dtype, fqpi_live(net), at);
}

/* The activation goes over rows with biases of their own: block after block where the biases are shared. */
static int64_t mixes(const fqpi_layer *y) {
    return y->shared ? y->blocks : 1;
}

/* Rows from `row` on of a panel, and of what the activation of layer l leaves. */
static void *rows_from(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *panel, int64_t row) {
    return fqpi_elem_at(net->k->dtype, panel, row * columns(net, jet, n));
}

static void *bend_from(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l, int64_t row) {
    return fqpi_elem_at(net->k->dtype, bend_of(net, jet, n, l), row * jet->order * fqpi_padded(net->k, n));
}

static fqpi_jet_mix mix_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l) {
    const fqpi_layer *y = &net->layer[l];
    return (fqpi_jet_mix){.order = jet->order,
                          .d = net->embed.d,
                          .rows = y->out / mixes(y),
                          .groups = groups(net, n),
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

/* What layer l multiplies. */
static void *inputs_of(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l) {
    void *filtered = fqpi_jet_filtered(net, jet, n, l);
    return filtered ? filtered : h_of(net, jet, n, l);
}

void fqpi_jet_forward(const fqp_model *net, fqpi_jet *jet, int64_t n, const double *x) {
    const int64_t ld = columns(net, jet, n);
    if (jet->values) {
        fqpi_jet_values_forward(net, jet, n, x);
        return;
    }
    fill_inputs(net, jet, n, x);
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        const int64_t in = fqpi_block_in(y), out = fqpi_block_out(y);
        for (int64_t b = 0; b < y->blocks; b++)
            product(net, y,
                    &(fqpi_gemm){.m = out,
                                 .n = ld,
                                 .k = in,
                                 .a = weights(net, fqpi_weight_block(y, b)),
                                 .a_row = in,
                                 .a_col = 1,
                                 .b = fqpi_elem_in(net->k->dtype, inputs_of(net, jet, n, l), b * in * ld),
                                 .b_row = ld,
                                 .c = fqpi_elem_at(net->k->dtype, z_of(net, jet, n, l), b * out * ld),
                                 .c_row = ld,
                                 .c_panel = true});
        for (int64_t b = 0; b < mixes(y); b++) {
            const fqpi_jet_mix mix = mix_of(net, jet, n, l);
            const int64_t at = b * mix.rows;
            net->k->jet_forward(&mix, rows_from(net, jet, n, z_of(net, jet, n, l), at), bend_from(net, jet, n, l, at),
                                rows_from(net, jet, n, h_of(net, jet, n, l + 1), at));
        }
        if (net->features > 0)
            fqpi_jet_feature_apply(net, jet, n, l, h_of(net, jet, n, l + 1));
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

/* dW (+)= s Z h^T, db (+)= s_b sums */
static void gradient(const fqp_model *net, const fqpi_layer *y, int64_t ld, const void *z, const void *h,
                     const void *sums, void *grad, bool accumulate) {
    const fqpi_kernel *k = net->k;
    const int64_t in = fqpi_block_in(y), out = fqpi_block_out(y);
    for (int64_t b = 0; b < y->blocks; b++) {
        const bool add = accumulate || (y->shared && b > 0);
        k->row_dots(&(fqpi_row_dots){.m = out,
                                     .n = in,
                                     .k = ld,
                                     .a = fqpi_elem_in(k->dtype, z, b * out * ld),
                                     .a_row = ld,
                                     .b = fqpi_elem_in(k->dtype, h, b * in * ld),
                                     .b_row = ld,
                                     .c = fqpi_elem_at(k->dtype, grad, fqpi_weight_block(y, b)),
                                     .c_row = in,
                                     .scale = y->scale,
                                     .accumulate = add});
        if (y->bias < 0)
            continue;
        void *bias = fqpi_elem_at(k->dtype, grad, fqpi_bias_block(y, b));
        if (!add)
            memset(bias, 0, (size_t)out * k->elem);
        k->axpy(out, y->bias_scale, fqpi_elem_in(k->dtype, sums, b * out), bias);
    }
}

void fqpi_jet_backward(const fqp_model *net, fqpi_jet *jet, int64_t n, void *grad, bool accumulate) {
    const int64_t ld = columns(net, jet, n);
    int turn = 0;
    if (jet->values) {
        fqpi_jet_values_backward(net, jet, n, grad, accumulate);
        return;
    }
    if (net->gates > 0)
        fqpi_jet_gate_back(net, jet, n, h_of(net, jet, n, net->layers), jet->adjoint[0]);
    for (int64_t l = net->layers - 1; l >= 0; l--, turn = !turn) {
        const fqpi_layer *y = &net->layer[l];
        void *z = jet->adjoint[turn];
        for (int64_t b = 0; b < mixes(y); b++) {
            const fqpi_jet_mix mix = mix_of(net, jet, n, l);
            const int64_t at = b * mix.rows;
            net->k->jet_backward(&mix, rows_from(net, jet, n, z_of(net, jet, n, l), at), bend_from(net, jet, n, l, at),
                                 rows_from(net, jet, n, z, at), fqpi_elem_at(net->k->dtype, jet->sums, at));
        }
        gradient(net, y, ld, z, inputs_of(net, jet, n, l), jet->sums, grad, accumulate);
        if (l > 0 || net->makes_inputs)
            pull_back(net, y, ld, z, jet->adjoint[!turn]);
        if (l > 0 && y->feature >= 0)
            fqpi_jet_filter_back(net, jet, n, l, h_of(net, jet, n, l), jet->adjoint[!turn]);
    }
    if (net->features > 0)
        fqpi_jet_feature_gradient(net, jet, n, jet->adjoint[turn], grad, accumulate);
}
