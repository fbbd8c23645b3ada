/* dtype.h - one row per element type: name, npy code, size, and its loops. */
#ifndef FQPI_DTYPE_H
#define FQPI_DTYPE_H

#include <fqp/array.h>

typedef struct fqpi_dtype {
    const char *name;
    char npy_kind; /* 'f', 'c', 'i', 'u', 'b' as in '<f8' */
    uint8_t size;  /* bytes of one element */
    uint8_t part;  /* bytes that a change of byte order reverses: half an element for complex types */
    double (*at)(const void *p, int64_t i);                  /* real part */
    void (*to_f64)(const void *from, int64_t n, double *to); /* NULL for complex types */
    void (*to_f32)(const void *from, int64_t n, float *to);
} fqpi_dtype;

/* NULL when t is no element type. */
const fqpi_dtype *fqpi_dtype_row(fqp_dtype t);
/* Type of the npy kind and size, or false. */
bool fqpi_dtype_find(char npy_kind, int64_t size, fqp_dtype *out);

/* Reverse the bytes of each of n elements of type t in place. */
void fqpi_dtype_swap(void *data, int64_t n, fqp_dtype t);

/* Product of the shape and of the element size; false when a dimension is negative or a product of the non-zero
 * dimensions overflows (so that an empty array cannot hide an impossible one). */
bool fqpi_shape_count(int ndim, const int64_t *shape, size_t elem, int64_t *count, size_t *bytes);
/* "512 x 2", "scalar" for no dimensions; shortened to fit. */
#define FQPI_SHAPE_SIZE 200
const char *fqpi_shape_text(int ndim, const int64_t *shape, char buf[FQPI_SHAPE_SIZE]);

/* As fqp_array_create, elements not cleared. */
fqp_status fqpi_array_make(fqp_ctx *ctx, fqp_dtype t, int ndim, const int64_t *shape, fqp_array *out);

/* A view that comes from outside: known type, sane shape, data where there are elements.  *bytes: its size. */
fqp_status fqpi_view_check(fqp_ctx *ctx, fqp_view v, size_t *bytes);

#endif
