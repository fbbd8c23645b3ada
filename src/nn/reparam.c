/* reparam.c - trained factors of rows: layout, first values, live weights, and the way of a gradient back.
 *
 * Slopes: Jagtap, Kawaguchi & Karniadakis, J. Comput. Phys. 404 (2020) 109136 and Proc. R. Soc. A 476 (2020) 20200334.
 * Factorised weights: Wang, Wang, Seidman & Perdikaris 2210.01274. */
#include "reparam.h"
#include "elements.h"
#include "fail.h"
#include "mem.h"
#include "net.h"
#include "rng.h"

#include <math.h>
#include <string.h>

/* ---- forms --------------------------------------------------------------------------------------- */

/* n a, written so that it is 1 to the last bit where a began, at 1/n. */
static double linear_value(double n, double p0, double p) {
    return 1 + n * (p - p0);
}

static double linear_slope(double n, double p0, double p) {
    (void)p0, (void)p;
    return n;
}

static double exponential_value(double n, double p0, double p) {
    (void)n, (void)p0;
    return exp(p);
}

static const fqpi_factor_form linear = {linear_value, linear_slope};
static const fqpi_factor_form exponential = {exponential_value, exponential_value};

static const fqpi_slopes rows[] = {
    {.name = "none", .doc = "activations as they are"},
    {.name = "network",
     .doc = "sigma(n a z), one trained a for all hidden layers",
     .form = &linear,
     .network = true,
     .bias = true},
    {.name = "layer", .doc = "a trained a for every hidden layer", .form = &linear, .bias = true},
    {.name = "neuron", .doc = "a trained a for every hidden neuron", .form = &linear, .neuron = true, .bias = true},
    {.name = "factorised",
     .doc = "weights of every neuron exp(s) V with s and V trained (random weight factorisation)",
     .form = &exponential,
     .neuron = true,
     .last = true},
};

const fqpi_slopes *fqpi_slopes_row(int slopes) {
    return slopes >= 0 && slopes < (int)(sizeof rows / sizeof rows[0]) ? &rows[slopes] : NULL;
}

const char *fqp_slopes_name(size_t i, const char **doc) {
    if (i >= sizeof rows / sizeof rows[0])
        return NULL;
    if (doc)
        *doc = rows[i].doc;
    return rows[i].name;
}

/* ---- layout -------------------------------------------------------------------------------------- */

fqp_status fqpi_reparam_check(fqp_ctx *ctx, const fqp_model_opts *o) {
    const fqpi_slopes *row = fqpi_slopes_row(o->slopes);
    if (row->form && !row->last && o->hidden.n == 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.slopes: %s slopes belong to activations, and model.hidden [] has none", row->name);
    if (row->form == &linear && !(o->slope_factor > 0))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.slope_factor: n must be above 0 for n a = 1 at the start");
    if (o->train_scales && o->scales.n == 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.train_scales: there is nothing to train; list the scales at the start in model.scales");
    if (o->train_scales && o->branches == FQPI_BRANCHES_SHARED)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.train_scales: with model.branches shared all branches have the same weights, and a "
                         "branch's own scale is not a factor of them; use first or separate");
    if (o->train_scales && fqpi_embedding_row(o->embedding)->learnt)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.train_scales: a scale is a factor of the first weights when the first layer sees a x "
                         "itself, not its %s features; use embedding identity",
                         fqpi_embedding_row(o->embedding)->name);
    if (row->last && o->antisymmetric)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.slopes: %s draws a factor for every neuron, and the pairs of model.antisymmetric would "
                         "no longer be equal",
                         row->name);
    return FQP_OK;
}

/* Numbers a layer needs of its own. */
static int64_t numbers_of(const fqpi_slopes *row, const fqpi_layer *y) {
    return row->neuron ? fqpi_weight_rows(y) : 1;
}

static int64_t layers_of(const fqp_model *net, const fqpi_slopes *row) {
    return !row->form ? 0 : row->last ? net->layers : net->layers - 1;
}

static fqp_status memory(fqp_ctx *ctx, fqp_model *net) {
    fqpi_reparam *r = &net->reparam;
    r->gain = fqpi_calloc(ctx, (size_t)r->gains, sizeof *r->gain);
    r->live = fqpi_calloc(ctx, (size_t)fqpi_padded(net->k, net->parameters), net->k->elem);
    return r->gain && r->live ? FQP_OK : FQP_E_NOMEM;
}

/* Of model.slopes, numbers from `at` on. */
static void place_slopes(fqp_model *net, const fqpi_slopes *row, double n, fqpi_gain *gain, int64_t at) {
    for (int64_t l = 0; l < layers_of(net, row); l++) {
        const fqpi_layer *y = &net->layer[l];
        gain[l] = (fqpi_gain){.form = row->form,
                              .slope = row->form == &linear,
                              .layer = l,
                              .at = at,
                              .share = fqpi_weight_rows(y) / numbers_of(row, y),
                              .bias = row->bias,
                              .n = n};
        at += row->network ? 0 : numbers_of(row, y);
    }
}

