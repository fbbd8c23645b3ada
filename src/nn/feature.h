/* feature.h - functions of the coordinates with numbers of their own, which training may move: learnt embeddings,
 * filters, gates.
 *
 * A row says what a kind of functions needs.  Its numbers lie in the flat parameter vector behind those of the layers
 * (or, when they are not trained, beside it).  A tile goes through forward; backward turns the adjoints of its values
 * into what the gradient sums over the samples; the gradient is made unit by unit over all tiles, so that threads can
 * share it without a number of theirs being a sum in another order. */
#ifndef FQPI_FEATURE_H
#define FQPI_FEATURE_H

#include "kernel.h"
#include <fqp/model.h>

enum { FQPI_LEVELS_DIMS = 3, FQPI_LEVELS = 32 };

/* A grid encoding's levels (feature/grid.c). */
typedef struct fqpi_levels {
    double lower[FQPI_LEVELS_DIMS], rate[FQPI_LEVELS_DIMS]; /* box: 0 <= (x - lower) rate <= 1 */
    int64_t entry;                                          /* numbers of a vertex */
    int64_t cells[FQPI_LEVELS];                             /* along an axis */
    int64_t first[FQPI_LEVELS + 1];                         /* first number of a level's table */
    uint32_t mask[FQPI_LEVELS]; /* 0: an entry for each vertex; else entries - 1 of a hashed table */
} fqpi_levels;
/* The grid of windows of gate window (feature/window.c). */
enum { FQPI_WINDOW_AXES = 3, FQPI_WINDOW_MOST = 256, FQPI_WINDOWS_MOST = 1024 };
typedef struct fqpi_windows {
    int64_t d, along[FQPI_WINDOW_AXES];
    double lower[FQPI_WINDOW_AXES], width[FQPI_WINDOW_AXES]; /* of the box; from one border to the next */
    double overlap;                                          /* of neighbours, in widths */
} fqpi_windows;

void fqpi_levels_lay_out(int64_t d, const fqp_model_opts *o, double scale, fqpi_levels *out);

/* Panels of a tile, as in net.h. */
typedef struct fqpi_feature_tile {
    int64_t n, ld;
    const void *x, *ones; /* [d][ld] coordinates; [ld], 0 in the padding */
    void *value;          /* [width][ld] */
    void *keep;           /* [keep rows][ld] for the way back; NULL: there is none */
    void *adjoint;        /* [adjoint rows][ld], the first `width` adjoints of the values */
} fqpi_feature_tile;

/* Tiles of a tape, in order (net.h). */
typedef struct fqpi_wave {
    const fqp_model *net;
    const struct fqpi_tape *tape;
    int64_t tiles;
    const struct fqpi_span *tile;
} fqpi_wave;

typedef struct fqpi_feature {
    const struct fqpi_feature_row *row;
    const fqpi_kernel *k;
    const struct fqpi_loops *loops;
    int64_t d, width, units;
    int64_t at, numbers; /* its numbers in the flat vector; at -1: not trained, in `fixed` */
    void *fixed;         /* [numbers] in the precision of the network; NULL: trained */
    double factor;       /* waves: angle per B x */
    int64_t layer;       /* that its values go to: inputs of this layer, or (= layers) the outputs */
    uint32_t stream;     /* of its draws */
    /* rows of its panels: of the values among the rows `more` of the tape (input: a slice of h(0)), of the rest among
     * those for the way back */
    int64_t value, keep, adjoint;
    int64_t slice;        /* inputs: first row of h(0) that is its own; -1: these are not inputs */
    fqpi_levels levels;   /* grid */
    fqpi_windows windows; /* window */
} fqpi_feature;

typedef struct fqpi_feature_row {
    const char *name, *doc;
    int64_t (*keep)(const fqpi_feature *f);    /* rows; NULL: none */
    int64_t (*adjoint)(const fqpi_feature *f); /* rows; NULL: as many as values */
    void (*forward)(const fqpi_feature *f, const void *w, const fqpi_feature_tile *t);
    void (*backward)(const fqpi_feature *f, const void *w, const fqpi_feature_tile *t); /* NULL: nothing to do */
    /* Numbers are stored in `blocks` blocks; the first number of a unit in a block, unit = units: the block's end. */
    int blocks;
    int64_t (*begin)(const fqpi_feature *f, int block, int64_t unit);
    /* Without numbers of its own: no blocks, no gradient. */
    /* Gradient [numbers] of units [u0, u1) over the tiles in order, begun at what is there when `resume`; lanes:
     * scratch of 64 bytes for each unit. */
    void (*gradient)(const fqpi_feature *f, int64_t u0, int64_t u1, const fqpi_wave *wave, void *gradient, bool resume,
                     void *lanes);
} fqpi_feature_row;

extern const fqpi_feature_row fqpi_feature_waves, fqpi_feature_sine, fqpi_feature_gabor, fqpi_feature_grid,
    fqpi_feature_window;

/* out[u*step] (+)= scale * sum over the samples of row `row` + u of the adjoints, u = u0 .. u1 - 1, times coordinate c;
 * c = d: times 1. */
void fqpi_feature_sums(const fqpi_feature *f, int64_t row, int64_t u0, int64_t u1, int64_t c, double scale,
                       const fqpi_wave *wave, void *out, int64_t step, bool resume, void *lanes);
fqpi_feature_tile fqpi_feature_at(const fqpi_feature *f, const fqpi_wave *wave, int64_t i); /* tile i */

static inline const void *fqpi_feature_row_of(const fqpi_feature *f, const void *panel, int64_t row, int64_t ld) {
    return (const char *)panel + (size_t)(row * ld) * f->k->elem;
}

/* ---- filters of multiplicative filter networks ----------------------------------------------------- */

enum { FQPI_FILTERS_NONE };
typedef struct fqpi_filter_kind {
    const char *name, *doc;
    const fqpi_feature_row *feature; /* NULL: no filters */
    int64_t (*numbers)(int64_t d, int64_t width);
    /* As drawn, in double; f has sizes and stream.  filters: how many the network has. */
    void (*draw)(const fqpi_feature *f, const fqp_model_opts *o, int64_t filters, uint64_t seed, double *w);
} fqpi_filter_kind;

const fqpi_filter_kind *fqpi_filter_row(int filter); /* NULL outside the table */

#endif
