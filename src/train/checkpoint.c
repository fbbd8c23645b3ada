/* checkpoint.c - parameters, optimiser vectors, step and sums in an npz: training on gives the same bits as never
 * having stopped.  What does not change while training is stored to be compared, not to be restored. */
#include "finish.h"
#include "kfac.h"
#include "mem.h"
#include "sampling.h"
#include "trainer.h"

#include <string.h>

enum { VERSION = 2 };
enum { SHAPE = 7, COUNTERS = 4, HEAD = 9, NUMBERS = HEAD + FQPI_PHASES + FQPI_MEMO };

static const char *const shape_words[SHAPE] = {"format version",    "number of training points", "number of inputs",
                                               "number of outputs", "number of parameters",      "train.batch",
                                               "train.memory"};

static void shape_of(const fqp_trainer *t, int64_t v[SHAPE]) {
    v[0] = VERSION;
    v[1] = t->n;
    v[2] = t->net->embed.d;
    v[3] = t->net->m;
    v[4] = t->net->parameters;
    v[5] = t->batch;
    const fqpi_optimizer *last = fqpi_finish_row(&t->opts);
    v[6] = t->optimizer->vectors || (last && last->vectors) ? t->opts.memory : 0;
}

/* Doubles of the state in file order. */
static void numbers_of(const fqpi_progress_state *now, double v[NUMBERS]) {
    double head[HEAD] = {now->loss,       now->accuracy,      now->frame.loss, now->frame.samples, now->frame.hits,
                         now->epoch.loss, now->epoch.samples, now->epoch.hits, now->mark.loss};
    memcpy(v, head, sizeof head);
    memcpy(v + HEAD, now->seconds, sizeof now->seconds);
    memcpy(v + HEAD + FQPI_PHASES, now->memo, sizeof now->memo);
}

static void numbers_to(const double v[NUMBERS], fqpi_progress_state *now) {
    now->loss = v[0];
    now->accuracy = v[1];
    now->frame = (fqpi_tally){v[2], v[3], v[4]};
    now->epoch = (fqpi_tally){v[5], v[6], v[7]};
    now->mark.loss = v[8];
    memcpy(now->seconds, v + HEAD, sizeof now->seconds);
    memcpy(now->memo, v + HEAD + FQPI_PHASES, sizeof now->memo);
}

static fqp_view text_view(const char *s) {
    return fqp_view_make(s, FQP_U8, 1, (int64_t[]){(int64_t)strlen(s)});
}

/* What the groups' user has to keep, [n]; NULL: nothing. */
static fqp_status group_state(const fqp_trainer *t, double **v, size_t *n) {
    const fqp_groups *g = &t->parts.groups.given;
    *v = NULL;
    *n = g->state ? g->state(g->user, NULL) : 0;
    if (*n == 0)
        return FQP_OK;
    *v = fqpi_alloc(t->ctx, *n, sizeof **v);
    if (!*v)
        return FQP_E_NOMEM;
    g->state(g->user, *v);
    return FQP_OK;
}

