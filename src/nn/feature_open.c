/* feature_open.c - which features a network has: checks, layout, drawing. */
#include "elements.h"
#include "fail.h"
#include "feature_pass.h"
#include "gate.h"
#include "loops.h"
#include "mem.h"
#include "rng.h"
#include "window.h"

#include <math.h>
#include <string.h>

static const double TURN = 2 * 3.14159265358979323846;

/* ---- what options ask for ------------------------------------------------------------------------ */

int64_t fqpi_features_gates(const fqp_model_opts *o, int64_t d) {
    return fqpi_gate_row(o->gate)->branches(o, d);
}

static const fqpi_feature_row *learnt(const fqp_model_opts *o) { /* NULL: the embedding is fixed */
    const fqpi_embedding *row = fqpi_embedding_row(o->embedding);
    return row->learnt && (o->train_features || !row->draw) ? row->learnt : NULL;
}

bool fqpi_features_make_inputs(const fqp_model_opts *o) {
    return o->filters != FQPI_FILTERS_NONE || learnt(o);
}

/* ---- checks -------------------------------------------------------------------------------------- */

static fqp_status check_filters(fqp_ctx *ctx, const fqp_model_opts *o) {
    const char *name = fqpi_filter_row(o->filters)->name;
    const int activation = fqpi_model_defaults.activation;
    if (o->hidden.n == 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.filters: %s needs hidden layers, and model.hidden is empty",
                         name);
    if (o->embedding != fqpi_model_defaults.embedding)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.filters: %s takes the place of an embedding; model.embedding %s would not be used",
                         name, fqpi_embedding_row(o->embedding)->name);
    if (o->activation != activation)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.filters: layers are multiplied by %s filters and have no activation; model.activation "
                         "%s would not be used",
                         name, fqpi_activation_row(o->activation)->name);
    if (o->first_activation > 0 || (fqpi_slopes_row(o->slopes)->form && !fqpi_slopes_row(o->slopes)->last))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.%s: layers that are multiplied by %s filters have no activation",
                         o->first_activation > 0 ? "first_activation" : "slopes", name);
    if (o->scales.n > 0 || o->antisymmetric)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.filters: not with %s; frequencies are spread by model.filter_scale",
                         o->antisymmetric ? "model.antisymmetric" : "the branches of model.scales");
    if (!(o->filter_scale > 0 && o->filter_alpha > 0 && o->filter_beta > 0))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.filters: filter_scale %g, filter_alpha %g and filter_beta %g must be above 0",
                         o->filter_scale, o->filter_alpha, o->filter_beta);
    return FQP_OK;
}

static fqp_status check_gates(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o) {
    const fqpi_gate *gate = fqpi_gate_row(o->gate);
    const fqp_status s = gate->check(ctx, d, o);
    if (s)
        return s;
    const int64_t n = gate->branches(o, d);
    if (o->scales.n > 0 || o->antisymmetric)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.gate: its branches are those of %s; not with %s", gate->key,
                         o->antisymmetric ? "model.antisymmetric" : "model.scales");
    for (size_t l = 0; l < o->hidden.n; l++)
        if (o->hidden.v[l] % n)
            return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                             "model.hidden: %lld neurons of layer %zu cannot be shared equally by %lld branches, %s; "
                             "%lld can",
                             (long long)o->hidden.v[l], l + 1, (long long)n, gate->each,
                             (long long)(o->hidden.v[l] + n - 1) / n * n);
    return FQP_OK;
}

static fqp_status check_learning(fqp_ctx *ctx, const fqp_model_opts *o) {
    const fqpi_embedding *row = fqpi_embedding_row(o->embedding);
    if (!row->learnt)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.train_features: embedding %s has nothing to train", row->name);
    if (!isnan(o->feature_decay))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.train_features: amplitudes by model.feature_decay %g belong to fixed frequencies",
                         o->feature_decay);
    return FQP_OK;
}

fqp_status fqpi_features_check(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o) {
    fqp_status s = FQP_OK;
    if (o->filters != FQPI_FILTERS_NONE)
        s = check_filters(ctx, o);
    if (!s && o->gate)
        s = check_gates(ctx, d, o);
    if (!s && o->train_features)
        s = check_learning(ctx, o);
    if (!s && learnt(o) && o->antisymmetric)
        s = fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.antisymmetric: not with the learnt embedding %s",
                      fqpi_embedding_row(o->embedding)->name);
    return s;
}

double fqpi_features_numbers(const fqp_model_opts *o, int64_t d, int64_t layers) {
    const int64_t branches = fqpi_model_branches(o);
    double numbers = o->train_phases ? (double)o->phases.n : 0;
    fqpi_levels levels;
    for (int64_t l = 0; l < layers && o->filters != FQPI_FILTERS_NONE; l++)
        numbers += (double)fqpi_filter_row(o->filters)->numbers(d, o->hidden.v[l]);
    if (learnt(o) == &fqpi_feature_grid) {
        fqpi_levels_lay_out(d, o, 1, &levels);
        numbers += (double)(branches * levels.first[o->grid_levels]);
    } else if (learnt(o)) {
        numbers += (double)(branches * fqpi_embedding_row(o->embedding)->fixed(d, o));
    }
    return numbers;
}

