/* page.h - the growing data of a report page. */
#ifndef FQPI_PAGE_H
#define FQPI_PAGE_H

#include "mem.h"

#include <jansson.h>

typedef struct fqpi_page {
    fqp_ctx *ctx;
    fqpi_text text; /* JSON so far */
    size_t runs;    /* planned: they share the bytes of the page */
    json_t *claims; /* of the directory above the runs, for those that have none of their own */
    int64_t most;   /* bytes for fields of all runs together */
    json_t *(*summary)(fqp_ctx *ctx, const char *dir); /* of live.h; NULL: summary.json is what there is */
} fqpi_page;

enum { FQPI_PAGE_MOST = 16 << 20 };

/* Append one run directory as a JSON object. */
fqp_status fqpi_page_run(fqpi_page *p, const char *dir);

#endif
