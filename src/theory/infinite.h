/* infinite.h - the kernel of infinitely wide networks: layers, what they make of points, and of tiles of pairs. */
#ifndef FQPI_INFINITE_H
#define FQPI_INFINITE_H

#include "dual/dual.h"
#include "kernel.h"
#include "ntk_i.h"

typedef struct fqpi_infinite {
    size_t n; /* layers; the last one has no activation */
    fqp_ntk_layer *layer;
} fqpi_infinite;

/* The expansion of an activation at each point (infinite_expand.c). */
typedef struct fqpi_expansion {
    int64_t terms;
    double *row;   /* [n, 2 terms] */
    double *panel; /* [padded/FQPI_TILE_COLUMNS][2 terms][FQPI_TILE_COLUMNS] the same, turned; NULL: no columns */
} fqpi_expansion;

/* Points as the layers see them.  Step l is the activation before layer l (none before layer 0) and that layer. */
typedef struct fqpi_wide {
    int64_t n, padded, d;
    size_t layers;
    int64_t row;           /* d, padded */
    double *unit;          /* [n, row] x/|x| (0 for 0), zeros in the padding */
    double *panel;         /* [padded/FQPI_TILE_COLUMNS][row][FQPI_TILE_COLUMNS] the same, turned; NULL: no columns */
    fqpi_dual_side *steps; /* [layers] of [padded] numbers each */
    double *numbers;       /* they are in */
    fqpi_expansion
        *expansion; /* [layers] of the activation before each layer; without terms where it has a closed form */
} fqpi_wide;

enum { FQPI_TILE_ROWS = 96, FQPI_TILE_COLUMNS = 32 };

/* x [n, d]; columns: to be used as columns of tiles. */
fqp_status fqpi_wide_make(fqp_ctx *ctx, const fqpi_infinite *of, fqp_view x, bool columns, fqpi_wide *p);
/* Before tiles of points of a and b (may be a) are made: activations without closed form are expanded. */
fqp_status fqpi_wide_expand(fqp_ctx *ctx, const fqpi_infinite *of, fqpi_wide *a, fqpi_wide *b);
void fqpi_wide_free(fqpi_wide *p);

/* Room of one thread. */
typedef struct fqpi_tile {
    _Alignas(64) double gap[FQPI_TILE_ROWS * FQPI_TILE_COLUMNS], out[FQPI_TILE_ROWS * FQPI_TILE_COLUMNS];
} fqpi_tile;

/* Points [i, i + rows) of a with points [j, j + FQPI_TILE_COLUMNS) of b, j a multiple of it: tile->out [rows,
 * FQPI_TILE_COLUMNS] is the kernel, garbage beyond b->n. */
void fqpi_tile_make(const fqpi_kernel *k, const fqpi_infinite *of, const fqpi_wide *a, int64_t i, int64_t rows,
                    const fqpi_wide *b, int64_t j, fqp_ntk_part part, fqpi_tile *tile);

fqp_status fqpi_infinite_gram(const fqp_ntk *k, fqp_view xa, fqp_view xb, fqp_ntk_part part, double *out);
fqp_status fqpi_infinite_block(const fqp_ntk *k, fqp_view x, int64_t first, int64_t nrows, int64_t upto, fqp_dtype t,
                               void *out, int64_t ld);
fqp_status fqpi_infinite_apply(const fqp_ntk *k, fqp_view x, int64_t count, const double *v, double *out);

#endif
