/* basic: one turn per unit and axis, sin 2 pi x_c and cos 2 pi x_c (Tancik et al. 2006.10739, section 6). */
#include "waves.h"

static int64_t width(int64_t d, const fqp_model_opts *o) {
    (void)o;
    return 2 * d;
}

static int64_t fixed(int64_t d, const fqp_model_opts *o) {
    return fqpi_waves_fixed(d, o, d);
}

static void draw(int64_t d, const fqp_model_opts *o, uint64_t seed, int64_t branch, double *B) {
    (void)seed, (void)branch;
    for (int64_t c = 0; c < d; c++)
        B[c * d + c] = 1;
    fqpi_waves_amplitudes(d, o, d, B);
}

const fqpi_embedding fqpi_embedding_basic = {.name = "basic",
                                             .doc = "one sine and cosine per coordinate, one turn per unit",
                                             .width = width,
                                             .fixed = fixed,
                                             .draw = draw,
                                             .map = fqpi_waves_map,
                                             .learnt = &fqpi_feature_waves};
