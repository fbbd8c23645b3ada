/* run.c - the loop: stretches of steps between frames, stop rules, checkpoints, divergence. */
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
    double seconds[FQPI_PHASES];
    memcpy(seconds, t->now.seconds, sizeof seconds);
    t->now = t->snapshot.now;
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
        return t->parts.failed;
    f.prediction = fqp_view_make(t->prediction, t->net->k->dtype, 2, (int64_t[]){t->n_eval, t->net->m});
    t->now.recorded = t->now.step;
    fqp_status s = t->observer(t->user, &f, stop);
    t->now.seconds[FQPI_PHASE_OBSERVE] += fqpi_clock() - began;
    if (isfinite(f.loss) && t->now.step - t->snapshot.now.step >= SNAPSHOT_APART)
        snapshot_take(t);
    return s;
}

static bool scheduled(const fqp_trainer *t, int64_t step) {
    return t->observer && (step == fqp_trainer_steps_total(t) || fqp_schedule_hits(&t->when, step, t->per_epoch));
}

/* The next step at which the loop has something to do. */
static int64_t next_event(const fqp_trainer *t) {
    int64_t step = t->now.step + 1, total = fqp_trainer_steps_total(t);
    while (step < total && step % STRETCH != 0 && !scheduled(t, step))
        step++;
    return step;
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
    int64_t step = t->now.step;
    snapshot_restore(t);
    fqp_status s = save(t);
    if (s)
        return s;
    return fqpi_fail(t->ctx, FQP_E_DIVERGED, NULL, "step %lld: loss is not finite (last finite %.3g, train.lr %g)",
                     (long long)step, t->last_finite, t->opts.lr);
}

static fqp_status interrupted(fqp_trainer *t) {
    fqp_status s = save(t);
    if (s)
        return s;
    return fqpi_fail(t->ctx, FQP_E_INTERRUPTED, NULL, "interrupted after step %lld of %lld%s%s", (long long)t->now.step,
                     (long long)fqp_trainer_steps_total(t), t->checkpoint ? "; state saved in " : "",
                     t->checkpoint ? t->checkpoint : "");
}

/* ---- the loop ----------------------------------------------------------------------------------- */

static fqp_status begin(fqp_trainer *t) {
    fqp_status s = snapshot_make(t);
    if (s)
        return s;
    snapshot_take(t);
    t->known = false;
    t->saved_at = fqpi_clock();
    fqpi_progress_begin(&t->progress, t->ctx, "train", "steps", (double)fqp_trainer_steps_total(t));
    return FQP_OK;
}

/* Advance to `until`; show the frame that is due there, or where a rule stopped the training. */
static fqp_status go(fqp_trainer *t, int64_t until, fqpi_halt *halt) {
    bool stop = false;
    *halt = fqpi_advance(t, until, scheduled(t, until), false);
    bool ended = *halt == FQPI_STOPPED || *halt == FQPI_CONVERGED;
    if (ended && t->observer && !t->frame_ready && t->now.recorded != t->now.step)
        fqpi_advance(t, t->now.step, true, true);
    fqp_status s = FQP_OK;
    if (t->frame_ready && t->now.recorded != t->now.step)
        s = show(t, &stop);
    else if (!*halt && t->now.step % STRETCH == 0 && !t->observer)
        snapshot_take(t);
    if (stop && *halt < FQPI_INTERRUPTED)
        *halt = FQPI_STOPPED;
    return s;
}

fqp_status fqp_trainer_run(fqp_trainer *t) {
    if (!t)
        return FQP_E_ARG;
    int64_t total = fqp_trainer_steps_total(t);
    fqpi_halt halt = FQPI_GOING;
    fqp_status s = begin(t);
    if (s)
        return s;
    if (scheduled(t, t->now.step) && t->now.recorded != t->now.step)
        s = go(t, t->now.step, &halt);
    while (!s && t->now.step < total && (halt == FQPI_GOING || halt == FQPI_SAVE)) {
        if (halt == FQPI_SAVE)
            s = save(t);
        if (!s)
            s = go(t, next_event(t), &halt);
    }
    fqpi_progress_report(&t->progress, (double)t->now.step, "");
    if (s)
        return s;
    if (halt == FQPI_FAILED)
        return t->parts.failed;
    if (halt == FQPI_DIVERGED)
        return diverged(t);
    if (halt == FQPI_INTERRUPTED && t->now.step < total)
        return interrupted(t);
    return save(t);
}

fqp_status fqp_trainer_step(fqp_trainer *t, int64_t n, double *loss) {
    if (!t || n < 0)
        return FQP_E_ARG;
    t->known = false;
    fqpi_halt halt = fqpi_advance(t, t->now.step + n, false, true);
    if (loss)
        *loss = t->now.loss;
    if (halt == FQPI_FAILED)
        return t->parts.failed;
    if (halt != FQPI_DIVERGED)
        return FQP_OK;
    return fqpi_fail(t->ctx, FQP_E_DIVERGED, NULL, "step %lld: loss is not finite (last finite %.3g, train.lr %g)",
                     (long long)t->now.step, t->last_finite, t->opts.lr);
}
