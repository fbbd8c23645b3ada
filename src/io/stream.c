/* stream.c - bytes in order from a file, a pipe, a gzip file or memory. */
#include "stream.h"
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* ---- kinds ------------------------------------------------------------------------------------------ */

static int fd_of(const fqpi_stream *s) {
    return (int)(intptr_t)s->handle;
}

static fqp_status file_read(fqpi_stream *s, void *buf, size_t n, size_t *got) {
    ssize_t k = fqpi_os_read(fd_of(s), buf, n, -1);
    if (k < 0)
        return fqpi_os_fail(s->ctx, s->name, "read");
    *got = (size_t)k;
    return FQP_OK;
}

static void file_close(fqpi_stream *s) {
    close(fd_of(s));
}

static fqp_status gz_read(fqpi_stream *s, void *buf, size_t n, size_t *got) {
    *got = 0;
    while (*got < n) {
        size_t want = n - *got < 1u << 30 ? n - *got : 1u << 30;
        int k = gzread(s->handle, (char *)buf + *got, (unsigned)want);
        int code = Z_OK;
        const char *why = gzerror(s->handle, &code);
        if (code == Z_BUF_ERROR) { /* the compressed file stops in the middle: what came out still counts */
            s->cut = true;
            *got += k > 0 ? (size_t)k : 0;
            return FQP_OK;
        }
        if (k < 0 && code == Z_ERRNO)
            return fqpi_os_fail(s->ctx, s->name, "read");
        if (k < 0) {
            const char *behind_path = strstr(why, ": "); /* gzerror puts a made-up path in front */
            return fqpi_data_fail(s->ctx, s->name, "gzip: %s, near byte %lld", behind_path ? behind_path + 2 : why,
                                  (long long)gzoffset(s->handle));
        }
        if (k == 0)
            break;
        *got += (size_t)k;
    }
    return FQP_OK;
}

static void gz_close(fqpi_stream *s) {
    gzclose(s->handle);
}

static fqp_status memory_read(fqpi_stream *s, void *buf, size_t n, size_t *got) {
    uint64_t left = s->most - s->at;
    *got = n < left ? n : (size_t)left;
    if (*got)
        memcpy(buf, (const unsigned char *)s->handle + s->at, *got);
    return FQP_OK;
}

static void memory_close(fqpi_stream *s) {
    fqpi_free(s->memory);
}

static const fqpi_stream_kind kind_file = {file_read, file_close}, kind_gz = {gz_read, gz_close},
                              kind_memory = {memory_read, memory_close};

/* ---- opening ---------------------------------------------------------------------------------------- */

void fqpi_stream_memory(fqp_ctx *ctx, const char *name, const void *bytes, size_t n, fqpi_stream *s) {
    *s = (fqpi_stream){.ctx = ctx, .name = name, .most = n, .kind = &kind_memory};
    s->handle = (void *)(uintptr_t)bytes;
}

static fqp_status open_pipe(fqpi_stream *s, int fd) {
    *s = (fqpi_stream){.ctx = s->ctx, .name = s->name, .most = UINT64_MAX, .compressed = true, .kind = &kind_file};
    s->handle = (void *)(intptr_t)fd;
    unsigned char *bytes;
    size_t n;
    fqp_status status = fqpi_stream_all(s, &bytes, &n);
    close(fd);
    if (status)
        return status;
    fqpi_stream_memory(s->ctx, s->name, bytes, n, s);
    s->memory = bytes;
    return FQP_OK;
}

static fqp_status open_gz(fqpi_stream *s, int fd) {
    gzFile gz = gzdopen(fd, "rb");
    if (!gz) {
        close(fd);
        return fqpi_fail(s->ctx, FQP_E_NOMEM, &(fqp_origin){.source = s->name}, "gzip: out of memory");
    }
    gzbuffer(gz, 1 << 17);
    s->handle = gz;
    s->kind = &kind_gz;
    s->compressed = true;
    s->most = s->most * FQPI_DEFLATE_RATIO;
    return FQP_OK;
}

fqp_status fqpi_stream_open(fqp_ctx *ctx, const char *path, fqpi_stream *s) {
    *s = (fqpi_stream){.ctx = ctx, .name = path, .kind = &kind_file};
    int fd = fqpi_os_open(path, O_RDONLY);
    if (fd < 0)
        return fqpi_os_fail(ctx, path, "open");
    struct stat st = {0};
    unsigned char magic[2] = {0};
    bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    if (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))
        return open_pipe(s, fd);
    if (!regular) {
        close(fd);
        return fqpi_fail(ctx, FQP_E_IO, &(fqp_origin){.source = path}, "cannot read: %s",
                         S_ISDIR(st.st_mode) ? "is a directory" : "is neither a file nor a pipe");
    }
    s->most = (uint64_t)st.st_size;
    s->handle = (void *)(intptr_t)fd;
    if (fqpi_os_read(fd, magic, 2, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b)
        return open_gz(s, fd);
    return FQP_OK;
}

void fqpi_stream_close(fqpi_stream *s) {
    if (s->kind)
        s->kind->close(s);
    s->kind = NULL;
    fqpi_free(s->note.header);
    s->note.header = NULL;
}

/* ---- reading ---------------------------------------------------------------------------------------- */

