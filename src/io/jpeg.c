/* jpeg.c - JPEG images (libjpeg), grey, colour, or inks for print (CMYK, YCCK) as colour.  What libjpeg would print is
 * reported; damage is refused. */
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "os.h"
#include "readers.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

/* A block of 8 x 8 pixels takes at least one bit; arithmetic coding may do better, so leave it room. */
enum { MOST_PIXELS_PER_BYTE = 4096 };

/* What must survive the longjmp: it lives in the frame above the one that calls setjmp. */
typedef struct job {
    struct jpeg_error_mgr errors; /* first, so that libjpeg's pointer leads here */
    struct jpeg_decompress_struct jpeg;
    jmp_buf out;
    fqp_ctx *ctx;
    const char *name;
    fqpi_stream *s;
    size_t n; /* bytes of the file */
    fqp_array a;
    fqp_status status;
} job;

static job *job_of(j_common_ptr c) {
    return (job *)(void *)c->err;
}

static void stop(job *j, fqp_status status) {
    if (!status)
        return;
    j->status = status;
    longjmp(j->out, 1);
}

static void on_error(j_common_ptr c) {
    job *j = job_of(c);
    char why[JMSG_LENGTH_MAX];
    if (c->err->msg_code == JWRN_JPEG_EOF)
        stop(j,
             fqpi_data_fail(j->ctx, j->name, "JPEG: the file ends after byte %zu, in the middle of the image", j->n));
    c->err->format_message(c, why);
    size_t left = j->jpeg.src && j->jpeg.src->bytes_in_buffer < j->n ? j->jpeg.src->bytes_in_buffer : 0;
    stop(j, fqpi_data_fail(j->ctx, j->name, "JPEG: %s, near byte %zu", why, j->n - left));
}

/* Level -1 is damage that libjpeg would paint over with grey; levels above are chatter. */
static void on_message(j_common_ptr c, int level) {
    if (level < 0)
        on_error(c);
}

/* Inks of a row as light: red is what cyan and black let through.  Adobe's programs write 255 - ink, and say that they
 * wrote the file; others write the ink. */
static void light_of_inks(const JSAMPLE *ink, int64_t width, bool inverted, unsigned char *to) {
    const unsigned flip = inverted ? 0 : 255;
    for (int64_t x = 0; x < width; x++, ink += 4)
        for (int k = 0; k < 3; k++)
            *to++ = (unsigned char)(((ink[k] ^ flip) * (ink[3] ^ flip) + 127) / 255);
}

static void read_rows(job *j, int64_t width, int64_t channels) {
    struct jpeg_decompress_struct *d = &j->jpeg;
    const bool inks = d->out_color_space == JCS_CMYK;
    JSAMPARRAY line = inks ? d->mem->alloc_sarray((j_common_ptr)d, JPOOL_IMAGE, (JDIMENSION)(4 * width), 1) : NULL;
    while (d->output_scanline < d->output_height) {
        JSAMPROW row = (JSAMPROW)j->a.data + (size_t)d->output_scanline * (size_t)(width * channels);
        jpeg_read_scanlines(d, inks ? line : &row, 1);
        if (inks)
            light_of_inks(line[0], width, d->saw_Adobe_marker, row);
    }
}

static void decode(job *j, const unsigned char *bytes, size_t n) {
    struct jpeg_decompress_struct *d = &j->jpeg;
    jpeg_create_decompress(d);
    jpeg_mem_src(d, bytes, n);
    jpeg_read_header(d, TRUE);
    const bool inks = d->jpeg_color_space == JCS_CMYK || d->jpeg_color_space == JCS_YCCK;
    d->out_color_space = inks ? JCS_CMYK : d->jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
    if ((uint64_t)d->image_width * d->image_height / MOST_PIXELS_PER_BYTE > n)
        stop(j, fqpi_data_fail(j->ctx, j->name, "JPEG: header promises %u x %u pixels, which %zu bytes cannot hold",
                               d->image_height, d->image_width, n));
    stop(j, fqpi_pixels_check(j->s, "JPEG", d->image_height, d->image_width));
    jpeg_start_decompress(d);
    const int64_t channels = d->out_color_space == JCS_GRAYSCALE ? 1 : 3;
    stop(j, fqpi_array_make(j->ctx, FQP_U8, channels > 1 ? 3 : 2,
                            (int64_t[]){d->output_height, d->output_width, channels}, &j->a));
    read_rows(j, d->output_width, channels);
    jpeg_finish_decompress(d);
}

static void decode_or_return(job *j, const unsigned char *bytes, size_t n) {
    if (!setjmp(j->out))
        decode(j, bytes, n);
}

static bool begins_jpeg(const unsigned char *head, size_t n) {
    return n >= 3 && memcmp(head, "\xff\xd8\xff", 3) == 0;
}

static fqp_status read_jpeg(fqpi_stream *s, fqp_array *out) {
    unsigned char *bytes;
    size_t n;
    fqp_status status = fqpi_stream_all(s, &bytes, &n);
    if (status)
        return status;
    s->note.white = 255;
    s->note.bits = 8;
    job j = {.ctx = s->ctx, .name = s->name, .s = s, .n = n};
    j.jpeg.err = jpeg_std_error(&j.errors);
    j.errors.error_exit = on_error;
    j.errors.emit_message = on_message;
    decode_or_return(&j, bytes, n);
    jpeg_destroy_decompress(&j.jpeg);
    fqpi_free(bytes);
    if (j.status)
        fqp_array_free(&j.a);
    else
        *out = j.a;
    return j.status;
}

const fqpi_reader fqpi_reader_jpeg = {"jpeg", " .jpg .jpeg ", FQPI_IMAGE, begins_jpeg, read_jpeg};
