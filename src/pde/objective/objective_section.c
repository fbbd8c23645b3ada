/* objective_section.c - the keys of sections "objective" and "objective.points". */
#include "objective/objective_i.h"

#include <math.h>

typedef struct choice {
    const char *name, *doc;
} choice;

static const char *pick(const choice *table, size_t n, size_t i, const char **doc) {
    if (i >= n)
        return NULL;
    if (doc)
        *doc = table[i].doc;
    return table[i].name;
}

#define PICK(table, i, doc) pick(table, sizeof table / sizeof *(table), i, doc)

const char *fqp_objective_kind_name(size_t i, const char **doc) {
    static const choice table[] = {
        [FQPI_OBJECTIVE_PINN] = {"pinn", "mean squares of the equations' residuals and of the conditions"},
        [FQPI_OBJECTIVE_RITZ] = {"ritz", "the energy that the solution minimises, and mean squares of the conditions"},
        [FQPI_OBJECTIVE_WEAK] = {"weak", "squares of the equations tested with polynomials on a box of elements"}};
    return PICK(table, i, doc);
}

const char *fqp_conditions_name(size_t i, const char **doc) {
    static const choice table[] = {
        [FQPI_CONDITIONS_PENALTY] = {"penalty", "mean squares with fixed weights"},
        [FQPI_CONDITIONS_AUGMENTED] = {"augmented", "mean squares and multipliers at fixed points"},
        [FQPI_CONDITIONS_HARD] = {"hard", "values on the border and at the first time are built into the solution"}};
    return PICK(table, i, doc);
}

const char *fqp_balance_name(size_t i, const char **doc) {
    static const choice table[] = {
        [FQPI_BALANCE_NONE] = {"none", "weights as they are given"},
        [FQPI_BALANCE_NTK] = {"ntk", "weights from the traces of the tangent kernel's blocks"},
        [FQPI_BALANCE_GRADIENT_NORM] = {"gradient_norm", "weights that make the terms' gradients equally long"},
        [FQPI_BALANCE_RELOBRALO] = {"relobralo", "weights from how fast the terms fall, with random looks back"}};
    return PICK(table, i, doc);
}

static const char *points_kind(size_t i, const char **doc) {
    static const choice table[] = {[FQP_POINTS_RANDOM] = {"random", "uniform and independent"},
                                   [FQP_POINTS_SOBOL] = {"sobol", "Sobol's sequence, scrambled"},
                                   [FQP_POINTS_GRID] = {"grid", "a regular lattice"}};
    return PICK(table, i, doc);
}

static const char *adaptive_kind(size_t i, const char **doc) {
    static const choice table[] = {
        [FQPI_ADAPTIVE_NONE] = {"none", "inside, points are uniform"},
        [FQPI_ADAPTIVE_RAD] = {"rad", "inside, points are dense where the residual is large"}};
    return PICK(table, i, doc);
}

#define KEY(word) .name = #word, .offset = offsetof(fqp_objective_opts, word)
#define WEIGHT .type = FQP_KEY_REAL, .min = 0, .max = 1e12

