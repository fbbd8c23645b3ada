/* ntk.c - the doors of every kind of kernel: arguments are checked here, once. */
#include "ntk_i.h"

#include "fail.h"
#include "mem.h"

fqp_status fqpi_ntk_new(fqp_ctx *ctx, const fqpi_ntk_kind *kind, int64_t d, void *of, fqp_ntk **out) {
    fqp_ntk *k = fqpi_calloc(ctx, 1, sizeof *k);
    fqp_ntk kept = {.ctx = ctx, .kind = kind, .d = d, .of = of};
    if (!k) {
        kind->destroy(&kept);
        return FQP_E_NOMEM;
    }
    *k = kept;
    *out = k;
    return FQP_OK;
}

void fqp_ntk_destroy(fqp_ntk *k) {
    if (!k)
        return;
    k->kind->destroy(k);
    fqpi_free(k);
}

int64_t fqp_ntk_rows(const fqp_ntk *k, int64_t n) {
    return k->kind->rows ? k->kind->rows(k, n) : n;
}

fqp_status fqpi_ntk_check(const fqp_ntk *k, const char *who, fqp_view x) {
    const int64_t d = x.ndim == 2 ? x.shape[1] : 1;
    if (!x.data || (x.ndim != 1 && x.ndim != 2) || x.shape[0] < 1)
        return fqpi_fail(k->ctx, FQP_E_ARG, NULL, "%s: points [n, d] are needed", who);
    if (x.dtype != FQP_F64 && x.dtype != FQP_F32)
        return fqpi_fail(k->ctx, FQP_E_ARG, NULL, "%s: points are %s, f64 or f32 is needed", who,
                         fqp_dtype_name(x.dtype));
    if (k->d > 0 && d != k->d)
        return fqpi_fail(k->ctx, FQP_E_SHAPE, NULL, "%s: points have %lld coordinates, the network %lld inputs", who,
                         (long long)d, (long long)k->d);
    return FQP_OK;
}

fqp_status fqp_ntk_gram(const fqp_ntk *k, fqp_view xa, fqp_view xb, fqp_ntk_part part, double *out) {
    if (!k)
        return FQP_E_ARG;
    if (!out)
        return fqpi_fail(k->ctx, FQP_E_ARG, NULL, "fqp_ntk_gram: no room for the kernel was given");
    fqp_status s = fqpi_ntk_check(k, "fqp_ntk_gram", xa);
    if (!s && xb.data)
        s = fqpi_ntk_check(k, "fqp_ntk_gram", xb);
    return s ? s : k->kind->gram(k, xa, xb, part, out);
}
