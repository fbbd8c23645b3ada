/* program.h - an expression ready to run: pruned terms in order, each bound to a register.
 *
 * Terms that no variable reaches are computed once per call (uniform); the others once per tile, in a few registers of
 * FQPI_TILE numbers that are reused as soon as their value is no longer needed.
 */
#ifndef FQPI_PROGRAM_H
#define FQPI_PROGRAM_H

#include "parse.h"

enum { FQPI_TILE = 256, FQPI_TILE_TAPE = 64 /* points at a time where every value is kept */ };

typedef struct fqpi_program {
    fqpi_term *term; /* [n], arguments before users, the result last */
    int n;
    int *reg;              /* [n] register of a term that varies; -1: uniform */
    unsigned char *varies; /* [n] depends on a variable */
    int nregs;
} fqpi_program; /* of several results every one is a term whose register is kept to the end */

struct fqp_expr {
    char *text;
    char **variable, **parameter; /* one block each */
    size_t nvariables, nparameters;
    int coords;
    fqpi_hosts hosts;
    fqp_expr_host host; /* known NULL: none */
    fqpi_program program;
};

fqp_status fqpi_program_build(fqp_ctx *ctx, const fqpi_graph *g, int root, fqpi_program *p);
/* Several results at once: result[i] gets the term of the program that is root[i]. */
fqp_status fqpi_program_build_all(fqp_ctx *ctx, const fqpi_graph *g, int n, const int *root, fqpi_program *p,
                                  int *result);
void fqpi_program_free(fqpi_program *p);

/* ---- running ----------------------------------------------------------------------------------------------- */

/* Values of all terms for one tile of points at a time. */
typedef struct fqpi_run {
    fqp_ctx *ctx;
    const fqp_expr *e; /* NULL: a program without an expression around it */
    const fqpi_program *program;
    int width;      /* points per tile */
    double **value; /* [n] tile of each term */
    void *block;    /* owned when not on the caller's stack */
} fqpi_run;

/* keep_all: every varying term has a tile of its own (for derivatives).  Uniform terms are computed here.  stack may
 * lend `size` bytes. */
fqp_status fqpi_run_begin(fqpi_run *r, fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *parameters,
                          bool keep_all, void *stack, size_t size);
/* The same of a program by itself. */
fqp_status fqpi_run_start(fqpi_run *r, fqp_ctx *ctx, const fqpi_program *p, int64_t n, const double *parameters,
                          bool keep_all, void *stack, size_t size);
/* Compute the tile of m points beginning at x [m, nvariables]. */
void fqpi_run_tile(const fqpi_run *r, int m, const double *x);
/* The same with every variable where it lies: variable i of point k is column[i].at[k * column[i].stride]. */
typedef struct fqpi_column {
    const double *at;
    int64_t stride;
} fqpi_column;
void fqpi_run_columns(const fqpi_run *r, int m, int64_t first, const fqpi_column *column);
void fqpi_run_end(fqpi_run *r);

/* Are the arrays there that the expression reads?  Reports what is missing. */
fqp_status fqpi_run_check(fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *x, const double *parameters);

#endif
