/* series.c - one growing npy file.
 *
 * A frame is written behind those that count, then the header with the new count, which is one write of fixed length
 * inside one page.  Whatever stops us in between, the file is a valid npy file of whole frames. */
#include "series.h"
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "npy.h"
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static off_t frame_offset(const fqpi_series *s, int64_t frame) {
    return (off_t)(s->header + (size_t)frame * s->frame);
}

static fqp_status write_count(fqp_ctx *ctx, fqpi_series *s, int64_t frames) {
    char head[FQPI_NPY_HEADER_MAX];
    int64_t shape[FQP_MAX_DIM];
    memcpy(shape, s->shape, sizeof shape);
    shape[0] = frames;
    if (!fqpi_npy_header_fit(s->dtype, s->ndim, shape, s->header, head))
        return fqpi_data_fail(ctx, s->path,
                              "the header of %zu bytes has no room to grow; it was not made for appending", s->header);
    if (!fqpi_os_write(s->fd, head, s->header, 0))
        return fqpi_os_fail(ctx, s->path, "write");
    s->shape[0] = frames;
    return FQP_OK;
}

static fqp_status ready(fqp_ctx *ctx, fqpi_series *s) {
    if (s->fd < 0)
        s->fd = fqpi_os_open(s->path, O_RDWR);
    return s->fd < 0 ? fqpi_os_fail(ctx, s->path, "open for writing") : FQP_OK;
}

/* ---- making and opening ---------------------------------------------------------------------------------- */

fqp_status fqpi_series_create(fqp_ctx *ctx, fqpi_series *s, fqp_view v) {
    char head[FQPI_NPY_HEADER_MAX];
    s->dtype = v.dtype;
    s->ndim = v.ndim + 1;
    s->shape[0] = 0;
    memcpy(s->shape + 1, v.shape, (size_t)v.ndim * sizeof v.shape[0]);
    s->frame = (size_t)fqp_view_count(v) * fqp_dtype_size(v.dtype);
    s->header = fqpi_npy_header_format(s->dtype, s->ndim, s->shape, head);
    fqp_status status = fqpi_os_mkparents(ctx, s->path);
    if (!status)
        status = fqpi_os_replace(ctx, s->path, head, s->header, NULL, 0);
    s->dirty = true;
    return status ? status : ready(ctx, s);
}

/* Frames of the file that are there in full, at most as many as its header says. */
static int64_t whole_frames(const fqpi_series *s, const struct stat *st) {
    int64_t data = st->st_size > (off_t)s->header ? (int64_t)st->st_size - (int64_t)s->header : 0;
    int64_t there = s->frame ? data / (int64_t)s->frame : s->shape[0];
    return there < s->shape[0] ? there : s->shape[0];
}

static fqp_status take_header(fqp_ctx *ctx, fqpi_series *s, const fqpi_npy_header *h) {
    if (h->ndim == 0)
        return fqpi_data_fail(ctx, s->path, "holds a scalar, to which no frame can be appended");
    if (h->half || h->swap || (h->fortran && h->ndim > 1))
        return fqpi_data_fail(ctx, s->path, "is in another order of bytes or dimensions; frames cannot be appended");
    s->dtype = h->dtype;
    s->ndim = h->ndim;
    s->header = h->bytes;
    memcpy(s->shape, h->shape, sizeof s->shape);
    s->frame = fqp_dtype_size(h->dtype);
    for (int i = 1; i < h->ndim; i++)
        if (__builtin_mul_overflow(s->frame, (size_t)h->shape[i], &s->frame))
            return fqpi_data_fail(ctx, s->path, "header promises frames larger than any memory");
    return FQP_OK;
}

