/* archive_write.c - an archive of stored members: local headers with their data, directory, end records. */
#include "archive.h"
#include "archive_i.h"
#include "mem.h"
#include "os.h"

#include <string.h>
#include <zlib.h>

enum { DATE_1980_01_01 = 1 << 5 | 1, UTF8 = 1 << 11, VERSION = 20, VERSION64 = 45 };

/* A record under construction. */
typedef struct record {
    unsigned char *p;
    size_t n;
} record;

static void put(record *r, unsigned bytes, uint64_t v) {
    for (unsigned i = 0; i < bytes; i++)
        r->p[r->n++] = (unsigned char)(v >> 8 * i);
}

static void put_text(record *r, const char *text, size_t n) {
    memcpy(r->p + r->n, text, n);
    r->n += n;
}

/* What a 32-bit field holds: the number, or the mark that it stands in the extra field. */
static uint64_t field(uint64_t v, bool large) {
    return large ? UINT32_MAX : v;
}

typedef struct placed {
    uint64_t at, size;
    uint32_t crc;
    bool large; /* some number needs 64 bits */
} placed;

/* The part that local header and directory entry have in common. */
static void put_common(record *r, const placed *m, size_t name, size_t extra) {
    put(r, 2, m->large ? VERSION64 : VERSION);
    put(r, 2, UTF8);
    put(r, 2, ZIP_STORED);
    put(r, 2, 0);
    put(r, 2, DATE_1980_01_01);
    put(r, 4, m->crc);
    put(r, 4, field(m->size, m->large));
    put(r, 4, field(m->size, m->large));
    put(r, 2, name);
    put(r, 2, extra);
}

static void put_extra(record *r, const placed *m, bool with_place) {
    put(r, 2, 1);
    put(r, 2, with_place ? 24 : 16);
    put(r, 8, m->size);
    put(r, 8, m->size);
    if (with_place)
        put(r, 8, m->at);
}

static void put_local(record *r, const char *name, const placed *m) {
    size_t n = strlen(name);
    put(r, 4, ZIP_LOCAL_MARK);
    put_common(r, m, n, m->large ? ZIP_EXTRA64 - 8 : 0);
    put_text(r, name, n);
    if (m->large)
        put_extra(r, m, false);
}

static void put_entry(record *r, const char *name, const placed *m) {
    size_t n = strlen(name);
    enum { UNIX = 3 };
    put(r, 4, ZIP_ENTRY_MARK);
    put(r, 2, UNIX << 8 | VERSION64);
    put_common(r, m, n, m->large ? ZIP_EXTRA64 : 0);
    put(r, 2, 0);              /* comment */
    put(r, 2, 0);              /* disk */
    put(r, 2, 0);              /* internal attributes */
    put(r, 4, 0100644u << 16); /* a file that its owner may write */
    put(r, 4, field(m->at, m->large));
    put_text(r, name, n);
    if (m->large)
        put_extra(r, m, true);
}

static void put_end64(record *r, size_t count, uint64_t at, uint64_t bytes) {
    put(r, 4, ZIP_END64_MARK);
    put(r, 8, ZIP_END64 - 12);
    put(r, 2, VERSION64);
    put(r, 2, VERSION64);
    put(r, 4, 0);
    put(r, 4, 0);
    put(r, 8, count);
    put(r, 8, count);
    put(r, 8, bytes);
    put(r, 8, at);
    put(r, 4, ZIP_LOCATOR_MARK);
    put(r, 4, 0);
    put(r, 8, at + bytes);
    put(r, 4, 1);
}

static void put_end(record *r, size_t count, uint64_t at, uint64_t bytes) {
    bool large = count >= UINT16_MAX || at + bytes >= UINT32_MAX;
    if (large)
        put_end64(r, count, at, bytes);
    put(r, 4, ZIP_END_MARK);
    put(r, 2, 0);
    put(r, 2, 0);
    put(r, 2, large ? UINT16_MAX : count);
    put(r, 2, large ? UINT16_MAX : count);
    put(r, 4, field(bytes, large));
    put(r, 4, field(at, large));
    put(r, 2, 0);
}

static uint32_t checksum(const fqpi_zip_source *s) {
    uLong crc = crc32_z(0, s->head, s->nhead);
    return (uint32_t)(s->nbody ? crc32_z(crc, s->body, s->nbody) : crc);
}

/* Everything in order of the file: per member local header, head, body; then the directory. */
static size_t lay_out(size_t count, const fqpi_zip_source *source, placed *m, record *r, fqpi_piece *piece) {
    uint64_t at = 0;
    size_t pieces = 0;
    for (size_t i = 0; i < count; i++) {
        const fqpi_zip_source *s = &source[i];
        size_t begin = r->n;
        m[i] = (placed){.at = at, .size = (uint64_t)s->nhead + s->nbody, .crc = checksum(s)};
        m[i].large = m[i].size >= UINT32_MAX || at >= UINT32_MAX;
        put_local(r, s->name, &m[i]);
        piece[pieces++] = (fqpi_piece){r->p + begin, r->n - begin};
        piece[pieces++] = (fqpi_piece){s->head, s->nhead};
        piece[pieces++] = (fqpi_piece){s->body, s->nbody};
        at += r->n - begin + m[i].size;
    }
    size_t begin = r->n;
    for (size_t i = 0; i < count; i++)
        put_entry(r, source[i].name, &m[i]);
    put_end(r, count, at, r->n - begin);
    piece[pieces++] = (fqpi_piece){r->p + begin, r->n - begin};
    return pieces;
}

fqp_status fqpi_zip_write(fqp_ctx *ctx, const char *path, size_t count, const fqpi_zip_source *source) {
    size_t room = ZIP_END64 + ZIP_LOCATOR + ZIP_END;
    for (size_t i = 0; i < count; i++)
        room += ZIP_LOCAL + ZIP_ENTRY + 2 * (ZIP_EXTRA64 + strlen(source[i].name));
    record r = {.p = fqpi_alloc(ctx, room, 1)};
    placed *m = fqpi_alloc(ctx, count, sizeof *m);
    fqpi_piece *piece = fqpi_alloc(ctx, 3 * count + 1, sizeof *piece);
    fqp_status s = FQP_E_NOMEM;
    if (r.p && m && piece)
        s = fqpi_os_replace_pieces(ctx, path, lay_out(count, source, m, &r, piece), piece);
    fqpi_free(piece);
    fqpi_free(m);
    fqpi_free(r.p);
    return s;
}
