/* reach.c - how far a network's settings reach: frequencies beyond the Nyquist frequency of the training points, and
 * more parts than there are points.
 *
 * A wave of b cycles per unit and one of b - 2 Nyquist are the same on a grid: what a network puts there is decided by
 * its start and not by the data.  Frequencies are those at the start of training, along one axis:
 *   first layer   omega |W| / (2 pi), |W| the bound of uniform weights or the standard deviation of normal ones
 *   features      the standard deviation of drawn frequencies, the largest of given ones
 *   filters       of q filters with weights U(+-s/sqrt(q d)) the product's frequencies add up to a standard deviation
 * of s/(2 pi sqrt(3 d)), times sqrt(E gamma) of Gabor filters (Fathony et al., ICLR 2021) grids         one wave in two
 * of the finest cells */
#include "activation.h"
#include "conf.h"
#include "data_i.h"
#include "exp.h"
#include "fail.h"
#include "init.h"
#include "kernel.h"
#include "nonlinearity.h"

#include <fqp/model.h>
#include <fqp/remedy.h>
#include <fqp/train.h>

#include <math.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

static bool called(const char *(*names)(size_t, const char **), int i, const char *name) {
    const char *it = names((size_t)i, NULL);
    return it && strcmp(it, name) == 0;
}

static bool embeds(const fqp_model_opts *o, const char *name) {
    return called(fqp_embedding_name, o->embedding, name);
}

/* One number for all axes, or one for each. */
static double along(const fqp_reals *list, int axis, double otherwise) {
    return list->n == 0 ? otherwise : list->v[list->n == 1 || (size_t)axis >= list->n ? 0 : axis];
}

/* ---- the first layer -------------------------------------------------------------------------------------------- */

/* Does the first layer see the coordinates, without filters? */
static bool bare(const fqp_model_opts *o) {
    return embeds(o, "identity") && called(fqp_filter_name, o->filters, "none") && o->hidden.n > 0;
}

static bool turns(const fqp_model_opts *o) {
    const int act = fqpi_nonlinearity_of(o, 0).act;
    return bare(o) && (act == FQPI_ACT_SIN || fqpi_activation_row(act)->omega0);
}

/* The size of its weights without model.first_scale. */
static double weights(const fqp_model_opts *o, int64_t d) {
    const fqpi_init_layer of = {.in = d,
                                .out = o->hidden.v[0],
                                .weight_std = o->weight_std,
                                .omega0 = fqpi_nonlinearity_omega0(o, 0),
                                .hidden_fans = (double)(d + o->hidden.v[0]),
                                .ntk = o->parameters == 1};
    const double size = o->first_std > 0 ? o->first_std : fqpi_init_row(o->init)->weight(&of).size;
    return of.ntk ? size / sqrt((double)d) : size;
}

static double first_layer(const fqp_model_opts *o, int64_t d) {
    const double factor = o->first_scale > 0 ? o->first_scale : 1;
    return fqpi_nonlinearity_of(o, 0).omega * weights(o, d) * factor / (2 * PI);
}

static double of_omegas(const fqp_model_opts *o, int64_t d, int axis) {
    (void)axis;
    return turns(o) && o->omegas.n > 0 ? first_layer(o, d) : 0;
}

static double of_first_omega0(const fqp_model_opts *o, int64_t d, int axis) {
    (void)axis;
    return turns(o) && o->omegas.n == 0 && o->first_omega0 > 0 ? first_layer(o, d) : 0;
}

static bool takes_omega0(const fqp_model_opts *o) {
    return o->init == FQPI_INIT_SIREN || fqpi_activation_row(fqpi_nonlinearity_of(o, 0).act)->omega0;
}

static double of_omega0(const fqp_model_opts *o, int64_t d, int axis) {
    (void)axis;
    const bool own = turns(o) && o->omegas.n == 0 && !(o->first_omega0 > 0);
    return own && takes_omega0(o) ? first_layer(o, d) : 0;
}

static double of_parameter(const fqp_model_opts *o, int64_t d, int axis) {
    (void)axis;
    const bool own = turns(o) && o->omegas.n == 0 && !(o->first_omega0 > 0);
    return own && !takes_omega0(o) ? first_layer(o, d) : 0;
}

static double of_first_scale(const fqp_model_opts *o, int64_t d, int axis) {
    (void)axis;
    return bare(o) && !turns(o) && o->first_scale > 1 ? first_layer(o, d) : 0;
}

