/* output_rows.h - derivatives of a network's outputs by its parameters, written down one sample at a time.
 *
 * This serves every network that can be trained; where the Jacobian has factors (factors.h) those are faster by far. *
 * Of networks with trained factors the live weights must be fresh (fqpi_reparam_refresh). */
#ifndef FQPI_OUTPUT_ROWS_H
#define FQPI_OUTPUT_ROWS_H

#include "net.h"

size_t fqpi_output_rows_bytes(const fqp_model *net); /* of work, 64-byte aligned and zeroed before its first use */

/* Rows [outputs][ld]: weight times the derivatives of outputs [first, first + outputs) (output map included) at the
 * sample whose inputs begin at x, padded to whole vectors, in the model's precision.  Its predictions go to
 * prediction[a * step]; NULL: not wanted. */
void fqpi_output_rows(const fqp_model *net, const void *x, int64_t first, int64_t outputs, double weight, void *work,
                      void *rows, int64_t ld, double *prediction, int64_t step);

#endif
