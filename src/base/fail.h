/* fail.h - how a problem is reported: append it to the context, answer its status. */
#ifndef FQPI_FAIL_H
#define FQPI_FAIL_H

#include <fqp/base.h>

/* Append a problem and return status.  origin may be NULL.  ctx may be NULL (only the status is returned). Problems
 * stay until they are cleared. */
fqp_status fqpi_fail(fqp_ctx *ctx, fqp_status status, const fqp_origin *origin, const char *fmt, ...) FQP_PRINTF(4, 5);
void fqpi_log(fqp_ctx *ctx, fqp_log_level level, const char *fmt, ...) FQP_PRINTF(3, 4);

/* The known name nearest to `word` (optimal string alignment distance at most a third of its length, case ignored),
 * or NULL. */
const char *fqpi_nearest(const char *word, const char *const *known, size_t n);

/* Throttled progress (about ten a second; the first and the last always pass). */
typedef struct fqpi_progress {
    fqp_ctx *ctx;
    const char *task, *unit;
    double total, began, last;
} fqpi_progress;
void fqpi_progress_begin(fqpi_progress *p, fqp_ctx *ctx, const char *task, const char *unit, double total);
bool fqpi_progress_due(const fqpi_progress *p);
void fqpi_progress_report(fqpi_progress *p, double done, const char *detail);

double fqpi_clock(void); /* monotonic seconds */
#endif
