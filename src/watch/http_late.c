/* http_late.c - libmicrohttpd among the libraries opened late. */
#include "http_late.h"

fqpi_http_table fqpi_http;

static const fqpi_late_symbol symbol[] = {
#define X(f) {.name = "MHD_" #f, .place = &fqpi_http.f},
    FQPI_HTTP_FUNCTIONS(X)
#undef X
};

fqpi_late fqpi_http_library = {.name = "libmicrohttpd",
                               .package = "libmicrohttpd-dev",
                               .file = {FQP_MICROHTTPD_FILE},
                               .symbol = symbol,
                               .symbols = sizeof symbol / sizeof *symbol};
