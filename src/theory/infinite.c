/* infinite.c - life of the kernel of an infinitely wide network. */
#include "infinite.h"

#include "activation.h"
#include "fail.h"
#include "init.h"
#include "mem.h"
#include "net.h"

#include <string.h>

static void destroy(fqp_ntk *k) {
    fqpi_infinite *of = k->of;
    if (of)
        fqpi_free(of->layer);
    fqpi_free(of);
}

static const fqpi_ntk_kind kind = {.name = "infinite",
                                   .gram = fqpi_infinite_gram,
                                   .apply = fqpi_infinite_apply,
                                   .block = fqpi_infinite_block,
                                   .destroy = destroy};

/* ---- checks -------------------------------------------------------------------------------------- */

static bool number_at_least(double v, double least) {
    return v >= least && v < INFINITY;
}

static fqp_status check_activation(fqp_ctx *ctx, const char *who, size_t l, const fqp_ntk_layer *y) {
    const fqpi_activation *a = fqpi_activation_row(y->activation);
    if (!a)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s: layer %zu: there is no activation number %d", who, l,
                         y->activation);
    const fqpi_dual *row = fqpi_dual_row(y->activation);
    if (!row) {
        fqpi_text known = {0};
        for (size_t i = 0; fqpi_dual_nth(i); i++)
            fqpi_text_add(ctx, &known, " %s", fqp_activation_name((size_t)fqpi_dual_nth(i)->activation, NULL));
        const fqp_status s = fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                                       "%s: layer %zu: the kernel of an infinitely wide network is made of Gaussian "
                                       "expectations; %s has none in closed form here, and its kink makes expansions "
                                       "converge too slowly; known:%s",
                                       who, l, a->name, known.s ? known.s : "");
        fqpi_text_free(&known);
        return s;
    }
    const double param = isnan(y->param) ? a->value : y->param;
    if (a->parameter && !(param >= a->least && param <= a->most))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s: layer %zu: %s of %s: %g is outside [%g, %g]", who, l, a->parameter,
                         a->name, param, a->least, a->most);
    const char *why = row->refuse ? row->refuse(param) : NULL;
    return why ? fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "%s: layer %zu: %s with %s %g: %s", who, l, a->name,
                           a->parameter, param, why)
               : FQP_OK;
}

static fqp_status check_layer(fqp_ctx *ctx, const char *who, size_t l, const fqp_ntk_layer *y, bool last) {
    if (!number_at_least(y->gain, 0) || !number_at_least(y->weight_var, 0) || !number_at_least(y->bias_gain, 0) ||
        !number_at_least(y->bias_var, 0))
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "%s: layer %zu: gain %g, weight_var %g, bias_gain %g, bias_var %g: each must be a number of "
                         "at least 0",
                         who, l, y->gain, y->weight_var, y->bias_gain, y->bias_var);
    if (last)
        return FQP_OK;
    if (!isfinite(y->omega))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s: layer %zu: omega %g is not a number", who, l, y->omega);
    return check_activation(ctx, who, l, y);
}

/* ---- creation ------------------------------------------------------------------------------------ */

static fqp_status create(fqp_ctx *ctx, const char *who, size_t n, const fqp_ntk_layer *layer, int64_t d,
                         fqp_ntk **out) {
    for (size_t l = 0; l < n; l++) {
        const fqp_status s = check_layer(ctx, who, l, &layer[l], l + 1 == n);
        if (s)
            return s;
    }
    fqpi_infinite *of = fqpi_calloc(ctx, 1, sizeof *of);
    if (!of)
        return FQP_E_NOMEM;
    of->n = n;
    of->layer = fqpi_alloc(ctx, n, sizeof *of->layer);
    if (!of->layer) {
        fqpi_free(of);
        return FQP_E_NOMEM;
    }
    memcpy(of->layer, layer, n * sizeof *layer);
    for (size_t l = 0; l + 1 < n; l++)
        if (isnan(of->layer[l].param))
            of->layer[l].param = fqpi_activation_row(layer[l].activation)->value;
    return fqpi_ntk_new(ctx, &kind, d, of, out);
}

fqp_status fqp_ntk_infinite_layers(fqp_ctx *ctx, size_t n, const fqp_ntk_layer *layer, fqp_ntk **out) {
    if (!ctx || !out)
        return FQP_E_ARG;
    if (n < 1 || !layer)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_ntk_infinite_layers: at least one layer is needed");
    return create(ctx, "fqp_ntk_infinite_layers", n, layer, 0, out);
}

/* ---- of a network's options ---------------------------------------------------------------------- */

static double variance(fqpi_spread s) {
    return s.uniform ? s.size * s.size / 3 : s.size * s.size;
}

