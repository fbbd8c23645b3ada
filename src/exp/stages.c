/* stages.c - the sum of the stages that have ended, its file, and what the monitor sees of the one in training. */
#include "stages.h"
#include "conf.h"
#include "fail.h"
#include "mem.h"
#include "real.h"

#include <fqp/layers.h>
#include <fqp/ntk.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the order of fqp_stage_kind_name. */
static const fqpi_stage_kind *const kinds[] = {&fqpi_stages_residue, &fqpi_stages_scales, &fqpi_stages_bands};

static const char NOTE[] = "stages"; /* of the function: facts of its stages as JSON */

int64_t fqpi_stages_done(const fqpi_stages *s) {
    return (int64_t)json_array_size(s->ended);
}

double fqpi_rms(const double *v, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum / (double)n);
}

/* ---- configuration ---------------------------------------------------------------------------------------------- */

fqp_status fqpi_stages_fail_key(fqp_ctx *ctx, const fqp_config *c, const char *key, const char *why) {
    return fqpi_config_fail(ctx, c, key, FQP_E_CONFIG, "%s", why);
}

fqp_status fqpi_stages_check(fqp_ctx *ctx, const fqp_config *c) {
    const fqp_train_opts *train = fqp_config_section(c, "train");
    const fqp_model_opts *model = fqp_config_section(c, "model");
    if (train->stages <= 1)
        return FQP_OK;
    if (strcmp(fqp_loss_name((size_t)train->loss, NULL), "mse") != 0)
        return fqpi_stages_fail_key(ctx, c, "train.loss",
                                    "the stages of train.stages divide a mean of squares by the square of their size; "
                                    "set mse");
    if (model->output != 0)
        return fqpi_stages_fail_key(ctx, c, "model.output",
                                    "the outputs of stages are added, which means linear ones; set linear");
    if (train->subtract_start)
        return fqpi_stages_fail_key(ctx, c, "train.subtract_start",
                                    "each stage begins at what the sum so far leaves; set false with train.stages");
    const fqp_layers_opts *layers = fqp_config_section(c, "monitor.layers");
    const fqp_kernel_opts *kernel = fqp_config_section(c, "monitor.kernel");
    if (layers->every > 0 || kernel->every > 0)
        return fqpi_stages_fail_key(ctx, c, layers->every > 0 ? "monitor.layers.every" : "monitor.kernel.every",
                                    "it watches one network from its start to its end; with train.stages there are "
                                    "several: set 0");
    if (train->epochs > 0 && train->stage_steps.n > 0)
        return fqpi_stages_fail_key(ctx, c, "train.stage_steps", "train.epochs says how long a stage lasts; set one");
    const fqpi_stage_kind *kind = kinds[train->stage_kind];
    return kind->check ? kind->check(ctx, c) : FQP_OK;
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

static int64_t numbers(const fqpi_stages *s) {
    return s->data->n * s->data->m;
}

static int64_t numbers_seen(const fqpi_stages *s) {
    return s->x.shape[0] * s->data->m;
}

static void drop_stage(fqpi_stages *s) {
    if (s->now.made)
        fqp_section_release(&fqp_model_section, &s->now.model);
    fqpi_free(s->now.target);
    json_decref(s->now.facts);
    s->now = (fqpi_stage){0};
    fqp_array_free(&s->set.y);
}

void fqpi_stages_destroy(fqpi_stages *s) {
    if (!s)
        return;
    drop_stage(s);
    fqp_function_destroy(s->sum);
    json_decref(s->ended);
    fqpi_free(s->base);
    fqpi_free(s->then);
    fqpi_free(s);
}

static void file_of(const fqpi_stages *s, char *path, size_t size) {
    fqpi_print(path, size, "%s/%s/stages.fqp", fqp_store_dir(s->store), s->folder);
}

/* What the sum so far is at the training points and at the monitored ones. */
static fqp_status evaluate(fqpi_stages *s) {
    const fqp_status st = fqp_function_eval(s->ctx, s->sum, fqp_array_view(&s->data->x), s->base);
    return st ? st : fqp_function_eval(s->ctx, s->sum, s->x, s->base_seen);
}

static double fact(const fqpi_stages *s, size_t stage, const char *name) {
    return json_number_value(json_object_get(json_array_get(s->ended, stage), name));
}

/* Steps and seconds of the stages that have ended. */
static void count(fqpi_stages *s) {
    const int64_t batch = s->train->batch > 0 ? s->train->batch : s->data->n;
    s->step = 0;
    s->seconds = 0;
    for (size_t i = 0; i < json_array_size(s->ended); i++) {
        s->step += (int64_t)fact(s, i, "steps");
        s->seconds += fact(s, i, "seconds");
    }
    const int64_t per_epoch = (s->data->n + batch - 1) / batch;
    s->epochs = (double)s->step / (double)per_epoch;
}

static fqp_status take_up(fqpi_stages *s) {
    char path[4096 + FQPI_NAME], file[FQPI_NAME];
    fqpi_print(file, sizeof file, "%s/stages.fqp", s->folder);
    if (!fqp_store_has(s->store, file))
        return FQP_OK;
    file_of(s, path, sizeof path);
    fqp_function *f = NULL;
    const fqp_status st = fqp_function_load(s->ctx, path, &f);
    if (st)
        return st;
    fqp_function_destroy(s->sum);
    s->sum = f;
    const char *note = fqp_function_note_get(f, NOTE);
    json_t *ended = note ? json_loads(note, 0, NULL) : NULL;
    const size_t parts = fqp_function_parts(f);
    if (!json_is_array(ended) || parts != (s->kind->replaces ? 1 : json_array_size(ended)) ||
        fqp_function_inputs(f) != s->data->d || fqp_function_outputs(f) != s->data->m) {
        json_decref(ended);
        return fqpi_fail(s->ctx, FQP_E_DATA, NULL, "%s: its %zu networks are not the stages of this run", path, parts);
    }
    json_decref(s->ended);
    s->ended = ended;
    count(s);
    return evaluate(s);
}

fqp_status fqpi_stages_create(fqpi_job *j, const fqpi_part *p, bool resume, fqpi_stages **out) {
    if (j->train->stages <= 1)
        return FQP_OK;
    if (p->data->labels.data)
        return fqpi_fail(j->ctx, FQP_E_CONFIG, NULL,
                         "train.stages: stages are added up to a value; data with classes has none");
    fqpi_stages *s = fqpi_calloc(j->ctx, 1, sizeof *s);
    if (!s)
        return FQP_E_NOMEM;
    *s = (fqpi_stages){.ctx = j->ctx,
                       .store = j->store,
                       .train = j->train,
                       .model = j->model,
                       .data = p->data,
                       .x = p->x,
                       .y = p->y,
                       .kind = kinds[j->train->stage_kind],
                       .ended = json_array()};
    fqpi_print(s->folder, sizeof s->folder, "seed_%04lld", (long long)p->seed);
    s->base = fqpi_calloc(j->ctx, (size_t)(2 * numbers(s) + 2 * numbers_seen(s)), sizeof *s->base);
    fqp_status st = s->base ? fqp_function_create(j->ctx, p->data->d, p->data->m, &s->sum) : FQP_E_NOMEM;
    if (s->base) {
        s->fit = s->base + numbers(s);
        s->base_seen = s->fit + numbers(s);
        s->total = s->base_seen + numbers_seen(s);
    }
    if (!st && resume)
        st = take_up(s);
    if (st) {
        fqpi_stages_destroy(s);
        return st;
    }
    *out = s;
    return FQP_OK;
}

/* ---- the next stage --------------------------------------------------------------------------------------------- */

fqp_status fqpi_stages_over(fqpi_stages *s, bool *over, const char *fmt, ...) {
    char text[320];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    *over = true;
    fqpi_free(s->then);
    s->then = fqpi_strdup(s->ctx, text);
    return s->then ? FQP_OK : FQP_E_NOMEM;
}

/* The data with target/factor in the place of its outputs. */
static fqp_status make_set(fqpi_stages *s) {
    s->set = *s->data;
    s->set.y = (fqp_array){0};
    const fqp_status st = fqp_array_create(s->ctx, FQP_F64, 2, (int64_t[]){s->data->n, s->data->m}, &s->set.y);
    double *y = s->set.y.data;
    for (int64_t i = 0; !st && i < numbers(s); i++)
        y[i] = s->now.target[i] / s->now.factor;
    return st;
}

fqp_status fqpi_stages_next(fqpi_stages *s, bool *over) {
    drop_stage(s);
    s->now.factor = 1;
    s->now.facts = json_object();
    s->now.target = fqpi_alloc(s->ctx, (size_t)numbers(s), sizeof(double));
    fqp_status st = s->now.target ? fqp_section_copy(s->ctx, &fqp_model_section, s->model, &s->now.model) : FQP_E_NOMEM;
    s->now.made = !st;
    *over = fqpi_stages_done(s) >= s->train->stages;
    if (st || *over)
        return st;
    memcpy(s->now.target, s->data->y.data, (size_t)numbers(s) * sizeof(double));
    st = s->kind->next(s, over);
    return st || *over ? st : make_set(s);
}

static int64_t steps_of(const fqpi_stages *s) {
    const fqp_ints *list = &s->train->stage_steps;
    const size_t k = (size_t)fqpi_stages_done(s);
    return list->n == 0 ? s->train->steps : list->v[k < list->n ? k : list->n - 1];
}

/* The rules that end training look at the loss and the time of the whole; the time is shared by the stages left. */
fqp_train_opts fqpi_stages_train(const fqpi_stages *s) {
    fqp_train_opts o = *s->train;
    const double left = fmax(s->train->seconds - s->seconds, 1e-3);
    o.steps = steps_of(s);
    o.stop_loss = s->now.gated ? 0 : o.stop_loss / (s->now.factor * s->now.factor);
    if (o.seconds > 0)
        o.seconds = left / (double)(s->train->stages - fqpi_stages_done(s));
    return o;
}

/* Draws of a stage are those of a seed of its own; the first one's are the run's. */
uint64_t fqpi_stages_seed(const fqpi_stages *s, uint64_t seed) {
    return seed + ((uint64_t)fqpi_stages_done(s) << 32);
}

bool fqpi_stages_owns(const fqpi_stages *s, const char *checkpoint, uint64_t seed) {
    fqp_array counters = {0};
    const uint64_t want = fqpi_stages_seed(s, seed);
    const bool read = fqp_npz_read(s->ctx, checkpoint, "counters", &counters) == FQP_OK;
    const bool owns = read && fqp_view_count(fqp_array_view(&counters)) > 2 &&
                      memcmp((const int64_t *)counters.data + 2, &want, sizeof want) == 0;
    fqp_array_free(&counters);
    return owns;
}

/* ---- the end of a stage ----------------------------------------------------------------------------------------- */

static double relative(const double *h, fqp_view y, int64_t n, double *work) {
    double size = 0;
    for (int64_t i = 0; i < n; i++) {
        const double v = fqpi_real_at(y, i);
        work[i] = v - h[i];
        size += v * v;
    }
    size = sqrt(size / (double)n);
    return fqpi_rms(work, n) / (size > 0 ? size : 1);
}

/* How good the sum is now: at the training points, at the monitored ones. */
static void judge(fqpi_stages *s, json_t *facts) {
    const double train = relative(s->base, fqp_array_view(&s->data->y), numbers(s), s->fit);
    const double seen = relative(s->base_seen, s->y, numbers_seen(s), s->total);
    json_object_set_new(facts, "train_error", fqpi_json_real(train));
    json_object_set_new(facts, "error", fqpi_json_real(seen));
}

static fqp_status save(fqpi_stages *s) {
    char path[4096 + FQPI_NAME];
    file_of(s, path, sizeof path);
    char *text = json_dumps(s->ended, JSON_COMPACT | JSON_REAL_PRECISION(17));
    fqp_status st = text ? fqp_function_note(s->sum, NOTE, text) : FQP_E_NOMEM;
    free(text);
    return st ? st : fqp_function_save(s->ctx, s->sum, path);
}

static fqp_status join(fqpi_stages *s, const fqp_model *net, uint64_t seed) {
    const fqp_function_part part = {.options = &s->now.model,
                                    .seed = fqpi_stages_seed(s, seed),
                                    .model = net,
                                    .factor = s->now.factor,
                                    .phase = s->now.gated ? s->now.phase : NULL,
                                    .turn = s->now.turn};
    if (s->kind->replaces) {
        fqp_function *fresh = NULL;
        const fqp_status st = fqp_function_create(s->ctx, s->data->d, s->data->m, &fresh);
        if (st)
            return st;
        fqp_function_destroy(s->sum);
        s->sum = fresh;
    }
    return fqp_function_add(s->sum, &part);
}

fqp_status fqpi_stages_ended(fqpi_stages *s, const fqpi_part *p, uint64_t seed) {
    double seconds = 0;
    fqp_trainer_phase(p->trainer, 0, &seconds);
    const int64_t steps = fqp_trainer_steps_done(p->trainer), stage = fqpi_stages_done(s);
    fqp_status st = join(s, p->model, seed);
    st = st ? st : evaluate(s);
    if (st)
        return st;
    json_t *facts = json_incref(s->now.facts);
    json_object_set_new(facts, "seed", json_integer((json_int_t)seed));
    json_object_set_new(facts, "stage", json_integer(stage));
    json_object_set_new(facts, "factor", fqpi_json_real(s->now.factor));
    json_object_set_new(facts, "steps", json_integer(steps));
    json_object_set_new(facts, "seconds", fqpi_json_real(seconds));
    judge(s, facts);
    json_array_append_new(s->ended, facts);
    fqpi_log(s->ctx, FQP_LOG_INFO, "seed %lld, stage %lld: %lld steps, relative error %.2e (training points %.2e)",
             (long long)seed, (long long)stage, (long long)steps, fact(s, (size_t)stage, "error"),
             fact(s, (size_t)stage, "train_error"));
    count(s);
    return save(s);
}

static int64_t seed_of(const json_t *row) {
    return json_integer_value(json_object_get(row, "seed"));
}

/* In the place of the seed's earlier rows, seeds in their order. */
void fqpi_stages_tell(const fqpi_stages *s, fqpi_manifest *m, int64_t seed) {
    const json_t *before = json_object_get(m->root, "stages");
    json_t *all = json_array(), *row;
    size_t i;
    json_array_foreach(before, i, row) if (seed_of(row) < seed) json_array_append(all, row);
    json_array_extend(all, s->ended);
    if (s->then)
        json_array_append_new(all, json_pack("{s:I, s:s}", "seed", (json_int_t)seed, "ended", s->then));
    json_array_foreach(before, i, row) if (seed_of(row) > seed) json_array_append(all, row);
    json_object_set_new(m->root, "stages", all);
    if (s->then)
        fqpi_log(s->ctx, FQP_LOG_INFO, "seed %lld: %s", (long long)seed, s->then);
}

fqp_function *fqpi_stages_function(fqpi_stages *s) {
    return s->sum;
}

/* ---- frames ----------------------------------------------------------------------------------------------------- */

static double gate(const fqpi_stages *s, fqp_view x, int64_t i) {
    double angle = -s->now.turn;
    for (int64_t c = 0; s->now.gated && c < s->data->d; c++)
        angle += s->now.phase[c] * fqpi_real_at(x, i * s->data->d + c);
    return s->now.gated ? cos(angle) : 1;
}

static void add(const fqpi_stages *s, fqp_view x, fqp_view net, const double *base, double *total) {
    const int64_t m = s->data->m, n = x.shape[0];
    for (int64_t i = 0; i < n; i++) {
        const double weight = s->now.factor * gate(s, x, i);
        for (int64_t c = 0; c < m; c++)
            total[i * m + c] = (s->kind->replaces ? 0 : base[i * m + c]) + weight * fqpi_real_at(net, i * m + c);
    }
}

/* A gated network's own loss says nothing of the total's: that is computed from its values at the training points. */
static fqp_status loss_of_total(fqpi_stages *s, const fqp_model *net, double *loss) {
    const fqp_view x = fqp_array_view(&s->data->x), fit = fqp_view_2d(s->fit, s->data->n, s->data->m);
    const double *y = s->data->y.data;
    const fqp_status st = fqp_model_eval(s->ctx, net, x, s->fit);
    if (st)
        return st;
    add(s, x, fit, s->base, s->fit);
    for (int64_t i = 0; i < numbers(s); i++)
        s->fit[i] -= y[i];
    *loss = pow(fqpi_rms(s->fit, numbers(s)), 2);
    return FQP_OK;
}

fqp_status fqpi_stages_frame(fqpi_stages *s, const fqp_model *net, fqpi_record *frame) {
    add(s, s->x, frame->prediction, s->base_seen, s->total);
    frame->prediction = fqp_view_2d(s->total, s->x.shape[0], s->data->m);
    frame->step += s->step;
    frame->seconds += s->seconds;
    frame->epoch += s->epochs;
    frame->loss *= s->now.factor * s->now.factor;
    return s->now.gated ? loss_of_total(s, net, &frame->loss) : FQP_OK;
}
