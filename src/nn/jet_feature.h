/* jet_feature.h - features of the coordinates in the passes of jets (jet.c): sines and cosines with their derivatives,
 * and products of jets, (g z)_ii = g_ii z + 2 g_i z_i + g z_ii. */
#ifndef FQPI_JET_FEATURE_H
#define FQPI_JET_FEATURE_H

#include "jet.h"

bool fqpi_jet_features_served(const fqp_model *net);
int64_t fqpi_jet_feature_rows(const fqp_model *net); /* panels of features take so many rows of jet->more */

/* Panels of n samples: the coordinates [d]; inputs of layer l that a filter was multiplied into (else NULL); outputs
 * that gates weighed and their adjoints [m] (else NULL). */
void *fqpi_jet_coordinates(const fqp_model *net, const fqpi_jet *jet);
void *fqpi_jet_filtered(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l);
void *fqpi_jet_gated(const fqp_model *net, const fqpi_jet *jet, int64_t n, bool adjoint);

/* The coordinates are there: values of all features; those of a learnt embedding to h(0) [net->d]. */
void fqpi_jet_feature_values(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *h0);
/* z [out] of layer l is there: what filters or gates make of it. */
void fqpi_jet_feature_apply(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l, const void *z);

/* The way back: adjoints of the gated outputs become a [outputs] of the last layer's; adjoints a of the inputs of layer
 * l become those of what layer l - 1 gave, z; and gradients of the features' numbers, set or added. */
void fqpi_jet_gate_back(const fqp_model *net, const fqpi_jet *jet, int64_t n, const void *z, void *a);
void fqpi_jet_filter_back(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l, const void *z, void *a);
void fqpi_jet_feature_gradient(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *a0, void *grad,
                               bool accumulate); /* a0: adjoints of h(0) where it is learnt; used up */

#endif