static const fqp_key objective_keys[] = {
    {KEY(kind), .type = FQP_KEY_CHOICE, .deflt = "pinn", .choices = fqp_objective_kind_name,
     .help = "What a network minimises to solve the problem."},
    {KEY(conditions), .type = FQP_KEY_CHOICE, .deflt = "penalty", .choices = fqp_conditions_name,
     .help = "How boundary and initial conditions are kept."},
    {KEY(equation_weight), WEIGHT, .deflt = "1",
     .help = "Factor of the equations' mean squares; the energy of ritz has the factor 1."},
    {KEY(boundary_weight), WEIGHT, .deflt = "1", .help = "Factor of every boundary and periodic condition."},
    {KEY(initial_weight), WEIGHT, .deflt = "1", .help = "Factor of every initial condition."},
    {KEY(data_weight), WEIGHT, .deflt = "1", .help = "Factor of the measured points."},
    {KEY(augmented_every), .type = FQP_KEY_INT, .deflt = "100", .min = 1, .max = 1e12,
     .help = "Conditions augmented: steps between two updates of the multipliers [steps]."},
    {KEY(balance), .type = FQP_KEY_CHOICE, .deflt = "none", .choices = fqp_balance_name,
     .help = "Factors that follow the training, on top of the weights given."},
    {KEY(balance_every), .type = FQP_KEY_INT, .deflt = "1000", .min = 1, .max = 1e12,
     .help = "Steps between two looks at the balance [steps]; relobralo was published with 1."},
    {KEY(balance_momentum), .type = FQP_KEY_REAL, .deflt = "0.9", .min = 0, .max = 1, .open_max = true,
     .help = "Part of the last factors that is kept at a look; relobralo was published with 0.999."},
    {KEY(balance_temperature), .type = FQP_KEY_REAL, .deflt = "0.1", .min = 0, .max = 1e6, .open_min = true,
     .help = "Relobralo: temperature of the softmax over the terms' ratios."},
    {KEY(balance_lookback), .type = FQP_KEY_REAL, .deflt = "0.999", .min = 0, .max = 1,
     .help = "Relobralo: probability to go on from the last factors and not from those against the first losses."},
    {KEY(causal_chunks), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 10000,
     .help = "Parts of the time, each weighted down until those before it are solved; 0: no causal weights."},
    {KEY(causal_tolerance), .type = FQP_KEY_REAL, .deflt = "1", .min = 0, .max = 1e9,
     .help = "Causal weights: eps of exp(-eps times the sum of the earlier parts' mean squares)."},
    {KEY(curriculum_steps), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e12,
     .help = "Steps over which the right side's frequencies are let in, low ones first [steps]; 0: all at once."},
    {KEY(test_functions), .type = FQP_KEY_INT, .deflt = "5", .min = 1, .max = 60,
     .help = "Kind weak: test functions of an element along every axis."},
    {KEY(elements), .type = FQP_KEY_INTS, .deflt = "[4]", .min = 1, .max = 10000,
     .help = "Kind weak: elements along every coordinate; one number: along each."},
    {KEY(quadrature), .type = FQP_KEY_INT, .deflt = "10", .min = 2, .max = 100,
     .help = "Kind weak: Gauss-Legendre points of an element along every axis."},
    {KEY(residual_scale), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1e300,
     .help = "Number that the equations' residuals are divided by; 0: 1."},
};

/* Found while a configuration is read; the same is asked of every objective that is made. */
static fqp_status check(fqp_ctx *ctx, const void *opts, const struct fqp_config *config, bool clean) {
    return clean ? fqpi_objective_check(ctx, opts, fqp_config_section(config, "objective.points"), config) : FQP_OK;
}

const fqp_section fqp_objective_section = {"objective",
                                           "What a network minimises to solve a differential equation.",
                                           objective_keys,
                                           sizeof objective_keys / sizeof *objective_keys,
                                           sizeof(fqp_objective_opts),
                                           check};

#undef KEY
#define KEY(word) .name = #word, .offset = offsetof(fqp_objective_points, word)
#define PLACES .type = FQP_KEY_INT, .min = 0, .max = 1e9

static const fqp_key points_keys[] = {
    {KEY(kind), .type = FQP_KEY_CHOICE, .deflt = "random", .choices = points_kind, .help = "How points are laid."},
    {KEY(interior), .type = FQP_KEY_INT, .deflt = "1000", .min = 1, .max = 1e9, .help = "Points inside, of a step."},
    {KEY(boundary), .type = FQP_KEY_INT, .deflt = "100", .min = 1, .max = 1e9,
     .help = "Points on the border, of a step, shared by all boundary and periodic conditions by their measure."},
    {KEY(initial), .type = FQP_KEY_INT, .deflt = "100", .min = 1, .max = 1e9,
     .help = "Points of every initial condition, of a step."},
    {KEY(data), PLACES, .deflt = "0", .help = "Measured points of a step; 0: all."},
    {KEY(every), PLACES, .deflt = "1",
     .help = "Steps between two draws [steps]; 0: the same points for good; lbfgs keeps those it begins with."},
    {KEY(adaptive), .type = FQP_KEY_CHOICE, .deflt = "none", .choices = adaptive_kind,
     .help = "Whether points inside follow the residual."},
    {KEY(adaptive_every), .type = FQP_KEY_INT, .deflt = "1000", .min = 1, .max = 1e12,
     .help = "Adaptive points: steps between two looks at the residual [steps]."},
    {KEY(adaptive_power), .type = FQP_KEY_REAL, .deflt = "1", .min = 0, .max = 100,
     .help = "Adaptive points: k of the density |r|^k / mean |r|^k + c."},
    {KEY(adaptive_even), .type = FQP_KEY_REAL, .deflt = "1", .min = 0, .max = 1e9,
     .help = "Adaptive points: c of the density |r|^k / mean |r|^k + c."},
    {KEY(adaptive_pool), .type = FQP_KEY_INT, .deflt = "10000", .min = 1, .max = 1e9,
     .help = "Adaptive points: candidates that they are drawn from."},
};

const fqp_section fqp_objective_points_section = {"objective.points",
                                                  "Where the residuals of a differential equation are looked at.",
                                                  points_keys,
                                                  sizeof points_keys / sizeof *points_keys,
                                                  sizeof(fqp_objective_points),
                                                  NULL};
