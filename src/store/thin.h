/* thin.h - some of a series' frames, for what has room for no more. */
#ifndef FQPI_THIN_H
#define FQPI_THIN_H

#include <fqp/base.h>

/* At most `most` frames of `frames`, spread evenly over the logarithm of the step, first and last kept; step may be
 * NULL.  *at is one block of *count indices. */
fqp_status fqpi_thin(fqp_ctx *ctx, const double *step, int64_t frames, int64_t most, int64_t **at, int64_t *count);

#endif
