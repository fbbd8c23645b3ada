/* zip_late.c - libzip among the libraries opened late. */
#include "zip_late.h"

fqpi_zip_table fqpi_zip;

static const fqpi_late_symbol symbol[] = {
#define X(f) {.name = "zip_" #f, .place = &fqpi_zip.f},
    FQPI_ZIP_FUNCTIONS(X)
#undef X
};

fqpi_late fqpi_zip_library = {.name = "libzip",
                              .package = "libzip-dev",
                              .file = {FQP_ZIP_FILE},
                              .symbol = symbol,
                              .symbols = sizeof symbol / sizeof *symbol};
