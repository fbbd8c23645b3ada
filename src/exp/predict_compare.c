/* predict_compare.c - the prediction against the run it was made for: the largest difference of every band, the kernel
 * that has moved, and the verdict on the lazy regime. */
#include "fail.h"
#include "mem.h"
#include "predict_i.h"
#include "trained.h"

#include <math.h>
#include <string.h>

static const double CLOSE = 0.05; /* of the error at the start: the prediction holds */
static const double STILL = 0.1;  /* of its norm: the kernel has stood still */

/* ---- error curves ---------------------------------------------------------------------------------------------- */

typedef struct gap {
    double most; /* of |predicted - measured|, in parts of the measured error at the start */
    double step;
} gap;

/* The predicted error at a measured step, between two predicted frames where there is none; NaN past the end. */
static double predicted_at(const fqpi_seed *seed, const fqpi_series *s, size_t bin, int64_t step) {
    const int64_t *at = seed->step.data;
    size_t f = 0;
    while (f < s->frames && at[f] < step)
        f++;
    if (f == s->frames)
        return NAN;
    const double right = fqpi_series_error(s, f, bin);
    if (at[f] == step || f == 0)
        return at[f] == step ? right : NAN;
    const double left = fqpi_series_error(s, f - 1, bin),
                 part = (double)(step - at[f - 1]) / (double)(at[f] - at[f - 1]);
    return left + part * (right - left);
}

static gap gap_of(const fqpi_seed *theory, const fqpi_series *predicted, const fqpi_seed *seed,
                  const fqpi_series *measured, size_t bin) {
    const int64_t *step = seed->step.data;
    gap g = {.most = NAN};
    if (!measured->frames)
        return g;
    const double first = fqpi_series_error(measured, 0, bin), start = first > 0 ? first : 1;
    for (size_t f = 0; f < measured->frames; f++) {
        const double d =
            fabs(predicted_at(theory, predicted, bin, step[f]) - fqpi_series_error(measured, f, bin)) / start;
        if (isfinite(d) && !(d <= g.most))
            g = (gap){d, (double)step[f]};
    }
    return g;
}

static const fqpi_series *of_name(const fqpi_seed *seed, const char *name) {
    for (size_t p = 0; p < seed->nprobes; p++)
        if (strcmp(seed->probe[p].name, name) == 0)
            return &seed->probe[p];
    return NULL;
}

/* Measured captures and differences beside the predicted ones of theory.json; the largest is the answer. */
static gap compare_probe(const fqpi_trial *t, const fqpi_seed *theory, const fqpi_seed *seed, json_t *probe,
                         const char **where) {
    const char *name = json_string_value(json_object_get(probe, "name"));
    const fqpi_series *predicted = of_name(theory, name), *measured = of_name(seed, name);
    gap worst = {.most = NAN};
    json_t *bins = json_object_get(probe, "bins");
    for (size_t i = 0; predicted && measured && i < json_array_size(bins); i++) {
        json_t *bin = json_array_get(bins, i);
        const size_t b = (size_t)json_integer_value(json_object_get(bin, "bin"));
        if (b >= measured->nbins || b >= predicted->nbins)
            continue;
        const gap g = gap_of(theory, predicted, seed, measured, b);
        json_object_set_new(bin, "measured", fqpi_json_step(fqpi_series_capture(t, seed, measured, b, t->tau)));
        json_object_set_new(bin, "difference", fqpi_json_real(g.most));
        json_object_set_new(bin, "difference_step", fqpi_json_step(g.step));
        if (g.most > worst.most || isnan(worst.most)) {
            worst = g;
            *where = fqpi_series_label(measured, b);
        }
    }
    return worst;
}

/* ---- the kernel ------------------------------------------------------------------------------------------------ */

/* Every n/points-th training point. */
static fqp_status sample(fqp_ctx *ctx, fqp_view x, int64_t points, fqp_array *out) {
    const int64_t n = x.shape[0], row = x.ndim > 1 ? x.shape[1] : 1, count = points < n ? points : n;
    const size_t bytes = (size_t)row * fqp_dtype_size(x.dtype);
    fqp_status s = fqp_array_create(ctx, x.dtype, 2, (int64_t[]){count, row}, out);
    for (int64_t i = 0; !s && i < count; i++)
        memcpy((char *)out->data + (size_t)i * bytes, (const char *)x.data + (size_t)(i * n / count) * bytes, bytes);
    return s;
}

