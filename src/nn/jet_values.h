/* jet_values.h - jets of order 0 for networks whose features have no derivatives by the inputs: the passes of tiles in
 * the clothes of jets (jet.c). */
#ifndef FQPI_JET_VALUES_H
#define FQPI_JET_VALUES_H

#include "jet.h"

bool fqpi_jet_values_serves(const fqp_model *net, int order);
/* Parts of the block from *used on; block NULL: only counts.  Zero before the first pass. */
void fqpi_jet_values_place(const fqp_model *net, int64_t samples, char *block, size_t *used, fqpi_jet *jet);
void fqpi_jet_values_forward(const fqp_model *net, const fqpi_jet *jet, int64_t n, const double *x);
void fqpi_jet_values_backward(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *grad, bool accumulate);
void *fqpi_jet_values_out(const fqp_model *net, const fqpi_jet *jet, int64_t n, bool adjoint); /* [m][n padded] */

#endif
