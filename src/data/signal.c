/* signal.c - from a file to the signal that is fitted: cut, averaged, colours and channels chosen, range moved.
 *
 * Everything is done on the numbers as they are stored; they are divided by what means 1 at the end. */
#include "data_i.h"
#include "fail.h"
#include "mem.h"
#include "signal_raw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AXES = 3, MOST_VALUES = 1 << 26 };

/* ---- colours -------------------------------------------------------------------------------------------------- */

enum { AS_IS, GREY, COLOUR };

static const fqpi_colour COLOURS[] = {
    [AS_IS] = {"as_is", "channels as they are stored", 0},
    [GREY] = {"grey", "one channel, the luma of ITU-R BT.601; opacity is left out", 1},
    [COLOUR] = {"colour", "red, green and blue; opacity is left out", 3},
};

const fqpi_colour *fqpi_colour_row(size_t i) {
    return i < sizeof COLOURS / sizeof *COLOURS ? &COLOURS[i] : NULL;
}

/* What is read of the file: a piece of its grid, cut into cells whose means are the samples. */
typedef struct piece {
    const fqpi_raw_signal *raw;
    fqp_view view;
    int colour;
    int64_t length[AXES]; /* of the file's grid; 1 for axes that it does not have */
    int64_t from[AXES], used[AXES], count[AXES];
    double start[AXES], span[AXES]; /* from the piece's begin to the first cell, and over all cells */
    int64_t channels;
    const int64_t *channel; /* NULL: all in their order */
} piece;

/* Channel k of the chosen colour at stored sample i. */
static double pick(const piece *p, int64_t i, int64_t k) {
    const int64_t stored = p->raw->channels;
    if (p->colour == AS_IS || (p->colour == COLOUR && stored > 2))
        return fqp_view_at(p->view, i * stored + k);
    if (stored < 3)
        return fqp_view_at(p->view, i * stored);
    return 0.299 * fqp_view_at(p->view, i * stored) + 0.587 * fqp_view_at(p->view, i * stored + 1) +
           0.114 * fqp_view_at(p->view, i * stored + 2);
}

/* ---- which samples -------------------------------------------------------------------------------------------- */

static const char *file_of(const fqpi_data_job *job) {
    return job->o->file;
}

static fqp_status find_crop(fqpi_data_job *job, piece *p) {
    const fqp_ints *crop = &job->o->crop;
    const int axes = p->raw->ndim;
    if (crop->n && crop->n != 2 * (size_t)axes)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "crop",
                                "%zu numbers, but %s takes %d: from and to for each of %d ax%s", crop->n, file_of(job),
                                2 * axes, axes, axes == 1 ? "is" : "es");
    for (int j = 0; j < AXES; j++) {
        p->from[j] = crop->n && j < axes ? crop->v[2 * j] : 0;
        const int64_t to = crop->n && j < axes ? crop->v[2 * j + 1] : p->length[j];
        p->used[j] = to - p->from[j];
        if (p->used[j] < 1 || to > p->length[j])
            return fqpi_data_refuse(job, FQP_E_CONFIG, "crop", "from %lld to %lld of the %lld samples along axis %d",
                                    (long long)p->from[j], (long long)to, (long long)p->length[j], j);
    }
    return FQP_OK;
}

static fqp_status shrink(fqpi_data_job *job, piece *p) {
    for (int j = 0; j < p->raw->ndim; j++) {
        p->count[j] = p->used[j] / job->o->shrink;
        p->span[j] = (double)(p->count[j] * job->o->shrink);
        if (p->count[j] < 1)
            return fqpi_data_refuse(job, FQP_E_CONFIG, "shrink", "%lld samples become one, but axis %d has %lld",
                                    (long long)job->o->shrink, j, (long long)p->used[j]);
    }
    return FQP_OK;
}

/* The largest centred piece of the shape asked for. */
static fqp_status resize(fqpi_data_job *job, piece *p) {
    const fqp_ints *size = &job->o->size;
    const int axes = p->raw->ndim;
    double scale = INFINITY;
    if (size->n != 1 && size->n != (size_t)axes)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "size", "%zu numbers for the %d ax%s of %s", size->n, axes,
                                axes == 1 ? "is" : "es", file_of(job));
    for (int j = 0; j < axes; j++) {
        p->count[j] = size->v[size->n == 1 ? 0 : j];
        scale = fmin(scale, (double)p->used[j] / (double)p->count[j]);
        if (p->count[j] > p->used[j])
            return fqpi_data_refuse(job, FQP_E_CONFIG, "size", "%lld samples along axis %d, but there are %lld",
                                    (long long)p->count[j], j, (long long)p->used[j]);
    }
    for (int j = 0; j < axes; j++) {
        p->span[j] = scale * (double)p->count[j];
        p->start[j] = ((double)p->used[j] - p->span[j]) / 2;
    }
    return FQP_OK;
}

