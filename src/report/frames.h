/* frames.h - a stored series of which only the frames that are shown are read: a run of any length costs the page the
 * same memory. */
#ifndef FQPI_FRAMES_H
#define FQPI_FRAMES_H

#include "run.h"

typedef struct fqpi_frames {
    fqp_ctx *ctx;
    char *path;
    int fd; /* -1: there is no such series */
    fqp_dtype dtype;
    int ndim;
    int64_t shape[FQP_MAX_DIM]; /* as its header says; frames of which the end is missing are not counted */
    size_t header, bytes;       /* of the file's header, and of one frame */
} fqpi_frames;

/* DIR/<name>.npy; FQP_OK with fd -1 when there is none. */
fqp_status fqpi_frames_open(const fqpi_run *r, const char *name, fqpi_frames *out);
/* One frame into out, f->bytes bytes of f->dtype. */
fqp_status fqpi_frames_read(const fqpi_frames *f, int64_t frame, void *out);
void fqpi_frames_close(fqpi_frames *f);

#endif
