/* npy.h - the header of an npy file (NumPy Enhancement Proposal 1), read strictly and written padded. */
#ifndef FQPI_NPY_H
#define FQPI_NPY_H

#include "stream.h"

typedef struct fqpi_npy_header {
    fqp_dtype dtype; /* of the array in memory */
    bool half;       /* stored as '<f2', read as f32 */
    bool swap;       /* stored in the other byte order */
    bool fortran;
    int ndim;
    int64_t shape[FQP_MAX_DIM];
    size_t bytes; /* length of magic and header: data start here */
} fqpi_npy_header;

/* FQP_E_DATA names the byte and the reason. */
fqp_status fqpi_npy_header_read(fqpi_stream *s, fqpi_npy_header *out);
/* Header and data. */
fqp_status fqpi_npy_stream_read(fqpi_stream *s, fqp_array *out);

/* Header text of an array in C order into buf, padded so that the first dimension can grow to 19 digits without a
 * change of length; a multiple of 64.  Returns the length. */
#define FQPI_NPY_HEADER_MAX 512
size_t fqpi_npy_header_format(fqp_dtype t, int ndim, const int64_t *shape, char buf[FQPI_NPY_HEADER_MAX]);
/* The same in exactly `bytes` bytes, for a header that is there already; false when it does not fit. */
bool fqpi_npy_header_fit(fqp_dtype t, int ndim, const int64_t *shape, size_t bytes, char buf[FQPI_NPY_HEADER_MAX]);

#endif
