/* frames.c - frames of a stored series, one by one. */
#include "frames.h"
#include "fail.h"
#include "mem.h"
#include "npy.h"
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static fqp_status take_header(fqpi_frames *f, const fqpi_npy_header *h, int64_t size) {
    f->dtype = h->dtype;
    f->ndim = h->ndim;
    f->header = h->bytes;
    f->bytes = fqp_dtype_size(h->dtype);
    memcpy(f->shape, h->shape, sizeof f->shape);
    if (h->ndim < 1 || h->half || h->swap || (h->fortran && h->ndim > 1))
        return fqpi_data_fail(f->ctx, f->path, "is no series of frames as a run stores them");
    for (int i = 1; i < h->ndim; i++)
        if (__builtin_mul_overflow(f->bytes, (size_t)h->shape[i], &f->bytes))
            return fqpi_data_fail(f->ctx, f->path, "header promises frames larger than any memory");
    const int64_t there = f->bytes ? (size - (int64_t)f->header) / (int64_t)f->bytes : f->shape[0];
    if (there < f->shape[0])
        f->shape[0] = there > 0 ? there : 0;
    return FQP_OK;
}

static fqp_status read_header(fqpi_frames *f) {
    fqpi_stream stream;
    fqpi_npy_header h;
    struct stat st;
    fqp_status s = fqpi_stream_open(f->ctx, f->path, &stream);
    if (s)
        return s;
    s = fqpi_npy_header_read(&stream, &h);
    fqpi_stream_close(&stream);
    if (!s && fstat(f->fd, &st) != 0)
        s = fqpi_os_fail(f->ctx, f->path, "look at");
    return s ? s : take_header(f, &h, (int64_t)st.st_size);
}

fqp_status fqpi_frames_open(const fqpi_run *r, const char *name, fqpi_frames *out) {
    fqpi_frames f = {.ctx = r->ctx, .fd = -1, .path = fqpi_format(r->ctx, "%s/%s.npy", r->dir, name)};
    if (!f.path)
        return FQP_E_NOMEM;
    f.fd = fqpi_os_open(f.path, O_RDONLY);
    const fqp_status s = f.fd >= 0 ? read_header(&f) : errno == ENOENT ? FQP_OK : fqpi_os_fail(r->ctx, f.path, "open");
    if (s)
        fqpi_frames_close(&f);
    *out = f;
    return s;
}

fqp_status fqpi_frames_read(const fqpi_frames *f, int64_t frame, void *out) {
    const off_t at = (off_t)(f->header + (size_t)frame * f->bytes);
    const ssize_t n = fqpi_os_read(f->fd, out, f->bytes, at);
    if (n == (ssize_t)f->bytes)
        return FQP_OK;
    return n < 0 ? fqpi_os_fail(f->ctx, f->path, "read")
                 : fqpi_data_fail(f->ctx, f->path, "frame %lld is not there any more", (long long)frame);
}

void fqpi_frames_close(fqpi_frames *f) {
    if (f->fd >= 0)
        close(f->fd);
    fqpi_free(f->path);
    f->path = NULL;
    f->fd = -1;
}