/* MscaleDNN's branch of scale a is to learn angular frequencies near a (Liu, Cai & Xu 2007.11207): weights of 1. */
static double of_scales(const fqp_model_opts *o, int64_t d, int axis) {
    (void)d, (void)axis;
    return bare(o) && !turns(o) && !(o->first_scale > 1) && o->scales.n > 0 ? 1 / (2 * PI) : 0;
}

/* ---- features, gates, filters, grids ---------------------------------------------------------------------------- */

static double of_sigma(const fqp_model_opts *o, int64_t d, int axis) {
    (void)d;
    return embeds(o, "fourier") ? along(&o->feature_sigma, axis, 1) : 0;
}

static double of_basic(const fqp_model_opts *o, int64_t d, int axis) {
    (void)d, (void)axis;
    return embeds(o, "basic") ? 1 : 0;
}

static double of_octaves(const fqp_model_opts *o, int64_t d, int axis) {
    (void)d, (void)axis;
    if (!embeds(o, "positional") || called(fqp_feature_steps_name, o->feature_steps, "whole"))
        return 0;
    return called(fqp_feature_steps_name, o->feature_steps, "fine") ? exp2(o->feature_octaves) - 1
                                                                    : exp2(o->feature_octaves - 1);
}

static double of_harmonics(const fqp_model_opts *o, int64_t d, int axis) {
    (void)axis;
    const bool whole = embeds(o, "positional") && called(fqp_feature_steps_name, o->feature_steps, "whole");
    const int64_t each = o->features / d;
    return whole ? (double)each : 0;
}

static bool gated(const fqp_model_opts *o) {
    return called(fqp_gate_name, o->gate, "phase");
}

static double of_phases(const fqp_model_opts *o, int64_t d, int axis) {
    double most = 0;
    for (size_t i = (size_t)axis; gated(o) && i < o->phases.n; i += (size_t)d)
        most = fmax(most, fabs(o->phases.v[i]));
    return most / (2 * PI);
}

static double of_filters(const fqp_model_opts *o, int64_t d, int axis) {
    (void)axis;
    if (called(fqp_filter_name, o->filters, "none") || o->hidden.n == 0)
        return 0;
    const double spread = o->filter_scale / (2 * PI * sqrt(3 * (double)d)), filters = (double)o->hidden.n;
    const bool gabor = called(fqp_filter_name, o->filters, "gabor") && o->filter_beta > 0;
    return gabor ? spread * sqrt(o->filter_alpha / filters / o->filter_beta) : spread;
}

static double of_grid(const fqp_model_opts *o, int64_t d, int axis) {
    (void)d;
    const double side = along(&o->grid_upper, axis, 1) - along(&o->grid_lower, axis, -1);
    return embeds(o, "grid") && side > 0 ? (double)o->grid_finest / (2 * side) : 0;
}

/* ---- frequencies beyond the points ------------------------------------------------------------------------------ */

/* A key that brings frequencies into the network: the highest of them along an axis of a branch of scale 1, 0 when it
 * brings none. */
typedef struct brings {
    const char *key;
    double (*highest)(const fqp_model_opts *o, int64_t d, int axis);
    const char *what;
    bool scaled; /* model.scales multiply it */
} brings;

static const brings rows[] = {
    {"model.feature_sigma", of_sigma, "the spread of the features", true},
    {"model.embedding", of_basic, "the one wave of basic features", true},
    {"model.feature_octaves", of_octaves, "the highest of the features", true},
    {"model.features", of_harmonics, "the highest harmonic", true},
    {"model.grid_finest", of_grid, "a wave in two of the finest cells", true},
    {"model.omegas", of_omegas, "the fastest neuron of the first layer", true},
    {"model.first_omega0", of_first_omega0, "the fastest neuron of the first layer", true},
    {"model.omega0", of_omega0, "the fastest neuron of the first layer", true},
    {"model.activation_param", of_parameter, "the fastest neuron of the first layer", true},
    {"model.first_scale", of_first_scale, "the steepest neuron of the first layer", true},
    {"model.scales", of_scales, "a weight of 1", true},
    {"model.filter_scale", of_filters, "the spread of the filters' product", false},
    {"model.phases", of_phases, "the highest phase", false},
};

static double largest_scale(const fqp_model_opts *o) {
    double most = o->scales.n ? 0 : 1;
    for (size_t i = 0; i < o->scales.n; i++)
        most = fmax(most, fabs(o->scales.v[i]));
    return most;
}

