/* look.c - what is due at a step. */
#include "objective/look.h"

static bool due(int64_t step, int64_t every) {
    return step > 0 && step % every == 0;
}

fqp_status fqpi_objective_look(fqp_objective *o, bool *changed) {
    int64_t step = o->step;
    bool adapt = o->rad && due(step, o->points.adaptive_every);
    bool multiply = o->opts.conditions == FQPI_CONDITIONS_AUGMENTED && due(step, o->opts.augmented_every);
    if (step <= o->looked || !o->trainer)
        return FQP_OK;
    o->weighed = o->weighed && !adapt;
    fqp_status s = adapt ? fqpi_rad_look(o) : FQP_OK;
    s = s || !multiply ? s : fqpi_multipliers_look(o);
    *changed = *changed || adapt || multiply;
    return s;
}

fqp_status fqpi_objective_weigh(fqp_objective *o, bool *changed) {
    int64_t step = o->step;
    if (step <= o->looked || !o->trainer)
        return FQP_OK;
    o->looked = step;
    if (!o->opts.balance || step % o->opts.balance_every != 0) /* at the first step too */
        return FQP_OK;
    *changed = true;
    return fqpi_balance_look(o);
}
