/* window: branch b sees the point from its own window (feature/window.c): each coordinate less the window's middle,
 * over half its width, overlap included, so that the window is [-1, 1]^d.  Fixed: the middles [d], then 1/half [d]. */
#include "window.h"
#include "embedding.h"
#include "fail.h"
#include "gate.h"
#include "real.h"

static fqp_status check(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o) {
    (void)d;
    if (fqpi_gate_windows(o))
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                     "model.embedding: window is the view of a branch from its own window; it needs model.gate window");
}

static int64_t width(int64_t d, const fqp_model_opts *o) {
    (void)o;
    return d;
}

static int64_t fixed(int64_t d, const fqp_model_opts *o) {
    (void)o;
    return 2 * d;
}

static void draw(int64_t d, const fqp_model_opts *o, uint64_t seed, int64_t branch, double *numbers) {
    fqpi_windows w;
    (void)seed;
    fqpi_windows_lay_out(d, o, &w);
    for (int64_t a = 0; a < d; a++) {
        fqpi_windows_place(&w, branch, a, &numbers[a], &numbers[d + a]);
        numbers[d + a] = 1 / numbers[d + a];
    }
}

/* Of coordinate a: its value, or the factor 1/half by its own axis; nothing else. */
static double entry(const fqpi_embed *e, double x, int64_t a, const fqp_derivative *of) {
    int others = 0;
    for (int64_t c = 0; c < e->d && of; c++)
        others += c == a ? 0 : of->order[c];
    if (!of || (others == 0 && of->order[a] == 0))
        return (x - e->fixed[a]) * e->fixed[e->d + a];
    return others == 0 && of->order[a] == 1 ? e->fixed[e->d + a] : 0;
}

static int64_t map(const fqpi_embed *e, fqp_view x, int64_t at, int64_t from, int64_t count,
                   const fqp_derivative *which, double *f) {
    const int64_t n = e->d - from < FQPI_EMBEDDED ? e->d - from : FQPI_EMBEDDED;
    for (int64_t k = 0; k < count; k++)
        for (int64_t i = 0; i < n; i++)
            f[k * FQPI_EMBEDDED + i] = entry(e, fqpi_real_at(x, at + from + i), from + i, which ? &which[k] : NULL);
    return n;
}

const fqpi_embedding fqpi_embedding_window = {.name = "window",
                                              .doc = "the coordinates within the window of a branch, from -1 to 1",
                                              .windows = true,
                                              .check = check,
                                              .width = width,
                                              .fixed = fixed,
                                              .draw = draw,
                                              .map = map};
