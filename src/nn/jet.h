/* jet.h - outputs of a network with their derivatives by the inputs, and the gradient of a function of all of them by
 * the parameters.
 *
 * Channels.  Every quantity of a layer has one number per channel of the plan and sample: the value, then derivatives.
 * A panel is [features][ld] as in net.h, its columns grouped by vectors of samples: a group holds [channels][lanes]. So
 * a dense layer is one product over all columns, and only the activation mixes channels.
 *
 * Memory.  A pass forward leaves the inputs of the first layer and what every layer gives before its activation; the
 * way back makes the rest of it again, layer by layer, in memory that is near: for tanh a twentieth of the work of the
 * products, and less than the time to fetch it from afar.  Numbers per sample: channels x (inputs + widths of layers +
 * those of features, jet_feature.h). */
#ifndef FQPI_JET_H
#define FQPI_JET_H

#include "jet_plan.h"

/* A pass over one tile of up to `capacity` samples. */
typedef struct fqpi_jet {
    const fqpi_jet_plan *plan;
    int64_t capacity; /* samples, whole vectors */
    void *h0;         /* [d][ld] inputs of the first layer */
    void *z;          /* [hidden widths][ld] before the activation */
    void *out;        /* [outputs][ld] of the last layer */
    void *more;       /* panels of features (jet_feature.h) */
    /* needed while a pass runs: shared by jets that run one after another (fqpi_jet_share) */
    void *h;          /* [widest][ld] inputs of a layer */
    void *adjoint[2]; /* [widest][ld] of two neighbouring layers */
    void *sums;       /* [widest] adjoints of a layer's bias */
    void *given;      /* [one per sample] an exponential of features */
    double *each;     /* gradients of single samples: factors of one */
} fqpi_jet;

/* Samples of a tile that suit the kernels: enough columns that the sums of the weight gradient pay for their folding,
 * few enough that there are tiles for all threads.  Depends on the network and the plan only. */
int64_t fqpi_jet_tile(const fqp_model *net, const fqpi_jet_plan *plan);

/* block 64-byte aligned, need not be zero.  Borrows plan and block. */
size_t fqpi_jet_bytes(const fqp_model *net, const fqpi_jet_plan *plan, int64_t samples);
void fqpi_jet_place(const fqp_model *net, const fqpi_jet_plan *plan, int64_t samples, void *block, fqpi_jet *jet);

/* The same in two parts: what a jet keeps from its pass forward to its way back, and what any pass needs while it runs.
 * A jet is placed without work space, and given some before each pass: of the same plan and at least as many samples.
 */
size_t fqpi_jet_kept_bytes(const fqp_model *net, const fqpi_jet_plan *plan, int64_t samples);
size_t fqpi_jet_work_bytes(const fqp_model *net, const fqpi_jet_plan *plan, int64_t samples);
void fqpi_jet_place_kept(const fqp_model *net, const fqpi_jet_plan *plan, int64_t samples, void *block, fqpi_jet *jet);
void fqpi_jet_share(const fqp_model *net, fqpi_jet *jet, void *work);

/* x [n, d] */
void fqpi_jet_forward(const fqp_model *net, fqpi_jet *jet, int64_t n, const double *x);
/* u [n, m, count] of the last forward pass, in the order of the plan's list. */
void fqpi_jet_get(const fqp_model *net, const fqpi_jet *jet, int64_t n, double *u);
/* Adjoints, in the same shape. */
void fqpi_jet_put(const fqp_model *net, fqpi_jet *jet, int64_t n, const double *du);
/* Derivative q of output i alone: n numbers, `stride` apart.  Adjoints are added to what is there; all begin at 0 by
 * fqpi_jet_clear. */
void fqpi_jet_get_one(const fqp_model *net, const fqpi_jet *jet, int64_t n, int64_t i, size_t q, double *u,
                      int64_t stride);
void fqpi_jet_clear(const fqp_model *net, fqpi_jet *jet, int64_t n);
void fqpi_jet_put_one(const fqp_model *net, fqpi_jet *jet, int64_t n, int64_t i, size_t q, const double *du,
                      int64_t stride);
/* grad [parameters], in the model's precision, is set or added to: the gradient of the sum over samples, by live
 * weights (reparam.h).  Uses up the adjoints, not the pass forward.  The bits of a sum over tiles depend on how the
 * samples were cut into tiles and on the order in which they are added, on nothing else. */
void fqpi_jet_backward(const fqp_model *net, fqpi_jet *jet, int64_t n, void *grad, bool accumulate);
/* rows[s*stride + p] += sample s's own part of it, by live weights too (fqpi_reparam_row). */
void fqpi_jet_backward_each(const fqp_model *net, fqpi_jet *jet, int64_t n, double *rows, int64_t stride);

#endif
