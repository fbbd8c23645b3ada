/* tensors.h - the numbers of a function by name, for formats of named arrays. */
#ifndef FQPI_TENSORS_H
#define FQPI_TENSORS_H

#include "function_i.h"

typedef struct fqpi_tensor {
    char name[64];
    fqp_view view; /* borrowed from the function */
} fqpi_tensor;

/* Part by part: part0.layer0.weight [rows, columns as they lie], part0.layer0.bias [rows], ...; part0.scales and
 * part0.slopes that are trained; part0.waves0, part0.sine1, ...: numbers of learnt embeddings, filters and gates;
 * part0.embedding: what a fixed embedding drew.  Together the tensors of a part before its embedding are its flat
 * vector.  *out by fqpi_free. */
fqp_status fqpi_tensors(fqp_ctx *ctx, const fqp_function *f, fqpi_tensor **out, size_t *n);

#endif