static fqp_status kernel_of(fqp_ctx *ctx, const fqp_model *model, fqp_view x, fqp_gram **out) {
    fqp_ntk *k = NULL;
    fqp_status s = fqp_ntk_empirical(ctx, model, fqp_model_outputs(model) > 1 ? FQP_NTK_SUM : 0, &k);
    if (!s)
        s = fqp_gram_of(k, x, NULL, out);
    fqp_ntk_destroy(k);
    return s;
}

/* ||K_end - K_0||/||K_0|| of a seed between some training points. */
static fqp_status drift_of(fqp_ctx *ctx, const char *dir, int64_t seed, const fqp_theory_opts *o, json_t *out) {
    fqpi_trained end = {0};
    fqp_model *start = NULL;
    fqp_array x = {0};
    fqp_gram *before = NULL, *after = NULL;
    double moved = NAN;
    fqp_status s = fqpi_trained_load(ctx, dir, seed, &end);
    if (!s)
        s = fqp_model_create(ctx, end.data->d, end.data->m, fqp_config_section(end.config, "model"), (uint64_t)seed,
                             &start);
    if (!s)
        s = sample(ctx, fqp_array_view(&end.data->x), o->points, &x);
    if (!s)
        s = kernel_of(ctx, start, fqp_array_view(&x), &before);
    if (!s)
        s = kernel_of(ctx, end.model, fqp_array_view(&x), &after);
    if (!s)
        s = fqp_gram_distance(after, before, &moved);
    json_object_set_new(out, "kernel_moved", fqpi_json_real(moved));
    json_object_set_new(out, "kernel_points", s ? json_null() : json_integer(x.shape[0]));
    fqp_gram_destroy(before);
    fqp_gram_destroy(after);
    fqp_array_free(&x);
    fqp_model_destroy(start);
    fqpi_trained_free(&end);
    return s;
}

/* ---- verdict --------------------------------------------------------------------------------------------------- */

