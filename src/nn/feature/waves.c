/* waves: sines and cosines of c B x, c = `factor`, all sines, then all cosines; numbers B [units][d].
 *
 * The adjoints of a pair become that of its angle, da = ds cos - dc sin, so that dB = c sum_n da x^T. */
#include "loops.h"

static void *row_at(const fqpi_feature *f, void *panel, int64_t row, int64_t ld) {
    return (char *)panel + (size_t)(row * ld) * f->k->elem;
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
    const fqpi_epilogue e = {.scale = f->factor,
                             .bias_scale = 1,
                             .act = FQPI_ACT_SIN,
                             .act_omega = 1,
                             .deriv = row_at(f, t->value, f->units, t->ld)};
    f->k->gemm(&g, &e);
}

static void backward(const fqpi_feature *f, const void *w, const fqpi_feature_tile *t) {
    (void)w;
    f->loops->turn(f->units * t->ld, t->value, row_at(f, t->value, f->units, t->ld), t->adjoint,
                   row_at(f, t->adjoint, f->units, t->ld));
}

static int64_t begin(const fqpi_feature *f, int block, int64_t unit) {
    (void)block;
    return unit * f->d;
}

static void gradient(const fqpi_feature *f, int64_t u0, int64_t u1, const fqpi_wave *wave, void *grad, bool resume,
                     void *lanes) {
    for (int64_t c = 0; c < f->d; c++)
        fqpi_feature_sums(f, 0, u0, u1, c, f->factor, wave, row_at(f, grad, c, 1), f->d, resume, lanes);
}

const fqpi_feature_row fqpi_feature_waves = {.name = "waves",
                                             .doc = "sines and cosines of trained frequencies",
                                             .forward = forward,
                                             .backward = backward,
                                             .blocks = 1,
                                             .begin = begin,
                                             .gradient = gradient};
