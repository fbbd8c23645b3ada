/* file.h - a whole file: read, or written to a neighbour and renamed, so that a reader never sees half of it. */
#ifndef FQPI_REPORT_FILE_H
#define FQPI_REPORT_FILE_H

#include <fqp/base.h>

typedef struct fqpi_bytes {
    const char *at;
    size_t n;
} fqpi_bytes;

/* The parts one after the other; FQP_E_IO with "cannot write <what>" and the reason. */
fqp_status fqpi_file_write(fqp_ctx *ctx, const char *path, const char *what, const fqpi_bytes *part, size_t parts);

/* All of it, to be freed by fqpi_free; FQP_E_IO with the reason. */
fqp_status fqpi_file_bytes(fqp_ctx *ctx, const char *path, char **bytes, size_t *n);

#endif
