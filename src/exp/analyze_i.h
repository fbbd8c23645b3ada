/* analyze_i.h - what analyze.c asks of the problem that a configuration states. */
#ifndef FQPI_ANALYZE_I_H
#define FQPI_ANALYZE_I_H

#include "exp.h"

#include <fqp/problem.h>

/* y [n, m] of the problem's solution at x [n, d]; an empty x becomes the nodes of problem.grid. */
fqp_status fqpi_analyze_reference(fqp_ctx *ctx, const fqp_config *config, fqp_array *x, fqp_array *y);

#endif
