/* nodes.c - where the solution of a differential equation is looked at, and what it is held against there: the exact
 * solution, a file, or what another method finds. */
#include "fail.h"
#include "mem.h"
#include "solving.h"
#include "spectral/reference.h"

#include <fqp/relax.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- ways to a reference ----------------------------------------------------------------------------------------- */

typedef struct request {
    fqp_ctx *ctx;
    const fqp_config *config;
    const fqp_pde *problem;
    fqpi_nodes *nodes;
} request;

static fqp_status exact(const request *r) {
    snprintf(r->nodes->how, sizeof r->nodes->how, "exact solution");
    return fqp_problem_exact_eval(r->ctx, r->problem, r->nodes->x.shape[0], r->nodes->x.data, r->nodes->y.data);
}

static fqp_status from_file(const request *r) {
    const fqp_problem_opts *o = fqp_config_section(r->config, "problem");
    snprintf(r->nodes->how, sizeof r->nodes->how, "file %.80s", o->reference);
    return fqp_problem_reference_file(r->ctx, r->problem, r->nodes->x.shape[0], r->nodes->x.data, r->nodes->y.data);
}

static fqp_status spectral(const request *r) {
    snprintf(r->nodes->how, sizeof r->nodes->how, "Fourier solution in space, ETDRK4 in time");
    return fqpi_spectral_reference(r->ctx, r->problem, r->nodes->x.shape[0], r->nodes->x.data, r->nodes->y.data, 0, 0);
}

/* Every node of ours is one of the system's. */
static fqp_status pick(const request *r, const fqp_system *s, const double *u) {
    int64_t shape[FQP_DOMAIN_AXES], n = fqp_system_nodes(s, shape), taken = 0;
    const int64_t d = fqp_problem_inputs(r->problem), wanted = r->nodes->x.shape[0];
    const double *fine = fqp_system_points(s), *x = r->nodes->x.data;
    double *y = r->nodes->y.data, lower[FQP_AXES], upper[FQP_AXES];
    fqp_problem_box(r->problem, lower, upper);
    for (int64_t i = 0; i < n && taken < wanted; i++) { /* both in C order */
        bool same = true;
        for (int64_t c = 0; c < d; c++)
            same = same && fabs(fine[i * d + c] - x[taken * d + c]) < 1e-9 * (upper[c] - lower[c]);
        if (same)
            y[taken++] = u[i];
    }
    if (taken == wanted)
        return FQP_OK;
    const fqp_origin at = fqp_config_origin(r->config, "solve.grid.cells");
    return fqpi_fail(
        r->ctx, FQP_E_CONFIG, &at,
        "solve.grid.cells: node %lld of problem.grid is no node of the finite differences; give a multiple "
        "of the cells of problem.grid",
        (long long)taken);
}

static fqp_status direct(const request *r) {
    fqp_system *s = NULL;
    fqp_status st = fqp_system_create(r->ctx, r->problem, fqp_config_section(r->config, "solve.grid"), r->config, &s);
    if (st)
        return st;
    int64_t shape[FQP_DOMAIN_AXES] = {0};
    const int64_t n = fqp_system_nodes(s, shape);
    double *u = fqpi_calloc(r->ctx, (size_t)n, sizeof *u);
    st = u ? FQP_OK : FQP_E_NOMEM;
    if (!st)
        fqp_system_border(s, u);
    if (!st)
        st = fqp_system_direct(s, u);
    if (!st)
        st = pick(r, s, u);
    snprintf(r->nodes->how, sizeof r->nodes->how, "finite differences on %lld nodes", (long long)n);
    fqpi_free(u);
    fqp_system_destroy(s);
    return st;
}

static const struct {
    const char *name;
    fqp_status (*find)(const request *r);
} ways[] = {{"direct", direct}, {"spectral", spectral}};

/* What the problem asks for; without a word the exact solution. */
static fqp_status find(const request *r) {
    const fqp_problem_opts *o = fqp_config_section(r->config, "problem");
    const char *name = o->reference ? o->reference : "";
    if (!*name) {
        r->nodes->known = fqp_problem_exact(r->problem);
        snprintf(r->nodes->how, sizeof r->nodes->how, "no solution known");
        return r->nodes->known ? exact(r) : FQP_OK;
    }
    r->nodes->known = true;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(ways[i].name, name) == 0)
            return ways[i].find(r);
    return from_file(r);
}

fqp_status fqpi_nodes_create(fqp_ctx *ctx, const fqp_config *config, const fqp_pde *problem, fqpi_nodes *out) {
    *out = (fqpi_nodes){0};
    fqp_status s = fqp_problem_nodes(ctx, problem, &out->x, out->shape, &out->whole);
    const int64_t shape[] = {out->x.shape[0], fqp_problem_unknowns(problem)};
    if (!s)
        s = fqp_array_create(ctx, FQP_F64, 2, shape, &out->y);
    if (s)
        return s;
    memset(out->y.data, 0, (size_t)(shape[0] * shape[1]) * sizeof(double));
    return find(&(request){.ctx = ctx, .config = config, .problem = problem, .nodes = out});
}

void fqpi_nodes_free(fqpi_nodes *nodes) {
    fqp_array_free(&nodes->x);
    fqp_array_free(&nodes->y);
}
