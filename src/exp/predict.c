/* predict.c - a prediction in a run directory: predicted functions at the recorded steps go through the same monitor as
 * trained ones, into theory/, which looks like the folder of a seed.  theory.json is written last: without it there is
 * no prediction. */
#include "fail.h"
#include "follow.h"
#include "mem.h"
#include "predict_i.h"
#include "trainer.h"

#include <math.h>
#include <string.h>

typedef struct prediction {
    fqp_ctx *ctx;
    const fqp_config *config;
    const fqp_predict_request *request;
    fqp_store *store;
    bool fresh; /* the directory was made for it */
    int64_t seed;
    fqp_dataset *data;
    fqpi_theory theory;
    fqp_monitor *monitor;
    fqpi_recorder recorder;
    json_t *notes;
    fqp_array measured; /* steps of the seed that is there already; empty: none */
    double *f;          /* [n_eval, m] */
} prediction;

static void note(prediction *p, const char *fmt, ...) FQP_PRINTF(2, 3);
static void note(prediction *p, const char *fmt, ...) {
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    json_array_append_new(p->notes, json_string(text));
}

/* ---- when ------------------------------------------------------------------------------------------------------ */

static int64_t after(const fqpi_agenda *a, int64_t step) {
    for (size_t i = 0; i < a->nsteps; i++)
        if (a->steps[i] > step)
            return a->steps[i];
    return -1;
}

int64_t fqpi_agenda_next(const fqpi_agenda *a, int64_t step) {
    if (a->steps)
        return after(a, step);
    if (step < 0)
        return 0;
    const int64_t next = fqpi_schedule_next(&a->when, step, a->per_epoch);
    return step >= a->last ? -1 : next < a->last ? next : a->last;
}

/* The steps of the seed that was trained, else those the configuration asks for. */
static fqp_status plan(prediction *p, fqpi_agenda *a) {
    const fqp_train_opts *train = fqp_config_section(p->config, "train");
    const fqp_monitor_opts *monitor = fqp_config_section(p->config, "monitor");
    const int64_t batch = train->batch > 0 ? train->batch : p->data->n;
    *a = (fqpi_agenda){.per_epoch = (p->data->n + batch - 1) / batch};
    a->last = train->epochs > 0 ? train->epochs * a->per_epoch : train->steps;
    if (batch < p->data->n)
        note(p, "mini-batches of %lld are predicted as full batches: their mean", (long long)batch);
    if (p->measured.data) {
        a->steps = p->measured.data;
        a->nsteps = (size_t)p->measured.shape[0];
        return FQP_OK;
    }
    fqp_status s =
        fqp_schedule_parse(p->ctx, monitor->record, fqp_config_origin(p->config, "monitor.record"), &a->when);
    if (s || a->when.change <= 0)
        return s;
    fqp_schedule_release(&a->when);
    note(p, "monitor.record: %s waits for the loss; predicted at log:30", monitor->record);
    return fqp_schedule_parse(p->ctx, "log:30", (fqp_origin){0}, &a->when);
}

/* ---- what ------------------------------------------------------------------------------------------------------ */

static const double PREDICTION_BYTES = 64e6; /* of predicted functions that are stored without being asked for */

static fqp_status watch(prediction *p, const fqpi_agenda *a) {
    const fqp_monitor_opts *monitor = fqp_config_section(p->config, "monitor");
    fqp_monitor_setup setup = fqp_monitor_setup_from(p->config);
    setup.seed = (uint64_t)p->seed;
    fqp_status s = fqp_monitor_create(p->ctx, p->theory.where, p->theory.y, &setup, &p->monitor);
    if (!s)
        s = fqpi_recorder_begin(&p->recorder, p->ctx, p->store, p->monitor, NULL, p->config, p->seed);
    if (s)
        return s;
    double frames = 0;
    for (int64_t step = -1; (step = fqpi_agenda_next(a, step)) >= 0;)
        frames++;
    fqpi_print(p->recorder.folder, sizeof p->recorder.folder, "theory");
    fqpi_follow_free(p->recorder.follow); /* what is computed at once needs no log */
    p->recorder.follow = NULL;
    p->recorder.predictions =
        monitor->predictions || frames * (double)(p->theory.n_eval * p->theory.m) * sizeof(double) < PREDICTION_BYTES;
    return FQP_OK;
}

