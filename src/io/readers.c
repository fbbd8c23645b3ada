/* readers.c - which reader for which file. */
#include "readers.h"
#include "fail.h"
#include "mem.h"
#include "npy.h"
#include "npz.h"
#include "os.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* A new format is one file with its row and one name here.  Text comes last: almost anything could be text. */
static const fqpi_reader *const readers[] = {&fqpi_reader_npy, &fqpi_reader_npz,   &fqpi_reader_png, &fqpi_reader_jpeg,
                                             &fqpi_reader_pnm, &fqpi_reader_sound, &fqpi_reader_idx, &fqpi_reader_csv};
enum { READERS = sizeof readers / sizeof readers[0] };

static bool has_extension(const fqpi_reader *r, const char *path) {
    char base[256], wanted[260];
    size_t n = strlen(path);
    if (n > 3 && strcasecmp(path + n - 3, ".gz") == 0)
        n -= 3;
    const char *start = path + (n > 255 ? n - 255 : 0);
    snprintf(base, sizeof base, "%.*s", (int)(path + n - start), start);
    const char *dot = strrchr(base, '.');
    if (!dot || strchr(dot, '/'))
        return false;
    snprintf(wanted, sizeof wanted, " %s ", dot);
    return strcasestr(r->extensions, wanted) != NULL;
}

const fqpi_reader *fqpi_reader_find(const unsigned char *head, size_t n, const char *path) {
    for (int i = 0; i < READERS; i++)
        if (readers[i] != &fqpi_reader_csv && readers[i]->knows(head, n))
            return readers[i];
    for (int i = 0; i < READERS; i++)
        if (has_extension(readers[i], path))
            return readers[i];
    return fqpi_reader_csv.knows(head, n) ? &fqpi_reader_csv : NULL;
}

/* ---- reading --------------------------------------------------------------------------------------------- */

/* Formats that people have and that are not read; from: where the words of the head begin. */
static const struct {
    const char *head;
    size_t n, from;
    const char *name, *instead;
} FOREIGN[] = {
    {"GIF8", 4, 0, "a GIF image", "save one frame of it as png"},
    {"II*\0", 4, 0, "a TIFF image", "save it as png"},
    {"MM\0*", 4, 0, "a TIFF image", "save it as png"},
    {"WEBP", 4, 8, "a WebP image", "save it as png"},
    {"\0\0\0\0", 4, 6, "a BMP image", "save it as png"},
    {"ftyp", 4, 4, "an MP4 or HEIF file", "save it as png or wav"},
    {"ID3", 3, 0, "an MP3 file", "save it as wav or flac"},
};

static fqp_status refuse_foreign(fqpi_stream *s) {
    for (size_t i = 0; i < sizeof FOREIGN / sizeof *FOREIGN; i++) {
        if (s->npeeked < FOREIGN[i].from + FOREIGN[i].n ||
            memcmp(s->peeked + FOREIGN[i].from, FOREIGN[i].head, FOREIGN[i].n) != 0)
            continue;
        if (FOREIGN[i].from == 6 && memcmp(s->peeked, "BM", 2) != 0)
            continue;
        return fqpi_data_fail(s->ctx, s->name, "%s, which is not read; %s", FOREIGN[i].name, FOREIGN[i].instead);
    }
    return FQP_OK;
}

static fqp_status unknown(fqpi_stream *s, bool image) {
    char bytes[3 * 8 + 1] = "";
    for (size_t i = 0; i < s->npeeked && i < 8; i++)
        snprintf(bytes + 3 * i, 4, " %02x", s->peeked[i]);
    if (s->npeeked == 0)
        return fqpi_data_fail(s->ctx, s->name, "the file is empty");
    return fqpi_data_fail(s->ctx, s->name, "begins with the bytes%s, which is none of %s", bytes,
                          image ? "png, jpeg, pgm, ppm" : "npy, npz, idx, csv, png, jpeg, pgm, ppm, wav, flac, aiff");
}

fqp_status fqpi_pixels_check(fqpi_stream *s, const char *format, uint64_t height, uint64_t width) {
    if (width == 0 || height <= FQPI_MOST_PIXELS / width)
        return FQP_OK;
    return fqpi_data_fail(s->ctx, s->name,
                          "%s: %llu x %llu pixels, more than the %d that are read; cut or shrink it first", format,
                          (unsigned long long)height, (unsigned long long)width, FQPI_MOST_PIXELS);
}

