/* population.c - many trainers stepped at once, one thread to each.
 *
 * A round is one job of the team: threads claim members and advance them in slices of some milliseconds, until all
 * stand at their next event or the round's time is up.  Then the calling thread attends to those that arrived, in
 * order: frames, copies, checkpoints, endings.  Steps of small networks are too short to be shared between threads;
 * whole networks are not, and each finds its parameters in the cache of the core that stepped it before.
 *
 * A thread takes its own members first, the one with most left to do before the others, and helps with others' when its
 * own have arrived: so all end at about the same time.  Slices shrink as the work of a round runs out. */
#include "mem.h"
#include "team.h"
#include "trainer.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static const double ROUND = 0.05;     /* seconds: how long a frame, an interrupt or the progress line may wait */
static const double SLICE = 0.005;    /* of one member; moving another's parameters into cache costs some 0.0001 */
static const double FINEST = 0.0005;  /* slices do not shrink below this */
static const double MULTIPLY = 1e-10; /* a first guess of the time that a step takes for one parameter and sample */

typedef struct member {
    fqp_trainer *t;
    fqp_status status;
    int64_t target; /* step of the next event */
    double seconds; /* of a step */
    int home;       /* thread whose member it is */
    bool going;     /* has not ended */
    bool arrived;   /* stands at its event, or was halted: waits for the calling thread */
    bool taken;     /* a thread is stepping it */
} member;

typedef struct population {
    fqp_ctx *ctx;
    member *member;
    size_t n, going;
    pthread_mutex_t lock; /* over `taken`, `arrived`, `seconds`, and over a member's steps while it is not taken */
    double deadline;      /* of the round */
    double *load;         /* [threads] */
    fqpi_progress progress;
} population;

/* ---- inside a round ------------------------------------------------------------------------------ */

static double left(const member *m, int64_t until) {
    return (double)(until - m->t->now.step) * m->seconds;
}

static bool open_to_claims(const member *m) {
    return m->going && !m->arrived && !m->taken;
}

static int64_t after(const member *m, double seconds) {
    double steps = fmax(1, seconds / m->seconds);
    int64_t most = m->target - m->t->now.step;
    return steps < (double)most ? m->t->now.step + (int64_t)steps : m->target;
}

/* The end of a slice: bounded by the round's time, and by a share of the round's work that nobody has taken yet. */
static int64_t slice_end(const population *p, const member *m, double now, int threads) {
    double work = 0;
    for (size_t i = 0; i < p->n; i++)
        if (open_to_claims(&p->member[i]))
            work += left(&p->member[i], p->member[i].target);
    return after(m, fmin(fmin(SLICE, p->deadline - now), fmax(FINEST, work / (2 * threads))));
}

/* The member that a thread goes on with, NULL: none.  Who finds nothing ends the round for all, so that the next one
 * may bring work. */
static member *claim(population *p, int thread, int threads, int64_t *until) {
    member *best = NULL;
    double most = 0, now = fqpi_clock();
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < p->n && now < p->deadline; i++) {
        member *m = &p->member[i];
        if (!open_to_claims(m))
            continue;
        double rest = left(m, fqp_trainer_steps_total(m->t));
        bool own = m->home == thread, best_own = best && best->home == thread;
        if (!best || own > best_own || (own == best_own && rest > most)) {
            best = m;
            most = rest;
        }
    }
    if (best)
        *until = slice_end(p, best, now, threads);
    else
        p->deadline = fmin(p->deadline, now);
    if (best)
        best->taken = true;
    pthread_mutex_unlock(&p->lock);
    return best;
}

static void step_to(member *m, int64_t until) {
    int64_t from = m->t->now.step;
    double began = m->t->now.seconds[FQPI_PHASE_TRAIN];
    fqpi_loop_advance(m->t, until);
    if (m->t->now.step > from)
        m->seconds = (m->t->now.seconds[FQPI_PHASE_TRAIN] - began) / (double)(m->t->now.step - from);
}

