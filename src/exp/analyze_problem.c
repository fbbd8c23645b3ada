/* analyze_problem.c - points and targets of an analysis that the problem itself says. */
#include "analyze_i.h"
#include "fail.h"

#include <string.h>

static fqp_status points(fqp_ctx *ctx, const fqp_pde *p, fqp_array *x) {
    int64_t shape[FQP_DOMAIN_AXES + 1];
    bool whole;
    return fqp_problem_nodes(ctx, p, x, shape, &whole);
}

static fqp_status values(fqp_ctx *ctx, const fqp_config *config, const fqp_pde *p, const fqp_array *x, fqp_array *y) {
    const fqp_problem_opts *o = fqp_config_section(config, "problem");
    const fqp_origin at = fqp_config_origin(config, "problem.reference");
    const bool file =
        o->reference && *o->reference && strcmp(o->reference, "direct") != 0 && strcmp(o->reference, "spectral") != 0;
    fqp_array points = {0};
    if (!fqp_problem_exact(p) && !file)
        return fqpi_fail(ctx, FQP_E_CONFIG, &at,
                         "problem.reference: predictions are held against problem.exact or a file here; give one of "
                         "them, or the targets");
    fqp_status s = fqp_array_convert(ctx, fqp_array_view(x), FQP_F64, &points);
    const int64_t shape[] = {x->shape[0], fqp_problem_unknowns(p)};
    s = s ? s : fqp_array_create(ctx, FQP_F64, 2, shape, y);
    if (!s)
        s = fqp_problem_exact(p) ? fqp_problem_exact_eval(ctx, p, shape[0], points.data, y->data)
                                 : fqp_problem_reference_file(ctx, p, shape[0], points.data, y->data);
    fqp_array_free(&points);
    return s;
}

static fqp_status fits(fqp_ctx *ctx, const fqp_pde *p, const fqp_array *x) {
    const int64_t d = x->ndim > 1 ? x->shape[1] : 1;
    if (x->ndim >= 1 && x->ndim <= 2 && d == fqp_problem_inputs(p))
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "the problem has %lld coordinates, the points have %lld",
                     (long long)fqp_problem_inputs(p), (long long)d);
}

fqp_status fqpi_analyze_reference(fqp_ctx *ctx, const fqp_config *config, fqp_array *x, fqp_array *y) {
    fqp_pde *p = NULL;
    fqp_status s = fqp_problem_create(ctx, fqp_config_section(config, "problem"), config, &p);
    if (!s)
        s = x->data ? fits(ctx, p, x) : points(ctx, p, x);
    if (!s)
        s = values(ctx, config, p, x, y);
    fqp_problem_destroy(p);
    return s;
}
