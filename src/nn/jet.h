/* jet.h - outputs of a network with their first and second derivatives by the inputs, and the gradient of a function of
 * all of them by the parameters.
 *
 * Channels.  Every quantity of a layer has one number per channel and sample: the value u, then du/dx_i, then
 * d2u/dx_i^2, i < d.  A panel is [features][ld] as in net.h, its columns grouped by vectors of samples: a group holds
 * [channels][lanes].  So a dense layer is one product over all columns, and only the activation mixes channels. */
#ifndef FQPI_JET_H
#define FQPI_JET_H

#include "net.h"

/* Which derivative a channel is: of this order by input `axis`. */
typedef struct fqpi_channel {
    int order;
    int64_t axis;
} fqpi_channel;

/* Work space for one tile of up to `capacity` samples. */
typedef struct fqpi_jet {
    int order;        /* of the highest derivatives: 0, 1, 2 */
    int64_t channels; /* 1 + order d */
    int64_t capacity; /* samples, whole vectors */
    fqpi_channel *channel;
    void *h;          /* [d + hidden widths + m][ld] inputs of every layer, then the outputs */
    void *z;          /* [hidden widths + m][ld] before the activation, sigma' in the place of the values */
    void *bend;       /* [hidden widths + m][order per sample] sigma'' and above */
    void *adjoint[2]; /* [widest][ld] of two neighbouring layers */
    void *sums;       /* [widest] adjoints of a layer's bias */
    void *more;       /* panels of features (jet_feature.h) */
    void *more_bend;  /* [their rows][order per sample] */
    bool values;      /* order 0 by the passes of tiles, which then need: (jet_values.h) */
    fqpi_tape tape;
    void *rows, *chunk, *lanes, *pack;
} fqpi_jet;

/* Can the network supply derivatives of this order and their gradient?  That takes one order more of the activation,
 * and a linear output map.  *why (may be NULL) then says what is missing. */
bool fqpi_jet_served(const fqp_model *net, int order, const char **why);

/* Samples of a tile that suit the kernels: enough columns that the sums of the weight gradient pay for their folding,
 * few enough that there are tiles for all threads.  Depends on the network and the order only. */
int64_t fqpi_jet_tile(const fqp_model *net, int order);

size_t fqpi_jet_bytes(const fqp_model *net, int order, int64_t samples);
/* block 64-byte aligned, need not be zero */
void fqpi_jet_place(const fqp_model *net, int order, int64_t samples, void *block, fqpi_jet *jet);

/* x [n, d] */
void fqpi_jet_forward(const fqp_model *net, fqpi_jet *jet, int64_t n, const double *x);
/* u [n, m], u_x [n, m, d], u_xx [n, m, d] of the last forward pass; NULL: not wanted. */
void fqpi_jet_get(const fqp_model *net, const fqpi_jet *jet, int64_t n, double *u, double *u_x, double *u_xx);
/* Adjoints, in the same shapes; NULL: zero. */
void fqpi_jet_put(const fqp_model *net, fqpi_jet *jet, int64_t n, const double *du, const double *du_x,
                  const double *du_xx);
/* grad [parameters], in the model's precision, is set or added to.  Uses up the adjoints.  The bits of a sum over tiles
 * depend on how the samples were cut into tiles and on the order in which they are added, on nothing else. */
void fqpi_jet_backward(const fqp_model *net, fqpi_jet *jet, int64_t n, void *grad, bool accumulate);

#endif
