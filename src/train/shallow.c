/* shallow.c - two-layer networks y = sum_u a_u s(w_u . x + b_u) + c of few inputs and one output, s relu or
 * leaky relu, full batches.
 *
 * Units are cut into chunks by their number alone.  Each chunk adds its units' outputs by itself; the chunks are added
 * in order.  A member owns its chunks' parameters altogether, so that besides the outputs nothing passes between
 * threads. */
#include "elements.h"
#include "mem.h"
#include "path.h"

#include <string.h>

enum { CHUNKS = 8, CHUNK_UNITS = 64, LEAST_UNITS = 64 };

bool fqpi_shallow_serves(const fqp_trainer *t) {
    const fqp_model *net = t->net;
    const fqpi_layer *in = &net->layer[0];
    bool hinge = in->act == FQPI_ACT_RELU || in->act == FQPI_ACT_LEAKY_RELU;
    return hinge && !net->reparam.live && net->features == 0 && net->layers == 2 && in->blocks == 1 &&
           net->d <= FQPI_NARROW && net->m == 1 && in->out >= LEAST_UNITS && fqpi_full_batch(t) &&
           t->n <= FQPI_SHALLOW_MOST;
}

/* Units [*from, end) of chunk i; returns end. */
static int64_t chunk(const fqp_trainer *t, int i, int64_t *from) {
    int64_t units = t->net->layer[0].out, groups = (units + CHUNK_UNITS - 1) / CHUNK_UNITS;
    int64_t past = groups * (i + 1) / CHUNKS * CHUNK_UNITS;
    *from = groups * i / CHUNKS * CHUNK_UNITS;
    return past < units ? past : units;
}

static int first_chunk(int member, int members) {
    return CHUNKS * member / members;
}

/* ---- room ----------------------------------------------------------------------------------------- */

struct fqpi_shallow {
    int64_t n, ld, w; /* samples, padded; padded numbers of a chunk's input weights */
    void *x, *ones;   /* [n][d], [ld] */
    double *y;        /* [ld] */
    char *chunk, *member;
    size_t chunk_bytes, member_bytes;
    void *outputs; /* [CHUNKS][ld] */
};

static size_t aligned(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

/* One after another from a block, or their sizes when the block is NULL. */
static void *take(char **p, size_t bytes) {
    char *at = *p;
    *p += aligned(bytes);
    return at;
}

static size_t lay_out(const fqp_trainer *t, fqpi_shallow *q, char *block) {
    const fqpi_kernel *k = t->net->k;
    size_t elem = k->elem;
    char *p = block;
    q->n = t->n;
    q->ld = fqpi_padded(k, t->n);
    q->w = fqpi_padded(k, t->net->d * (t->net->layer[0].out / CHUNKS + 2 * CHUNK_UNITS));
    size_t ld = (size_t)q->ld;
    q->chunk_bytes = (ld * (size_t)k->lanes + 2 * (size_t)q->w) * elem;
    q->member_bytes = aligned(ld * sizeof(double)) + 2 * aligned(ld * elem);
    q->x = take(&p, ld * (size_t)t->net->d * elem);
    q->ones = take(&p, ld * elem);
    q->y = take(&p, ld * sizeof(double));
    q->outputs = take(&p, CHUNKS * ld * elem);
    q->chunk = take(&p, CHUNKS * q->chunk_bytes);
    q->member = take(&p, (size_t)t->members * q->member_bytes);
    return (size_t)(p - block);
}

fqp_status fqpi_shallow_create(fqp_trainer *t) {
    fqp_dtype type = t->net->k->dtype;
    fqpi_shallow size;
    size_t head = aligned(sizeof size), bytes = head + lay_out(t, &size, NULL);
    char *block = fqpi_calloc(t->ctx, 1, bytes);
    if (!block)
        return FQP_E_NOMEM;
    fqpi_shallow *q = t->shallow = (fqpi_shallow *)(void *)block;
    lay_out(t, q, block + head);
    t->bytes += bytes;
    const double one = 1;
    for (int64_t i = 0; i < q->n; i++) {
        memcpy(fqpi_elem_at(type, q->x, i * t->net->d), fqpi_elem_in(type, t->x, i * t->x_row),
               (size_t)t->net->d * t->net->k->elem);
        fqpi_elem_store(type, 1, &one, fqpi_elem_at(type, q->ones, i), 1);
    }
    fqpi_shallow_targets(t);
    return FQP_OK;
}

void fqpi_shallow_targets(fqp_trainer *t) {
    memcpy(t->shallow->y, t->y, (size_t)t->n * sizeof *t->y);
}

static void *output_of(const fqp_trainer *t, int i) {
    return fqpi_elem_at(t->net->k->dtype, t->shallow->outputs, i * t->shallow->ld);
}

/* A chunk's lanes of outputs; input weights, features first; their gradient. */
static void *chunk_room(const fqp_trainer *t, int i, int which) {
    const fqpi_shallow *q = t->shallow;
    int64_t at = which == 0 ? 0 : q->ld * t->net->k->lanes + (which - 1) * q->w;
    return fqpi_elem_at(t->net->k->dtype, q->chunk + (size_t)i * q->chunk_bytes, at);
}

/* ---- outputs and loss ------------------------------------------------------------------------------ */

/* [rows][cols] to [cols][rows] */
static void swap_axes(const fqpi_kernel *k, int64_t rows, int64_t cols, const void *from, void *to) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            memcpy(fqpi_elem_at(k->dtype, to, j * rows + i), fqpi_elem_in(k->dtype, from, i * cols + j), k->elem);
}