static fqp_status save(const fqp_trainer *t, const char *path, const double *groups, size_t ngroups) {
    int64_t shape[SHAPE], counters[COUNTERS] = {t->now.step, t->now.recorded, 0, t->now.mark.step};
    double numbers[NUMBERS];
    memcpy(&counters[2], &t->seed, sizeof t->seed);
    shape_of(t, shape);
    numbers_of(&t->now, numbers);
    fqp_dtype type = t->net->k->dtype;
    const fqpi_embed *e = &t->net->embed;
    const char *names[] = {"shape", "optimizer", "counters",  "numbers",  "parameters",
                           "state", "start",     "embedding", "sampling", "groups"};
    fqp_view views[] = {fqp_view_make(shape, FQP_I64, 1, (int64_t[]){SHAPE}),
                        text_view(t->optimizer->name),
                        fqp_view_make(counters, FQP_I64, 1, (int64_t[]){COUNTERS}),
                        fqp_view_make(numbers, FQP_F64, 1, (int64_t[]){NUMBERS}),
                        fqp_view_make(t->net->w, type, 1, (int64_t[]){t->net->parameters}),
                        fqp_view_make(t->state, type, 2, (int64_t[]){t->vectors, t->stride}),
                        fqp_view_make(t->start.w, type, 1, (int64_t[]){t->net->parameters}),
                        fqp_view_make(e->fixed, FQP_F64, 1, (int64_t[]){e->numbers}),
                        fqp_view_make(fqpi_sampling_scores(t), FQP_F64, 1, (int64_t[]){t->n}),
                        fqp_view_1d(groups, (int64_t)ngroups)};
    const bool there[] = {t->start.w != NULL, e->numbers > 0, fqpi_sampling_scores(t) != NULL, ngroups > 0};
    size_t n = 6;
    for (size_t i = n; i < sizeof names / sizeof names[0]; i++)
        if (there[i - 6]) {
            names[n] = names[i];
            views[n++] = views[i];
        }
    return fqp_npz_write(t->ctx, path, n, names, views);
}

fqp_status fqp_trainer_save(const fqp_trainer *t, const char *path) {
    if (!t || !path)
        return FQP_E_ARG;
    double *groups = NULL;
    size_t n = 0;
    fqp_status s = group_state(t, &groups, &n);
    s = s ? s : save(t, path, groups, n);
    fqpi_free(groups);
    return s;
}

/* ---- restoring ---------------------------------------------------------------------------------- */

typedef struct file {
    fqp_ctx *ctx;
    const char *path;
    fqp_array shape, optimizer, counters, numbers, parameters, state, start, embedding, sampling, groups;
} file;

static void release(file *f) {
    fqp_array *all[] = {&f->shape, &f->optimizer, &f->counters,  &f->numbers,  &f->parameters,
                        &f->state, &f->start,     &f->embedding, &f->sampling, &f->groups};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        fqp_array_free(all[i]);
}

/* Member `name` with the given type and number of elements (-1: any). */
static fqp_status member(const file *f, const char *name, fqp_dtype type, int64_t count, fqp_array *out) {
    fqp_status s = fqp_npz_read(f->ctx, f->path, name, out);
    if (s)
        return s;
    int64_t found = fqp_view_count(fqp_array_view(out));
    if (out->dtype == type && (count < 0 || found == count))
        return FQP_OK;
    return fqpi_fail(f->ctx, FQP_E_DATA, NULL, "%s: %s holds %lld %s numbers, this training needs %lld %s", f->path,
                     name, (long long)found, fqp_dtype_name(out->dtype), (long long)count, fqp_dtype_name(type));
}

static fqp_status compare(const fqp_trainer *t, const file *f) {
    int64_t want[SHAPE];
    const int64_t *have = f->shape.data;
    shape_of(t, want);
    for (int i = 0; i < SHAPE; i++)
        if (have[i] != want[i])
            return fqpi_fail(f->ctx, FQP_E_SHAPE, NULL, "%s: %s is %lld in the checkpoint and %lld here", f->path,
                             shape_words[i], (long long)have[i], (long long)want[i]);
    return FQP_OK;
}

static bool is_by(const file *f, const fqpi_optimizer *row) {
    const int64_t length = fqp_view_count(fqp_array_view(&f->optimizer));
    return length == (int64_t)strlen(row->name) && memcmp(f->optimizer.data, row->name, (size_t)length) == 0;
}

