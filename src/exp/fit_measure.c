/* fit_measure.c - fit.json: how good a fit is, from its run directory.
 *
 *   relative_l2 = ||h - y|| / ||y||,   snr = -20 log10 relative_l2,   psnr = 20 log10 (peak / rms),
 *
 * peak the range a signal's file gives its values (0 to 1 of an image), else that of the target's values. */
#include "fail.h"
#include "fit_i.h"
#include "mem.h"

#include <math.h>
#include <string.h>

typedef struct range {
    double low, high;
} range;

static range range_of(const fqp_dataset *d) {
    range r = {INFINITY, -INFINITY};
    if (d->low < d->high)
        return (range){d->low, d->high};
    for (int test = 0; test < 2; test++) {
        const fqp_array *y = test ? &d->y_test : &d->y;
        const double *v = y->data;
        for (int64_t i = 0; v && i < fqp_view_count(fqp_array_view(y)); i++) {
            r.low = fmin(r.low, v[i]);
            r.high = fmax(r.high, v[i]);
        }
    }
    return r;
}

static json_t *errors(int64_t n, int64_t count, const double *h, const double *y, double peak) {
    double square = 0, target = 0, most = 0;
    for (int64_t i = 0; i < count; i++) {
        const double e = h[i] - y[i];
        square += e * e;
        target += y[i] * y[i];
        most = fmax(most, fabs(e));
    }
    const double rms = sqrt(square / (double)count), relative = sqrt(square / target);
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "points", (json_int_t)n, "relative_l2", fqpi_json_real(relative),
                     "rms", fqpi_json_real(rms), "max", fqpi_json_real(most), "psnr",
                     fqpi_json_real(20 * log10(peak / rms)), "snr", fqpi_json_real(-20 * log10(relative)));
}

/* null without points. */
static fqp_status errors_at(fqp_ctx *ctx, const fqpi_fitted *t, bool test, double peak, json_t **out) {
    const fqp_array *x = test ? &t->data->x_test : &t->data->x, *y = test ? &t->data->y_test : &t->data->y;
    const int64_t n = test ? t->data->n_test : t->data->n, count = n * t->data->m;
    *out = NULL;
    if (n == 0)
        return FQP_OK;
    double *h = fqpi_alloc(ctx, (size_t)count, sizeof *h);
    fqp_status s = h ? fqp_function_eval(ctx, t->function, fqp_array_view(x), h) : FQP_E_NOMEM;
    if (!s)
        *out = errors(n, count, h, y->data, peak);
    fqpi_free(h);
    return s;
}

static void put(json_t *j, const char *key, json_t *value) {
    json_object_set_new(j, key, value ? value : json_null());
}

static json_t *copy_of(const json_t *from, const char *key) {
    json_t *v = json_object_get(from, key);
    return v ? json_incref(v) : NULL;
}

/* What the manifest knows: remedy, plan, how training ended. */
static void put_run(json_t *j, const json_t *manifest, const fqpi_seed *seed) {
    const json_t *plan = json_object_get(manifest, "plan"),
                 *ended = json_array_get(json_object_get(manifest, "ended"), 0);
    put(j, "remedy", copy_of(manifest, "remedy"));
    put(j, "reason", copy_of(manifest, "remedy_reason"));
    put(j, "title", copy_of(manifest, "title"));
    put(j, "status", copy_of(manifest, "status"));
    put(j, "ended", copy_of(ended, "why"));
    put(j, "seed", json_integer(seed->number));
    put(j, "bytes", copy_of(plan, "bytes"));
    const size_t last = seed->frames - 1;
    const double steps = (double)((const int64_t *)seed->step.data)[last],
                 seconds = ((const double *)seed->seconds.data)[last];
    put(j, "steps", fqpi_json_step(steps));
    put(j, "seconds", fqpi_json_real(seconds));
    put(j, "ms_per_step", fqpi_json_real(steps > 0 ? 1e3 * seconds / steps : NAN));
    put(j, "on", copy_of(json_object_get(manifest, "data"), "monitored"));
}

static void put_probe(json_t *j, const fqpi_seed *seed) {
    const fqpi_series *s = seed->nprobes ? &seed->probe[0] : NULL;
    put(j, "bands", s ? fqpi_fit_bands(s) : NULL);
    put(j, "curve", s ? fqpi_fit_curve(seed, s) : NULL);
}

static fqp_status load(fqp_ctx *ctx, const char *dir, int64_t seed, fqpi_fitted *out) {
    char path[4096];
    *out = (fqpi_fitted){.config = NULL};
    fqpi_print(path, sizeof path, "%s/config.yaml", dir);
    fqp_status s = fqp_config_load(ctx, path, 0, NULL, &out->config);
    if (!s)
        s = fqp_dataset_create(ctx, fqp_config_section(out->config, "data"), (uint64_t)seed, out->config, &out->data);
    return s ? s : fqp_function_of_run(ctx, dir, seed, &out->function);
}

static void release(fqpi_fitted *t) {
    fqp_function_destroy(t->function);
    fqp_dataset_destroy(t->data);
    fqp_config_destroy(t->config);
}

static fqp_status measure(fqp_ctx *ctx, const char *dir, const fqpi_trial *trial, json_t *j) {
    const fqpi_seed *seed = &trial->seed[0];
    fqpi_fitted t;
    fqp_status s = load(ctx, dir, seed->number, &t);
    json_t *train = NULL, *test = NULL, *signal = NULL;
    if (!s) {
        const range r = range_of(t.data);
        s = errors_at(ctx, &t, false, r.high - r.low, &train);
        if (!s)
            s = errors_at(ctx, &t, true, r.high - r.low, &test);
        if (!s)
            s = fqpi_fit_rebuild(ctx, dir, &t, &signal);
        put(j, "parameters", json_integer(fqp_function_parameter_count(t.function)));
        put(j, "numbers", json_integer(t.data->n * t.data->m));
        put(j, "low", fqpi_json_real(r.low));
        put(j, "high", fqpi_json_real(r.high));
    }
    put(j, "train", train);
    put(j, "test", test);
    put(j, "signal", signal);
    release(&t);
    return s;
}

static fqp_status in_store(fqp_ctx *ctx, const char *dir, fqp_store *store) {
    fqpi_trial trial;
    fqp_status s = fqpi_trial_load(ctx, store, &trial);
    if (s)
        return s;
    json_t *j = json_object();
    if (trial.nseeds == 0 || trial.seed[0].frames == 0)
        s = fqpi_fail(ctx, FQP_E_DATA, NULL, "%s: nothing was recorded", dir);
    if (!s) {
        put_run(j, trial.manifest, &trial.seed[0]);
        s = measure(ctx, dir, &trial, j);
    }
    if (!s) {
        put_probe(j, &trial.seed[0]);
        s = fqpi_store_put_json(ctx, store, "fit.json", j);
    }
    json_decref(j);
    fqpi_trial_free(&trial);
    return s;
}

fqp_status fqpi_fit_measure(fqp_ctx *ctx, const char *dir) {
    fqp_store *store = NULL;
    fqp_status s = fqp_store_open(ctx, dir, FQP_STORE_RESUME, &store);
    if (!s)
        s = in_store(ctx, dir, store);
    fqp_store_close(store);
    return s;
}
