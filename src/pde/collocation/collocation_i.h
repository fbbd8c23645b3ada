/* collocation_i.h - places of the pieces, and the matrix of all rows. */
#ifndef FQPI_COLLOCATION_I_H
#define FQPI_COLLOCATION_I_H

#include "collocation/collocation.h"

typedef struct fqpi_collocation_places { /* of one piece */
    fqp_piece piece;
    int64_t n;
    double *x, *normal, *target; /* [n * points, d], [n * points, d], [n, m] */
} fqpi_collocation_places;

typedef struct fqpi_collocation {
    fqp_ctx *ctx;
    const fqp_pde *problem;
    const fqpi_collocation_opts *opts;
    int64_t d, m;
    fqp_features *features;
    int64_t unknowns;            /* m * features */
    double *numbers;             /* of the equations, as they start */
    double *solution;            /* [m, features] */
    fqpi_collocation_places *at; /* [pieces] */
    size_t pieces;
    int64_t joins, rows;    /* rows of continuity; of everything */
    double *matrix, *right; /* column by column [rows, unknowns], [max(rows, unknowns)] */
    int64_t filled;
} fqpi_collocation;

/* places.c: points of all pieces */
fqp_status fqpi_collocation_lay(fqpi_collocation *c);
/* rows.c: matrix and right side at the present solution; the matrix is overwritten by the solver */
fqp_status fqpi_collocation_fill(fqpi_collocation *c);

#endif
