/* stream.h - bytes in order from a file, a pipe, a gzip file, a zip member or memory, with a bound on how many can
 * come.
 *
 * The bound is what keeps a lying header from making us allocate: a reader compares what a header promises with `most`
 * before it asks for memory. */
#ifndef FQPI_STREAM_H
#define FQPI_STREAM_H

#include <fqp/array.h>

/* Deflate turns one byte into at most 1032 (zlib.net/feldspar). */
#define FQPI_DEFLATE_RATIO 1032

/* What a reader learns besides the array. */
typedef struct fqpi_note {
    int kind;     /* fqpi_kind of the reader, readers.h */
    double white; /* stored number that means 1; 0: the format says nothing */
    int bits;     /* of a stored number; 0: unknown */
    double rate;  /* sound: samples a second */
    char *header; /* tables: the line of names, owned, freed with the stream unless taken; NULL: there was none */
} fqpi_note;

typedef struct fqpi_stream {
    fqp_ctx *ctx;
    const char *name; /* for messages; borrowed */
    uint64_t at;      /* bytes read so far */
    uint64_t most;    /* no more bytes than this can come in all */
    bool compressed;  /* `most` is a bound, not the size */
    bool cut;         /* a packed file stopped in the middle */
    const struct fqpi_stream_kind *kind;
    void *handle;             /* of the kind */
    unsigned char *memory;    /* owned bytes of a pipe */
    unsigned char peeked[16]; /* first bytes, not yet read */
    size_t npeeked;
    fqpi_note note; /* filled by the reader */
} fqpi_stream;

typedef struct fqpi_stream_kind {
    /* Up to n bytes into buf; *got < n at the end only.  Reports its own failures. */
    fqp_status (*read)(fqpi_stream *s, void *buf, size_t n, size_t *got);
    void (*close)(fqpi_stream *s);
} fqpi_stream_kind;

/* A file, unzipped on the way when it is gzip; a pipe is taken into memory first.  path is kept. */
fqp_status fqpi_stream_open(fqp_ctx *ctx, const char *path, fqpi_stream *s);
/* n bytes that stay where they are. */
void fqpi_stream_memory(fqp_ctx *ctx, const char *name, const void *bytes, size_t n, fqpi_stream *s);
void fqpi_stream_close(fqpi_stream *s);

/* *got < n only at the end. */
fqp_status fqpi_stream_read(fqpi_stream *s, void *buf, size_t n, size_t *got);
/* The first bytes (at most 16) without reading them; only before the first read. */
fqp_status fqpi_stream_peek(fqpi_stream *s);
/* Read on and forget until the end; s->at is then the whole size. */
fqp_status fqpi_stream_drain(fqpi_stream *s);
/* FQP_E_DATA that says so. */
fqp_status fqpi_stream_cut(fqpi_stream *s);
/* All remaining bytes in one block, followed by a 0. */
fqp_status fqpi_stream_all(fqpi_stream *s, unsigned char **bytes, size_t *n);

/* Elements of shape [ndim] and type t follow from here: allocate and read them after comparing with the bound. Too
 * little: FQP_E_DATA "header promises 512 x 2 x 8 bytes[ from byte 128], file ends after[ byte] 1048". */
fqp_status fqpi_stream_array(fqpi_stream *s, fqp_dtype t, int ndim, const int64_t *shape, bool say_from,
                             fqp_array *out);
#endif
