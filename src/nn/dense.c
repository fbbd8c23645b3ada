/* dense.c - forward and backward pass of a dense network over one tile, and the gradient of some rows of a layer.
 *
 *   forward   z = s W h + s_b b,  h' = sigma(z)             [out][n] = [out,in] [in][n]
 *   backward  dh = s W^T dz,  dz_below = dh o sigma'(z_below)
 *   gradient  dW = s dz h^T,  db = s_b sum_n dz
 *
 * block by block where W is block-diagonal; the gradient of a matrix that all blocks share is summed over them.
 * Every sum over samples runs in their order, whatever the tiles. */
#include "elements.h"
#include "feature_pass.h"

#include <string.h>

enum {
    PACK_TILES = 3,        /* tiles that make packing worth while ... */
    PACK_ROW = 2048,       /* ... of matrices with rows of so many bytes ... */
    PACK_MATRIX = 1 << 20, /* ... and so many bytes in all */
    PACK_COLUMNS = 96
};

/* ---- inputs -------------------------------------------------------------------------------------- */

static int64_t row_number(const int64_t *at, int64_t j) {
    return at ? at[j] : j;
}

enum { ROWS_AT_A_TIME = 8 };

/* Rows of inputs to the turned groups: some rows at a time, so that each is read from end to end while it streams in.
 */
static void copy_rows(const fqp_model *net, const fqpi_tape *tape, fqpi_span s, const void *x, int64_t x_row,
                      const int64_t *at) {
    fqp_dtype t = net->k->dtype;
    for (int64_t from = 0; from < s.n; from += ROWS_AT_A_TIME)
        for (int64_t i = 0; i < fqpi_group_count(net, 0); i++) {
            const int64_t to = from + ROWS_AT_A_TIME < s.n ? from + ROWS_AT_A_TIME : s.n;
            const fqpi_group g = fqpi_tape_group(net, tape, 0, i);
            for (int64_t j = from; j < to; j++)
                memcpy(fqpi_elem_at(t, g.samples, (s.first + j) * g.width),
                       fqpi_elem_in(t, x, row_number(at, j) * x_row + g.feature), (size_t)g.count * net->k->elem);
        }
}

/* Straight into the panel: neighbouring rows turned, others (or few features) element by element. */
static void scatter_rows(const fqp_model *net, fqpi_span s, const void *x, int64_t x_row, const int64_t *at, void *h) {
    fqp_dtype t = net->k->dtype;
    size_t elem = net->k->elem;
    if (!at && net->d > FQPI_NARROW) {
        net->k->transpose(s.n, net->d, x, x_row, h, s.ld);
        return;
    }
    memset(h, 0, (size_t)(net->d * s.ld) * elem);
    for (int64_t j = 0; j < s.n; j++)
        for (int64_t c = 0; c < net->d; c++)
            memcpy(fqpi_elem_at(t, h, c * s.ld + j), fqpi_elem_in(t, x, row_number(at, j) * x_row + c), elem);
}

static void fill_ones(const fqp_model *net, const fqpi_tape *t, fqpi_span s) {
    for (int64_t j = 0; j < s.ld; j++) {
        double v = j < s.n;
        fqpi_elem_store(net->k->dtype, 1, &v, fqpi_elem_at(net->k->dtype, t->ones, s.first + j), 1);
    }
}

void fqpi_inputs(const fqp_model *net, const fqpi_tape *t, fqpi_span s, const void *x, int64_t x_row,
                 const int64_t *at) {
    const fqpi_kernel *k = net->k;
    void *h = fqpi_tape_h(net, t, 0, s);
    if (t->ones)
        fill_ones(net, t, s);
    if (net->features)
        fqpi_features_inputs(net, t, s, x, x_row, at);
    if (net->makes_inputs)
        return;
    if (!t->turned || net->layer[0].turned < 0) {
        scatter_rows(net, s, x, x_row, at, h);
        return;
    }
    copy_rows(net, t, s, x, x_row, at);
    for (int64_t i = 0; i < fqpi_group_count(net, 0); i++) {
        const fqpi_group g = fqpi_tape_group(net, t, 0, i);
        k->transpose(s.n, g.count, fqpi_elem_in(k->dtype, g.samples, s.first * g.width), g.width,
                     fqpi_elem_at(k->dtype, h, g.feature * s.ld), s.ld);
    }
}

/* ---- forward ------------------------------------------------------------------------------------- */

