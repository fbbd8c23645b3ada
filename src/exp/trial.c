/* trial.c - a run directory in memory: what the summary and the measures of claims read. */
#include "exp.h"
#include "fail.h"
#include "mem.h"
#include "probe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static fqp_status need(const fqpi_trial *t, const char *name, fqp_dtype type, int ndim, fqp_array *out) {
    fqp_status s = fqp_store_get(t->store, name, out);
    if (s)
        return s;
    if (out->dtype == type && out->ndim == ndim)
        return FQP_OK;
    fqp_origin o = {.source = fqp_store_dir(t->store)};
    return fqpi_fail(t->ctx, FQP_E_DATA, &o, "%s.npy: %s of %d axes, expected %s of %d", name,
                     fqp_dtype_name(out->dtype), out->ndim, fqp_dtype_name(type), ndim);
}

static char *text_of(const fqpi_trial *t, const json_t *j, const char *key) {
    const char *s = json_string_value(json_object_get(j, key));
    return fqpi_strdup(t->ctx, s ? s : "");
}

static fqp_status load_about(const fqpi_trial *t, const char *folder, fqpi_series *s) {
    char file[FQPI_NAME];
    json_t *about = NULL;
    fqpi_print(file, sizeof file, "%s/probe.json", folder);
    fqp_status st = fqpi_store_json(t->ctx, t->store, file, &about);
    if (st)
        return st;
    s->axis_name = text_of(t, about, "axis_name");
    s->axis_unit = text_of(t, about, "axis_unit");
    s->note = text_of(t, about, "note");
    s->wavenumber = json_number_value(json_object_get(about, "wavenumber"));
    json_decref(about);
    fqpi_print(file, sizeof file, "%s/label.json", folder);
    st = fqpi_store_json(t->ctx, t->store, file, &s->label);
    return st || (s->axis_name && s->axis_unit && s->note) ? st : FQP_E_NOMEM;
}

fqp_status fqpi_series_load(const fqpi_trial *t, const fqpi_seed *seed, const char *kind, fqpi_series *s) {
    fqpi_print(s->name, sizeof s->name, "%s", kind);
    char folder[FQPI_NAME - 16], name[FQPI_NAME];
    fqpi_print(folder, sizeof folder, "%s/%s", seed->folder, kind);
    const struct {
        const char *file;
        fqp_dtype type;
        int ndim;
        fqp_array *into;
    } table[] = {{"axis", FQP_F64, 1, &s->axis},
                 {"target", FQP_F64, 3, &s->target},
                 {"valid", FQP_U8, 1, &s->valid},
                 {"selected", FQP_U8, 1, &s->selected},
                 {"error", FQP_F64, 2, &s->error}};
    fqp_status st = FQP_OK;
    for (size_t i = 0; i < sizeof table / sizeof *table && !st; i++) {
        fqpi_print(name, sizeof name, "%s/%s", folder, table[i].file);
        st = need(t, name, table[i].type, table[i].ndim, table[i].into);
    }
    if (!st)
        st = load_about(t, folder, s);
    if (st)
        return st;
    s->nbins = (size_t)s->axis.shape[0];
    s->ncomp = (size_t)s->target.shape[1];
    s->frames = (size_t)s->error.shape[0] < seed->frames ? (size_t)s->error.shape[0] : seed->frames;
    if ((size_t)s->error.shape[1] != s->nbins || (size_t)s->target.shape[0] != s->nbins ||
        (size_t)s->valid.shape[0] != s->nbins || (size_t)s->selected.shape[0] != s->nbins ||
        json_array_size(s->label) != s->nbins) {
        fqp_origin o = {.source = fqp_store_dir(t->store)};
        return fqpi_fail(t->ctx, FQP_E_DATA, &o, "%s: the files of this probe differ in their number of bins", folder);
    }
    return FQP_OK;
}

