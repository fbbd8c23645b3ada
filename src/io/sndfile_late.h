/* sndfile_late.h - libsndfile, opened with the first sound: it brings a codec per format with it (late.h).  Code that
 * includes this calls its functions by their names. */
#ifndef FQPI_SNDFILE_LATE_H
#define FQPI_SNDFILE_LATE_H

#include "late.h"

#include <sndfile.h>

/* clang-format off */
#define FQPI_SNDFILE_FUNCTIONS(X) \
    X(close) X(error) X(format_check) X(open_virtual) X(readf_double) X(strerror) X(writef_double) X(writef_int)

typedef struct fqpi_sndfile_table {
#define X(name) __typeof__(sf_##name) *name;
    FQPI_SNDFILE_FUNCTIONS(X)
#undef X
} fqpi_sndfile_table;

/* Filled by fqpi_late_open of the library. */
extern fqpi_sndfile_table fqpi_sndfile;
extern fqpi_late fqpi_sndfile_library;

#define sf_close (*fqpi_sndfile.close)
#define sf_error (*fqpi_sndfile.error)
#define sf_format_check (*fqpi_sndfile.format_check)
#define sf_open_virtual (*fqpi_sndfile.open_virtual)
#define sf_readf_double (*fqpi_sndfile.readf_double)
#define sf_strerror (*fqpi_sndfile.strerror)
#define sf_writef_double (*fqpi_sndfile.writef_double)
#define sf_writef_int (*fqpi_sndfile.writef_int)
/* clang-format on */

#endif
