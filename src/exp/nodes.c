/* nodes.c - where the solution of a differential equation is looked at, and what it is held against there: the exact
 * solution, a file, or what another method finds on a finer grid. */
#include "fail.h"
#include "mem.h"
#include "solving.h"

#include <stdio.h>
#include <string.h>

/* A way to a reference solution at the nodes. */
typedef struct way {
    const char *name;
    fqp_status (*find)(fqp_ctx *ctx, const fqp_config *config, const fqp_pde *p, fqpi_nodes *nodes);
} way;

static fqp_status exact(fqp_ctx *ctx, const fqp_config *config, const fqp_pde *p, fqpi_nodes *nodes) {
    (void)config;
    snprintf(nodes->how, sizeof nodes->how, "exact solution");
    return fqp_problem_exact_eval(ctx, p, nodes->x.shape[0], nodes->x.data, nodes->y.data);
}

static fqp_status file(fqp_ctx *ctx, const fqp_config *config, const fqp_pde *p, fqpi_nodes *nodes) {
    const fqp_problem_opts *o = fqp_config_section(config, "problem");
    snprintf(nodes->how, sizeof nodes->how, "file %.80s", o->reference);
    return fqp_problem_reference_file(ctx, p, nodes->x.shape[0], nodes->x.data, nodes->y.data);
}
