/* zip_late.h - libzip, opened with the first npz file: it brings libcrypto with it, which takes long to load (late.h).
 * Code that includes this calls its functions by their names. */
#ifndef FQPI_ZIP_LATE_H
#define FQPI_ZIP_LATE_H

#include "late.h"

#include <zip.h>

/* clang-format off */
#define FQPI_ZIP_FUNCTIONS(X) \
    X(close) X(discard) X(error_fini) X(error_init) X(error_init_with_code) X(error_set) X(error_strerror) \
    X(error_to_data) X(fclose) X(file_add) X(file_get_error) X(file_set_dostime) X(fopen_index) X(fread) \
    X(get_error) X(get_name) X(get_num_entries) X(name_locate) X(open) X(open_from_source) X(set_file_compression) \
    X(source_buffer_fragment) X(source_free) X(source_function_create) X(stat_index) X(stat_init)

typedef struct fqpi_zip_table {
#define X(name) __typeof__(zip_##name) *name;
    FQPI_ZIP_FUNCTIONS(X)
#undef X
} fqpi_zip_table;

/* Filled by fqpi_late_open of the library. */
extern fqpi_zip_table fqpi_zip;
extern fqpi_late fqpi_zip_library;

#define zip_close (*fqpi_zip.close)
#define zip_discard (*fqpi_zip.discard)
#define zip_error_fini (*fqpi_zip.error_fini)
#define zip_error_init (*fqpi_zip.error_init)
#define zip_error_init_with_code (*fqpi_zip.error_init_with_code)
#define zip_error_set (*fqpi_zip.error_set)
#define zip_error_strerror (*fqpi_zip.error_strerror)
#define zip_error_to_data (*fqpi_zip.error_to_data)
#define zip_fclose (*fqpi_zip.fclose)
#define zip_file_add (*fqpi_zip.file_add)
#define zip_file_get_error (*fqpi_zip.file_get_error)
#define zip_file_set_dostime (*fqpi_zip.file_set_dostime)
#define zip_fopen_index (*fqpi_zip.fopen_index)
#define zip_fread (*fqpi_zip.fread)
#define zip_get_error (*fqpi_zip.get_error)
#define zip_get_name (*fqpi_zip.get_name)
#define zip_get_num_entries (*fqpi_zip.get_num_entries)
#define zip_name_locate (*fqpi_zip.name_locate)
#define zip_open (*fqpi_zip.open)
#define zip_open_from_source (*fqpi_zip.open_from_source)
#define zip_set_file_compression (*fqpi_zip.set_file_compression)
#define zip_source_buffer_fragment (*fqpi_zip.source_buffer_fragment)
#define zip_source_free (*fqpi_zip.source_free)
#define zip_source_function_create (*fqpi_zip.source_function_create)
#define zip_stat_index (*fqpi_zip.stat_index)
#define zip_stat_init (*fqpi_zip.stat_init)
/* clang-format on */

#endif
