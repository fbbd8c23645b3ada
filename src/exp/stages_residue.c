/* stages_residue.c - multi-stage networks (Wang & Lai, JCP 504:112865, 2307.08934).
 *
 * Stage 0 learns y/eps_0, eps_0 = rms(y).  Stage i learns e/eps_i, e = y - sum so far, eps_i = rms(e), with a first
 * layer of sines whose drawn weights are multiplied by kappa = 2 pi f_d, f_d the dominant frequency of e.  A period of
 * it needs at least 3 points, better 6 to 8: beyond that the network would learn what lies between the points at
 * random. */
#include "dominant.h"
#include "fail.h"
#include "kernel.h"
#include "stages.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { LEAST = 3, BETTER = 6 }; /* points in a period */

static fqp_status check(fqp_ctx *ctx, const fqp_config *c) {
    const fqp_model_opts *model = fqp_config_section(c, "model");
    if (strcmp(fqp_embedding_name((size_t)model->embedding, NULL), "identity") != 0)
        return fqpi_stages_fail_key(ctx, c, "model.embedding",
                                    "later stages of train.stages multiply the first layer's weights by the residue's "
                                    "frequency, which must see the point itself; set identity");
    return FQP_OK;
}

/* Points of a set like this one with `per` of them in a period. */
static double needed(const fqpi_stages *s, const fqpi_dominant *f, double per) {
    return ceil((double)s->data->n * pow(per / f->per_period, (double)s->data->d));
}

static fqp_status frequency(fqpi_stages *s, fqpi_dominant *f, bool *over) {
    const long long stage = (long long)fqpi_stages_done(s);
    const fqp_status st = fqpi_dominant_find(s->ctx, fqp_array_view(&s->data->x), s->data->m, s->now.target, f);
    if (st)
        return st;
    if (f->per_period < LEAST)
        return fqpi_stages_over(s, over,
                                "stage %lld would need %.0f points: its residue has %.4g cycles per unit, %.2g points "
                                "in a period, and %d are the least",
                                stage, needed(s, f, LEAST), f->size, f->per_period, LEAST);
    if (f->per_period < BETTER)
        fqpi_log(s->ctx, FQP_LOG_INFO,
                 "stage %lld has %.2g points in a period of its residue; %d, from %.0f points, are better", stage,
                 f->per_period, BETTER, needed(s, f, BETTER));
    return FQP_OK;
}

static fqp_status later(fqpi_stages *s, bool *over) {
    fqpi_dominant f;
    const fqp_status st = frequency(s, &f, over);
    if (st || *over)
        return st;
    fqp_model_opts *o = &s->now.model;
    const double kappa = 2 * M_PI * f.size;
    if (kappa > 0)
        o->first_scale = kappa * (o->first_scale > 0 ? o->first_scale : 1);
    o->first_activation = 1 + FQPI_ACT_SIN;
    json_t *along = json_array();
    for (int64_t c = 0; c < s->data->d; c++)
        json_array_append_new(along, fqpi_json_real(f.frequency[c]));
    json_object_set_new(s->now.facts, "frequency", along);
    json_object_set_new(s->now.facts, "cycles", fqpi_json_real(f.size));
    json_object_set_new(s->now.facts, "first_scale", fqpi_json_real(o->first_scale));
    json_object_set_new(s->now.facts, "per_period", fqpi_json_real(f.per_period));
    return FQP_OK;
}

static fqp_status next(fqpi_stages *s, bool *over) {
    const int64_t n = s->data->n * s->data->m;
    const double whole = fqpi_rms(s->now.target, n);
    for (int64_t i = 0; i < n; i++)
        s->now.target[i] -= s->base[i];
    const double left = fqpi_rms(s->now.target, n);
    if (fqpi_stages_done(s) > 0 && left <= 4 * DBL_EPSILON * whole)
        return fqpi_stages_over(s, over, "the residue is rounding: %.1e of the target", left / whole);
    s->now.factor = left > 0 ? left : 1;
    return fqpi_stages_done(s) > 0 ? later(s, over) : FQP_OK;
}

const fqpi_stage_kind fqpi_stages_residue = {.check = check, .next = next};
