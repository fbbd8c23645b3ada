/* balance.c - factors of the terms that follow the training.
 *
 *   ntk            l_i = sum_j tr_j / tr_i, tr mean squared norm of the residuals' gradients: the diagonal of the
 * tangent kernel (Wang, Yu & Perdikaris 2007.14527) gradient_norm  l_i = sum_j |grad L_j| / |grad L_i| (Wang, Sankaran,
 * Wang & Perdikaris 2308.08468) both: factor <- momentum factor + (1 - momentum) l relobralo      l(s) = terms
 * softmax(L_i / (T L_i(s))) against the terms at the first look or at the last one, factor <- a (rho factor + (1 - rho)
 * l(first)) + (1 - a) l(last), rho drawn 0 or 1 (Bischof & Kraus 2110.09813)
 *
 * L are the terms without weights.  A term of gradient 0 keeps its factor: nothing could be moved by it. */
#include "mem.h"
#include "objective/look.h"
#include "rng.h"
#include "trainer.h"

#include <math.h>

static const double NEGLIGIBLE = 1e-14; /* of the sum */

/* The sum over the others and itself, over itself. */
static void share_out(fqp_objective *o, const double *size) {
    double sum = 0, keep = o->opts.balance_momentum;
    for (size_t g = 0; g < o->parts; g++)
        sum += size[g];
    for (size_t g = 0; g < o->parts; g++)
        if (size[g] > NEGLIGIBLE * sum)
            o->part[g].factor = keep * o->part[g].factor + (1 - keep) * sum / size[g];
}

/* Rows are residuals times the root of weight / n. */
static fqp_status by_kernel(fqp_objective *o, double *size) {
    fqp_status s = fqp_trainer_group_traces(o->trainer, 1, size);
    for (size_t g = 0; g < o->parts && !s; g++) {
        const fqpi_objective_part *p = &o->part[g];
        double weight = p->base * p->factor;
        size[g] = weight > 0 ? size[g] * (double)p->averaged / weight : 0;
    }
    if (!s)
        share_out(o, size);
    return s;
}

static fqp_status by_gradient(fqp_objective *o, double *size) {
    fqp_status s = fqp_trainer_group_norms(o->trainer, size);
    for (size_t g = 0; g < o->parts && !s; g++) {
        double weight = o->part[g].base * o->part[g].factor;
        size[g] = weight > 0 ? size[g] / weight : 0;
    }
    if (!s)
        share_out(o, size);
    return s;
}

/* terms * softmax of the ratios of the present terms to earlier ones. */
static void softmax(const fqp_objective *o, const double *earlier, double *l) {
    double most = -INFINITY, sum = 0;
    for (size_t g = 0; g < o->parts; g++) {
        l[g] = o->part[g].seen / (o->opts.balance_temperature * fmax(earlier[g], 1e-300));
        most = fmax(most, l[g]);
    }
    for (size_t g = 0; g < o->parts; g++)
        sum += l[g] = exp(l[g] - most);
    for (size_t g = 0; g < o->parts; g++)
        l[g] *= (double)o->parts / sum;
}

static fqp_status by_loss(fqp_objective *o, double *size) {
    double *first = size + o->parts, keep = o->opts.balance_momentum;
    if (o->step == 0)
        return FQP_OK;
    bool begun = o->first[0] >= 0,
         on = fqpi_rng_uniform(o->seed, FQPI_STREAM_OBJECTIVE + 2, (uint64_t)o->step) < o->opts.balance_lookback;
    if (begun) {
        softmax(o, o->last, size);
        softmax(o, o->first, first);
    }
    for (size_t g = 0; g < o->parts; g++) {
        fqpi_objective_part *p = &o->part[g];
        if (begun)
            p->factor = keep * (on ? p->factor : first[g]) + (1 - keep) * size[g];
        else
            o->first[g] = p->seen;
        o->last[g] = p->seen;
    }
    return FQP_OK;
}

fqp_status fqpi_balance_look(fqp_objective *o) {
    static fqp_status (*const by[])(fqp_objective *, double *) = {
        [FQPI_BALANCE_NTK] = by_kernel, [FQPI_BALANCE_GRADIENT_NORM] = by_gradient, [FQPI_BALANCE_RELOBRALO] = by_loss};
    return by[o->opts.balance](o, o->size);
}
