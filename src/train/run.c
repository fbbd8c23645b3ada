/* run.c - the loop: stretches of steps between frames, stop rules, checkpoints, divergence.
 *
 * It is written in verbs (begin, target, advance, attend, end), so that population.c can speak them to many trainers in
 * turn; fqp_trainer_run speaks them to one. */
#include "finish.h"
#include "kfac.h"
#include "mem.h"
#include "trainer.h"

#include <math.h>
#include <string.h>

enum {
    SNAPSHOT_APART = 100, /* steps between copies to fall back to, at frames */
    STRETCH = 1000        /* steps after which a stretch ends even without a frame */
};

/* ---- the state to fall back to ------------------------------------------------------------------ */

static size_t weight_bytes(const fqp_trainer *t) {
    return (size_t)t->stride * t->net->k->elem;
}

static fqp_status snapshot_make(fqp_trainer *t) {
    if (!t->snapshot.block)
        t->snapshot.block = fqpi_calloc(t->ctx, (size_t)(1 + t->vectors), weight_bytes(t));
    return t->snapshot.block ? FQP_OK : FQP_E_NOMEM;
}

static void snapshot_take(fqp_trainer *t) {
    memcpy(t->snapshot.block, t->net->w, weight_bytes(t));
    memcpy((char *)t->snapshot.block + weight_bytes(t), t->state, (size_t)t->vectors * weight_bytes(t));
    t->snapshot.now = t->now;
}

static void snapshot_restore(fqp_trainer *t) {
    memcpy(t->net->w, t->snapshot.block, weight_bytes(t));
    memcpy(t->state, (char *)t->snapshot.block + weight_bytes(t), (size_t)t->vectors * weight_bytes(t));
    fqpi_kfac_stale(t);
    double seconds[FQPI_PHASES];
    memcpy(seconds, t->now.seconds, sizeof seconds);
    t->now = t->snapshot.now;
    fqpi_finish_adopt(t);
    memcpy(t->now.seconds, seconds, sizeof seconds);
    t->known = false;
}

/* ---- frames ------------------------------------------------------------------------------------- */

/* Loss and accuracy of a frame; see fqp_frame. */
static void frame_numbers(fqp_trainer *t, fqp_frame *f) {
    if (!fqpi_full_batch(t) && t->now.step == 0)
        fqpi_measure(t, false);
    f->loss = t->now.loss;
    f->accuracy = t->now.accuracy;
    fqpi_tally *mean = &t->now.frame;
    if (!fqpi_full_batch(t) && t->now.step > 0 && mean->samples > 0) {
        f->loss = mean->loss / mean->samples;
        f->accuracy = t->labels ? mean->hits / mean->samples : NAN;
    }
    *mean = (fqpi_tally){0};
}

static fqp_status show(fqp_trainer *t, bool *stop) {
    if (!t->observer)
        return FQP_OK;
    double began = fqpi_clock();
    fqp_frame f = {.step = t->now.step, .seconds = t->now.seconds[FQPI_PHASE_TRAIN]};
    f.epoch = (double)t->now.step / (double)t->per_epoch;
    frame_numbers(t, &f);
    if (t->parts.failed)
        return fqpi_user_tell(t);
    f.prediction = fqp_view_make(t->prediction, t->net->k->dtype, 2, (int64_t[]){t->n_eval, t->net->m});
    t->now.recorded = t->now.step;
    if (t->when.change > 0 && t->now.mark.step < 0)
        t->now.mark = (fqpi_mark){t->now.step, f.loss};
    fqp_status s = t->observer(t->user, &f, stop);
    t->now.seconds[FQPI_PHASE_OBSERVE] += fqpi_clock() - began;
    if (isfinite(f.loss) && t->now.step - t->snapshot.now.step >= SNAPSHOT_APART)
        snapshot_take(t);
    return s;
}

bool fqpi_loop_scheduled(const fqp_trainer *t, int64_t step) {
    if (!t->observer)
        return false;
    int64_t mark = t->now.mark.step;
    bool adaptive = t->when.change > 0 && (mark < 0 || mark == step); /* -1: there is nothing to compare with yet */
    return adaptive || step == fqp_trainer_steps_total(t) || fqp_schedule_hits(&t->when, step, t->per_epoch);
}

/* ---- endings ------------------------------------------------------------------------------------ */

static fqp_status save(fqp_trainer *t) {
    if (!t->checkpoint)
        return FQP_OK;
    double began = fqpi_clock();
    fqp_status s = fqp_trainer_save(t, t->checkpoint);
    t->saved_at = fqpi_clock();
    t->now.seconds[FQPI_PHASE_CHECKPOINT] += t->saved_at - began;
    return s;
}

static fqp_status diverged(fqp_trainer *t) {
    char text[FQPI_FAULT_TEXT];
    fqpi_fault_text(t, text, sizeof text);
    snapshot_restore(t);
    fqp_status s = save(t);
    if (s)
        return s;
    if (t->in_population)
        return fqpi_fail(t->ctx, FQP_E_DIVERGED, NULL, "seed %llu, %s", (unsigned long long)t->seed, text);
    return fqpi_fail(t->ctx, FQP_E_DIVERGED, NULL, "%s", text);
}

