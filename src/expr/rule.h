/* rule.h - short forms for the rules of derivatives. */
#ifndef FQPI_RULE_H
#define FQPI_RULE_H

#include "op.h"

static inline int num(fqpi_graph *g, double v) {
    return fqpi_graph_number(g, v);
}

static inline int fn(fqpi_graph *g, const fqpi_op *op, int a) {
    return fqpi_graph_1(g, op, a);
}

static inline int neg(fqpi_graph *g, int a) {
    return fqpi_graph_1(g, &fqpi_op_neg, a);
}

static inline int add(fqpi_graph *g, int a, int b) {
    return fqpi_graph_2(g, &fqpi_op_add, a, b);
}

static inline int sub(fqpi_graph *g, int a, int b) {
    return fqpi_graph_2(g, &fqpi_op_sub, a, b);
}

static inline int mul(fqpi_graph *g, int a, int b) {
    return fqpi_graph_2(g, &fqpi_op_mul, a, b);
}

static inline int quotient(fqpi_graph *g, int a, int b) {
    return fqpi_graph_2(g, &fqpi_op_div, a, b);
}

#endif