/* ---- layout -------------------------------------------------------------------------------------- */

/* The next feature, with sizes; numbers 0 and trained until it is said otherwise. */
static fqpi_feature *next(fqp_model *net, const fqpi_feature_row *row, int64_t units, int64_t width, int64_t layer) {
    fqpi_feature *f = &net->feature[net->features];
    *f = (fqpi_feature){.row = row,
                        .k = net->k,
                        .loops = fqpi_loops_of(net->k),
                        .d = net->embed.d,
                        .width = width,
                        .units = units,
                        .factor = 1,
                        .layer = layer,
                        .stream = (uint32_t)FQPI_STREAM_FILTER + 4 * (uint32_t)net->features,
                        .slice = -1};
    net->features++;
    return f;
}

/* Numbers behind all others in the flat vector; PARAMETERS_MAX was checked. */
static void train(fqp_model *net, fqpi_feature *f, int64_t numbers) {
    f->at = net->parameters;
    f->numbers = numbers;
    net->parameters += numbers;
}

static void add_embedding(fqp_model *net, const fqp_model_opts *o) {
    const fqpi_feature_row *row = learnt(o);
    const int64_t width = net->embed.width;
    for (int64_t b = 0; b < net->embed.branches; b++) {
        const bool waves = row == &fqpi_feature_waves;
        fqpi_feature *f = next(net, row, width / 2, width, 0);
        f->slice = b * width;
        f->factor = TURN * net->embed.scales[b];
        if (waves) {
            train(net, f, f->units * f->d);
            continue;
        }
        fqpi_levels_lay_out(f->d, o, net->embed.scales[b], &f->levels);
        f->units = o->grid_levels;
        train(net, f, f->levels.first[f->units]);
    }
}

static void add_filters(fqp_model *net, const fqp_model_opts *o) {
    const fqpi_filter_kind *row = fqpi_filter_row(o->filters);
    for (int64_t l = 0; l < net->layers; l++) {
        const int64_t width = net->layer[l].in;
        fqpi_feature *f = next(net, row->feature, width, width, l);
        net->layer[l].feature = net->features - 1;
        f->slice = l == 0 ? 0 : -1;
        train(net, f, row->numbers(f->d, width));
    }
}

static fqp_status add_gates(fqp_ctx *ctx, fqp_model *net, const fqp_model_opts *o) {
    const fqpi_feature_row *row = fqpi_gate_row(o->gate)->feature;
    const bool waves = row == &fqpi_feature_waves;
    const int64_t n = waves ? (int64_t)o->phases.n : 0;
    net->gate = net->features;
    fqpi_feature *f = next(net, row, waves ? net->gates / 2 : net->gates, net->gates, net->layers);
    if (waves && o->train_phases) {
        train(net, f, n);
        return FQP_OK;
    }
    if (!waves)
        fqpi_windows_lay_out(f->d, o, &f->windows);
    f->at = -1;
    f->numbers = n;
    f->fixed = fqpi_calloc(ctx, (size_t)n, net->k->elem);
    return f->fixed ? FQP_OK : FQP_E_NOMEM;
}

static int64_t adjoint_rows(const fqpi_feature *f) {
    return f->row->adjoint ? f->row->adjoint(f) : f->width;
}

/* Rows of the panels, tape.h says which. */
static void place(fqp_model *net) {
    net->more_rows = net->embed.d;
    for (int64_t i = 0; i < net->features; i++) {
        fqpi_feature *f = &net->feature[i];
        f->keep = net->way_rows;
        net->way_rows += f->row->keep ? f->row->keep(f) : 0;
        if (f->slice >= 0) {
            net->inputs_rows = f->slice + adjoint_rows(f);
            continue;
        }
        f->value = net->more_rows;
        net->more_rows += f->width;
        f->adjoint = net->way_rows;
        net->way_rows += adjoint_rows(f);
        if (f->layer == net->layers)
            continue;
        net->layer[f->layer].product = net->way_rows;
        net->way_rows += f->width;
    }
    net->inputs_adjoint = net->way_rows;
    net->way_rows += net->inputs_rows;
    if (net->gates == 0)
        return;
    net->joined = net->more_rows;
    net->more_rows += net->outputs;
    net->joined_adjoint = net->way_rows;
    net->way_rows += net->m;
}

