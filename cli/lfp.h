/* lfp.h - what fqp lfp computes (lfp_solve.c), before it is told (cmd_lfp.c). */
#ifndef FQP_CLI_LFP_H
#define FQP_CLI_LFP_H

#include "cli.h"

typedef struct lfp_problem {
    const invocation *inv;
    target t;
    fqp_dataset *data; /* NULL with --x and --y */
    fqp_array x, y, at;
    int64_t n, d, m, k;
    fqp_lfp_law law;
    fqp_lfp *lfp;
    fqp_lfp_facts facts;
    double *h;                /* [k, m] */
    double *kernel;           /* [k, m] exact infinite width, all parameters trained; NULL: not computed */
    double *spline[2];        /* [k] linear, cubic; NULL outside one dimension and one output */
    double gamma;             /* norm of gamma on twice the box of the data; NaN: more than three inputs */
    double peak, mean_square; /* of the targets */
} lfp_problem;

/* Data from a recipe, or from --x and --y: 0 or an exit code, the problems told. */
int lfp_from_config(lfp_problem *p);
int lfp_from_files(lfp_problem *p);
/* Everything else of the problem. */
fqp_status lfp_compute(lfp_problem *p, const fqp_lfp_opts *o);
void lfp_release(lfp_problem *p);
/* Range of the points along an axis. */
void lfp_range(const lfp_problem *p, int64_t axis, double *low, double *high);

#endif
