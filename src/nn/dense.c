/* dense.c - forward and backward pass of a dense network over one tile.
 *
 *   forward   z = s W h + s_b b,  h' = sigma(z)             [out][n] = [out,in] [in][n]
 *   backward  dW = s dz h^T,  db = s_b sum_n dz,  dh = s W^T dz,  dz_below = dh o sigma'(z_below)
 */
#include "elements.h"
#include "loss.h"
#include "net.h"

static size_t align(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

int64_t fqpi_padded(const fqpi_kernel *k, int64_t n) {
    return (n + k->lanes - 1) / k->lanes * k->lanes;
}

static size_t panel(const fqp_model *net, int64_t rows, int64_t ld) {
    return align((size_t)rows * (size_t)ld * net->k->elem);
}

size_t fqpi_work_bytes(const fqp_model *net, int64_t ld) {
    return 2 * panel(net, net->rows, ld) + 2 * panel(net, net->widest, ld) +
           panel(net, ld, fqpi_padded(net->k, net->widest)) +
           fqpi_criterion_scratch(&(fqpi_criterion){.m = net->m}, ld);
}

void fqpi_work_place(const fqp_model *net, int64_t ld, void *block, fqpi_work *work) {
    char *p = block;
    work->ld = ld;
    work->h = p;
    work->slope = p += panel(net, net->rows, ld);
    work->delta[0] = p += panel(net, net->rows, ld);
    work->delta[1] = p += panel(net, net->widest, ld);
    work->turned = p += panel(net, net->widest, ld);
    work->scratch = (double *)(void *)(p + panel(net, ld, fqpi_padded(net->k, net->widest)));
}

static int64_t first_row(const fqp_model *net, int64_t l) {
    return l < net->layers ? net->layer[l].row : net->rows - net->m;
}

void *fqpi_work_h(const fqp_model *net, const fqpi_work *work, int64_t l) {
    return fqpi_elem_at(net->k->dtype, work->h, first_row(net, l) * work->ld);
}

static void *slope_of(const fqp_model *net, const fqpi_work *work, int64_t l) {
    return fqpi_elem_at(net->k->dtype, work->slope, first_row(net, l) * work->ld);
}

void fqpi_forward(const fqp_model *net, fqpi_work *work, int64_t n, bool slopes) {
    const fqpi_kernel *k = net->k;
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        bool last = l == net->layers - 1;
        fqpi_gemm g = {.m = y->out,
                       .n = n,
                       .k = y->in,
                       .a = fqpi_elem_in(k->dtype, net->w, y->weight),
                       .a_row = y->in,
                       .a_col = 1,
                       .b = fqpi_work_h(net, work, l),
                       .b_row = work->ld,
                       .c = fqpi_work_h(net, work, l + 1),
                       .c_row = work->ld,
                       .c_panel = true};
        fqpi_epilogue e = {.bias = y->bias < 0 ? NULL : fqpi_elem_in(k->dtype, net->w, y->bias),
                           .scale = y->scale,
                           .bias_scale = y->bias_scale,
                           .act = y->act,
                           .act_param = y->param,
                           .act_omega = y->omega,
                           .deriv = slopes && !last ? slope_of(net, work, l + 1) : NULL};
        k->gemm(&g, &e);
    }
}

/* dW (+)= dz h^T with h given as rows [n][h_row]. */
static void weight_gradient(const fqp_model *net, const fqpi_layer *y, const fqpi_work *work, int64_t n, const void *dz,
                            const void *h, int64_t h_row, void *grad, bool accumulate) {
    const fqpi_kernel *k = net->k;
    fqpi_gemm g = {.m = y->out,
                   .n = y->in,
                   .k = n,
                   .a = dz,
                   .a_row = work->ld,
                   .a_col = 1,
                   .b = h,
                   .b_row = h_row,
                   .c = fqpi_elem_at(k->dtype, grad, y->weight),
                   .c_row = y->in,
                   .accumulate = accumulate};
    k->gemm(&g, NULL);
    if (y->bias >= 0)
        k->row_sums(y->out, n, dz, work->ld, y->bias_scale, fqpi_elem_at(k->dtype, grad, y->bias), accumulate);
}

/* dz of the layer below: (s W^T dz) o sigma'. */
static void pull_back(const fqp_model *net, int64_t l, const fqpi_work *work, int64_t n, const void *dz, void *below) {
    const fqpi_kernel *k = net->k;
    const fqpi_layer *y = &net->layer[l];
    fqpi_gemm g = {.m = y->in,
                   .n = n,
                   .k = y->out,
                   .a = fqpi_elem_in(k->dtype, net->w, y->weight),
                   .a_row = 1,
                   .a_col = y->in,
                   .b = dz,
                   .b_row = work->ld,
                   .c = below,
                   .c_row = work->ld,
                   .c_panel = true};
    fqpi_epilogue e = {
        .scale = y->scale, .bias_scale = 1, .act = FQPI_ACT_IDENTITY, .act_omega = 1, .mul = slope_of(net, work, l)};
    k->gemm(&g, &e);
}

void fqpi_backward(const fqp_model *net, fqpi_work *work, int64_t n, const void *x, int64_t x_row, void *grad,
                   bool accumulate) {
    const fqpi_kernel *k = net->k;
    int turn = 0;
    for (int64_t l = net->layers - 1; l >= 0; l--, turn = !turn) {
        const fqpi_layer *y = &net->layer[l];
        const void *dz = work->delta[turn];
        int64_t row = fqpi_padded(k, y->in);
        if (l == 0) {
            weight_gradient(net, y, work, n, dz, x, x_row, grad, accumulate);
        } else {
            k->transpose(y->in, n, fqpi_work_h(net, work, l), work->ld, work->turned, row);
            weight_gradient(net, y, work, n, dz, work->turned, row, grad, accumulate);
            pull_back(net, l, work, n, dz, work->delta[!turn]);
        }
    }
}

void fqpi_gradient_scale(const fqp_model *net, void *grad) {
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        if (y->scale != 1)
            fqpi_elem_scale(net->k->dtype, y->in * y->out, y->scale, fqpi_elem_at(net->k->dtype, grad, y->weight));
    }
}

void fqpi_predict(const fqp_model *net, fqpi_work *work, int64_t n, const void *x, int64_t x_row, fqp_dtype t,
                  void *out) {
    const fqpi_kernel *k = net->k;
    int64_t m = net->m;
    double *h = work->scratch;
    k->transpose(n, net->d, x, x_row, work->h, work->ld);
    fqpi_forward(net, work, n, false);
    fqpi_output_panel(net->output, k, net->k64, m, work->ld, fqpi_work_h(net, work, net->layers), h, h + m * work->ld);
    for (int64_t i = 0; i < m; i++)
        fqpi_elem_store(t, n, h + i * work->ld, fqpi_elem_at(t, out, i), m);
}
