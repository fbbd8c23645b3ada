/* text.h - a function without its numbers as JSON: what function.json of a .fqp file and the metadata of a safetensors
 * file hold.
 *
 *   {"format": "fqp function", "version": 1, "fqp": "0.1.0", "inputs": d, "outputs": m,
 *    "centre": [d], "half": [d], "offset": [m], "spread": [m],
 *    "parts": [{"seed": "3", "factor": 1, "phase": [d] (with a gate), "turn": 0, "parameters": 108, "numbers": 0,
 *               "model": {every key of section model}}],
 *    "notes": {"signal.kind": "image"}}
 *
 * `parameters` counts a network's flat vector, `numbers` what its embedding drew and does not train. */
#ifndef FQPI_FUNCTION_TEXT_H
#define FQPI_FUNCTION_TEXT_H

#include "function_i.h"
#include <jansson.h>

#define FQPI_FUNCTION_FORMAT "fqp function"
enum { FQPI_FUNCTION_VERSION = 1 };

/* Text of malloc. */
fqp_status fqpi_function_text(fqp_ctx *ctx, const fqp_function *f, char **out);

/* A network's numbers from a file: its parameters in its precision, then what its embedding drew. */
typedef struct fqpi_numbers {
    fqp_array parameters, fixed;
} fqpi_numbers;
typedef fqp_status fqpi_numbers_fn(void *self, size_t part, int64_t parameters, int64_t fixed, fqp_dtype type,
                                   fqpi_numbers *out);
/* Back, with the numbers of every part from `read`, which refuses what is not there in that type and count.  Problems
 * are FQP_E_DATA with `source`. */
fqp_status fqpi_function_read(fqp_ctx *ctx, const char *source, const char *text, size_t n, fqpi_numbers_fn *read,
                              void *self, fqp_function **out);

#endif
