/* run.c - an experiment: every seed of a configuration trained, monitored, stored and summarised. */
#include "exp.h"
#include "fail.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One run being made. */
typedef struct job {
    fqp_ctx *ctx;
    const fqp_config *config;
    fqp_store *store;
    fqpi_manifest manifest;
    const fqp_run_opts *run;
    const fqp_data_opts *data;
    const fqp_model_opts *model;
    const fqp_train_opts *train;
    const fqp_monitor_opts *monitor;
    bool resume;
    int64_t first, last; /* seeds */
    size_t frames;       /* recorded in all, those of earlier parts included */
} job;

/* One seed of it. */
typedef struct part {
    int64_t seed;
    fqp_dataset *data;
    fqp_model *model;
    fqp_trainer *trainer;
    fqp_monitor *monitor;
    fqp_schedule when;
    fqpi_recorder recorder;
    fqp_view x, y; /* monitored points */
    bool finished; /* nothing is left to do */
} part;

fqp_monitor_setup fqp_monitor_setup_from(const fqp_config *conf) {
    return (fqp_monitor_setup){.monitor = fqp_config_section(conf, "monitor"),
                               .dft = fqp_config_section(conf, "monitor.dft"),
                               .projection = fqp_config_section(conf, "monitor.projection"),
                               .filter = fqp_config_section(conf, "monitor.filter"),
                               .radial = fqp_config_section(conf, "monitor.radial"),
                               .seed = 1,
                               .conf = conf};
}

static fqp_status observe(void *user, const fqp_frame *frame, bool *stop) {
    fqpi_recorder *r = user;
    const fqpi_record record = {.step = frame->step,
                                .epoch = frame->epoch,
                                .seconds = frame->seconds,
                                .loss = frame->loss,
                                .accuracy = frame->accuracy,
                                .prediction = frame->prediction};
    fqp_status s = fqpi_recorder_frame(r, &record);
    *stop = r->stop_captured && r->captured;
    return s;
}

/* ---- one seed -------------------------------------------------------------------------------------------------- */

static bool same(fqp_view a, fqp_view b) {
    if (a.dtype != b.dtype || a.ndim != b.ndim || memcmp(a.shape, b.shape, (size_t)a.ndim * sizeof *a.shape) != 0)
        return false;
    return memcmp(a.data, b.data, (size_t)fqp_view_count(a) * fqp_dtype_size(a.dtype)) == 0;
}

/* Points and targets: those of the first seed stand at the top, others beside their series where they differ. */
static fqp_status put_points(job *j, const part *p) {
    const fqp_view v[2] = {p->x, p->y};
    static const char *const names[2] = {"x", "y"};
    fqp_status s = FQP_OK;
    for (int i = 0; i < 2 && !s; i++) {
        char file[FQPI_NAME];
        fqpi_print(file, sizeof file, "%s.npy", names[i]);
        if (!fqp_store_has(j->store, file)) {
            s = fqp_store_put(j->store, names[i], v[i]);
            continue;
        }
        fqp_array top = {0};
        s = fqp_store_get(j->store, names[i], &top);
        if (!s && !same(fqp_array_view(&top), v[i])) {
            fqpi_print(file, sizeof file, "%s/%s", p->recorder.folder, names[i]);
            s = fqp_store_put(j->store, file, v[i]);
        }
        fqp_array_free(&top);
    }
    return s;
}

static fqp_status points(job *j, part *p) {
    const bool test = j->monitor->on != 0;
    if (test && p->data->n_test == 0) {
        fqp_origin o = fqp_config_origin(j->config, "monitor.on");
        return fqpi_fail(j->ctx, FQP_E_CONFIG, &o,
                         "monitor.on: there are no test points; set data.test_n, data.test_count, data.x_test or "
                         "data.train_fraction");
    }
    p->x = fqp_array_view(test ? &p->data->x_test : &p->data->x);
    p->y = fqp_array_view(test ? &p->data->y_test : &p->data->y);
    return FQP_OK;
}

static int64_t steps_per_epoch(const job *j, const part *p) {
    const int64_t batch = j->train->batch;
    return batch > 0 && batch < p->data->n ? (p->data->n + batch - 1) / batch : 1;
}

/* Has the stored seed nothing left to do? */
static bool finished(const job *j, const part *p) {
    const char *why = fqpi_manifest_why(&j->manifest, p->seed);
    if (!why)
        return false;
    if (strcmp(why, "steps") == 0 || strcmp(why, "epochs") == 0)
        return fqp_trainer_steps_done(p->trainer) >= fqp_trainer_steps_total(p->trainer);
    return strcmp(why, "captured") == 0 || strcmp(why, "loss") == 0 || strcmp(why, "accuracy") == 0;
}

