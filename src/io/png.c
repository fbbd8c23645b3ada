/* png.c - PNG images (libpng): palettes and few-bit greys are widened, transparency becomes a channel. */
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "os.h"
#include "png_bytes.h"
#include "readers.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

/* What must survive libpng's longjmp: it lives in the frame above the one that calls setjmp. */
typedef struct job {
    fqpi_stream *s;  /* reading */
    fqpi_text *sink; /* writing */
    fqp_ctx *ctx;
    const char *name;
    png_structp png;
    png_infop info;
    png_bytepp row;
    fqp_array a;
    fqp_status status;
} job;

static void on_error(png_structp png, png_const_charp why) {
    job *j = png_get_error_ptr(png);
    if (!j->status)
        j->status = j->s ? fqpi_data_fail(j->ctx, j->name, "PNG: %s, at byte %llu", why, (unsigned long long)j->s->at)
                         : fqpi_fail(j->ctx, FQP_E_INTERNAL, &(fqp_origin){.source = j->name}, "PNG: %s", why);
    longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp why) {
    (void)png;
    (void)why;
}

/* Give up with a problem that was reported already. */
static void stop(job *j, fqp_status status) {
    if (!status)
        return;
    j->status = status;
    png_error(j->png, "");
}

/* ---- reading ---------------------------------------------------------------------------------------------- */

static void on_read(png_structp png, png_bytep to, size_t n) {
    job *j = png_get_io_ptr(png);
    size_t got = 0;
    stop(j, fqpi_stream_read(j->s, to, n, &got));
    if (got < n)
        stop(j, fqpi_data_fail(j->ctx, j->name, "PNG: the file ends after byte %llu, in the middle of the image",
                               (unsigned long long)j->s->at));
}

/* Every row costs at least one byte before deflate, and deflate has a limit. */
static void check_promise(job *j, uint64_t width, uint64_t height, uint64_t row_bytes) {
    if (row_bytes * height / FQPI_DEFLATE_RATIO > j->s->most)
        stop(j, fqpi_data_fail(j->ctx, j->name, "PNG: header promises %llu x %llu pixels, which %llu bytes cannot hold",
                               (unsigned long long)height, (unsigned long long)width, (unsigned long long)j->s->most));
}

/* The chunk acTL before the pixels makes a PNG a film (wiki.mozilla.org/APNG_Specification): its first number counts
 * the frames.  A film of one frame is an image. */
static int on_chunk(png_structp png, png_unknown_chunkp chunk) {
    job *j = png_get_user_chunk_ptr(png);
    if (memcmp(chunk->name, "acTL", 4) != 0 || chunk->size < 4)
        return 1;
    const png_uint_32 frames = png_get_uint_32(chunk->data);
    if (frames > 1)
        stop(j,
             fqpi_data_fail(j->ctx, j->name, "PNG: an animation of %lu frames; save one of them as a file of its own",
                            (unsigned long)frames));
    return 1;
}

static void decode(job *j) {
    png_structp png = j->png;
    png_set_read_fn(png, j, on_read);
    png_set_read_user_chunk_fn(png, j, on_chunk);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(png, j->info);
    j->s->note.bits = png_get_color_type(png, j->info) == PNG_COLOR_TYPE_PALETTE ? 8 : png_get_bit_depth(png, j->info);
    check_promise(j, png_get_image_width(png, j->info), png_get_image_height(png, j->info),
                  png_get_rowbytes(png, j->info));
    stop(j, fqpi_pixels_check(j->s, "PNG", png_get_image_height(png, j->info), png_get_image_width(png, j->info)));
    png_set_expand(png); /* palette to colours, 1, 2, 4 bits to 8, transparent colour to a channel */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    png_set_swap(png);
#endif
    png_set_interlace_handling(png);
    png_read_update_info(png, j->info);
    int64_t height = png_get_image_height(png, j->info), width = png_get_image_width(png, j->info),
            channels = png_get_channels(png, j->info);
    bool deep = png_get_bit_depth(png, j->info) == 16;
    j->s->note.white = deep ? 65535 : 255;
    stop(j, fqpi_array_make(j->ctx, deep ? FQP_U16 : FQP_U8, channels > 1 ? 3 : 2, (int64_t[]){height, width, channels},
                            &j->a));
    j->row = fqpi_alloc(j->ctx, (size_t)height, sizeof *j->row);
    stop(j, j->row ? FQP_OK : FQP_E_NOMEM);
    for (int64_t y = 0; y < height; y++)
        j->row[y] = (png_bytep)j->a.data + (size_t)y * png_get_rowbytes(png, j->info);
    png_read_image(png, j->row);
    png_read_end(png, NULL);
}

