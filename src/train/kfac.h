/* kfac.h - Kronecker-factored approximate curvature (Martens & Grosse 1503.05671).
 *
 * The Fisher matrix of a layer is taken for the Kronecker product A x G of A = E[a a^T], a its inputs and 1, and
 * G = E[dz dz^T], dz the derivatives of log-probabilities of targets that the network itself would draw.  A step is
 *   W <- W - lr V,  V <- momentum V + (G + c/p I)^-1 dW (A + c p I)^-1,
 * c = sqrt(damping + weight_decay), p^2 = (tr A/dim A)/(tr G/dim G) (factored Tikhonov damping, section 6.3).
 * Branches are layers of their own; of a matrix shared by branches A is summed over them and G averaged (Grosse &
 * Martens 1602.01407, section 3.1). */
#ifndef FQPI_KFAC_H
#define FQPI_KFAC_H

#include "path.h"

fqp_status fqpi_kfac_check(fqp_ctx *ctx, const fqp_model *net, const fqp_train_opts *o);
int64_t fqpi_kfac_vectors(const fqp_model *net, int64_t stride); /* kept vectors: momentum, averages of A and G */
fqp_status fqpi_kfac_open(fqp_trainer *t);                       /* nothing for other optimisers */
void fqpi_kfac_close(fqp_trainer *t);
void fqpi_kfac_stale(fqp_trainer *t); /* t->state has been read from elsewhere */
/* After the gradient of the step is in t->gradient, called by all members: the update. */
void fqpi_kfac_update(fqp_trainer *t, int member, int members, const fqpi_update *update);

/* kfac_curvature.c: A and G of the units at the present parameters. */
typedef struct fqpi_kfac_unit {
    int64_t l, first, blocks;      /* layer, its first block and how many share the matrix */
    int64_t in, out, rows;         /* of the matrix; rows of a: in, and 1 with a bias */
    int64_t weight, bias;          /* in the flat vector; bias -1: none */
    int64_t a, g;                  /* where A [rows, rows] and G [out, out] lie among the numbers of all units */
    int64_t ld;                    /* rows, padded to vectors of f64 */
    double *inverse_a, *inverse_g; /* [rows][ld], [out][out] */
    double *x, *y, *v;             /* [out][ld] the gradient, that times inverse_a, and inverse_g times that */
    double *along;                 /* [out] scalar products of the rows of x and v */
} fqpi_kfac_unit;

typedef struct fqpi_kfac {
    int64_t units, numbers;
    fqpi_kfac_unit *unit;
    bool fresh; /* the inverses belong to the averages in t->state */
    void *now;  /* [numbers] A and G of the present samples, of the model's precision */
    double *room;
    /* samples that the curvature is taken from */
    int64_t samples, tiles, row; /* row: elements of a row of inputs */
    fqpi_span *tile;
    fqpi_tape tape;
    void *tape_block, *rows;
    double *panels; /* [members] */
    size_t panel_size, rows_size;
} fqpi_kfac;

void fqpi_kfac_samples(fqp_trainer *t, int64_t round, int member, int members); /* passes of a member's tiles */
void fqpi_kfac_products(const fqp_trainer *t, const fqpi_kfac_unit *u);         /* into `now` */

#endif