static void forward_block(const fqp_model *net, const fqpi_tape *t, int64_t l, int64_t b, fqpi_span s, bool slopes) {
    const fqpi_kernel *k = net->k;
    const fqpi_layer *y = &net->layer[l];
    const int64_t in = fqpi_block_in(y), out = fqpi_block_out(y), at = b * out * s.ld;
    void *to = net->features ? fqpi_features_out(net, t, l, s) : fqpi_tape_h(net, t, l + 1, s);
    fqpi_gemm g = {.m = out,
                   .n = s.ld,
                   .k = in,
                   .a = fqpi_elem_in(k->dtype, fqpi_live(net), fqpi_weight_block(y, b)),
                   .a_row = in,
                   .a_col = 1,
                   .b = fqpi_elem_in(k->dtype, fqpi_tape_h(net, t, l, s), b * in * s.ld),
                   .b_row = s.ld,
                   .c = fqpi_elem_at(k->dtype, to, at),
                   .c_row = s.ld,
                   .c_panel = true};
    fqpi_epilogue e = {.bias = y->bias < 0 ? NULL : fqpi_elem_in(k->dtype, fqpi_live(net), fqpi_bias_block(y, b)),
                       .scale = y->scale,
                       .bias_scale = y->bias_scale,
                       .act = y->act,
                       .act_param = y->param,
                       .act_omega = y->omega,
                       .deriv = slopes ? fqpi_elem_at(k->dtype, fqpi_tape_slope(net, t, l + 1, s), at) : NULL};
    k->gemm(&g, &e);
}

void fqpi_forward(const fqp_model *net, const fqpi_tape *t, fqpi_span s, bool slopes) {
    if (net->features)
        fqpi_features_values(net, t, s);
    for (int64_t l = 0; l < net->layers; l++) {
        for (int64_t b = 0; b < net->layer[l].blocks; b++)
            forward_block(net, t, l, b, s, slopes && l < net->layers - 1 && net->layer[l + 1].feature < 0);
        if (net->features)
            fqpi_features_apply(net, t, l, s);
    }
}

/* ---- backward ------------------------------------------------------------------------------------ */

/* Rows [i, i + rows) of block b of dz of the layer below: (s W^T dz) o sigma'; columns i, ... of W lie a_col apart. */
static void pull_rows(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s, int64_t b, int64_t i,
                      int64_t rows, const void *columns, int64_t a_col) {
    const fqpi_kernel *k = net->k;
    const fqpi_layer *y = &net->layer[l];
    void *dh = net->features ? fqpi_features_dh(net, t, l, s) : NULL; /* there is no sigma then */
    i += b * fqpi_block_in(y);
    fqpi_gemm g = {.m = rows,
                   .n = s.ld,
                   .k = fqpi_block_out(y),
                   .a = columns,
                   .a_row = 1,
                   .a_col = a_col,
                   .b = fqpi_elem_in(k->dtype, fqpi_tape_dz(net, t, l, s), b * fqpi_block_out(y) * s.ld),
                   .b_row = s.ld,
                   .c = fqpi_elem_at(k->dtype, dh ? dh : fqpi_tape_dz(net, t, l - 1, s), i * s.ld),
                   .c_row = s.ld,
                   .c_panel = true};
    fqpi_epilogue e = {.scale = y->scale,
                       .bias_scale = 1,
                       .act = FQPI_ACT_IDENTITY,
                       .act_omega = 1,
                       .mul = dh ? NULL : fqpi_elem_at(k->dtype, fqpi_tape_slope(net, t, l, s), i * s.ld)};
    k->gemm(&g, &e);
}

/* Columns of a large matrix lie in as many cache lines, and in few sets of the cache, as it has rows: worth copying
 * side by side when several tiles need them. */
static bool packs(const fqp_model *net, int64_t l, int64_t tiles) {
    const fqpi_layer *y = &net->layer[l];
    return tiles >= PACK_TILES && y->blocks == 1 && y->in * (int64_t)net->k->elem >= PACK_ROW &&
           y->in * y->out * (int64_t)net->k->elem >= PACK_MATRIX;
}

size_t fqpi_pack_bytes(const fqp_model *net) {
    int64_t most = 0;
    for (int64_t l = net->makes_inputs ? 0 : 1; l < net->layers; l++)
        if (packs(net, l, PACK_TILES) && net->layer[l].out > most)
            most = net->layer[l].out;
    return (size_t)(most * PACK_COLUMNS) * net->k->elem;
}

