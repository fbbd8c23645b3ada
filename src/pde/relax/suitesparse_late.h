/* suitesparse_late.h - CHOLMOD and UMFPACK, opened with the first large direct solution (late.h).  Code that includes
 * this calls their functions by their names. */
#ifndef FQPI_SUITESPARSE_LATE_H
#define FQPI_SUITESPARSE_LATE_H

#include "late.h"

#include <cholmod.h>
#include <umfpack.h>

/* clang-format off */
#define FQPI_CHOLMOD_FUNCTIONS(X) \
    X(start) X(finish) X(analyze) X(factorize) X(solve) X(free_factor) X(free_dense)
#define FQPI_UMFPACK_FUNCTIONS(X) X(symbolic) X(numeric) X(solve) X(free_symbolic) X(free_numeric)

typedef struct fqpi_suitesparse_table {
#define X(name) __typeof__(cholmod_##name) *cholmod_##name##_;
    FQPI_CHOLMOD_FUNCTIONS(X)
#undef X
#define X(name) __typeof__(umfpack_di_##name) *umfpack_##name##_;
    FQPI_UMFPACK_FUNCTIONS(X)
#undef X
} fqpi_suitesparse_table;

/* Filled by fqpi_late_open of the libraries. */
extern fqpi_suitesparse_table fqpi_suitesparse;
extern fqpi_late fqpi_cholmod_library, fqpi_umfpack_library;

#define cholmod_start (*fqpi_suitesparse.cholmod_start_)
#define cholmod_finish (*fqpi_suitesparse.cholmod_finish_)
#define cholmod_free_dense (*fqpi_suitesparse.cholmod_free_dense_)
#define cholmod_analyze (*fqpi_suitesparse.cholmod_analyze_)
#define cholmod_factorize (*fqpi_suitesparse.cholmod_factorize_)
#define cholmod_solve (*fqpi_suitesparse.cholmod_solve_)
#define cholmod_free_factor (*fqpi_suitesparse.cholmod_free_factor_)
#define umfpack_di_symbolic (*fqpi_suitesparse.umfpack_symbolic_)
#define umfpack_di_numeric (*fqpi_suitesparse.umfpack_numeric_)
#define umfpack_di_solve (*fqpi_suitesparse.umfpack_solve_)
#define umfpack_di_free_symbolic (*fqpi_suitesparse.umfpack_free_symbolic_)
#define umfpack_di_free_numeric (*fqpi_suitesparse.umfpack_free_numeric_)
/* clang-format on */

#endif
