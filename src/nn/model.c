/* model.c - life of a network: checks, layout of the flat parameter vector, drawing, evaluation. */
#include "elements.h"
#include "fail.h"
#include "feature_pass.h"
#include "init.h"
#include "mem.h"
#include "net.h"
#include "nonlinearity.h"
#include "options.h"
#include "rng.h"
#include "window.h"

#include <math.h>
#include <string.h>

/* ---- checks ------------------------------------------------------------------------------------ */

enum { PARAMETERS_MAX = 1 << 30 };

int64_t fqpi_model_branches(const fqp_model_opts *o) {
    if (fqpi_embedding_row(o->embedding)->windows)
        return fqpi_windows_count(o);
    return o->scales.n > 0 ? (int64_t)o->scales.n : 1;
}

/* Weight layers: the first of as many filters as there are hidden layers takes the place of one. */
static int64_t depth(const fqp_model_opts *o) {
    return (int64_t)o->hidden.n + (o->filters == FQPI_FILTERS_NONE);
}

/* Blocks of layer l; branches that gates weigh see the same h(0), unless the embedding shows each its own. */
static int64_t blocks(const fqp_model_opts *o, int64_t d, int64_t l) {
    const int64_t gates = fqpi_features_gates(o, d);
    if (gates > 0)
        return l == 0 ? fqpi_model_branches(o) : gates;
    const bool apart = l == 0 ? o->hidden.n > 0 : o->branches != FQPI_BRANCHES_FIRST && l < (int64_t)o->hidden.n;
    return apart ? fqpi_model_branches(o) : 1;
}

static bool shared(const fqp_model_opts *o) {
    return o->branches == FQPI_BRANCHES_SHARED && o->scales.n > 0;
}

/* Rows of h(l); d: coordinates of a point. */
static int64_t width(const fqp_model_opts *o, int64_t d, int64_t m, int64_t l) {
    const int64_t gates = fqpi_features_gates(o, d);
    if (l == depth(o))
        return gates > 0 ? gates * m : m;
    if (o->filters != FQPI_FILTERS_NONE)
        return o->hidden.v[l];
    if (l == 0)
        return fqpi_model_branches(o) * fqpi_embedding_row(o->embedding)->width(d, o);
    return o->hidden.v[l - 1] * (shared(o) ? fqpi_model_branches(o) : 1);
}

double fqpi_model_size(const fqp_model_opts *o, int64_t d, int64_t m) {
    double numbers = fqpi_features_numbers(o, d, depth(o)) + (double)o->numbers.n;
    for (int64_t l = 0; l < depth(o); l++) {
        const fqpi_layer y = fqpi_model_layer_of(o, d, m, l);
        numbers += ((double)fqpi_block_in(&y) + (o->bias ? 1 : 0)) * (double)fqpi_weight_rows(&y);
    }
    return numbers;
}

static fqp_status check_sizes(fqp_ctx *ctx, int64_t d, int64_t m, const fqp_model_opts *o) {
    const double parameters = fqpi_model_size(o, d, m);
    if (parameters > PARAMETERS_MAX)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.hidden: %.3g parameters are more than %d", parameters,
                         PARAMETERS_MAX);
    return FQP_OK;
}

static fqp_status check_branches(fqp_ctx *ctx, const fqp_model_opts *o) {
    const int64_t n = fqpi_model_branches(o);
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < o->scales.n; i++)
        if (o->scales.v[i] == 0)
            s = fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.scales: branch %zu of scale 0 sees a constant", i + 1);
    if (n > 1 && o->antisymmetric)
        s = fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.antisymmetric: not with the %lld branches of model.scales",
                      (long long)n);
    for (int64_t l = 0; l < (int64_t)o->hidden.n && !shared(o); l++)
        if (n > 1 && blocks(o, 1, l) > 1 && o->hidden.v[l] % n != 0)
            s = fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                          "model.hidden: %lld neurons of layer %lld cannot be shared equally by the %lld branches of "
                          "model.scales; %lld can",
                          (long long)o->hidden.v[l], (long long)l + 1, (long long)n,
                          (long long)(o->hidden.v[l] + n - 1) / n * n);
    return s;
}

/* Pairs cancel in a sum over neurons; deeper, what the pairs feed is not linear. */
static fqp_status check_pairs(fqp_ctx *ctx, const fqp_model_opts *o) {
    if (!o->antisymmetric)
        return FQP_OK;
    if (o->hidden.n != 1)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.antisymmetric: pairs of neurons cancel in networks of one hidden layer, not of %zu; "
                         "train.subtract_start: true begins at 0 with every network",
                         o->hidden.n);
    const int64_t width = o->hidden.v[0];
    if (width % 2)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.antisymmetric: %lld neurons are not pairs; set model.hidden to [%lld]",
                         (long long)width, (long long)width + 1);
    return FQP_OK;
}

