/* seed.c - one seed of an experiment: its data, network, trainer and monitor, and how it ended. */
#include "fail.h"
#include "gauss_filter.h"
#include "looks.h"
#include "mem.h"
#include "run_i.h"
#include "stages.h"
#include "trainer.h"

#include <math.h>
#include <string.h>

fqp_monitor_setup fqp_monitor_setup_from(const fqp_config *conf) {
    return (fqp_monitor_setup){.monitor = fqp_config_section(conf, "monitor"),
                               .dft = fqp_config_section(conf, "monitor.dft"),
                               .projection = fqp_config_section(conf, "monitor.projection"),
                               .filter = fqp_config_section(conf, "monitor.filter"),
                               .radial = fqp_config_section(conf, "monitor.radial"),
                               .scattered = fqp_config_section(conf, "monitor.scattered"),
                               .sine = fqp_config_section(conf, "monitor.sine"),
                               .seed = 1,
                               .conf = conf};
}

/* The rows from n on are the held-out points. */
static void split(fqpi_record *record, int64_t n) {
    fqp_view *v = &record->prediction;
    record->held = *v;
    record->held.shape[0] = v->shape[0] - n;
    record->held.data = (const char *)v->data + (size_t)(n * v->shape[1]) * fqp_dtype_size(v->dtype);
    v->shape[0] = n;
}

static fqp_status observe(void *user, const fqp_frame *frame, bool *stop) {
    fqpi_part *p = user;
    fqpi_recorder *r = &p->recorder;
    fqpi_record record = {.step = frame->step,
                          .epoch = frame->epoch,
                          .seconds = frame->seconds,
                          .loss = frame->loss,
                          .accuracy = frame->accuracy,
                          .prediction = frame->prediction,
                          .lr = NAN};
    fqp_status s = p->stages ? fqpi_stages_frame(p->stages, p->model, &record) : FQP_OK;
    if (p->held)
        split(&record, p->y.shape[0]);
    if (p->solving)
        s = s ? s : fqpi_solving_frame(p->solving, &record);
    s = s ? s : fqpi_recorder_frame(r, &record);
    *stop = r->stop_captured && r->captured;
    const fqp_monitor_opts *o = fqp_config_section(r->config, "monitor");
    if (s || !o->stop_noise)
        return s;
    const fqp_stop rule = fqpi_recorder_stop(r);
    *stop = *stop || rule.stop;
    return fqpi_part_best_frame(p, &rule);
}

/* ---- points --------------------------------------------------------------------------------------------------- */

static bool same(fqp_view a, fqp_view b) {
    if (a.dtype != b.dtype || a.ndim != b.ndim || memcmp(a.shape, b.shape, (size_t)a.ndim * sizeof *a.shape) != 0)
        return false;
    return memcmp(a.data, b.data, (size_t)fqp_view_count(a) * fqp_dtype_size(a.dtype)) == 0;
}