/* A frame that waits is not kept waiting to the end of the round. */
static void put_back(population *p, member *m) {
    pthread_mutex_lock(&p->lock);
    m->taken = false;
    m->arrived = m->t->loop.halt != FQPI_GOING || m->t->now.step >= m->target;
    if (m->arrived)
        p->deadline = fmin(p->deadline, fqpi_clock() + SLICE);
    pthread_mutex_unlock(&p->lock);
}

static void work(void *arg, int thread, int threads) {
    population *p = arg;
    int64_t until;
    for (member *m; (m = claim(p, thread, threads, &until));) {
        step_to(m, until);
        put_back(p, m);
    }
}

/* ---- between rounds ------------------------------------------------------------------------------ */

static int threads_of(const population *p) {
    int threads = fqp_ctx_threads(p->ctx);
    return p->going < (size_t)threads ? (int)p->going : threads;
}

/* Deal those still going to the threads, each to the one with least to do; equal ones in turn. */
static void deal(population *p) {
    int threads = threads_of(p);
    for (int i = 0; i < threads; i++)
        p->load[i] = 0;
    for (size_t i = 0; i < p->n; i++) {
        member *m = &p->member[i];
        if (!m->going)
            continue;
        m->home = 0;
        for (int k = 1; k < threads; k++)
            if (p->load[k] < p->load[m->home])
                m->home = k;
        p->load[m->home] += left(m, fqp_trainer_steps_total(m->t));
    }
}

static void end(population *p, member *m) {
    m->status = fqpi_loop_end(m->t);
    m->going = false;
    p->going--;
}

/* Everything that observers, files and messages have to do with. */
static void attend(population *p) {
    size_t before = p->going;
    bool interrupted = fqp_ctx_interrupted(p->ctx);
    for (size_t i = 0; i < p->n; i++) {
        member *m = &p->member[i];
        if (m->going && m->arrived) {
            fqpi_loop_attend(m->t);
            m->arrived = false;
        }
        if (m->going && interrupted && fqpi_loop_going(m->t))
            m->t->loop = (fqpi_loop){.halt = FQPI_INTERRUPTED};
        if (m->going && !fqpi_loop_going(m->t))
            end(p, m);
    }
    if (p->going < before)
        deal(p);
}

static void tell(population *p) {
    double done = 0, total = 0, least = INFINITY, most = 0;
    for (size_t i = 0; i < p->n; i++) {
        const member *m = &p->member[i];
        done += (double)m->t->now.step;
        total += (double)(m->going ? fqp_trainer_steps_total(m->t) : m->t->now.step);
        if (m->going) {
            least = fmin(least, m->t->now.loss);
            most = fmax(most, m->t->now.loss);
        }
    }
    char detail[80] = "";
    if (p->going > 0)
        snprintf(detail, sizeof detail, "%zu of %zu networks, loss %.3g to %.3g", p->going, p->n, least, most);
    p->progress.total = total; /* who stops early leaves less to do */
    fqpi_progress_report(&p->progress, done, detail);
}

/* The last one has all threads to itself. */
static void alone(population *p) {
    for (size_t i = 0; i < p->n; i++) {
        member *m = &p->member[i];
        if (!m->going)
            continue;
        step_to(m, after(m, ROUND));
        put_back(p, m);
    }
}

static void one_round(population *p) {
    for (size_t i = 0; i < p->n; i++)
        if (p->member[i].target <= p->member[i].t->now.step)
            p->member[i].target = fqpi_loop_target(p->member[i].t);
    p->deadline = fqpi_clock() + ROUND;
    if (p->going == 1)
        alone(p);
    else
        fqpi_team_run_on(p->ctx, threads_of(p), work, p);
    attend(p);
    if (fqpi_progress_due(&p->progress) || p->going == 0)
        tell(p);
}

/* ---- the whole ----------------------------------------------------------------------------------- */

