/* summary.c - summary.json: what the numbers of a run directory say (schema: docs/reference/run-directory.md). */
#include "exp.h"
#include "fail.h"
#include "mem.h"
#include "outputs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const double fqpi_summary_levels[3] = {0.5, 0.1, 0.01};

static const char *const verdict_words[] = {[FQP_ORDER_NA] = "n/a",
                                            [FQP_ORDER_LOW_FIRST] = "low first",
                                            [FQP_ORDER_HIGH_FIRST] = "high first",
                                            [FQP_ORDER_NONE] = "no order"};

/* A probe as all seeds see it: the bins selected on at least half of the seeds that have it. */
typedef struct view {
    const fqpi_trial *t;
    size_t probe; /* place in every seed's list */
    size_t *bin;  /* selected bins in order of the axis */
    size_t n;
} view;

static fqpi_series *series_of(const view *v, size_t seed) {
    return &v->t->seed[seed].probe[v->probe];
}

static double *axis_of(const view *v) {
    return series_of(v, 0)->axis.data;
}

static fqp_status select_bins(view *v) {
    const fqpi_series *s = series_of(v, 0);
    v->bin = fqpi_calloc(v->t->ctx, s->nbins, sizeof *v->bin);
    if (!v->bin)
        return FQP_E_NOMEM;
    const double *axis = axis_of(v);
    for (size_t b = 0; b < s->nbins; b++) {
        size_t votes = 0;
        for (size_t i = 0; i < v->t->nseeds; i++)
            votes += fqpi_series_selected(series_of(v, i), b);
        if (2 * votes < v->t->nseeds)
            continue;
        size_t at = v->n++;
        for (; at > 0 && axis[v->bin[at - 1]] > axis[b]; at--)
            v->bin[at] = v->bin[at - 1];
        v->bin[at] = b;
    }
    return FQP_OK;
}

/* ---- one bin --------------------------------------------------------------------------------------------------- */

/* {"step": [per seed], "median": , "low": , "high": } of t [n], which is sorted on the way. */
static json_t *spread_json(double *t, size_t n) {
    json_t *steps = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(steps, fqpi_json_step(t[i]));
    const fqp_spread s = fqp_spread_of(t, n);
    return json_pack("{s:o, s:o, s:o, s:o}", "step", steps, "median", fqpi_json_step(s.median), "low",
                     fqpi_json_step(s.low), "high", fqpi_json_step(s.high));
}

static json_t *capture_json(const view *v, size_t bin, double *scratch) {
    json_t *out = json_object();
    const double levels[] = {fqpi_summary_levels[0], fqpi_summary_levels[1], fqpi_summary_levels[2], v->t->tau};
    for (size_t l = 0; l < 4; l++) {
        char key[32];
        fqpi_print(key, sizeof key, "%g", levels[l]);
        if (json_object_get(out, key))
            continue; /* tau is often one of the levels */
        for (size_t i = 0; i < v->t->nseeds; i++)
            scratch[i] = fqpi_series_capture(v->t, &v->t->seed[i], series_of(v, i), bin, levels[l]);
        json_object_set_new(out, key, spread_json(scratch, v->t->nseeds));
    }
    return out;
}

static json_t *rate_json(const fqp_rate *r) {
    return json_pack("{s:b, s:o, s:o, s:o, s:o, s:I, s:I, s:o}", "ok", r->ok, "rate",
                     r->ok ? fqpi_json_real(r->rate) : json_null(), "r2", fqpi_json_real(r->r2), "low",
                     r->ok ? fqpi_json_real(r->rate_low) : json_null(), "high",
                     r->ok ? fqpi_json_real(r->rate_high) : json_null(), "first", (json_int_t)r->first, "last",
                     (json_int_t)r->last, "reason", r->ok || !r->reason ? json_null() : json_string(r->reason));
}

