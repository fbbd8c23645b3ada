/* trainer.c - life of a trainer: checks, data in the engine's form, memory. */
#include "trainer.h"
#include "elements.h"
#include "finish.h"
#include "kfac.h"
#include "mem.h"
#include "npz.h"
#include "options.h"
#include "path.h"
#include "sampling.h"
#include "slopes.h"

#include <math.h>
#include <string.h>

/* ---- checks ------------------------------------------------------------------------------------ */

static bool one_hot_wanted(const fqp_model *net, const fqp_dataset *data, const fqpi_loss *loss) {
    return fqpi_loss_is_entropy(loss) && data->m == 1 && net->m > 1 && data->labels.data && data->classes == net->m;
}

static fqp_status check_shapes(fqp_ctx *ctx, const fqp_model *net, const fqp_dataset *data, const fqpi_loss *loss) {
    if (data->n < 1)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "train: the data set has no training points");
    if (data->d != net->embed.d)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "train: the data has %lld inputs, the network takes %lld",
                         (long long)data->d, (long long)net->embed.d);
    if (data->m != net->m && !one_hot_wanted(net, data, loss))
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "train: the data has %lld outputs, the network gives %lld",
                         (long long)data->m, (long long)net->m);
    if ((data->x.dtype != FQP_F64 && data->x.dtype != FQP_F32) || data->y.dtype != FQP_F64)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "train: inputs must be f32 or f64 and targets f64, not %s and %s",
                         fqp_dtype_name(data->x.dtype), fqp_dtype_name(data->y.dtype));
    return FQP_OK;
}

static fqp_status check_batch(fqp_ctx *ctx, const fqp_model *net, const fqp_dataset *data, const fqp_train_opts *o) {
    fqp_status s = FQP_OK;
    if (o->batch > data->n)
        s = fqpi_fail(ctx, FQP_E_CONFIG, NULL, "train.batch: %lld is more than the %lld training points",
                      (long long)o->batch, (long long)data->n);
    return s ? s : fqpi_minimise_check(ctx, net, data->n, o, fqpi_optimizer_row(o->optimizer));
}

/* Cross entropy compares probabilities. */
static fqp_status check_targets(fqp_ctx *ctx, const fqp_model *net, const fqp_dataset *data, const fqpi_loss *loss) {
    if (!fqpi_loss_is_entropy(loss))
        return FQP_OK;
    if (!net->output->entropy)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.loss: %s needs probabilities; set model.output to softmax or sigmoid, not %s",
                         loss->name, net->output->name);
    const double *y = data->y.data;
    const int64_t *label = data->labels.data;
    bool classes = one_hot_wanted(net, data, loss);
    for (int64_t i = 0; classes && i < data->n; i++)
        if (label[i] < 0 || label[i] >= net->m)
            return fqpi_fail(ctx, FQP_E_DATA, NULL, "train.loss: label %lld of point %lld is outside 0 .. %lld",
                             (long long)label[i], (long long)i, (long long)net->m - 1);
    for (int64_t i = 0; !classes && i < data->n * data->m; i++)
        if (!(y[i] >= 0 && y[i] <= 1))
            return fqpi_fail(ctx, FQP_E_DATA, NULL,
                             "train.loss: %s needs targets between 0 and 1; output %lld of point %lld is %g",
                             loss->name, (long long)(i % data->m), (long long)(i / data->m), y[i]);
    return FQP_OK;
}

static fqp_status check_loss(fqp_ctx *ctx, const fqp_dataset *data, const fqp_train_opts *o, const fqpi_loss *loss) {
    if (o->loss_param < loss->least)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "train.loss_param: %g is below %g, the least that loss %s takes",
                         o->loss_param, loss->least, loss->name);
    return loss->spectrum ? fqpi_spectral_check(ctx, data, o) : FQP_OK;
}

static fqp_status check(fqp_ctx *ctx, const fqp_model *net, const fqp_dataset *data, const fqp_train_opts *o) {
    fqp_status s = fqpi_options_check(ctx, &fqp_train_section, o);
    if (s)
        return s;
    const fqpi_loss *loss = fqpi_loss_row(o->loss);
    s = check_shapes(ctx, net, data, loss);
    s = s ? s : check_batch(ctx, net, data, o);
    s = s ? s : check_targets(ctx, net, data, loss);
    s = s ? s : check_loss(ctx, data, o, loss);
    s = s ? s : fqpi_start_check(ctx, net, o);
    s = s ? s : fqpi_slopes_check(ctx, net, o);
    s = s ? s : fqpi_rates_check(ctx, net, o);
    s = s ? s : fqpi_kfac_check(ctx, net, o);
    s = s ? s : fqpi_sampling_check(ctx, data, o);
    s = s ? s : fqpi_finish_check(ctx, net, data, o);
    if (!s && o->stop_accuracy > 0 && !data->labels.data)
        s = fqpi_fail(ctx, FQP_E_CONFIG, NULL, "train.stop_accuracy: the data has no classes");
    return s;
}

