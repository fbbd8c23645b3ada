/* reparam.h - trained factors of rows of weights, as a change of parameters.
 *
 * sigma(n a (W h + b)) is a dense layer with weights n a W and biases n a b.  So a network with trained slopes is a
 * plain one whose *live* weights are made of the trained numbers,
 *   live W_i = f W_i,  live b_i = f b_i,  f the product of the row's factors,
 * once after every change; the passes read live weights and know nothing of factors.  What they give, the gradient by
 * the live row, turns into
 *   dW_i = f dlive_i,   db_i = f dlive_b_i,   dp = (df/dp) (W_i . dlive_i + b_i dlive_b_i). */
#ifndef FQPI_REPARAM_H
#define FQPI_REPARAM_H

#include <fqp/model.h>

typedef struct fqpi_layer fqpi_layer;

/* How a factor follows its trained number p, which began at p0. */
typedef struct fqpi_factor_form {
    double (*value)(double n, double p0, double p);
    double (*slope)(double n, double p0, double p); /* d value / dp */
} fqpi_factor_form;

/* The factors of one layer: row i has number at + i/share of the flat vector. */
typedef struct fqpi_gain {
    const fqpi_factor_form *form;
    int64_t layer, at, share;
    bool bias;  /* biases are multiplied too */
    bool slope; /* the a of an activation */
    double n, p0;
} fqpi_gain;

/* Of a network; all zero: it has no factors. */
typedef struct fqpi_reparam {
    void *live;          /* [parameters] of the model's precision */
    fqpi_gain *gain;     /* [gains] */
    int64_t gains;       /* of all layers, layer by layer */
    int64_t at, numbers; /* where the trained numbers of factors lie in the flat vector ... */
    int64_t scales;      /* ... first those of model.scales */
} fqpi_reparam;

/* One row per choice of model.slopes. */
typedef struct fqpi_slopes {
    const char *name, *doc;
    const fqpi_factor_form *form; /* NULL: none */
    bool neuron;                  /* a number for every row; else one for the layer */
    bool network;                 /* ... or one for all layers */
    bool last;                    /* the last layer too */
    bool bias;
} fqpi_slopes;

const fqpi_slopes *fqpi_slopes_row(int slopes); /* NULL outside the table */

fqp_status fqpi_reparam_check(fqp_ctx *ctx, const fqp_model_opts *o);
/* net's layers stand and net->parameters counts what they hold: add the numbers of factors, and memory for them. */
fqp_status fqpi_reparam_place(fqp_ctx *ctx, fqp_model *net, const fqp_model_opts *o);
fqp_status fqpi_reparam_copy(fqp_ctx *ctx, const fqp_model *from, fqp_model *to); /* to->parameters stand */
void fqpi_reparam_free(fqp_model *net);
/* Weights and biases are drawn: the numbers get their first values, and live weights are what was drawn. */
void fqpi_reparam_draw(fqp_model *net, const fqp_model_opts *o, uint64_t seed);

/* A member's share of the live weights from the present parameters; nothing for networks without factors. */
void fqpi_reparam_refresh(const fqp_model *net, int member, int members);

/* Gradient by rows [i0, i1) of layer l's live weights, or biases, into that by the trained ones, in place; what they
 * add to the factors' into sums [2 net->rows], which fqpi_reparam_settle turns into the gradient g [numbers] of the
 * trained numbers. */
void fqpi_reparam_weights(const fqp_model *net, int64_t l, int64_t i0, int64_t i1, void *g, double *sums);
void fqpi_reparam_biases(const fqp_model *net, int64_t l, int64_t i0, int64_t i1, void *g, double *sums);
void fqpi_reparam_settle(const fqp_model *net, const double *sums, double *g);

/* A whole gradient by live weights, in double precision and 0 at the factors, into that by trained numbers, in place.
 */
void fqpi_reparam_row(const fqp_model *net, double *row);

/* The trained number of row i. */
double fqpi_gain_number(const fqp_model *net, const fqpi_gain *q, int64_t i);

#endif
