/* engine.c - a training step as one plan.
 *
 *   phase 1   every slot: forward and backward over its tiles, gradient and loss into its own buffer
 *   barrier
 *   phase 2   every range of parameters: slots added in order, optimiser update
 *   barrier
 *
 * One job of the team runs many steps; the members meet at the barriers and decide alike from the same numbers. */
#include "elements.h"
#include "rng.h"
#include "team.h"
#include "trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    RANGE = 4096,   /* parameters updated at a time: gradient and moments stay in first-level cache */
    EVAL_TILE = 64, /* points predicted at a time */
};

/* ---- batches ---------------------------------------------------------------------------------- */

typedef struct batch {
    const fqpi_cut *cut;
    int64_t epoch, start; /* position of its first sample in the epoch's order */
    bool shuffled;
} batch;

static batch batch_of(const fqp_trainer *t, int64_t step) {
    if (fqpi_full_batch(t))
        return (batch){.cut = &t->whole};
    int64_t index = step % t->per_epoch;
    return (batch){.cut = index == t->per_epoch - 1 ? &t->rest : &t->part,
                   .epoch = step / t->per_epoch,
                   .start = index * t->batch,
                   .shuffled = true};
}

/* Rows of the data set in a tile, and their inputs: in place when they are neighbours, else gathered. */
static const void *gather(const fqp_trainer *t, fqpi_member *own, const batch *b, int64_t first, int64_t n) {
    fqp_dtype type = t->net->k->dtype;
    size_t bytes = (size_t)t->x_row * t->net->k->elem;
    for (int64_t j = 0; j < n; j++) {
        int64_t i = b->start + first + j;
        if (b->shuffled)
            i = (int64_t)fqpi_rng_permuted(t->seed, FQPI_STREAM_BATCH, (uint64_t)b->epoch, (uint64_t)t->n, (uint64_t)i);
        own->at[j] = i;
        if (b->shuffled)
            memcpy(fqpi_elem_at(type, own->rows, j * t->x_row), fqpi_elem_in(type, t->x, i * t->x_row), bytes);
    }
    return b->shuffled ? own->rows : fqpi_elem_in(type, t->x, first * t->x_row);
}

/* ---- phase 1 ---------------------------------------------------------------------------------- */

static void run_slot(fqp_trainer *t, fqpi_member *own, const batch *b, int slot, bool backward) {
    fqp_model *net = t->net;
    const fqpi_kernel *k = net->k;
    fqpi_work *work = &own->work;
    void *gradient = fqpi_elem_at(k->dtype, t->slots, slot * t->stride);
    double weight = fqpi_criterion_weight(&t->criterion, b->cut->n), loss = 0;
    int64_t hits = 0, from, to = fqpi_cut_slot(b->cut, slot, &from);
    for (int64_t i = from; i < to; i++) {
        int64_t first, n = fqpi_cut_tile(b->cut, i, &first);
        const void *x = gather(t, own, b, first, n);
        fqpi_samples samples = {.n = n, .at = own->at, .y = t->y, .labels = t->labels};
        k->transpose(n, net->d, x, t->x_row, work->h, work->ld);
        fqpi_forward(net, work, n, backward);
        loss += fqpi_criterion_tile(&t->criterion, k->dtype, &samples, fqpi_work_h(net, work, net->layers), work->ld,
                                    weight, backward ? work->delta[0] : NULL, &hits, work->sample);
        if (backward)
            fqpi_backward(net, work, n, x, t->x_row, gradient, i > from);
    }
    if (backward)
        fqpi_gradient_scale(net, gradient);
    t->sum[slot].loss = loss;
    t->sum[slot].hits = hits;
}

static void run_slots(fqp_trainer *t, const batch *b, int member, int members, bool backward) {
    for (int slot = member; slot < b->cut->slots; slot += members)
        run_slot(t, &t->member[member], b, slot, backward);
}

static fqpi_slot_sum total(const fqp_trainer *t, const batch *b) {
    fqpi_slot_sum all = {0};
    for (int slot = 0; slot < b->cut->slots; slot++) {
        all.loss += t->sum[slot].loss;
        all.hits += t->sum[slot].hits;
    }
    return all;
}

/* ---- phase 2 ---------------------------------------------------------------------------------- */

double fqpi_learning_rate(const fqp_trainer *t, int64_t step) {
    const fqp_train_opts *o = &t->opts;
    double steps = (double)fqp_trainer_steps_total(t);
    double every = o->schedule_every > 0 ? (double)o->schedule_every : fmax(steps, 1);
    double warm = step < o->warmup ? (double)(step + 1) / (double)o->warmup : 1;
    return o->lr * warm * t->schedule->factor((double)step, steps, o->schedule_rate, every);
}

/* The sum of all slots over parameters [at, at + n). */
static const void *sum_range(fqp_trainer *t, const batch *b, int64_t at, int64_t n) {
    fqp_dtype type = t->net->k->dtype;
    const void *slots = fqpi_elem_in(type, t->slots, at);
    if (b->cut->slots == 1)
        return slots;
    void *g = fqpi_elem_at(type, t->gradient, at);
    t->net->k->sum_slots(n, b->cut->slots, slots, t->stride, g);
    return g;
}