static json_t *rates_json(const view *v, size_t bin) {
    json_t *out = json_array();
    for (size_t i = 0; i < v->t->nseeds; i++) {
        const fqpi_seed *seed = &v->t->seed[i];
        const fqpi_series *s = series_of(v, i);
        const double *error = (const double *)s->error.data + bin;
        fqp_rate r = {0};
        fqp_rate_fit(seed->step.data, error, s->frames, s->nbins,
                     fqp_capture_frame(error, s->frames, s->nbins, v->t->tau, v->t->hold), &r);
        json_array_append_new(out, rate_json(&r));
    }
    return out;
}

static json_t *bin_json(const view *v, size_t bin, double *scratch) {
    const fqpi_series *s = series_of(v, 0);
    json_t *final = json_array();
    for (size_t i = 0; i < v->t->nseeds; i++) {
        const fqpi_series *each = series_of(v, i);
        json_array_append_new(final, each->frames ? fqpi_json_real(fqpi_series_error(each, each->frames - 1, bin))
                                                  : json_null());
    }
    return json_pack("{s:I, s:s, s:f, s:o, s:o, s:o, s:o, s:o}", "bin", (json_int_t)bin, "label",
                     fqpi_series_label(s, bin), "axis", axis_of(v)[bin], "target",
                     fqpi_json_real(fqpi_series_target(s, bin)), "capture", capture_json(v, bin, scratch), "rate",
                     rates_json(v, bin), "forecast", fqpi_forecasts(v->t, v->probe, bin), "error_final", final);
}

/* ---- order ----------------------------------------------------------------------------------------------------- */

static json_t *order_json(const fqp_order *o) {
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:b}", "verdict", verdict_words[o->verdict], "kendall",
                     fqpi_json_real(o->kendall), "p_low", fqpi_json_real(o->p_low), "p_high", fqpi_json_real(o->p_high),
                     "gap", fqpi_json_real(o->gap), "monotone", o->monotone);
}

/* Orders of every seed and of the median times.  axis, times: [n] and [n] scratch; all: [seeds] scratch. */
static void judge(const view *v, double *axis, double *times, double *all, json_t *out) {
    json_t *seeds = json_array();
    for (size_t b = 0; b < v->n; b++)
        axis[b] = axis_of(v)[v->bin[b]];
    fqp_order o;
    for (size_t i = 0; i < v->t->nseeds; i++) {
        for (size_t b = 0; b < v->n; b++)
            times[b] = fqpi_series_capture(v->t, &v->t->seed[i], series_of(v, i), v->bin[b], v->t->tau);
        fqp_order_judge(axis, times, v->n, &o);
        json_array_append_new(seeds, order_json(&o));
    }
    for (size_t b = 0; b < v->n; b++) {
        for (size_t i = 0; i < v->t->nseeds; i++)
            all[i] = fqpi_series_capture(v->t, &v->t->seed[i], series_of(v, i), v->bin[b], v->t->tau);
        times[b] = fqp_spread_of(all, v->t->nseeds).median;
    }
    fqp_order_judge(axis, times, v->n, &o);
    json_object_set_new(out, "order", seeds);
    json_object_set_new(out, "order_median", order_json(&o));
}

/* The filter compares the two parts of each width over the frames, not capture times over an axis. */
static const char *share_verdict(double share) {
    return isnan(share) ? "n/a" : share >= 0.9 ? "low first" : share <= 0.1 ? "high first" : "no order";
}

static json_t *share_order(double share) {
    return json_pack("{s:s, s:o, s:n, s:n, s:n, s:n, s:b}", "verdict", share_verdict(share), "low_share",
                     fqpi_json_real(share), "kendall", "p_low", "p_high", "gap", "monotone", 0);
}

static void judge_filter(const view *v, double *all, json_t *out) {
    json_t *seeds = json_array(), *widths = json_array();
    for (size_t i = 0; i < v->t->nseeds; i++) {
        all[i] = fqpi_series_low_share(&v->t->seed[i], series_of(v, i), -1);
        json_array_append_new(seeds, share_order(all[i]));
    }
    json_object_set_new(out, "order", seeds);
    json_object_set_new(out, "order_median", share_order(fqp_spread_of(all, v->t->nseeds).median));
    const fqpi_series *s = series_of(v, 0);
    for (size_t b = 0; b < s->nbins; b++) {
        bool low;
        const int64_t pair = fqpi_series_pair(s, b, &low);
        if (pair < 0 || !low)
            continue;
        json_t *shares = json_array();
        for (size_t i = 0; i < v->t->nseeds; i++)
            json_array_append_new(shares,
                                  fqpi_json_real(fqpi_series_low_share(&v->t->seed[i], series_of(v, i), (int64_t)b)));
        json_array_append_new(widths, json_pack("{s:f, s:I, s:I, s:o}", "delta", axis_of(v)[b], "low", (json_int_t)b,
                                                "high", (json_int_t)pair, "low_share", shares));
    }
    json_object_set_new(out, "widths", widths);
}

