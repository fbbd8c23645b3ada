/* net.h - the inside of a model, and its passes over one tile of samples.
 *
 * A tile is a panel [features][ld]: samples along the fast axis.  Letters as in model.h: layer l has W [out, in], b
 * [out]; h(l) are its inputs, d_l = dloss/dz of its outputs. */
#ifndef FQPI_NET_H
#define FQPI_NET_H

#include "activation.h"
#include "kernel.h"
#include "output.h"
#include <fqp/model.h>

typedef struct fqpi_layer {
    int64_t in, out;
    int64_t weight, bias;     /* where they begin in the flat vector; bias -1: none */
    int64_t row;              /* first row of its inputs among all panels of a tile */
    double scale, bias_scale; /* z = scale W h + bias_scale b */
    int act;
    double param, omega; /* sigma(omega z) */
} fqpi_layer;

struct fqp_model {
    const fqpi_kernel *k;
    const fqpi_kernel *k64; /* of the same level, for losses and output maps */
    int64_t d, m, layers, parameters;
    int64_t rows;   /* of all panels: inputs, hidden layers, outputs */
    int64_t widest; /* largest width */
    const fqpi_output *output;
    fqpi_layer *layer;
    void *w; /* [parameters] */
};

/* n rounded up to whole vectors, so that a row of n elements starts aligned. */
int64_t fqpi_padded(const fqpi_kernel *k, int64_t n);

/* Work space of one member for one tile: every panel is carved from one block. */
typedef struct fqpi_work {
    int64_t ld;      /* columns of a panel */
    void *h;         /* [rows][ld] inputs, activations, outputs */
    void *slope;     /* [rows][ld] sigma'(z) */
    void *delta[2];  /* [widest][ld] back-propagated signals of two neighbouring layers */
    void *turned;    /* [ld][padded widest] activations, samples along the slow axis */
    double *scratch; /* of criterion and output map, fqpi_criterion_scratch bytes */
} fqpi_work;

size_t fqpi_work_bytes(const fqp_model *net, int64_t ld);
void fqpi_work_place(const fqp_model *net, int64_t ld, void *block,
                     fqpi_work *work); /* block 64-byte aligned, zeroed */

/* Panels of layer l's inputs; l = layers: the outputs before the output map. */
void *fqpi_work_h(const fqp_model *net, const fqpi_work *work, int64_t l);

/* h(0) is filled: compute h(1) .. h(layers) of n samples, and sigma' when the backward pass will follow. */
void fqpi_forward(const fqp_model *net, fqpi_work *work, int64_t n, bool slopes);

/* delta[0] holds dloss/dz of the last layer; x [n][x_row] are the tile's inputs, a sample per row.  grad [parameters]
 * is set (or added to) with the tile's share of the gradient, without the factor `scale` of each layer: see below. */
void fqpi_backward(const fqp_model *net, fqpi_work *work, int64_t n, const void *x, int64_t x_row, void *grad,
                   bool accumulate);
/* The factors left out above, once per sum. */
void fqpi_gradient_scale(const fqp_model *net, void *grad);

/* Predictions of n samples with inputs x [n][x_row] (padded rows of the model's precision), through the output map,
 * into out [n, m] of type t. */
void fqpi_predict(const fqp_model *net, fqpi_work *work, int64_t n, const void *x, int64_t x_row, fqp_dtype t,
                  void *out);

/* The defaults of the section, for callers without a configuration. */
extern const fqp_model_opts fqpi_model_defaults;

#endif
