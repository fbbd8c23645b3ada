/* jet_panel.h - panels of jets: where rows and channels lie, how coordinates and embeddings come in, and gradients of
 * single samples go out. */
#ifndef FQPI_JET_PANEL_H
#define FQPI_JET_PANEL_H

#include "elements.h"
#include "jet.h"

/* Columns of the panels of a tile of n samples. */
static inline int64_t fqpi_jet_columns(const fqp_model *net, const fqpi_jet *jet, int64_t n) {
    return jet->plan->rule.channels * fqpi_padded(net->k, n);
}
static inline void *fqpi_jet_row(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *panel, int64_t row) {
    return fqpi_elem_at(net->k->dtype, panel, row * fqpi_jet_columns(net, jet, n));
}
static inline const void *fqpi_jet_row_in(const fqp_model *net, const fqpi_jet *jet, int64_t n, const void *panel,
                                          int64_t row) {
    return fqpi_elem_in(net->k->dtype, panel, row * fqpi_jet_columns(net, jet, n));
}
/* Channel c of a row: `lanes` of one group after the other, channels x lanes apart. */
static inline void *fqpi_jet_channel(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *panel, int64_t row,
                                     int64_t c) {
    return fqpi_elem_at(net->k->dtype, panel, row * fqpi_jet_columns(net, jet, n) + c * net->k->lanes);
}

/* jet->h0 and the coordinates of features from x [n, d] */
void fqpi_jet_inputs(const fqp_model *net, const fqpi_jet *jet, int64_t n, const double *x);

/* ---- gradients of single samples (jet_each.c) ---- */

size_t fqpi_jet_each_numbers(const fqp_model *net, const fqpi_jet_rule *rule); /* that jet->each holds */
/* Matrix at `at` of a sample's row, [out, in], += scale times the sum over channels of z h^T. */
void fqpi_jet_each_product(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t out, int64_t in, const void *z,
                           const void *h, double scale, double *rows, int64_t stride, int64_t at);
/* Numbers at `at` [out] += scale times the adjoints of the values. */
void fqpi_jet_each_values(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t out, const void *z,
                          double scale, double *rows, int64_t stride, int64_t at);

#endif
