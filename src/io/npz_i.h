/* npz_i.h - what reading and writing npz files share. */
#ifndef FQPI_NPZ_I_H
#define FQPI_NPZ_I_H

#include "npz.h"
#include "zip_late.h"

/* "PATH: <what>: <words of libzip>" */
fqp_status fqpi_npz_fail(fqp_ctx *ctx, const char *path, fqp_status status, const char *what, zip_error_t *why);

#endif