static fqp_status take_up(job *j, part *p, const char *checkpoint) {
    char file[FQPI_NAME];
    fqpi_print(file, sizeof file, "%s/checkpoint.npz", p->recorder.folder);
    int64_t at = -1;
    if (fqp_store_has(j->store, file)) {
        fqp_status s = fqp_trainer_restore(p->trainer, checkpoint);
        if (s)
            return s;
        at = fqp_trainer_steps_done(p->trainer);
        p->finished = finished(j, p);
    }
    if (p->finished)
        return FQP_OK;
    return fqpi_recorder_resume(&p->recorder, at, &p->when, steps_per_epoch(j, p), fqp_trainer_steps_total(p->trainer));
}

static fqp_status prepare(job *j, part *p, const char *checkpoint) {
    const uint64_t seed = (uint64_t)p->seed;
    const double began = fqpi_clock();
    fqp_status s = fqp_dataset_create(j->ctx, j->data, seed, j->config, &p->data);
    fqpi_manifest_phase(&j->manifest, "data", fqpi_clock() - began);
    if (!s)
        s = points(j, p);
    if (!s)
        s = fqp_model_create(j->ctx, p->data->d, p->data->m, j->model, seed, &p->model);
    if (!s)
        s = fqp_trainer_create(j->ctx, p->model, p->data, j->train, seed, j->config, &p->trainer);
    if (!s)
        s = fqp_schedule_parse(j->ctx, j->monitor->record, fqp_config_origin(j->config, "monitor.record"), &p->when);
    const double setting_up = fqpi_clock();
    if (!s) {
        fqp_monitor_setup setup = fqp_monitor_setup_from(j->config);
        setup.seed = seed;
        s = fqp_monitor_create(j->ctx, p->x, p->y, &setup, &p->monitor);
    }
    fqpi_manifest_phase(&j->manifest, "monitor", fqpi_clock() - setting_up);
    if (!s)
        s = fqpi_recorder_begin(&p->recorder, j->ctx, j->store, p->monitor, j->monitor, j->config, p->seed);
    if (!s)
        s = fqp_trainer_observe(p->trainer, p->x, &p->when, observe, &p->recorder);
    if (!s && j->resume)
        s = take_up(j, p, checkpoint);
    if (!s)
        s = fqp_trainer_checkpoints(p->trainer, checkpoint);
    return s;
}

static void release(part *p) {
    fqpi_recorder_free(&p->recorder);
    fqp_monitor_destroy(p->monitor);
    fqp_trainer_destroy(p->trainer);
    fqp_model_destroy(p->model);
    fqp_dataset_destroy(p->data);
    fqp_schedule_release(&p->when);
}

/* Why training ended well. */
static const char *reason(const job *j, const part *p) {
    if (p->recorder.stop_captured && p->recorder.captured)
        return "captured";
    if (fqp_trainer_steps_done(p->trainer) >= fqp_trainer_steps_total(p->trainer))
        return j->train->epochs > 0 ? "epochs" : "steps";
    if (j->train->stop_loss > 0 && p->recorder.last_loss < j->train->stop_loss)
        return "loss";
    return "accuracy";
}

static fqp_status train(job *j, part *p) {
    if (p->finished)
        return FQP_OK;
    fqp_status s = FQP_OK;
    if (!(p->recorder.stop_captured && p->recorder.captured))
        s = fqp_trainer_run(p->trainer);
    const int64_t at = fqp_trainer_steps_done(p->trainer);
    const char *why = s == FQP_E_INTERRUPTED ? "interrupted"
                      : s == FQP_E_DIVERGED  ? "diverged"
                      : s                    ? "failed"
                                             : reason(j, p);
    fqpi_manifest_ended(&j->manifest, p->seed, why, s ? p->recorder.last_step : at);
    double seconds;
    for (size_t i = 0; fqp_trainer_phase(p->trainer, i, &seconds); i++)
        fqpi_manifest_phase(&j->manifest, fqp_trainer_phase(p->trainer, i, &seconds), seconds);
    return s;
}

static fqp_status run_seed(job *j, int64_t seed) {
    part p = {.seed = seed};
    char folder[32];
    fqpi_print(folder, sizeof folder, "seed_%04lld", (long long)seed);
    char *checkpoint = fqpi_format(j->ctx, "%s/%s/checkpoint.npz", fqp_store_dir(j->store), folder);
    fqp_status s = checkpoint ? FQP_OK : FQP_E_NOMEM;
    if (!s)
        s = prepare(j, &p, checkpoint);
    if (!s)
        s = put_points(j, &p);
    if (!s) {
        fqpi_manifest_data(&j->manifest, p.data, j->monitor->on ? "test" : "train");
        s = fqpi_manifest_write(&j->manifest, "running", "");
    }
    if (!s)
        s = train(j, &p);
    fqpi_kept kept = fqpi_keep(j->ctx, s);
    j->frames += p.recorder.frames;
    release(&p);
    fqpi_free(checkpoint);
    return fqpi_restore(j->ctx, &kept);
}

/* ---- all seeds ------------------------------------------------------------------------------------------------- */

