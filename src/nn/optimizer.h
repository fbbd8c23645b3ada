/* optimizer.h - one row per optimiser.
 *
 * Most update each parameter by itself, so a step can be cut into ranges of parameters (update).  A few need the whole
 * vector and more than one gradient (minimise). */
#ifndef FQPI_OPTIMIZER_H
#define FQPI_OPTIMIZER_H

#include "kernel.h"

/* Numbers of one step. */
typedef struct fqpi_update {
    double lr, beta1, beta2, eps, momentum, decay;
    int64_t step;              /* 1 for the first */
    double correct1, correct2; /* 1 - beta1^step, 1 - beta2^step */
} fqpi_update;

/* f as a sum of squares, f(w) = |r(w)|^2/2 + decay |w|^2/2, and the Jacobian J = dr/dw [rows, n] of its residuals.
 * linearise() takes both at the present w, for pull() and push() too. */
typedef struct fqpi_squares {
    void *self;
    int64_t rows;
    double decay, damping; /* damping: of the first step */
    int64_t size;          /* of the smaller one of J J^T and J^T J, min(rows, n) */
    double *r;             /* [rows] */
    double *normal;        /* [size, size] that product, lower triangle row by row */
    double *factor;        /* [size, size] and q, jw [rows]: room for the optimiser */
    double *q, *jw;
    void (*linearise)(void *self);
    void (*pull)(void *self, const double *u, double *g); /* g [n] = J^T u */
    void (*push)(void *self, const double *v, double *u); /* u [rows] = J v */
} fqpi_squares;

/* What a whole-vector optimiser may ask: f(w) and its gradient g [n] (f64) at the vector w it was given. */
typedef struct fqpi_objective {
    double (*value)(void *self, double *g); /* g NULL: not wanted */
    void *self;
    int64_t n;
    double *w;    /* [n], changed in place before value() is called */
    bool changed; /* f is another function than in the last step, whose value and gradient say nothing of it */
    const fqpi_kernel *k;
    double lr;                      /* of this step, for optimisers without a line search */
    const fqpi_squares *squares;    /* for optimisers that want them */
    bool (*solve_last)(void *self); /* the last layer in w becomes the best one; false: it cannot be found */
} fqpi_objective;

typedef struct fqpi_optimizer {
    const char *name, *doc;
    int states; /* vectors kept per parameter */
    /* On n parameters w with gradient g; s1, s2 are their parts of the kept vectors (NULL when there are fewer).
     * Returns the flags FQPI_UPDATE_... of kernel.h. */
    unsigned (*update)(const fqpi_kernel *k, int64_t n, void *w, const void *g, void *s1, void *s2,
                       const fqpi_update *u);
    /* One step of a whole-vector optimiser with `memory` pairs; state has vectors(memory, stride)*stride numbers
     * (states*stride when vectors is NULL), memo 8.  Returns false when no better point was found; *f is the value at
     * the new w. */
    bool (*minimise)(const fqpi_objective *o, int64_t memory, double *state, int64_t stride, double *memo, double *f);
    int64_t (*vectors)(int64_t memory, int64_t stride);
    bool squares;    /* minimise wants the sum of squares */
    bool last_layer; /* minimise wants solve_last */
    bool kronecker;  /* update wants the gradient times the inverse of the curvature (train/kfac.h) */
} fqpi_optimizer;

const fqpi_optimizer *fqpi_optimizer_row(int optimizer); /* NULL outside the table */
const char *fqpi_optimizer_name(size_t i, const char **doc);

#endif