fqp_status fqpi_series_open(fqp_ctx *ctx, fqpi_series *s) {
    fqpi_stream stream;
    fqpi_npy_header h;
    struct stat st;
    fqp_status status = fqpi_stream_open(ctx, s->path, &stream);
    if (status)
        return status;
    status = fqpi_npy_header_read(&stream, &h);
    fqpi_stream_close(&stream);
    if (!status)
        status = take_header(ctx, s, &h);
    if (!status)
        status = ready(ctx, s);
    if (status)
        return status;
    if (fstat(s->fd, &st) != 0)
        return fqpi_os_fail(ctx, s->path, "look at");
    int64_t there = whole_frames(s, &st);
    if (there == s->shape[0])
        return FQP_OK;
    fqpi_log(ctx, FQP_LOG_WARN, "%s: header promises %lld frames, %lld are there in full and are kept", s->path,
             (long long)s->shape[0], (long long)there);
    return write_count(ctx, s, there);
}

/* ---- frames ------------------------------------------------------------------------------------------------ */

static fqp_status check_frame(fqp_ctx *ctx, const fqpi_series *s, fqp_view v) {
    bool same = v.dtype == s->dtype && v.ndim == s->ndim - 1;
    for (int i = 0; same && i < v.ndim; i++)
        same = v.shape[i] == s->shape[i + 1];
    if (same)
        return FQP_OK;
    char got[FQPI_SHAPE_SIZE], want[FQPI_SHAPE_SIZE];
    return fqpi_fail(ctx, FQP_E_SHAPE, &(fqp_origin){.source = s->path}, "a frame of %s %s after frames of %s %s",
                     fqpi_shape_text(v.ndim, v.shape, got), fqp_dtype_name(v.dtype),
                     fqpi_shape_text(s->ndim - 1, s->shape + 1, want), fqp_dtype_name(s->dtype));
}

fqp_status fqpi_series_append(fqp_ctx *ctx, fqpi_series *s, fqp_view v) {
    fqp_status status = check_frame(ctx, s, v);
    if (!status)
        status = ready(ctx, s);
    if (status)
        return status;
    s->dirty = true;
    if (!fqpi_os_write(s->fd, v.data, s->frame, frame_offset(s, s->shape[0]))) {
        status = fqpi_os_fail(ctx, s->path, "append");
        if (ftruncate(s->fd, frame_offset(s, s->shape[0])) != 0) /* gives room back on a full disk */
            fqpi_log(ctx, FQP_LOG_WARN, "%s: half a frame stays behind the frames that count", s->path);
        return status;
    }
    return write_count(ctx, s, s->shape[0] + 1);
}

fqp_status fqpi_series_truncate(fqp_ctx *ctx, fqpi_series *s, int64_t frames) {
    if (frames < 0 || frames > s->shape[0])
        return fqpi_fail(ctx, FQP_E_ARG, &(fqp_origin){.source = s->path}, "cannot keep %lld frames of %lld",
                         (long long)frames, (long long)s->shape[0]);
    fqp_status status = ready(ctx, s);
    if (status)
        return status;
    s->dirty = true;
    status = write_count(ctx, s, frames); /* first: a kill in between leaves extra bytes, which are ignored */
    if (!status && ftruncate(s->fd, frame_offset(s, frames)) != 0)
        status = fqpi_os_fail(ctx, s->path, "shorten");
    return status;
}

/* ---- durability -------------------------------------------------------------------------------------------- */

void fqpi_series_sync_begin(const fqpi_series *s) {
#if defined(__linux__)
    if (s->dirty && s->fd >= 0)
        (void)sync_file_range(s->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
    (void)s;
#endif
}

fqp_status fqpi_series_sync(fqp_ctx *ctx, fqpi_series *s) {
    if (!s->dirty)
        return FQP_OK;
    fqp_status status = ready(ctx, s);
    if (!status && fsync(s->fd) != 0)
        status = fqpi_os_fail(ctx, s->path, "make durable");
    if (!status) {
        s->dirty = false;
        s->synced = true;
    }
    return status;
}

void fqpi_series_park(fqpi_series *s) {
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

void fqpi_series_release(fqpi_series *s) {
    fqpi_series_park(s);
    fqpi_free(s->name);
    fqpi_free(s->path);
    *s = (fqpi_series){.fd = -1};
}
