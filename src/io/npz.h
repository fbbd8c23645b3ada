/* npz.h - what the readers' table needs of npz files. */
#ifndef FQPI_NPZ_H
#define FQPI_NPZ_H

#include <fqp/array.h>

/* The array of an archive that holds one; else FQP_E_DATA lists the names. */
fqp_status fqpi_npz_read_only(fqp_ctx *ctx, const char *path, fqp_array *out);

/* An archive of arrays with one text beside them, a member of that name as it is; and the text alone, in one block
 * followed by a 0 (fqpi_free). */
fqp_status fqpi_npz_write_with(fqp_ctx *ctx, const char *path, const char *text_name, const char *text, size_t count,
                               const char *const *names, const fqp_view *views);
fqp_status fqpi_npz_text(fqp_ctx *ctx, const char *path, const char *text_name, char **text, size_t *n);

/* Whether npz files can be read and written at all, to be asked before long work that ends with writing one. */
fqp_status fqpi_npz_ready(fqp_ctx *ctx, const char *path);

#endif
