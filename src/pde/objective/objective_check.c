/* objective_check.c - settings that do not go together, and problems that they do not fit. */
#include "conf.h"
#include "fail.h"
#include "mem.h"
#include "objective/objective_i.h"

#include <stdarg.h>
#include <stdio.h>

fqp_status fqpi_objective_refuse(fqp_ctx *ctx, const fqp_config *conf, const char *key, const char *fmt, ...) {
    char what[480];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return conf ? fqpi_config_fail(ctx, conf, key, FQP_E_CONFIG, "%s", what)
                : fqpi_fail(ctx, FQP_E_CONFIG, NULL, "%s: %s", key, what);
}

/* ---- settings against each other --------------------------------------------------------------------------------- */

typedef struct settings {
    const fqp_objective_opts *o;
    const fqp_objective_points *p;
} settings;

static bool ntk_of_an_energy(settings s) {
    return s.o->balance == FQPI_BALANCE_NTK && s.o->kind == FQPI_OBJECTIVE_RITZ;
}

static bool balance_and_multipliers(settings s) {
    return s.o->balance && s.o->conditions == FQPI_CONDITIONS_AUGMENTED;
}

static bool causal_without_residuals(settings s) {
    return s.o->causal_chunks && s.o->kind != FQPI_OBJECTIVE_PINN;
}

static bool adaptive_elements(settings s) {
    return s.p->adaptive && s.o->kind == FQPI_OBJECTIVE_WEAK;
}

static bool adaptive_energy(settings s) {
    return s.p->adaptive && s.o->kind == FQPI_OBJECTIVE_RITZ;
}

static bool small_pool(settings s) {
    return s.p->adaptive && s.p->adaptive_pool < s.p->interior;
}

static bool curriculum_of_an_energy(settings s) {
    return s.o->curriculum_steps && s.o->kind != FQPI_OBJECTIVE_PINN;
}

static bool few_nodes(settings s) {
    return s.o->kind == FQPI_OBJECTIVE_WEAK && s.o->quadrature < s.o->test_functions + 1;
}

/* What must not be, the key that is told, and why. */
static const struct conflict {
    bool (*is)(settings s);
    const char *key, *why;
} conflicts[] = {
    {ntk_of_an_energy, "objective.balance",
     "ntk weighs mean squares by their kernels, and the energy of objective.kind ritz is none; gradient_norm weighs "
     "any terms"},
    {balance_and_multipliers, "objective.balance",
     "not with objective.conditions augmented, whose multipliers belong to fixed weights"},
    {causal_without_residuals, "objective.causal_chunks",
     "causal weights are of residuals at points in time, so they need objective.kind pinn"},
    {adaptive_elements, "objective.points.adaptive",
     "not with objective.kind weak, whose points are those of its quadrature"},
    {adaptive_energy, "objective.points.adaptive",
     "not with objective.kind ritz, whose mean over uniform points is the energy"},
    {small_pool, "objective.points.adaptive_pool",
     "must be at least objective.points.interior, which is drawn from it"},
    {curriculum_of_an_energy, "objective.curriculum_steps",
     "the right side is taken from the residuals of the equations, so this needs objective.kind pinn"},
    {few_nodes, "objective.quadrature",
     "must be larger than objective.test_functions, or the last test functions are not seen"},
};

fqp_status fqpi_objective_check(fqp_ctx *ctx, const fqp_objective_opts *opts, const fqp_objective_points *points,
                                const fqp_config *conf) {
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < sizeof conflicts / sizeof *conflicts; i++)
        if (conflicts[i].is((settings){opts, points}))
            s = fqpi_objective_refuse(ctx, conf, conflicts[i].key, "%s", conflicts[i].why);
    return s;
}

/* ---- settings against the problem -------------------------------------------------------------------------------- */

static fqp_status fits_ritz(const fqp_objective *o, const fqp_config *conf) {
    if (o->opts.kind != FQPI_OBJECTIVE_RITZ || fqp_problem_energy(o->problem, NULL, NULL))
        return FQP_OK;
    return fqpi_objective_refuse(o->ctx, conf, "objective.kind",
                                 "ritz needs an energy that the solution minimises, and these equations have none that "
                                 "could be found; give problem.energy, or take pinn");
}

static fqp_status fits_weak(const fqp_objective *o, const fqp_config *conf) {
    size_t n = o->opts.elements.n;
    if (o->opts.kind != FQPI_OBJECTIVE_WEAK)
        return FQP_OK;
    if (!fqp_domain_is_box(fqp_problem_domain(o->problem)))
        return fqpi_objective_refuse(o->ctx, conf, "objective.kind",
                                     "weak needs a domain that is a box, which its elements fill");
    if (n == 0 || (n != 1 && n != (size_t)o->d))
        return fqpi_objective_refuse(o->ctx, conf, "objective.elements",
                                     "%zu numbers for %lld coordinates; give one, or one a coordinate", n,
                                     (long long)o->d);
    return FQP_OK;
}

static fqp_status fits_causal(const fqp_objective *o, const fqp_config *conf) {
    if (!o->opts.causal_chunks || o->time >= 0)
        return FQP_OK;
    return fqpi_objective_refuse(o->ctx, conf, "objective.causal_chunks",
                                 "causal weights need time, and no coordinate of the problem is called t");
}

fqp_status fqpi_objective_fits(const fqp_objective *o, const fqp_config *conf) {
    fqp_status a = fits_ritz(o, conf), b = fits_weak(o, conf), c = fits_causal(o, conf);
    return a ? a : b ? b : c;
}