/* ---- data -------------------------------------------------------------------------------------- */

/* Inputs of the first layer at many points: worth keeping as long as they are no more than this, since they are the
 * same in every step.  An embedding of an image would take many times the memory of all else. */
enum { KEPT_BYTES = 64 << 20 };

static bool keeps_rows(const fqp_trainer *t, int64_t n) {
    const size_t bytes = (size_t)(n * t->x_row) * t->net->k->elem;
    return !fqpi_maps_inputs(t->net) || bytes <= KEPT_BYTES || fqpi_finish_squares(t);
}

/* Inputs of the first layer at n points, in padded rows. */
static void *padded_rows(fqp_ctx *ctx, const fqp_model *net, fqp_view x, int64_t n, int64_t row) {
    void *rows = fqpi_calloc(ctx, (size_t)n * (size_t)row, net->k->elem);
    if (rows)
        fqpi_rows_in(net, x, 0, n, rows, row);
    return rows;
}

static fqp_status take_inputs(fqp_trainer *t, const fqp_dataset *data) {
    const fqp_model *net = t->net;
    t->points = fqp_array_view(&data->x);
    const bool one = net->embed.branches == 1 && net->embed.scales[0] == 1;
    bool as_it_is = one && !fqpi_maps_inputs(net) && data->x.dtype == net->k->dtype && t->x_row == data->d &&
                    (uintptr_t)data->x.data % 64 == 0;
    if (!keeps_rows(t, data->n))
        return FQP_OK;
    if (!as_it_is) {
        t->x_own = padded_rows(t->ctx, net, t->points, data->n, t->x_row);
        if (!t->x_own)
            return FQP_E_NOMEM;
        t->bytes += (size_t)(data->n * t->x_row) * net->k->elem;
    }
    t->x = as_it_is ? data->x.data : t->x_own;
    return FQP_OK;
}

static fqp_status take_targets(fqp_trainer *t, const fqp_dataset *data) {
    const int64_t *label = data->labels.data;
    int64_t m = t->net->m;
    t->y = data->y.data;
    if (label && (m == 1 || m == data->classes))
        t->labels = label;
    if (!one_hot_wanted(t->net, data, t->criterion.loss))
        return FQP_OK;
    t->y_own = fqpi_calloc(t->ctx, (size_t)(t->n * m), sizeof *t->y_own);
    if (!t->y_own)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < t->n; i++)
        t->y_own[i * m + label[i]] = 1;
    t->y = t->y_own;
    return FQP_OK;
}

/* ---- plan -------------------------------------------------------------------------------------- */

