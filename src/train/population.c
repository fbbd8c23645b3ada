/* population.c - many trainers stepped at once, one thread to each.
 *
 * Threads claim members and advance them in slices of some milliseconds.  A member that has come to an event (a frame,
 * a copy to fall back to, a checkpoint, its end) waits for the calling thread, which steps members like the others in
 * between.  Steps of small networks are too short to be shared between threads; whole networks are not, and each finds
 * its parameters in the cache of the core that stepped it before.
 *
 * A thread takes its own members first, the one with most left to do before the others, and helps with others' when its
 * own cannot go on: so all end at about the same time.  Slices shrink as the work up to the next events runs out.
 *
 * An observer may want the whole team.  Where frames take long, the threads come to rest for them; but a thread that is
 * kept from running (other programs want the cores too) is not waited for longer than PATIENCE. */
#include "mem.h"
#include "team.h"
#include "trainer.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Seconds. */
static const double SLICE = 0.005;    /* of one member; to bring another's parameters into cache costs some 0.0001 */
static const double FINEST = 0.0005;  /* slices do not shrink below this */
static const double LIGHT = 0.002;    /* an event that takes less is not worth a rest */
static const double REST = 0.02;      /* a heavy one waits so long for others to come to their own events ... */
static const double PATIENCE = 0.01;  /* ... and then so long for the slices that are under way */
static const double ALONE = 0.05;     /* a slice of the last member */
static const double MULTIPLY = 1e-10; /* a first guess of the time that a step takes for one parameter and sample */

typedef struct member {
    fqp_trainer *t;
    fqp_status status;
    int64_t step, target; /* done, and of the next event */
    double loss;
    double done;      /* for progress */
    double seconds;   /* of a step */
    double attention; /* that the last event took */
    int home;         /* thread whose member it is */
    bool going;       /* has not ended */
    bool arrived;     /* stands at its event, or was halted: waits for the calling thread */
    bool taken;       /* a thread steps it or attends to it */
} member;

typedef struct population {
    fqp_ctx *ctx;
    member *member;
    size_t n;
    double *load; /* [threads] */
    fqpi_progress progress;
    /* The lock is over these, and over all of a member but the trainer of one that is taken. */
    pthread_mutex_t lock;
    size_t going, taken;
    double rest;              /* clock after which nothing is claimed */
    bool over;                /* all threads leave the job */
    char detail[FQPI_DETAIL]; /* of one member alone */
} population;

/* ---- claims, under the lock ---------------------------------------------------------------------- */

static double left(const member *m, int64_t until) {
    return (double)(until - m->step) * m->seconds;
}

static bool open_to_claims(const member *m) {
    return m->going && !m->arrived && !m->taken;
}

static int64_t after(const member *m, double seconds) {
    double steps = fmax(1, seconds / m->seconds);
    int64_t most = m->target - m->step;
    return steps < (double)most ? m->step + (int64_t)steps : m->target;
}

/* The end of a slice: bounded by a share of the work that nobody has taken yet. */
static int64_t slice_end(const population *p, const member *m, int threads) {
    double work = 0;
    for (size_t i = 0; i < p->n; i++)
        if (open_to_claims(&p->member[i]))
            work += left(&p->member[i], p->member[i].target);
    return after(m, fmin(SLICE, fmax(FINEST, work / (2 * threads))));
}

