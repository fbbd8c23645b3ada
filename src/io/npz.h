/* npz.h - what the readers' table needs of npz files. */
#ifndef FQPI_NPZ_H
#define FQPI_NPZ_H

#include <fqp/array.h>

/* The array of an archive that holds one; else FQP_E_DATA lists the names. */
fqp_status fqpi_npz_read_only(fqp_ctx *ctx, const char *path, fqp_array *out);

/* Whether npz files can be read and written at all, to be asked before long work that ends with writing one. */
fqp_status fqpi_npz_ready(fqp_ctx *ctx, const char *path);

#endif