/* The optimiser of the file's step; where train.finish begins, its turn may or may not have come. */
static fqp_status compare_optimizer(const fqp_trainer *t, const file *f, bool *finishing) {
    const int64_t step = *(const int64_t *)f->counters.data, turn = fqpi_finish_at(t);
    const fqpi_optimizer *row = fqpi_optimizer_row(t->opts.optimizer), *last = fqpi_finish_row(&t->opts);
    *finishing = step >= turn && is_by(f, last);
    if (*finishing || (step <= turn && is_by(f, row)))
        return FQP_OK;
    return fqpi_fail(f->ctx, FQP_E_SHAPE, NULL, "%s: train.%s is %.*s in the checkpoint and %s here", f->path,
                     step > turn ? "finish" : "optimizer", (int)fqp_view_count(fqp_array_view(&f->optimizer)),
                     (const char *)f->optimizer.data, step > turn ? last->name : row->name);
}

/* The drawn numbers are part of the function, though they are never trained. */
static fqp_status compare_embedding(const fqp_trainer *t, file *f) {
    const fqpi_embed *e = &t->net->embed;
    if (e->numbers == 0)
        return FQP_OK;
    const fqp_status s = member(f, "embedding", FQP_F64, e->numbers, &f->embedding);
    if (s || memcmp(f->embedding.data, e->fixed, (size_t)e->numbers * sizeof(double)) == 0)
        return s;
    return fqpi_fail(f->ctx, FQP_E_SHAPE, NULL,
                     "%s: the features of model.embedding %s are others than here: another seed or feature_sigma",
                     f->path, e->row->name);
}

static fqp_status load(const fqp_trainer *t, file *f, bool *finishing) {
    fqp_dtype type = t->net->k->dtype;
    fqp_status s = member(f, "shape", FQP_I64, SHAPE, &f->shape);
    s = s ? s : member(f, "optimizer", FQP_U8, -1, &f->optimizer);
    s = s ? s : compare(t, f);
    s = s ? s : compare_embedding(t, f);
    s = s ? s : member(f, "counters", FQP_I64, COUNTERS, &f->counters);
    s = s ? s : compare_optimizer(t, f, finishing);
    s = s ? s : member(f, "numbers", FQP_F64, NUMBERS, &f->numbers);
    s = s ? s : member(f, "parameters", type, t->net->parameters, &f->parameters);
    s = s ? s : member(f, "state", type, t->vectors * t->stride, &f->state);
    if (!s && fqpi_sampling_scores(t))
        s = member(f, "sampling", FQP_F64, t->n, &f->sampling);
    const fqp_groups *g = &t->parts.groups.given;
    if (!s && g->state && g->state(g->user, NULL) > 0)
        s = member(f, "groups", FQP_F64, (int64_t)g->state(g->user, NULL), &f->groups);
    return s || !t->start.w ? s : member(f, "start", type, t->net->parameters, &f->start);
}

fqp_status fqp_trainer_restore(fqp_trainer *t, const char *path) {
    if (!t || !path)
        return FQP_E_ARG;
    file f = {.ctx = t->ctx, .path = path};
    bool finishing = false;
    fqp_status s = load(t, &f, &finishing);
    if (!s) {
        size_t elem = t->net->k->elem;
        const int64_t *counters = f.counters.data;
        t->now.step = counters[0];
        t->now.recorded = counters[1];
        memcpy(&t->seed, &counters[2], sizeof t->seed);
        t->now.mark.step = counters[3];
        numbers_to(f.numbers.data, &t->now);
        memcpy(t->net->w, f.parameters.data, (size_t)t->net->parameters * elem);
        memcpy(t->state, f.state.data, (size_t)(t->vectors * t->stride) * elem);
        t->now.finishing = finishing;
        fqpi_finish_adopt(t);
        t->known = false;
        fqpi_kfac_stale(t);
        if (f.sampling.data)
            fqpi_sampling_restore(t, f.sampling.data);
        s = t->start.w ? fqpi_start_restore(t, f.start.data) : FQP_OK;
        const fqp_groups *g = &t->parts.groups.given;
        if (!s && f.groups.data)
            s = g->restore(g->user, f.groups.data, (size_t)f.groups.shape[0]);
    }
    release(&f);
    return s;
}
