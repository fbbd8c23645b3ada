/* dense.c - forward and backward pass of a dense network over one tile, and the gradient of some rows of a layer.
 *
 *   forward   z = s W h + s_b b,  h' = sigma(z)             [out][n] = [out,in] [in][n]
 *   backward  dh = s W^T dz,  dz_below = dh o sigma'(z_below)
 *   gradient  dW = s dz h^T,  db = s_b sum_n dz
 *
 * Every sum over samples runs in their order, whatever the tiles. */
#include "elements.h"
#include "net.h"

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
        for (int64_t g = 0; g < fqpi_group_count(net, 0); g++) {
            int64_t feature, width, to = from + ROWS_AT_A_TIME < s.n ? from + ROWS_AT_A_TIME : s.n;
            void *group = fqpi_tape_group(net, tape, 0, g, &feature, &width);
            for (int64_t j = from; j < to; j++)
                memcpy(fqpi_elem_at(t, group, (s.first + j) * width),
                       fqpi_elem_in(t, x, row_number(at, j) * x_row + feature), (size_t)width * net->k->elem);
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
    if (!t->turned || net->layer[0].turned < 0) {
        scatter_rows(net, s, x, x_row, at, h);
        return;
    }
    copy_rows(net, t, s, x, x_row, at);
    for (int64_t g = 0; g < fqpi_group_count(net, 0); g++) {
        int64_t feature, width;
        const void *group = fqpi_tape_group(net, t, 0, g, &feature, &width);
        int64_t wanted = net->d - feature < width ? net->d - feature : width;
        k->transpose(s.n, wanted, fqpi_elem_in(k->dtype, group, s.first * width), width,
                     fqpi_elem_at(k->dtype, h, feature * s.ld), s.ld);
    }
}

/* ---- forward ------------------------------------------------------------------------------------- */

void fqpi_forward(const fqp_model *net, const fqpi_tape *t, fqpi_span s, bool slopes) {
    const fqpi_kernel *k = net->k;
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        bool last = l == net->layers - 1;
        fqpi_gemm g = {.m = y->out,
                       .n = s.ld,
                       .k = y->in,
                       .a = fqpi_elem_in(k->dtype, fqpi_live(net), y->weight),
                       .a_row = y->in,
                       .a_col = 1,
                       .b = fqpi_tape_h(net, t, l, s),
                       .b_row = s.ld,
                       .c = fqpi_tape_h(net, t, l + 1, s),
                       .c_row = s.ld,
                       .c_panel = true};
        fqpi_epilogue e = {.bias = y->bias < 0 ? NULL : fqpi_elem_in(k->dtype, fqpi_live(net), y->bias),
                           .scale = y->scale,
                           .bias_scale = y->bias_scale,
                           .act = y->act,
                           .act_param = y->param,
                           .act_omega = y->omega,
                           .deriv = slopes && !last ? fqpi_tape_slope(net, t, l + 1, s) : NULL};
        k->gemm(&g, &e);
    }
}

/* ---- backward ------------------------------------------------------------------------------------ */

/* Rows [i, i + rows) of dz of the layer below: (s W^T dz) o sigma'; columns i, ... of W lie a_col apart. */
static void pull_rows(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s, int64_t i, int64_t rows,
                      const void *columns, int64_t a_col) {
    const fqpi_kernel *k = net->k;
    const fqpi_layer *y = &net->layer[l];
    fqpi_gemm g = {.m = rows,
                   .n = s.ld,
                   .k = y->out,
                   .a = columns,
                   .a_row = 1,
                   .a_col = a_col,
                   .b = fqpi_tape_dz(net, t, l, s),
                   .b_row = s.ld,
                   .c = fqpi_elem_at(k->dtype, fqpi_tape_dz(net, t, l - 1, s), i * s.ld),
                   .c_row = s.ld,
                   .c_panel = true};
    fqpi_epilogue e = {.scale = y->scale,
                       .bias_scale = 1,
                       .act = FQPI_ACT_IDENTITY,
                       .act_omega = 1,
                       .mul = fqpi_elem_at(k->dtype, fqpi_tape_slope(net, t, l, s), i * s.ld)};
    k->gemm(&g, &e);
}

/* Columns of a large matrix lie in as many cache lines, and in few sets of the cache, as it has rows: worth copying
 * side by side when several tiles need them. */
static bool packs(const fqp_model *net, int64_t l, int64_t tiles) {
    const fqpi_layer *y = &net->layer[l];
    return tiles >= PACK_TILES && y->in * (int64_t)net->k->elem >= PACK_ROW &&
           y->in * y->out * (int64_t)net->k->elem >= PACK_MATRIX;
}

size_t fqpi_pack_bytes(const fqp_model *net) {
    int64_t most = 0;
    for (int64_t l = 1; l < net->layers; l++)
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
            pull_rows(net, t, l, tile[q], i, columns, pack, columns);
    }
}