/* ---- probes and the whole -------------------------------------------------------------------------------------- */

static json_t *masked_json(const fqpi_series *s) {
    json_t *out = json_array();
    for (size_t b = 0; b < s->nbins; b++)
        if (!fqpi_series_valid(s, b))
            json_array_append_new(out, json_string(fqpi_series_label(s, b)));
    return out;
}

static json_t *probe_json(fqp_ctx *ctx, const fqpi_trial *t, size_t probe) {
    view v = {.t = t, .probe = probe};
    const fqpi_series *s = series_of(&v, 0);
    const size_t room = s->nbins + t->nseeds;
    double *scratch = fqpi_calloc(ctx, 2 * s->nbins + room, sizeof *scratch);
    json_t *out = NULL;
    if (scratch && select_bins(&v) == FQP_OK) {
        double *axis = scratch, *times = axis + s->nbins, *all = times + s->nbins;
        out = json_pack("{s:s, s:s, s:s, s:f, s:s}", "name", s->name, "axis_name", s->axis_name, "axis_unit",
                        s->axis_unit, "wavenumber", s->wavenumber, "note", s->note);
        json_t *bins = json_array();
        for (size_t b = 0; b < v.n; b++)
            json_array_append_new(bins, bin_json(&v, v.bin[b], all));
        json_object_set_new(out, "bins", bins);
        if (strcmp(s->name, "filter") == 0)
            judge_filter(&v, all, out);
        else
            judge(&v, axis, times, all, out);
        json_object_set_new(out, "masked", masked_json(s));
        json_object_set_new(out, "backtest", fqpi_backtests(t, probe, v.bin, v.n));
    }
    fqpi_free(v.bin);
    fqpi_free(scratch);
    return out;
}

static const char *why_ended(const json_t *manifest, int64_t seed) {
    const json_t *ended = json_object_get(manifest, "ended");
    for (size_t i = 0; i < json_array_size(ended); i++) {
        const json_t *e = json_array_get(ended, i);
        if (json_integer_value(json_object_get(e, "seed")) == seed)
            return json_string_value(json_object_get(e, "why"));
    }
    return NULL;
}

/* PSNR of every seed's last frame, where it is a signal that was learnt. */
static json_t *psnr_json(const fqpi_trial *t) {
    json_t *list = json_array();
    for (size_t i = 0; i < t->nseeds; i++) {
        const fqpi_seed *s = &t->seed[i];
        const bool some = s->frames > 0 && s->psnr.data && s->psnr.shape[0] >= (int64_t)s->frames;
        json_array_append_new(list, some ? fqpi_json_real(((const double *)s->psnr.data)[s->frames - 1]) : json_null());
    }
    return list;
}

static json_t *final_json(const fqpi_trial *t) {
    json_t *step = json_array(), *loss = json_array(), *accuracy = json_array(), *seconds = json_array(),
           *stopped = json_array();
    for (size_t i = 0; i < t->nseeds; i++) {
        const fqpi_seed *s = &t->seed[i];
        const size_t f = s->frames ? s->frames - 1 : 0;
        const bool some = s->frames > 0;
        json_array_append_new(step, some ? json_integer(((const int64_t *)s->step.data)[f]) : json_null());
        const struct {
            json_t *list;
            const fqp_array *from;
        } table[] = {{loss, &s->loss}, {accuracy, &s->accuracy}, {seconds, &s->seconds}};
        for (size_t k = 0; k < sizeof table / sizeof *table; k++)
            json_array_append_new(table[k].list,
                                  some ? fqpi_json_real(((const double *)table[k].from->data)[f]) : json_null());
        const char *why = why_ended(t->manifest, s->number);
        json_array_append_new(stopped, why ? json_string(why) : json_null());
    }
    json_t *out = json_pack("{s:o, s:o, s:o, s:o, s:o}", "step", step, "loss", loss, "accuracy", accuracy, "seconds",
                            seconds, "stopped", stopped);
    if (t->nseeds && t->seed[0].psnr.data)
        json_object_set_new(out, "psnr", psnr_json(t));
    return out;
}