/* Ranges [from, to) of parameters that a member serves, and the length of one. */
static void own_ranges(const fqp_trainer *t, int member, int members, int64_t *from, int64_t *to) {
    int64_t ranges = (t->net->parameters + RANGE - 1) / RANGE;
    *from = ranges * member / members;
    *to = ranges * (member + 1) / members;
}

static int64_t range_length(const fqp_trainer *t, int64_t at) {
    return t->net->parameters - at < RANGE ? t->net->parameters - at : RANGE;
}

static void update(fqp_trainer *t, const batch *b, int64_t step, int member, int members) {
    const fqp_train_opts *o = &t->opts;
    fqp_dtype type = t->net->k->dtype;
    fqpi_update u = {.lr = fqpi_learning_rate(t, step),
                     .beta1 = o->beta1,
                     .beta2 = o->beta2,
                     .eps = o->eps,
                     .momentum = o->momentum,
                     .decay = o->weight_decay,
                     .step = step + 1};
    int64_t from, to;
    own_ranges(t, member, members, &from, &to);
    for (int64_t r = from; r < to; r++) {
        int64_t at = r * RANGE, n = range_length(t, at);
        const void *g = sum_range(t, b, at, n);
        void *s1 = t->vectors > 0 ? fqpi_elem_at(type, t->state, at) : NULL;
        void *s2 = t->vectors > 1 ? fqpi_elem_at(type, t->state, t->stride + at) : NULL;
        t->optimizer->update(t->net->k, n, fqpi_elem_at(type, t->net->w, at), g, s1, s2, &u);
    }
}

/* ---- rules ------------------------------------------------------------------------------------ */

static double accuracy(const fqp_trainer *t, double hits, double samples) {
    return t->labels ? hits / samples : NAN;
}

static fqpi_halt judge_rules(const fqp_trainer *t, double loss, double right) {
    bool low = t->opts.stop_loss > 0 && loss < t->opts.stop_loss;
    bool good = t->opts.stop_accuracy > 0 && right >= t->opts.stop_accuracy;
    return low || good ? FQPI_STOPPED : FQPI_GOING;
}

/* Every member asks this with the same numbers.  A stop rule sees the loss before the update, so the parameters that
 * meet it are kept. */
static fqpi_halt judge(const fqp_trainer *t, const fqpi_slot_sum *all, bool quiet) {
    if (!isfinite(all->loss))
        return FQPI_DIVERGED;
    if (quiet || !fqpi_full_batch(t))
        return FQPI_GOING;
    return judge_rules(t, all->loss, accuracy(t, (double)all->hits, (double)t->n));
}

/* Member 0 keeps the books. */
static void note(fqp_trainer *t, const batch *b, const fqpi_slot_sum *all) {
    double samples = (double)b->cut->n, hits = (double)all->hits;
    t->now.loss = all->loss;
    t->now.accuracy = accuracy(t, hits, samples);
    if (!isfinite(all->loss))
        return;
    t->last_finite = all->loss;
    if (!b->shuffled)
        return;
    t->now.frame.loss += all->loss * samples;
    t->now.frame.samples += samples;
    t->now.frame.hits += hits;
    t->now.epoch.loss += all->loss * samples;
    t->now.epoch.samples += samples;
    t->now.epoch.hits += hits;
}

/* After an update, on member 0: what the world and the rules of an epoch say. */
static fqpi_halt look_up(fqp_trainer *t, int64_t steps_done) {
    fqpi_halt halt = FQPI_GOING;
    if (!fqpi_full_batch(t) && steps_done % t->per_epoch == 0) {
        fqpi_tally e = t->now.epoch;
        if (e.samples > 0)
            halt = judge_rules(t, e.loss / e.samples, accuracy(t, e.hits, e.samples));
        t->now.epoch = (fqpi_tally){0};
    }
    if (t->checkpoint && t->opts.checkpoint_every > 0 && fqpi_clock() - t->saved_at >= t->opts.checkpoint_every)
        halt = halt ? halt : FQPI_SAVE;
    if (fqpi_progress_due(&t->progress)) {
        char detail[32];
        snprintf(detail, sizeof detail, "loss %.3g", t->now.loss);
        fqpi_progress_report(&t->progress, (double)steps_done, detail);
    }
    return fqp_ctx_interrupted(t->ctx) ? FQPI_INTERRUPTED : halt;
}

/* ---- the job ---------------------------------------------------------------------------------- */

typedef struct stretch {
    fqp_trainer *t;
    int64_t from, until;
    bool known; /* the gradient at the start is in the slots; a member may begin when others are steps ahead, so what
                   changes while stepping is read from here */
    bool record, quiet;
    fqpi_halt pause; /* member 0's word, read by all after the barrier */
    fqpi_halt halt;
    double stepped; /* clock when the steps were done */
} stretch;

