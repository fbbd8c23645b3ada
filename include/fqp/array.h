/* array.h - numbers with a shape: views borrow, arrays own; and how they enter and leave files.
 *
 * All arrays are C-contiguous and in native byte order once they are in memory.  Readers accept
 * Fortran order and either byte order and convert.  Shapes are int64, at most FQP_MAX_DIM of them.
 */
#ifndef FQP_ARRAY_H
#define FQP_ARRAY_H

#include <fqp/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FQP_MAX_DIM 8

typedef enum fqp_dtype {
    FQP_F64,
    FQP_F32,
    FQP_C128,
    FQP_C64,
    FQP_I64,
    FQP_I32,
    FQP_I16,
    FQP_I8,
    FQP_U64,
    FQP_U32,
    FQP_U16,
    FQP_U8,
    FQP_BOOL
} fqp_dtype;

FQP_API size_t fqp_dtype_size(fqp_dtype t);      /* bytes of one element */
FQP_API const char *fqp_dtype_name(fqp_dtype t); /* "f64", "u8", ... */

/* Borrowed, read-only, contiguous.  shape[0] varies slowest. */
typedef struct fqp_view {
    const void *data;
    fqp_dtype dtype;
    int ndim;
    int64_t shape[FQP_MAX_DIM];
} fqp_view;

/* Owned: release with fqp_array_free.  A zero-initialised fqp_array is empty and may be freed. */
typedef struct fqp_array {
    void *data;
    fqp_dtype dtype;
    int ndim;
    int64_t shape[FQP_MAX_DIM];
} fqp_array;

FQP_API fqp_view fqp_view_1d(const double *data, int64_t n);
FQP_API fqp_view fqp_view_2d(const double *data, int64_t rows, int64_t cols);
FQP_API fqp_view fqp_view_make(const void *data, fqp_dtype t, int ndim, const int64_t *shape);
FQP_API int64_t fqp_view_count(fqp_view v);        /* product of the shape */
FQP_API double fqp_view_at(fqp_view v, int64_t i); /* real part of flat element i as double */

/* Zeroed.  FQP_E_SHAPE when a dimension is negative or the size overflows. */
FQP_API fqp_status fqp_array_create(fqp_ctx *ctx, fqp_dtype t, int ndim, const int64_t *shape, fqp_array *out);
FQP_API void fqp_array_free(fqp_array *a);
FQP_API fqp_view fqp_array_view(const fqp_array *a);
/* Copy of v as real type t (FQP_F64 or FQP_F32); complex input is refused (FQP_E_ARG). */
FQP_API fqp_status fqp_array_convert(fqp_ctx *ctx, fqp_view v, fqp_dtype t, fqp_array *out);

/* ---- files -------------------------------------------------------------------------------
 * fqp_array_read picks the reader by content, then by extension: .npy, .npz (the only member, or
 * "file.npz:name"), IDX (.idx, *-ubyte), .csv/.txt, .png .jpg .pgm .ppm; each but .npz also inside
 * gzip.  Images arrive as u8 or u16 [h, w] (grey) or [h, w, channels].  Errors name the byte (or
 * line and column) and the reason: FQP_E_IO when the system refuses, FQP_E_DATA when the content is
 * wrong.  Values are not judged: NaN is read as NaN. */
FQP_API fqp_status fqp_array_read(fqp_ctx *ctx, const char *path, fqp_array *out);

/* Any element type but text, dates, records and objects; f2 (half) arrives as f32.  Bytes behind the promised data are
 * ignored, so that a growing file can be read. */
FQP_API fqp_status fqp_npy_read(fqp_ctx *ctx, const char *path, fqp_array *out);
/* Written whole to a temporary neighbour, then renamed over path. */
FQP_API fqp_status fqp_npy_write(fqp_ctx *ctx, const char *path, fqp_view v);

/* One named member of an npz; name without ".npy". */
FQP_API fqp_status fqp_npz_read(fqp_ctx *ctx, const char *path, const char *name, fqp_array *out);
/* Member names in archive order; *names is one block, release with free(). */
FQP_API fqp_status fqp_npz_names(fqp_ctx *ctx, const char *path, char ***names, size_t *count);
/* Written whole to a temporary neighbour, then renamed over path. */
FQP_API fqp_status fqp_npz_write(fqp_ctx *ctx, const char *path, size_t count, const char *const *names,
                                 const fqp_view *views);

FQP_API fqp_status fqp_idx_read(fqp_ctx *ctx, const char *path, fqp_array *out);
/* CIFAR-10 binary batch: images u8 [n,3,32,32], labels u8 [n]. */
FQP_API fqp_status fqp_cifar_read(fqp_ctx *ctx, const char *path, fqp_array *images, fqp_array *labels);
/* Numbers separated by comma, semicolon, tab or blanks, as f64 [rows, columns]; '#' comments; one optional header line.
 * Every row must have as many numbers as the first. */
FQP_API fqp_status fqp_csv_read(fqp_ctx *ctx, const char *path, fqp_array *out);
FQP_API fqp_status fqp_image_read(fqp_ctx *ctx, const char *path, fqp_array *out);
/* u8 or u16, [h,w] or [h,w,1..4]: grey, grey and opacity, colour, colour and opacity. */
FQP_API fqp_status fqp_png_write(fqp_ctx *ctx, const char *path, fqp_view v);

#ifdef __cplusplus
}
#endif
#endif
