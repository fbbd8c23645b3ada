/* lfp_i.h - what the files of the linear frequency principle share. */
#ifndef FQPI_LFP_I_H
#define FQPI_LFP_I_H

#include <fqp/lfp.h>

/* Is the law in order? */
fqp_status fqpi_lfp_check(fqp_ctx *ctx, const fqp_lfp_law *law);
/* Does the affine function belong to what costs nothing (else only the constant)? */
bool fqpi_lfp_affine(const fqp_lfp_law *law);
/* Points and targets as f64 [n, d], [n, m] (1-D: one column); shapes, types and finite values are checked. */
fqp_status fqpi_lfp_points(fqp_ctx *ctx, const fqp_lfp_law *law, fqp_view x, fqp_array *out);
fqp_status fqpi_lfp_targets(fqp_ctx *ctx, int64_t n, fqp_view y, fqp_array *out);

#endif
