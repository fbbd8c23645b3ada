/* sine: sin(W x + b), the filter of Fourier networks (Fathony et al., Multiplicative filter networks, ICLR 2021, eq.
 * 5); numbers W [units][d], then b [units].  Kept: the cosines. */
#include "loops.h"

static int64_t keep(const fqpi_feature *f) {
    return f->units;
}

static int64_t begin(const fqpi_feature *f, int block, int64_t unit) {
    return block == 0 ? unit * f->d : f->units * f->d + unit;
}

static void forward(const fqpi_feature *f, const void *w, const fqpi_feature_tile *t) {
    const fqpi_gemm g = {.m = f->units,
                         .n = t->ld,
                         .k = f->d,
                         .a = w,
                         .a_row = f->d,
                         .a_col = 1,
                         .b = t->x,
                         .b_row = t->ld,
                         .c = t->value,
                         .c_row = t->ld,
                         .c_panel = true};
    const fqpi_epilogue e = {.bias = fqpi_feature_row_of(f, w, begin(f, 1, 0), 1),
                             .scale = 1,
                             .bias_scale = 1,
                             .act = FQPI_ACT_SIN,
                             .act_omega = 1,
                             .deriv = t->keep};
    f->k->gemm(&g, &e);
}

static void backward(const fqpi_feature *f, const void *w, const fqpi_feature_tile *t) {
    (void)w;
    f->loops->multiply(f->units * t->ld, t->adjoint, t->keep, t->adjoint);
}

static void gradient(const fqpi_feature *f, int64_t u0, int64_t u1, const fqpi_wave *wave, void *grad, bool resume,
                     void *lanes) {
    char *g = grad;
    for (int64_t c = 0; c < f->d; c++)
        fqpi_feature_sums(f, 0, u0, u1, c, 1, wave, g + (size_t)c * f->k->elem, f->d, resume, lanes);
    fqpi_feature_sums(f, 0, u0, u1, f->d, 1, wave, g + (size_t)begin(f, 1, 0) * f->k->elem, 1, resume, lanes);
}

const fqpi_feature_row fqpi_feature_sine = {.name = "sine",
                                            .doc = "sines of trained frequencies and phases",
                                            .keep = keep,
                                            .forward = forward,
                                            .backward = backward,
                                            .blocks = 2,
                                            .begin = begin,
                                            .gradient = gradient};
