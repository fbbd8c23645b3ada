/* kernels.c - kernels by number, their matrices and eigenpairs. */
#include "kernels.h"
#include "gram_i.h"
#include "kernel.h"
#include "mem.h"

#include <math.h>

static bool add(const fqpi_measuring *m, size_t n, const fqp_ntk_layer *layer, fqpi_kernels *k) {
    if (fqp_ntk_infinite_layers(m->ctx, n, layer, &k->term[k->n]))
        return false;
    k->n++;
    return true;
}

/* first: the first layer is trained; bias: so is its bias, which is 0 at the start, and both count half. */
static bool two_layers(const fqpi_measuring *m, int activation, int64_t d, bool first, bool bias, bool last,
                       fqpi_kernels *k) {
    const double half = bias ? 0.5 : 1;
    const fqp_ntk_layer layer[] = {{.gain = half * (double)d,
                                    .weight_var = 1,
                                    .bias_gain = bias ? half : 0,
                                    .train_weight = first,
                                    .train_bias = bias,
                                    .activation = activation,
                                    .param = NAN,
                                    .omega = 1},
                                   {.gain = 1, .weight_var = 1, .train_weight = last}};
    return add(m, 2, layer, k);
}

bool fqpi_kernels_deep(const fqpi_measuring *m, int activation, int64_t hidden, double bias, fqpi_kernels *out) {
    enum { MOST = 9 };
    fqp_ntk_layer layer[MOST + 1];
    *out = (fqpi_kernels){0};
    if (hidden < 1 || hidden > MOST)
        return false;
    for (int64_t l = 0; l <= hidden; l++)
        layer[l] = (fqp_ntk_layer){.gain = 2,
                                   .weight_var = 1,
                                   .bias_gain = bias,
                                   .bias_var = 1,
                                   .train_weight = true,
                                   .train_bias = true,
                                   .activation = activation,
                                   .param = NAN,
                                   .omega = 1};
    return add(m, (size_t)hidden + 1, layer, out);
}

static bool network(const fqpi_measuring *m, fqpi_kernels *k) {
    fqp_ntk_layer layer[] = {{1, 1, 1, 1, true, true, FQPI_ACT_RELU, NAN, 1}, {1, 1, 1, 1, true, true, 0, NAN, 1}};
    return add(m, 2, layer, k);
}

static const struct {
    bool first, bias, last;
} relu[] = {[FQPI_KERNEL_FIRST] = {true, false, false},
            [FQPI_KERNEL_BIAS] = {true, true, false},
            [FQPI_KERNEL_BOTH] = {true, false, true},
            [FQPI_KERNEL_OUTPUT] = {false, false, true}};

bool fqpi_kernels_open(const fqpi_measuring *m, double number, int64_t d, fqpi_kernels *out) {
    *out = (fqpi_kernels){0};
    if (!(number >= 0 && number < 100) || number != floor(number))
        return false;
    const int i = (int)number;
    bool good;
    if (i == FQPI_KERNEL_GAUSSIAN) /* E[sin u sin v] + E[cos u cos v] = E[cos(u - v)] */
        good = two_layers(m, FQPI_ACT_SIN, d, false, false, true, out) &&
               two_layers(m, FQPI_ACT_COS, d, false, false, true, out);
    else if (i <= FQPI_KERNEL_OUTPUT)
        good = two_layers(m, FQPI_ACT_RELU, d, relu[i].first, relu[i].bias, relu[i].last, out);
    else if (i == FQPI_KERNEL_NETWORK)
        good = network(m, out);
    else if (i < FQPI_KERNEL_ERF)
        good = fqpi_kernels_deep(m, FQPI_ACT_RELU, i - FQPI_KERNEL_RELU, 0.1, out);
    else
        good = fqpi_kernels_deep(m, FQPI_ACT_ERF, i - FQPI_KERNEL_ERF, 0.1, out);
    if (!good)
        fqpi_kernels_close(out);
    return good;
}

void fqpi_kernels_close(fqpi_kernels *k) {
    for (int i = 0; i < k->n; i++)
        fqp_ntk_destroy(k->term[i]);
    k->n = 0;
}

bool fqpi_kernels_gram(const fqpi_measuring *m, const fqpi_kernels *k, int64_t d, int64_t na, const double *xa,
                       int64_t nb, const double *xb, double *out) {
    const int64_t size = na * (xb ? nb : na);
    const fqp_view a = fqp_view_2d(xa, na, d), b = xb ? fqp_view_2d(xb, nb, d) : (fqp_view){0};
    double *term = k->n > 1 ? fqpi_alloc(m->ctx, (size_t)size, sizeof *term) : NULL;
    bool good = k->n > 0 && (k->n == 1 || term);
    for (int i = 0; i < k->n && good; i++) {
        good = !fqp_ntk_gram(k->term[i], a, b, FQP_NTK_TANGENT, i ? term : out);
        for (int64_t j = 0; j < size && good && i; j++)
            out[j] += term[j];
    }
    fqpi_free(term);
    return good;
}

bool fqpi_kernels_eigen(const fqpi_measuring *m, const fqpi_kernels *k, int64_t d, int64_t n, const double *x,
                        fqp_eigen *out) {
    fqp_gram *g;
    if (fqpi_gram_open(m->ctx, "the matrix of a kernel", n, NULL, &g))
        return false;
    const bool good = fqpi_kernels_gram(m, k, d, n, x, 0, NULL, g->data) && !fqp_gram_eigen(g, 0, 0, out);
    fqp_gram_destroy(g);
    return good;
}

void fqpi_circle(int64_t n, double *x) {
    for (int64_t j = 0; j < n; j++) {
        x[2 * j] = cos(2 * M_PI * (double)j / (double)n);
        x[2 * j + 1] = sin(2 * M_PI * (double)j / (double)n);
    }
}
