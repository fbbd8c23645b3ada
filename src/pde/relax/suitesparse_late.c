/* suitesparse_late.c - CHOLMOD and UMFPACK among the libraries opened late. */
#include "relax/suitesparse_late.h"

fqpi_suitesparse_table fqpi_suitesparse;

static const fqpi_late_symbol cholmod[] = {
#define X(f) {.name = "cholmod_" #f, .place = &fqpi_suitesparse.cholmod_##f##_},
    FQPI_CHOLMOD_FUNCTIONS(X)
#undef X
};

static const fqpi_late_symbol umfpack[] = {
#define X(f) {.name = "umfpack_di_" #f, .place = &fqpi_suitesparse.umfpack_##f##_},
    FQPI_UMFPACK_FUNCTIONS(X)
#undef X
};

fqpi_late fqpi_cholmod_library = {.name = "CHOLMOD",
                                  .package = "libsuitesparse-dev",
                                  .file = {FQP_CHOLMOD_FILE},
                                  .symbol = cholmod,
                                  .symbols = sizeof cholmod / sizeof *cholmod};

fqpi_late fqpi_umfpack_library = {.name = "UMFPACK",
                                  .package = "libsuitesparse-dev",
                                  .file = {FQP_UMFPACK_FILE},
                                  .symbol = umfpack,
                                  .symbols = sizeof umfpack / sizeof *umfpack};