/* Seeds of one run share their probes; a seed killed before its first frame has none and is left out. */
static size_t complete_seeds(const fqpi_trial *t) {
    size_t n = 0;
    while (n < t->nseeds && t->seed[n].nprobes == t->seed[0].nprobes && t->seed[n].frames > 0)
        n++;
    return n;
}

json_t *fqpi_summary_build(fqp_ctx *ctx, const fqpi_trial *whole) {
    fqpi_trial t = *whole;
    t.nseeds = complete_seeds(whole);
    json_t *frames = json_array(), *seeds = json_array(), *probes = json_array();
    for (size_t i = 0; i < t.nseeds; i++) {
        json_array_append_new(frames, json_integer((json_int_t)t.seed[i].frames));
        json_array_append_new(seeds, json_integer(t.seed[i].number));
    }
    for (size_t p = 0; t.nseeds && p < t.seed[0].nprobes; p++)
        json_array_append_new(probes, probe_json(ctx, &t, p));
    json_t *out = json_pack("{s:i, s:s, s:f, s:I, s:o, s:o, s:o, s:o, s:[]}", "version", 1, "sentence", "", "tau",
                            t.tau, "hold", (json_int_t)t.hold, "frames", frames, "seeds", seeds, "final",
                            final_json(&t), "probes", probes, "warnings");
    if (!out) {
        fqpi_fail(ctx, FQP_E_INTERNAL, NULL, "the summary could not be put together");
        return NULL;
    }
    json_t *verdicts = fqpi_verdicts_json(&t);
    if (!verdicts) {
        json_decref(out);
        return NULL;
    }
    json_object_set_new(out, "verdict", verdicts);
    fqpi_warnings(&t, out);
    char *sentence = fqpi_sentence(ctx, out, t.manifest);
    json_object_set_new(out, "sentence", json_string(sentence ? sentence : ""));
    fqpi_free(sentence);
    return out;
}

fqp_status fqpi_summarise(fqp_ctx *ctx, fqp_store *store) {
    fqpi_trial t;
    fqp_status s = fqpi_trial_load(ctx, store, &t);
    if (s)
        return s;
    json_t *summary = fqpi_summary_build(ctx, &t);
    if (summary)
        s = fqpi_stop_summary(ctx, store, &t, summary);
    else /* what hindered it was reported */
        s = fqp_ctx_problem_count(ctx) ? fqp_ctx_problem(ctx, 0).status : FQP_E_INTERNAL;
    s = s ? s : fqpi_bands_of_run(ctx, &t, summary);
    const fqp_status put = summary ? fqpi_store_put_json(ctx, store, "summary.json", summary) : s;
    s = s ? s : put;
    json_decref(summary);
    fqpi_trial_free(&t);
    return s;
}

fqp_status fqp_summarise(fqp_ctx *ctx, const char *dir) {
    if (!ctx || !dir)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_summarise: a context and a directory are needed");
    fqp_ctx_problems_clear(ctx);
    if (!fqpi_holds_run(dir))
        return fqpi_fail(ctx, FQP_E_IO, NULL, "%s: no manifest.json here: not a run directory", dir);
    fqp_store *store = NULL;
    fqp_status s = fqp_store_open(ctx, dir, FQP_STORE_RESUME, &store);
    if (s)
        return s;
    s = fqpi_summarise(ctx, store);
    fqpi_kept kept = fqpi_keep(ctx, s);
    fqp_store_close(store);
    return fqpi_restore(ctx, &kept);
}
