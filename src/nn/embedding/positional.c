/* positional: frequencies along the axes, the same for each (Tancik et al. 2006.10739, section 6, and Mildenhall et
 * al. 2003.08934, eq. 4).  In cycles per unit, with s = model.feature_octaves:
 *
 *   fine     b = 2^t - 1, features/d values of t evenly in [0, s], as in the experiments of Tancik et al.
 *   octaves  b = 2^j, j = 0 .. s - 1
 *   whole    b = 1 .. features/d: the harmonics of the unit interval
 */
#include "fail.h"
#include "waves.h"

#include <math.h>

typedef struct ladder {
    const char *name, *doc;
    int64_t (*count)(int64_t d, const fqp_model_opts *o); /* of one axis */
    double (*frequency)(const fqp_model_opts *o, int64_t count, int64_t j);
} ladder;

static int64_t share(int64_t d, const fqp_model_opts *o) {
    return o->features / d;
}

static double fine(const fqp_model_opts *o, int64_t count, int64_t j) {
    return exp2(count > 1 ? o->feature_octaves * (double)j / (double)(count - 1) : 0) - 1;
}

static int64_t octave_count(int64_t d, const fqp_model_opts *o) {
    (void)d;
    return (int64_t)o->feature_octaves;
}

static double octave(const fqp_model_opts *o, int64_t count, int64_t j) {
    (void)o, (void)count;
    return exp2((double)j);
}

static double whole(const fqp_model_opts *o, int64_t count, int64_t j) {
    (void)o, (void)count;
    return (double)(j + 1);
}

static const ladder ladders[] = {
    {"fine", "2^t - 1, t evenly from 0 to model.feature_octaves, model.features in all", share, fine},
    {"octaves", "1, 2, 4, ... below 2^model.feature_octaves", octave_count, octave},
    {"whole", "1, 2, 3, ..., model.features in all", share, whole},
};
enum { LADDERS = sizeof ladders / sizeof ladders[0] };

const char *fqp_feature_steps_name(size_t i, const char **doc) {
    if (i >= LADDERS)
        return NULL;
    if (doc)
        *doc = ladders[i].doc;
    return ladders[i].name;
}

static const ladder *row_of(const fqp_model_opts *o) {
    return &ladders[o->feature_steps];
}

static fqp_status check(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o) {
    const ladder *row = row_of(o);
    if (row->count == share && (o->features < d || o->features % d))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.features: %lld frequencies cannot be shared equally by %lld axes; %lld can",
                         (long long)o->features, (long long)d, (long long)(o->features + d) / d * d);
    if (row->count != share && o->feature_octaves != floor(o->feature_octaves))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.feature_octaves: %g octaves do not end on a power of 2; set %g, or "
                         "model.feature_steps fine",
                         o->feature_octaves, ceil(o->feature_octaves));
    if (o->feature_octaves < (row->count == share ? 1e-9 : 1) && row->frequency != whole)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.feature_octaves: embedding positional needs octaves, and has %g", o->feature_octaves);
    if (o->feature_decay > 0 && row->frequency(o, row->count(d, o), 0) == 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.feature_decay: frequency 0 of model.feature_steps %s has no amplitude 0^-%g; set "
                         "octaves or whole",
                         row->name, o->feature_decay);
    return FQP_OK;
}

static int64_t count_of(int64_t d, const fqp_model_opts *o) {
    return d * row_of(o)->count(d, o);
}

static int64_t width(int64_t d, const fqp_model_opts *o) {
    return 2 * count_of(d, o);
}

static int64_t fixed(int64_t d, const fqp_model_opts *o) {
    return fqpi_waves_fixed(d, o, count_of(d, o));
}

static void draw(int64_t d, const fqp_model_opts *o, uint64_t seed, int64_t branch, double *B) {
    const ladder *row = row_of(o);
    const int64_t count = row->count(d, o);
    (void)seed, (void)branch;
    for (int64_t j = 0; j < count; j++)
        for (int64_t c = 0; c < d; c++)
            B[(j * d + c) * d + c] = row->frequency(o, count, j);
    fqpi_waves_amplitudes(d, o, count * d, B);
}

const fqpi_embedding fqpi_embedding_positional = {.name = "positional",
                                                  .doc = "sines and cosines along the axes, frequencies in octaves",
                                                  .check = check,
                                                  .width = width,
                                                  .fixed = fixed,
                                                  .draw = draw,
                                                  .map = fqpi_waves_map,
                                                  .learnt = &fqpi_feature_waves};