/* A seed that diverged does not hide the others; any other failure ends the run. */
static fqp_status run_seeds(job *j) {
    fqpi_kept diverged = {.status = FQP_OK};
    fqp_status s = FQP_OK;
    for (int64_t seed = j->first; seed <= j->last && !s; seed++) {
        json_array_append_new(json_object_get(j->manifest.root, "seeds"), json_integer(seed));
        if (j->last > j->first)
            fqpi_log(j->ctx, FQP_LOG_INFO, "seed %lld of %lld", (long long)seed, (long long)j->last);
        s = run_seed(j, seed);
        if (s == FQP_E_DIVERGED && !diverged.status) {
            diverged = fqpi_keep(j->ctx, s);
            s = FQP_OK;
        } else if (s == FQP_E_DIVERGED) {
            fqp_ctx_problems_clear(j->ctx);
            s = FQP_OK;
        }
    }
    if (!s && diverged.status)
        return fqpi_restore(j->ctx, &diverged);
    fqpi_kept_free(&diverged);
    return s;
}

/* How a run ended, in the manifest's words. */
static const char *status_word(fqp_status s) {
    static const struct {
        fqp_status status;
        const char *word;
    } rows[] = {{FQP_OK, "done"}, {FQP_E_INTERRUPTED, "interrupted"}, {FQP_E_DIVERGED, "diverged"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == s)
            return rows[i].word;
    return "failed";
}

/* Whatever happened, say so in the manifest and summarise what there is; the first failure is the answer. */
static fqp_status finish(job *j, fqp_status s) {
    fqpi_kept kept = fqpi_keep(j->ctx, s);
    const double began = fqpi_clock();
    fqp_status written = fqpi_manifest_write(&j->manifest, status_word(s), fqpi_kept_first(&kept));
    if (!written)
        written = fqpi_summarise(j->ctx, j->store);
    fqpi_manifest_phase(&j->manifest, "summary", fqpi_clock() - began);
    if (!written)
        written = fqpi_manifest_write(&j->manifest, status_word(s), fqpi_kept_first(&kept));
    if (!written)
        written = fqp_store_sync(j->store);
    if (s) {
        fqp_ctx_problems_clear(j->ctx);
        return fqpi_restore(j->ctx, &kept);
    }
    fqpi_kept_free(&kept);
    return written;
}

static fqp_status put_config(job *j) {
    char *yaml = NULL;
    fqp_status s = fqp_config_yaml(j->ctx, j->config, &yaml);
    if (!s)
        s = fqp_store_put_text(j->store, "config.yaml", yaml);
    fqpi_free_text(yaml);
    return s;
}

static fqp_status begin(job *j, const fqp_run_request *request) {
    if (j->resume)
        return fqpi_manifest_resume(j->ctx, j->store, j->config, &j->manifest);
    return fqpi_manifest_begin(j->ctx, j->store, j->config, request->command, j->run->title, &j->manifest);
}

static fqp_status in_store(job *j, const fqp_run_request *request) {
    fqp_status s = begin(j, request);
    if (s)
        return s;
    json_object_set_new(j->manifest.root, "seeds", json_array());
    s = fqpi_manifest_write(&j->manifest, "running", "");
    if (!s)
        s = put_config(j);
    if (!s)
        s = run_seeds(j);
    s = finish(j, s);
    fqpi_manifest_free(&j->manifest);
    return s;
}

/* A run that failed before its first frame leaves nothing behind. */
static void clear_traces(const job *j, const char *dir, fqp_status s) {
    const bool kept = s == FQP_OK || s == FQP_E_INTERRUPTED || s == FQP_E_DIVERGED || j->resume || j->frames > 0;
    if (!kept)
        fqpi_remove_run(j->ctx, dir);
}

fqp_status fqp_run(fqp_ctx *ctx, const fqp_config *config, const fqp_run_request *request) {
    if (!ctx || !config || !request)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_run: a context, a configuration and a request are needed");
    fqp_ctx_problems_clear(ctx);
    job j = {.ctx = ctx,
             .config = config,
             .run = fqp_config_section(config, "run"),
             .data = fqp_config_section(config, "data"),
             .model = fqp_config_section(config, "model"),
             .train = fqp_config_section(config, "train"),
             .monitor = fqp_config_section(config, "monitor")};
    j.first = j.run->seed > 0 ? j.run->seed : 1;
    j.last = j.run->seed > 0 ? j.run->seed : j.run->seeds;
    const char *dir = request->dir ? request->dir : j.run->dir;
    if (!dir || !*dir)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "run.dir: no run directory was given");
    fqp_status s = fqpi_open_for_run(ctx, dir, request->resume, request->replace, &j.store, &j.resume);
    if (s)
        return s;
    s = in_store(&j, request);
    fqpi_kept kept = fqpi_keep(ctx, s);
    fqp_store_close(j.store);
    clear_traces(&j, dir, s);
    fqp_ctx_problems_clear(ctx);
    return fqpi_restore(ctx, &kept);
}
