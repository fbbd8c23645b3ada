/* pass.c - the two phases of a step on one wave.
 *
 * Phase 1 deals tiles of samples to the members: a tile goes through all layers and back while it is in cache.  Phase 2
 * deals rows of every layer: their gradient is summed over the whole wave and used at once, so that a row of weights
 * and its moments stay with one core, and no gradient is stored. */
#include "elements.h"
#include "path.h"
#include "rng.h"
#include "sampling.h"
#include "slopes.h"

#include <string.h>

/* ---- samples ------------------------------------------------------------------------------------- */

fqpi_batch fqpi_batch_whole(const fqp_trainer *t) {
    return (fqpi_batch){.waves = &t->whole, .step = -1};
}

fqpi_batch fqpi_batch_of(const fqp_trainer *t, int64_t step) {
    if (t->batch == t->n)
        return (fqpi_batch){.waves = &t->whole, .step = step};
    int64_t index = step % t->per_epoch;
    return (fqpi_batch){.waves = index == t->per_epoch - 1 ? &t->rest : &t->part,
                        .step = step,
                        .epoch = step / t->per_epoch,
                        .start = index * t->batch,
                        .shuffled = true};
}

/* Which rows of the data set a tile holds. */
static void choose(const fqp_trainer *t, const fqpi_batch *b, int64_t first, fqpi_span s) {
    int64_t *at = t->at + s.first;
    for (int64_t j = 0; j < s.n; j++) {
        int64_t i = b->start + first + s.first + j;
        if (b->shuffled && t->sampling)
            i = fqpi_sampling_draw(t, b->step, first + s.first + j);
        else if (b->shuffled)
            i = (int64_t)fqpi_rng_permuted(t->seed, FQPI_STREAM_BATCH, (uint64_t)b->epoch, (uint64_t)t->n, (uint64_t)i);
        at[j] = i;
    }
}

static void load_inputs(const fqp_trainer *t, const fqpi_member *own, fqpi_span s) {
    const int64_t *at = t->at + s.first;
    if (t->x) {
        fqpi_inputs(t->net, &t->tape, s, t->x, t->x_row, at);
        return;
    }
    for (int64_t j = 0; j < s.n; j++)
        fqpi_rows_in(t->net, t->points, at[j], 1, fqpi_elem_at(t->net->k->dtype, own->rows, j * t->x_row), t->x_row);
    fqpi_inputs(t->net, &t->tape, s, own->rows, t->x_row, NULL);
}

/* Inputs, targets and labels of a tile to their panels. */
static void load(const fqp_trainer *t, const fqpi_member *own, const fqpi_batch *b, int64_t first, fqpi_span s) {
    int64_t m = t->net->m, *at = t->at + s.first;
    double *y = t->targets + m * s.first;
    choose(t, b, first, s);
    load_inputs(t, own, s);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < s.n; j++)
            y[i * s.ld + j] = t->y[at[j] * m + i];
    for (int64_t j = 0; t->labels && j < s.n; j++)
        t->wave_labels[s.first + j] = t->labels[at[j]];
}

static void judge_tile(fqp_trainer *t, fqpi_member *own, double weight, fqpi_span s, bool backward) {
    fqp_model *net = t->net;
    fqpi_samples samples = {.n = s.n,
                            .ld = s.ld,
                            .y = t->targets + net->m * s.first,
                            .labels = t->labels ? t->wave_labels + s.first : NULL,
                            .start = t->start.f,
                            .at = t->at + s.first};
    fqpi_criterion_tile(&t->criterion, net->k, net->k64, &samples, fqpi_tape_h(net, &t->tape, net->layers, s), weight,
                        backward ? fqpi_tape_dy(net, &t->tape, s) : NULL, t->losses + s.first, &own->hits,
                        own->criterion);
}

/* Of points that were not drawn alike. */
static void weigh_tile(const fqp_trainer *t, fqpi_span s, bool backward) {
    const fqp_dtype type = t->net->k->dtype;
    for (int64_t j = 0; j < s.n; j++) {
        const double weight = fqpi_sampling_weight(t, t->at[s.first + j]);
        t->losses[s.first + j] *= weight;
        for (int64_t a = 0; a < t->net->m && backward; a++)
            fqpi_elem_scale(type, 1, weight, fqpi_elem_at(type, fqpi_tape_dy(t->net, &t->tape, s), a * s.ld + j));
    }
}