/* Points and targets: those of the first seed stand at the top, others beside their series where they differ. */
static fqp_status put_points(fqpi_job *j, const fqpi_part *p) {
    const fqp_view v[2] = {p->where, p->y};
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

/* The network is looked at where it is trained and at the test points, all in one array. */
static fqp_status held_points(fqpi_job *j, fqpi_part *p) {
    const fqp_dataset *d = p->data;
    fqp_origin o = fqp_config_origin(j->config, "monitor.held");
    if (j->monitor->on || j->train->stages > 1)
        return fqpi_fail(j->ctx, FQP_E_CONFIG, &o,
                         "monitor.held: true watches the test points beside the training "
                         "points; %s",
                         j->monitor->on ? "with monitor.on test there are no others" : "train.stages cannot do that");
    if (d->n_test == 0)
        return fqpi_fail(j->ctx, FQP_E_CONFIG, &o,
                         "monitor.held: there are no test points; set data.test_n, data.test_count, data.x_test or "
                         "data.train_fraction");
    fqp_view v = fqp_array_view(&d->x);
    const size_t row = (size_t)d->d * fqp_dtype_size(v.dtype);
    v.shape[0] = d->n + d->n_test;
    fqp_status s = fqp_array_create(j->ctx, v.dtype, v.ndim, v.shape, &p->both);
    if (s)
        return s;
    memcpy(p->both.data, d->x.data, (size_t)d->n * row);
    memcpy((char *)p->both.data + (size_t)d->n * row, d->x_test.data, (size_t)d->n_test * row);
    p->seen = fqp_array_view(&p->both);
    return FQP_OK;
}

static fqp_status points(fqpi_job *j, fqpi_part *p) {
    const bool test = j->monitor->on != 0;
    if (test && p->data->n_test == 0) {
        fqp_origin o = fqp_config_origin(j->config, "monitor.on");
        return fqpi_fail(j->ctx, FQP_E_CONFIG, &o,
                         "monitor.on: there are no test points; set data.test_n, data.test_count, data.x_test or "
                         "data.train_fraction");
    }
    p->x = fqp_array_view(test ? &p->data->x_test : &p->data->x);
    const fqp_array *along = test ? &p->data->coordinate_test : &p->data->coordinate;
    p->where = along->data ? fqp_array_view(along) : p->x;
    p->y = fqp_array_view(test ? &p->data->y_test : &p->data->y);
    p->seen = p->x;
    return j->monitor->held ? held_points(j, p) : FQP_OK;
}

/* Steps before the present stage, and in it. */
static int64_t steps_done(const fqpi_part *p) {
    return (p->stages ? p->stages->step : 0) + (p->trainer ? fqp_trainer_steps_done(p->trainer) : 0);
}

static bool out_of_time(const fqpi_job *j, const fqpi_part *p) {
    double seconds = 0;
    if (p->trainer)
        fqp_trainer_phase(p->trainer, 0, &seconds);
    seconds += p->stages ? p->stages->seconds : 0;
    return j->train->seconds > 0 && seconds >= j->train->seconds;
}

/* The present trainer has gone all its steps. */
static bool all_steps(const fqpi_part *p) {
    return !p->trainer || fqp_trainer_steps_done(p->trainer) >= fqp_trainer_steps_total(p->trainer);
}

/* Has the stored seed nothing left to do? */
static bool finished(const fqpi_job *j, const fqpi_part *p) {
    const char *why = fqpi_manifest_why(&j->manifest, p->seed);
    if (!why)
        return false;
    if (strcmp(why, "steps") == 0 || strcmp(why, "epochs") == 0)
        return p->stages ? !p->trainer : all_steps(p);
    if (strcmp(why, "seconds") == 0)
        return out_of_time(j, p);
    return strcmp(why, "captured") == 0 || strcmp(why, "loss") == 0 || strcmp(why, "accuracy") == 0 ||
           strcmp(why, "noise") == 0;
}

static bool asked(const void *part, int64_t step) {
    const fqpi_part *p = part;
    const int64_t before = p->stages ? p->stages->step : 0;
    return step <= before ? p->stages != NULL : p->trainer && fqpi_loop_scheduled(p->trainer, step - before);
}

/* The present trainer as its checkpoint has it; one of an earlier stage is of no use any more. */
static fqp_status restore(const fqpi_job *j, fqpi_part *p, int64_t *at) {
    char file[FQPI_NAME];
    fqpi_print(file, sizeof file, "%s/checkpoint.npz", p->recorder.folder);
    *at = p->stages && p->stages->step > 0 ? p->stages->step : -1;
    if (!p->trainer || !fqp_store_has(j->store, file))
        return FQP_OK;
    if (p->stages && !fqpi_stages_owns(p->stages, p->checkpoint, (uint64_t)p->seed))
        return FQP_OK;
    const fqp_status s = fqp_trainer_restore(p->trainer, p->checkpoint);
    *at = steps_done(p);
    return s;
}

static fqp_status take_up(fqpi_job *j, fqpi_part *p) {
    int64_t at = -1;
    const fqp_status s = restore(j, p, &at);
    if (s)
        return s;
    p->finished = at >= 0 && finished(j, p);
    if (p->finished)
        return FQP_OK;
    fqpi_part_no_function(j, p);
    return fqpi_recorder_resume(&p->recorder, at, asked, p);
}

/* ---- data ------------------------------------------------------------------------------------------------------ */

static bool same_arrays(const fqp_array *a, const fqp_array *b) {
    return a->ndim == b->ndim &&
           (!a->data || !b->data ? a->data == b->data : same(fqp_array_view(a), fqp_array_view(b)));
}

static bool same_data(const fqp_dataset *a, const fqp_dataset *b) {
    return same_arrays(&a->x, &b->x) && same_arrays(&a->y, &b->y) && same_arrays(&a->x_test, &b->x_test) &&
           same_arrays(&a->y_test, &b->y_test) && same_arrays(&a->coordinate, &b->coordinate) &&
           same_arrays(&a->coordinate_test, &b->coordinate_test) && same_arrays(&a->labels, &b->labels) &&
           same_arrays(&a->labels_test, &b->labels_test) && a->classes == b->classes;
}

/* Files and noiseless expressions give every seed the same data: it is held once. */
static fqp_status load(fqpi_job *j, fqpi_part *p, const fqpi_part *like) {
    const double began = fqpi_clock();
    fqp_status s = FQP_OK;
    if (fqpi_solving_given(j->config)) {
        s = fqpi_solving_create(j->ctx, j->config, (uint64_t)p->seed, &p->solving);
        p->data = s ? NULL : p->solving->data;
        fqpi_manifest_phase(&j->manifest, "data", fqpi_clock() - began);
        return s;
    }
    s = fqp_dataset_create(j->ctx, j->data, (uint64_t)p->seed, j->config, &p->own_data);
    p->data = p->own_data;
    if (!s && like && same_data(p->own_data, like->data)) {
        fqp_dataset_destroy(p->own_data);
        p->own_data = NULL;
        p->data = like->data;
    }
    fqpi_manifest_phase(&j->manifest, "data", fqpi_clock() - began);
    return s;
}

static double bytes_of(const fqp_array *a) {
    return a->data ? (double)fqp_view_count(fqp_array_view(a)) * (double)fqp_dtype_size(a->dtype) : 0;
}

static bool filters(const fqpi_part *p) {
    for (size_t i = 0; i < fqp_monitor_probes(p->monitor); i++)
        if (strcmp(fqp_monitor_probe_name(p->monitor, i), "filter") == 0)
            return true;
    return false;
}

size_t fqpi_part_bytes(const fqpi_part *p) {
    const double points = (double)p->x.shape[0];
    double bytes = p->trainer ? (double)fqp_trainer_plan(p->trainer).bytes : 0;
    for (int i = 0; i < 6 && p->own_data; i++)
        bytes += bytes_of((const fqp_array *[]){&p->data->x, &p->data->y, &p->data->x_test, &p->data->y_test,
                                                &p->data->labels, &p->data->labels_test}[i]);
    bytes += 4 * sizeof(double) * points * (double)(p->data->m + 1); /* spectra */
    if (filters(p)) /* points, and distances of all pairs while they fit */
        bytes += sizeof(double) * points * (double)p->data->d + fmin(4 * points * points, FQPI_SMOOTHER_BYTES);
    return (size_t)bytes;
}

/* ---- life ------------------------------------------------------------------------------------------------------ */

static fqp_status name_files(fqpi_job *j, fqpi_part *p) {
    p->checkpoint = fqpi_format(j->ctx, "%s/seed_%04lld/checkpoint.npz", fqp_store_dir(j->store), (long long)p->seed);
    return p->checkpoint ? FQP_OK : FQP_E_NOMEM;
}

static fqp_status watch_held(fqpi_job *j, fqpi_part *p, const fqp_monitor_setup *setup) {
    const fqp_array *along = &p->data->coordinate_test;
    const fqp_view x = fqp_array_view(along->data ? along : &p->data->x_test), y = fqp_array_view(&p->data->y_test);
    fqp_status s = fqpi_held_monitor(j->ctx, x, y, setup, &p->held);
    char folder[32];
    fqpi_print(folder, sizeof folder, "seed_%04lld", (long long)p->seed);
    return s ? s : fqpi_held_put(j->store, folder, x, y);
}

static fqp_status watch(fqpi_job *j, fqpi_part *p) {
    const double began = fqpi_clock();
    fqp_monitor_setup setup = fqp_monitor_setup_from(j->config);
    setup.seed = (uint64_t)p->seed;
    /* of a domain with gaps, probes that need a grid give way */
    fqp_status s = p->solving && !p->solving->nodes.whole
                       ? fqpi_held_monitor(j->ctx, p->where, p->y, &setup, &p->monitor)
                       : fqp_monitor_create(j->ctx, p->where, p->y, &setup, &p->monitor);
    if (!s && j->monitor->held)
        s = watch_held(j, p, &setup);
    fqpi_manifest_phase(&j->manifest, "monitor", fqpi_clock() - began);
    if (!s)
        s = fqpi_recorder_begin(&p->recorder, j->ctx, j->store, p->monitor, p->held, j->config, p->seed);
    if (!s && p->held) {
        const fqp_array *along = &p->data->coordinate_test;
        const fqp_stopping_setup points = {.x = p->where,
                                           .y = p->y,
                                           .held_x = fqp_array_view(along->data ? along : &p->data->x_test),
                                           .held_y = fqp_array_view(&p->data->y_test)};
        s = fqpi_recorder_stopping(&p->recorder, &points);
    }
    if (!s && p->solving)
        s = fqpi_solving_record(p->solving, &p->recorder);
    p->recorder.y = p->y;
    p->recorder.peak = p->data->high - p->data->low;
    if (!s && p->model)
        s = fqpi_looks_create(&(fqpi_looking){.ctx = j->ctx,
                                              .store = j->store,
                                              .folder = p->recorder.folder,
                                              .config = j->config,
                                              .model = p->model,
                                              .x = p->x,
                                              .y = p->y},
                              &p->recorder.looks);
    return s;
}

/* Recorded steps counted from the beginning of the present stage: those of a list move, the other kinds of schedule
 * begin anew with every stage. */
static fqp_status observed(fqpi_job *j, fqpi_part *p) {
    const int64_t before = p->stages ? p->stages->step : 0;
    fqp_schedule when = p->when;
    when.steps.v = fqpi_alloc(j->ctx, when.steps.n, sizeof *when.steps.v);
    if (!when.steps.v)
        return FQP_E_NOMEM;
    for (size_t i = 0; i < when.steps.n; i++)
        when.steps.v[i] = p->when.steps.v[i] - before;
    const fqp_status s = fqp_trainer_observe(p->trainer, p->seen, &when, observe, p);
    fqpi_free(when.steps.v);
    return s;
}

/* The network, or that of the present stage, and its trainer; none when no stage is left. */
static fqp_status network(fqpi_job *j, fqpi_part *p) {
    const uint64_t seed = p->stages ? fqpi_stages_seed(p->stages, (uint64_t)p->seed) : (uint64_t)p->seed;
    const fqp_train_opts train = p->stages ? fqpi_stages_train(p->stages) : *j->train;
    const fqp_model_opts *model = p->stages ? &p->stages->now.model : p->solving ? &p->solving->model : j->model;
    fqp_status s = fqp_model_create(j->ctx, p->data->d, p->data->m, model, seed, &p->model);
    const fqp_dataset first = fqpi_solving_data(p->data, &train);
    const fqp_dataset *data = p->stages ? &p->stages->set : p->solving ? &first : p->data;
    if (!s)
        s = fqp_trainer_create(j->ctx, p->model, data, &train, seed, j->config, &p->trainer);
    if (!s && p->solving)
        s = fqpi_solving_attach(p->solving, p->model, p->trainer);
    if (!s)
        s = observed(j, p);
    return s ? s : fqp_trainer_checkpoints(p->trainer, p->checkpoint);
}

static fqp_status begin_training(fqpi_job *j, fqpi_part *p) {
    bool over = false;
    fqp_status s = fqpi_stages_create(j, p, j->resume, &p->stages);
    if (!s && p->stages)
        s = fqpi_stages_next(p->stages, &over);
    if (!s && p->stages && j->resume) /* a kill may have come before the manifest knew of the last stages */
        fqpi_stages_tell(p->stages, &j->manifest, p->seed);
    return s || over ? s : network(j, p);
}

fqp_status fqpi_part_prepare(fqpi_job *j, fqpi_part *p, const fqpi_part *like) {
    fqp_status s = name_files(j, p);
    if (!s)
        s = load(j, p, like);
    if (!s && !p->solving && p->seed == j->first) /* the others differ in draws alone */
        s = fqpi_reach_look(j->ctx, j->config, p->data);
    if (!s)
        s = points(j, p);
    if (!s)
        s = fqp_schedule_parse(j->ctx, j->monitor->record, fqp_config_origin(j->config, "monitor.record"), &p->when);
    if (!s)
        s = begin_training(j, p);
    if (!s)
        s = watch(j, p);
    if (!s && j->resume)
        s = take_up(j, p);
    if (!s)
        s = put_points(j, p);
    if (s)
        return s;
    fqpi_manifest_data(&j->manifest, p->data, j->monitor->on ? "test" : "train");
    return fqpi_manifest_write(&j->manifest, "running", "");
}

void fqpi_part_release(fqpi_part *p) {
    fqpi_recorder_free(&p->recorder);
    fqp_monitor_destroy(p->monitor);
    fqp_monitor_destroy(p->held);
    fqp_array_free(&p->both);
    fqp_trainer_destroy(p->trainer);
    fqp_model_destroy(p->model);
    fqpi_stages_destroy(p->stages);
    fqpi_solving_destroy(p->solving);
    fqp_dataset_destroy(p->own_data);
    fqp_schedule_release(&p->when);
    fqpi_free(p->checkpoint);
    fqpi_free(p->best.w);
}

/* ---- endings --------------------------------------------------------------------------------------------------- */

bool fqpi_part_captured(const fqpi_part *p) {
    return p->recorder.stop_captured && p->recorder.captured;
}

static bool low_loss(const fqpi_job *j, const fqpi_part *p) {
    return j->train->stop_loss > 0 && p->recorder.last_loss < j->train->stop_loss;
}

bool fqpi_part_noise(const fqpi_part *p) {
    const fqp_monitor_opts *o = fqp_config_section(p->recorder.config, "monitor");
    return o->stop_noise && fqpi_recorder_stop(&p->recorder).stop;
}

/* Why training ended well. */
static const char *reason(const fqpi_job *j, const fqpi_part *p) {
    if (fqpi_part_captured(p))
        return "captured";
    if (fqpi_part_noise(p))
        return "noise";
    if (out_of_time(j, p))
        return "seconds";
    if (p->stages && low_loss(j, p))
        return "loss";
    if (all_steps(p))
        return j->train->epochs > 0 ? "epochs" : "steps";
    return low_loss(j, p) ? "loss" : "accuracy";
}

static void tell_phases(fqpi_job *j, const fqpi_part *p) {
    double seconds;
    for (size_t i = 0; p->trainer && fqp_trainer_phase(p->trainer, i, &seconds); i++)
        fqpi_manifest_phase(&j->manifest, fqp_trainer_phase(p->trainer, i, &seconds), seconds);
}

fqp_status fqpi_part_stage(fqpi_job *j, fqpi_part *p, bool *more) {
    *more = false;
    if (!p->stages)
        return FQP_OK;
    fqp_status s = fqpi_stages_ended(p->stages, p, (uint64_t)p->seed);
    tell_phases(j, p);
    fqp_trainer_destroy(p->trainer);
    fqp_model_destroy(p->model);
    p->trainer = NULL;
    p->model = NULL;
    bool over = fqpi_part_captured(p) || out_of_time(j, p) || low_loss(j, p);
    if (!s && !over)
        s = fqpi_stages_next(p->stages, &over);
    fqpi_stages_tell(p->stages, &j->manifest, p->seed);
    *more = !s && !over;
    return *more ? network(j, p) : s;
}

void fqpi_part_ended(fqpi_job *j, const fqpi_part *p, fqp_status s) {
    const char *why = s == FQP_E_INTERRUPTED ? "interrupted"
                      : s == FQP_E_DIVERGED  ? "diverged"
                      : s                    ? "failed"
                                             : reason(j, p);
    fqpi_manifest_ended(&j->manifest, p->seed, why, s ? p->recorder.last_step : steps_done(p));
    tell_phases(j, p);
}
