/* embedding.h - one row per embedding: what the first layer sees of a point.
 *
 * The rows here are fixed, drawn with the network, unless a feature learns them (feature.h).  Data, predictions and
 * derivatives keep the d coordinates of the points. */
#ifndef FQPI_EMBEDDING_H
#define FQPI_EMBEDDING_H

#include "kernel.h"
#include <fqp/model.h>

enum { FQPI_EMBEDDED = 64 };

/* The embedding of a network: of scale * x, once for every branch. */
typedef struct fqpi_embed {
    const struct fqpi_embedding *row;
    const fqpi_kernel *k64;
    int64_t d, width; /* coordinates; numbers that the first layer sees of a branch */
    int64_t numbers;  /* fixed ones of all branches, drawn with the network */
    double *fixed;    /* [numbers] */
    int64_t branches;
    double *scales; /* [branches] */
    double scale;   /* of the branch at hand (fqpi_embed_branch) */
} fqpi_embed;

/* Branch b alone: one branch with its own scale and numbers.  Borrows. */
fqpi_embed fqpi_embed_branch(const fqpi_embed *e, int64_t b);

typedef struct fqpi_embedding {
    const char *name, *doc;
    bool windows; /* there is a branch for each of model.windows, not for each of model.scales */
    /* How it is learnt, when model.train_features asks for it or nothing is drawn.  NULL: it cannot be */
    const struct fqpi_feature_row *learnt;
    /* Options it cannot work with, with the reason.  NULL: none */
    fqp_status (*check)(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o);
    int64_t (*width)(int64_t d, const fqp_model_opts *o);
    /* Numbers that are drawn once for each branch.  NULL: none */
    int64_t (*fixed)(int64_t d, const fqp_model_opts *o);
    void (*draw)(int64_t d, const fqp_model_opts *o, uint64_t seed, int64_t branch, double *fixed);
    /* Numbers [from, from + n) of what the branch e sees of the point whose coordinates begin at element `at` of x, or
     * of their derivatives by the coordinates: f [count][FQPI_EMBEDDED] for `count` of them, of any order (which NULL:
     * the value); returns n, from 1 to FQPI_EMBEDDED.  NULL: the coordinates times the scale */
    int64_t (*map)(const fqpi_embed *e, fqp_view x, int64_t at, int64_t from, int64_t count,
                   const fqp_derivative *which, double *f);
} fqpi_embedding;

const fqpi_embedding *fqpi_embedding_row(int embedding); /* NULL outside the table */

#endif
