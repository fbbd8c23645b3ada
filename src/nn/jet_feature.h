/* jet_feature.h - features of the coordinates in the passes of jets (jet.c).
 *
 * Sines and cosines are layers of a dense network with weights B, whose jets the kernels know; filters and gates
 * multiply jets; a Gabor filter is the product of a sine and of exp(-gamma/2 |x - mu|^2), an exponential of a jet
 * (jet_gabor.c); grids are linear in their tables (jet_grid.c); windows are
 * polynomials (jet_window.c). */
#ifndef FQPI_JET_FEATURE_H
#define FQPI_JET_FEATURE_H

#include "jet.h"
#include "loops.h"

/* Derivatives of this order that a feature of the network does not have are refused. */
fqp_status fqpi_jet_features_check(fqp_ctx *ctx, const fqp_model *net, int order, const char *what);
int64_t fqpi_jet_feature_rows(const fqp_model *net); /* panels of features take so many rows of jet->more */

/* Panels of n samples: the coordinates [d]; inputs of layer l that a filter was multiplied into (else NULL); outputs
 * that gates weighed and their adjoints [m] (else NULL). */
void *fqpi_jet_coordinates(const fqp_model *net, const fqpi_jet *jet);
void *fqpi_jet_filtered(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l);
void *fqpi_jet_gated(const fqp_model *net, const fqpi_jet *jet, int64_t n, bool adjoint);

/* The coordinates are there: values of all features, those of a learnt embedding in h(0). */
void fqpi_jet_feature_values(const fqp_model *net, const fqpi_jet *jet, int64_t n);
/* What layer l gives, z [out], is there: what filters or gates make of it. */
void fqpi_jet_feature_apply(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l, const void *z);

/* The way back: adjoints of the gated outputs become a [outputs] of the last layer's; adjoints a of the inputs of layer
 * l become those of what layer l - 1 gave, z; and gradients of the features' numbers, set or added, or added to a row
 * for each sample.  a0: adjoints of h(0) where it is learnt; used up. */
void fqpi_jet_gate_back(const fqp_model *net, const fqpi_jet *jet, int64_t n, const void *z, void *a);
void fqpi_jet_filter_back(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t l, const void *z, void *a);

/* Where the gradient by a feature's numbers goes: into the model's whole gradient, or (rows not NULL) one row a sample.
 */
typedef struct fqpi_jet_sink {
    void *grad;
    bool accumulate;
    double *rows;
    int64_t stride;
} fqpi_jet_sink;
void fqpi_jet_feature_gradient(const fqp_model *net, const fqpi_jet *jet, int64_t n, void *a0, const fqpi_jet_sink *to);

/* ---- for the kinds of features ---- */

/* A feature in a pass over n samples. */
typedef struct fqpi_jet_feature {
    const fqp_model *net;
    const fqpi_jet *jet;
    int64_t n;
    const fqpi_feature *f;
    const void *w; /* its numbers */
    void *value;   /* [width] */
    void *own;     /* the panels of the kind, [rows] */
} fqpi_jet_feature;

typedef struct fqpi_jet_kind {
    const fqpi_feature_row *row;
    int order;                              /* of the highest derivatives that it has ... */
    const char *why;                        /* ... and why there are no others */
    int64_t (*rows)(const fqpi_feature *f); /* of its own */
    void (*values)(const fqpi_jet_feature *q);
    void (*gradient)(const fqpi_jet_feature *q, void *adjoint,
                     const fqpi_jet_sink *to); /* adjoint is used up; NULL: never trained */
} fqpi_jet_kind;
extern const fqpi_jet_kind fqpi_jet_waves, fqpi_jet_sine, fqpi_jet_gabor, fqpi_jet_grid, fqpi_jet_window;

/* sin (half 0) or cos (half 1) of the angles factor W x (+ b): out, and the way back from the adjoint of out to the
 * gradient by W (and b). */
void fqpi_jet_turn(const fqpi_jet_feature *q, int half, void *angle, void *out);
void fqpi_jet_turn_back(const fqpi_jet_feature *q, int half, const void *angle, void *adjoint, const fqpi_jet_sink *to);

#endif