fqp_status fqpi_stream_peek(fqpi_stream *s) {
    size_t got = 0;
    fqp_status status = s->kind->read(s, s->peeked, sizeof s->peeked, &got);
    s->npeeked = got;
    s->at += got; /* memory_read looks at s->at */
    return status;
}

fqp_status fqpi_stream_read(fqpi_stream *s, void *buf, size_t n, size_t *got) {
    size_t first = 0, more = 0;
    if (s->npeeked) {
        first = n < s->npeeked ? n : s->npeeked;
        memcpy(buf, s->peeked, first);
        memmove(s->peeked, s->peeked + first, s->npeeked - first);
        s->npeeked -= first;
    }
    fqp_status status = first < n ? s->kind->read(s, (char *)buf + first, n - first, &more) : FQP_OK;
    s->at += more;
    *got = first + more;
    return status;
}

fqp_status fqpi_stream_cut(fqpi_stream *s) {
    return fqpi_data_fail(s->ctx, s->name, "gzip: the file ends in the middle, after unpacked byte %llu",
                          (unsigned long long)s->at);
}

fqp_status fqpi_stream_drain(fqpi_stream *s) {
    unsigned char scratch[8192];
    size_t got = 0;
    fqp_status status;
    do
        status = fqpi_stream_read(s, scratch, sizeof scratch, &got);
    while (!status && got == sizeof scratch);
    return status;
}

fqp_status fqpi_stream_all(fqpi_stream *s, unsigned char **bytes, size_t *n) {
    uint64_t left = s->most - s->at + s->npeeked;
    size_t cap = s->compressed || left > SIZE_MAX / 4 ? 1 << 16 : (size_t)left + 1, have = 0, got;
    unsigned char *block = fqpi_alloc(s->ctx, cap + 1, 1);
    if (!block)
        return FQP_E_NOMEM;
    for (;;) {
        fqp_status status = fqpi_stream_read(s, block + have, cap - have, &got);
        have += got;
        if (!status && s->cut)
            status = fqpi_stream_cut(s);
        if (!status && have < cap)
            break;
        unsigned char *grown = status ? NULL : fqpi_resize(s->ctx, block, 2 * cap + 1, 1);
        if (!grown) {
            fqpi_free(block);
            return status ? status : FQP_E_NOMEM;
        }
        block = grown;
        cap *= 2;
    }
    block[have] = 0;
    *bytes = block;
    *n = have;
    return FQP_OK;
}

/* ---- arrays ------------------------------------------------------------------------------------------ */

static fqp_status too_short(fqpi_stream *s, fqp_dtype t, int ndim, const int64_t *shape, bool say_from, uint64_t from) {
    fqp_status status = fqpi_stream_drain(s);
    if (status)
        return status;
    char text[FQPI_SHAPE_SIZE], elem[24] = "", start[40] = "";
    if (fqp_dtype_size(t) > 1 || say_from)
        snprintf(elem, sizeof elem, "%s%zu", ndim ? " x " : "", fqp_dtype_size(t));
    if (say_from)
        snprintf(start, sizeof start, " from byte %llu", (unsigned long long)from);
    return fqpi_data_fail(s->ctx, s->name, "header promises %s%s bytes%s, %s ends after%s %llu",
                          ndim ? fqpi_shape_text(ndim, shape, text) : "", elem, start,
                          s->compressed ? "unpacked content" : "file", say_from ? " byte" : "",
                          (unsigned long long)s->at);
}

static uint64_t left(const fqpi_stream *s, uint64_t from) {
    return from < s->most ? s->most - from : 0;
}

/* The file of a running writer grows between our look at its size and at its header. */
static uint64_t left_by_now(fqpi_stream *s, uint64_t from) {
    struct stat st;
    if (s->kind == &kind_file && fstat(fd_of(s), &st) == 0)
        s->most = (uint64_t)st.st_size;
    return left(s, from);
}

/* Checksums stand behind the data: a packed stream is right only when its end was seen. */
static fqp_status check_end(fqpi_stream *s) {
    unsigned char next;
    size_t got;
    fqp_status status = s->compressed ? fqpi_stream_read(s, &next, 1, &got) : FQP_OK;
    return !status && s->cut ? fqpi_stream_cut(s) : status;
}

fqp_status fqpi_stream_array(fqpi_stream *s, fqp_dtype t, int ndim, const int64_t *shape, bool say_from,
                             fqp_array *out) {
    uint64_t from = s->at - s->npeeked;
    int64_t count;
    size_t bytes, got = 0;
    char text[FQPI_SHAPE_SIZE];
    if (!fqpi_shape_count(ndim, shape, fqp_dtype_size(t), &count, &bytes))
        return fqpi_data_fail(s->ctx, s->name, "header promises %s elements of %zu bytes, more than any memory holds",
                              fqpi_shape_text(ndim, shape, text), fqp_dtype_size(t));
    if (bytes > left(s, from) && bytes > left_by_now(s, from))
        return too_short(s, t, ndim, shape, say_from, from);
    fqp_array a;
    fqp_status status = fqpi_array_make(s->ctx, t, ndim, shape, &a);
    if (status)
        return status;
    status = fqpi_stream_read(s, a.data, bytes, &got);
    if (!status && got < bytes)
        status = too_short(s, t, ndim, shape, say_from, from);
    if (!status)
        status = check_end(s);
    if (status)
        fqp_array_free(&a);
    else
        *out = a;
    return status;
}
