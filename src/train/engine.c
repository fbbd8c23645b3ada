/* engine.c - a training step as one plan, many steps as one job of the team.
 *
 *   for every wave   phase 1: a member's tiles of samples, forward, loss, backward      (pass.c)
 *                    barrier; the loss is known to all
 *                    phase 2: a member's rows of every layer, gradient and update
 *                    barrier
 *
 * The members meet at the barriers and decide alike from the same numbers.  A stop rule sees the loss before the
 * update. */
#include "elements.h"
#include "finish.h"
#include "kfac.h"
#include "path.h"
#include "sampling.h"
#include "slopes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double fqpi_learning_rate(const fqp_trainer *t, int64_t step) {
    const fqp_train_opts *o = &t->opts;
    double steps = (double)(fqp_trainer_steps_total(t) - (o->finish > 0 ? o->finish_steps : 0));
    double every = o->schedule_every > 0 ? (double)o->schedule_every : fmax(steps, 1);
    double at = fmax((double)step, t->share * steps); /* a limit of time moves the schedule on */
    double warm = step < o->warmup ? (double)(step + 1) / (double)o->warmup : 1;
    return o->lr * warm * t->schedule->factor(at, steps, o->schedule_rate, every);
}

/* ---- rules ------------------------------------------------------------------------------------ */

static double accuracy(const fqp_trainer *t, double hits, double samples) {
    return t->labels && !fqpi_user_steps(t) ? hits / samples : NAN;
}

static fqpi_halt judge_rules(const fqp_trainer *t, double loss, double right) {
    bool low = t->opts.stop_loss > 0 && loss < t->opts.stop_loss;
    bool good = t->opts.stop_accuracy > 0 && right >= t->opts.stop_accuracy;
    if (low || good)
        return FQPI_STOPPED;
    return fqpi_schedule_due(&t->when, loss, t->now.mark.loss) ? FQPI_FRAME : FQPI_GOING;
}

/* Every member asks this with the same numbers.  A stop rule sees the loss before the update, so the parameters that
 * meet it are kept. */
static fqpi_halt judge(const fqp_trainer *t, const fqpi_outcome *all, bool quiet) {
    if (t->parts.failed)
        return FQPI_FAILED;
    if (!isfinite(all->loss))
        return FQPI_DIVERGED;
    if (quiet || !fqpi_full_batch(t))
        return FQPI_GOING;
    return judge_rules(t, all->loss, accuracy(t, (double)all->hits, (double)t->n));
}

/* Member 0 keeps the books. */
static void note(fqp_trainer *t, const fqpi_batch *b, const fqpi_outcome *all) {
    double samples = (double)(t->parts.stream ? t->parts.stream_n : b->waves->n), hits = (double)all->hits;
    t->now.loss = all->loss;
    t->now.accuracy = accuracy(t, hits, samples);
    if (!isfinite(all->loss))
        return;
    t->last_finite = all->loss;
    if (!b->shuffled) {
        t->judged = all->loss;
        return;
    }
    t->now.frame.loss += all->loss * samples;
    t->now.frame.samples += samples;
    t->now.frame.hits += hits;
    t->now.epoch.loss += all->loss * samples;
    t->now.epoch.samples += samples;
    t->now.epoch.hits += hits;
}

double fqpi_seconds_done(const fqp_trainer *t) {
    return t->now.seconds[FQPI_PHASE_TRAIN] + fqpi_clock() - t->began;
}

/* How much of the time of training is used up?  Looked at by member 0 between steps; all of it ends training.  Others
 * may still ask for the learning rate of the step before: it becomes `share` behind the barrier. */
static bool out_of_time(fqp_trainer *t) {
    t->next_share = t->opts.seconds > 0 ? fmin(1, fqpi_seconds_done(t) / t->opts.seconds) : 0;
    return t->next_share >= 1;
}

void fqpi_loop_detail(const fqp_trainer *t, char *buf, size_t size) {
    const double ratio = t->peak * t->peak / t->now.loss;
    if (ratio > 0 && isfinite(ratio))
        snprintf(buf, size, "loss %.3g, PSNR %.1f dB", t->now.loss, 10 * log10(ratio));
    else
        snprintf(buf, size, "loss %.3g", t->now.loss);
}

/* After an update, on member 0: what the world and the rules of an epoch say. */
static fqpi_halt look_up(fqp_trainer *t, int64_t steps_done) {
    fqpi_halt halt = FQPI_GOING;
    if (!fqpi_full_batch(t) && steps_done % t->per_epoch == 0) {
        fqpi_tally e = t->now.epoch;
        if (e.samples > 0) {
            t->judged = e.loss / e.samples;
            halt = judge_rules(t, t->judged, accuracy(t, e.hits, e.samples));
        }
        t->now.epoch = (fqpi_tally){0};
    }
    if (out_of_time(t))
        halt = FQPI_STOPPED;
    if (t->checkpoint && t->opts.checkpoint_every > 0 && fqpi_clock() - t->saved_at >= t->opts.checkpoint_every)
        halt = halt ? halt : FQPI_SAVE;
    if (!t->in_population && fqpi_progress_due(&t->progress)) {
        char detail[FQPI_DETAIL];
        fqpi_loop_detail(t, detail, sizeof detail);
        fqpi_progress_report(&t->progress, fqpi_loop_done(t, steps_done), detail);
    }
    /* What an epoch says is said once; an interrupt can wait for a step. */
    bool said = halt == FQPI_STOPPED || halt == FQPI_FRAME;
    return !said && fqp_ctx_interrupted(t->ctx) ? FQPI_INTERRUPTED : halt;
}

