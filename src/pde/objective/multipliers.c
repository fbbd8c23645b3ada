/* multipliers.c - augmented Lagrangian: every residual of a condition has a multiplier, which grows by 2 weight r
 * (Hestenes 1969; for networks Lu et al. 2102.04626, Son, Cho & Hwang 2110.00168).  Kept as shift = multiplier / (2
 * weight), which grows by r. */
#include "mem.h"
#include "objective/hard.h"
#include "objective/look.h"
#include "trainer.h"

static fqp_status update(fqp_objective *o, fqpi_objective_part *p, double *u, const double *numbers) {
    fqp_status s = fqpi_objective_derivatives(o, o->trainer->net, p->n * p->points, p->x, p->count, p->which, u);
    s = s ? s : fqpi_objective_residual(o, p, u, numbers);
    for (int64_t i = 0; i < p->n * p->rows && !s; i++)
        p->shift[i] += p->scale * p->r[i];
    return s;
}

fqp_status fqpi_multipliers_look(fqp_objective *o) {
    fqp_status s = FQP_OK;
    for (size_t g = 0; g < o->parts && !s; g++) {
        fqpi_objective_part *p = &o->part[g];
        if (!p->shift)
            continue;
        size_t values = (size_t)(p->n * p->points * o->m) * p->count;
        double *u = fqpi_alloc(o->ctx, values + o->numbers, sizeof *u);
        if (!u)
            return FQP_E_NOMEM;
        fqpi_objective_numbers(o, o->trainer->net, u + values);
        s = update(o, p, u, u + values);
        fqpi_free(u);
    }
    return s;
}
