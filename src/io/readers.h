/* readers.h - one row per file format: how its content begins, and its reader. */
#ifndef FQPI_READERS_H
#define FQPI_READERS_H

#include "stream.h"

typedef struct fqpi_reader {
    const char *name;       /* for messages */
    const char *extensions; /* " .csv .txt ": each between blanks, lower case */
    bool image;
    bool (*knows)(const unsigned char *head, size_t n); /* does content begin like this format? */
    fqp_status (*read)(fqpi_stream *s, fqp_array *out);
} fqpi_reader;

/* Content first, then extension; NULL when neither says anything. */
const fqpi_reader *fqpi_reader_find(const unsigned char *head, size_t n, const char *path);

extern const fqpi_reader fqpi_reader_npy, fqpi_reader_npz, fqpi_reader_idx, fqpi_reader_csv, fqpi_reader_png,
    fqpi_reader_jpeg, fqpi_reader_pnm;

/* Read path, which must exist, with the reader that fits; image: only with a reader of images. */
fqp_status fqpi_read_any(fqp_ctx *ctx, const char *path, bool image, fqp_array *out);
/* Open path, read it with this reader whatever it looks like. */
fqp_status fqpi_read_as(fqp_ctx *ctx, const char *path, const fqpi_reader *reader, fqp_array *out);

#endif