/* The member that a thread should go on with; NULL: none. */
static member *best_for(const population *p, int thread) {
    member *best = NULL;
    double most = 0;
    if (fqpi_clock() >= p->rest || fqp_ctx_interrupted(p->ctx))
        return NULL;
    for (size_t i = 0; i < p->n; i++) {
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
    return best;
}

/* The first that waits for the calling thread; `light`: of those whose events do not take long. */
static member *waiting(const population *p, bool light) {
    for (size_t i = 0; i < p->n; i++) {
        member *m = &p->member[i];
        if (m->going && m->arrived && !m->taken && (!light || m->attention < LIGHT))
            return m;
    }
    return NULL;
}

static void take(population *p, member *m) {
    m->taken = true;
    p->taken++;
}

static void put_back(population *p, member *m) {
    m->taken = false;
    p->taken--;
    m->step = m->t->now.step;
    m->loss = m->t->now.loss;
    m->done = fqpi_loop_done(m->t, m->step);
    if (p->n == 1)
        fqpi_loop_detail(m->t, p->detail, sizeof p->detail);
}

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

/* ---- what is done to one member, outside the lock ------------------------------------------------ */

static void step_to(population *p, member *m, int64_t until) {
    int64_t from = m->t->now.step;
    double began = m->t->now.seconds[FQPI_PHASE_TRAIN];
    fqpi_loop_advance(m->t, until);
    double spent = m->t->now.seconds[FQPI_PHASE_TRAIN] - began;
    pthread_mutex_lock(&p->lock);
    put_back(p, m);
    if (m->step > from)
        m->seconds = spent / (double)(m->step - from);
    m->arrived = m->t->loop.halt != FQPI_GOING || m->step >= m->target;
    if (m->arrived && m->attention >= LIGHT)
        p->rest = fmin(p->rest, fqpi_clock() + REST);
    pthread_mutex_unlock(&p->lock);
}

/* Observers, files, messages: on the calling thread. */
static void attend(population *p, member *m) {
    double began = fqpi_clock();
    if (m->arrived)
        fqpi_loop_attend(m->t);
    if (fqp_ctx_interrupted(p->ctx) && fqpi_loop_going(m->t))
        m->t->loop = (fqpi_loop){.halt = FQPI_INTERRUPTED};
    bool going = fqpi_loop_going(m->t);
    if (!going)
        m->status = fqpi_loop_end(m->t);
    pthread_mutex_lock(&p->lock);
    put_back(p, m);
    m->attention = fqpi_clock() - began;
    m->arrived = false;
    m->target = going ? fqpi_loop_target(m->t) : m->step;
    if (!going) {
        m->going = false;
        p->going--;
        deal(p);
    }
    if (!waiting(p, false))
        p->rest = INFINITY;
    pthread_mutex_unlock(&p->lock);
}

static void tell(population *p) {
    double done = 0, total = 0, least = INFINITY, most = 0;
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < p->n; i++) {
        const member *m = &p->member[i];
        done += m->done;
        total += m->going ? fqpi_loop_total(m->t) : m->done;
        if (m->going) {
            least = fmin(least, m->loss);
            most = fmax(most, m->loss);
        }
    }
    size_t going = p->going;
    pthread_mutex_unlock(&p->lock);
    char detail[80] = "";
    if (p->n == 1)
        snprintf(detail, sizeof detail, "%s", p->detail);
    else if (going > 0)
        snprintf(detail, sizeof detail, "%zu of %zu networks, loss %.3g to %.3g", going, p->n, least, most);
    p->progress.total = total; /* who stops early leaves less to do */
    fqpi_progress_report(&p->progress, done, detail);
}

/* ---- the job ------------------------------------------------------------------------------------- */

typedef struct order {
    member *m;
    int64_t until; /* -1: attend to it */
    bool over;
} order;

/* What a thread does next; `patient`: heavy events wait for a rest. */
static order next(population *p, int thread, int threads, bool patient) {
    order o = {.until = -1};
    pthread_mutex_lock(&p->lock);
    if (thread == 0)
        o.m = waiting(p, patient);
    if (!o.m && (o.m = best_for(p, thread)))
        o.until = slice_end(p, o.m, threads);
    if (o.m)
        take(p, o.m);
    else if (p->taken == 0 && !(thread != 0 && waiting(p, true)))
        p->over = true; /* all rest */
    o.over = p->over || p->going < 2;
    if (o.over && o.m) {
        put_back(p, o.m);
        o.m = NULL;
    }
    pthread_mutex_unlock(&p->lock);
    return o;
}

