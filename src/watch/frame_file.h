/* frame_file.h - npy files that somebody else is writing: what is there of them, and nothing before it is whole. */
#ifndef FQPI_WATCH_FRAME_FILE_H
#define FQPI_WATCH_FRAME_FILE_H

#include "npy.h"

#include <sys/stat.h>

/* By which a file is known to be the same, unchanged. */
typedef struct fqpi_mark {
    dev_t device;
    ino_t inode;
    off_t size;
    int64_t changed; /* nanoseconds since 1970 */
} fqpi_mark;

bool fqpi_mark_of(const char *path, fqpi_mark *out); /* false: no such file */
bool fqpi_mark_same(const fqpi_mark *a, const fqpi_mark *b);
double fqpi_mark_when(const fqpi_mark *m); /* seconds since 1970 */
double fqpi_wall_clock(void);

typedef enum fqpi_whole {
    FQPI_GONE,   /* there is no such file (any more) */
    FQPI_HALF,   /* as far as it goes it is an npy file; more must come */
    FQPI_BROKEN, /* it will never be one of numbers; the context holds why */
    FQPI_WHOLE
} fqpi_whole;

/* Looks at the header alone: *header when FQPI_WHOLE, and when FQPI_HALF with header->bytes > 0.  needs_data: the
 * promised data must be there too for FQPI_WHOLE.  *there: bytes of the file. */
fqpi_whole fqpi_file_look(fqp_ctx *ctx, const char *path, bool needs_data, fqpi_npy_header *header, int64_t *there);
/* Bytes that the header promises for its data; -1: more than can be. */
int64_t fqpi_file_promised(const fqpi_npy_header *h);
/* Bytes of one element as stored. */
size_t fqpi_file_element(const fqpi_npy_header *h);

/* The text of the context's first problem, without its file, into buf; the problems are cleared. */
void fqpi_file_why(fqp_ctx *ctx, char *buf, size_t size);

/* f32 and f64 stay, other real types become f64; *a is replaced. */
fqp_status fqpi_file_real(fqp_ctx *ctx, fqp_array *a);
/* Do shape[ndim] values make a frame of n points and m outputs? */
bool fqpi_file_fits(int ndim, const int64_t *shape, int64_t n, int64_t m);
/* "(64, 1)" */
enum { FQPI_FILE_SHAPE = 128 };
void fqpi_file_shape(int ndim, const int64_t *shape, char buf[FQPI_FILE_SHAPE]);
/* Tells contents apart (FNV-1a, 64 bits). */
uint64_t fqpi_file_hash(const void *bytes, size_t n);

#endif
