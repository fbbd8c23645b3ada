/* archive.c - the directory of a zip archive and its members (PKWARE's APPNOTE 6.3, sections 4.3 and 4.5.3). */
#include "archive.h"
#include "archive_i.h"
#include "fail.h"
#include "mem.h"
#include "os.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static fqp_status not_zip(const fqpi_zip *z) {
    return fqpi_data_fail(z->ctx, z->path, "zip archive: Not a zip archive");
}

static fqp_status inconsistent(const fqpi_zip *z) {
    return fqpi_data_fail(z->ctx, z->path, "zip archive: its directory is broken");
}

/* n bytes at `at`, or the refusal. */
static fqp_status bytes_at(const fqpi_zip *z, uint64_t at, void *buf, size_t n) {
    if (at > z->bytes || n > z->bytes - at)
        return inconsistent(z);
    ssize_t k = fqpi_os_read(z->fd, buf, n, (off_t)at);
    return k < 0 ? fqpi_os_fail(z->ctx, z->path, "read") : (size_t)k < n ? inconsistent(z) : FQP_OK;
}

/* ---- directory --------------------------------------------------------------------------------------------- */

typedef struct directory {
    uint64_t entries, bytes, at;
} directory;

/* Where the end record begins: the last place whose comment fills the rest of the file. */
static bool find_end(const unsigned char *tail, size_t n, size_t *at) {
    for (size_t i = n >= ZIP_END ? n - ZIP_END + 1 : 0; i-- > 0;)
        if (zip_u32(tail + i) == ZIP_END_MARK && i + ZIP_END + zip_u16(tail + i + 20) == n) {
            *at = i;
            return true;
        }
    return false;
}

/* Archives with large numbers have a second end record, which a locator before the first points to. */
static fqp_status read_end64(const fqpi_zip *z, uint64_t end, directory *d) {
    unsigned char locator[ZIP_LOCATOR], record[ZIP_END64];
    if (end < sizeof locator)
        return FQP_OK;
    fqp_status s = bytes_at(z, end - sizeof locator, locator, sizeof locator);
    if (s || zip_u32(locator) != ZIP_LOCATOR_MARK)
        return s;
    s = bytes_at(z, zip_u64(locator + 8), record, sizeof record);
    if (s)
        return s;
    if (zip_u32(record) != ZIP_END64_MARK)
        return inconsistent(z);
    *d = (directory){zip_u64(record + 32), zip_u64(record + 40), zip_u64(record + 48)};
    return FQP_OK;
}

static fqp_status find_directory(const fqpi_zip *z, directory *d) {
    size_t n = z->bytes < ZIP_TAIL ? (size_t)z->bytes : ZIP_TAIL, at = 0;
    unsigned char *tail = fqpi_alloc(z->ctx, n + 1, 1);
    if (!tail)
        return FQP_E_NOMEM;
    fqp_status s = bytes_at(z, z->bytes - n, tail, n);
    if (!s && !find_end(tail, n, &at))
        s = not_zip(z);
    if (!s) {
        *d = (directory){zip_u16(tail + at + 10), zip_u32(tail + at + 12), zip_u32(tail + at + 16)};
        s = read_end64(z, z->bytes - n + at, d);
    }
    fqpi_free(tail);
    if (!s && (d->at > z->bytes || d->bytes > z->bytes - d->at || d->entries > d->bytes / ZIP_ENTRY))
        s = inconsistent(z);
    return s;
}

/* Numbers that do not fit into 32 bits stand in extra field 1, in this order. */
static bool large_numbers(const unsigned char *extra, size_t n, fqpi_zip_entry *e) {
    uint64_t *number[] = {&e->size, &e->packed, &e->at};
    for (size_t i = 0; i + 4 <= n; i += 4u + zip_u16(extra + i + 2)) {
        if (zip_u16(extra + i) != 1)
            continue;
        size_t at = i + 4, end = at + zip_u16(extra + i + 2);
        for (int k = 0; k < 3; k++) {
            if (*number[k] != UINT32_MAX)
                continue;
            if (at + 8 > end || end > n)
                return false;
            *number[k] = zip_u64(extra + at);
            at += 8;
        }
    }
    return true;
}

