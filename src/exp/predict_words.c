/* predict_words.c - theory.json: what was predicted, by which kernel, at what cost, and in one sentence. */
#include "mem.h"
#include "predict_i.h"

#include <math.h>
#include <string.h>

/* ---- captures -------------------------------------------------------------------------------------------------- */

static json_t *captures(const fqpi_trial *t, const fqpi_seed *seed, const fqpi_series *s, size_t bin) {
    json_t *out = json_object();
    const double levels[] = {fqpi_summary_levels[0], fqpi_summary_levels[1], fqpi_summary_levels[2], t->tau};
    for (size_t l = 0; l < 4; l++) {
        char key[32];
        fqpi_print(key, sizeof key, "%g", levels[l]);
        json_object_set_new(out, key, fqpi_json_step(fqpi_series_capture(t, seed, s, bin, levels[l])));
    }
    return out;
}

static json_t *bins_of(const fqpi_trial *t, const fqpi_seed *seed, const fqpi_series *s) {
    json_t *bins = json_array();
    for (size_t b = 0; b < s->nbins; b++)
        if (fqpi_series_selected(s, b))
            json_array_append_new(
                bins,
                json_pack("{s:I, s:s, s:f, s:o, s:o}", "bin", (json_int_t)b, "label", fqpi_series_label(s, b), "axis",
                          ((const double *)s->axis.data)[b], "capture", captures(t, seed, s, b), "error_final",
                          s->frames ? fqpi_json_real(fqpi_series_error(s, s->frames - 1, b)) : json_null()));
    return bins;
}

/* ---- kernel and stability -------------------------------------------------------------------------------------- */

static const char *outputs_word(const fqpi_theory *t) {
    static const char *const words[] = {[FQPI_SHARED] = "one kernel for every output",
                                        [FQPI_COUPLED] = "all outputs against all",
                                        [FQPI_AVERAGED] = "the mean of the outputs' kernels for every output"};
    return words[t->coupling];
}

static json_t *stability(const fqpi_theory *t) {
    char text[160];
    fqpi_print(text, sizeof text, "train.lr %.6g is %s the largest stable %.4g", t->lr, t->stable ? "below" : "above",
               t->largest_lr);
    return json_pack("{s:b, s:f, s:o, s:s}", "stable", t->stable, "lr", t->lr, "largest_lr",
                     fqpi_json_real(t->largest_lr), "sentence", text);
}

/* Selected bins of a probe that are learnt, or that are not, into out; answers how many.  "1 is learnt at step 12, 2 at
 * 40" */
static size_t list_bins(fqp_ctx *ctx, fqpi_text *out, const fqpi_trial *t, const fqpi_seed *seed, const fqpi_series *s,
                        bool learnt) {
    enum { MOST = 8 };
    size_t n = 0;
    for (size_t b = 0; b < s->nbins; b++) {
        const double at = fqpi_series_capture(t, seed, s, b, t->tau);
        if (!fqpi_series_selected(s, b) || isfinite(at) != learnt || ++n > MOST)
            continue;
        char when[40];
        fqpi_number_step(when, sizeof when, at);
        fqpi_text_add(ctx, out, "%s%s%s%s", n > 1 ? ", " : "", fqpi_series_label(s, b),
                      !learnt ? ""
                      : n > 1 ? " at "
                              : " is learnt at step ",
                      learnt ? when : "");
    }
    if (n > MOST)
        fqpi_text_add(ctx, out, " and %zu more", n - MOST);
    return n;
}

/* "frequency 1 is learnt at step 12, 2 at 40; not within 1500 steps: 8" */
static void say_captures(fqp_ctx *ctx, fqpi_text *out, const fqpi_trial *t, const fqpi_seed *seed) {
    const fqpi_series *s = seed->nprobes ? &seed->probe[0] : NULL;
    fqpi_text learnt = {0}, rest = {0};
    char last[40];
    fqpi_number_step(last, sizeof last,
                     seed->frames ? (double)((const int64_t *)seed->step.data)[seed->frames - 1] : 0);
    const size_t some = s ? list_bins(ctx, &learnt, t, seed, s, true) : 0;
    const size_t more = s ? list_bins(ctx, &rest, t, seed, s, false) : 0;
    if (some)
        fqpi_text_add(ctx, out, "%s %s", s->axis_name, learnt.s);
    if (more)
        fqpi_text_add(ctx, out, "%snot within %s steps: %s", some ? "; " : "", last, rest.s);
    if (!some && !more)
        fqpi_text_add(ctx, out, "no frequency stands out");
    fqpi_text_free(&learnt);
    fqpi_text_free(&rest);
}

static char *sentence(const fqpi_theory *t, const fqpi_trial *trial, const fqpi_seed *seed) {
    fqpi_text out = {0};
    fqpi_text_add(t->ctx, &out, "Prediction of the %s kernel: ", t->empirical ? "network's own" : "infinitely wide");
    say_captures(t->ctx, &out, trial, seed);
    fqpi_text_add(t->ctx, &out, ".");
    if (!t->stable)
        fqpi_text_add(t->ctx, &out, " Unstable: train.lr %.6g is above the largest stable %.4g.", t->lr, t->largest_lr);
    return out.s;
}

json_t *fqpi_theory_json(const fqpi_theory *t, const fqpi_trial *trial, const fqpi_seed *predicted, json_t *notes) {
    json_t *probes = json_array();
    for (size_t p = 0; p < predicted->nprobes; p++) {
        const fqpi_series *s = &predicted->probe[p];
        json_array_append_new(probes, json_pack("{s:s, s:s, s:s, s:o}", "name", s->name, "axis_name", s->axis_name,
                                                "axis_unit", s->axis_unit, "bins", bins_of(trial, predicted, s)));
    }
    json_t *values =
        json_pack("{s:f, s:f, s:I, s:I, s:I}", "largest", t->value_first, "smallest", t->value_last, "rows",
                  (json_int_t)t->rows, "pairs", (json_int_t)t->pairs, "cut_off", (json_int_t)t->cut);
    char *words = sentence(t, trial, predicted);
    json_t *out =
        json_pack("{s:i, s:s, s:s, s:s, s:I, s:b, s:f, s:f, s:o, s:o, s:f, s:f, s:f, s:O, s:o, s:s}", "version", 1,
                  "kernel", t->empirical ? "empirical" : "infinite", "outputs", outputs_word(t), "start",
                  t->from_zero ? "0" : "the network at its start", "seed", (json_int_t)t->seed, "every_seed",
                  fqpi_theory_common(t), "tau", trial->tau, "c", t->c, "eigenvalues", values, "stability", stability(t),
                  "kernel_seconds", t->kernel_seconds, "eigen_seconds", t->eigen_seconds, "bytes", t->bytes, "notes",
                  notes, "probes", probes, "sentence", words ? words : "");
    fqpi_free(words);
    return out;
}
