/* look.c - what is due at a step. */
#include "objective/look.h"

static bool due(int64_t step, int64_t every) {
    return step > 0 && step % every == 0;
}

fqp_status fqpi_objective_look(fqp_objective *o, bool *changed) {
    int64_t step = o->step;
    if (step <= o->looked || !o->trainer)
        return FQP_OK;
    o->looked = step;
    fqp_status s = FQP_OK;
    if (o->rad && due(step, o->points.adaptive_every)) {
        s = fqpi_rad_look(o);
        *changed = true;
    }
    if (!s && o->opts.conditions == FQPI_CONDITIONS_AUGMENTED && due(step, o->opts.augmented_every)) {
        s = fqpi_multipliers_look(o);
        *changed = true;
    }
    if (!s && o->opts.balance && step % o->opts.balance_every == 0) { /* at the first step too */
        s = fqpi_balance_look(o);
        *changed = true;
    }
    return s;
}
