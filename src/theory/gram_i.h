/* gram_i.h - the inside of a symmetric matrix: made empty, filled by its maker, then kept. */
#ifndef FQPI_GRAM_I_H
#define FQPI_GRAM_I_H

#include <fqp/ntk.h>

#include <sys/types.h>

struct fqp_gram {
    fqp_ctx *ctx;
    int64_t rows;
    fqp_dtype dtype;
    void *data;   /* [rows, rows]; in `map` or `array` or a block of its own */
    void *map;    /* a file in memory; NULL: none */
    size_t bytes; /* of the map */
    fqp_array array;
    char *file, *temporary; /* being written; NULL once it is kept */
};

enum { FQPI_GRAM_TILE = 64 }; /* rows and columns that are worked on together */

/* Room of rows x rows; `what` begins messages ("the kernel of 500 points").  Memory is asked for, and the file takes
 * its whole length on the disk, before anything is computed. */
fqp_status fqpi_gram_open(fqp_ctx *ctx, const char *what, int64_t rows, const fqp_gram_opts *opts, fqp_gram **out);
/* Rows from `first` on, and the columns they are mirrored to, are written: the upper triangle of columns
 * [first, first + n) becomes the lower one of these rows turned over. */
void fqpi_gram_mirror(fqp_gram *g, int64_t first, int64_t n);
/* Pages of a file may leave memory: called now and then while it is filled. */
void fqpi_gram_release(fqp_gram *g);
/* Everything is written: the file gets its name. */
fqp_status fqpi_gram_keep(fqp_gram *g);

static inline void *fqpi_gram_at(const fqp_gram *g, int64_t i, int64_t j) {
    return (char *)g->data + (size_t)(i * g->rows + j) * fqp_dtype_size(g->dtype);
}

#endif