fqp_status fqpi_model_check(fqp_ctx *ctx, int64_t d, int64_t m, const fqp_model_opts *o) {
    if (d < 1 || m < 1 || d > PARAMETERS_MAX || m > PARAMETERS_MAX)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "model: %lld inputs and %lld outputs; each must be at least 1",
                         (long long)d, (long long)m);
    fqp_status s = fqpi_options_check(ctx, &fqp_model_section, o);
    if (!s && fqpi_embedding_row(o->embedding)->check)
        s = fqpi_embedding_row(o->embedding)->check(ctx, d, o);
    s = s ? s : fqpi_features_check(ctx, d, o);
    s = s ? s : check_branches(ctx, o);
    s = s ? s : check_sizes(ctx, d, m, o);
    s = s ? s : check_pairs(ctx, o);
    s = s ? s : fqpi_reparam_check(ctx, o);
    if (!s && m == 1 && !strcmp(fqpi_output_row(o->output)->name, "softmax"))
        s = fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.output: softmax of a single output is always 1");
    return s ? s : fqpi_nonlinearity_check(ctx, o);
}

/* ---- layout and drawing ------------------------------------------------------------------------ */

fqpi_layer fqpi_model_layer_of(const fqp_model_opts *o, int64_t d, int64_t m, int64_t l) {
    const bool filtered = o->filters != FQPI_FILTERS_NONE;
    const fqpi_nonlinearity f = filtered ? (fqpi_nonlinearity){FQPI_ACT_IDENTITY, NAN, 1} : fqpi_nonlinearity_of(o, l);
    const bool last = l == depth(o) - 1;
    const int64_t in = width(o, d, m, l), apart = blocks(o, d, l), fan_in = in / apart;
    return (fqpi_layer){.in = in,
                        .out = width(o, d, m, l + 1),
                        .blocks = apart,
                        .shared = shared(o) && !last,
                        .scale = o->parameters ? 1 / sqrt((double)fan_in) : 1,
                        .bias_scale = 1,
                        .act = f.act,
                        .param = f.param,
                        .omega = f.omega};
}

static void lay_out(fqp_model *net, const fqp_model_opts *o) {
    int64_t at = 0, row = 0;
    for (int64_t l = 0; l < net->layers; l++) {
        fqpi_layer *y = &net->layer[l];
        *y = fqpi_model_layer_of(o, net->embed.d, net->m, l);
        y->row = row;
        y->weight = at;
        at += fqpi_block_in(y) * fqpi_weight_rows(y);
        y->bias = o->bias ? at : -1;
        at += o->bias ? fqpi_weight_rows(y) : 0;
        row += y->in;
        bool turned = fqpi_block_in(y) > FQPI_NARROW && fqpi_block_out(y) > FQPI_NARROW;
        y->turned = turned ? net->turned_rows : -1;
        net->turned_rows += turned ? fqpi_turned_rows(net, y) : 0;
        net->widest = y->in > net->widest ? y->in : net->widest;
    }
    net->outputs = net->layer[net->layers - 1].out;
    net->widest = net->outputs > net->widest ? net->outputs : net->widest;
    net->rows = row + net->outputs;
    net->parameters = at;
}

static void draw(fqpi_spread s, uint64_t seed, uint32_t stream, int64_t first, int64_t n, double *v) {
    if (!s.uniform)
        fqpi_rng_normals(seed, stream, (uint64_t)first, n, v);
    for (int64_t i = 0; i < n && s.uniform; i++)
        v[i] = 2 * fqpi_rng_uniform(seed, stream, (uint64_t)(first + i)) - 1;
    for (int64_t i = 0; i < n; i++)
        v[i] *= s.size;
}

/* The vector is zero before. */
static void fill(fqp_model *net, int64_t at, int64_t n, fqpi_spread s, uint64_t seed, uint32_t stream) {
    enum { CHUNK = 512 };
    fqp_dtype type = net->k->dtype;
    double v[CHUNK];
    for (int64_t i = 0; i < n && s.size != 0; i += CHUNK) {
        int64_t m = n - i < CHUNK ? n - i : CHUNK;
        draw(s, seed, stream, i, m, v);
        fqpi_elem_store(type, m, v, fqpi_elem_at(type, net->w, at + i), 1);
    }
}

/* Fans that the output layer borrows: of the hidden layer with hidden layers on both sides. */
static double hidden_fans(const fqp_model_opts *o, int64_t l, int64_t in, int64_t out) {
    const int64_t n = (int64_t)o->hidden.n, branches = o->branches == FQPI_BRANCHES_SHARED ? 1 : fqpi_model_branches(o);
    return l == n && n > 1 ? (double)(o->hidden.v[n - 2] + o->hidden.v[n - 1]) / (double)branches : (double)(in + out);
}