/* The entry at p, of which `left` bytes are there; its length, 0 when it is broken. */
static size_t parse_entry(fqp_ctx *ctx, const unsigned char *p, size_t left, fqpi_zip_entry *e) {
    if (left < ZIP_ENTRY || zip_u32(p) != ZIP_ENTRY_MARK)
        return 0;
    size_t name = zip_u16(p + 28), extra = zip_u16(p + 30), whole = ZIP_ENTRY + name + extra + zip_u16(p + 32);
    *e = (fqpi_zip_entry){.flags = zip_u16(p + 8),
                          .method = zip_u16(p + 10),
                          .crc = zip_u32(p + 16),
                          .packed = zip_u32(p + 20),
                          .size = zip_u32(p + 24),
                          .at = zip_u32(p + 42)};
    if (whole > left || !large_numbers(p + ZIP_ENTRY + name, extra, e))
        return 0;
    e->name = fqpi_strndup(ctx, (const char *)p + ZIP_ENTRY, name);
    return whole;
}

static fqp_status parse_directory(fqpi_zip *z, const directory *d, const unsigned char *p) {
    size_t at = 0;
    for (z->n = 0; z->n < d->entries; z->n++) {
        size_t length = parse_entry(z->ctx, p + at, (size_t)d->bytes - at, &z->entry[z->n]);
        if (length == 0)
            return inconsistent(z);
        if (!z->entry[z->n].name)
            return FQP_E_NOMEM;
        at += length;
    }
    return FQP_OK;
}

static fqp_status read_directory(fqpi_zip *z) {
    directory d;
    fqp_status s = find_directory(z, &d);
    if (s)
        return s;
    unsigned char *p = fqpi_alloc(z->ctx, (size_t)d.bytes + 1, 1);
    z->entry = fqpi_calloc(z->ctx, (size_t)d.entries + 1, sizeof *z->entry);
    s = p && z->entry ? bytes_at(z, d.at, p, (size_t)d.bytes) : FQP_E_NOMEM;
    s = s ? s : parse_directory(z, &d, p);
    fqpi_free(p);
    return s;
}

fqp_status fqpi_zip_open(fqp_ctx *ctx, const char *path, fqpi_zip *z) {
    struct stat st;
    *z = (fqpi_zip){.ctx = ctx, .path = path, .fd = fqpi_os_open(path, O_RDONLY)};
    if (z->fd < 0)
        return fqpi_os_fail(ctx, path, "open");
    fqp_status s = FQP_OK;
    if (fstat(z->fd, &st) != 0)
        s = fqpi_os_fail(ctx, path, "look at");
    else if (S_ISDIR(st.st_mode))
        s = fqpi_fail(ctx, FQP_E_IO, &(fqp_origin){.source = path}, "cannot read: is a directory");
    else if (!S_ISREG(st.st_mode))
        s = fqpi_data_fail(ctx, path, "zip archive: read from its end, which needs a file");
    z->bytes = s ? 0 : (uint64_t)st.st_size;
    s = s ? s : read_directory(z);
    if (s)
        fqpi_zip_close(z);
    return s;
}

void fqpi_zip_close(fqpi_zip *z) {
    for (size_t i = 0; z->entry && i < z->n; i++)
        fqpi_free(z->entry[i].name);
    fqpi_free(z->entry);
    if (z->fd >= 0)
        close(z->fd);
    *z = (fqpi_zip){.fd = -1};
}

/* ---- members ----------------------------------------------------------------------------------------------- */

typedef struct member {
    int fd;
    uint64_t at, left; /* packed bytes not yet taken from the file */
    uint64_t size;     /* unpacked bytes still to come */
    uint32_t crc, want;
    bool deflated, ended;
    z_stream z;
    unsigned char in[1 << 15];
} member;

static fqp_status take(fqpi_stream *s, member *m, void *buf, size_t n) {
    ssize_t k = fqpi_os_read(m->fd, buf, n, (off_t)m->at);
    if (k < 0)
        return fqpi_os_fail(s->ctx, s->name, "read");
    if ((size_t)k < n)
        return fqpi_data_fail(s->ctx, s->name, "zip member: the file became shorter");
    m->at += n;
    m->left -= n;
    return FQP_OK;
}

/* Up to n unpacked bytes; fewer only where the packed data end. */
static fqp_status inflate_some(fqpi_stream *s, member *m, unsigned char *buf, size_t n, size_t *got) {
    m->z.next_out = buf;
    m->z.avail_out = (uInt)n;
    while (m->z.avail_out > 0 && !m->ended) {
        if (m->z.avail_in == 0 && m->left > 0) {
            size_t want = m->left < sizeof m->in ? (size_t)m->left : sizeof m->in;
            fqp_status status = take(s, m, m->in, want);
            if (status)
                return status;
            m->z.next_in = m->in;
            m->z.avail_in = (uInt)want;
        }
        int code = inflate(&m->z, Z_NO_FLUSH);
        m->ended = code == Z_STREAM_END;
        if (code == Z_BUF_ERROR)
            return fqpi_data_fail(s->ctx, s->name, "zip member: the packed data end in the middle");
        if (code != Z_OK && !m->ended)
            return fqpi_data_fail(s->ctx, s->name, "zip member: %s", m->z.msg ? m->z.msg : "cannot be unpacked");
    }
    *got = n - m->z.avail_out;
    return FQP_OK;
}

