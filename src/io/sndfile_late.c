/* sndfile_late.c - libsndfile among the libraries opened late. */
#include "sndfile_late.h"

fqpi_sndfile_table fqpi_sndfile;

static const fqpi_late_symbol symbol[] = {
#define X(f) {.name = "sf_" #f, .place = &fqpi_sndfile.f},
    FQPI_SNDFILE_FUNCTIONS(X)
#undef X
};

fqpi_late fqpi_sndfile_library = {.name = "libsndfile",
                                  .package = "libsndfile1-dev",
                                  .file = {FQP_SNDFILE_FILE},
                                  .symbol = symbol,
                                  .symbols = sizeof symbol / sizeof *symbol};
