/* team.c - a team of threads that waits actively while there is work and sleeps when there is none.
 *
 * Waking a sleeping thread costs some 30 microseconds, a spin about a tenth of one; steps of small networks take
 * fifty.  So a member spins SPIN rounds for the next job before it sleeps, and barriers spin before they yield. */
#include "team.h"
#include "ctx.h"
#include "team_i.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

enum { SPIN = 20000, SPIN_BARRIER = 4000 };

typedef struct member {
    pthread_t thread;
    struct fqpi_team *team;
    int index;
} member;

struct fqpi_team {
    int size; /* members, the caller included */
    member *members;
    bool started, busy;
    fqpi_job job;
    void *arg;
    int active;     /* members of the present job */
    int caller_cpu; /* where the caller posted it; -1: not known */
    _Alignas(64) atomic_uint job_number;
    _Alignas(64) atomic_int running; /* workers that still have to finish the present job */
    _Alignas(64) atomic_int arrived; /* barrier */
    _Alignas(64) atomic_uint phase;
    atomic_int sleepers;
    atomic_bool quit;
    pthread_mutex_t lock;
    pthread_cond_t wake;
};

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Wait until the job number differs from `seen`: spin first, then sleep. */
static unsigned next_job(fqpi_team *t, unsigned seen) {
    for (int i = 0; i < SPIN; i++) {
        unsigned now = atomic_load_explicit(&t->job_number, memory_order_acquire);
        if (now != seen)
            return now;
        relax();
    }
    pthread_mutex_lock(&t->lock);
    atomic_fetch_add(&t->sleepers, 1);
    unsigned now;
    while ((now = atomic_load(&t->job_number)) == seen)
        pthread_cond_wait(&t->wake, &t->lock);
    atomic_fetch_sub(&t->sleepers, 1);
    pthread_mutex_unlock(&t->lock);
    return now;
}

static int present_cpu(void) {
#ifdef __linux__
    return sched_getcpu();
#else
    return -1;
#endif
}

/* A thread that wakes on the caller's processor would take turns with it, for milliseconds, until the system notices.
 * It leaves at once: forbidding the processor moves it, and allowing it again binds it to nothing. */
static void step_aside(const fqpi_team *t) {
#ifdef __linux__
    int cpu = present_cpu();
    cpu_set_t all, others;
    if (cpu < 0 || cpu != t->caller_cpu || sched_getaffinity(0, sizeof all, &all))
        return;
    others = all;
    CPU_CLR((size_t)cpu, &others);
    if (CPU_COUNT(&others) > 0 && sched_setaffinity(0, sizeof others, &others) == 0)
        sched_setaffinity(0, sizeof all, &all);
#else
    (void)t;
#endif
}

static void *work(void *arg) {
    member *me = arg;
    fqpi_team *t = me->team;
    unsigned seen = 0;
    for (;;) {
        seen = next_job(t, seen);
        if (atomic_load(&t->quit))
            return NULL;
        if (me->index < t->active) {
            step_aside(t);
            t->job(t->arg, me->index, t->active);
        }
        atomic_fetch_sub_explicit(&t->running, 1, memory_order_release);
    }
}

static void post_job(fqpi_team *t) {
    t->caller_cpu = present_cpu();
    atomic_fetch_add(&t->job_number, 1);
    if (atomic_load(&t->sleepers) == 0)
        return;
    pthread_mutex_lock(&t->lock);
    pthread_cond_broadcast(&t->wake);
    pthread_mutex_unlock(&t->lock);
}

fqp_status fqpi_team_create(fqp_ctx *ctx) {
    fqpi_team *t = aligned_alloc(64, (sizeof *t + 63) / 64 * 64);
    member *members = calloc((size_t)ctx->threads, sizeof *members);
    if (!t || !members) {
        free(t);
        free(members);
        return FQP_E_NOMEM;
    }
    *t = (fqpi_team){.size = ctx->threads, .members = members, .active = 1};
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->wake, NULL);
    ctx->team = t;
    return FQP_OK;
}

/* Threads begin with the first job that wants them, so that short commands never pay for them. */
static void start(fqpi_team *t) {
    t->started = true;
    int made = 1;
    for (; made < t->size; made++) {
        t->members[made] = (member){.team = t, .index = made};
        if (pthread_create(&t->members[made].thread, NULL, work, &t->members[made]))
            break; /* fewer threads give the same results, only later */
    }
    t->size = made;
}

void fqpi_team_destroy(fqp_ctx *ctx) {
    fqpi_team *t = ctx->team;
    if (t->started) {
        atomic_store(&t->quit, true);
        post_job(t);
        for (int i = 1; i < t->size; i++)
            pthread_join(t->members[i].thread, NULL);
    }
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t->members);
    free(t);
    ctx->team = NULL;
}

int fqpi_team_free(fqp_ctx *ctx, int members) {
    fqpi_team *t = ctx->team;
    if (members <= 1 || t->size <= 1 || t->busy)
        return 1;
    if (!t->started)
        start(t);
    return members < t->size ? members : t->size;
}

void fqpi_team_run_on(fqp_ctx *ctx, int members, fqpi_job job, void *arg) {
    fqpi_team *t = ctx->team;
    if (members > t->size)
        members = t->size;
    if (members <= 1 || t->busy) { /* active is 1 while the team is idle */
        job(arg, 0, 1);
        return;
    }
    if (!t->started)
        start(t);
    t->busy = true;
    t->job = job;
    t->arg = arg;
    t->active = members < t->size ? members : t->size;
    atomic_store(&t->running, t->size - 1);
    post_job(t);
    job(arg, 0, t->active);
    for (int i = 0; atomic_load_explicit(&t->running, memory_order_acquire) != 0; i++) {
        if (i < SPIN_BARRIER)
            relax();
        else
            sched_yield();
    }
    t->active = 1;
    t->busy = false;
}

void fqpi_team_run(fqp_ctx *ctx, fqpi_job job, void *arg) {
    fqpi_team_run_on(ctx, ctx->threads, job, arg);
}

void fqpi_team_barrier(fqp_ctx *ctx) {
    fqpi_team *t = ctx->team;
    if (t->active <= 1)
        return;
    unsigned phase = atomic_load_explicit(&t->phase, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&t->arrived, 1, memory_order_acq_rel) == t->active - 1) {
        atomic_store_explicit(&t->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&t->phase, phase + 1, memory_order_release);
        return;
    }
    for (int i = 0; atomic_load_explicit(&t->phase, memory_order_acquire) == phase; i++) {
        if (i < SPIN_BARRIER)
            relax();
        else
            sched_yield();
    }
}

typedef struct loop {
    void (*body)(void *arg, int64_t i, int member);
    void *arg;
    int64_t n;
    _Atomic int64_t next;
} loop;

static void take_items(void *arg, int member_index, int members) {
    (void)members;
    loop *l = arg;
    for (;;) {
        int64_t i = atomic_fetch_add_explicit(&l->next, 1, memory_order_relaxed);
        if (i >= l->n)
            return;
        l->body(l->arg, i, member_index);
    }
}

void fqpi_team_for(fqp_ctx *ctx, int64_t n, void (*body)(void *arg, int64_t i, int member), void *arg) {
    loop l = {.body = body, .arg = arg, .n = n};
    fqpi_team_run_on(ctx, n < ctx->threads ? (int)n : ctx->threads, take_items, &l);
}
