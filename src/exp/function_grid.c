/* function_grid.c - points of a grid in the box that a function's notes describe, as section data would lay them. */
#include "data_i.h"
#include "exp.h"
#include "fail.h"

#include <fqp/function.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_MAX = 1 << 28 };

static fqp_status bad(fqp_ctx *ctx, const char *key, const char *value, int64_t d) {
    if (!value)
        return fqpi_fail(ctx, FQP_E_DATA, NULL,
                         "function: there is no note %s, so its grid is not known; give the points themselves", key);
    return fqpi_fail(ctx, FQP_E_DATA, NULL, "function: note %s \"%.80s\" is no list of %lld numbers", key, value,
                     (long long)d);
}

/* d numbers separated by blanks. */
static fqp_status reals(fqp_ctx *ctx, const fqp_function *f, const char *key, int64_t d, double *out) {
    const char *text = fqp_function_note_get(f, key), *at = text;
    for (int64_t i = 0; text && i < d; i++) {
        char *end;
        out[i] = strtod(at, &end);
        if (end == at || !isfinite(out[i]))
            return bad(ctx, key, text, d);
        at = end;
    }
    return text && at[strspn(at, " ")] == 0 ? FQP_OK : bad(ctx, key, text, d);
}

static fqp_status counts(fqp_ctx *ctx, const fqp_function *f, const int64_t *shape, int64_t d, int64_t *out) {
    double v[FQPI_BOX_MAX_DIM], n = 1;
    fqp_status s = shape ? FQP_OK : reals(ctx, f, "signal.shape", d, v);
    for (int64_t j = 0; j < d && !s; j++) {
        const double count = shape ? (double)shape[j] : v[j];
        n *= count;
        if (!(count >= 1 && n <= POINTS_MAX))
            return fqpi_fail(ctx, FQP_E_ARG, NULL, "function: %g points along axis %lld; a grid has 1 to %d points",
                             count, (long long)j + 1, POINTS_MAX);
        out[j] = (int64_t)count;
    }
    return s;
}

fqp_status fqp_function_grid(fqp_ctx *ctx, const fqp_function *f, const int64_t *shape, fqp_array *out, int64_t *axes) {
    if (!ctx || !f || !out)
        return FQP_E_ARG;
    const int64_t d = fqp_function_inputs(f);
    if (d > FQPI_BOX_MAX_DIM)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "function: a grid in %lld dimensions; %d are possible", (long long)d,
                         FQPI_BOX_MAX_DIM);
    fqpi_box box = {.d = (int)d};
    int64_t count[FQPI_BOX_MAX_DIM], n = 1;
    fqp_status s = reals(ctx, f, "signal.lower", d, box.lower);
    s = s ? s : reals(ctx, f, "signal.upper", d, box.upper);
    s = s ? s : counts(ctx, f, shape, d, count);
    for (int64_t j = 0; j < d && !s; j++)
        n *= count[j];
    s = s ? s : fqp_array_create(ctx, FQP_F64, 2, (int64_t[]){n, d}, out);
    if (s)
        return s;
    const char *endpoint = fqp_function_note_get(f, "signal.endpoint");
    fqpi_grid_fill(&box, count, endpoint && strcmp(endpoint, "true") == 0, n, out->data);
    if (axes)
        memcpy(axes, count, (size_t)d * sizeof *axes);
    return FQP_OK;
}