/* The loss of the start times this: what comes after is of no use to anyone. */
static const double GROWN = 1e6;

static bool finite_all(const double *f, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(f[i]))
            return false;
    return true;
}

static fqp_status record(prediction *p, const fqpi_agenda *a) {
    const fqp_train_opts *train = fqp_config_section(p->config, "train");
    fqpi_theory *t = &p->theory;
    const int64_t outputs = t->n_eval * t->m;
    fqp_status s = FQP_OK;
    double first = INFINITY;
    for (int64_t step = -1; !s && (step = fqpi_agenda_next(a, step)) >= 0;) {
        double loss = NAN;
        s = fqpi_theory_at(t, (double)step, p->f, &loss);
        if (s == FQP_E_DIVERGED || (!s && (!finite_all(p->f, outputs) || !(loss <= GROWN * first)))) {
            fqp_ctx_problems_clear(p->ctx);
            note(p, "predicted to diverge before step %lld", (long long)step);
            return FQP_OK;
        }
        first = step == 0 ? loss : first;
        const fqpi_record r = {.step = step,
                               .epoch = (double)step / (double)a->per_epoch,
                               .seconds = NAN,
                               .loss = loss,
                               .accuracy = NAN,
                               .prediction = fqp_view_2d(p->f, t->n_eval, t->m)};
        s = s ? s : fqpi_recorder_frame(&p->recorder, &r);
        const bool over = p->recorder.stop_captured && p->recorder.captured;
        if (!s && !p->measured.data && (over || loss < train->stop_loss))
            break;
        if (!s && fqp_ctx_interrupted(p->ctx))
            s = fqpi_fail(p->ctx, FQP_E_INTERRUPTED, NULL, "interrupted; there is no prediction yet");
    }
    return s;
}

/* ---- where ----------------------------------------------------------------------------------------------------- */

static fqp_status put_config(prediction *p) {
    char *yaml = NULL;
    fqp_status s = fqp_config_yaml(p->ctx, p->config, &yaml);
    if (!s)
        s = fqp_store_put_text(p->store, "config.yaml", yaml);
    fqpi_free_text(yaml);
    return s;
}

/* A directory that waits for training: fqp_run resumes it. */
static fqp_status begin_run(prediction *p) {
    const fqp_run_opts *run = fqp_config_section(p->config, "run");
    fqpi_manifest m = {0};
    fqp_status s = fqpi_manifest_begin(p->ctx, p->store, p->config, p->request->command, run->title, &m);
    if (s)
        return s;
    fqpi_manifest_data(&m, p->data, p->theory.elsewhere ? "test" : "train");
    s = put_config(p);
    if (!s)
        s = fqp_store_put(p->store, "x", p->theory.where);
    if (!s)
        s = fqp_store_put(p->store, "y", p->theory.y);
    if (!s)
        s = fqpi_manifest_write(&m, "predicted", "");
    if (!s)
        s = fqpi_summarise(p->ctx, p->store);
    fqpi_manifest_free(&m);
    return s;
}

/* The run that is there must be of this configuration; its first seed is the one spoken of. */
static fqp_status look_at_run(prediction *p) {
    fqpi_manifest m = {0};
    fqp_status s = fqpi_manifest_resume(p->ctx, p->store, p->config, &m);
    if (s)
        return s;
    if (json_is_true(json_object_get(m.root, "analysed")))
        s = fqpi_fail(p->ctx, FQP_E_UNSUPPORTED, NULL,
                      "%s: predictions of another program were analysed here; there is no network to predict",
                      fqp_store_dir(p->store));
    const json_t *seeds = json_object_get(m.root, "seeds");
    if (json_array_size(seeds))
        p->seed = json_integer_value(json_array_get(seeds, 0));
    fqpi_manifest_free(&m);
    char name[FQPI_NAME], file[FQPI_NAME + 4];
    fqpi_print(name, sizeof name, "seed_%04lld/step", (long long)p->seed);
    fqpi_print(file, sizeof file, "%s.npy", name);
    if (!s && fqp_store_has(p->store, file))
        s = fqp_store_get(p->store, name, &p->measured);
    if (!s && p->measured.data && (p->measured.dtype != FQP_I64 || p->measured.ndim != 1))
        s = fqpi_fail(p->ctx, FQP_E_DATA, NULL, "%s/%s: steps are whole numbers in one row", fqp_store_dir(p->store),
                      file);
    return s ? s : fqpi_remove_theory(p->ctx, fqp_store_dir(p->store));
}

