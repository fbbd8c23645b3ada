/* ctx.c - life of a context. */
#include "ctx.h"
#include "fail.h"
#include "mem.h"
#include "team_i.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <sched.h>
#endif

/* Cores this process may use, which is what a user limits with taskset or a container. */
static int cores(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
#endif
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}

fqp_status fqp_ctx_create(const fqp_ctx_opts *opts, fqp_ctx **out) {
    if (!out)
        return FQP_E_ARG;
    fqp_ctx *ctx = calloc(1, sizeof *ctx);
    if (!ctx)
        return FQP_E_NOMEM;
    atomic_init(&ctx->fail_after, -1);
    ctx->threads = cores();
    if (opts) {
        if (opts->threads < 0 || (opts->kernel && strlen(opts->kernel) >= sizeof ctx->kernel)) {
            free(ctx);
            return FQP_E_ARG;
        }
        if (opts->threads > 0)
            ctx->threads = opts->threads;
        if (opts->kernel)
            strcpy(ctx->kernel, opts->kernel);
        ctx->log = opts->log;
        ctx->progress = opts->progress;
        ctx->user = opts->user;
    }
    fqp_status s = fqpi_team_create(ctx);
    if (s) {
        free(ctx);
        return s;
    }
    *out = ctx;
    return FQP_OK;
}

void fqp_ctx_destroy(fqp_ctx *ctx) {
    if (!ctx)
        return;
    fqpi_team_destroy(ctx);
    fqp_ctx_problems_clear(ctx);
    free(ctx->problems);
    free(ctx);
}

int fqp_ctx_threads(const fqp_ctx *ctx) {
    return ctx->threads;
}

const char *fqp_ctx_kernel(const fqp_ctx *ctx) {
    return ctx->kernel;
}

void fqp_ctx_interrupt(fqp_ctx *ctx) {
    atomic_store(&ctx->interrupted, true);
}

bool fqp_ctx_interrupted(const fqp_ctx *ctx) {
    return atomic_load_explicit(&ctx->interrupted, memory_order_relaxed);
}

void fqp_ctx_interrupt_clear(fqp_ctx *ctx) {
    atomic_store(&ctx->interrupted, false);
}
