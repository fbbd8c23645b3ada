/* encode.h - JSON for the report page, as text: small values by jansson, arrays as base64 of little-endian floats.
 *
 * Everything passes through one door that writes <, > and & as \u escapes, so that no text of a user can end the
 * script element which holds the JSON. */
#ifndef FQPI_ENCODE_H
#define FQPI_ENCODE_H

#include "mem.h"

#include <jansson.h>

/* A JSON value (NULL: null); a member's name and colon in front when key is given, a comma where one is due. */
void fqpi_encode_json(fqp_ctx *ctx, fqpi_text *t, const char *key, const json_t *value);
void fqpi_encode_text(fqp_ctx *ctx, fqpi_text *t, const char *key, const char *value); /* NULL: null */
void fqpi_encode_int(fqp_ctx *ctx, fqpi_text *t, const char *key, int64_t value);
/* {"t":"f8","s":[shape],"b":"base64"}; values are read as double and written with 8 or 4 bytes each. */
void fqpi_encode_f64(fqp_ctx *ctx, fqpi_text *t, const char *key, const double *v, int ndim, const int64_t *shape);
void fqpi_encode_f32(fqp_ctx *ctx, fqpi_text *t, const char *key, const double *v, int ndim, const int64_t *shape);

/* Bytes as a base64 string of JSON; NULL: out of memory. */
json_t *fqpi_encode_bytes(fqp_ctx *ctx, size_t n, const void *bytes);

/* Brackets: '{' '[' with an optional key; '}' ']'. */
void fqpi_encode_open(fqp_ctx *ctx, fqpi_text *t, const char *key, char bracket);
void fqpi_encode_close(fqp_ctx *ctx, fqpi_text *t, char bracket);

#endif