static void predict_all(fqp_trainer *t, int member, int members) {
    fqp_dtype type = t->net->k->dtype;
    int64_t tile = t->member[member].work.ld < EVAL_TILE ? t->member[member].work.ld : EVAL_TILE;
    for (int64_t first = member * tile; first < t->n_eval; first += members * tile) {
        int64_t n = t->n_eval - first < tile ? t->n_eval - first : tile;
        fqpi_predict(t->net, &t->member[member].work, n, fqpi_elem_in(type, t->x_eval, first * t->x_row), t->x_row,
                     type, fqpi_elem_at(type, t->prediction, first * t->net->m));
    }
}

static void steps(void *arg, int member, int members) {
    stretch *r = arg;
    fqp_trainer *t = r->t;
    int64_t step = r->from;
    bool known = r->known;
    fqpi_halt halt = FQPI_GOING;
    while (step < r->until || (r->record && fqpi_full_batch(t))) { /* a frame wants the loss at its parameters */
        batch b = batch_of(t, step);
        if (!known) {
            run_slots(t, &b, member, members, true);
            fqpi_team_barrier(t->ctx);
        }
        known = true;
        fqpi_slot_sum all = total(t, &b);
        halt = judge(t, &all, r->quiet);
        if (member == 0)
            note(t, &b, &all);
        if (halt || step == r->until)
            break;
        update(t, &b, step, member, members);
        step++;
        if (member == 0) {
            t->now.step = step;
            r->pause = r->quiet ? FQPI_GOING : look_up(t, step);
        }
        fqpi_team_barrier(t->ctx);
        known = false;
        if (r->pause == FQPI_STOPPED || (r->pause && step < r->until))
            break;
    }
    bool arrived = step == r->until || halt == FQPI_STOPPED || r->pause == FQPI_STOPPED;
    if (member == 0) {
        t->known = known;
        r->halt = halt ? halt : r->pause;
        r->stepped = fqpi_clock();
        t->frame_ready = r->record && arrived && halt != FQPI_DIVERGED;
    }
    if (r->record && arrived && halt != FQPI_DIVERGED)
        predict_all(t, member, members);
}

/* ---- loss and gradient of everything ------------------------------------------------------------- */

typedef struct measurement {
    fqp_trainer *t;
    bool gradient;
} measurement;

static void measure(void *arg, int member, int members) {
    measurement *q = arg;
    fqp_trainer *t = q->t;
    batch b = {.cut = &t->whole};
    run_slots(t, &b, member, members, q->gradient);
    fqpi_team_barrier(t->ctx);
    if (!q->gradient)
        return;
    int64_t from, to;
    own_ranges(t, member, members, &from, &to);
    for (int64_t r = from; r < to; r++) {
        int64_t at = r * RANGE, n = range_length(t, at);
        const void *g = sum_range(t, &b, at, n);
        if (b.cut->slots == 1)
            memcpy(fqpi_elem_at(t->net->k->dtype, t->gradient, at), g, (size_t)n * t->net->k->elem);
    }
}

/* Threads that a pass over n samples keeps busy. */
static int members_for(const fqp_trainer *t, int64_t n) {
    return (double)t->net->parameters * (double)n < t->alone ? 1 : t->members;
}

void fqpi_measure(fqp_trainer *t, bool gradient) {
    measurement q = {t, gradient};
    fqpi_team_run_on(t->ctx, members_for(t, t->n), measure, &q);
    batch b = {.cut = &t->whole};
    fqpi_slot_sum all = total(t, &b);
    t->now.loss = all.loss;
    t->now.accuracy = accuracy(t, (double)all.hits, (double)t->n);
    t->known = false;
}

/* ---- stretches ---------------------------------------------------------------------------------- */

/* After a step of an optimiser that wants the whole vector. */
static fqpi_halt after_whole(fqp_trainer *t) {
    fqpi_halt halt = judge_rules(t, t->now.loss, t->now.accuracy), pause = look_up(t, t->now.step);
    return halt ? halt : pause;
}

static void predict(void *arg, int member, int members) {
    predict_all(arg, member, members);
}

static void minimise(stretch *r) {
    fqp_trainer *t = r->t;
    r->halt = fqpi_minimise(t, r->until, r->quiet ? NULL : after_whole);
    r->stepped = fqpi_clock();
    bool arrived = t->now.step == r->until || r->halt == FQPI_STOPPED || r->halt == FQPI_CONVERGED;
    t->frame_ready = r->record && arrived && r->halt != FQPI_DIVERGED;
    if (!t->frame_ready)
        return;
    fqpi_measure(t, false);
    fqpi_team_run_on(t->ctx, members_for(t, t->n_eval), predict, t);
}

fqpi_halt fqpi_advance(fqp_trainer *t, int64_t until, bool record, bool quiet) {
    stretch r = {.t = t, .from = t->now.step, .until = until, .known = t->known, .record = record, .quiet = quiet};
    double began = fqpi_clock();
    t->frame_ready = false;
    if (t->optimizer->minimise)
        minimise(&r);
    else
        fqpi_team_run_on(t->ctx, members_for(t, t->batch), steps, &r);
    t->now.seconds[FQPI_PHASE_TRAIN] += r.stepped - began;
    t->now.seconds[FQPI_PHASE_EVAL] += fqpi_clock() - r.stepped;
    return r.halt;
}
