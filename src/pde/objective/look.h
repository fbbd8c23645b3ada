/* look.h - what follows the training: weights, multipliers, points by residual.  Each is due at its own steps and looks
 * at the present parameters, so that a resumed run sees the same. */
#ifndef FQPI_LOOK_H
#define FQPI_LOOK_H

#include "objective/objective_i.h"

/* Points and multipliers that are due at the present step, when its other points are drawn; then weights, when the
 * trainer has all points.  *changed: the objective is another from now on. */
fqp_status fqpi_objective_look(fqp_objective *o, bool *changed);
fqp_status fqpi_objective_weigh(fqp_objective *o, bool *changed);

/* balance.c: factors of the parts. */
fqp_status fqpi_balance_look(fqp_objective *o);
/* multipliers.c: shifts of the conditions' residuals. */
fqp_status fqpi_multipliers_look(fqp_objective *o);

/* rad.c: points inside by the residual (Wu, Zhu, Tan, Kartha & Lu 2207.10289). */
typedef struct fqpi_rad {
    int64_t candidates, places;
    double *x, *normal, *u, *r; /* of the candidates */
    double *key;                /* [candidates] */
    int64_t *order;             /* [candidates] */
    bool made;                  /* the points inside are by residual */
    void *block;
} fqpi_rad;

fqp_status fqpi_rad_create(fqp_objective *o);
void fqpi_rad_free(fqp_objective *o);
fqp_status fqpi_rad_look(fqp_objective *o);
/* The n smallest of -log(uniform) / weight: n of the candidates without repetition, each next one by weight among those
 * left (Efraimidis & Spirakis 2006).  order [candidates] is room; its first n are the answer, rising. */
void fqpi_rad_choose(uint64_t seed, uint64_t draw, int64_t candidates, const double *weight, int64_t n, double *key,
                     int64_t *order);

#endif
