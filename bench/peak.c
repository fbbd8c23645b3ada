/* peak.c - measured limits of the machine. */
#include "peak.h"
#include "fail.h"
#include "mem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SPANS = 25, CHAINS = 12, TURNS = 20000, MOST_THREADS = 256 };

/* ---- anything, on several threads -------------------------------------------------------------------------------- */

typedef struct job {
    void (*work)(void *arg);
    void *arg;
    double amount, seconds, best;
    pthread_barrier_t *start;
    pthread_t thread;
} job;

static void *run_job(void *arg) {
    job *j = arg;
    j->work(j->arg); /* pages touched, clock raised */
    pthread_barrier_wait(j->start);
    for (int span = 0; span < SPANS; span++) {
        double calls = 0, began = fqpi_clock(), took = 0;
        do {
            j->work(j->arg);
            calls++;
            took = fqpi_clock() - began;
        } while (took < j->seconds / SPANS);
        double rate = j->amount * calls / took;
        j->best = rate > j->best ? rate : j->best;
    }
    return NULL;
}

double bench_rate(int threads, void (*work)(void *arg), void *const *arg, double amount, double seconds) {
    job jobs[MOST_THREADS];
    pthread_barrier_t start;
    double sum = 0;
    int n = threads < MOST_THREADS ? threads : MOST_THREADS;
    pthread_barrier_init(&start, NULL, (unsigned)n);
    for (int i = 0; i < n; i++) {
        jobs[i] = (job){.work = work, .arg = arg[i], .amount = amount, .seconds = seconds, .start = &start};
        if (pthread_create(&jobs[i].thread, NULL, run_job, &jobs[i]))
            abort(); /* the others would wait for ever */
    }
    for (int i = 0; i < n; i++) {
        pthread_join(jobs[i].thread, NULL);
        sum += jobs[i].best;
    }
    pthread_barrier_destroy(&start);
    return sum;
}

/* ---- multiply-adds ----------------------------------------------------------------------------------------------- */

#if defined(__x86_64__)
#define NAME f32_avx512
#define REAL float
#define BYTES 64
#define TARGET __attribute__((target("avx512f")))
#include "fma.inc"
#define NAME f64_avx512
#define REAL double
#define BYTES 64
#define TARGET __attribute__((target("avx512f")))
#include "fma.inc"
#define NAME f32_avx2
#define REAL float
#define BYTES 32
#define TARGET __attribute__((target("avx2,fma")))
#include "fma.inc"
#define NAME f64_avx2
#define REAL double
#define BYTES 32
#define TARGET __attribute__((target("avx2,fma")))
#include "fma.inc"

static bool has_avx512(void) {
    return __builtin_cpu_supports("avx512f");
}
static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

#define NAME f32_base
#define REAL float
#define BYTES 16
#define TARGET
#include "fma.inc"
#define NAME f64_base
#define REAL double
#define BYTES 16
#define TARGET
#include "fma.inc"

static bool always(void) {
    return true;
}

/* Fastest first. */
static const struct level {
    bool (*there)(void);
    double (*f32)(int64_t turns), (*f64)(int64_t turns);
    int bytes;
} levels[] = {
#if defined(__x86_64__)
    {has_avx512, f32_avx512, f64_avx512, 64},
    {has_avx2, f32_avx2, f64_avx2, 32},
#endif
    {always, f32_base, f64_base, 16},
};

typedef struct chains {
    double (*run)(int64_t turns);
    double result;
} chains;

static void multiply_add(void *arg) {
    chains *c = arg;
    c->result = c->run(TURNS);
}

double bench_fma_peak(fqp_dtype dtype, int threads, double seconds) {
    const struct level *level = levels;
    while (!level->there())
        level++;
    chains c[MOST_THREADS];
    void *arg[MOST_THREADS] = {0};
    for (int i = 0; i < threads && i < MOST_THREADS; i++) {
        c[i].run = dtype == FQP_F32 ? level->f32 : level->f64;
        arg[i] = &c[i];
    }
    double lanes = (double)level->bytes / (double)fqp_dtype_size(dtype);
    return bench_rate(threads, multiply_add, arg, 2.0 * CHAINS * lanes * TURNS, seconds);
}

/* ---- copies ------------------------------------------------------------------------------------------------------ */

typedef struct copy {
    char *from, *to;
    size_t bytes;
} copy;

static void copy_once(void *arg) {
    const copy *c = arg;
    memcpy(c->to, c->from, c->bytes);
    __asm__ volatile("" : : "r"(c->to) : "memory"); /* the copy is wanted although nobody reads it */
}

double bench_copy_peak(size_t bytes, int threads, double seconds) {
    copy c[MOST_THREADS];
    void *arg[MOST_THREADS] = {0};
    int n = threads < MOST_THREADS ? threads : MOST_THREADS;
    size_t part = bytes / (size_t)n;
    for (int i = 0; i < n; i++) {
        c[i] = (copy){fqpi_calloc(NULL, part, 1), fqpi_calloc(NULL, part, 1), part};
        if (!c[i].from || !c[i].to)
            abort();
        memset(c[i].from, 1, part); /* real pages: untouched ones are all the same page of zeros */
        memset(c[i].to, 1, part);
        arg[i] = &c[i];
    }
    double rate = bench_rate(n, copy_once, arg, 2.0 * (double)part, seconds);
    for (int i = 0; i < n; i++) {
        fqpi_free(c[i].from);
        fqpi_free(c[i].to);
    }
    return rate;
}