static fqp_status find_samples(fqpi_data_job *job, piece *p) {
    for (int j = 0; j < AXES; j++) {
        p->length[j] = j < p->raw->ndim ? p->raw->shape[j] : 1;
        p->count[j] = 1;
        p->span[j] = 1;
    }
    if (job->o->size.n && job->o->shrink > 1)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "shrink", "data.size says another size; give one of them");
    if (find_crop(job, p) || (job->o->size.n ? resize(job, p) : shrink(job, p)))
        return job->status;
    const double all = (double)p->count[0] * (double)p->count[1] * (double)p->count[2] * (double)p->channels;
    if (all > MOST_VALUES)
        return fqpi_data_refuse(job, FQP_E_DATA, "file",
                                "%lld x %lld x %lld samples of %lld channels are more than the %d numbers that can be "
                                "fitted\n    data.crop cuts out a piece, data.shrink makes means of neighbours",
                                (long long)p->count[0], (long long)p->count[1], (long long)p->count[2],
                                (long long)p->channels, MOST_VALUES);
    return FQP_OK;
}

static fqp_status find_channels(fqpi_data_job *job, piece *p) {
    const fqp_ints *chosen = &job->o->channels;
    p->colour = job->o->colour;
    if (p->colour != AS_IS && p->raw->kind != FQP_SIGNAL_IMAGE)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "colour", "%s is of kind %s, and only images have colours",
                                file_of(job), fqp_signal_kind_name(p->raw->kind));
    const int64_t there = COLOURS[p->colour].channels ? COLOURS[p->colour].channels : p->raw->channels;
    for (size_t k = 0; k < chosen->n; k++)
        if (chosen->v[k] >= there)
            return fqpi_data_refuse(job, FQP_E_CONFIG, "channels", "%lld, but there are %lld, numbered from 0",
                                    (long long)chosen->v[k], (long long)there);
    p->channels = chosen->n ? (int64_t)chosen->n : there;
    p->channel = chosen->n ? chosen->v : NULL;
    return FQP_OK;
}

/* ---- means over cells ------------------------------------------------------------------------------------------ */

/* The part of axis j that cell i covers, in samples of the file. */
static void cover(const piece *p, int j, int64_t i, double *from, double *to) {
    const double n = (double)p->count[j];
    *from = (double)p->from[j] + (p->start[j] + p->span[j] * (double)i / n);
    *to = (double)p->from[j] + (p->start[j] + p->span[j] * (double)(i + 1) / n);
}

/* How much of sample i lies in the cell. */
static double inside(const double cell[2], int64_t i) {
    return fmin((double)i + 1, cell[1]) - fmax((double)i, cell[0]);
}

static double mean_of(const piece *p, double cell[AXES][2], int64_t k) {
    double sum = 0, volume = 0;
    for (int64_t r = (int64_t)floor(cell[0][0]); r < p->length[0] && (double)r < cell[0][1]; r++)
        for (int64_t c = (int64_t)floor(cell[1][0]); c < p->length[1] && (double)c < cell[1][1]; c++)
            for (int64_t z = (int64_t)floor(cell[2][0]); z < p->length[2] && (double)z < cell[2][1]; z++) {
                const double part = inside(cell[0], r) * inside(cell[1], c) * inside(cell[2], z);
                sum += part * pick(p, (r * p->length[1] + c) * p->length[2] + z, k);
                volume += part;
            }
    return sum / volume;
}

static void fill(const piece *p, double *y) {
    double cell[AXES][2];
    for (int64_t r = 0; r < p->count[0]; r++)
        for (int64_t c = 0; c < p->count[1]; c++)
            for (int64_t z = 0; z < p->count[2]; z++) {
                const int64_t at[AXES] = {r, c, z};
                for (int j = 0; j < AXES; j++)
                    cover(p, j, at[j], &cell[j][0], &cell[j][1]);
                for (int64_t k = 0; k < p->channels; k++)
                    *y++ = mean_of(p, cell, p->channel ? p->channel[k] : k) / p->raw->white;
            }
}

static fqp_status make_grid(fqpi_data_job *job, const fqpi_raw_signal *raw, fqp_signal *s) {
    piece p = {.raw = raw, .view = fqp_array_view(&raw->a)};
    if (job->o->columns.n)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "columns", "%s is of kind %s, and only tables have columns",
                                file_of(job), fqp_signal_kind_name(raw->kind));
    if (find_channels(job, &p) || find_samples(job, &p))
        return job->status;
    s->ndim = raw->ndim;
    s->n = p.count[0] * p.count[1] * p.count[2];
    s->channels = p.channels;
    memcpy(s->shape, p.count, sizeof s->shape);
    s->rate = raw->note.rate * (double)p.count[0] / p.span[0];
    job->status = fqp_array_create(job->ctx, FQP_F64, 2, (int64_t[]){s->n, s->channels}, &s->value);
    if (!job->status)
        fill(&p, s->value.data);
    return job->status;
}

