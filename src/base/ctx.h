/* ctx.h - what a context holds; for the base layer and for the kernel layer's choice of a table. */
#ifndef FQPI_CTX_H
#define FQPI_CTX_H

#include <fqp/base.h>
#include <stdatomic.h>

struct fqpi_team;
struct fqpi_problem;

struct fqp_ctx {
    int threads;
    char kernel[16]; /* asked for; "" = best */
    fqp_log_fn log;
    fqp_progress_fn progress;
    void *user;
    atomic_bool interrupted;
    atomic_long allocations; /* so far */
    atomic_long fail_after;  /* -1: never */
    struct fqpi_problem *problems;
    size_t nproblems, cap_problems;
    struct fqpi_team *team;
};

#endif
