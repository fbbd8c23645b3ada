/* manifest.c - manifest.json: what was run, by what, on what, for how long, and how it ended. */
#include "exp.h"
#include "fail.h"
#include "machine.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

json_t *fqpi_json_real(double x) {
    return isfinite(x) ? json_real(x) : json_null();
}

json_t *fqpi_json_step(double step) {
    return isfinite(step) ? json_integer((json_int_t)step) : json_null();
}

fqp_status fqpi_store_json(fqp_ctx *ctx, const fqp_store *store, const char *file, json_t **out) {
    char *text = NULL;
    fqp_status s = fqp_store_get_text(store, file, &text);
    if (s)
        return s;
    json_error_t e;
    json_t *j = json_loads(text, JSON_DECODE_ANY, &e);
    free(text);
    if (!j) {
        fqp_origin o = {.source = file, .line = e.line, .column = e.column};
        return fqpi_fail(ctx, FQP_E_DATA, &o, "%s", e.text);
    }
    *out = j;
    return FQP_OK;
}

fqp_status fqpi_store_put_json(fqp_ctx *ctx, fqp_store *store, const char *file, const json_t *j) {
    char *text = json_dumps(j, JSON_INDENT(1) | JSON_REAL_PRECISION(17) | JSON_ENCODE_ANY);
    if (!text)
        return fqpi_fail(ctx, FQP_E_NOMEM, NULL, "%s: out of memory", file);
    fqp_status s = fqp_store_put_text(store, file, text);
    free(text);
    return s;
}

static fqp_status config_json(fqp_ctx *ctx, const fqp_config *config, json_t **out) {
    char *text = NULL;
    fqp_status s = fqp_config_json(ctx, config, &text);
    if (s)
        return s;
    json_error_t e;
    *out = json_loads(text, 0, &e);
    free(text);
    return *out ? FQP_OK : fqpi_fail(ctx, FQP_E_INTERNAL, NULL, "the resolved configuration is not JSON: %s", e.text);
}

fqp_status fqpi_manifest_begin(fqp_ctx *ctx, fqp_store *store, const fqp_config *config, const char *command,
                               const char *title, fqpi_manifest *out) {
    json_t *conf = NULL;
    fqp_status s = config_json(ctx, config, &conf);
    if (s)
        return s;
    char now[32];
    fqpi_now(now);
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:[], s:[], s:o, s:o, s:s, s:{}, s:{}, s:I}", "fqp", fqp_version(),
                  "command", command ? command : "", "title", title ? title : "", "created", now, "status", "running",
                  "message", "", "seeds", "ended", "config", conf, "machine", fqpi_machine(ctx), "build",
                  fqp_build_info(), "phases", "data", "pid", (json_int_t)getpid());
    if (!root)
        return fqpi_fail(ctx, FQP_E_INTERNAL, NULL, "manifest.json could not be made (is a text not UTF-8?)");
    *out = (fqpi_manifest){.ctx = ctx, .store = store, .root = root};
    return FQP_OK;
}

/* Keys that may change between the parts of one run: they decide how long it lasts or where it runs, not what it is. */
static const char *const may_change[] = {"run",
                                         "theory",
                                         "train.steps",
                                         "train.epochs",
                                         "train.seconds",
                                         "train.stop_loss",
                                         "train.stop_accuracy",
                                         "train.checkpoint_every",
                                         NULL};

static bool free_to_change(const char *key) {
    for (size_t i = 0; may_change[i]; i++) {
        size_t n = strlen(may_change[i]);
        if (strncmp(key, may_change[i], n) == 0 && (key[n] == 0 || key[n] == '.'))
            return true;
    }
    return false;
}

/* The same setting?  Numbers by value: other writers of JSON turn 1.0 into 1. */
static bool same_value(const json_t *a, const json_t *b) {
    if (json_is_number(a) && json_is_number(b))
        return json_is_integer(a) && json_is_integer(b) ? json_integer_value(a) == json_integer_value(b)
                                                        : json_number_value(a) == json_number_value(b);
    if (!json_is_array(a) || !json_is_array(b))
        return json_equal(a, b);
    if (json_array_size(a) != json_array_size(b))
        return false;
    for (size_t i = 0; i < json_array_size(a); i++)
        if (!same_value(json_array_get(a, i), json_array_get(b, i)))
            return false;
    return true;
}

/* Report every key of `now` that differs from `then`. */
static void differences(fqp_ctx *ctx, const char *prefix, const json_t *then, const json_t *now, size_t *count) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)now, name, value) {
        char key[FQPI_NAME];
        fqpi_print(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", name);
        json_t *old = json_object_get(then, name);
        if (json_is_object(value)) {
            differences(ctx, key, old, value, count);
        } else if (!free_to_change(key) && !same_value(old, value)) {
            char *a = json_dumps(value, JSON_ENCODE_ANY), *b = old ? json_dumps(old, JSON_ENCODE_ANY) : NULL;
            fqpi_fail(ctx, FQP_E_CONFIG, NULL, "%s: %s, but the run that is to be resumed has %s", key, a ? a : "?",
                      b ? b : "none");
            free(a);
            free(b);
            (*count)++;
        }
    }
}