static fqp_status load_probes(const fqpi_trial *t, fqpi_seed *seed) {
    size_t kinds = 0;
    while (fqpi_probe_choice(kinds, NULL))
        kinds++;
    seed->probe = fqpi_calloc(t->ctx, 2 * kinds, sizeof *seed->probe);
    fqp_status s = seed->probe ? FQP_OK : FQP_E_NOMEM;
    for (size_t k = 0; k < 2 * kinds && !s; k++) { /* those of held-out points come after */
        char name[40], file[FQPI_NAME];
        fqpi_print(name, sizeof name, "%s%s", k < kinds ? "" : "held/", fqpi_probe_choice(k % kinds, NULL));
        fqpi_print(file, sizeof file, "%s/%s/error.npy", seed->folder, name);
        if (fqp_store_has(t->store, file))
            s = fqpi_series_load(t, seed, name, &seed->probe[seed->nprobes++]);
    }
    return s;
}

fqp_status fqpi_trial_seed(const fqpi_trial *t, const char *folder, fqpi_seed *seed) {
    char name[FQPI_NAME];
    fqpi_print(seed->folder, sizeof seed->folder, "%s", folder);
    const struct {
        const char *file;
        fqp_dtype type;
        fqp_array *into;
    } table[] = {{"step", FQP_I64, &seed->step},
                 {"seconds", FQP_F64, &seed->seconds},
                 {"loss", FQP_F64, &seed->loss},
                 {"accuracy", FQP_F64, &seed->accuracy},
                 {"epoch", FQP_F64, &seed->epoch}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        fqpi_print(name, sizeof name, "%s/%s", seed->folder, table[i].file);
        fqp_status s = need(t, name, table[i].type, 1, table[i].into);
        if (s)
            return s;
    }
    seed->frames = (size_t)seed->step.shape[0];
    fqpi_print(name, sizeof name, "%s/psnr.npy", seed->folder);
    if (fqp_store_has(t->store, name)) {
        fqpi_print(name, sizeof name, "%s/psnr", seed->folder);
        fqp_status s = need(t, name, FQP_F64, 1, &seed->psnr);
        if (s)
            return s;
    }
    return load_probes(t, seed);
}

static bool recorded(const fqpi_trial *t, int64_t number) {
    char file[FQPI_NAME];
    fqpi_print(file, sizeof file, "seed_%04lld/step.npy", (long long)number);
    return fqp_store_has(t->store, file);
}

static double setting(const json_t *manifest, const char *section, const char *key, double otherwise) {
    const json_t *v = json_object_get(json_object_get(json_object_get(manifest, "config"), section), key);
    return json_is_number(v) ? json_number_value(v) : otherwise;
}

fqp_status fqpi_trial_load(fqp_ctx *ctx, const fqp_store *store, fqpi_trial *out) {
    *out = (fqpi_trial){.ctx = ctx, .store = store};
    fqp_status s = fqpi_store_json(ctx, store, "manifest.json", &out->manifest);
    if (s)
        return s;
    out->tau = setting(out->manifest, "monitor", "tau", 0.1);
    out->hold = (int64_t)setting(out->manifest, "monitor", "hold", 20);
    const json_t *seeds = json_object_get(out->manifest, "seeds");
    out->seed = fqpi_calloc(ctx, json_array_size(seeds), sizeof *out->seed);
    s = out->seed ? FQP_OK : FQP_E_NOMEM;
    for (size_t i = 0; i < json_array_size(seeds) && !s; i++) {
        int64_t number = json_integer_value(json_array_get(seeds, i));
        if (!recorded(out, number))
            continue;
        char folder[32];
        fqpi_print(folder, sizeof folder, "seed_%04lld", (long long)number);
        out->seed[out->nseeds].number = number;
        s = fqpi_trial_seed(out, folder, &out->seed[out->nseeds++]);
    }
    if (!s && fqp_store_has(store, "theory/theory.json"))
        s = fqpi_trial_seed(out, "theory", &out->theory);
    if (s)
        fqpi_trial_free(out);
    return s;
}

void fqpi_series_free(fqpi_series *s) {
    fqpi_free(s->axis_name);
    fqpi_free(s->axis_unit);
    fqpi_free(s->note);
    json_decref(s->label);
    fqp_array_free(&s->axis);
    fqp_array_free(&s->target);
    fqp_array_free(&s->valid);
    fqp_array_free(&s->selected);
    fqp_array_free(&s->error);
    fqp_array_free(&s->prediction);
}

