/* npz_write.c - npz files written: libzip packs, and what it makes goes into a neighbour of the file as every format of
 * ours does.  (Left to itself, libzip starts all of libcrypto to draw a name for its neighbour.) */
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "npy.h"
#include "npz_i.h"
#include "os.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* ---- members ---------------------------------------------------------------------------------------------------- */

typedef struct head {
    char text[FQPI_NPY_HEADER_MAX];
} head;

typedef struct job {
    fqp_ctx *ctx;
    const char *path;
    size_t count;
    const char *const *names;
    const fqp_view *views;
    head *heads;                  /* sources borrow their bytes until zip_close */
    const char *text_name, *text; /* NULL: none */
} job;

/* Members are stored, not deflated: predictions and weights hardly shrink, and a checkpoint must be quick.  The date is
 * fixed so that equal arrays make equal files. */
static bool add_parts(zip_t *zip, const char *member, zip_buffer_fragment_t *parts, int n) {
    zip_source_t *source = zip_source_buffer_fragment(zip, parts, (zip_uint64_t)n, 0);
    if (!source)
        return false;
    zip_int64_t i = zip_file_add(zip, member, source, ZIP_FL_ENC_UTF_8);
    if (i < 0) {
        zip_source_free(source);
        return false;
    }
    enum { DATE_1980_01_01 = 1 << 5 | 1 };
    return zip_set_file_compression(zip, (zip_uint64_t)i, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(zip, (zip_uint64_t)i, 0, DATE_1980_01_01, 0) == 0;
}

static bool add_member(zip_t *zip, const char *member, fqp_view v, size_t bytes, head *h) {
    zip_buffer_fragment_t parts[2] = {
        {.data = (zip_uint8_t *)h->text, .length = fqpi_npy_header_format(v.dtype, v.ndim, v.shape, h->text)},
        {.data = (zip_uint8_t *)(uintptr_t)v.data, .length = bytes}};
    return add_parts(zip, member, parts, bytes ? 2 : 1);
}

static fqp_status add_text(const job *j, zip_t *zip) {
    zip_buffer_fragment_t part = {.data = (zip_uint8_t *)(uintptr_t)j->text, .length = strlen(j->text)};
    if (add_parts(zip, j->text_name, &part, 1))
        return FQP_OK;
    return fqpi_npz_fail(j->ctx, j->path, FQP_E_ARG, j->text_name, zip_get_error(zip));
}

static fqp_status add_array(const job *j, size_t i, zip_t *zip) {
    size_t bytes;
    fqp_status s = fqpi_view_check(j->ctx, j->views[i], &bytes);
    if (s)
        return s;
    char *member = fqpi_format(j->ctx, "%s.npy", j->names[i]);
    if (!member)
        return FQP_E_NOMEM;
    bool added = add_member(zip, member, j->views[i], bytes, &j->heads[i]);
    fqpi_free(member);
    return added ? FQP_OK : fqpi_npz_fail(j->ctx, j->path, FQP_E_ARG, j->names[i], zip_get_error(zip));
}

/* ---- the file as libzip sees it --------------------------------------------------------------------------------- */

typedef struct sink {
    int fd;
    zip_error_t why;
} sink;

static zip_int64_t sink_answer(sink *k, bool fine, zip_int64_t answer) {
    if (!fine)
        zip_error_set(&k->why, ZIP_ER_WRITE, errno);
    return fine ? answer : -1;
}

static zip_int64_t sink_seek(sink *k, const zip_source_args_seek_t *to) {
    return sink_answer(k, lseek(k->fd, to->offset, to->whence) >= 0, 0);
}

static zip_int64_t sink_tell(sink *k) {
    off_t at = lseek(k->fd, 0, SEEK_CUR);
    return sink_answer(k, at >= 0, at);
}

static zip_int64_t sink_stat(zip_stat_t *st) {
    zip_stat_init(st);
    st->valid = ZIP_STAT_SIZE; /* 0 */
    return sizeof *st;
}

/* A file that is empty when it is opened, and is then written. */
static zip_int64_t sink_act(void *self, void *data, zip_uint64_t n, zip_source_cmd_t what) {
    sink *k = self;
    switch (what) {
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_WRITABLE;
    case ZIP_SOURCE_STAT:
        return sink_stat(data);
    case ZIP_SOURCE_WRITE:
        return sink_answer(k, fqpi_os_write(k->fd, data, n, -1), (zip_int64_t)n);
    case ZIP_SOURCE_SEEK_WRITE:
        return sink_seek(k, data);
    case ZIP_SOURCE_TELL_WRITE:
        return sink_tell(k);
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&k->why, data, n);
    case ZIP_SOURCE_OPEN:
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_BEGIN_WRITE:
    case ZIP_SOURCE_COMMIT_WRITE:
    case ZIP_SOURCE_ROLLBACK_WRITE:
    case ZIP_SOURCE_FREE:
        return 0;
    default:
        zip_error_set(&k->why, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

static zip_t *sink_open(sink *k, zip_error_t *why) {
    zip_source_t *source = zip_source_function_create(sink_act, k, why);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_TRUNCATE, why) : NULL;
    if (!zip && source)
        zip_source_free(source);
    return zip;
}

/* ---- archives --------------------------------------------------------------------------------------------------- */

static fqp_status pack(const job *j, zip_t *zip) {
    fqp_status s = j->text ? add_text(j, zip) : FQP_OK;
    for (size_t i = 0; i < j->count && !s; i++)
        s = add_array(j, i, zip);
    if (!s && zip_close(zip) == 0)
        return FQP_OK;
    if (!s)
        s = fqpi_npz_fail(j->ctx, j->path, FQP_E_IO, "cannot write", zip_get_error(zip));
    zip_discard(zip);
    return s;
}

static fqp_status write_archive(void *self, int fd) {
    const job *j = self;
    sink k = {.fd = fd};
    zip_error_t why;
    zip_error_init(&k.why);
    zip_error_init(&why);
    zip_t *zip = sink_open(&k, &why);
    fqp_status s = zip ? pack(j, zip) : fqpi_npz_fail(j->ctx, j->path, FQP_E_IO, "cannot write", &why);
    zip_error_fini(&why);
    zip_error_fini(&k.why);
    return s;
}

fqp_status fqpi_npz_write_with(fqp_ctx *ctx, const char *path, const char *text_name, const char *text, size_t count,
                               const char *const *names, const fqp_view *views) {
    for (size_t i = 0; i < count; i++)
        if (!names[i] || !*names[i])
            return fqpi_fail(ctx, FQP_E_ARG, &(fqp_origin){.source = path}, "array %zu has no name", i);
    fqp_status s = fqpi_npz_ready(ctx, path);
    if (s)
        return s;
    job j = {
        .ctx = ctx, .path = path, .count = count, .names = names, .views = views, .text_name = text_name, .text = text};
    j.heads = fqpi_alloc(ctx, count, sizeof *j.heads);
    if (!j.heads)
        return FQP_E_NOMEM;
    s = fqpi_os_replace_by(ctx, path, write_archive, &j);
    fqpi_free(j.heads);
    return s;
}

fqp_status fqp_npz_write(fqp_ctx *ctx, const char *path, size_t count, const char *const *names,
                         const fqp_view *views) {
    if (!path || !names || !views || count == 0)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_npz_write needs a path and at least one named array");
    return fqpi_npz_write_with(ctx, path, NULL, NULL, count, names, views);
}