fqp_status fqpi_manifest_resume(fqp_ctx *ctx, fqp_store *store, const fqp_config *config, fqpi_manifest *out) {
    json_t *root = NULL, *conf = NULL;
    fqp_status s = fqpi_store_json(ctx, store, "manifest.json", &root);
    if (!s)
        s = config_json(ctx, config, &conf);
    size_t changed = 0;
    if (!s)
        differences(ctx, "", json_object_get(root, "config"), conf, &changed);
    if (s || changed) {
        json_decref(root);
        json_decref(conf);
        return s ? s : FQP_E_CONFIG;
    }
    json_object_set_new(root, "config", conf);
    json_object_set_new(root, "machine", fqpi_machine(ctx));
    json_object_set_new(root, "pid", json_integer((json_int_t)getpid()));
    *out = (fqpi_manifest){.ctx = ctx, .store = store, .root = root};
    return FQP_OK;
}

void fqpi_manifest_data(fqpi_manifest *m, const fqp_dataset *d, const char *on) {
    bool test = strcmp(on, "test") == 0;
    int axes = test ? d->grid_test_ndim : d->grid_ndim;
    const int64_t *shape = test ? d->grid_test : d->grid;
    json_t *grid = json_array();
    for (int a = 0; a < axes; a++)
        json_array_append_new(grid, json_integer(shape[a]));
    json_object_set_new(m->root, "data",
                        json_pack("{s:s, s:I, s:I, s:I, s:I, s:s, s:o}", "origin", d->origin ? d->origin : "", "n",
                                  (json_int_t)d->n, "n_test", (json_int_t)d->n_test, "d", (json_int_t)d->d, "m",
                                  (json_int_t)d->m, "monitored", on, "grid", grid));
    if (d->low < d->high)
        json_object_set_new(json_object_get(m->root, "data"), "range", json_pack("[f, f]", d->low, d->high));
}

void fqpi_manifest_phase(fqpi_manifest *m, const char *phase, double seconds) {
    json_t *phases = json_object_get(m->root, "phases");
    double before = json_number_value(json_object_get(phases, phase));
    json_object_set_new(phases, phase, json_real(before + seconds));
}

/* How a step was computed, and how many networks were stepped at once. */
void fqpi_manifest_plan(fqpi_manifest *m, fqp_plan plan, size_t networks) {
    json_object_set_new(m->root, "plan",
                        json_pack("{s:s, s:s, s:i, s:b, s:o, s:o, s:I, s:I, s:I, s:o, s:i}", "path", plan.path,
                                  "kernel", plan.kernel, "threads", plan.threads, "measured", plan.measured,
                                  "ms_one_thread", fqpi_json_real(plan.ms[0]), "ms_all_threads",
                                  fqpi_json_real(plan.ms[1]), "wave", (json_int_t)plan.wave, "bytes",
                                  (json_int_t)plan.bytes, "networks", (json_int_t)networks, "faint_step",
                                  plan.faint_step < 0 ? json_null() : json_integer(plan.faint_step), "faint_layer",
                                  plan.faint_layer + 1));
}

static json_t *ended_entry(const fqpi_manifest *m, int64_t seed) {
    const json_t *ended = json_object_get(m->root, "ended");
    for (size_t i = 0; i < json_array_size(ended); i++) {
        json_t *e = json_array_get(ended, i);
        if (json_integer_value(json_object_get(e, "seed")) == seed)
            return e;
    }
    return NULL;
}

void fqpi_manifest_ended(fqpi_manifest *m, int64_t seed, const char *why, int64_t step) {
    json_t *e = ended_entry(m, seed);
    if (!e) {
        e = json_pack("{s:I}", "seed", (json_int_t)seed);
        json_array_append_new(json_object_get(m->root, "ended"), e);
    }
    json_object_set_new(e, "why", json_string(why));
    json_object_set_new(e, "step", json_integer(step));
}

const char *fqpi_manifest_why(const fqpi_manifest *m, int64_t seed) {
    return json_string_value(json_object_get(ended_entry(m, seed), "why"));
}

fqp_status fqpi_manifest_write(fqpi_manifest *m, const char *status, const char *message) {
    json_object_set_new(m->root, "status", json_string(status));
    json_object_set_new(m->root, "message", json_string(message));
    return fqpi_store_put_json(m->ctx, m->store, "manifest.json", m->root);
}

void fqpi_manifest_free(fqpi_manifest *m) {
    json_decref(m->root);
    m->root = NULL;
}
