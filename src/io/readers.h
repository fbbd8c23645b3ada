/* readers.h - one row per file format: how its content begins, and its reader. */
#ifndef FQPI_READERS_H
#define FQPI_READERS_H

#include "stream.h"

typedef enum fqpi_kind { FQPI_ARRAY, FQPI_IMAGE, FQPI_SOUND, FQPI_TABLE } fqpi_kind;

typedef struct fqpi_reader {
    const char *name;       /* for messages */
    const char *extensions; /* " .csv .txt ": each between blanks, lower case */
    fqpi_kind kind;
    bool (*knows)(const unsigned char *head, size_t n); /* does content begin like this format? */
    fqp_status (*read)(fqpi_stream *s, fqp_array *out);
} fqpi_reader;

/* Content first, then extension; NULL when neither says anything. */
const fqpi_reader *fqpi_reader_find(const unsigned char *head, size_t n, const char *path);

extern const fqpi_reader fqpi_reader_npy, fqpi_reader_npz, fqpi_reader_idx, fqpi_reader_csv, fqpi_reader_png,
    fqpi_reader_jpeg, fqpi_reader_pnm, fqpi_reader_sound;

/* Read path with the reader that fits; "file.npz:name" is a member of an archive.  note: what else the file says, its
 * header to be freed (fqpi_free). */
fqp_status fqpi_read_noted(fqp_ctx *ctx, const char *path, fqp_array *out, fqpi_note *note);
/* An image must not be so large that memory ends before anybody looks at it. */
enum { FQPI_MOST_PIXELS = 1 << 28 };
fqp_status fqpi_pixels_check(fqpi_stream *s, const char *format, uint64_t height, uint64_t width);

/* Open path, read it with this reader whatever it looks like. */
fqp_status fqpi_read_as(fqp_ctx *ctx, const char *path, const fqpi_reader *reader, fqp_array *out);

#endif
