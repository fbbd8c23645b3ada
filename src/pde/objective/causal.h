/* causal.h - weights that let an equation be solved in the order of time. */
#ifndef FQPI_CAUSAL_H
#define FQPI_CAUSAL_H

#include "objective/objective_i.h"

/* p->even from the residuals p->r, at the first evaluation of a step; nothing where there are no causal weights. */
void fqpi_causal_weigh(fqp_objective *o, fqpi_objective_part *p);

#endif