static void pull_packed(const fqp_model *net, const fqpi_tape *t, int64_t l, int64_t tiles, const fqpi_span *tile,
                        void *pack) {
    fqp_dtype type = net->k->dtype;
    const fqpi_layer *y = &net->layer[l];
    for (int64_t i = 0; i < y->in; i += PACK_COLUMNS) {
        int64_t columns = y->in - i < PACK_COLUMNS ? y->in - i : PACK_COLUMNS;
        for (int64_t o = 0; o < y->out; o++)
            memcpy(fqpi_elem_at(type, pack, o * columns), fqpi_elem_in(type, fqpi_live(net), y->weight + o * y->in + i),
                   (size_t)columns * net->k->elem);
        for (int64_t q = 0; q < tiles; q++)
            pull_rows(net, t, l, tile[q], 0, i, columns, pack, columns);
    }
}

static void pull_back(const fqp_model *net, const fqpi_tape *t, int64_t l, int64_t tiles, const fqpi_span *tile,
                      void *pack) {
    const fqpi_layer *y = &net->layer[l];
    const int64_t in = fqpi_block_in(y);
    if (packs(net, l, tiles))
        pull_packed(net, t, l, tiles, tile, pack);
    else
        for (int64_t q = 0; q < tiles; q++)
            for (int64_t b = 0; b < y->blocks; b++)
                pull_rows(net, t, l, tile[q], b, 0, in,
                          fqpi_elem_in(net->k->dtype, fqpi_live(net), fqpi_weight_block(y, b)), in);
}

static void turn(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s) {
    const fqpi_kernel *k = net->k;
    const void *h = fqpi_tape_h(net, t, l, s);
    for (int64_t i = 0; i < fqpi_group_count(net, l); i++) {
        const fqpi_group g = fqpi_tape_group(net, t, l, i);
        k->transpose(g.count, s.ld, fqpi_elem_in(k->dtype, h, g.feature * s.ld), s.ld,
                     fqpi_elem_at(k->dtype, g.samples, s.first * g.width), g.width);
    }
}

void fqpi_backward(const fqp_model *net, const fqpi_tape *t, int64_t tiles, const fqpi_span *tile, void *pack) {
    for (int64_t q = 0; q < tiles && net->gates > 0; q++)
        fqpi_features_gate_back(net, t, tile[q]);
    for (int64_t l = net->layers - 1; l >= !net->makes_inputs; l--) {
        pull_back(net, t, l, tiles, tile, pack);
        for (int64_t q = 0; q < tiles && net->layer[l].feature >= 0; q++)
            fqpi_features_back(net, t, l, tile[q]);
        for (int64_t q = 0; q < tiles && net->layer[l].turned >= 0; q++)
            turn(net, t, l, tile[q]);
    }
}

/* ---- gradient ------------------------------------------------------------------------------------ */

static bool few_outputs(const fqpi_layer *y) {
    return fqpi_block_out(y) <= FQPI_NARROW;
}

static bool few_inputs(const fqpi_layer *y) {
    return fqpi_block_in(y) <= FQPI_NARROW;
}

size_t fqpi_lanes_bytes(const fqp_model *net, int64_t rows) {
    int64_t most = rows;
    for (int64_t l = 0; l < net->layers; l++)
        if (few_outputs(&net->layer[l]) && fqpi_block_in(&net->layer[l]) > most)
            most = fqpi_block_in(&net->layer[l]);
    return (size_t)most * 64;
}

/* Rows of a panel [rows][ld] weighted by one row of another, over all tiles. */
typedef struct row_of {
    void *(*panel)(const fqp_model *, const fqpi_tape *, int64_t, fqpi_span);
    int64_t l, row;
} row_of;

static const void *row_at(const fqp_model *net, const fqpi_tape *t, row_of r, fqpi_span s) {
    if (!r.panel)
        return fqpi_elem_in(net->k->dtype, t->ones, s.first);
    return fqpi_elem_in(net->k->dtype, r.panel(net, t, r.l, s), r.row * s.ld);
}

static void weighted_sums(const fqp_model *net, const fqpi_tape *t, int64_t rows, row_of a, row_of b, int64_t tiles,
                          const fqpi_span *tile, double scale, void *out, int64_t step, bool resume, void *lanes) {
    for (int64_t i = 0; i < tiles; i++)
        net->k->lane_dots(rows, tile[i].ld, row_at(net, t, a, tile[i]), tile[i].ld, row_at(net, t, b, tile[i]), lanes,
                          i > 0);
    net->k->fold_lanes(rows, lanes, scale, out, step, resume);
}

