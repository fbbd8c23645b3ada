/* graph.h - an expression as a directed acyclic graph.
 *
 * Terms are kept in topological order (arguments before users), each different term once (hash-consing), constants
 * folded.  Operations are rows of a const table; nothing outside a row knows what an operation does.
 */
#ifndef FQPI_GRAPH_H
#define FQPI_GRAPH_H

#include <fqp/expr.h>

enum {
    FQPI_MAX_ARGS = 4,
    FQPI_MAX_TERMS = 1 << 20 /* a larger expression is refused */
};

typedef struct fqpi_op fqpi_op;
typedef struct fqpi_graph fqpi_graph;

/* Evaluates n <= tile points: y[i] = op(a[0][i], a[1][i], ...).  y never overlaps an argument. */
typedef void (*fqpi_tile_fn)(const fqpi_op *op, int n, const double *const *a, double *y);
/* d[i] = partial derivative with respect to argument `which`, y being the value. */
typedef void (*fqpi_partial_fn)(const fqpi_op *op, int n, int which, const double *const *a, const double *y,
                                double *d);
/* The same partial derivative as a term; self is the term of the value. */
typedef int (*fqpi_rule_fn)(fqpi_graph *g, const int *a, int self, int which);

struct fqpi_op {
    const char *name; /* as users call it; operators by their sign; "" when users cannot write it */
    int arity;
    const char *doc;
    fqpi_tile_fn tile;
    fqpi_partial_fn partial;
    fqpi_rule_fn rule;
    /* For rows that map a scalar function over the tile: f and its partial derivatives. */
    double (*f1)(double);
    double (*f2)(double, double);
    double (*d1)(double x, double y);
    double (*d2[2])(double a, double b, double y);
    /* Term that equals op(a...) and is simpler, or -1. */
    int (*simplify)(fqpi_graph *g, const int *a);
    /* Rows made of others: the call becomes this term and no operation of its own. */
    int (*expand)(fqpi_graph *g, const int *a);
    const fqpi_op *fold; /* sum and prod: the operation repeated over an index */
    double fold_start;   /* its value over an empty range */
    bool commutes;
    bool variadic; /* two or more arguments, folded from the left */
    /* The chain rule multiplies by a partial that may be infinite or NaN where the other factor is 0 (sqrt at 0, the
     * branch not taken): then 0 wins. */
    bool gated;
};

typedef struct fqpi_term {
    const fqpi_op *op;
    int arg[FQPI_MAX_ARGS];
    int nargs;
    int index;    /* of the variable, parameter or host function */
    double value; /* of a constant */
} fqpi_term;

struct fqpi_graph {
    fqp_ctx *ctx;
    fqpi_term *term;
    int n, cap;
    int *slot; /* hash table of terms, -1: free */
    int nslots;
    fqp_status status; /* sticky: after a failure every call answers term 0 */
};

/* Leaves. */
extern const fqpi_op fqpi_op_number, fqpi_op_variable, fqpi_op_parameter, fqpi_op_host;

fqp_status fqpi_graph_init(fqpi_graph *g, fqp_ctx *ctx); /* term 0 is the constant 0 */
void fqpi_graph_free(fqpi_graph *g);

int fqpi_graph_number(fqpi_graph *g, double v);
int fqpi_graph_leaf(fqpi_graph *g, const fqpi_op *op, int index);
int fqpi_graph_host(fqpi_graph *g, int index, int nargs, const int *args);
int fqpi_graph_op(fqpi_graph *g, const fqpi_op *op, const int *args); /* folded and simplified */
/* A term of another graph (same leaves) into this one; args are terms of g. */
int fqpi_graph_copy(fqpi_graph *g, const fqpi_term *t, const int *args);

bool fqpi_graph_constant(const fqpi_graph *g, int term, double *v); /* v may be NULL */
bool fqpi_graph_equals(const fqpi_graph *g, int term, double v);    /* is it this constant? */

/* Short forms for the rules. */
int fqpi_graph_1(fqpi_graph *g, const fqpi_op *op, int a);
int fqpi_graph_2(fqpi_graph *g, const fqpi_op *op, int a, int b);
int fqpi_graph_3(fqpi_graph *g, const fqpi_op *op, int a, int b, int c);

/* Derivative of `root` with respect to a leaf (variable or parameter `index`) as a term. FQP_E_EXPR through a host
 * function, named by the caller: *host gets its index, else -1. */
fqp_status fqpi_graph_derivative(fqpi_graph *g, int root, const fqpi_op *leaf, int index, int *out, int *host);

#endif
