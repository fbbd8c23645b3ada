/* feature_pass.h - the features of a network in its passes (feature.h says what a feature is).
 *
 * Where they act: a learnt embedding, or the first filter, gives h(0); filter l is multiplied into what the layer below
 * gives, h(l) = g_l z(l); gates weigh the blocks of the last layer, y_i = sum_b gate_b z_(b m + i). */
#ifndef FQPI_FEATURE_PASS_H
#define FQPI_FEATURE_PASS_H

#include "net.h"

/* Options that do not fit together or do not fit d coordinates, with the reason. */
fqp_status fqpi_features_check(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o);
int64_t fqpi_features_gates(const fqp_model_opts *o, int64_t d); /* branches that gates weigh; 0: no gates */
bool fqpi_features_make_inputs(const fqp_model_opts *o);         /* h(0) is made from the coordinates in each pass */
double fqpi_features_numbers(const fqp_model_opts *o, int64_t d, int64_t layers); /* that are trained, about */

/* The features of a network whose layers stand: their numbers follow net->parameters, which grows. */
fqp_status fqpi_features_open(fqp_ctx *ctx, fqp_model *net, const fqp_model_opts *o);
fqp_status fqpi_features_draw(fqp_ctx *ctx, fqp_model *net, const fqp_model_opts *o, uint64_t seed);
fqp_status fqpi_features_copy(fqp_ctx *ctx, const fqp_model *from, fqp_model *to); /* to: a copy in its precision */
void fqpi_features_close(fqp_model *net);

/* Coordinates of a tile, from rows as in fqpi_inputs. */
void fqpi_features_inputs(const fqp_model *net, const fqpi_tape *t, fqpi_span s, const void *x, int64_t x_row,
                          const int64_t *at);
/* Values of all features; then, when the products of layer l are there, what filters and gates make of them. */
void fqpi_features_values(const fqp_model *net, const fqpi_tape *t, fqpi_span s);
void fqpi_features_apply(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s);
/* Where the products of layer l go, h(l + 1) unless a filter or gates follow. */
void *fqpi_features_out(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s);

/* The way back: dz of the last layer from the outputs' adjoints (fqpi_tape_dy); where dh(l) goes, when h(l) was made of
 * features, else NULL; and what it becomes: dz of the layer below, and adjoints of the feature. */
void fqpi_features_gate_back(const fqp_model *net, const fqpi_tape *t, fqpi_span s);
void *fqpi_features_dh(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s);
void fqpi_features_back(const fqp_model *net, const fqpi_tape *t, int64_t l, fqpi_span s);

#endif
