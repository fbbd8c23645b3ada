/* solution_i.h - what the files of solution.h share. */
#ifndef FQPI_SOLUTION_I_H
#define FQPI_SOLUTION_I_H

#include "solution.h"

/* problem.json and, where nodes are missing from their grid, place.npy [n]: each node's place in the array `shape`, in
 * C order. */
fqp_status fqpi_solution_describe(const fqpi_solution_setup *by, double scale);

#endif
