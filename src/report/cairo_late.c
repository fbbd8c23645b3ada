/* cairo_late.c - cairo among the libraries opened late. */
#include "cairo_late.h"

fqpi_cairo_table fqpi_cairo;

static const fqpi_late_symbol symbol[] = {
#define X(f) {.name = "cairo_" #f, .place = &fqpi_cairo.f},
    FQPI_CAIRO_FUNCTIONS(X)
#undef X
};

fqpi_late fqpi_cairo_library = {.name = "cairo",
                                .package = "libcairo2",
                                .file = {FQP_CAIRO_FILE},
                                .symbol = symbol,
                                .symbols = sizeof symbol / sizeof *symbol};