static fqpi_units units_of(const fqp_trainer *t, int i, int64_t *from) {
    const fqp_model *net = t->net;
    const fqpi_kernel *k = net->k;
    const fqpi_layer *in = &net->layer[0], *out = &net->layer[1];
    int64_t n = chunk(t, i, from) - *from;
    const void *w = fqpi_elem_in(k->dtype, net->w, in->weight + *from * net->d);
    if (net->d > 1) {
        swap_axes(k, n, net->d, w, chunk_room(t, i, 1));
        w = chunk_room(t, i, 1);
    }
    return (fqpi_units){.n = n,
                        .d = net->d,
                        .w = w,
                        .w_row = n,
                        .b = in->bias < 0 ? NULL : fqpi_elem_in(k->dtype, net->w, in->bias + *from),
                        .a = fqpi_elem_in(k->dtype, net->w, out->weight + *from),
                        .w_scale = in->scale,
                        .b_scale = in->bias_scale,
                        .a_scale = out->scale,
                        .slope = in->act == FQPI_ACT_RELU ? 0 : in->param};
}

static void chunk_outputs(const fqp_trainer *t, int i) {
    const fqpi_kernel *k = t->net->k;
    int64_t from;
    const fqpi_units u = units_of(t, i, &from);
    if (u.n == 0)
        return; /* its outputs stay zero */
    k->units_forward(&u, t->n, t->shallow->x, chunk_room(t, i, 0));
    k->fold_lanes(t->n, chunk_room(t, i, 0), 1, output_of(t, i), 1, false);
}

/* A member's own copy of what all compute alike. */
typedef struct verdict {
    double *losses;
    void *z, *dz;
} verdict;

static verdict verdict_of(const fqp_trainer *t, int member) {
    const fqpi_shallow *q = t->shallow;
    char *p = q->member + (size_t)member * q->member_bytes;
    verdict v = {.losses = take(&p, (size_t)q->ld * sizeof(double))};
    v.z = take(&p, (size_t)q->ld * t->net->k->elem);
    v.dz = p;
    return v;
}

