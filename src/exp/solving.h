/* solving.h - a configuration that states a differential equation: its points in the place of data, its objective in
 * the place of train.loss.  What its solution is shown by is solution.h. */
#ifndef FQPI_SOLVING_H
#define FQPI_SOLVING_H

#include "exp.h"

#include "solution.h"

#include <fqp/objective.h>

enum { FQPI_SOLVING_NUMBERS = 16 }; /* numbers to be found at most */

/* Does the configuration state a problem? */
bool fqpi_solving_given(const fqp_config *config);
/* What of other sections does not go with a problem; sections problem and objective check themselves. */
fqp_status fqpi_solving_check(fqp_ctx *ctx, const fqp_config *config);

/* The nodes of problem.grid with the solution there that errors are measured against. */
typedef struct fqpi_nodes {
    fqp_array x, y; /* [n, d], [n, m] */
    int64_t shape[FQP_DOMAIN_AXES + 1];
    bool whole;   /* a regular grid */
    bool known;   /* there is such a solution; without, y is 0 and nothing but the residual is measured */
    char how[96]; /* "exact", "finite differences, 256 x 256 cells", ... */
} fqpi_nodes;
fqp_status fqpi_nodes_create(fqp_ctx *ctx, const fqp_config *config, const fqp_pde *problem, fqpi_nodes *out);
void fqpi_nodes_free(fqpi_nodes *nodes);

/* One seed's. */
typedef struct fqpi_solving {
    fqp_ctx *ctx;
    const fqp_config *config;
    fqp_pde *problem;
    fqp_objective *objective;
    fqpi_nodes nodes;
    fqp_dataset *data;    /* of the nodes */
    fqp_model_opts model; /* the configuration's, with the problem's numbers; borrows its lists but numbers */
    double numbers[FQPI_SOLVING_NUMBERS];
    const fqp_model *net; /* borrowed */
    double *u, *residual; /* at the nodes: solution [n, m], residual of the equations [n, rows] */
    double *term;         /* [nterms] */
    size_t nterms;
} fqpi_solving;

fqp_status fqpi_solving_create(fqp_ctx *ctx, const fqp_config *config, uint64_t seed, fqpi_solving **out);
void fqpi_solving_destroy(fqpi_solving *p);
/* What a trainer is given in the place of data whose points it will not look at: the first of them, so that it makes no
 * room for them.  A share of data's arrays; train.batch, which is refused, is told of all. */
fqp_dataset fqpi_solving_data(const fqp_dataset *data, const fqp_train_opts *train);
/* After network and trainer were made. */
fqp_status fqpi_solving_attach(fqpi_solving *p, const fqp_model *net, fqp_trainer *t);
/* What the recorder writes beside errors: names of the loss's terms, residual, numbers; after fqpi_recorder_begin. */
fqp_status fqpi_solving_record(fqpi_solving *p, fqpi_recorder *r);
/* A frame, before the recorder has it: the record's prediction becomes the solution, and its terms, residual and
 * numbers are filled in. */
fqp_status fqpi_solving_frame(fqpi_solving *p, fqpi_record *record);

#endif
