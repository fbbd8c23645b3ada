/* lfp_setting.c - few points, by the linear frequency principle and by the exact kernel of infinite width. */
#include "lfp_setting.h"

#include "fail.h"
#include "gamma.h"
#include "kernel.h"
#include "lapack.h"
#include "mem.h"

#include <fqp/ntk.h>
#include <math.h>

static const double four_x[4] = {-0.8, -0.3, 0.2, 0.9}, four_y[4] = {0.5, -0.7, 0.9, -0.1};
static const double xor_x[8] = {1, 1, 1, -1, -1, 1, -1, -1}, xor_y[4] = {1, -1, -1, 1};
const fqpi_few fqpi_few_four = {1, 4, four_x, four_y}, fqpi_few_xor = {2, 4, xor_x, xor_y};

void fqpi_even(double low, double high, int64_t k, double *out) {
    for (int64_t i = 0; i < k; i++)
        out[i] = low + (high - low) * (double)i / (double)(k - 1);
}

double fqpi_relative(int64_t k, const double *a, const double *b) {
    double off = 0, size = 0;
    for (int64_t i = 0; i < k; i++) {
        off += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
    }
    return sqrt(off / size);
}

fqp_lfp_law fqpi_lfp_normal(int64_t d, double weight, double a_std) {
    const double h = (double)d / 2, c = weight * M_SQRT2;
    const double r = c * exp(fqpi_log_gamma(h + 0.5) - fqpi_log_gamma(h)),
                 r3 = c * c * c * exp(fqpi_log_gamma(h + 1.5) - fqpi_log_gamma(h));
    return fqp_lfp_moments(d, r3, a_std * a_std * r);
}

bool fqpi_lfp_solve(fqp_ctx *ctx, const fqp_lfp_law *law, const fqpi_few *p, int64_t k, const double *at, double *out) {
    fqp_lfp *l = NULL;
    bool good = !fqp_lfp_create(ctx, law, fqp_view_2d(p->x, p->n, p->d), fqp_view_1d(p->y, p->n), NULL, &l);
    good = good && !fqp_lfp_eval(l, fqp_view_2d(at, k, p->d), out);
    fqp_lfp_destroy(l);
    return good;
}

static fqp_status kernel_of(fqp_ctx *ctx, const fqpi_wide *w, fqp_ntk **out) {
    const fqp_ntk_layer layer[2] = {{.gain = w->gain,
                                     .weight_var = 1,
                                     .bias_gain = 1,
                                     .bias_var = w->sigma_b * w->sigma_b,
                                     .train_weight = w->train_w,
                                     .train_bias = w->train_b,
                                     .activation = FQPI_ACT_RELU,
                                     .param = NAN,
                                     .omega = 1},
                                    {.gain = 1,
                                     .weight_var = w->a_std * w->a_std,
                                     .train_weight = w->train_a,
                                     .activation = FQPI_ACT_RELU,
                                     .param = NAN,
                                     .omega = 1}};
    return fqp_ntk_infinite_layers(ctx, 2, layer, out);
}

/* alpha = K^-1 y, then K(at, x) alpha; room for the kernels is given. */
static fqp_status interpolate(fqp_ctx *ctx, const fqp_ntk *kernel, const fqpi_few *p, int64_t k, const double *at,
                              double *gram, double *cross, double *alpha, double *out) {
    const fqp_view x = fqp_view_2d(p->x, p->n, p->d);
    fqp_status s = fqpi_lapack_ready(ctx, "the interpolant of a kernel needs");
    for (int64_t i = 0; i < p->n; i++)
        alpha[i] = p->y[i];
    if (!s)
        s = fqpi_symmetric_solve(ctx, "kernel interpolant", p->n, gram, 1, alpha, NULL);
    if (!s)
        s = fqp_ntk_gram(kernel, fqp_view_2d(at, k, p->d), x, FQP_NTK_TANGENT, cross);
    for (int64_t i = 0; i < k && !s; i++) {
        out[i] = 0;
        for (int64_t j = 0; j < p->n; j++)
            out[i] += cross[i * p->n + j] * alpha[j];
    }
    return s;
}

bool fqpi_wide_solve(fqp_ctx *ctx, const fqpi_wide *w, const fqpi_few *p, int64_t k, const double *at, double *out,
                     double *trace) {
    fqp_ntk *kernel = NULL;
    fqp_status s = kernel_of(ctx, w, &kernel);
    double *gram = s ? NULL : fqpi_alloc(ctx, (size_t)(p->n * (p->n + k + 1)), sizeof *gram);
    if (gram)
        s = fqp_ntk_gram(kernel, fqp_view_2d(p->x, p->n, p->d), (fqp_view){0}, FQP_NTK_TANGENT, gram);
    if (gram && !s && trace) {
        *trace = 0;
        for (int64_t i = 0; i < p->n; i++)
            *trace += gram[i * p->n + i];
    }
    if (gram && !s)
        s = interpolate(ctx, kernel, p, k, at, gram, gram + p->n * p->n, gram + p->n * (p->n + k), out);
    const bool good = gram && !s;
    fqpi_free(gram);
    fqp_ntk_destroy(kernel);
    return good;
}
