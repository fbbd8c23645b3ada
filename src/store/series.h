/* series.h - one growing npy file: frames along the first dimension, the count in the header written last. */
#ifndef FQPI_SERIES_H
#define FQPI_SERIES_H

#include <fqp/array.h>

typedef struct fqpi_series {
    char *name, *path; /* owned */
    int fd;            /* -1: closed to save descriptors */
    fqp_dtype dtype;
    int ndim;                   /* of the file: 1 + that of a frame */
    int64_t shape[FQP_MAX_DIM]; /* shape[0]: frames that count */
    size_t header, frame;       /* bytes */
    bool dirty;                 /* appended to since the last sync */
    bool synced;                /* by the store's present sync, which does the folders after the files */
} fqpi_series;

/* Make the file with no frame yet; frames are like v. */
fqp_status fqpi_series_create(fqp_ctx *ctx, fqpi_series *s, fqp_view v);
/* Go on with a file.  When it holds fewer frames than its header says (a lost disk), the whole ones count. */
fqp_status fqpi_series_open(fqp_ctx *ctx, fqpi_series *s);
fqp_status fqpi_series_append(fqp_ctx *ctx, fqpi_series *s, fqp_view v);
fqp_status fqpi_series_truncate(fqp_ctx *ctx, fqpi_series *s, int64_t frames);
/* A hint that fqpi_series_sync follows soon. */
void fqpi_series_sync_begin(const fqpi_series *s);
fqp_status fqpi_series_sync(fqp_ctx *ctx, fqpi_series *s);
void fqpi_series_park(fqpi_series *s);    /* close the descriptor; the next use opens it again */
void fqpi_series_release(fqpi_series *s); /* close and free */

#endif