static fqp_status check_end(fqpi_stream *s, const member *m) {
    if (m->size > 0)
        return fqpi_data_fail(s->ctx, s->name, "zip member: %llu promised bytes are missing",
                              (unsigned long long)m->size);
    return m->crc == m->want ? FQP_OK : fqpi_data_fail(s->ctx, s->name, "zip member: CRC error");
}

static fqp_status member_read(fqpi_stream *s, void *buf, size_t n, size_t *got) {
    enum { CHUNK = 1 << 20 };
    member *m = s->handle;
    *got = 0;
    while (*got < n && m->size > 0) {
        unsigned char *to = (unsigned char *)buf + *got;
        size_t part = n - *got < CHUNK ? n - *got : CHUNK;
        part = part < m->size ? part : (size_t)m->size;
        fqp_status status = m->deflated ? inflate_some(s, m, to, part, &part) : take(s, m, to, part);
        if (status)
            return status;
        if (part == 0)
            break;
        m->crc = (uint32_t)crc32(m->crc, to, (uInt)part);
        m->size -= part;
        *got += part;
    }
    return *got < n ? check_end(s, m) : FQP_OK;
}

static void member_close(fqpi_stream *s) {
    member *m = s->handle;
    if (m->deflated)
        inflateEnd(&m->z);
    fqpi_free(m);
}

static const fqpi_stream_kind kind_member = {member_read, member_close};

/* Numbers of the directory are promises too: no member is larger than the file times what deflate can do. */
static fqp_status check_member(const fqpi_zip *z, const fqpi_zip_entry *e, const char *name) {
    if (e->method != ZIP_STORED && e->method != ZIP_DEFLATED)
        return fqpi_data_fail(z->ctx, name, "packed with zip method %d; stored and deflated members are read",
                              e->method);
    if (e->flags & 1)
        return fqpi_data_fail(z->ctx, name, "the member is encrypted");
    uint64_t packed = e->packed < z->bytes ? e->packed : z->bytes;
    if (e->size > packed * (e->method == ZIP_DEFLATED ? FQPI_DEFLATE_RATIO : 1))
        return fqpi_data_fail(z->ctx, name, "the archive promises %llu bytes from %llu packed ones",
                              (unsigned long long)e->size, (unsigned long long)e->packed);
    return FQP_OK;
}

/* Where the data of an entry begin: the local header says how long it is itself. */
static fqp_status find_data(const fqpi_zip *z, const fqpi_zip_entry *e, const char *name, uint64_t *at) {
    unsigned char local[ZIP_LOCAL];
    fqp_status s = bytes_at(z, e->at, local, sizeof local);
    if (s)
        return s;
    *at = e->at + ZIP_LOCAL + zip_u16(local + 26) + zip_u16(local + 28);
    if (zip_u32(local) != ZIP_LOCAL_MARK || *at > z->bytes || e->packed > z->bytes - *at)
        return fqpi_data_fail(z->ctx, name, "zip member: it does not lie where the directory says");
    return FQP_OK;
}

fqp_status fqpi_zip_member(const fqpi_zip *z, size_t i, const char *name, fqpi_stream *s) {
    const fqpi_zip_entry *e = &z->entry[i];
    uint64_t at;
    fqp_status status = check_member(z, e, name);
    status = status ? status : find_data(z, e, name, &at);
    if (status)
        return status;
    member *m = fqpi_alloc(z->ctx, 1, sizeof *m);
    if (!m)
        return FQP_E_NOMEM;
    m->fd = z->fd;
    m->at = at;
    m->left = e->packed;
    m->size = e->size;
    m->crc = 0;
    m->want = e->crc;
    m->deflated = e->method == ZIP_DEFLATED;
    m->ended = false;
    m->z = (z_stream){0};
    if (m->deflated && inflateInit2(&m->z, -MAX_WBITS) != Z_OK) {
        fqpi_free(m);
        return fqpi_fail(z->ctx, FQP_E_NOMEM, NULL, "out of memory: zlib cannot unpack");
    }
    *s = (fqpi_stream){
        .ctx = z->ctx, .name = name, .most = e->size, .compressed = true, .kind = &kind_member, .handle = m};
    return FQP_OK;
}
