/* gabor: sin(W x + b) exp(-gamma/2 |x - mu|^2), the filter of Gabor networks (Fathony et al., Multiplicative filter
 * networks, ICLR 2021, eq. 9); numbers W [units][d], b [units], gamma [units], mu [units][d].
 *
 * Kept: cos(W x + b) exp(..).  Adjoints, per unit: of the angle, of gamma, of mu: what is summed over the samples. */
#include "elements.h"
#include "loops.h"

enum { ANGLE, BIAS, GAMMA, MU, BLOCKS };

static int64_t keep(const fqpi_feature *f) {
    return f->units;
}

static int64_t adjoint(const fqpi_feature *f) {
    return f->units * (2 + f->d);
}

static int64_t begin(const fqpi_feature *f, int block, int64_t unit) {
    const int64_t first[BLOCKS] = {0, f->d, f->d + 1, f->d + 2};
    return first[block] * f->units + unit * (block == ANGLE || block == MU ? f->d : 1);
}

static void *at(const fqpi_feature *f, void *panel, int64_t i) {
    return fqpi_elem_at(f->k->dtype, panel, i);
}

static double gamma_of(const fqpi_feature *f, const void *w, int64_t u) {
    double gamma;
    fqpi_elem_load(f->k->dtype, 1, fqpi_elem_in(f->k->dtype, w, begin(f, GAMMA, u)), 1, &gamma);
    return gamma;
}

/* Sines to the values, their derivatives to what is kept; both times the envelope. */
static void forward(const fqpi_feature *f, const void *w, const fqpi_feature_tile *t) {
    enum { ROOM = 128 };
    _Alignas(64) double room[ROOM]; /* of either precision */
    fqpi_feature_sine.forward(f, w, t);
    for (int64_t u = 0; u < f->units; u++)
        for (int64_t j = 0; j < t->ld; j += ROOM) {
            const int64_t n = t->ld - j < ROOM ? t->ld - j : ROOM, cell = u * t->ld + j;
            f->loops->distance(n, f->d, fqpi_elem_in(f->k->dtype, t->x, j), t->ld,
                               fqpi_elem_in(f->k->dtype, w, begin(f, MU, u)), gamma_of(f, w, u), room);
            f->k->vexp(n, room, room);
            f->loops->multiply(n, at(f, t->value, cell), room, at(f, t->value, cell));
            if (t->keep)
                f->loops->multiply(n, at(f, t->keep, cell), room, at(f, t->keep, cell));
        }
}

static void backward(const fqpi_feature *f, const void *w, const fqpi_feature_tile *t) {
    const int64_t panel = f->units * t->ld;
    for (int64_t u = 0; u < f->units; u++) {
        const int64_t row = u * t->ld;
        f->loops->envelope(t->ld, f->d, t->x, t->ld, fqpi_elem_in(f->k->dtype, w, begin(f, MU, u)), gamma_of(f, w, u),
                           at(f, t->value, row), at(f, t->keep, row), at(f, t->adjoint, row),
                           at(f, t->adjoint, panel + row), at(f, t->adjoint, 2 * panel + row), panel);
    }
}

static void gradient(const fqpi_feature *f, int64_t u0, int64_t u1, const fqpi_wave *wave, void *grad, bool resume,
                     void *lanes) {
    fqpi_feature_sine.gradient(f, u0, u1, wave, grad, resume, lanes);
    fqpi_feature_sums(f, f->units, u0, u1, f->d, 1, wave, at(f, grad, begin(f, GAMMA, 0)), 1, resume, lanes);
    for (int64_t c = 0; c < f->d; c++)
        fqpi_feature_sums(f, (2 + c) * f->units, u0, u1, f->d, 1, wave, at(f, grad, begin(f, MU, 0) + c), f->d, resume,
                          lanes);
}

const fqpi_feature_row fqpi_feature_gabor = {.name = "gabor",
                                             .doc = "sines under Gaussian envelopes, all trained",
                                             .keep = keep,
                                             .adjoint = adjoint,
                                             .forward = forward,
                                             .backward = backward,
                                             .blocks = BLOCKS,
                                             .begin = begin,
                                             .gradient = gradient};
