/* frame_file.c - npy files that somebody else is writing.
 *
 * np.save writes the header, then the data: a file is whole when the bytes that its header promises are there.  Until
 * then it is no error, however often it is met. */
#include "frame_file.h"
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double NANO = 1e-9;

static fqpi_mark mark_from(const struct stat *st) {
    return (fqpi_mark){.device = st->st_dev,
                       .inode = st->st_ino,
                       .size = st->st_size,
                       .changed = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec};
}

bool fqpi_mark_of(const char *path, fqpi_mark *out) {
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    *out = mark_from(&st);
    return true;
}

bool fqpi_mark_same(const fqpi_mark *a, const fqpi_mark *b) {
    return a->device == b->device && a->inode == b->inode && a->size == b->size && a->changed == b->changed;
}

double fqpi_mark_when(const fqpi_mark *m) {
    return (double)m->changed * NANO;
}

double fqpi_wall_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * NANO;
}

/* ---- headers --------------------------------------------------------------------------------------------------- */

/* Length of magic, version, length field and dictionary by the first `got` bytes; 0: they do not tell yet. */
static size_t header_length(const unsigned char *b, size_t got) {
    const size_t width = got > 6 && b[6] == 1 ? 2 : 4;
    size_t length = 0;
    if (got < 8 + width)
        return 0;
    for (size_t i = width; i-- > 0;)
        length = length << 8 | b[8 + i];
    return 8 + width + length;
}

enum { HEADER_MOST = 1 << 20, FIRST = 12 };

/* The header through the strict reader, once all its bytes are there; what begins otherwise is left to it at once. */
static fqpi_whole take_header(fqp_ctx *ctx, const char *path, int fd, int64_t there, fqpi_npy_header *h) {
    static const char magic[] = "\x93NUMPY";
    unsigned char first[FIRST] = {0};
    const ssize_t got = fqpi_os_read(fd, first, FIRST, 0);
    if (got < 0)
        return FQPI_GONE;
    const size_t begins = (size_t)got < 6 ? (size_t)got : 6;
    size_t length = memcmp(first, magic, begins) == 0 ? header_length(first, (size_t)got) : FIRST;
    const bool ours = memcmp(first, magic, begins) == 0;
    if (ours && (!length || (length <= HEADER_MOST && (int64_t)length > there)))
        return FQPI_HALF;
    length = length <= HEADER_MOST ? length : FIRST;
    char *bytes = fqpi_alloc(ctx, length, 1);
    if (!bytes)
        return FQPI_BROKEN;
    const ssize_t n = fqpi_os_read(fd, bytes, length, 0);
    fqpi_stream s;
    fqpi_stream_memory(ctx, path, bytes, n > 0 ? (size_t)n : 0, &s);
    const fqp_status status = fqpi_npy_header_read(&s, h);
    fqpi_stream_close(&s);
    fqpi_free(bytes);
    return status ? FQPI_BROKEN : FQPI_WHOLE;
}

size_t fqpi_file_element(const fqpi_npy_header *h) {
    return h->half ? 2 : fqp_dtype_size(h->dtype);
}

int64_t fqpi_file_promised(const fqpi_npy_header *h) {
    int64_t bytes = (int64_t)fqpi_file_element(h);
    for (int i = 0; i < h->ndim; i++)
        if (__builtin_mul_overflow(bytes, h->shape[i], &bytes))
            return -1;
    return bytes;
}

fqpi_whole fqpi_file_look(fqp_ctx *ctx, const char *path, bool needs_data, fqpi_npy_header *header, int64_t *there) {
    struct stat st;
    *header = (fqpi_npy_header){0};
    *there = 0;
    const int fd = fqpi_os_open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return FQPI_GONE;
    fqpi_whole w = FQPI_GONE;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        *there = (int64_t)st.st_size;
        w = take_header(ctx, path, fd, *there, header);
    }
    close(fd);
    const int64_t promised = w == FQPI_WHOLE ? fqpi_file_promised(header) : 0;
    if (promised < 0) {
        fqpi_data_fail(ctx, path, "header promises more data than any memory holds");
        return FQPI_BROKEN;
    }
    return w == FQPI_WHOLE && needs_data && *there - (int64_t)header->bytes < promised ? FQPI_HALF : w;
}

void fqpi_file_why(fqp_ctx *ctx, char *buf, size_t size) {
    const char *why = fqp_ctx_problem_count(ctx) ? fqp_ctx_problem(ctx, 0).message : "it cannot be read";
    snprintf(buf, size, "%s", why);
    char *line = strchr(buf, '\n');
    if (line)
        *line = '\0';
    fqp_ctx_problems_clear(ctx);
}

/* ---- values ---------------------------------------------------------------------------------------------------- */

fqp_status fqpi_file_real(fqp_ctx *ctx, fqp_array *a) {
    if (a->dtype == FQP_F32 || a->dtype == FQP_F64)
        return FQP_OK;
    fqp_array real = {0};
    const fqp_status s = fqp_array_convert(ctx, fqp_array_view(a), FQP_F64, &real);
    if (s)
        return s;
    fqp_array_free(a);
    *a = real;
    return FQP_OK;
}

bool fqpi_file_fits(int ndim, const int64_t *shape, int64_t n, int64_t m) {
    return (ndim == 2 && shape[0] == n && shape[1] == m) || (ndim == 1 && m == 1 && shape[0] == n);
}

void fqpi_file_shape(int ndim, const int64_t *shape, char buf[FQPI_FILE_SHAPE]) {
    size_t at = 0;
    buf[0] = '\0';
    for (int i = 0; i < ndim && at + 24 < FQPI_FILE_SHAPE; i++)
        at += (size_t)snprintf(buf + at, FQPI_FILE_SHAPE - at, "%s%lld", i ? ", " : "(", (long long)shape[i]);
    snprintf(buf + at, FQPI_FILE_SHAPE - at, "%s", ndim ? ndim == 1 ? ",)" : ")" : "()");
}

uint64_t fqpi_file_hash(const void *bytes, size_t n) {
    const unsigned char *b = bytes;
    uint64_t h = 0xcbf29ce484222325u; /* Fowler, Noll, Vo: offset basis and prime of 64 bits */
    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * 0x100000001b3u;
    return h;
}
