/* layers.c - section monitor.layers: effective targets and information of hidden layers, stored while training. */
#include "fail.h"
#include "looks.h"
#include "mem.h"

#include <fqp/layers.h>
#include <fqp/model.h>
#include <math.h>
#include <stddef.h>

#define KEY(word) .name = #word, .offset = offsetof(fqp_layers_opts, word)

static const fqp_key keys[] = {
    {KEY(every), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e9,
     .help = "The hidden layers are looked at with every so many recorded frames, and at the end; 0: never [frames]."},
    {KEY(points), .type = FQP_KEY_INT, .deflt = "1000", .min = 0, .max = 1e9,
     .help = "Monitored points they are looked at with, evenly taken; 0: all."},
    {KEY(widths), .type = FQP_KEY_INT, .deflt = "60", .min = 0, .max = 10000,
     .help = "Filter widths for the low-frequency ratio of each layer's effective target; 0: none."},
    {KEY(low), .type = FQP_KEY_REAL, .deflt = "0.1", .min = 0, .max = 1e12, .open_min = true,
     .help = "Smallest 1/delta, features having mean norm 1."},
    {KEY(high), .type = FQP_KEY_REAL, .deflt = "1e5", .min = 0, .max = 1e12, .open_min = true,
     .help = "Largest 1/delta."},
    {KEY(bins), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 65536,
     .help = "Bins of every neuron's range for the information plane; 0: no information."},
};
const fqp_section fqp_layers_section = {.name = "monitor.layers",
                                        .help = "Hidden layers while training: their effective targets, their "
                                                "information.",
                                        .keys = keys,
                                        .nkeys = sizeof keys / sizeof *keys,
                                        .size = sizeof(fqp_layers_opts)};

enum { LFR, RDF, MEAN, INFORMATION, SERIES };
static const char *const series[] = {
    [LFR] = "lfr", [RDF] = "rdf", [MEAN] = "mean", [INFORMATION] = "information", [SERIES] = NULL};

typedef struct layers {
    fqpi_looks looks; /* first: of the same address */
    fqp_ctx *ctx;
    const fqp_model *model; /* borrowed */
    const fqp_layers_opts *o;
    int64_t n, hidden;   /* points, layers */
    fqp_array x, y;      /* [n, d], [n, m] f64 */
    double *h;           /* [n, widest] */
    double *k;           /* [widths] 1/delta */
    double *lfr, *rdf;   /* [hidden, widths] */
    double *mean;        /* [hidden] */
    double *information; /* [hidden, 2] */
    bool bounded;        /* activations lie in [-1, 1] */
    void *block;
} layers;

/* ---- create, destroy ------------------------------------------------------------------------------------------- */

static fqp_status alloc_all(layers *l) {
    int64_t widest = 1;
    for (int64_t i = 0; i < l->hidden; i++) {
        const int64_t width = fqp_model_hidden_width(l->model, i + 1);
        widest = width > widest ? width : widest;
    }
    const size_t hidden = (size_t)l->hidden, widths = (size_t)l->o->widths;
    double *block = fqpi_alloc(l->ctx, (size_t)(l->n * widest) + widths + hidden * (2 * widths + 3), sizeof *block);
    if (!block)
        return FQP_E_NOMEM;
    l->block = block;
    l->h = block;
    l->k = l->h + l->n * widest;
    l->lfr = l->k + widths;
    l->rdf = l->lfr + hidden * widths;
    l->mean = l->rdf + hidden * widths;
    l->information = l->mean + hidden;
    for (size_t i = 0; i < widths; i++)
        l->k[i] = l->o->low * pow(l->o->high / l->o->low, (double)i / (double)(widths - 1));
    return FQP_OK;
}

/* tanh, sin, sigmoid and the like: |sigma| <= 1 as far as anyone can see. */
static bool is_bounded(const fqp_config *config) {
    const fqp_model_opts *model = fqp_config_section(config, "model");
    const int first = model->first_activation > 0 ? model->first_activation - 1 : model->activation;
    for (double z = -50; z <= 50; z += 0.125) {
        double f[4], of_first[4];
        fqp_activation_eval(model->activation, model->activation_param, z, f);
        fqp_activation_eval(first, model->activation_param, z, of_first);
        if (!(fabs(f[0]) <= 1 && fabs(of_first[0]) <= 1))
            return false;
    }
    return true;
}

fqp_status fqpi_layers_check(fqp_ctx *ctx, const fqp_config *config) {
    const fqp_layers_opts *o = fqp_config_section(config, "monitor.layers");
    const fqp_model_opts *model = fqp_config_section(config, "model");
    const struct {
        bool wrong;
        const char *key, *why;
    } rows[] = {{model->hidden.n == 0, "every", "the network has no hidden layer"},
                {o->widths == 1 || o->widths == 2, "widths", "at least 3 are needed"},
                {o->widths > 0 && !(o->high > o->low), "high", "is not above monitor.layers.low"},
                {o->widths == 0 && o->bins == 0, "every", "neither widths nor bins are asked for"},
                {o->bins == 1, "bins", "one bin holds no information"}};
    for (size_t i = 0; o->every > 0 && i < sizeof rows / sizeof *rows; i++)
        if (rows[i].wrong) {
            char key[64];
            fqpi_print(key, sizeof key, "monitor.layers.%s", rows[i].key);
            const fqp_origin at = fqp_config_origin(config, key);
            return fqpi_fail(ctx, FQP_E_CONFIG, &at, "%s: %s", key, rows[i].why);
        }
    return FQP_OK;
}