/* Along the axis where it is worst; the key to blame is that of the scales where the rest alone would do. */
static void warn_of(fqp_ctx *ctx, const fqp_model_opts *o, const fqp_facts *f, const brings *row) {
    const double scale = row->scaled ? largest_scale(o) : 1;
    double most = 0, worst = 1 + 1e-9;
    int axis = -1;
    for (int a = 0; a < f->d; a++) {
        const double high = scale * row->highest(o, f->d, a);
        if (!(f->nyquist[a] > 0 && high / f->nyquist[a] > worst))
            continue;
        worst = high / f->nyquist[a];
        most = high;
        axis = a;
    }
    if (axis < 0)
        return;
    const bool scales = most / scale <= f->nyquist[axis] && scale > 1;
    char where[32] = "";
    if (f->d > 1)
        fqpi_print(where, sizeof where, " along axis %d", axis);
    fqpi_log(ctx, FQP_LOG_WARN,
             "%s: %s%s, %.3g cycles per unit%s, is above the Nyquist frequency of the training points, %.3g: between "
             "them the fit is free",
             scales ? "model.scales" : row->key, row->what, scale != 1 ? " times the largest scale" : "", most, where,
             f->nyquist[axis]);
}

static void warn_of_features(fqp_ctx *ctx, const fqp_model_opts *o, int64_t n) {
    const bool counted = embeds(o, "fourier") ||
                         (embeds(o, "positional") && !called(fqp_feature_steps_name, o->feature_steps, "octaves"));
    if (counted && o->features > n)
        fqpi_log(ctx, FQP_LOG_WARN,
                 "model.features: %lld frequencies are more than the %lld training points: half as many pass through "
                 "all of them, and between them the fit is free",
                 (long long)o->features, (long long)n);
}

/* ---- more parts than points -------------------------------------------------------------------------------------- */

typedef struct parts {
    const char *key;
    int64_t (*count)(const fqp_config *c, int64_t d);
    const char *what, *advice;
} parts;

static int64_t count_scales(const fqp_config *c, int64_t d) {
    (void)d;
    const fqp_model_opts *o = fqp_config_section(c, "model");
    return (int64_t)o->scales.n;
}

static int64_t count_phases(const fqp_config *c, int64_t d) {
    const fqp_model_opts *o = fqp_config_section(c, "model");
    return gated(o) && d > 0 ? (int64_t)o->phases.n / d : 0;
}

static int64_t count_bands(const fqp_config *c, int64_t d) {
    (void)d;
    const fqp_train_opts *o = fqp_config_section(c, "train");
    return o->stages > 1 && called(fqp_stage_kind_name, o->stage_kind, "bands") ? o->stages : 0;
}

static const parts counts[] = {
    {"model.scales", count_scales, "branches, one for each scale,", "give at most %lld scales"},
    {"model.phases", count_phases, "pairs of branches, one for each phase,", "give at most %lld phases"},
    {"train.stages", count_bands, "networks for bands of the spectrum", "set at most %lld, and a larger band_width"},
};

fqp_status fqpi_reach_check(fqp_ctx *ctx, const fqp_config *c, int64_t n, int64_t d) {
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        const int64_t count = counts[i].count(c, d);
        if (count <= n)
            continue;
        char advice[96];
        fqpi_print(advice, sizeof advice, counts[i].advice, (long long)n);
        const fqp_status bad =
            fqpi_config_fail(ctx, c, counts[i].key, FQP_E_CONFIG,
                             "%lld %s are more than the %lld training points, which hold no more frequencies than "
                             "that; %s",
                             (long long)count, counts[i].what, (long long)n, advice);
        s = s ? s : bad;
    }
    return s;
}

fqp_status fqpi_reach_look(fqp_ctx *ctx, const fqp_config *c, const fqp_dataset *data) {
    const fqp_model_opts *o = fqp_config_section(c, "model");
    const fqp_status s = fqpi_reach_check(ctx, c, data->n, data->d);
    if (s || data->d > FQP_FACTS_AXES)
        return s;
    warn_of_features(ctx, o, data->n);
    if (data->coordinate.data) /* a curve samples itself, not the plane around it */
        return FQP_OK;
    fqp_facts f;
    fqpi_facts_sampling(ctx, data, &f);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        warn_of(ctx, o, &f, &rows[i]);
    return FQP_OK;
}
