/* net.h - the inside of a model, and its passes.
 *
 * Letters as in model.h: layer l has W [out, in], b [out]; h(l) are its inputs, dz(l) = dloss/dz of its outputs.
 * Samples lie along the fast axis.  A tape holds a wave of samples: what the forward pass leaves for the backward pass.
 * The wave is cut into tiles of at most four vectors, each a panel [features][ld] with ld the tile's own padded width,
 * so that the panel of a tile is contiguous memory. */
#ifndef FQPI_NET_H
#define FQPI_NET_H

#include "activation.h"
#include "embedding.h"
#include "feature.h"
#include "init.h"
#include "kernel.h"
#include "output.h"
#include "reparam.h"
#include <fqp/model.h>

enum {
    FQPI_TILE_VECTORS = 4, /* vectors of samples, or of features, side by side in one product */
    FQPI_NARROW = 4        /* layers with so few inputs, or outputs, get their gradient from sums along rows */
};

/* W is block-diagonal: rows [b out/blocks, (b+1) out/blocks) of z see rows [b in/blocks, ...) of h.  The blocks lie
 * one below the other, [out][in/blocks], or are one matrix for all, [out/blocks][in/blocks], when shared. */
typedef struct fqpi_layer {
    int64_t in, out;
    int64_t blocks;
    bool shared;
    int64_t weight, bias;     /* where they begin in the flat vector; bias -1: none */
    int64_t row;              /* first row of its inputs among the rows of all layers */
    int64_t turned;           /* first row of its inputs among the padded rows of turned panels; -1: not needed */
    double scale, bias_scale; /* z = scale W h + bias_scale b */
    int act;
    double param, omega; /* sigma(omega z) */
    int64_t feature;     /* that makes its inputs, or is multiplied into them; -1: none */
    int64_t product;     /* first row of what it is multiplied into, among those for the way back */
} fqpi_layer;

static inline int64_t fqpi_block_in(const fqpi_layer *y) { /* columns of the matrix as it lies in memory */
    return y->in / y->blocks;
}
static inline int64_t fqpi_block_out(const fqpi_layer *y) {
    return y->out / y->blocks;
}
static inline int64_t fqpi_weight_rows(const fqpi_layer *y) { /* its rows, and biases */
    return y->shared ? fqpi_block_out(y) : y->out;
}
static inline int64_t fqpi_weight_block(const fqpi_layer *y, int64_t b) { /* where block b begins in the flat vector */
    return y->weight + (y->shared ? 0 : b * fqpi_block_out(y) * fqpi_block_in(y));
}
static inline int64_t fqpi_bias_block(const fqpi_layer *y, int64_t b) { /* y->bias >= 0 */
    return y->bias + (y->shared ? 0 : b * fqpi_block_out(y));
}

enum { FQPI_BRANCHES_FIRST, FQPI_BRANCHES_SEPARATE, FQPI_BRANCHES_SHARED };
int64_t fqpi_model_branches(const fqp_model_opts *o);

struct fqp_model {
    const fqpi_kernel *k, *k64;       /* of the model's precision, and the same level in f64 */
    fqpi_embed embed;                 /* from the coordinates of a point to the inputs of the first layer */
    int64_t d, m, layers, parameters; /* d: inputs of the first layer */
    int64_t numbers;                  /* further ones (model.numbers), the last of the parameters */
    int64_t rows;                     /* inputs, hidden layers, outputs together */
    int64_t turned_rows;              /* of all turned panels */
    int64_t widest;                   /* largest width */
    const fqpi_output *output;
    fqpi_layer *layer;
    void *w; /* [parameters] */
    fqpi_reparam reparam;

    /* features (feature_pass.h); none: feature NULL */
    int64_t features;
    fqpi_feature *feature;       /* of the inputs, branch by branch; filters; gates */
    bool makes_inputs;           /* h(0) is made from the coordinates in each pass */
    int64_t gates, gate;         /* branches of the last layer, and their feature; 0: no gates */
    int64_t outputs;             /* of the last layer: gates m, or m */
    int64_t more_rows, way_rows; /* of all tiles, see fqpi_tape */
    int64_t joined, joined_adjoint, inputs_adjoint, inputs_rows; /* rows: products that gates weigh, among `more`;
                                      adjoints of the outputs and of h(0), and how many the latter has, among `way` */
};

