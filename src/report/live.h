/* live.h - the report page of runs that go on: the same template and data, in memory, and allowed to ask its own server
 * for more. */
#ifndef FQPI_LIVE_H
#define FQPI_LIVE_H

#include "mem.h"

#include <jansson.h>

typedef struct fqpi_live_page {
    size_t ndirs; /* run directories, the one to be shown first in front; may be 0 */
    const char *const *dir;
    json_t *live; /* what the page is told of the training; becomes member "live" of the data */
    /* summary.json of a run that has no fresh one; NULL where it has.  May be NULL. */
    json_t *(*summary)(fqp_ctx *ctx, const char *dir);
} fqpi_live_page;

/* The data alone, and the whole page with it.  *out is released by fqpi_text_free. */
fqp_status fqpi_live_data(fqp_ctx *ctx, const fqpi_live_page *page, fqpi_text *out);
fqp_status fqpi_live_html(fqp_ctx *ctx, const fqpi_live_page *page, fqpi_text *out);

#endif