fqp_status fqpi_features_open(fqp_ctx *ctx, fqp_model *net, const fqp_model_opts *o) {
    const bool filtered = o->filters != FQPI_FILTERS_NONE;
    const int64_t most = net->layers + net->embed.branches + 1;
    fqp_status s = FQP_OK;
    for (int64_t l = 0; l < net->layers; l++)
        net->layer[l].feature = -1;
    net->gates = fqpi_features_gates(o, net->embed.d);
    net->makes_inputs = fqpi_features_make_inputs(o);
    if (!net->makes_inputs && net->gates == 0)
        return FQP_OK;
    net->feature = fqpi_calloc(ctx, (size_t)most, sizeof *net->feature);
    if (!net->feature)
        return FQP_E_NOMEM;
    if (filtered)
        add_filters(net, o);
    else if (net->makes_inputs)
        add_embedding(net, o);
    if (net->makes_inputs)
        net->layer[0].feature = 0;
    if (net->gates > 0)
        s = add_gates(ctx, net, o);
    place(net);
    return s;
}

/* ---- drawing ------------------------------------------------------------------------------------- */

static void put(fqp_model *net, const fqpi_feature *f, int64_t at, int64_t n, const double *v) {
    const fqp_dtype t = net->k->dtype;
    fqpi_elem_store(t, n, v, f->fixed ? fqpi_elem_at(t, f->fixed, at) : fqpi_elem_at(t, net->w, f->at + at), 1);
}

/* U(+-1e-4), as Mueller et al. */
static void draw_grid(fqp_model *net, const fqpi_feature *f, uint64_t seed) {
    enum { CHUNK = 512 };
    double v[CHUNK];
    for (int64_t i = 0; i < f->numbers; i += CHUNK) {
        const int64_t n = f->numbers - i < CHUNK ? f->numbers - i : CHUNK;
        for (int64_t k = 0; k < n; k++)
            v[k] = 1e-4 * (2 * fqpi_rng_uniform(seed, f->stream, (uint64_t)(i + k)) - 1);
        put(net, f, i, n, v);
    }
}

static fqp_status draw_filter(fqp_ctx *ctx, fqp_model *net, const fqpi_feature *f, const fqp_model_opts *o,
                              uint64_t seed) {
    double *w = fqpi_alloc(ctx, (size_t)f->numbers, sizeof *w);
    if (!w)
        return FQP_E_NOMEM;
    fqpi_filter_row(o->filters)->draw(f, o, net->layers, seed, w);
    put(net, f, 0, f->numbers, w);
    fqpi_free(w);
    return FQP_OK;
}

fqp_status fqpi_features_draw(fqp_ctx *ctx, fqp_model *net, const fqp_model_opts *o, uint64_t seed) {
    fqp_status s = FQP_OK;
    for (int64_t i = 0; i < net->features && !s; i++) {
        const fqpi_feature *f = &net->feature[i];
        if (f->layer == net->layers)
            put(net, f, 0, f->numbers, o->phases.v);
        else if (o->filters != FQPI_FILTERS_NONE)
            s = draw_filter(ctx, net, f, o, seed);
        else if (f->row == &fqpi_feature_grid)
            draw_grid(net, f, seed);
        else /* learning begins at the frequencies that the embedding drew */
            put(net, f, 0, f->numbers, fqpi_embed_branch(&net->embed, i).fixed);
    }
    if (net->makes_inputs)
        net->embed.numbers = 0;
    return s;
}

/* ---- copies, end --------------------------------------------------------------------------------- */

fqp_status fqpi_features_copy(fqp_ctx *ctx, const fqp_model *from, fqp_model *to) {
    enum { CHUNK = 256 };
    double v[CHUNK];
    to->feature = NULL;
    if (!from->feature)
        return FQP_OK;
    to->feature = fqpi_calloc(ctx, (size_t)from->features, sizeof *to->feature);
    if (!to->feature)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < from->features; i++) {
        fqpi_feature *f = &to->feature[i];
        *f = from->feature[i];
        f->k = to->k;
        f->loops = fqpi_loops_of(to->k);
        f->fixed = NULL;
    }
    for (int64_t i = 0; i < from->features; i++) {
        const fqpi_feature *f = &from->feature[i];
        if (!f->fixed)
            continue;
        to->feature[i].fixed = fqpi_calloc(ctx, (size_t)f->numbers, to->k->elem);
        if (!to->feature[i].fixed)
            return FQP_E_NOMEM;
        for (int64_t k = 0; k < f->numbers; k += CHUNK) {
            const int64_t n = f->numbers - k < CHUNK ? f->numbers - k : CHUNK;
            fqpi_elem_load(from->k->dtype, n, fqpi_elem_in(from->k->dtype, f->fixed, k), 1, v);
            put(to, &to->feature[i], k, n, v);
        }
    }
    return FQP_OK;
}

void fqpi_features_close(fqp_model *net) {
    for (int64_t i = 0; i < net->features && net->feature; i++)
        fqpi_free(net->feature[i].fixed);
    fqpi_free(net->feature);
}