/* What the passes multiply by, as the flat vector lies: the parameters, or what trained factors make of them. */
static inline const void *fqpi_live(const fqp_model *net) {
    return net->reparam.live ? net->reparam.live : net->w;
}

/* An embedding that is made beforehand, by a map. */
static inline bool fqpi_maps_inputs(const fqp_model *net) {
    return net->embed.row->map && !net->makes_inputs;
}

/* The layer that a feature's numbers are told of with. */
static inline int64_t fqpi_feature_layer(const fqp_model *net, const fqpi_feature *f) {
    return f->layer < net->layers ? f->layer : net->layers - 1;
}

/* The same network with its parameters, in precision t. */
fqp_status fqpi_model_copy(fqp_ctx *ctx, const fqp_model *net, fqp_dtype t, fqp_model **out);

/* What is asked of options before there is a network of them: whether fqp_model_create would take them, how many
 * parameters it has without trained slopes and scales, layer l without its places in memory, and how its parameters are
 * drawn. */
fqp_status fqpi_model_check(fqp_ctx *ctx, int64_t d, int64_t m, const fqp_model_opts *o);
double fqpi_model_size(const fqp_model_opts *o, int64_t d, int64_t m);
fqpi_layer fqpi_model_layer_of(const fqp_model_opts *o, int64_t d, int64_t m, int64_t l);
void fqpi_model_spreads(const fqp_model_opts *o, int64_t l, int64_t in, int64_t out, fqpi_spread *weight,
                        fqpi_spread *bias);

/* n rounded up to whole vectors, so that a row of n elements starts aligned. */
int64_t fqpi_padded(const fqpi_kernel *k, int64_t n);

/* ---- tape ---------------------------------------------------------------------------------------- */

/* A tile: samples [first, first + n) of the tape; first is a multiple of lanes, ld is n padded. */
typedef struct fqpi_span {
    int64_t first, n, ld;
} fqpi_span;

typedef struct fqpi_tape {
    int64_t capacity; /* samples, padded */
    void *h;          /* inputs, activations, outputs */
    void *slope;      /* sigma'(z) of hidden layers */
    void *dz;         /* of all layers */
    void *turned;     /* inputs of layers, samples along the slow axis: [group][sample][width of the group] */
    void *ones;       /* [capacity] 1 for samples, 0 in the padding */
    void *more, *way; /* of features: coordinates, filters, gates; and what they keep for the way back */
} fqpi_tape;

/* gradient: a backward pass will follow (else only h is there).  block 64-byte aligned and zeroed. */
size_t fqpi_tape_bytes(const fqp_model *net, int64_t capacity, bool gradient);
void fqpi_tape_place(const fqp_model *net, int64_t capacity, bool gradient, void *block, fqpi_tape *tape);

void *fqpi_tape_h(const fqp_model *net, const fqpi_tape *t, int64_t l,
                  fqpi_span s); /* [width(l)][ld], l = 0 .. layers */
void *fqpi_tape_slope(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s); /* [in(l)][ld], l >= 1 */
void *fqpi_tape_dz(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s);    /* [out(l)][ld] */
void *fqpi_tape_dy(const fqp_model *net, const fqpi_tape *t, fqpi_span s); /* [m][ld] adjoints of the outputs */
/* [rows][ld] of the panel that begins at row `row` of base, more or way */
void *fqpi_tape_panel(const fqp_model *net, const fqpi_tape *t, void *base, int64_t row, int64_t rows, fqpi_span s);

/* Groups of neighbouring features of one block, at most four vectors each, all but equally wide; groups of block b are
 * [b fqpi_block_groups, (b + 1) fqpi_block_groups). */