fqp_status fqpi_reparam_place(fqp_ctx *ctx, fqp_model *net, const fqp_model_opts *o) {
    const fqpi_slopes *row = fqpi_slopes_row(o->slopes);
    fqpi_reparam *r = &net->reparam;
    r->at = net->parameters;
    r->scales = o->train_scales ? net->layer[0].blocks : 0;
    r->gains = layers_of(net, row) + (r->scales > 0);
    r->numbers = r->scales;
    if (r->gains == 0)
        return FQP_OK;
    for (int64_t l = 0; l < layers_of(net, row); l++)
        r->numbers += row->network && l > 0 ? 0 : numbers_of(row, &net->layer[l]);
    net->parameters += r->numbers;
    const fqp_status s = memory(ctx, net);
    if (s)
        return s;
    if (r->scales > 0)
        r->gain[0] =
            (fqpi_gain){.form = &linear, .at = r->at, .share = fqpi_weight_rows(&net->layer[0]) / r->scales, .n = 1};
    place_slopes(net, row, o->slope_factor, r->gain + (r->scales > 0), r->at + r->scales);
    return FQP_OK;
}

fqp_status fqpi_reparam_copy(fqp_ctx *ctx, const fqp_model *from, fqp_model *to) {
    to->reparam.live = to->reparam.gain = NULL;
    if (!from->reparam.live)
        return FQP_OK;
    const fqp_status s = memory(ctx, to);
    if (!s)
        memcpy(to->reparam.gain, from->reparam.gain, (size_t)from->reparam.gains * sizeof *to->reparam.gain);
    return s;
}

void fqpi_reparam_free(fqp_model *net) {
    fqpi_free(net->reparam.live);
    fqpi_free(net->reparam.gain);
}

/* ---- factors ------------------------------------------------------------------------------------- */

static double number_at(const fqp_model *net, int64_t i) {
    double v;
    fqpi_elem_load(net->k->dtype, 1, fqpi_elem_in(net->k->dtype, net->w, i), 1, &v);
    return v;
}

double fqpi_gain_number(const fqp_model *net, const fqpi_gain *q, int64_t i) {
    return number_at(net, q->at + i / q->share);
}

static double factor_of(const fqp_model *net, const fqpi_gain *q, int64_t i) {
    return q->form->value(q->n, q->p0, fqpi_gain_number(net, q, i));
}

static double slope_of(const fqp_model *net, const fqpi_gain *q, int64_t i) {
    return q->form->slope(q->n, q->p0, fqpi_gain_number(net, q, i));
}

/* Of row i of layer l; `but` (NULL: none) is left out. */
static double product_of(const fqp_model *net, int64_t l, int64_t i, bool bias, const fqpi_gain *but) {
    double f = 1;
    for (int64_t g = 0; g < net->reparam.gains; g++) {
        const fqpi_gain *q = &net->reparam.gain[g];
        if (q->layer == l && q != but && (q->bias || !bias))
            f *= factor_of(net, q, i);
    }
    return f;
}

/* ---- first values -------------------------------------------------------------------------------- */

static void put(const fqp_model *net, int64_t at, double v) {
    fqpi_elem_store(net->k->dtype, 1, &v, fqpi_elem_at(net->k->dtype, net->w, at), 1);
}

static void start_at_one(fqp_model *net, fqpi_gain *q) {
    const int64_t numbers = fqpi_weight_rows(&net->layer[q->layer]) / q->share;
    for (int64_t i = 0; i < numbers; i++)
        put(net, q->at + i, 1 / q->n);
    q->p0 = fqpi_gain_number(net, q, 0); /* rounded */
}

/* s is normal, and V what makes exp(s) V the weights that were drawn. */
static void start_anywhere(fqp_model *net, fqpi_gain *q, const fqp_model_opts *o, uint64_t seed) {
    const fqpi_layer *y = &net->layer[q->layer];
    const int64_t in = fqpi_block_in(y);
    for (int64_t i = 0; i < fqpi_weight_rows(y); i++) {
        const double z = fqpi_rng_normal(seed, (uint32_t)FQPI_STREAM_SLOPES + (uint32_t)q->layer, (uint64_t)i);
        put(net, q->at + i, o->slope_mean + o->slope_std * z);
        fqpi_elem_scale(net->k->dtype, in, 1 / factor_of(net, q, i),
                        fqpi_elem_at(net->k->dtype, net->w, y->weight + i * in));
    }
}

void fqpi_reparam_draw(fqp_model *net, const fqp_model_opts *o, uint64_t seed) {
    for (int64_t g = 0; g < net->reparam.gains; g++) {
        fqpi_gain *q = &net->reparam.gain[g];
        if (q->form == &exponential)
            start_anywhere(net, q, o, seed);
        else
            start_at_one(net, q);
    }
    fqpi_reparam_refresh(net, 0, 1);
}

/* ---- live weights -------------------------------------------------------------------------------- */