static fqp_status interrupted(fqp_trainer *t) {
    fqp_status s = save(t);
    if (s)
        return s;
    if (t->in_population)
        return FQP_E_INTERRUPTED;
    return fqpi_fail(t->ctx, FQP_E_INTERRUPTED, NULL, "interrupted after step %lld of %lld%s%s", (long long)t->now.step,
                     (long long)fqp_trainer_steps_total(t), t->checkpoint ? "; state saved in " : "",
                     t->checkpoint ? t->checkpoint : "");
}

/* ---- the loop ----------------------------------------------------------------------------------- */

fqp_status fqpi_loop_begin(fqp_trainer *t) {
    fqp_status s = snapshot_make(t);
    if (s)
        return s;
    snapshot_take(t);
    t->known = false;
    t->saved_at = fqpi_clock();
    t->judged = NAN;
    t->frame_ready = false;
    t->fault = (fqpi_fault){0};
    t->loop = (fqpi_loop){.first = fqpi_loop_scheduled(t, t->now.step) && t->now.recorded != t->now.step};
    return FQP_OK;
}

bool fqpi_loop_going(const fqp_trainer *t) {
    fqpi_halt halt = t->loop.halt;
    bool open = halt == FQPI_GOING || halt == FQPI_FRAME || halt == FQPI_SAVE;
    return !t->loop.status && (t->loop.first || (open && t->now.step < fqp_trainer_steps_total(t)));
}

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

int64_t fqpi_loop_target(const fqp_trainer *t) {
    int64_t step = t->now.step, end = smaller((step / STRETCH + 1) * STRETCH, fqp_trainer_steps_total(t));
    if (t->loop.first)
        return step;
    return t->observer ? smaller(end, fqpi_schedule_next(&t->when, step, t->per_epoch)) : end;
}

void fqpi_loop_advance(fqp_trainer *t, int64_t until) {
    t->loop.first = false;
    t->loop.halt = fqpi_advance(t, until, fqpi_loop_scheduled(t, until), false);
    bool ended = t->loop.halt == FQPI_STOPPED || t->loop.halt == FQPI_CONVERGED;
    if (ended && t->observer && !t->frame_ready && t->now.recorded != t->now.step)
        fqpi_advance(t, t->now.step, true, true);
}

void fqpi_loop_attend(fqp_trainer *t) {
    fqpi_loop *loop = &t->loop;
    bool stop = false, far = t->now.step - t->snapshot.now.step >= STRETCH;
    if (t->frame_ready && t->now.recorded != t->now.step)
        loop->status = show(t, &stop);
    else if (!loop->halt && t->now.step % STRETCH == 0 && (!t->observer || far))
        snapshot_take(t);
    if (stop && loop->halt < FQPI_INTERRUPTED)
        loop->halt = FQPI_STOPPED;
    if (!loop->status && loop->halt == FQPI_SAVE && t->now.step < fqp_trainer_steps_total(t))
        loop->status = save(t);
}

fqp_status fqpi_loop_end(fqp_trainer *t) {
    if (t->loop.status)
        return t->loop.status;
    if (t->loop.halt == FQPI_FAILED)
        return fqpi_user_tell(t);
    if (t->loop.halt == FQPI_DIVERGED)
        return diverged(t);
    if (t->loop.halt == FQPI_INTERRUPTED && t->now.step < fqp_trainer_steps_total(t))
        return interrupted(t);
    return save(t);
}

double fqpi_loop_done(const fqp_trainer *t, int64_t steps_done) {
    return t->opts.seconds > 0 ? fmin(t->now.seconds[FQPI_PHASE_TRAIN], t->opts.seconds) : (double)steps_done;
}

double fqpi_loop_total(const fqp_trainer *t) {
    return t->opts.seconds > 0 ? t->opts.seconds : (double)fqp_trainer_steps_total(t);
}

const char *fqpi_loop_unit(const fqp_trainer *t) {
    return t->opts.seconds > 0 ? "s" : "steps";
}

fqp_status fqp_trainer_run(fqp_trainer *t) {
    if (!t)
        return FQP_E_ARG;
    fqp_status s = fqpi_loop_begin(t);
    if (s)
        return s;
    fqpi_progress_begin(&t->progress, t->ctx, "train", fqpi_loop_unit(t), fqpi_loop_total(t));
    while (fqpi_loop_going(t)) {
        fqpi_loop_advance(t, fqpi_loop_target(t));
        fqpi_loop_attend(t);
    }
    fqpi_progress_report(&t->progress, fqpi_loop_done(t, t->now.step), "");
    return fqpi_loop_end(t);
}

fqp_status fqp_trainer_step(fqp_trainer *t, int64_t n, double *loss) {
    if (!t || n < 0)
        return FQP_E_ARG;
    t->known = false;
    fqpi_halt halt = fqpi_advance(t, t->now.step + n, false, true);
    if (loss)
        *loss = t->now.loss;
    if (halt == FQPI_FAILED)
        return fqpi_user_tell(t);
    if (halt != FQPI_DIVERGED)
        return FQP_OK;
    char text[FQPI_FAULT_TEXT];
    fqpi_fault_text(t, text, sizeof text);
    return fqpi_fail(t->ctx, FQP_E_DIVERGED, NULL, "%s", text);
}