static fqp_status look(fqpi_looks *looks, int64_t step);
static void release(fqpi_looks *looks);

fqp_status fqpi_layers_create(const fqpi_looking *at, fqpi_looks **out) {
    const fqp_layers_opts *o = fqp_config_section(at->config, "monitor.layers");
    const int64_t hidden = fqp_model_layers(at->model) - 1, all = at->x.shape[0];
    if (o->every == 0)
        return FQP_OK;
    fqp_status s = fqpi_layers_check(at->ctx, at->config);
    if (s)
        return s;
    layers *l = fqpi_calloc(at->ctx, 1, sizeof *l);
    if (!l)
        return FQP_E_NOMEM;
    fqpi_looks_begin(&l->looks, at, "layers", series, o->every, look, release);
    l->ctx = at->ctx;
    l->model = at->model;
    l->o = o;
    l->hidden = hidden;
    l->n = o->points > 0 && o->points < all ? o->points : all;
    l->bounded = is_bounded(at->config);
    s = fqpi_looks_rows(at->ctx, at->x, l->n, &l->x);
    if (!s)
        s = fqpi_looks_rows(at->ctx, at->y, l->n, &l->y);
    if (!s)
        s = alloc_all(l);
    if (s)
        release(&l->looks);
    else
        *out = &l->looks;
    return s;
}

static void release(fqpi_looks *looks) {
    layers *l = (layers *)looks;
    fqp_array_free(&l->x);
    fqp_array_free(&l->y);
    fqpi_free(l->block);
    fqpi_free(l);
}

/* ---- one look -------------------------------------------------------------------------------------------------- */

/* Information of layer i, whose outputs [n, w] are in l->h.  Activations without bounds are binned between their own
 * smallest and largest value. */
static fqp_status inform(layers *l, int64_t i, int64_t w) {
    double low = -1, high = 1;
    for (int64_t j = 0; j < l->n * w && !l->bounded; j++) {
        low = j ? fmin(low, l->h[j]) : l->h[j];
        high = j ? fmax(high, l->h[j]) : l->h[j];
    }
    if (!(high > low))
        high = low + 1;
    fqp_information found;
    fqp_status s =
        fqp_layer_information(l->ctx, fqp_view_2d(l->h, l->n, w), fqp_array_view(&l->y), l->o->bins, low, high, &found);
    if (s)
        return s;
    l->information[2 * i] = found.xt;
    l->information[2 * i + 1] = found.ty;
    return FQP_OK;
}

static fqp_status measure(layers *l, int64_t i) {
    const int64_t w = fqp_model_hidden_width(l->model, i + 1);
    fqp_status s = fqp_model_hidden(l->ctx, l->model, i + 1, fqp_array_view(&l->x), l->h);
    const int64_t at = i * l->o->widths;
    if (!s && l->o->widths > 0)
        s = fqp_effective_target(l->ctx, fqp_view_2d(l->h, l->n, w), fqp_array_view(&l->y), (size_t)l->o->widths, l->k,
                                 l->lfr + at, l->rdf + at, &l->mean[i]);
    return !s && l->o->bins > 0 ? inform(l, i, w) : s;
}

static fqp_status put_widths(layers *l) {
    char name[FQPI_NAME];
    fqp_array delta = {0};
    fqp_status s = fqp_array_create(l->ctx, FQP_F64, 1, &l->o->widths, &delta);
    for (int64_t i = 0; i < l->o->widths && !s; i++)
        ((double *)delta.data)[i] = 1 / l->k[i];
    fqpi_print(name, sizeof name, "%s/delta", l->looks.folder);
    if (!s)
        s = fqp_store_put(l->looks.store, name, fqp_array_view(&delta));
    fqp_array_free(&delta);
    return s;
}

static fqp_status look(fqpi_looks *looks, int64_t step) {
    layers *l = (layers *)looks;
    const int64_t spectrum[] = {l->hidden, l->o->widths}, pair[] = {l->hidden, 2};
    fqp_view v[SERIES] = {0};
    if (l->o->widths > 0) {
        v[LFR] = fqp_view_make(l->lfr, FQP_F64, 2, spectrum);
        v[RDF] = fqp_view_make(l->rdf, FQP_F64, 2, spectrum);
        v[MEAN] = fqp_view_1d(l->mean, l->hidden);
    }
    if (l->o->bins > 0)
        v[INFORMATION] = fqp_view_make(l->information, FQP_F64, 2, pair);
    fqp_status s = looks->last < 0 && l->o->widths > 0 ? put_widths(l) : FQP_OK;
    for (int64_t i = 0; i < l->hidden && !s; i++)
        s = measure(l, i);
    return s ? s : fqpi_looks_put(looks, v, step);
}
