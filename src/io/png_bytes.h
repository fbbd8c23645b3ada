/* png_bytes.h - an image as the bytes of a PNG file, for files that hold images among other things. */
#ifndef FQPI_PNG_BYTES_H
#define FQPI_PNG_BYTES_H

#include "mem.h"

#include <fqp/array.h>

/* Appends to out; v as in fqp_png_write.  name stands in messages. */
fqp_status fqpi_png_bytes(fqp_ctx *ctx, const char *name, fqp_view v, fqpi_text *out);

#endif