static fqp_status put_theory(prediction *p) {
    fqpi_trial trial;
    fqpi_seed predicted = {0};
    fqp_status s = fqpi_trial_load(p->ctx, p->store, &trial);
    if (s)
        return s;
    s = fqpi_trial_seed(&trial, "theory", &predicted);
    json_t *j = s ? NULL : fqpi_theory_json(&p->theory, &trial, &predicted, p->notes);
    if (!s && !j)
        s = fqpi_fail(p->ctx, FQP_E_NOMEM, NULL, "theory.json: out of memory");
    fqpi_trial_seed_free(&predicted);
    fqpi_trial_free(&trial);
    if (!s)
        s = fqpi_theory_compare(p->ctx, p->store, j);
    if (!s)
        s = fqpi_store_put_json(p->ctx, p->store, "theory/theory.json", j);
    json_decref(j);
    return s;
}

static fqp_status predict(prediction *p) {
    fqpi_agenda agenda = {0};
    fqp_status s = fqpi_theory_check(p->ctx, p->config);
    if (!s && !p->fresh)
        s = look_at_run(p);
    if (!s)
        s = fqp_dataset_create(p->ctx, fqp_config_section(p->config, "data"), (uint64_t)p->seed, p->config, &p->data);
    if (!s)
        s = fqpi_theory_create(p->ctx, p->config, p->data, p->seed, FQPI_AS_CONFIGURED, &p->theory);
    if (!s)
        s = plan(p, &agenda);
    if (!s)
        s = watch(p, &agenda);
    p->f = s ? NULL : fqpi_alloc(p->ctx, (size_t)(p->theory.n_eval * p->theory.m), sizeof *p->f);
    if (!s && !p->f)
        s = FQP_E_NOMEM;
    if (!s && p->fresh)
        s = begin_run(p);
    if (!s)
        s = record(p, &agenda);
    if (!s)
        s = put_theory(p);
    fqp_schedule_release(&agenda.when);
    return s;
}

static void release(prediction *p) {
    fqpi_recorder_free(&p->recorder);
    fqp_monitor_destroy(p->monitor);
    fqpi_theory_free(&p->theory);
    fqp_dataset_destroy(p->data);
    fqp_array_free(&p->measured);
    json_decref(p->notes);
    fqpi_free(p->f);
}

fqp_status fqp_predict(fqp_ctx *ctx, const fqp_config *config, const fqp_predict_request *request) {
    if (!ctx || !config || !request || !request->dir)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_predict: a context, a configuration and a directory are needed");
    fqp_ctx_problems_clear(ctx);
    const fqp_run_opts *run = fqp_config_section(config, "run");
    prediction p = {.ctx = ctx, .config = config, .request = request, .seed = run->seed > 0 ? run->seed : 1};
    p.notes = json_array();
    bool resumed;
    fqp_status s = fqpi_open_for_run(ctx, request->dir, !request->replace, request->replace, &p.store, &resumed);
    p.fresh = !resumed;
    if (!s)
        s = predict(&p);
    fqpi_kept kept = fqpi_keep(ctx, s);
    release(&p);
    fqp_store_close(p.store);
    if (s && p.store && p.fresh)
        fqpi_remove_run(ctx, request->dir); /* nothing is left of what was refused */
    fqp_ctx_problems_clear(ctx);
    return fqpi_restore(ctx, &kept);
}