static void pull_back(const fqp_model *net, const fqpi_tape *t, int64_t l, int64_t tiles, const fqpi_span *tile,
                      void *pack) {
    const fqpi_layer *y = &net->layer[l];
    if (packs(net, l, tiles))
        pull_packed(net, t, l, tiles, tile, pack);
    else
        for (int64_t q = 0; q < tiles; q++)
            pull_rows(net, t, l, tile[q], 0, y->in, fqpi_elem_in(net->k->dtype, fqpi_live(net), y->weight), y->in);
}

static void turn(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s) {
    const fqpi_kernel *k = net->k;
    const void *h = fqpi_tape_h(net, t, l, s);
    for (int64_t g = 0; g < fqpi_group_count(net, l); g++) {
        int64_t feature, width;
        void *group = fqpi_tape_group(net, t, l, g, &feature, &width);
        int64_t rows = net->layer[l].in - feature < width ? net->layer[l].in - feature : width;
        k->transpose(rows, s.ld, fqpi_elem_in(k->dtype, h, feature * s.ld), s.ld,
                     fqpi_elem_at(k->dtype, group, s.first * width), width);
    }
}

void fqpi_backward(const fqp_model *net, const fqpi_tape *t, int64_t tiles, const fqpi_span *tile, void *pack) {
    for (int64_t l = net->layers - 1; l > 0; l--) {
        pull_back(net, t, l, tiles, tile, pack);
        for (int64_t q = 0; q < tiles && net->layer[l].turned >= 0; q++)
            turn(net, t, l, tile[q]);
    }
}

/* ---- gradient ------------------------------------------------------------------------------------ */

static bool few_outputs(const fqpi_layer *y) {
    return y->out <= FQPI_NARROW;
}

static bool few_inputs(const fqpi_layer *y) {
    return y->in <= FQPI_NARROW;
}

size_t fqpi_lanes_bytes(const fqp_model *net, int64_t rows) {
    int64_t most = rows;
    for (int64_t l = 0; l < net->layers; l++)
        if (few_outputs(&net->layer[l]) && net->layer[l].in > most)
            most = net->layer[l].in;
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

/* [rows] x [group] blocks of dz h^T, tile after tile. */
static void products(const fqp_model *net, const fqpi_tape *t, int64_t l, int64_t i0, int64_t i1, int64_t tiles,
                     const fqpi_span *tile, void *grad, bool resume) {
    const fqpi_kernel *k = net->k;
    const fqpi_layer *y = &net->layer[l];
    for (int64_t q = 0; q < fqpi_group_count(net, l); q++) {
        int64_t feature, width;
        const void *group = fqpi_tape_group(net, t, l, q, &feature, &width);
        for (int64_t i = 0; i < tiles; i++) {
            fqpi_span s = tile[i];
            fqpi_gemm g = {.m = i1 - i0,
                           .n = y->in - feature < width ? y->in - feature : width,
                           .k = s.n,
                           .a = fqpi_elem_in(k->dtype, fqpi_tape_dz(net, t, l, s), i0 * s.ld),
                           .a_row = s.ld,
                           .a_col = 1,
                           .b = fqpi_elem_in(k->dtype, group, s.first * width),
                           .b_row = width,
                           .c = fqpi_elem_at(k->dtype, grad, feature),
                           .c_row = y->in,
                           .accumulate = resume || i > 0};
            k->gemm(&g, NULL);
        }
    }
}

void fqpi_weight_gradient(const fqp_model *net, const fqpi_tape *t, int64_t l, int64_t i0, int64_t i1, int64_t tiles,
                          const fqpi_span *tile, void *grad, bool resume, void *lanes) {
    const fqpi_layer *y = &net->layer[l];
    fqp_dtype type = net->k->dtype;
    if (few_inputs(y))
        for (int64_t c = 0; c < y->in; c++)
            weighted_sums(net, t, i1 - i0, (row_of){fqpi_tape_dz, l, i0}, (row_of){fqpi_tape_h, l, c}, tiles, tile, 1,
                          fqpi_elem_at(type, grad, c), y->in, resume, lanes);
    else if (few_outputs(y))
        for (int64_t i = i0; i < i1; i++)
            weighted_sums(net, t, y->in, (row_of){fqpi_tape_h, l, 0}, (row_of){fqpi_tape_dz, l, i}, tiles, tile, 1,
                          fqpi_elem_at(type, grad, (i - i0) * y->in), 1, resume, lanes);
    else
        products(net, t, l, i0, i1, tiles, tile, grad, resume);
}

void fqpi_bias_gradient(const fqp_model *net, const fqpi_tape *t, int64_t l, int64_t i0, int64_t i1, int64_t tiles,
                        const fqpi_span *tile, void *grad, bool resume, void *lanes) {
    weighted_sums(net, t, i1 - i0, (row_of){fqpi_tape_dz, l, i0}, (row_of){0}, tiles, tile, net->layer[l].bias_scale,
                  grad, 1, resume, lanes);
}