/* Rows [z, z + rows) of dz against the inputs of block b, into grad [rows][in of a block]. */
typedef struct piece {
    int64_t l, b, z, rows;
    bool resume;
} piece;

/* [rows] x [group] blocks of dz h^T, tile after tile. */
static void products(const fqp_model *net, const fqpi_tape *t, const piece *p, int64_t tiles, const fqpi_span *tile,
                     void *grad) {
    const fqpi_kernel *k = net->k;
    const int64_t in = fqpi_block_in(&net->layer[p->l]), groups = fqpi_block_groups(net, p->l);
    for (int64_t q = 0; q < groups; q++) {
        const fqpi_group h = fqpi_tape_group(net, t, p->l, p->b * groups + q);
        for (int64_t i = 0; i < tiles; i++) {
            fqpi_span s = tile[i];
            fqpi_gemm g = {.m = p->rows,
                           .n = h.count,
                           .k = s.n,
                           .a = fqpi_elem_in(k->dtype, fqpi_tape_dz(net, t, p->l, s), p->z * s.ld),
                           .a_row = s.ld,
                           .a_col = 1,
                           .b = fqpi_elem_in(k->dtype, h.samples, s.first * h.width),
                           .b_row = h.width,
                           .c = fqpi_elem_at(k->dtype, grad, h.feature - p->b * in),
                           .c_row = in,
                           .accumulate = p->resume || i > 0};
            k->gemm(&g, NULL);
        }
    }
}

static void piece_gradient(const fqp_model *net, const fqpi_tape *t, const piece *p, int64_t tiles,
                           const fqpi_span *tile, void *grad, void *lanes) {
    const fqpi_layer *y = &net->layer[p->l];
    const int64_t in = fqpi_block_in(y), first = p->b * in;
    fqp_dtype type = net->k->dtype;
    if (few_inputs(y))
        for (int64_t c = 0; c < in; c++)
            weighted_sums(net, t, p->rows, (row_of){fqpi_tape_dz, p->l, p->z}, (row_of){fqpi_tape_h, p->l, first + c},
                          tiles, tile, 1, fqpi_elem_at(type, grad, c), in, p->resume, lanes);
    else if (few_outputs(y))
        for (int64_t i = 0; i < p->rows; i++)
            weighted_sums(net, t, in, (row_of){fqpi_tape_h, p->l, first}, (row_of){fqpi_tape_dz, p->l, p->z + i}, tiles,
                          tile, 1, fqpi_elem_at(type, grad, i * in), 1, p->resume, lanes);
    else
        products(net, t, p, tiles, tile, grad);
}

void fqpi_weight_gradient(const fqp_model *net, const fqpi_tape *t, int64_t l, int64_t i0, int64_t i1, int64_t tiles,
                          const fqpi_span *tile, void *grad, bool resume, void *lanes) {
    const fqpi_layer *y = &net->layer[l];
    const int64_t out = fqpi_block_out(y), in = fqpi_block_in(y);
    for (int64_t b = 0; b < y->blocks && y->shared; b++)
        piece_gradient(net, t, &(piece){l, b, b * out + i0, i1 - i0, resume || b > 0}, tiles, tile, grad, lanes);
    for (int64_t i = i0, to; i < i1 && !y->shared; i = to) {
        const int64_t b = i / out;
        to = (b + 1) * out < i1 ? (b + 1) * out : i1;
        piece_gradient(net, t, &(piece){l, b, i, to - i, resume}, tiles, tile,
                       fqpi_elem_at(net->k->dtype, grad, (i - i0) * in), lanes);
    }
}

void fqpi_bias_gradient(const fqp_model *net, const fqpi_tape *t, int64_t l, int64_t i0, int64_t i1, int64_t tiles,
                        const fqpi_span *tile, void *grad, bool resume, void *lanes) {
    const fqpi_layer *y = &net->layer[l];
    const int64_t copies = y->shared ? y->blocks : 1;
    for (int64_t b = 0; b < copies; b++)
        weighted_sums(net, t, i1 - i0, (row_of){fqpi_tape_dz, l, b * fqpi_block_out(y) + i0}, (row_of){0}, tiles, tile,
                      y->bias_scale, grad, 1, resume || b > 0, lanes);
}
