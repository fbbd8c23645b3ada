/* group_weights.c - what weights of the parts of a loss are made of: norms of the groups' gradients (Wang, Teng &
 * Perdikaris 2001.04536) and traces of the tangent kernels of their residuals (Wang, Yu & Perdikaris 2007.14527). */
#include "fail.h"
#include "group_rows.h"
#include "slopes.h"

#include <math.h>

static bool drawn(const fqpi_groups *q) {
    for (size_t i = 0; i < q->count; i++)
        if (q->batch[i].n > 0)
            return true;
    return false;
}

/* Points, outputs and adjoints of all groups.  Inside a call of draw nothing is told: that may run on any thread. */
static fqp_status look(fqp_trainer *t) {
    fqpi_groups *q = &t->parts.groups;
    double loss;
    t->known = false; /* its gradient is written over */
    if (!q->drawing) {
        fqpi_slopes_refresh(t, 0, 1);
        if (!drawn(q) && fqpi_groups_draw(t, -1))
            return t->parts.failed;
    }
    fqpi_groups_cut(q);
    return fqpi_groups_forward(t, t->now.step, &loss);
}

static fqp_status answer(fqp_trainer *t, fqp_status s) {
    t->parts.failed = s;
    return t->parts.groups.drawing ? s : fqpi_user_tell(t);
}

static double length(const fqp_trainer *t) {
    const fqpi_kernel *k = t->net->k;
    const int64_t n = t->net->parameters - t->net->numbers;
    return sqrt(k->dot(n, t->gradient, t->gradient));
}

fqp_status fqp_trainer_group_norms(fqp_trainer *t, double *norm) {
    if (!t || !norm || t->parts.groups.source != &fqpi_source_groups)
        return FQP_E_ARG;
    const fqp_status s = look(t);
    for (size_t i = 0; i < t->parts.groups.count && !s; i++) {
        norm[i] = 0;
        if (t->parts.groups.batch[i].n == 0)
            continue;
        fqpi_groups_backward(t, (int64_t)i);
        fqpi_slopes_whole(t, false);
        norm[i] = length(t);
    }
    return answer(t, s);
}

fqp_status fqp_trainer_group_traces(fqp_trainer *t, int64_t stride, double *trace) {
    if (!t || !trace || stride < 1 || t->parts.groups.source != &fqpi_source_groups)
        return FQP_E_ARG;
    fqpi_groups *q = &t->parts.groups;
    if (!q->given.residuals)
        return fqpi_fail(t->ctx, FQP_E_ARG, NULL, "groups: traces are those of residuals, and this loss gives none");
    fqp_status s = q->rows ? FQP_OK : fqpi_group_rows_create(t, q, &q->rows);
    s = s ? s : look(t);
    return answer(t, s ? s : fqpi_group_rows_traces(q->rows, stride, trace));
}