static fqp_status check(fqp_ctx *ctx, size_t n, fqp_trainer *const *t) {
    if (!ctx || n == 0 || !t)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_population_run: a context and at least one trainer are needed");
    for (size_t i = 0; i < n; i++) {
        if (!t[i] || t[i]->ctx != ctx)
            return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_population_run: trainer %zu %s", i,
                             t[i] ? "belongs to another context" : "is NULL");
        for (size_t k = 0; k < i; k++)
            if (t[k]->net == t[i]->net)
                return fqpi_fail(ctx, FQP_E_ARG, NULL,
                                 "fqp_population_run: trainers %zu and %zu train the same network", k, i);
    }
    return FQP_OK;
}

static void begin(population *p, fqp_trainer *const *trainers) {
    double total = 0;
    for (size_t i = 0; i < p->n; i++) {
        fqp_trainer *t = trainers[i];
        member *m = &p->member[i];
        t->in_population = true;
        *m = (member){.t = t, .target = -1, .seconds = MULTIPLY * (double)t->net->parameters * (double)t->batch};
        m->status = fqpi_loop_begin(t);
        m->going = !m->status;
        p->going += m->going;
        total += (double)fqp_trainer_steps_total(t);
        if (m->going && !fqpi_loop_going(t))
            end(p, m);
    }
    fqpi_progress_begin(&p->progress, p->ctx, "train", "steps", total);
    deal(p);
}

/* One message for all that an interrupt stopped. */
static void say_interrupted(const population *p) {
    size_t stopped = 0, first = p->n;
    double done = 0, total = 0;
    for (size_t i = 0; i < p->n; i++) {
        const member *m = &p->member[i];
        done += (double)m->t->now.step;
        total += (double)(m->status == FQP_E_INTERRUPTED ? fqp_trainer_steps_total(m->t) : m->t->now.step);
        stopped += m->status == FQP_E_INTERRUPTED;
        if (m->status == FQP_E_INTERRUPTED && first == p->n)
            first = i;
    }
    const char *file = p->member[first].t->checkpoint;
    char others[48] = "";
    if (stopped > 1)
        snprintf(others, sizeof others, " and %zu more files", stopped - 1);
    fqpi_fail(p->ctx, FQP_E_INTERRUPTED, NULL, "interrupted after %.0f of %.0f steps of %zu networks%s%s%s", done,
              total, p->n, file ? "; state saved in " : "", file ? file : "", file ? others : "");
}

static fqp_status answer(const population *p, fqp_status *statuses) {
    fqp_status first = FQP_OK;
    bool interrupted = false;
    for (size_t i = 0; i < p->n; i++) {
        fqp_status s = p->member[i].status;
        if (statuses)
            statuses[i] = s;
        first = first ? first : s;
        interrupted = interrupted || s == FQP_E_INTERRUPTED;
    }
    if (interrupted)
        say_interrupted(p);
    return interrupted && (first == FQP_E_DIVERGED) ? FQP_E_INTERRUPTED : first;
}

static fqp_status run_many(population *p, fqp_trainer *const *trainers, fqp_status *statuses) {
    p->member = fqpi_calloc(p->ctx, p->n, sizeof *p->member);
    p->load = fqpi_calloc(p->ctx, (size_t)fqp_ctx_threads(p->ctx), sizeof *p->load);
    for (size_t i = 0; i < p->n && statuses && (!p->member || !p->load); i++)
        statuses[i] = FQP_E_NOMEM;
    if (!p->member || !p->load)
        return FQP_E_NOMEM;
    pthread_mutex_init(&p->lock, NULL);
    begin(p, trainers);
    while (p->going > 0)
        one_round(p);
    pthread_mutex_destroy(&p->lock);
    for (size_t i = 0; i < p->n; i++)
        trainers[i]->in_population = false;
    return answer(p, statuses);
}

fqp_status fqp_population_run(fqp_ctx *ctx, size_t n, fqp_trainer *const *trainers, fqp_status *statuses) {
    fqp_status s = check(ctx, n, trainers);
    if (s)
        return s;
    if (n == 1) {
        s = fqp_trainer_run(trainers[0]);
        if (statuses)
            statuses[0] = s;
        return s;
    }
    population p = {.ctx = ctx, .n = n};
    s = run_many(&p, trainers, statuses);
    fqpi_free(p.member);
    fqpi_free(p.load);
    return s;
}