int64_t fqpi_block_groups(const fqp_model *net, int64_t l);
static inline int64_t fqpi_group_count(const fqp_model *net, int64_t l) {
    return net->layer[l].blocks * fqpi_block_groups(net, l);
}
typedef struct fqpi_group {
    int64_t feature, count; /* first of layer l's inputs, and how many there are */
    int64_t width;          /* count, padded */
    void *samples;          /* [capacity][width] */
} fqpi_group;
fqpi_group fqpi_tape_group(const fqp_model *net, const fqpi_tape *t, int64_t l, int64_t g);
int64_t fqpi_turned_rows(const fqp_model *net, const fqpi_layer *y); /* that its groups take */

/* ---- passes -------------------------------------------------------------------------------------- */

/* Inputs of a tile: row i is x + at[i]*x_row, or x + i*x_row when at is NULL; rows are those of fqpi_rows_in. */
void fqpi_inputs(const fqp_model *net, const fqpi_tape *t, fqpi_span s, const void *x, int64_t x_row,
                 const int64_t *at);

/* Inputs are there: compute h(1) .. h(layers) of a tile, and sigma' when the backward pass will follow. */
void fqpi_forward(const fqp_model *net, const fqpi_tape *t, fqpi_span s, bool slopes);

/* Adjoints of the outputs (fqpi_tape_dy) are there, zero in the padding: compute dz of the layers, and turn the layers'
 * inputs, of some tiles together.  pack: fqpi_pack_bytes of scratch. */
void fqpi_backward(const fqp_model *net, const fqpi_tape *t, int64_t tiles, const fqpi_span *tile, void *pack);
size_t fqpi_pack_bytes(const fqp_model *net);

/* Weight gradient of rows [i0, i1) of layer l's matrix as it lies in memory over `tiles` tiles in order, dense, begun
 * at what is there when `resume`, without the layer's factor `scale`; likewise the bias gradient [rows], factor
 * included.  lanes is scratch of fqpi_lanes_bytes(rows). */
void fqpi_weight_gradient(const fqp_model *net, const fqpi_tape *t, int64_t l, int64_t i0, int64_t i1, int64_t tiles,
                          const fqpi_span *tile, void *grad, bool resume, void *lanes);
void fqpi_bias_gradient(const fqp_model *net, const fqpi_tape *t, int64_t l, int64_t i0, int64_t i1, int64_t tiles,
                        const fqpi_span *tile, void *grad, bool resume, void *lanes);
size_t fqpi_lanes_bytes(const fqp_model *net, int64_t rows);

/* Predictions of n <= capacity samples, n at most a tile, with inputs x [n][x_row], through the output map, into out
 * [n, m] of type t.  work: fqpi_predict_bytes, 64-byte aligned. */
size_t fqpi_predict_bytes(const fqp_model *net);
void fqpi_predict(const fqp_model *net, const fqpi_tape *tape, int64_t n, const void *x, int64_t x_row, fqp_dtype t,
                  void *out, void *work);
static inline int64_t fqpi_tile_samples(const fqpi_kernel *k) {
    return FQPI_TILE_VECTORS * k->lanes;
}

/* What a pass needs of a point, in the precision of the network: the inputs of the first layer [net->d] unless they are
 * made in each pass, and the coordinates where features want them; each padded to whole vectors. */
static inline int64_t fqpi_row_coordinates(const fqp_model *net) { /* where they begin */
    return net->makes_inputs ? 0 : fqpi_padded(net->k, net->d);
}
static inline int64_t fqpi_row_length(const fqp_model *net) {
    return fqpi_row_coordinates(net) + (net->features ? fqpi_padded(net->k, net->embed.d) : 0);
}
/* Points [first, first + n) of a view [, embed.d] of f32 or f64 as such rows, row elements apart. */
void fqpi_rows_in(const fqp_model *net, fqp_view x, int64_t first, int64_t n, void *rows, int64_t row);

/* The defaults of the section, for callers without a configuration. */
extern const fqp_model_opts fqpi_model_defaults;

#endif