static void decode_or_return(job *j) {
    if (!setjmp(png_jmpbuf(j->png)))
        decode(j);
}

static bool begins_png(const unsigned char *head, size_t n) {
    return n >= 8 && memcmp(head, "\x89PNG\r\n\x1a\n", 8) == 0;
}

static fqp_status read_png(fqpi_stream *s, fqp_array *out) {
    job j = {.s = s, .ctx = s->ctx, .name = s->name};
    j.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &j, on_error, on_warning);
    j.info = j.png ? png_create_info_struct(j.png) : NULL;
    if (!j.info)
        j.status = fqpi_fail(s->ctx, FQP_E_NOMEM, NULL, "out of memory");
    else
        decode_or_return(&j);
    png_destroy_read_struct(&j.png, &j.info, NULL);
    fqpi_free(j.row);
    if (j.status)
        fqp_array_free(&j.a);
    else
        *out = j.a;
    return j.status;
}

const fqpi_reader fqpi_reader_png = {"png", " .png ", FQPI_IMAGE, begins_png, read_png};

/* ---- writing ---------------------------------------------------------------------------------------------- */

static void on_write(png_structp png, png_bytep from, size_t n) {
    job *j = png_get_io_ptr(png);
    fqpi_text_put(j->ctx, j->sink, (const char *)from, n);
    stop(j, j->sink->failed ? FQP_E_NOMEM : FQP_OK);
}

static void on_flush(png_structp png) {
    (void)png;
}

static void encode(job *j, fqp_view v) {
    static const int colour[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                 PNG_COLOR_TYPE_RGB_ALPHA};
    int64_t channels = v.ndim == 3 ? v.shape[2] : 1;
    int depth = v.dtype == FQP_U16 ? 16 : 8;
    png_set_write_fn(j->png, j, on_write, on_flush);
    png_set_user_limits(j->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(j->png, j->info, (png_uint_32)v.shape[1], (png_uint_32)v.shape[0], depth, colour[channels],
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(j->png, j->info);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (depth == 16)
        png_set_swap(j->png);
#endif
    size_t row = (size_t)(v.shape[1] * channels) * fqp_dtype_size(v.dtype);
    for (int64_t y = 0; y < v.shape[0]; y++)
        png_write_row(j->png, (png_const_bytep)v.data + (size_t)y * row);
    png_write_end(j->png, NULL);
}

static void encode_or_return(job *j, fqp_view v) {
    if (!setjmp(png_jmpbuf(j->png)))
        encode(j, v);
}

static fqp_status check_picture(fqp_ctx *ctx, fqp_view v) {
    char text[FQPI_SHAPE_SIZE];
    size_t bytes;
    fqp_status s = fqpi_view_check(ctx, v, &bytes);
    if (s)
        return s;
    if (v.dtype != FQP_U8 && v.dtype != FQP_U16)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "a PNG image holds u8 or u16, not %s", fqp_dtype_name(v.dtype));
    bool flat = v.ndim == 2, deep = v.ndim == 3 && v.shape[2] >= 1 && v.shape[2] <= 4;
    if ((!flat && !deep) || bytes == 0 || v.shape[0] > PNG_UINT_31_MAX || v.shape[1] > PNG_UINT_31_MAX)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "shape %s is no image: [h,w] or [h,w,1..4] with pixels in it",
                         fqpi_shape_text(v.ndim, v.shape, text));
    return FQP_OK;
}

fqp_status fqpi_png_bytes(fqp_ctx *ctx, const char *name, fqp_view v, fqpi_text *out) {
    fqp_status s = check_picture(ctx, v);
    if (s)
        return s;
    job j = {.sink = out, .ctx = ctx, .name = name};
    j.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &j, on_error, on_warning);
    j.info = j.png ? png_create_info_struct(j.png) : NULL;
    if (!j.info)
        j.status = fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory");
    else
        encode_or_return(&j, v);
    png_destroy_write_struct(&j.png, &j.info);
    return j.status;
}

fqp_status fqp_png_write(fqp_ctx *ctx, const char *path, fqp_view v) {
    if (!path)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_png_write needs a path");
    fqpi_text bytes = {0};
    fqp_status s = fqpi_png_bytes(ctx, path, v, &bytes);
    if (!s)
        s = fqpi_os_replace(ctx, path, bytes.s, bytes.n, NULL, 0);
    fqpi_text_free(&bytes);
    return s;
}
