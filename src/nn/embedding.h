/* embedding.h - one row per embedding: what the first layer sees of a point.
 *
 * The rows here are fixed: drawn with the network, never trained.  Data, predictions and derivatives keep the d
 * coordinates of the points. */
#ifndef FQPI_EMBEDDING_H
#define FQPI_EMBEDDING_H

#include "kernel.h"
#include <fqp/model.h>

enum { FQPI_EMBEDDED = 64 };

/* The embedding of a network. */
typedef struct fqpi_embed {
    const struct fqpi_embedding *row;
    const fqpi_kernel *k64;
    int64_t d, width; /* coordinates; numbers that the first layer sees */
    int64_t numbers;  /* fixed ones, drawn with the network */
    double *fixed;    /* [numbers] */
    double scale;     /* of the coordinates: the first layer sees the embedding of scale x */
} fqpi_embed;

typedef struct fqpi_embedding {
    const char *name, *doc;
    /* Options it cannot work with, with the reason.  NULL: none */
    fqp_status (*check)(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o);
    int64_t (*width)(int64_t d, const fqp_model_opts *o);
    /* Numbers that are drawn once.  NULL: none */
    int64_t (*fixed)(int64_t d, const fqp_model_opts *o);
    void (*draw)(int64_t d, const fqp_model_opts *o, uint64_t seed, double *fixed);
    /* Numbers [from, from + n) of what the first layer sees of the point whose coordinates begin at element `at` of x,
     * or (order 1, 2) their derivatives of that order by coordinate `axis`, into f; returns n, from 1 to FQPI_EMBEDDED.
     * NULL: the coordinates themselves */
    int64_t (*map)(const fqpi_embed *e, fqp_view x, int64_t at, int64_t from, int order, int64_t axis, double *f);
} fqpi_embedding;

const fqpi_embedding *fqpi_embedding_row(int embedding); /* NULL outside the table */

#endif