static void doze(int times) {
    if (times < 100)
        sched_yield();
    else
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
}

static void work(void *arg, int thread, int threads) {
    population *p = arg;
    int idle = 0;
    double since = INFINITY; /* clock when the calling thread ran out of work */
    for (;;) {
        order o = next(p, thread, threads, fqpi_clock() - since < PATIENCE || idle == 0);
        if (o.over)
            return;
        if (!o.m) {
            since = idle == 0 ? fqpi_clock() : since;
            doze(idle++);
            continue;
        }
        idle = 0;
        if (o.until < 0)
            attend(p, o.m);
        else
            step_to(p, o.m, o.until);
        if (thread == 0 && fqpi_progress_due(&p->progress))
            tell(p);
    }
}

/* Between jobs the calling thread has the team to itself. */
static void attend_all(population *p) {
    for (size_t i = 0; i < p->n; i++) {
        member *m = &p->member[i];
        if (!m->going || !(m->arrived || fqp_ctx_interrupted(p->ctx)))
            continue;
        take(p, m);
        attend(p, m);
    }
}

static void last_one(population *p) {
    for (size_t i = 0; i < p->n; i++) {
        member *m = &p->member[i];
        if (!m->going || m->arrived)
            continue;
        take(p, m);
        step_to(p, m, after(m, ALONE));
    }
}

static void step_all(population *p) {
    while (p->going > 0) {
        p->over = false;
        if (p->going == 1)
            last_one(p);
        else
            fqpi_team_run_on(p->ctx, threads_of(p), work, p);
        attend_all(p);
        if (fqpi_progress_due(&p->progress) || p->going == 0)
            tell(p);
    }
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
        *m = (member){.t = t, .step = t->now.step, .loss = t->now.loss, .target = t->now.step};
        m->seconds = MULTIPLY * (double)t->net->parameters * (double)t->batch;
        m->status = fqpi_loop_begin(t);
        m->going = !m->status;
        p->going += m->going;
        m->done = fqpi_loop_done(t, t->now.step);
        total += fqpi_loop_total(t);
        if (m->going && !fqpi_loop_going(t))
            m->arrived = true; /* at its end */
        else if (m->going)
            m->target = fqpi_loop_target(t);
    }
    fqpi_progress_begin(&p->progress, p->ctx, "train", fqpi_loop_unit(trainers[0]), total);
    deal(p);
    attend_all(p);
}

/* One message for all that an interrupt stopped. */
static void say_interrupted(const population *p) {
    size_t stopped = 0, first = p->n;
    double done = 0, total = 0;
    for (size_t i = 0; i < p->n; i++) {
        const member *m = &p->member[i];
        done += fqpi_loop_done(m->t, m->t->now.step);
        total += m->status == FQP_E_INTERRUPTED ? fqpi_loop_total(m->t) : fqpi_loop_done(m->t, m->t->now.step);
        stopped += m->status == FQP_E_INTERRUPTED;
        if (m->status == FQP_E_INTERRUPTED && first == p->n)
            first = i;
    }
    const char *file = p->member[first].t->checkpoint;
    char others[48] = "";
    if (stopped > 1)
        snprintf(others, sizeof others, " and %zu more files", stopped - 1);
    fqpi_fail(p->ctx, FQP_E_INTERRUPTED, NULL, "interrupted after %.0f of %.0f %s of %zu networks%s%s%s", done, total,
              fqpi_loop_unit(p->member[first].t), p->n, file ? "; state saved in " : "", file ? file : "",
              file ? others : "");
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
    step_all(p);
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
    population p = {.ctx = ctx, .n = n, .rest = INFINITY};
    s = run_many(&p, trainers, statuses);
    fqpi_free(p.member);
    fqpi_free(p.load);
    return s;
}