/* ---- the job ---------------------------------------------------------------------------------- */

/* Loss and hits at the present parameters. */
static fqpi_outcome prepare(fqp_trainer *t, const fqpi_batch *b, int member, int members, bool backward) {
    fqpi_outcome all = t->path->prepare(t, b, member, members, backward);
    all.loss += fqpi_slopes_term(t);
    return all;
}

static void finish(fqp_trainer *t, const fqpi_batch *b, int64_t step, int member, int members) {
    const fqp_train_opts *o = &t->opts;
    const double steps = (double)(step + 1);
    const fqpi_update u = {.lr = fqpi_learning_rate(t, step),
                           .beta1 = o->beta1,
                           .beta2 = o->beta2,
                           .eps = o->eps,
                           .momentum = o->momentum,
                           .decay = o->weight_decay,
                           .step = step + 1,
                           .correct1 = 1 - pow(o->beta1, steps),
                           .correct2 = 1 - pow(o->beta2, steps)};
    const bool apart = t->parts.optimizer || t->kfac;
    t->path->finish(t, b, member, members, apart ? NULL : &u);
    if (!apart)
        return;
    if (!t->parts.optimizer) {
        fqpi_kfac_update(t, member, members, &u);
        return;
    }
    fqpi_meet(t, members);
    if (member == 0)
        fqpi_user_update(t, &u);
}

typedef struct stretch {
    fqp_trainer *t;
    int64_t from, until;
    bool known; /* the step at the start is prepared; a member may begin when others are steps ahead, so what changes
                   while stepping is read from here */
    fqpi_outcome prepared;
    bool record, quiet;
    fqpi_halt pause; /* member 0's word, read by all after the barrier */
    fqpi_halt halt;
    int eval_members; /* that predict the points of a frame; others than step do so in a job of their own */
    double stepped;   /* clock when the steps were done */
} stretch;

static void steps(void *arg, int member, int members) {
    stretch *r = arg;
    fqp_trainer *t = r->t;
    int64_t step = r->from;
    bool known = r->known;
    fqpi_halt halt = FQPI_GOING;
    fqpi_outcome all = r->prepared;
    while (step < r->until || (r->record && fqpi_full_batch(t))) { /* a frame wants the loss at its parameters */
        fqpi_batch b = fqpi_batch_of(t, step);
        if (!known)
            fqpi_sampling_refresh(t, step, member, members);
        if (!known)
            all = prepare(t, &b, member, members, true);
        known = true;
        halt = judge(t, &all, r->quiet);
        if (member == 0) {
            note(t, &b, &all);
            t->prepared = all;
        }
        if (halt || step == r->until)
            break;
        finish(t, &b, step, member, members);
        fqpi_slopes_refresh(t, member, members);
        step++;
        if (member == 0) {
            t->now.step = t->parts.failed ? step - 1 : step;
            r->pause = t->parts.failed ? FQPI_FAILED : r->quiet ? FQPI_GOING : look_up(t, step);
        }
        fqpi_meet(t, members);
        known = false;
        if (member == 0)
            t->share = t->next_share; /* asked for again when all have met in the next step */
        if (fqpi_fault_known(t))      /* the next update waits for all, so all see the same */
            halt = FQPI_DIVERGED;
        if (halt || r->pause == FQPI_FAILED)
            break;
        if (r->pause == FQPI_STOPPED || (r->pause && step < r->until))
            break;
    }
    bool arrived = step == r->until || halt == FQPI_STOPPED || r->pause == FQPI_STOPPED;
    bool wanted = halt == FQPI_FRAME || r->pause == FQPI_FRAME;
    bool frame = (wanted || (r->record && arrived)) && halt < FQPI_DIVERGED && r->pause != FQPI_FAILED;
    if (member == 0) {
        t->known = known;
        r->halt = halt ? halt : r->pause;
        r->stepped = fqpi_clock();
        t->frame_ready = frame;
    }
    if (frame && members == r->eval_members)
        fqpi_pass_points(t, member, members);
}

/* Members that take a step together; some ways find their helpers by themselves. */
static int step_members(const fqp_trainer *t) {
    return t->path->alone ? 1 : fqpi_pace_members(t);
}

/* Work is dealt to `members` from now on: what was dealt otherwise is void. */
static void deal(fqp_trainer *t, int members) {
    if (t->dealt == members)
        return;
    for (int i = 0; i < t->members; i++)
        t->member[i].loaded = false;
    t->known = false;
    t->dealt = members;
}

