/* user.h - what a user puts in the place of the objective, the data or the optimiser. */
#ifndef FQPI_USER_H
#define FQPI_USER_H

#include "group.h"
#include "optimizer.h"
#include <fqp/train.h>

/* The points of a step and what the network gives there, all f64; see fqp_batch. */
typedef struct fqpi_points {
    double *x, *y, *u, *u_x, *u_xx, *du, *du_x, *du_xx;
    double *loss;  /* of the points, without an objective */
    bool whole;    /* x and y are those of the data set */
    double *panel; /* [threads][panel_size] */
    size_t panel_size;
    void *block; /* all of this but what is the group's */
    size_t bytes;
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

    fqpi_groups groups; /* source NULL: a step is one of the data set's */
    fqpi_points points; /* of objective, stream or data set, the only group then */
} fqpi_user;

/* Parameters by t->gradient: the user's optimiser, or the row of train.optimizer. */
fqp_status fqpi_user_update(fqp_trainer *t, const fqpi_update *u);

/* Report what ended training; its status.  On the thread of the context. */
fqp_status fqpi_user_tell(fqp_trainer *t);

/* The first number that is not finite is named at once, not when it has spread to the parameters. */
fqp_status fqpi_user_finite(fqp_trainer *t, const char *what, int64_t n, int64_t columns, const double *v);

/* The objective without what fqp_trainer_objective refuses, for losses of our own. */
fqp_status fqpi_user_objective(fqp_trainer *t, int order, fqp_objective_fn fn, void *user);

/* user_points.c: the group of the present objective and stream in the place of t's groups. */
fqp_status fqpi_user_open(fqp_trainer *t);
void fqpi_user_close(fqpi_points *p);

/* Refusals that objective, stream, optimiser and groups share; `what` begins the message. */
fqp_status fqpi_user_check_steps(const fqp_trainer *t, const char *what);
fqp_status fqpi_user_check_start(const fqp_trainer *t, const char *what);
fqp_status fqpi_user_check_accuracy(const fqp_trainer *t, const char *what);

#endif
