/* jet_plan.h - which derivatives by the inputs a pass over a network carries: those that are asked for and those that
 * they are made of, with the tables by which they go through activations and products (jet_rule.h). */
#ifndef FQPI_JET_PLAN_H
#define FQPI_JET_PLAN_H

#include "jet_rule.h"
#include "net.h"

typedef struct fqpi_jet_plan {
    int64_t d;               /* coordinates of a point */
    size_t count;            /* derivatives that are asked for ... */
    int64_t *asked;          /* ... [count] and their channels */
    fqp_derivative *channel; /* [rule.channels] by their order, the value first; a sum has at least two axes */
    fqpi_jet_rule rule;
} fqpi_jet_plan;

/* A plan for `count` derivatives of every output, with the gradient by the parameters of any function of them.  Refused
 * with the reason: more than FQPI_JET_ORDER derivatives, axes that there are not, activations that are not smooth
 * enough (the gradient takes one order more of them), an output map that is not linear.  The network is not kept. */
fqp_status fqpi_jet_plan_create(fqp_ctx *ctx, const fqp_model *net, size_t count, const fqp_derivative *which,
                                fqpi_jet_plan **out);
/* The same without a gradient to come. */
fqp_status fqpi_jet_plan_create_forward(fqp_ctx *ctx, const fqp_model *net, size_t count, const fqp_derivative *which,
                                        fqpi_jet_plan **out);
void fqpi_jet_plan_destroy(fqpi_jet_plan *plan);

/* The value, first derivatives (order >= 1), and pure second ones (order 2), in this order. */
enum { FQPI_JET_PURE = 1 + 2 * FQP_AXES };
size_t fqpi_jet_pure(int64_t d, int order, fqp_derivative which[FQPI_JET_PURE]);

/* Derivatives taken in all. */
static inline int fqpi_derivative_order(const fqp_derivative *of) {
    int total = 0;
    for (int i = 0; i < FQP_AXES; i++)
        total += of->order[i];
    return of->summed ? 2 : total;
}

#endif
