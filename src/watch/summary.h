/* summary.h - what can be said about a run directory now, without writing into it. */
#ifndef FQPI_WATCH_SUMMARY_H
#define FQPI_WATCH_SUMMARY_H

#include <fqp/base.h>
#include <jansson.h>

/* The summary of what is stored; NULL when summary.json is no older than the frames, or nothing can be said.  Problems
 * of ctx are cleared. */
json_t *fqpi_watch_fresh(fqp_ctx *ctx, const char *dir);

#endif
