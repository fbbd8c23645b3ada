/* objective_step.c - what a trainer calls: points of a step, the loss with its derivatives, and its residuals. */
#include "mem.h"
#include "objective/hard.h"
#include "objective/look.h"

#include <string.h>

fqp_status fqpi_objective_points_of(void *user, int64_t step, fqp_group_batch *batch, bool *changed) {
    fqp_objective *o = user;
    fqp_status s = fqpi_objective_draw(o, step, changed);
    for (size_t g = 0; g < o->parts && !s; g++) {
        const fqpi_objective_part *p = &o->part[g];
        batch[g].n = p->n * p->points;
        memcpy(batch[g].x, p->x, (size_t)(batch[g].n * o->d) * sizeof *p->x);
    }
    return s || step < 0 ? s : fqpi_objective_weigh(o, changed);
}

/* The solution's u of a part from the network's, and where its derivatives go. */
static const double *solution(const fqp_objective *o, fqpi_objective_part *p, const fqp_group_batch *b, double **du) {
    *du = b->du;
    if (!p->hard)
        return b->u;
    fqpi_hard_apply(o, p->hard, b->u, p->u);
    memset(p->du, 0, (size_t)(p->n * p->points * o->m) * p->count * sizeof *p->du);
    *du = p->du;
    return p->u;
}

fqp_status fqpi_objective_step(void *user, int64_t step, const fqp_group_batch *batch, const double *numbers,
                               double *dnumbers, double *loss) {
    fqp_objective *o = user;
    *loss = 0;
    fqp_status s = FQP_OK;
    for (size_t g = 0; g < o->parts && !s; g++) {
        fqpi_objective_part *p = &o->part[g];
        double *du, part = 0;
        const double *u = solution(o, p, &batch[g], &du);
        s = p->rule->term(o, p, u, numbers, p->base * p->factor, du, dnumbers, &p->value, &part);
        if (p->hard && !s)
            fqpi_hard_pull(o, p->hard, 0, p->n * p->points, p->du, batch[g].du);
        *loss += part;
        if (step >= 0)
            p->seen = p->value;
    }
    return s;
}

/* Derivatives of the rows by the solution, zero; they are large and only least squares ask for them, so they are made
 * when they are asked for first. */
static double *rows_of_solution(const fqp_objective *o, fqpi_objective_part *p) {
    size_t size = (size_t)(p->tested * p->span * o->m) * p->count;
    if (!p->hard->rows)
        p->hard->rows = fqpi_alloc(o->ctx, size, sizeof *p->hard->rows);
    if (p->hard->rows)
        memset(p->hard->rows, 0, size * sizeof *p->hard->rows);
    return p->hard->rows;
}

/* Row i looks at neighbourhood i n / (span tested). */
static void pull_rows(const fqp_objective *o, const fqpi_objective_part *p, const double *wide, double *dr) {
    int64_t each = p->tested * p->span / (p->n * p->points);
    for (int64_t i = 0; i < p->tested; i++)
        fqpi_hard_pull(o, p->hard, i / each * p->span, p->span, wide + i * p->span * o->m * (int64_t)p->count,
                       dr + i * p->span * o->m * (int64_t)p->asked);
}

fqp_status fqpi_objective_rows(void *user, int64_t step, size_t g, const fqp_group_batch *batch, const double *numbers,
                               int64_t *rows, int64_t *span, double *r, double *dr, double *dnumbers) {
    (void)step;
    fqp_objective *o = user;
    fqpi_objective_part *p = &o->part[g];
    *rows = p->tested;
    *span = p->span;
    double weight = p->base * p->factor;
    if (!p->hard)
        return p->rule->squares(o, p, batch[g].u, numbers, weight, r, dr, dnumbers);
    fqpi_hard_apply(o, p->hard, batch[g].u, p->u);
    double *wide = rows_of_solution(o, p);
    if (!wide)
        return FQP_E_NOMEM;
    fqp_status s = p->rule->squares(o, p, p->u, numbers, weight, r, wide, dnumbers);
    if (!s)
        pull_rows(o, p, wide, dr);
    return s;
}