static void copy(const fqp_model *net, int64_t at, int64_t n) {
    memcpy(fqpi_elem_at(net->k->dtype, net->reparam.live, at), fqpi_elem_in(net->k->dtype, net->w, at),
           (size_t)n * net->k->elem);
}

static void refresh_rows(const fqp_model *net, int64_t l, int64_t from, int64_t to) {
    const fqpi_layer *y = &net->layer[l];
    const fqp_dtype t = net->k->dtype;
    const int64_t in = fqpi_block_in(y);
    copy(net, y->weight + from * in, (to - from) * in);
    if (y->bias >= 0)
        copy(net, y->bias + from, to - from);
    for (int64_t i = from; i < to; i++) {
        fqpi_elem_scale(t, in, product_of(net, l, i, false, NULL),
                        fqpi_elem_at(t, net->reparam.live, y->weight + i * in));
        if (y->bias >= 0)
            fqpi_elem_scale(t, 1, product_of(net, l, i, true, NULL), fqpi_elem_at(t, net->reparam.live, y->bias + i));
    }
}

void fqpi_reparam_refresh(const fqp_model *net, int member, int members) {
    if (!net->reparam.live)
        return;
    for (int64_t l = 0; l < net->layers; l++) {
        const int64_t n = fqpi_weight_rows(&net->layer[l]);
        refresh_rows(net, l, n * member / members, n * (member + 1) / members);
    }
}

/* ---- gradients ----------------------------------------------------------------------------------- */

/* Of row i of layer l among the outputs of all layers: weights' part, biases' part. */
static int64_t place_of(const fqp_model *net, int64_t l, int64_t i, bool bias) {
    return (bias ? net->rows : 0) + net->layer[l].row + net->layer[l].in - net->d + i;
}

/* One row of n numbers. */
static void turn_row(const fqp_model *net, int64_t l, int64_t i, bool bias, int64_t at, int64_t n, void *g,
                     double *sums) {
    const fqp_dtype t = net->k->dtype;
    sums[place_of(net, l, i, bias)] = net->k->dot(n, fqpi_elem_in(t, net->w, at), g);
    fqpi_elem_scale(t, n, product_of(net, l, i, bias, NULL), g);
}

void fqpi_reparam_weights(const fqp_model *net, int64_t l, int64_t i0, int64_t i1, void *g, double *sums) {
    const fqpi_layer *y = &net->layer[l];
    const int64_t in = fqpi_block_in(y);
    for (int64_t i = i0; i < i1; i++)
        turn_row(net, l, i, false, y->weight + i * in, in, fqpi_elem_at(net->k->dtype, g, (i - i0) * in), sums);
}

void fqpi_reparam_biases(const fqp_model *net, int64_t l, int64_t i0, int64_t i1, void *g, double *sums) {
    const fqpi_layer *y = &net->layer[l];
    for (int64_t i = i0; i < i1; i++)
        turn_row(net, l, i, true, y->bias + i, 1, fqpi_elem_at(net->k->dtype, g, i - i0), sums);
}

void fqpi_reparam_settle(const fqp_model *net, const double *sums, double *g) {
    const fqpi_reparam *r = &net->reparam;
    memset(g, 0, (size_t)r->numbers * sizeof *g);
    for (int64_t k = 0; k < r->gains; k++) {
        const fqpi_gain *q = &r->gain[k];
        const fqpi_layer *y = &net->layer[q->layer];
        for (int64_t i = 0; i < fqpi_weight_rows(y); i++) {
            double sum = product_of(net, q->layer, i, false, q) * sums[place_of(net, q->layer, i, false)];
            if (y->bias >= 0 && q->bias)
                sum += product_of(net, q->layer, i, true, q) * sums[place_of(net, q->layer, i, true)];
            g[q->at - r->at + i / q->share] += slope_of(net, q, i) * sum;
        }
    }
}

/* Numbers of one row and what they add to the factors of row i of layer l; product W . dlive before they are turned. */
static void turn_numbers(const fqp_model *net, int64_t l, int64_t i, bool bias, int64_t at, int64_t n, double *row) {
    const fqpi_reparam *r = &net->reparam;
    const double f = product_of(net, l, i, bias, NULL);
    double dot = 0;
    for (int64_t j = at; j < at + n; j++) {
        dot += number_at(net, j) * row[j];
        row[j] *= f;
    }
    for (int64_t k = 0; k < r->gains; k++) {
        const fqpi_gain *q = &r->gain[k];
        if (q->layer == l && (q->bias || !bias))
            row[q->at + i / q->share] += slope_of(net, q, i) * product_of(net, l, i, bias, q) * dot;
    }
}

void fqpi_reparam_row(const fqp_model *net, double *row) {
    for (int64_t l = 0; l < net->layers && net->reparam.live; l++) {
        const fqpi_layer *y = &net->layer[l];
        const int64_t in = fqpi_block_in(y);
        for (int64_t i = 0; i < fqpi_weight_rows(y); i++) {
            turn_numbers(net, l, i, false, y->weight + i * in, in, row);
            if (y->bias >= 0)
                turn_numbers(net, l, i, true, y->bias + i, 1, row);
        }
    }
}
