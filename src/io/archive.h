/* archive.h - zip archives, as far as npz files need them: stored and deflated members, zip64, no encryption. */
#ifndef FQPI_ARCHIVE_H
#define FQPI_ARCHIVE_H

#include "stream.h"

typedef struct fqpi_zip_entry {
    char *name; /* owned */
    uint16_t flags, method;
    uint32_t crc;
    uint64_t packed, size; /* bytes in the file, and unpacked */
    uint64_t at;           /* of its local header */
} fqpi_zip_entry;

typedef struct fqpi_zip {
    fqp_ctx *ctx;
    const char *path; /* borrowed */
    int fd;
    uint64_t bytes; /* of the file */
    size_t n;
    fqpi_zip_entry *entry; /* [n] in archive order */
} fqpi_zip;

/* The directory of an archive; nothing of the members is looked at yet. */
fqp_status fqpi_zip_open(fqp_ctx *ctx, const char *path, fqpi_zip *z);
void fqpi_zip_close(fqpi_zip *z);
/* Unpacked bytes of member i, checked against their checksum at the end; z must outlive the stream.  name (borrowed) is
 * for messages. */
fqp_status fqpi_zip_member(const fqpi_zip *z, size_t i, const char *name, fqpi_stream *s);

/* One member to be written: head followed by body. */
typedef struct fqpi_zip_source {
    const char *name;
    const void *head, *body;
    size_t nhead, nbody;
} fqpi_zip_source;

/* Members are stored, not deflated: predictions and weights hardly shrink, and a checkpoint must be quick.  The date is
 * fixed so that equal arrays make equal files.  Written whole to a neighbour, then renamed over path. */
fqp_status fqpi_zip_write(fqp_ctx *ctx, const char *path, size_t count, const fqpi_zip_source *source);

#endif
