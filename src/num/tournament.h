/* tournament.h - every pair of n things once, on all threads, and no thing in two meetings at a time.
 *
 * What a thing gathers from its meetings, it gathers in one order: itself first, then the rounds of a tournament
 * (circle method).  So any number of threads gives the same bits. */
#ifndef FQPI_TOURNAMENT_H
#define FQPI_TOURNAMENT_H

#include <fqp/base.h>

typedef struct fqpi_tournament fqpi_tournament;

fqp_status fqpi_tournament_create(fqp_ctx *ctx, int64_t n, fqpi_tournament **out);
void fqpi_tournament_destroy(fqpi_tournament *t);
/* meet(arg, a, b, member) for all 0 <= a <= b < n */
void fqpi_tournament_run(fqpi_tournament *t, void (*meet)(void *arg, int64_t a, int64_t b, int member), void *arg);

#endif