/* image: only with a reader of images.  note may be NULL. */
static fqp_status read_any(fqp_ctx *ctx, const char *path, bool image, fqp_array *out, fqpi_note *note) {
    fqpi_stream s;
    fqp_status status = fqpi_stream_open(ctx, path, &s);
    if (status)
        return status;
    status = fqpi_stream_peek(&s);
    if (!status)
        status = refuse_foreign(&s);
    const fqpi_reader *r = status ? NULL : fqpi_reader_find(s.peeked, s.npeeked, path);
    if (!status)
        status = r && s.npeeked && (r->kind == FQPI_IMAGE || !image) ? r->read(&s, out) : unknown(&s, image);
    if (!status && note) {
        *note = s.note;
        note->kind = (int)r->kind;
        s.note.header = NULL;
    }
    fqpi_stream_close(&s);
    return status;
}

fqp_status fqpi_read_as(fqp_ctx *ctx, const char *path, const fqpi_reader *reader, fqp_array *out) {
    if (!path || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "reading needs a path and a place for the array");
    fqpi_stream s;
    fqp_status status = fqpi_stream_open(ctx, path, &s);
    if (status)
        return status;
    status = reader->read(&s, out);
    fqpi_stream_close(&s);
    return status;
}

/* "file.npz:name": the name, when the text before its colon ends in ".npz" or names a file; NULL otherwise.  archive
 * receives that text and has room for path. */
static const char *member_name(const char *path, char *archive) {
    struct stat st;
    for (const char *colon = strchr(path, ':'); colon && colon[1]; colon = strchr(colon + 1, ':')) {
        memcpy(archive, path, (size_t)(colon - path));
        archive[colon - path] = '\0';
        bool archived = colon - path > 4 && strncasecmp(colon - 4, ".npz", 4) == 0;
        if (archived || (stat(archive, &st) == 0 && S_ISREG(st.st_mode)))
            return colon + 1;
    }
    return NULL;
}

fqp_status fqpi_read_noted(fqp_ctx *ctx, const char *path, fqp_array *out, fqpi_note *note) {
    struct stat st;
    if (note)
        *note = (fqpi_note){.kind = FQPI_ARRAY};
    if (stat(path, &st) == 0 || !strchr(path, ':'))
        return read_any(ctx, path, false, out, note);
    char *archive = fqpi_strdup(ctx, path);
    if (!archive)
        return FQP_E_NOMEM;
    const char *name = member_name(path, archive);
    fqp_status s = name ? fqp_npz_read(ctx, archive, name, out) : read_any(ctx, path, false, out, note);
    fqpi_free(archive);
    return s;
}

fqp_status fqp_array_read(fqp_ctx *ctx, const char *path, fqp_array *out) {
    if (!path || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_array_read needs a path and a place for the array");
    return fqpi_read_noted(ctx, path, out, NULL);
}

fqp_status fqp_image_read(fqp_ctx *ctx, const char *path, fqp_array *out) {
    if (!path || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_image_read needs a path and a place for the array");
    return read_any(ctx, path, true, out, NULL);
}

/* ---- rows of the formats that live elsewhere -------------------------------------------------------------- */

static bool begins_npy(const unsigned char *head, size_t n) {
    return n >= 6 && memcmp(head, "\x93NUMPY", 6) == 0;
}

static bool begins_zip(const unsigned char *head, size_t n) {
    return n >= 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0);
}

/* An archive is read from its end, so it needs a file of its own. */
static fqp_status read_npz(fqpi_stream *s, fqp_array *out) {
    if (s->compressed || s->memory)
        return fqpi_data_fail(s->ctx, s->name,
                              "a zip archive is read from a plain file, not from a pipe or inside gzip");
    return fqpi_npz_read_only(s->ctx, s->name, out);
}

const fqpi_reader fqpi_reader_npy = {"npy", " .npy ", FQPI_ARRAY, begins_npy, fqpi_npy_stream_read};
const fqpi_reader fqpi_reader_npz = {"npz", " .npz ", FQPI_ARRAY, begins_zip, read_npz};