void fqpi_trial_seed_free(fqpi_seed *seed) {
    for (size_t p = 0; p < seed->nprobes; p++)
        fqpi_series_free(&seed->probe[p]);
    fqpi_free(seed->probe);
    fqp_array_free(&seed->step);
    fqp_array_free(&seed->seconds);
    fqp_array_free(&seed->loss);
    fqp_array_free(&seed->accuracy);
    fqp_array_free(&seed->psnr);
    fqp_array_free(&seed->epoch);
    *seed = (fqpi_seed){0};
}

void fqpi_trial_free(fqpi_trial *t) {
    for (size_t i = 0; t->seed && i < t->nseeds; i++)
        fqpi_trial_seed_free(&t->seed[i]);
    fqpi_trial_seed_free(&t->theory);
    fqpi_free(t->seed);
    json_decref(t->manifest);
    *t = (fqpi_trial){0};
}

fqp_status fqpi_series_prediction(const fqpi_trial *t, const fqpi_seed *seed, fqpi_series *s) {
    if (s->prediction.data)
        return FQP_OK;
    char name[FQPI_NAME];
    fqpi_print(name, sizeof name, "%s/%s/prediction", seed->folder, s->name);
    return need(t, name, FQP_F64, 4, &s->prediction);
}

/* ---- single values --------------------------------------------------------------------------------------------- */

const char *fqpi_series_label(const fqpi_series *s, size_t bin) {
    const char *label = json_string_value(json_array_get(s->label, bin));
    return label ? label : "";
}

bool fqpi_series_valid(const fqpi_series *s, size_t bin) {
    return ((const uint8_t *)s->valid.data)[bin] != 0;
}

bool fqpi_series_selected(const fqpi_series *s, size_t bin) {
    return ((const uint8_t *)s->selected.data)[bin] != 0;
}

double fqpi_series_error(const fqpi_series *s, size_t frame, size_t bin) {
    return ((const double *)s->error.data)[frame * s->nbins + bin];
}

double fqpi_series_target(const fqpi_series *s, size_t bin) {
    const double *y = (const double *)s->target.data + 2 * s->ncomp * bin;
    double sum = 0;
    for (size_t i = 0; i < 2 * s->ncomp; i++)
        sum += y[i] * y[i];
    return sqrt(sum);
}

double fqpi_series_capture(const fqpi_trial *t, const fqpi_seed *seed, const fqpi_series *s, size_t bin, double tau) {
    const double *error = (const double *)s->error.data + bin;
    int64_t f = fqp_capture_frame(error, s->frames, s->nbins, tau, t->hold);
    return f < 0 ? INFINITY : (double)((const int64_t *)seed->step.data)[f];
}

/* ---- the filter's pairs: "low, delta 10" and "high, delta 10" -------------------------------------------------- */

int64_t fqpi_series_pair(const fqpi_series *s, size_t bin, bool *low) {
    if (strcmp(s->name, "filter") != 0)
        return -1;
    const bool is_low = strncmp(fqpi_series_label(s, bin), "low", 3) == 0;
    if (low)
        *low = is_low;
    const char *rest = strchr(fqpi_series_label(s, bin), ',');
    for (size_t b = 0; b < s->nbins && rest; b++) {
        const char *label = fqpi_series_label(s, b), *other = strchr(label, ',');
        if (b != bin && other && strcmp(other, rest) == 0 && (strncmp(label, "low", 3) == 0) != is_low)
            return (int64_t)b;
    }
    return -1;
}

static void count_low_first(const fqpi_seed *seed, const fqpi_series *s, size_t low, size_t high, size_t *first,
                            size_t *all) {
    const int64_t *step = seed->step.data;
    for (size_t f = 0; f < s->frames; f++) {
        const double a = fqpi_series_error(s, f, low), b = fqpi_series_error(s, f, high);
        if (step[f] == 0 || isnan(a) || isnan(b))
            continue;
        *first += a < b;
        *all += 1;
    }
}

double fqpi_series_low_share(const fqpi_seed *seed, const fqpi_series *s, int64_t bin) {
    size_t first = 0, all = 0;
    for (size_t b = 0; b < s->nbins; b++) {
        bool low;
        const int64_t pair = fqpi_series_pair(s, b, &low);
        if (pair >= 0 && low && (bin < 0 || b == (size_t)bin) && fqpi_series_valid(s, b) &&
            fqpi_series_valid(s, (size_t)pair))
            count_low_first(seed, s, b, (size_t)pair, &first, &all);
    }
    return all ? (double)first / (double)all : NAN;
}