/* One output: what a layer's fan-out can matter to is the variance of its weights (glorot). */
static fqp_ntk_layer layer_of(const fqp_model_opts *o, int64_t d, int64_t l) {
    const fqpi_layer y = fqpi_model_layer_of(o, d, 1, l);
    fqpi_spread weight, bias;
    fqpi_model_spreads(o, l, y.in, y.out, &weight, &bias);
    return (fqp_ntk_layer){.gain = y.scale * y.scale * (double)y.in,
                           .weight_var = variance(weight),
                           .bias_gain = o->bias ? y.bias_scale * y.bias_scale : 0,
                           .bias_var = o->bias ? variance(bias) : 0,
                           .train_weight = true,
                           .train_bias = o->bias,
                           .activation = y.act,
                           /* the parameter of the functions that scale their argument is omega */
                           .param = y.omega == 1 ? y.param : NAN,
                           .omega = y.omega};
}

fqp_status fqp_ntk_layers_of(fqp_ctx *ctx, const fqp_model_opts *opts, int64_t d, size_t room, fqp_ntk_layer *layer,
                             size_t *n) {
    if (!ctx || !n)
        return FQP_E_ARG;
    const fqp_model_opts *o = opts ? opts : &fqpi_model_defaults;
    fqp_model_opts linear = *o; /* the output map is not a layer */
    linear.output = 0;
    const fqp_status s = fqpi_model_check(ctx, d, 1, &linear);
    if (s)
        return s;
    if (o->filters || o->gate || o->train_features)
        return fqpi_fail(
            ctx, FQP_E_UNSUPPORTED, NULL,
            "model.%s: the limit of infinite width is known for layers of activations between fixed inputs "
            "and their sum; take the kernel of a finite network",
            o->filters ? "filters"
            : o->gate  ? "gate"
                       : "train_features");
    if (fqpi_embedding_row(o->embedding)->map || fqpi_embedding_row(o->embedding)->learnt)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                         "model.embedding: the kernel of %s features is that of a network of coordinates on the "
                         "features; make them and use embedding identity, or take the kernel of a finite network",
                         fqpi_embedding_row(o->embedding)->name);
    if (o->scales.n > 0)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                         "model.scales: the kernel of infinitely many neurons is known for one branch of scale 1; take "
                         "the kernel of a finite network");
    if (o->bias_range > 0)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                         "model.bias_range: expectations over infinitely many neurons are known for normal biases, not "
                         "for uniform ones; set bias_std instead");
    if (fqpi_slopes_row(o->slopes)->form)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                         "model.slopes: the infinite kernel knows networks without trained slopes; %s slopes add to it",
                         fqpi_slopes_row(o->slopes)->name);
    *n = o->hidden.n + 1;
    if (room && room < *n)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_ntk_layers_of: room for %zu layers, the network has %zu", room, *n);
    for (size_t l = 0; l < *n && room; l++)
        layer[l] = layer_of(o, d, (int64_t)l);
    return FQP_OK;
}

enum { INPUTS_OF_UNIFORM = 16 };

/* Sums over many independent weights are Gaussian whatever the weights are; those of the first layer are over d. */
static fqp_status check_first_sums(fqp_ctx *ctx, const fqp_model_opts *o, int64_t d) {
    fqpi_spread weight, bias;
    fqpi_model_spreads(o, 0, d, o->hidden.n ? o->hidden.v[0] : 1, &weight, &bias);
    if (!o->hidden.n || !weight.uniform || d >= INPUTS_OF_UNIFORM)
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                     "model.init: %s draws weights uniformly, and sums over %lld of them are not Gaussian, as the "
                     "kernel of an infinitely wide network assumes (%d inputs are many enough); take a normal rule "
                     "(glorot_normal, he_normal, lecun_normal, ntk, normal) or the empirical kernel",
                     fqp_init_name((size_t)o->init, NULL), (long long)d, INPUTS_OF_UNIFORM);
}

fqp_status fqp_ntk_infinite(fqp_ctx *ctx, const fqp_model_opts *opts, int64_t d, fqp_ntk **out) {
    if (!ctx || !out)
        return FQP_E_ARG;
    const fqp_model_opts *o = opts ? opts : &fqpi_model_defaults;
    size_t n;
    fqp_status s = fqp_ntk_layers_of(ctx, o, d, 0, NULL, &n);
    s = s ? s : check_first_sums(ctx, o, d);
    if (s)
        return s;
    if (o->output != 0)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                         "model.output: the kernel after %s depends on the outputs, which are random; an infinitely "
                         "wide network has a kernel for output linear",
                         fqpi_output_row(o->output)->name);
    fqp_ntk_layer *layer = fqpi_alloc(ctx, n, sizeof *layer);
    if (!layer)
        return FQP_E_NOMEM;
    s = fqp_ntk_layers_of(ctx, o, d, n, layer, &n);
    s = s ? s : create(ctx, "fqp_ntk_infinite", n, layer, d, out);
    fqpi_free(layer);
    return s;
}
