/* warnings.c - plain sentences, each with the number behind it, about what a reader of a summary may overlook. */
#include "exp.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void warn(json_t *list, json_t *text) {
    json_array_append_new(list, text);
}

static const json_t *at(const json_t *j, const char *a, const char *b) {
    return json_object_get(json_object_get(j, a), b);
}

static void early_ends(const fqpi_trial *t, json_t *list) {
    const json_t *ended = json_object_get(t->manifest, "ended");
    for (size_t i = 0; i < json_array_size(ended); i++) {
        const json_t *e = json_array_get(ended, i);
        const char *why = json_string_value(json_object_get(e, "why"));
        if (why && (strcmp(why, "diverged") == 0 || strcmp(why, "interrupted") == 0 || strcmp(why, "failed") == 0))
            warn(list,
                 json_sprintf("seed %lld %s after step %lld", (long long)json_integer_value(json_object_get(e, "seed")),
                              strcmp(why, "interrupted") == 0 ? "was interrupted" : why,
                              (long long)json_integer_value(json_object_get(e, "step"))));
    }
}

static void borrowed_cores(const fqpi_trial *t, json_t *list) {
    const long long cores = json_integer_value(at(t->manifest, "machine", "cores"));
    const long long threads = json_integer_value(at(t->manifest, "machine", "threads"));
    if (threads > cores)
        warn(list, json_sprintf("%lld threads took turns on %lld core%s: times are longer than they need to be",
                                threads, cores, cores > 1 ? "s" : ""));
}

static void model_output(const fqpi_trial *t, json_t *list) {
    const char *output = json_string_value(at(json_object_get(t->manifest, "config"), "model", "output"));
    if (output && strcmp(output, "linear") != 0 && !json_is_true(json_object_get(t->manifest, "analysed")))
        warn(list, json_sprintf("the spectra are those of the %s outputs, not of the values before it", output));
}

static void masked_bands(const json_t *probe, json_t *list) {
    const size_t masked = json_array_size(json_object_get(probe, "masked"));
    const size_t shown = json_array_size(json_object_get(probe, "bins"));
    if (masked > 0 && strcmp(json_string_value(json_object_get(probe, "name")), "filter") == 0)
        warn(list,
             json_sprintf("filter: %zu of %zu parts hold too little of the target and are masked", masked, shown));
    else if (shown == 0)
        warn(list, json_sprintf("%s: no band of the target was selected (%zu hold too little energy)",
                                json_string_value(json_object_get(probe, "name")), masked));
}

/* With few bands even a perfect order can be luck; say how often. */
static void small_evidence(const json_t *probe, json_t *list) {
    const json_t *order = json_object_get(probe, "order_median");
    const char *verdict = json_string_value(json_object_get(order, "verdict"));
    const char *key = verdict && strcmp(verdict, "high first") == 0 ? "p_high" : "p_low";
    const json_t *p = json_object_get(order, key);
    if (verdict && strstr(verdict, "first") && json_is_number(p) && json_number_value(p) > 0.05)
        warn(list, json_sprintf("%zu bands: such an order would come by chance in %.0f %% of runs without any order",
                                json_array_size(json_object_get(probe, "bins")), 100 * json_number_value(p)));
}

/* A capture near the end of the run rests on fewer frames than monitor.hold asks for. */
static void short_holds(const fqpi_trial *t, size_t p, json_t *list) {
    size_t n = 0;
    for (size_t i = 0; i < t->nseeds; i++) {
        const fqpi_series *s = &t->seed[i].probe[p];
        for (size_t b = 0; b < s->nbins; b++) {
            if (!fqpi_series_selected(s, b))
                continue;
            const int64_t f =
                fqp_capture_frame((const double *)s->error.data + b, s->frames, s->nbins, t->tau, t->hold);
            n += f >= 0 && (int64_t)s->frames - 1 - f < t->hold;
        }
    }
    if (n > 0)
        warn(list, json_sprintf("%s: %zu capture%s less than %lld frames before the end and may not last",
                                t->seed[0].probe[p].name, n, n > 1 ? "s lie" : " lies", (long long)t->hold));
}

static void learnt_before(const fqpi_trial *t, size_t p, json_t *list) {
    size_t n = 0;
    for (size_t i = 0; i < t->nseeds; i++) {
        const fqpi_series *s = &t->seed[i].probe[p];
        for (size_t b = 0; b < s->nbins; b++)
            n += fqpi_series_selected(s, b) && fqpi_series_capture(t, &t->seed[i], s, b, t->tau) == 0;
    }
    if (n > 0)
        warn(list, json_sprintf("%s: %zu band%s below the threshold before the first step", t->seed[0].probe[p].name, n,
                                n > 1 ? "s were" : " was"));
}

void fqpi_warnings(const fqpi_trial *t, json_t *summary) {
    json_t *list = json_object_get(summary, "warnings");
    early_ends(t, list);
    borrowed_cores(t, list);
    model_output(t, list);
    const json_t *probes = json_object_get(summary, "probes");
    for (size_t p = 0; p < json_array_size(probes); p++) {
        const json_t *probe = json_array_get(probes, p);
        masked_bands(probe, list);
        small_evidence(probe, list);
        short_holds(t, p, list);
        learnt_before(t, p, list);
    }
}