static void pass_samples(fqp_trainer *t, const fqpi_batch *b, int64_t w, int member, int members, bool backward) {
    fqpi_member *own = &t->member[member];
    int64_t lanes = t->net->k->lanes, first, n = fqpi_waves_at(b->waves, w, &first);
    if (own->tiles.n != n || own->tiles.members != members)
        fqpi_tiles_make(&own->tiles, n, lanes, members);
    bool resident = !b->shuffled && b->waves->count == 1;
    double weight = fqpi_criterion_weight(&t->criterion, b->waves->n);
    int64_t from = fqpi_tiles_first(&own->tiles, lanes, member);
    int64_t past = fqpi_tiles_first(&own->tiles, lanes, member + 1), together = own->pack ? past - from : 1;
    for (int64_t i = from; i < past; i++) {
        fqpi_span s = own->tiles.span[i];
        if (!resident || !own->loaded)
            load(t, own, b, first, s);
        fqpi_forward(t->net, &t->tape, s, backward);
        judge_tile(t, own, weight, s, backward);
        if (t->sampling && b->shuffled)
            weigh_tile(t, s, backward);
        if (backward && (i + 1 - from) % together == 0) /* while they are in cache, or all of them for large layers */
            fqpi_backward(t->net, &t->tape, together, &own->tiles.span[i + 1 - together], own->pack);
    }
    own->loaded = resident;
}

/* ---- rows ---------------------------------------------------------------------------------------- */

int64_t fqpi_chunk_rows(const fqp_trainer *t, int64_t in) {
    int64_t rows = FQPI_CHUNK_BYTES / (in * (int64_t)t->net->k->elem);
    return rows < 6 ? 6 : rows > FQPI_CHUNK_ROWS ? FQPI_CHUNK_ROWS : rows;
}

static void apply(fqp_trainer *t, int member, int64_t l, int64_t at, int64_t n, const void *g,
                  const fqpi_update *update) {
    fqp_dtype type = t->net->k->dtype;
    void *s1 = t->vectors > 0 ? fqpi_elem_at(type, t->state, at) : NULL;
    void *s2 = t->vectors > 1 ? fqpi_elem_at(type, t->state, t->stride + at) : NULL;
    unsigned flags = t->optimizer->update(t->net->k, n, fqpi_elem_at(type, t->net->w, at), g, s1, s2, update);
    if (flags)
        fqpi_fault_note(&t->member[member], flags, update->step, l);
}

void fqpi_apply(fqp_trainer *t, int member, int64_t l, int64_t at, int64_t n, const void *g,
                const fqpi_update *update) {
    if (!fqpi_rates_differ(t)) {
        apply(t, member, l, at, n, g, update);
        return;
    }
    for (int64_t done = 0, same; done < n; done += same) {
        fqpi_update own = *update;
        same = n - done;
        own.lr *= fqpi_rate_of(t, l, at + done, &same);
        apply(t, member, l, at + done, same, fqpi_elem_in(t->net->k->dtype, g, done), &own);
    }
}

/* What phase 2 knows everywhere. */
typedef struct rows {
    fqp_trainer *t;
    fqpi_member *own;
    int member;
    bool resume, last, single;
    const fqpi_update *update;
} rows;

/* Gradient of parameters from `at` on: kept, unless it is used at once. */
static void *place(const rows *r, int64_t at) {
    return r->update && r->single ? r->own->gradient : fqpi_elem_at(r->t->net->k->dtype, r->t->gradient, at);
}

static void serve_chunk(const rows *r, int64_t l, int64_t i0, int64_t i1) {
    fqp_trainer *t = r->t;
    const fqpi_layer *y = &t->net->layer[l];
    const fqpi_tiles *tiles = &r->own->tiles;
    int64_t in = fqpi_block_in(y), at = y->weight + i0 * in, n = (i1 - i0) * in;
    void *g = place(r, at);
    fqpi_weight_gradient(t->net, &t->tape, l, i0, i1, tiles->count, tiles->span, g, r->resume, r->own->lanes);
    if (r->last && y->scale != 1)
        fqpi_elem_scale(t->net->k->dtype, n, y->scale, g);
    if (r->last)
        fqpi_slopes_weights(t, l, i0, i1, g);
    if (r->last && r->update)
        fqpi_apply(t, r->member, l, at, n, g, r->update);
    if (y->bias < 0)
        return;
    g = place(r, y->bias + i0);
    fqpi_bias_gradient(t->net, &t->tape, l, i0, i1, tiles->count, tiles->span, g, r->resume, r->own->lanes);
    if (r->last)
        fqpi_slopes_biases(t, l, i0, i1, g);
    if (r->last && r->update)
        fqpi_apply(t, r->member, l, y->bias + i0, i1 - i0, g, r->update);
}

