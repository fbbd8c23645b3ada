/* section.c - the keys of section "problem", and its check while a configuration is read. */
#include "problem_i.h"

#include <stddef.h>
#include <string.h>

#define KEY(word) .name = #word, .offset = offsetof(fqp_problem_opts, word)

static const fqp_key KEYS[] = {
    {KEY(name), .type = FQP_KEY_TEXT, .deflt = "", .help = "Name for titles; empty: the equation."},
    {KEY(coordinates), .type = FQP_KEY_TEXTS, .deflt = "[x]",
     .help = "Names of the coordinates, space first; one called t is time and stands last."},
    {KEY(unknowns), .type = FQP_KEY_TEXTS, .deflt = "[u]", .help = "Names of the unknowns, at most 4."},
    {KEY(domain), .type = FQP_KEY_TEXT, .deflt = "",
     .help = "Shape of space: interval(0, 1), box(-1, 1, -1, 1) - disk(0.5, 0.5, 0.2), lshape(-1, 1), ..."},
    {KEY(time), .type = FQP_KEY_REALS, .deflt = "[]", .help = "From and to, where there is a coordinate t."},
    {KEY(define), .type = FQP_KEY_TEXTS, .deflt = "[]",
     .help = "Names for what follows, in order: \"f = sin(pi*x)\"; f_x is the derivative of a defined f."},
    {.name = "operator",
     .offset = offsetof(fqp_problem_opts, operator_),
     .type = FQP_KEY_TEXT,
     .deflt = "",
     .help = "Equation by name with its numbers, \"heat(0.01)\"; its right side is the defined f, or 0."},
    {KEY(equations), .type = FQP_KEY_TEXTS, .deflt = "[]",
     .help = "Equations of u, u_x, u_xx, lap(u), div(a, u), ...: \"-lap(u) = f\", or one side that is to be 0."},
    {KEY(conditions), .type = FQP_KEY_TEXTS, .deflt = "[]",
     .help = "\"u = 0 on boundary\", \"u_n + 2*u = 1 on x > 0.99\", \"u_t = 0 at t = 0\", \"u periodic in x\"."},
    {KEY(find), .type = FQP_KEY_TEXTS, .deflt = "[]",
     .help = "Numbers of the equations that are to be found, with their start: \"k = 0.5\"."},
    {KEY(exact), .type = FQP_KEY_TEXTS, .deflt = "[]",
     .help = "Exact solution: \"u = sin(pi*x)\" for every unknown, or the expression of a single one."},
    {KEY(reference), .type = FQP_KEY_TEXT, .deflt = "",
     .help = "What errors are measured against without an exact solution: direct, spectral, or a file of points and "
             "values."},
    {KEY(energy), .type = FQP_KEY_TEXT, .deflt = "",
     .help = "Integrand whose integral the solution minimises; empty: that of -div(a grad u) + c u = f, where the "
             "equation is one."},
    {KEY(data), .type = FQP_KEY_TEXT, .deflt = "",
     .help = "File of measured points: columns are the coordinates, then the unknowns; nan: not measured."},
    {KEY(data_noise), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1e6,
     .help = "Standard deviation of Gaussian noise added to measured values, in units of their root mean square."},
    {KEY(data_count), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e7,
     .help = "So many random points of the exact solution are the measured ones."},
    {KEY(grid), .type = FQP_KEY_INTS, .deflt = "[]", .min = 2, .max = 1e6,
     .help = "Nodes along every coordinate where the solution is looked at, one number: along each; empty: 257 to 17, "
             "by the number of coordinates."},
};

bool fqp_problem_given(const fqp_problem_opts *o) {
    return o->equations.n > 0 || (o->operator_ && *o->operator_);
}

/* What was said about a problem without an equation would be ignored.  A resolved configuration says nothing, in so
 * many words. */
static fqp_status check_nothing(fqp_ctx *ctx, const fqp_problem_opts *o, const fqp_config *config) {
    const struct {
        const char *key;
        bool said;
    } row[] = {{"problem.domain", o->domain && *o->domain},
               {"problem.conditions", o->conditions.n > 0},
               {"problem.exact", o->exact.n > 0}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (row[i].said)
            return fqpi_config_fail(ctx, config, row[i].key, FQP_E_CONFIG,
                                    "there is no equation; set problem.equations or problem.operator");
    return FQP_OK;
}

/* The texts lean on keys of this section alone: mistakes elsewhere hide none of theirs. */
static bool readable(const fqp_ctx *ctx) {
    for (size_t i = 0; i < fqp_ctx_problem_count(ctx); i++)
        if (strstr(fqp_ctx_problem(ctx, i).message, "problem."))
            return false;
    return true;
}

static fqp_status check(fqp_ctx *ctx, const void *opts, const fqp_config *config, bool clean) {
    fqp_pde *p = NULL;
    if (!clean && !readable(ctx))
        return FQP_OK;
    if (!fqp_problem_given(opts))
        return clean ? check_nothing(ctx, opts, config) : FQP_OK;
    fqp_status status = fqpi_pde_create(ctx, opts, config, true, &p);
    fqp_problem_destroy(p);
    return status;
}

const fqp_section fqp_problem_section = {
    .name = "problem",
    .help = "A differential equation with its domain and conditions; without equations there is none.",
    .keys = KEYS,
    .nkeys = sizeof KEYS / sizeof *KEYS,
    .size = sizeof(fqp_problem_opts),
    .check = check,
};