void fqpi_model_spreads(const fqp_model_opts *o, int64_t l, int64_t in, int64_t out, fqpi_spread *weight,
                        fqpi_spread *bias) {
    const fqpi_init *rule = fqpi_init_row(o->init);
    const fqpi_init_layer of = {.layer = l,
                                .in = in,
                                .out = out,
                                .weight_std = o->weight_std,
                                .omega0 = fqpi_nonlinearity_omega0(o, l),
                                .hidden_fans = hidden_fans(o, l, in, out),
                                .ntk = o->parameters == 1};
    *weight = l == 0 && o->first_std > 0 ? (fqpi_spread){.size = o->first_std} : rule->weight(&of);
    if (l == 0 && o->first_scale > 0)
        weight->size *= o->first_scale;
    *bias = (fqpi_spread){0};
    if (o->bias_range > 0 && l < (int64_t)o->hidden.n)
        *bias = (fqpi_spread){.uniform = true, .size = o->bias_range};
    else if (!isnan(o->bias_std))
        bias->size = o->bias_std;
    else if (rule->bias)
        *bias = rule->bias(&of);
}

/* Numbers at first, in groups of `size`, become pairs of groups: each followed by itself times `sign`.  From behind, so
 * that none is overwritten before it is read. */
static void pair_up(fqp_model *net, int64_t first, int64_t groups, int64_t size, double sign) {
    fqp_dtype type = net->k->dtype;
    const size_t bytes = (size_t)size * net->k->elem;
    for (int64_t g = groups - 1; g >= 0; g--) {
        void *from = fqpi_elem_at(type, net->w, first + g * size);
        void *one = fqpi_elem_at(type, net->w, first + 2 * g * size);
        void *other = fqpi_elem_at(type, net->w, first + (2 * g + 1) * size);
        memcpy(other, from, bytes);
        memmove(one, from, bytes);
        fqpi_elem_scale(type, size, sign, other);
    }
}

/* Inputs that the rule of initialisation counts: of subnetworks whose outputs are summed, those of one. */
static int64_t fan_in(const fqp_model *net, const fqp_model_opts *o, int64_t l) {
    const fqpi_layer *y = &net->layer[l];
    const bool joins = l > 0 && l == net->layers - 1 && o->branches == FQPI_BRANCHES_SEPARATE;
    return joins ? y->in / fqpi_model_branches(o) : fqpi_block_in(y);
}

/* The draws of the network of half the width, then pairs. */
static void initialise_pairs(fqp_model *net, const fqpi_spread weight[2], const fqpi_spread bias[2], uint64_t seed) {
    const fqpi_layer *in = &net->layer[0], *out = &net->layer[1];
    const int64_t half = in->out / 2;
    fill(net, in->weight, half * in->in, weight[0], seed, FQPI_STREAM_WEIGHT);
    pair_up(net, in->weight, half, in->in, 1);
    fill(net, out->weight, out->out * half, weight[1], seed, (uint32_t)FQPI_STREAM_WEIGHT + 1);
    pair_up(net, out->weight, out->out * half, 1, -1);
    if (in->bias < 0)
        return;
    fill(net, in->bias, half, bias[0], seed, FQPI_STREAM_BIAS);
    pair_up(net, in->bias, half, 1, 1);
}

static void initialise(fqp_model *net, const fqp_model_opts *o, uint64_t seed) {
    fqpi_spread weight[2], bias[2];
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        const int at = o->antisymmetric ? (int)l : 0;
        fqpi_model_spreads(o, l, fan_in(net, o, l), fqpi_block_out(y), &weight[at], &bias[at]);
        if (o->antisymmetric)
            continue;
        const int64_t rows = fqpi_weight_rows(y);
        fill(net, y->weight, fqpi_block_in(y) * rows, weight[0], seed, (uint32_t)FQPI_STREAM_WEIGHT + (uint32_t)l);
        if (y->bias >= 0)
            fill(net, y->bias, rows, bias[0], seed, (uint32_t)FQPI_STREAM_BIAS + (uint32_t)l);
    }
    if (o->antisymmetric)
        initialise_pairs(net, weight, bias, seed);
}

