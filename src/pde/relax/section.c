/* section.c - the keys of sections "solve.grid" and "solve.correct". */
#include <fqp/relax.h>

#include <stddef.h>

#define KEY(word) .name = #word, .offset = offsetof(fqp_grid_opts, word)

static const fqp_key grid_keys[] = {
    {KEY(cells), .type = FQP_KEY_INTS, .deflt = "[]", .min = 2, .max = 1e9,
     .help =
         "Intervals of the difference grid along every coordinate, one number: along each; empty: those between the "
         "nodes of problem.grid."},
    {KEY(damping), .type = FQP_KEY_REAL, .deflt = "2/3", .min = 0, .max = 2, .open_min = true, .open_max = true,
     .help = "Factor of damped Jacobi sweeps, multigrid's included."},
    {KEY(over), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 2, .open_max = true,
     .help = "Factor of successive over-relaxation; 0: the best one for Poisson's equation."},
    {KEY(before), .type = FQP_KEY_INT, .deflt = "2", .min = 0, .max = 1000,
     .help = "Smoothing sweeps of a multigrid cycle on its way down [sweeps]."},
    {KEY(after), .type = FQP_KEY_INT, .deflt = "2", .min = 0, .max = 1000,
     .help = "Smoothing sweeps of a multigrid cycle on its way up [sweeps]."},
    {KEY(coarsest), .type = FQP_KEY_INT, .deflt = "2", .min = 2, .max = 1e6,
     .help = "Intervals along an axis below which a multigrid cycle does not go: there it solves directly."},
};

const fqp_section fqp_grid_section = {
    .name = "solve.grid",
    .help = "Difference equations of a problem on a regular grid, and the methods that relax them.",
    .keys = grid_keys,
    .nkeys = sizeof grid_keys / sizeof *grid_keys,
    .size = sizeof(fqp_grid_opts)};

#undef KEY
#define KEY(word) .name = #word, .offset = offsetof(fqp_correct_opts, word)

static const fqp_key correct_keys[] = {
    {KEY(cells), .type = FQP_KEY_INT, .deflt = "32", .min = 2, .max = 4096,
     .help = "Intervals along an axis, at most, of the multigrid level whose residual the corrector sees."},
    {KEY(hidden), .type = FQP_KEY_INTS, .deflt = "[200]", .min = 1, .max = 1e5,
     .help = "Widths of the corrector's hidden layers; empty: a linear map."},
    {KEY(samples), .type = FQP_KEY_INT, .deflt = "4000", .min = 2, .max = 1e7,
     .help = "Random right sides that the corrector learns from."},
    {KEY(steps), .type = FQP_KEY_INT, .deflt = "6000", .min = 1, .max = 1e9,
     .help = "Adam steps of the corrector's training [steps]."},
    {KEY(batch), .type = FQP_KEY_INT, .deflt = "100", .min = 0, .max = 1e9,
     .help = "Right sides per step of the corrector's training; 0: all."},
    {KEY(lr), .type = FQP_KEY_REAL, .deflt = "1e-3", .min = 0, .max = 10, .open_min = true,
     .help = "Learning rate of the corrector's training at its start; it falls to 0 by a cosine."},
    {KEY(search), .type = FQP_KEY_BOOL, .deflt = "true",
     .help = "Follow a correction as far as the energy falls (unsymmetric equations: the residual), so that it never "
             "does harm; false: just once, as HINTS."},
    {KEY(shuffled), .type = FQP_KEY_BOOL, .deflt = "false",
     .help = "Train the corrector on corrections of other right sides, which cannot work: a control."},
};

const fqp_section fqp_correct_section = {
    .name = "solve.correct",
    .help = "The network of phase correct, trained once on random right sides of the same operator.",
    .keys = correct_keys,
    .nkeys = sizeof correct_keys / sizeof *correct_keys,
    .size = sizeof(fqp_correct_opts)};
