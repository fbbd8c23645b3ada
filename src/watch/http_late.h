/* http_late.h - libmicrohttpd, opened with the first live page (late.h).  Code that includes this calls its functions
 * by their names. */
#ifndef FQPI_HTTP_LATE_H
#define FQPI_HTTP_LATE_H

#include "late.h"

#include <microhttpd.h>

/* clang-format off */
#define FQPI_HTTP_FUNCTIONS(X) \
    X(add_response_header) X(create_response_from_buffer) X(create_response_from_callback) X(destroy_response) \
    X(lookup_connection_value) X(queue_response) X(resume_connection) X(start_daemon) X(stop_daemon) \
    X(suspend_connection)

typedef struct fqpi_http_table {
#define X(name) __typeof__(MHD_##name) *name;
    FQPI_HTTP_FUNCTIONS(X)
#undef X
} fqpi_http_table;

/* Filled by fqpi_late_open of the library. */
extern fqpi_http_table fqpi_http;
extern fqpi_late fqpi_http_library;

#define MHD_add_response_header (*fqpi_http.add_response_header)
#define MHD_create_response_from_buffer (*fqpi_http.create_response_from_buffer)
#define MHD_create_response_from_callback (*fqpi_http.create_response_from_callback)
#define MHD_destroy_response (*fqpi_http.destroy_response)
#define MHD_lookup_connection_value (*fqpi_http.lookup_connection_value)
#define MHD_queue_response (*fqpi_http.queue_response)
#define MHD_resume_connection (*fqpi_http.resume_connection)
#define MHD_start_daemon (*fqpi_http.start_daemon)
#define MHD_stop_daemon (*fqpi_http.stop_daemon)
#define MHD_suspend_connection (*fqpi_http.suspend_connection)
/* clang-format on */

#endif