/* Layout and memory, nothing drawn yet. */
static fqp_status place(fqp_ctx *ctx, fqp_model *net, const fqp_model_opts *o, int64_t d) {
    const fqpi_embedding *row = fqpi_embedding_row(o->embedding);
    fqpi_embed *e = &net->embed;
    *e = (fqpi_embed){.row = row, .k64 = net->k64, .d = d, .width = row->width(d, o), .scale = 1};
    e->branches = fqpi_model_branches(o);
    e->numbers = e->branches * (row->fixed ? row->fixed(d, o) : 0);
    net->d = width(o, d, net->m, 0);
    e->fixed = fqpi_calloc(ctx, (size_t)e->numbers, sizeof(double));
    e->scales = fqpi_calloc(ctx, (size_t)e->branches, sizeof(double));
    net->layer = fqpi_calloc(ctx, (size_t)net->layers, sizeof *net->layer);
    if (!net->layer || !e->fixed || !e->scales)
        return FQP_E_NOMEM;
    for (int64_t b = 0; b < e->branches; b++)
        e->scales[b] = o->scales.n > 0 ? o->scales.v[b] : 1;
    lay_out(net, o);
    fqp_status s = fqpi_reparam_place(ctx, net, o);
    s = s ? s : fqpi_features_open(ctx, net, o);
    net->numbers = (int64_t)o->numbers.n;
    net->parameters += net->numbers;
    if (s)
        return s;
    net->w = fqpi_calloc(ctx, (size_t)fqpi_padded(net->k, net->parameters), net->k->elem);
    return net->w ? FQP_OK : FQP_E_NOMEM;
}

fqp_status fqp_model_create(fqp_ctx *ctx, int64_t d, int64_t m, const fqp_model_opts *opts, uint64_t seed,
                            fqp_model **out) {
    if (!ctx || !out)
        return FQP_E_ARG;
    const fqp_model_opts *o = opts ? opts : &fqpi_model_defaults;
    fqp_status s = fqpi_model_check(ctx, d, m, o);
    if (s)
        return s;
    fqp_model *net = fqpi_calloc(ctx, 1, sizeof *net);
    if (!net)
        return FQP_E_NOMEM;
    *net = (fqp_model){.k = fqpi_kernel_get(ctx, o->precision ? FQP_F64 : FQP_F32),
                       .k64 = fqpi_kernel_get(ctx, FQP_F64),
                       .m = m,
                       .layers = depth(o),
                       .output = fqpi_output_row(o->output)};
    s = place(ctx, net, o, d);
    if (s) {
        fqp_model_destroy(net);
        return s;
    }
    if (net->embed.numbers > 0)
        for (int64_t b = 0; b < net->embed.branches; b++)
            net->embed.row->draw(d, o, seed, b, fqpi_embed_branch(&net->embed, b).fixed);
    initialise(net, o, seed);
    fqpi_elem_store(net->k->dtype, net->numbers, o->numbers.v,
                    fqpi_elem_at(net->k->dtype, net->w, net->parameters - net->numbers), 1);
    fqpi_reparam_draw(net, o, seed);
    s = fqpi_features_draw(ctx, net, o, seed);
    if (s) {
        fqp_model_destroy(net);
        return s;
    }
    *out = net;
    return FQP_OK;
}

void fqp_model_destroy(fqp_model *net) {
    if (!net)
        return;
    fqpi_reparam_free(net);
    fqpi_free(net->w);
    fqpi_free(net->layer);
    fqpi_free(net->embed.fixed);
    fqpi_free(net->embed.scales);
    fqpi_features_close(net);
    fqpi_free(net);
}

/* ---- queries ----------------------------------------------------------------------------------- */

int64_t fqp_model_inputs(const fqp_model *net) {
    return net->embed.d;
}

int64_t fqp_model_outputs(const fqp_model *net) {
    return net->m;
}

int64_t fqp_model_layers(const fqp_model *net) {
    return net->layers;
}

int64_t fqp_model_hidden_width(const fqp_model *net, int64_t l) {
    return net->layer[l].in;
}

int64_t fqp_model_parameter_count(const fqp_model *net) {
    return net->parameters;
}

fqp_dtype fqp_model_precision(const fqp_model *net) {
    return net->k->dtype;
}

void *fqp_model_parameters(fqp_model *net) {
    return net->w;
}

void fqp_model_layer(const fqp_model *net, int64_t l, int64_t *in, int64_t *out, int64_t *weight, int64_t *bias) {
    const fqpi_layer *y = &net->layer[l];
    *in = fqpi_block_in(y);
    *out = fqpi_weight_rows(y);
    *weight = y->weight;
    *bias = y->bias;
}

int64_t fqp_model_slopes(const fqp_model *net, int64_t *first) {
    *first = net->reparam.at + net->reparam.scales;
    return net->reparam.numbers - net->reparam.scales;
}

int64_t fqp_model_scales(const fqp_model *net, int64_t *first) {
    *first = net->reparam.at;
    return net->reparam.scales;
}

int64_t fqp_model_numbers(const fqp_model *net, int64_t *first) {
    *first = net->parameters - net->numbers;
    return net->numbers;
}