static int64_t largest(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static size_t aligned(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

static int64_t capacity(const fqp_trainer *t) {
    return largest(fqpi_waves_widest(&t->whole), largest(fqpi_waves_widest(&t->part), fqpi_waves_widest(&t->rest)));
}

static int64_t vectors_of(const fqp_trainer *t, const fqpi_optimizer *o) {
    return o->vectors     ? o->vectors(t->opts.memory, t->stride)
           : o->kronecker ? fqpi_kfac_vectors(t->net, t->stride)
                          : o->states;
}

static void plan(fqp_trainer *t) {
    const fqpi_kernel *k = t->net->k;
    int64_t most = fqpi_wave_samples(t->net);
    t->batch = t->opts.batch > 0 ? t->opts.batch : t->n;
    t->per_epoch = (t->n + t->batch - 1) / t->batch;
    t->whole = fqpi_waves_make(t->n, k->lanes, most);
    t->part = fqpi_waves_make(t->batch, k->lanes, most);
    t->rest = fqpi_waves_make(t->n - (t->per_epoch - 1) * t->batch, k->lanes, most);
    t->stride = fqpi_padded(k, t->net->parameters);
    const fqpi_optimizer *last = fqpi_finish_row(&t->opts);
    t->vectors = largest(vectors_of(t, t->optimizer), last ? vectors_of(t, last) : 0);
    t->members = fqp_ctx_threads(t->ctx);
    t->x_row = fqpi_row_length(t->net);
}

/* Sizes of the parts of a member's block. */
enum { SPANS, GRADIENT, LANES_, CRITERION, EVAL, PREDICT, PACK, ROWS, PARTS };

static void part_sizes(const fqp_trainer *t, size_t size[PARTS]) {
    const fqp_model *net = t->net;
    const fqpi_kernel *k = net->k;
    int64_t tile = fqpi_tile_samples(k), gradient = 0;
    for (int64_t l = 0; l < net->layers; l++) {
        const int64_t in = fqpi_block_in(&net->layer[l]);
        gradient = largest(gradient, fqpi_chunk_rows(t, in) * in);
    }
    size[SPANS] = aligned((size_t)fqpi_tiles_most(capacity(t), k->lanes, t->members) * sizeof(fqpi_span));
    size[GRADIENT] = aligned((size_t)gradient * k->elem);
    size[LANES_] = fqpi_lanes_bytes(net, FQPI_CHUNK_ROWS);
    size[CRITERION] = fqpi_criterion_scratch(&t->criterion, tile);
    size[EVAL] = fqpi_tape_bytes(net, tile, false);
    size[PREDICT] = aligned(fqpi_predict_bytes(net));
    size[PACK] = aligned(fqpi_pack_bytes(net));
    size[ROWS] = fqpi_maps_inputs(net) ? aligned((size_t)(tile * t->x_row) * k->elem) : 0;
}

static void place_member(const fqp_trainer *t, fqpi_member *own, char *p, const size_t size[PARTS]) {
    own->tiles.span = (fqpi_span *)(void *)p;
    own->gradient = p += size[SPANS];
    own->lanes = p += size[GRADIENT];
    own->criterion = p += size[LANES_];
    fqpi_tape_place(t->net, fqpi_tile_samples(t->net->k), false, p += size[CRITERION], &own->eval);
    own->predict = p += size[EVAL];
    own->pack = size[PACK] ? p + size[PREDICT] : NULL;
    own->rows = size[ROWS] ? p + size[PREDICT] + size[PACK] : NULL;
}

/* Work space of every thread in one block, each part on its own cache lines. */
static fqp_status place_members(fqp_trainer *t) {
    size_t size[PARTS], all = 0;
    part_sizes(t, size);
    for (int i = 0; i < PARTS; i++)
        all += size[i];
    t->member = fqpi_calloc(t->ctx, (size_t)t->members, sizeof *t->member);
    t->member_block = fqpi_calloc(t->ctx, (size_t)t->members, all);
    if (!t->member || !t->member_block)
        return FQP_E_NOMEM;
    for (int i = 0; i < t->members; i++)
        place_member(t, &t->member[i], (char *)t->member_block + (size_t)i * all, size);
    t->bytes += (size_t)t->members * all;
    return FQP_OK;
}

/* What all threads share: a wave's activations, targets and losses, the optimiser's vectors. */
static fqp_status place_shared(fqp_trainer *t) {
    fqp_model *net = t->net;
    size_t stride = (size_t)t->stride, elem = net->k->elem, wave = (size_t)capacity(t), m = (size_t)net->m;
    size_t tape = fqpi_tape_bytes(net, capacity(t), true);
    t->tape_block = fqpi_calloc(t->ctx, 1, tape);
    t->at = fqpi_calloc(t->ctx, wave, sizeof *t->at);
    t->targets = fqpi_calloc(t->ctx, wave * m, sizeof *t->targets);
    t->wave_labels = fqpi_calloc(t->ctx, wave, sizeof *t->wave_labels);
    t->losses = fqpi_calloc(t->ctx, wave, sizeof *t->losses);
    t->gradient = fqpi_calloc(t->ctx, stride, elem);
    t->state = fqpi_calloc(t->ctx, (size_t)t->vectors * stride, elem);
    t->bytes += tape + wave * (m + 3) * sizeof(double) + (size_t)(1 + t->vectors) * stride * elem;
    if (!t->tape_block || !t->at || !t->targets || !t->wave_labels || !t->losses || !t->gradient || !t->state)
        return FQP_E_NOMEM;
    fqpi_tape_place(net, capacity(t), true, t->tape_block, &t->tape);
    return FQP_OK;
}

static fqp_status choose_path(fqp_trainer *t) {
    t->path = fqpi_shallow_serves(t) ? &fqpi_path_shallow : &fqpi_path_layers;
    return t->path == &fqpi_path_shallow ? fqpi_shallow_create(t) : FQP_OK;
}

/* What a mean square error is compared with when it is told in decibels. */
static double peak(const fqp_trainer *t) {
    double low = INFINITY, high = -INFINITY;
    if (strcmp(t->criterion.loss->name, "mse") != 0 || t->labels)
        return 0;
    for (int64_t i = 0; i < t->n * t->net->m; i++) {
        low = fmin(low, t->y[i]);
        high = fmax(high, t->y[i]);
    }
    return high - low;
}

fqp_status fqp_trainer_create(fqp_ctx *ctx, fqp_model *model, const fqp_dataset *data, const fqp_train_opts *opts,
                              uint64_t seed, const fqp_config *conf, fqp_trainer **out) {
    (void)conf; /* messages begin with the key, from which a caller finds the line */
    if (!ctx || !model || !data || !out)
        return FQP_E_ARG;
    const fqp_train_opts *o = opts ? opts : &fqpi_train_defaults;
    fqp_status s = check(ctx, model, data, o);
    if (s)
        return s;
    fqp_trainer *t = fqpi_calloc(ctx, 1, sizeof *t);
    if (!t)
        return FQP_E_NOMEM;
    *t = (fqp_trainer){.ctx = ctx, .net = model, .opts = *o, .seed = seed, .n = data->n};
    t->optimizer = fqpi_optimizer_row(o->optimizer);
    t->schedule = fqpi_lr_row(o->schedule);
    t->criterion = (fqpi_criterion){fqpi_loss_row(o->loss), o->loss_param, model->output, model->m};
    t->now.recorded = -1;
    t->now.accuracy = NAN;
    t->now.mark = (fqpi_mark){-1, NAN};
    t->last_finite = NAN;
    plan(t);
    s = fqpi_rates_open(t);
    s = s ? s : take_inputs(t, data);
    s = s ? s : take_targets(t, data);
    s = s ? s : place_members(t);
    s = s ? s : place_shared(t);
    s = s ? s : fqpi_slopes_open(t);
    s = s ? s : fqpi_start_open(t);
    s = s ? s : choose_path(t);
    s = s ? s : fqpi_minimise_open(t);
    s = s ? s : fqpi_kfac_open(t);
    s = s ? s : fqpi_sampling_open(t);
    s = s ? s : fqpi_spectral_open(t, data);
    if (s) {
        fqp_trainer_destroy(t);
        return s;
    }
    t->peak = peak(t);
    *out = t;
    return FQP_OK;
}

void fqp_trainer_destroy(fqp_trainer *t) {
    if (!t)
        return;
    void *owned[] = {t->shallow, t->x_own,      t->y_own,          t->member,    t->member_block, t->tape_block,
                     t->at,      t->targets,    t->wave_labels,    t->losses,    t->gradient,     t->state,
                     t->x_eval,  t->prediction, t->snapshot.block, t->checkpoint};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        fqpi_free(owned[i]);
    fqpi_groups_close(&t->parts.groups);
    fqpi_user_close(&t->parts.points);
    fqpi_minimise_close(t);
    fqpi_spectral_close(t);
    fqpi_slopes_close(t);
    fqpi_kfac_close(t);
    fqpi_sampling_close(t);
    fqpi_rates_close(t);
    fqpi_start_close(t);
    fqp_schedule_release(&t->when);
    fqp_array_free(&t->points_eval);
    fqpi_free(t);
}

/* ---- observer and small verbs ------------------------------------------------------------------ */

static fqp_status copy_schedule(fqp_ctx *ctx, const fqp_schedule *from, fqp_schedule *to) {
    *to = *from;
    to->steps.v = NULL;
    if (from->steps.n == 0)
        return FQP_OK;
    to->steps.v = fqpi_alloc(ctx, from->steps.n, sizeof *to->steps.v);
    if (!to->steps.v)
        return FQP_E_NOMEM;
    memcpy(to->steps.v, from->steps.v, from->steps.n * sizeof *to->steps.v);
    return FQP_OK;
}

fqp_status fqp_trainer_observe(fqp_trainer *t, fqp_view x_eval, const fqp_schedule *when, fqp_observer_fn fn,
                               void *user) {
    if (!t || !when || !fn || !x_eval.data)
        return FQP_E_ARG;
    const fqpi_kernel *k = t->net->k;
    int64_t d = x_eval.ndim == 2 ? x_eval.shape[1] : x_eval.ndim == 1 ? 1 : -1, n = x_eval.shape[0];
    if (d != t->net->embed.d || n < 1)
        return fqpi_fail(t->ctx, FQP_E_SHAPE, NULL,
                         "observed points have shape [%lld, %lld], the network takes %lld inputs", (long long)n,
                         (long long)d, (long long)t->net->embed.d);
    if (x_eval.dtype != FQP_F64 && x_eval.dtype != FQP_F32)
        return fqpi_fail(t->ctx, FQP_E_ARG, NULL, "observed points must be f32 or f64, not %s",
                         fqp_dtype_name(x_eval.dtype));
    fqp_schedule copy;
    fqp_status s = copy_schedule(t->ctx, when, &copy);
    const bool kept = keeps_rows(t, n);
    void *x = kept ? padded_rows(t->ctx, t->net, x_eval, n, t->x_row) : NULL;
    void *prediction = fqpi_calloc(t->ctx, (size_t)(n * t->net->m), k->elem);
    fqp_array points = {0};
    if (!s && !kept)
        s = fqp_array_convert(t->ctx, x_eval, x_eval.dtype, &points);
    if (s || (kept && !x) || !prediction) {
        fqpi_free(x);
        fqpi_free(prediction);
        fqp_array_free(&points);
        fqp_schedule_release(&copy);
        return FQP_E_NOMEM;
    }
    fqp_schedule_release(&t->when);
    fqpi_free(t->x_eval);
    fqpi_free(t->prediction);
    fqp_array_free(&t->points_eval);
    t->when = copy;
    t->x_eval = x;
    t->points_eval = points;
    t->prediction = prediction;
    t->n_eval = n;
    t->observer = fn;
    t->user = user;
    return fqpi_start_observe(t);
}

fqp_status fqp_trainer_checkpoints(fqp_trainer *t, const char *path) {
    fqp_status s = path ? fqpi_npz_ready(t->ctx, path) : FQP_OK;
    if (s)
        return s;
    char *copy = fqpi_strdup(t->ctx, path);
    if (path && !copy)
        return FQP_E_NOMEM;
    fqpi_free(t->checkpoint);
    t->checkpoint = copy;
    return FQP_OK;
}

fqp_status fqp_trainer_gradient(fqp_trainer *t, double *loss, double *grad) {
    fqpi_measure(t, grad != NULL);
    if (t->parts.failed)
        return fqpi_user_tell(t);
    *loss = t->now.loss;
    if (grad)
        fqpi_elem_load(t->net->k->dtype, t->net->parameters, t->gradient, 1, grad);
    return FQP_OK;
}

int64_t fqp_trainer_steps_done(const fqp_trainer *t) {
    return t->now.step;
}

int64_t fqp_trainer_steps_total(const fqp_trainer *t) {
    return t->opts.epochs > 0 ? t->opts.epochs * t->per_epoch : t->opts.steps;
}

const char *fqp_trainer_phase(const fqp_trainer *t, size_t i, double *seconds) {
    static const char *const names[FQPI_PHASES] = {"train", "eval", "observe", "checkpoint"};
    if (i >= FQPI_PHASES)
        return NULL;
    if (seconds)
        *seconds = t->now.seconds[i];
    return names[i];
}

fqp_plan fqp_trainer_plan(const fqp_trainer *t) {
    const fqpi_pace *p = &t->pace;
    const int64_t input = t->x_eval ? t->x_row : t->net->embed.d;
    size_t evaluation = (size_t)(t->n_eval * (input + t->net->m)) * t->net->k->elem;
    size_t fallback = t->snapshot.block ? (size_t)(1 + t->vectors) * (size_t)t->stride * t->net->k->elem : 0;
    fqpi_fault faint = fqpi_fault_faint(t);
    return (fqp_plan){.path = t->path->name,
                      .faint_step = faint.what ? faint.step : -1,
                      .faint_layer = faint.layer,
                      .kernel = t->net->k->level,
                      .threads = p->chosen > 0 ? p->chosen : t->members,
                      .measured = p->chosen > 0,
                      .ms = {p->rounds[0] ? 1e3 * p->best[0] : NAN, p->rounds[1] ? 1e3 * p->best[1] : NAN},
                      .wave = capacity(t),
                      .bytes = t->bytes + evaluation + fallback};
}
