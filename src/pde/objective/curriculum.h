/* curriculum.h - the right side let in by frequency, low ones first. */
#ifndef FQPI_CURRICULUM_H
#define FQPI_CURRICULUM_H

#include "objective/objective_i.h"

/* A linear equation A u = f on a box; f is read off its residual at u = 0.  Reports what does not fit. */
fqp_status fqpi_curriculum_create(fqp_objective *o, const fqp_config *conf);
void fqpi_curriculum_free(fqp_objective *o);
/* What belongs to the present step; *changed: it is another than that of the last one. */
fqp_status fqpi_curriculum_advance(fqp_objective *o, bool *changed);
/* p->missing at new points of a part. */
fqp_status fqpi_curriculum_points(fqp_objective *o, fqpi_objective_part *p);

#endif
