/* eval.c - a trained function at given points, by pieces of them so that memory stays small.
 *
 *   f(x) = offset + spread * sum_i factor_i * cos(phase_i . u - turn_i) * net_i(u),   u = (x - centre) / half
 *
 * The networks compute in their own precision, everything around them in f64. */
#include "fail.h"
#include "function_i.h"
#include "mem.h"
#include "real.h"

#include <math.h>

enum { PIECE = 1 << 14 }; /* points; a multiple of every tile of the networks, so that bits do not depend on it */

typedef struct room {
    double *u;   /* [PIECE, d] */
    double *net; /* [PIECE, m] */
} room;

static fqp_status check(fqp_ctx *ctx, const fqp_function *f, fqp_view x) {
    if (!x.data || (x.dtype != FQP_F64 && x.dtype != FQP_F32))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "function: points must be an f32 or f64 array");
    const int64_t d = x.ndim == 2 ? x.shape[1] : x.ndim == 1 ? 1 : -1;
    if (d != f->d || x.shape[0] < 0)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "function: points have %lld columns, the function takes %lld",
                         (long long)d, (long long)f->d);
    return FQP_OK;
}

/* Points [first, first + n) of x, scaled. */
static void scale_in(const fqp_function *f, fqp_view x, int64_t first, int64_t n, double *u) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t c = 0; c < f->d; c++)
            u[i * f->d + c] = (fqpi_real_at(x, (first + i) * f->d + c) - f->centre[c]) / f->half[c];
}

static double gate(const fqpi_function_part *p, int64_t d, const double *u) {
    if (!p->phase)
        return 1;
    double angle = -p->turn;
    for (int64_t c = 0; c < d; c++)
        angle += p->phase[c] * u[c];
    return cos(angle);
}

/* out [n, m] += factor * gate * net */
static void add_part(const fqp_function *f, const fqpi_function_part *p, int64_t n, const room *r, double *out) {
    for (int64_t i = 0; i < n; i++) {
        const double weight = p->factor * gate(p, f->d, r->u + i * f->d);
        for (int64_t o = 0; o < f->m; o++)
            out[i * f->m + o] += weight * r->net[i * f->m + o];
    }
}

static fqp_status piece(fqp_ctx *ctx, const fqp_function *f, int64_t n, const room *r, double *out) {
    for (int64_t i = 0; i < n * f->m; i++)
        out[i] = 0;
    for (size_t k = 0; k < f->parts; k++) {
        const fqp_status s = fqp_model_eval(ctx, f->part[k].model, fqp_view_2d(r->u, n, f->d), r->net);
        if (s)
            return s;
        add_part(f, &f->part[k], n, r, out);
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t o = 0; o < f->m; o++)
            out[i * f->m + o] = f->offset[o] + f->spread[o] * out[i * f->m + o];
    return FQP_OK;
}

fqp_status fqp_function_eval(fqp_ctx *ctx, const fqp_function *f, fqp_view x, double *out) {
    if (!ctx || !f || !out)
        return FQP_E_ARG;
    fqp_status s = check(ctx, f, x);
    if (s)
        return s;
    const int64_t most = x.shape[0] < PIECE ? x.shape[0] : PIECE;
    double *block = fqpi_alloc(ctx, (size_t)(most * (f->d + f->m)), sizeof *block);
    if (!block)
        return FQP_E_NOMEM;
    const room r = {.u = block, .net = block + most * f->d};
    for (int64_t first = 0; first < x.shape[0] && !s; first += most) {
        const int64_t n = x.shape[0] - first < most ? x.shape[0] - first : most;
        if (fqp_ctx_interrupted(ctx))
            s = fqpi_fail(ctx, FQP_E_INTERRUPTED, NULL, "function: interrupted after %lld of %lld points",
                          (long long)first, (long long)x.shape[0]);
        if (!s) {
            scale_in(f, x, first, n, r.u);
            s = piece(ctx, f, n, &r, out + first * f->m);
        }
    }
    fqpi_free(block);
    return s;
}