static double number(const json_t *j, const char *key) {
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static const char *verdict_of(double moved, double most, bool empirical, bool stable) {
    if (!stable)
        return "unstable";
    if (isnan(most))
        return "nothing to compare";
    if (moved > STILL)
        return "not lazy";
    if (most <= CLOSE)
        return "lazy";
    return empirical ? "not lazy" : "too narrow";
}

/* "Lazy: the kernel moved 3 %, the prediction is within 4 % of the start error." */
static char *sentence(fqp_ctx *ctx, const json_t *theory, const json_t *measured, const char *verdict,
                      const char *axis) {
    const double moved = number(measured, "kernel_moved"), most = number(measured, "difference");
    fqpi_text out = {0};
    char step[40], kernel[80] = "";
    fqpi_number_step(step, sizeof step, number(measured, "difference_step"));
    if (!isnan(moved))
        fqpi_print(kernel, sizeof kernel, "the kernel moved %.2g %%, ", 100 * moved);
    const char *where = json_string_value(json_object_get(measured, "difference_label"));
    if (strcmp(verdict, "unstable") == 0)
        fqpi_text_add(ctx, &out, "Unstable: %s%s, where the theory diverges.", kernel,
                      json_string_value(json_object_get(json_object_get(theory, "stability"), "sentence")));
    else if (strcmp(verdict, "lazy") == 0)
        fqpi_text_add(ctx, &out, "Lazy: %sthe prediction is within %.2g %% of the start error.", kernel, 100 * most);
    else if (isnan(most))
        fqpi_text_add(ctx, &out, "No common band and step to compare.");
    else
        fqpi_text_add(ctx, &out, "%s: %sthe prediction is off by up to %.2g %% of the start error (%s %s, step %s).%s",
                      strcmp(verdict, "not lazy") == 0 ? "Not lazy" : "Not as if infinitely wide", kernel, 100 * most,
                      axis, where ? where : "", step,
                      strcmp(verdict, "too narrow") == 0 ? " Whether its width is the reason, the network's own kernel "
                                                           "tells: --kernel empirical."
                                                         : "");
    return out.s;
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

static const fqpi_seed *seed_of(const fqpi_trial *t, int64_t number) {
    for (size_t i = 0; i < t->nseeds; i++)
        if (t->seed[i].number == number && t->seed[i].frames > 0)
            return &t->seed[i];
    return NULL;
}

/* Largest difference of a seed over all probes; the bins of theory.json are those of `into`, or of a copy. */
static gap compare_seed(const fqpi_trial *t, const fqpi_seed *theory, const fqpi_seed *seed, json_t *into,
                        const char **where, const char **axis) {
    gap worst = {.most = NAN};
    json_t *probes = json_object_get(into, "probes");
    for (size_t p = 0; p < json_array_size(probes); p++) {
        json_t *probe = json_array_get(probes, p);
        const char *label = NULL;
        const gap g = compare_probe(t, theory, seed, probe, &label);
        if (g.most > worst.most || isnan(worst.most)) {
            worst = g;
            *where = label;
            *axis = json_string_value(json_object_get(probe, "axis_name"));
        }
    }
    return worst;
}

static json_t *other_seeds(const fqpi_trial *t, const fqpi_seed *theory, const json_t *of) {
    json_t *out = json_array(), *scratch = json_deep_copy(of);
    for (size_t i = 0; i < t->nseeds; i++) {
        const char *where, *axis;
        const gap g = compare_seed(t, theory, &t->seed[i], scratch, &where, &axis);
        json_array_append_new(
            out, json_pack("{s:I, s:o}", "seed", (json_int_t)t->seed[i].number, "difference", fqpi_json_real(g.most)));
    }
    json_decref(scratch);
    return out;
}

static fqp_status measure(fqp_ctx *ctx, const fqpi_trial *t, const fqpi_seed *theory, json_t *out) {
    const int64_t number_of = json_integer_value(json_object_get(out, "seed"));
    const fqpi_seed *seed = seed_of(t, number_of);
    if (!seed)
        return FQP_OK;
    const char *where = NULL, *axis = "";
    const bool every = json_is_true(json_object_get(out, "every_seed"));
    json_t *measured = json_object();
    if (every)
        json_object_set_new(measured, "seeds", other_seeds(t, theory, out));
    const gap g = compare_seed(t, theory, seed, out, &where, &axis);
    json_object_set_new(measured, "steps", json_integer(((const int64_t *)seed->step.data)[seed->frames - 1]));
    json_object_set_new(measured, "difference", fqpi_json_real(g.most));
    json_object_set_new(measured, "difference_step", fqpi_json_step(g.step));
    json_object_set_new(measured, "difference_label", where ? json_string(where) : json_null());
    char checkpoint[FQPI_NAME];
    fqpi_print(checkpoint, sizeof checkpoint, "%s/checkpoint.npz", seed->folder);
    fqp_config *config = NULL;
    char path[4096 + FQPI_NAME];
    fqpi_print(path, sizeof path, "%s/config.yaml", fqp_store_dir(t->store));
    fqp_status s = fqp_config_load(ctx, path, 0, NULL, &config);
    const fqp_theory_opts *o = s ? NULL : fqp_config_section(config, "theory");
    if (!s && o->drift && fqp_store_has(t->store, checkpoint))
        s = drift_of(ctx, fqp_store_dir(t->store), number_of, o, measured);
    fqp_config_destroy(config);
    const bool stable = json_is_true(json_object_get(json_object_get(out, "stability"), "stable"));
    const bool empirical = strcmp(json_string_value(json_object_get(out, "kernel")), "empirical") == 0;
    const char *verdict = verdict_of(number(measured, "kernel_moved"), g.most, empirical, stable);
    char *words = s ? NULL : sentence(ctx, out, measured, verdict, axis);
    json_object_set_new(measured, "verdict", json_string(verdict));
    json_object_set_new(measured, "sentence", json_string(words ? words : ""));
    json_object_set_new(out, "measured", measured);
    fqpi_free(words);
    return s;
}

fqp_status fqpi_theory_compare(fqp_ctx *ctx, const fqp_store *store, json_t *theory) {
    fqpi_trial trial;
    fqpi_seed predicted = {0};
    fqp_status s = fqpi_trial_load(ctx, store, &trial);
    if (s)
        return s;
    s = fqpi_trial_seed(&trial, "theory", &predicted);
    if (!s)
        s = measure(ctx, &trial, &predicted, theory);
    fqpi_kept kept = fqpi_keep(ctx, s);
    fqpi_trial_seed_free(&predicted);
    fqpi_trial_free(&trial);
    return fqpi_restore(ctx, &kept);
}

fqp_status fqp_predict_compare(fqp_ctx *ctx, const char *dir) {
    if (!ctx || !dir)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_predict_compare: a context and a directory are needed");
    fqp_ctx_problems_clear(ctx);
    fqp_store *store = NULL;
    json_t *theory = NULL;
    fqp_status s = fqp_store_open(ctx, dir, FQP_STORE_RESUME, &store);
    if (s)
        return s;
    s = fqpi_store_json(ctx, store, "theory/theory.json", &theory);
    if (!s)
        s = fqpi_theory_compare(ctx, store, theory);
    if (!s)
        s = fqpi_store_put_json(ctx, store, "theory/theory.json", theory);
    json_decref(theory);
    fqpi_kept kept = fqpi_keep(ctx, s);
    fqp_store_close(store);
    return fqpi_restore(ctx, &kept);
}
