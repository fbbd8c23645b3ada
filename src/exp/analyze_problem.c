/* analyze_problem.c - points and targets of an analysis that the problem itself says. */
#include "analyze_i.h"
#include "fail.h"
#include "solving.h"

#include <string.h>

static fqp_status unknown(fqp_ctx *ctx, const fqp_config *config, const char *what) {
    const fqp_origin at = fqp_config_origin(config, "problem.reference");
    return fqpi_fail(ctx, FQP_E_CONFIG, &at,
                     "problem.reference: there is nothing to hold the predictions against %s; give problem.exact, a "
                     "reference, or the targets (--y)",
                     what);
}

/* The nodes of problem.grid, with whatever solution the problem names. */
static fqp_status at_nodes(fqp_ctx *ctx, const fqp_config *config, const fqp_pde *p, fqp_array *x, fqp_array *y) {
    fqpi_nodes nodes = {0};
    fqp_status s = fqpi_nodes_create(ctx, config, p, &nodes);
    if (!s && !nodes.known)
        s = unknown(ctx, config, "at the nodes");
    if (!s) {
        *x = nodes.x;
        *y = nodes.y;
        return FQP_OK;
    }
    fqpi_kept kept = fqpi_keep(ctx, s);
    fqpi_nodes_free(&nodes);
    return fqpi_restore(ctx, &kept);
}

/* The exact solution, or that of a file, at points of the user's. */
static fqp_status at_points(fqp_ctx *ctx, const fqp_config *config, const fqp_pde *p, const fqp_array *x,
                            fqp_array *y) {
    const fqp_problem_opts *o = fqp_config_section(config, "problem");
    const int64_t d = x->ndim > 1 ? x->shape[1] : 1, shape[] = {x->shape[0], fqp_problem_unknowns(p)};
    const bool file =
        o->reference && *o->reference && strcmp(o->reference, "direct") != 0 && strcmp(o->reference, "spectral") != 0;
    if (x->ndim < 1 || x->ndim > 2 || d != fqp_problem_inputs(p))
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "the problem has %lld coordinates, the points have %lld",
                         (long long)fqp_problem_inputs(p), (long long)d);
    if (!fqp_problem_exact(p) && !file)
        return unknown(ctx, config, "at points of your own");
    fqp_array points = {0};
    fqp_status s = fqp_array_convert(ctx, fqp_array_view(x), FQP_F64, &points);
    s = s ? s : fqp_array_create(ctx, FQP_F64, 2, shape, y);
    if (!s)
        s = file ? fqp_problem_reference_file(ctx, p, shape[0], points.data, y->data)
                 : fqp_problem_exact_eval(ctx, p, shape[0], points.data, y->data);
    fqp_array_free(&points);
    return s;
}

fqp_status fqpi_analyze_reference(fqp_ctx *ctx, const fqp_config *config, fqp_array *x, fqp_array *y) {
    fqp_pde *p = NULL;
    fqp_status s = fqp_problem_create(ctx, fqp_config_section(config, "problem"), config, &p);
    if (!s)
        s = x->data ? at_points(ctx, config, p, x, y) : at_nodes(ctx, config, p, x, y);
    fqp_problem_destroy(p);
    return s;
}