static void judge_tile(const fqp_trainer *t, int member, int64_t first, int64_t n, bool backward, int64_t *hits) {
    fqp_dtype type = t->net->k->dtype;
    verdict v = verdict_of(t, member);
    const fqpi_samples s = {.n = n,
                            .ld = fqpi_padded(t->net->k, n),
                            .y = t->shallow->y + first,
                            .labels = t->labels ? t->labels + first : NULL,
                            .start = t->start.f ? t->start.f + first : NULL};
    fqpi_criterion_tile(&t->criterion, t->net->k, t->net->k64, &s, fqpi_elem_at(type, v.z, first),
                        fqpi_criterion_weight(&t->criterion, t->n), backward ? fqpi_elem_at(type, v.dz, first) : NULL,
                        v.losses + first, hits, t->member[member].criterion);
}

static fqpi_outcome prepare(fqp_trainer *t, const fqpi_batch *b, int member, int members, bool backward) {
    (void)b; /* always the whole set */
    const fqp_model *net = t->net;
    const fqpi_layer *out = &net->layer[1];
    double bias = 0; /* read before the others may change it */
    if (out->bias >= 0)
        fqpi_elem_load(net->k->dtype, 1, fqpi_elem_in(net->k->dtype, net->w, out->bias), 1, &bias);
    for (int i = first_chunk(member, members); i < first_chunk(member + 1, members); i++)
        chunk_outputs(t, i);
    fqpi_meet(t, members);
    verdict v = verdict_of(t, member);
    net->k->sum_slots(t->n, CHUNKS, t->shallow->outputs, t->shallow->ld, v.z);
    net->k->axpy(t->n, out->bias_scale * bias, t->shallow->ones, v.z);
    fqpi_outcome all = {0};
    int64_t tile = fqpi_tile_samples(net->k);
    for (int64_t first = 0; first < t->n; first += tile)
        judge_tile(t, member, first, t->n - first < tile ? t->n - first : tile, backward, &all.hits);
    all.loss = fqpi_criterion_weight(&t->criterion, t->n) * fqpi_sum(v.losses, t->n);
    return all;
}

/* ---- gradient -------------------------------------------------------------------------------------- */

static void *gradient_at(const fqp_trainer *t, int64_t at) {
    return fqpi_elem_at(t->net->k->dtype, t->gradient, at);
}

static void chunk_gradient(fqp_trainer *t, int member, int i, const void *dz, const fqpi_update *update) {
    const fqp_model *net = t->net;
    const fqpi_kernel *k = net->k;
    const fqpi_layer *in = &net->layer[0];
    int64_t from;
    const fqpi_units u = units_of(t, i, &from);
    if (u.n == 0)
        return;
    int64_t w = in->weight + from * net->d, b = in->bias + from, a = net->layer[1].weight + from;
    const fqpi_unit_gradient g = {.w = net->d > 1 ? chunk_room(t, i, 2) : gradient_at(t, w),
                                  .w_row = u.n,
                                  .b = u.b ? gradient_at(t, b) : NULL,
                                  .a = gradient_at(t, a)};
    k->units_backward(&u, t->n, t->shallow->x, dz, &g);
    if (net->d > 1)
        swap_axes(k, net->d, u.n, g.w, gradient_at(t, w));
    if (!update)
        return;
    fqpi_apply(t, member, 0, w, u.n * net->d, gradient_at(t, w), update);
    fqpi_apply(t, member, 1, a, u.n, g.a, update);
    if (g.b)
        fqpi_apply(t, member, 0, b, u.n, g.b, update);
}

static void finish(fqp_trainer *t, const fqpi_batch *b, int member, int members, const fqpi_update *update) {
    (void)b;
    const fqpi_layer *out = &t->net->layer[1];
    const void *dz = verdict_of(t, member).dz;
    for (int i = first_chunk(member, members); i < first_chunk(member + 1, members); i++)
        chunk_gradient(t, member, i, dz, update);
    if (out->bias < 0 || member != members - 1)
        return;
    double g = out->bias_scale * t->net->k->dot(t->n, t->shallow->ones, dz);
    fqpi_elem_store(t->net->k->dtype, 1, &g, gradient_at(t, out->bias), 1);
    if (update)
        fqpi_apply(t, member, 1, out->bias, 1, gradient_at(t, out->bias), update);
}

const fqpi_path fqpi_path_shallow = {.name = "shallow", .prepare = prepare, .finish = finish};
