/* team.h - the threads of a context.
 *
 * The caller is member 0; the others wait actively for a short while after each job and sleep when none
 * comes.  Jobs must cut their work by size, never by the number of members, and add partial results in a
 * fixed order, so that any number of threads gives the same bits. */
#ifndef FQPI_TEAM_H
#define FQPI_TEAM_H

#include <fqp/base.h>

typedef struct fqpi_team fqpi_team;
typedef void (*fqpi_job)(void *arg, int member, int members);

/* Run job(arg, member, members) on every member and wait for all.  A call from inside a job runs on the caller alone
 * (and must not use the barrier). */
void fqpi_team_run(fqp_ctx *ctx, fqpi_job job, void *arg);
/* The same on at most `members` threads (1: on the caller, no wake-up). */
void fqpi_team_run_on(fqp_ctx *ctx, int members, fqpi_job job, void *arg);
/* How many of `members` threads a job would get now: 1 inside a job. */
int fqpi_team_free(fqp_ctx *ctx, int members);
/* Inside a job: wait until all members of this job arrived.  Spins, then yields. */
void fqpi_team_barrier(fqp_ctx *ctx);

/* for (i in [0, n)) body(arg, i), items handed out one by one to the members. */
void fqpi_team_for(fqp_ctx *ctx, int64_t n, void (*body)(void *arg, int64_t i, int member), void *arg);

#endif
