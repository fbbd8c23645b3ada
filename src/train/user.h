/* user.h - what a user puts in the place of the objective, the data or the optimiser. */
#ifndef FQPI_USER_H
#define FQPI_USER_H

#include "jet.h"
#include "optimizer.h"
#include <fqp/train.h>

/* The points of a step and what the network gives there, all f64; see fqp_batch. */
typedef struct fqpi_points {
    int64_t most; /* there is room for so many */
    double *x, *y, *u, *u_x, *u_xx, *du, *du_x, *du_xx;
    double *loss; /* [most] of the points, without an objective */
    bool whole;   /* x and y are those of the data set */
} fqpi_points;

typedef struct fqpi_user {
    int order; /* of the derivatives that the objective sees */
    fqp_objective_fn objective;
    void *objective_data;
    fqp_stream_fn stream;
    void *stream_data;
    int64_t stream_n;
    fqp_optimizer_fn optimizer;
    void *optimizer_data;
    fqp_status failed; /* what one of them answered, or is to be said of its numbers, unless FQP_OK */
    char problem[128]; /* the latter; told by fqpi_user_tell, since a step may run beside those of other trainers */

    fqpi_points points;
    fqpi_jet_plan *plan; /* of the derivatives */
    fqpi_jet *jet;       /* [kept + members] */
    int64_t kept;        /* tiles whose pass forward is kept for the way back; others share a jet per member */
    double *panel;       /* [members][panel_size] */
    size_t panel_size;
    void *slots; /* [FQPI_USER_SLOTS][stride] gradients of runs of tiles */
    void *block; /* all of this */
    size_t bytes;
} fqpi_user;

enum { FQPI_USER_TILE = 64, FQPI_USER_SLOTS = 8 };

/* user.c: the calls.  *n points of step `step` to the points' x and y: from the stream, or the batch of the data set;
 * step -1: the whole data set. */
fqp_status fqpi_user_draw(fqp_trainer *t, int64_t step, int64_t *n);
/* The objective at the n points, whose u are filled; adjoints to du. */
fqp_status fqpi_user_evaluate(fqp_trainer *t, int64_t n, double *loss);
/* Parameters by t->gradient: the user's optimiser, or the row of train.optimizer. */
fqp_status fqpi_user_update(fqp_trainer *t, const fqpi_update *u);

/* Report what ended training; its status.  On the thread of the context. */
fqp_status fqpi_user_tell(fqp_trainer *t);

/* The objective without what fqp_trainer_objective refuses, for losses of our own. */
fqp_status fqpi_user_objective(fqp_trainer *t, int order, fqp_objective_fn fn, void *user);

/* user_step.c: passes over the network at the points of a step.  Work is cut by size alone, so any number of threads
 * gives the same bits. */
fqp_status fqpi_user_place(fqp_trainer *t, int64_t most); /* room for `most` points, with the present order */

#endif
