/* section.c - the keys of section "solve.grid". */
#include <fqp/relax.h>

#include <stddef.h>

#define KEY(word) .name = #word, .offset = offsetof(fqp_grid_opts, word)

static const fqp_key keys[] = {
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
    .keys = keys,
    .nkeys = sizeof keys / sizeof *keys,
    .size = sizeof(fqp_grid_opts)};