/* Units of a feature: their gradient is kept, then used. */
static void serve_units(const rows *r, const fqpi_feature *f, int64_t u0, int64_t u1) {
    fqp_trainer *t = r->t;
    const fqpi_tiles *tiles = &r->own->tiles;
    const fqpi_wave wave = {.net = t->net, .tape = &t->tape, .tiles = tiles->count, .tile = tiles->span};
    f->row->gradient(f, u0, u1, &wave, fqpi_elem_at(t->net->k->dtype, t->gradient, f->at), r->resume, r->own->lanes);
    for (int b = 0; b < f->row->blocks && r->last && r->update; b++) {
        const int64_t from = f->at + f->row->begin(f, b, u0), to = f->at + f->row->begin(f, b, u1);
        fqpi_apply(t, r->member, fqpi_feature_layer(t->net, f), from, to - from,
                   fqpi_elem_at(t->net->k->dtype, t->gradient, from), r->update);
    }
}

static void serve_features(const rows *r, int members) {
    for (int64_t i = r->t->net->features - 1; i >= 0; i--) {
        const fqpi_feature *f = &r->t->net->feature[i];
        const int64_t from = f->units * r->member / members, to = f->units * (r->member + 1) / members;
        for (int64_t u = from; u < to && !f->fixed; u += FQPI_CHUNK_ROWS)
            serve_units(r, f, u, u + FQPI_CHUNK_ROWS < to ? u + FQPI_CHUNK_ROWS : to);
    }
}

static void pass_rows(fqp_trainer *t, const fqpi_batch *b, int64_t w, int member, int members,
                      const fqpi_update *update) {
    const rows r = {.t = t,
                    .own = &t->member[member],
                    .member = member,
                    .resume = w > 0,
                    .last = w == b->waves->count - 1,
                    .single = b->waves->count == 1,
                    .update = update};
    for (int64_t l = t->net->layers - 1; l >= 0; l--) {
        const fqpi_layer *y = &t->net->layer[l];
        int64_t from, to = fqpi_rows_of(fqpi_weight_rows(y), member, members, &from);
        int64_t most = fqpi_chunk_rows(t, fqpi_block_in(y)), chunks = (to - from + most - 1) / most;
        for (int64_t q = 0; q < chunks; q++)
            serve_chunk(&r, l, from + (to - from) * q / chunks, from + (to - from) * (q + 1) / chunks);
    }
    serve_features(&r, members);
}

/* ---- the path ------------------------------------------------------------------------------------ */

static fqpi_outcome prepare(fqp_trainer *t, const fqpi_batch *b, int member, int members, bool backward) {
    fqpi_outcome all = {0};
    double weight = fqpi_criterion_weight(&t->criterion, b->waves->n);
    t->member[member].hits = 0;
    for (int64_t w = 0; w < b->waves->count; w++) {
        int64_t first, n = fqpi_waves_at(b->waves, w, &first);
        pass_samples(t, b, w, member, members, backward);
        fqpi_meet(t, members);
        all.loss += weight * fqpi_sum(t->losses, n);
        if (w + 1 == b->waves->count)
            break;
        if (backward)
            pass_rows(t, b, w, member, members, NULL);
        fqpi_meet(t, members);
    }
    for (int i = 0; i < members; i++)
        all.hits += t->member[i].hits;
    return all;
}

static void finish(fqp_trainer *t, const fqpi_batch *b, int member, int members, const fqpi_update *update) {
    pass_rows(t, b, b->waves->count - 1, member, members, update);
    fqpi_slopes_finish(t, member, members, update);
}

const fqpi_path fqpi_path_layers = {.name = "layers", .prepare = prepare, .finish = finish};

/* ---- points -------------------------------------------------------------------------------------- */

void fqpi_pass_points(fqp_trainer *t, int member, int members) {
    const fqpi_kernel *k = t->net->k;
    fqpi_member *own = &t->member[member];
    int64_t vectors = (t->n_eval + k->lanes - 1) / k->lanes;
    int64_t from = vectors * member / members, own_vectors = vectors * (member + 1) / members - from;
    int64_t pieces = (own_vectors + FQPI_TILE_VECTORS - 1) / FQPI_TILE_VECTORS;
    for (int64_t q = 0; q < pieces; q++) {
        int64_t first = (from + own_vectors * q / pieces) * k->lanes;
        int64_t past = (from + own_vectors * (q + 1) / pieces) * k->lanes;
        past = past < t->n_eval ? past : t->n_eval;
        const void *x = t->x_eval ? fqpi_elem_in(k->dtype, t->x_eval, first * t->x_row) : own->rows;
        if (!t->x_eval)
            fqpi_rows_in(t->net, fqp_array_view(&t->points_eval), first, past - first, own->rows, t->x_row);
        fqpi_predict(t->net, &own->eval, past - first, x, t->x_row, k->dtype,
                     fqpi_elem_at(k->dtype, t->prediction, first * t->net->m), own->predict);
        fqpi_start_lower(t, first * t->net->m, past * t->net->m);
    }
}
