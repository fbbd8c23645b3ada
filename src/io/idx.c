/* idx.c - the files of MNIST and its kin (IDX), and CIFAR-10 batches.
 *
 * IDX: two zero bytes, a type code, the number of dimensions, each dimension as 4 bytes big-endian, the elements
 * big-endian (Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits").
 * CIFAR-10: records of one label byte and 3 x 32 x 32 pixels (A. Krizhevsky, "Learning Multiple Layers of Features
 * from Tiny Images", 2009). */
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "os.h"
#include "readers.h"

#include <string.h>

static const struct code {
    unsigned char code;
    fqp_dtype dtype;
} codes[] = {{0x08, FQP_U8}, {0x09, FQP_I8}, {0x0B, FQP_I16}, {0x0C, FQP_I32}, {0x0D, FQP_F32}, {0x0E, FQP_F64}};
enum { CODES = sizeof codes / sizeof codes[0] };

static const struct code *find_code(unsigned char code) {
    for (int i = 0; i < CODES; i++)
        if (codes[i].code == code)
            return &codes[i];
    return NULL;
}

static bool begins_idx(const unsigned char *head, size_t n) {
    return n >= 4 && head[0] == 0 && head[1] == 0 && find_code(head[2]) && head[3] >= 1 && head[3] <= FQP_MAX_DIM;
}

static fqp_status read_dimensions(fqpi_stream *s, int ndim, int64_t *shape) {
    unsigned char b[4 * FQP_MAX_DIM];
    size_t got, want = 4 * (size_t)ndim;
    fqp_status status = fqpi_stream_read(s, b, want, &got);
    if (status)
        return status;
    if (got < want)
        return fqpi_data_fail(s->ctx, s->name, "IDX header of %zu bytes, file ends after %llu", 4 + want,
                              (unsigned long long)s->at);
    for (int i = 0; i < ndim; i++)
        shape[i] = (int64_t)b[4 * i] << 24 | b[4 * i + 1] << 16 | b[4 * i + 2] << 8 | b[4 * i + 3];
    return FQP_OK;
}

static fqp_status read_idx(fqpi_stream *s, fqp_array *out) {
    unsigned char b[4] = {0};
    size_t got;
    int64_t shape[FQP_MAX_DIM] = {0};
    fqp_status status = fqpi_stream_read(s, b, 4, &got);
    if (status)
        return status;
    if (got < 4)
        return fqpi_data_fail(s->ctx, s->name, "IDX header of 4 bytes, file ends after %llu",
                              (unsigned long long)s->at);
    const struct code *code = find_code(b[2]);
    if (b[0] || b[1])
        return fqpi_data_fail(s->ctx, s->name, "not an IDX file: begins with %02x %02x, not with two zero bytes", b[0],
                              b[1]);
    if (!code)
        return fqpi_data_fail(s->ctx, s->name, "IDX type code 0x%02x at byte 2; 08, 09, 0b, 0c, 0d and 0e are known",
                              b[2]);
    if (b[3] < 1 || b[3] > FQP_MAX_DIM)
        return fqpi_data_fail(s->ctx, s->name, "IDX file of %d dimensions at byte 3; 1 to %d are read", b[3],
                              FQP_MAX_DIM);
    status = read_dimensions(s, b[3], shape);
    if (!status)
        status = fqpi_stream_array(s, code->dtype, b[3], shape, false, out);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (!status)
        fqpi_dtype_swap(out->data, fqp_view_count(fqp_array_view(out)), code->dtype);
#endif
    return status;
}

const fqpi_reader fqpi_reader_idx = {"IDX", " .idx .idx1-ubyte .idx2-ubyte .idx3-ubyte .idx4-ubyte .ubyte ", FQPI_ARRAY,
                                     begins_idx, read_idx};

fqp_status fqp_idx_read(fqp_ctx *ctx, const char *path, fqp_array *out) {
    return fqpi_read_as(ctx, path, &fqpi_reader_idx, out);
}

/* ---- CIFAR-10 ---------------------------------------------------------------------------------------------- */

enum { PIXELS = 3 * 32 * 32, RECORD = 1 + PIXELS, CLASSES = 10 };

/* Records into images and labels. */
static fqp_status deal(fqp_ctx *ctx, const char *path, const unsigned char *bytes, int64_t n, unsigned char *images,
                       unsigned char *labels) {
    for (int64_t i = 0; i < n; i++) {
        const unsigned char *record = bytes + i * RECORD;
        if (record[0] >= CLASSES)
            return fqpi_data_fail(ctx, path, "record %lld, byte %lld: label %d is not below %d", (long long)i,
                                  (long long)i * RECORD, record[0], CLASSES);
        labels[i] = record[0];
        memcpy(images + i * PIXELS, record + 1, PIXELS);
    }
    return FQP_OK;
}

static fqp_status split(fqp_ctx *ctx, const char *path, const unsigned char *bytes, size_t size, fqp_array *images,
                        fqp_array *labels) {
    if (size == 0 || size % RECORD)
        return fqpi_data_fail(ctx, path, "%zu bytes are not a whole number of CIFAR-10 records of %d bytes", size,
                              RECORD);
    int64_t n = (int64_t)(size / RECORD);
    fqp_array x = {0}, y = {0};
    fqp_status s = fqpi_array_make(ctx, FQP_U8, 4, (int64_t[]){n, 3, 32, 32}, &x);
    if (!s)
        s = fqpi_array_make(ctx, FQP_U8, 1, &n, &y);
    if (!s)
        s = deal(ctx, path, bytes, n, x.data, y.data);
    if (s) {
        fqp_array_free(&x);
        fqp_array_free(&y);
        return s;
    }
    *images = x;
    *labels = y;
    return FQP_OK;
}

fqp_status fqp_cifar_read(fqp_ctx *ctx, const char *path, fqp_array *images, fqp_array *labels) {
    if (!path || !images || !labels)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_cifar_read needs a path and places for images and labels");
    fqpi_stream stream;
    unsigned char *bytes = NULL;
    size_t size = 0;
    fqp_status s = fqpi_stream_open(ctx, path, &stream);
    if (s)
        return s;
    s = fqpi_stream_all(&stream, &bytes, &size);
    fqpi_stream_close(&stream);
    if (!s)
        s = split(ctx, path, bytes, size, images, labels);
    fqpi_free(bytes);
    return s;
}