/* ---- range ------------------------------------------------------------------------------------------------------ */

static void find_range(const fqpi_raw_signal *raw, fqp_signal *s) {
    const double *y = s->value.data;
    s->low = raw->kind == FQP_SIGNAL_SOUND ? -1 : 0;
    s->high = 1;
    if (raw->kind == FQP_SIGNAL_IMAGE || raw->kind == FQP_SIGNAL_SOUND || raw->counts)
        return;
    s->low = s->high = y[0];
    for (int64_t i = 0; i < s->n * s->channels; i++) {
        s->low = fmin(s->low, y[i]);
        s->high = fmax(s->high, y[i]);
    }
}

static fqp_status move_range(fqpi_data_job *job, fqp_signal *s) {
    const fqp_reals *range = &job->o->range;
    double *y = s->value.data;
    if (range->n == 0)
        return FQP_OK;
    if (range->n != 2 || !(range->v[0] < range->v[1]))
        return fqpi_data_refuse(job, FQP_E_CONFIG, "range", "two numbers are needed, the smaller one first");
    if (!(s->low < s->high))
        return fqpi_data_refuse(job, FQP_E_DATA, "range", "every value is %.6g: there is no range to be moved", s->low);
    const double from = s->low, factor = (range->v[1] - range->v[0]) / (s->high - s->low);
    for (int64_t i = 0; i < s->n * s->channels; i++)
        y[i] = range->v[0] + factor * (y[i] - from);
    s->low = range->v[0];
    s->high = range->v[1];
    return FQP_OK;
}

static fqp_status check_finite(fqpi_data_job *job, const fqp_array *a, const char *what) {
    const double *v = a->data;
    for (int64_t i = 0; a->data && i < a->shape[0] * a->shape[1]; i++)
        if (!isfinite(v[i]))
            return fqpi_data_refuse(job, FQP_E_DATA, "file", "%s: %s %lld of sample %lld is %s", file_of(job), what,
                                    (long long)(i % a->shape[1]), (long long)(i / a->shape[1]),
                                    isnan(v[i]) ? "not a number" : "infinite");
    return FQP_OK;
}

/* ---- all together ------------------------------------------------------------------------------------------------ */

static fqp_status make(fqpi_data_job *job, const char *path, const fqpi_raw_signal *raw, fqp_signal *s) {
    *s = (fqp_signal){.kind = raw->kind, .bits = raw->note.bits};
    if (raw->kind == FQP_SIGNAL_TABLE)
        fqpi_signal_table(job, raw, s);
    else
        make_grid(job, raw, s);
    if (!job->status)
        check_finite(job, &s->value, "channel");
    if (!job->status)
        check_finite(job, &s->point, "coordinate");
    if (job->status)
        return job->status;
    find_range(raw, s);
    s->origin = fqpi_signal_title(job->ctx, path, raw);
    if (!s->origin)
        return job->status = FQP_E_NOMEM;
    return move_range(job, s);
}

fqp_status fqpi_signal_make(fqpi_data_job *job, fqp_signal *out) {
    fqpi_raw_signal raw = {0};
    fqp_signal s = {0};
    char *path = fqpi_alloc(job->ctx, FQPI_PATH, 1);
    if (!path)
        return job->status = FQP_E_NOMEM;
    fqpi_signal_find(job, path);
    if (!job->status)
        job->status = fqpi_signal_load(job->ctx, path, (int)job->o->axes, &raw);
    if (!job->status)
        make(job, path, &raw, &s);
    if (job->status)
        fqp_signal_free(&s);
    else
        *out = s;
    fqpi_signal_unload(&raw);
    fqpi_free(path);
    return job->status;
}

fqp_status fqp_data_signal(fqp_ctx *ctx, const fqp_data_opts *opts, const fqp_config *conf, fqp_signal *out) {
    fqp_ctx_problems_clear(ctx);
    if (!opts || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_data_signal needs options and a place for the signal");
    fqpi_data_job job = {.ctx = ctx, .o = opts, .conf = conf};
    return fqpi_signal_make(&job, out);
}

fqp_status fqp_signal_read(fqp_ctx *ctx, const char *path, fqp_signal *out) {
    fqp_data_opts o;
    if (!path || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_signal_read needs a path and a place for the signal");
    fqp_status status = fqp_section_defaults(ctx, &fqp_data_section, &o);
    if (status)
        return status;
    char *const none = o.file;
    o.file = fqpi_strdup(ctx, path);
    status = o.file ? fqp_data_signal(ctx, &o, NULL, out) : FQP_E_NOMEM;
    fqpi_free(o.file);
    o.file = none;
    fqp_section_release(&fqp_data_section, &o);
    return status;
}