/* ---- loss and gradient of everything ------------------------------------------------------------- */

typedef struct measurement {
    fqp_trainer *t;
    bool gradient;
} measurement;

static void measure(void *arg, int member, int members) {
    measurement *q = arg;
    fqp_trainer *t = q->t;
    fqpi_batch b = fqpi_batch_whole(t);
    fqpi_outcome all = prepare(t, &b, member, members, q->gradient);
    if (q->gradient)
        t->path->finish(t, &b, member, members, NULL);
    if (member == 0)
        t->prepared = all;
}

void fqpi_measure(fqp_trainer *t, bool gradient) {
    measurement q = {t, gradient};
    int members = step_members(t);
    deal(t, members);
    fqpi_slopes_refresh(t, 0, 1);
    double began = fqpi_clock();
    fqpi_team_run_on(t->ctx, members, measure, &q);
    if (gradient)
        fqpi_pace_took(t, members, fqpi_clock() - began, 1);
    t->now.loss = t->prepared.loss;
    t->now.accuracy = accuracy(t, (double)t->prepared.hits, (double)t->n);
    t->known = false;
}

/* After a step of an optimiser that wants the whole vector. */
static fqpi_halt after_whole(fqp_trainer *t) {
    t->judged = t->now.loss;
    fqpi_halt halt = judge_rules(t, t->now.loss, t->now.accuracy), pause = look_up(t, t->now.step);
    return halt ? halt : pause;
}

static void predict(void *arg, int member, int members) {
    fqpi_pass_points(arg, member, members);
}

static void minimise(stretch *r) {
    fqp_trainer *t = r->t;
    r->halt = fqpi_minimise(t, r->until, r->quiet ? NULL : after_whole);
    r->stepped = fqpi_clock();
    bool arrived = t->now.step == r->until || r->halt == FQPI_STOPPED || r->halt == FQPI_CONVERGED;
    t->frame_ready = r->halt == FQPI_FRAME || (r->record && arrived && r->halt != FQPI_DIVERGED);
    if (!t->frame_ready)
        return;
    fqpi_measure(t, false);
}

/* ---- a stretch --------------------------------------------------------------------------------- */

/* Steps as one job, on as many threads as are quicker; while that is being found out, a few at a time. */
static void run_steps(stretch *r, int64_t until) {
    fqp_trainer *t = r->t;
    bool record = r->record;
    do {
        int members = step_members(t);
        int64_t steps_left = until - t->now.step, some = fqpi_pace_steps(t, members);
        deal(t, members);
        r->from = t->now.step;
        r->until = steps_left > some ? t->now.step + some : until;
        r->record = record && r->until == until;
        r->known = t->known;
        r->prepared = t->prepared;
        r->eval_members = t->observer ? fqpi_pace_eval_members(t) : 0;
        double began = fqpi_clock();
        fqpi_team_run_on(t->ctx, members, steps, r);
        fqpi_pace_took(t, members, r->stepped - began, t->now.step - r->from);
        if (t->frame_ready && members != r->eval_members)
            fqpi_team_run_on(t->ctx, r->eval_members, predict, t);
    } while (!r->halt && t->now.step < until);
}

static fqpi_halt advance(fqp_trainer *t, int64_t until, bool record, bool quiet) {
    stretch r = {.t = t, .from = t->now.step, .until = until, .record = record, .quiet = quiet};
    double began = fqpi_clock();
    t->began = began;
    out_of_time(t); /* a resumed run takes the schedule up where it was */
    t->share = t->next_share;
    t->frame_ready = false;
    t->parts.failed = FQP_OK;
    fqpi_slopes_refresh(t, 0, 1); /* the caller may have written parameters */
    for (int i = 0; i < t->members; i++)
        t->member[i].bad = (fqpi_fault){0};
    if (t->optimizer->minimise) {
        minimise(&r);
        if (t->frame_ready)
            fqpi_team_run_on(t->ctx, fqpi_pace_eval_members(t), predict, t);
    } else {
        run_steps(&r, until);
    }
    if (r.halt == FQPI_DIVERGED)
        fqpi_fault_find(t);
    double now = fqpi_clock();
    t->now.seconds[FQPI_PHASE_TRAIN] += r.stepped - began;
    t->now.seconds[FQPI_PHASE_EVAL] += now - r.stepped;
    if (t->frame_ready && fqpi_schedule_due(&t->when, t->judged, t->now.mark.loss))
        t->now.mark = (fqpi_mark){t->now.step, t->judged};
    return r.halt;
}

fqpi_halt fqpi_advance(fqp_trainer *t, int64_t until, bool record, bool quiet) {
    const int64_t turn = fqpi_finish_at(t);
    fqpi_halt halt = FQPI_GOING;
    if (t->now.step < turn && turn < until)
        halt = advance(t, turn, false, quiet);
    if (halt)
        return halt;
    fqpi_finish_turn(t);
    return advance(t, until, record, quiet);
}
