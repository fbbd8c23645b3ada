/* store.c - a run directory: named arrays, growing series and texts under one lock. */
#include <fqp/store.h>

#include "dtype.h"
#include "fail.h"
#include "lock.h"
#include "mem.h"
#include "npy.h"
#include "os.h"
#include "series.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_SERIES = 64 }; /* descriptors held at once; a process has about a thousand */

struct fqp_store {
    fqp_ctx *ctx;
    char *dir;
    fqp_store_mode mode;
    int lock;
    fqpi_series *series;
    size_t nseries, cap_series, next_parked;
};

/* ---- names ------------------------------------------------------------------------------------------------- */

/* Inside the directory, and none of the hidden files (which bars "." and ".." too). */
static fqp_status check_name(const fqp_store *s, const char *name) {
    const char *why = NULL;
    if (!name || !*name)
        why = "a name is needed";
    else if (strlen(name) > 1000)
        why = "the name is longer than 1000 bytes";
    else if (name[0] == '/')
        why = "the name must be inside the directory";
    else if (name[0] == '.' || strstr(name, "/."))
        why = "no part of a name may begin with a dot";
    else if (strstr(name, "//") || name[strlen(name) - 1] == '/')
        why = "a part of the name is empty";
    if (!why)
        return FQP_OK;
    return fqpi_fail(s->ctx, FQP_E_ARG, &(fqp_origin){.source = s->dir}, "\"%s\": %s", name ? name : "", why);
}

static fqp_status check_writable(const fqp_store *s, const char *name) {
    if (s->mode == FQP_STORE_READ)
        return fqpi_fail(s->ctx, FQP_E_ARG, &(fqp_origin){.source = s->dir}, "\"%s\": the store was opened for reading",
                         name ? name : "");
    return check_name(s, name);
}

static char *path_of(const fqp_store *s, const char *name, const char *suffix) {
    return fqpi_format(s->ctx, "%s/%s%s", s->dir, name, suffix);
}

/* ---- opening ------------------------------------------------------------------------------------------------- */

static fqp_status check_directory(fqp_ctx *ctx, const char *dir) {
    struct stat st;
    if (stat(dir, &st) != 0)
        return fqpi_os_fail(ctx, dir, "open run directory");
    if (!S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        return fqpi_os_fail(ctx, dir, "open run directory");
    }
    return FQP_OK;
}

static fqp_status check_new(const fqp_store *s) {
    if (fqp_store_has(s, "manifest.json"))
        return fqpi_fail(s->ctx, FQP_E_ARG, &(fqp_origin){.source = s->dir},
                         "holds a run already (manifest.json): pass --resume or --replace, or choose another --out");
    return FQP_OK;
}

static fqp_status begin(fqp_store *s) {
    if (s->mode == FQP_STORE_READ)
        return check_directory(s->ctx, s->dir);
    fqp_status status = s->mode == FQP_STORE_NEW ? fqpi_os_mkdirs(s->ctx, s->dir) : check_directory(s->ctx, s->dir);
    if (!status)
        status = fqpi_lock_take(s->ctx, s->dir, &s->lock);
    if (!status && s->mode == FQP_STORE_NEW)
        status = check_new(s);
    return status;
}

fqp_status fqp_store_open(fqp_ctx *ctx, const char *dir, fqp_store_mode mode, fqp_store **out) {
    if (!dir || !*dir || !out || (unsigned)mode > FQP_STORE_READ)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_store_open needs a directory, a mode and a place for the store");
    fqp_store *s = fqpi_calloc(ctx, 1, sizeof *s);
    if (!s)
        return FQP_E_NOMEM;
    *s = (fqp_store){.ctx = ctx, .mode = mode, .lock = -1, .dir = fqpi_strdup(ctx, dir)};
    size_t n = s->dir ? strlen(s->dir) : 0;
    while (n > 1 && s->dir[n - 1] == '/')
        s->dir[--n] = '\0';
    fqp_status status = s->dir ? begin(s) : FQP_E_NOMEM;
    if (status)
        fqp_store_close(s);
    else
        *out = s;
    return status;
}

void fqp_store_close(fqp_store *s) {
    if (!s)
        return;
    if (s->mode != FQP_STORE_READ)
        fqp_store_sync(s);
    for (size_t i = 0; i < s->nseries; i++)
        fqpi_series_release(&s->series[i]);
    fqpi_lock_release(s->lock);
    fqpi_free(s->series);
    fqpi_free(s->dir);
    fqpi_free(s);
}

const char *fqp_store_dir(const fqp_store *s) {
    return s->dir;
}

/* ---- series --------------------------------------------------------------------------------------------------- */

static fqpi_series *find(const fqp_store *s, const char *name) {
    for (size_t i = 0; i < s->nseries; i++)
        if (strcmp(s->series[i].name, name) == 0)
            return &s->series[i];
    return NULL;
}

/* Descriptors are few: while too many are open, close one after the other in turn. */
static void make_room(fqp_store *s) {
    size_t open_now = 0;
    for (size_t i = 0; i < s->nseries; i++)
        open_now += s->series[i].fd >= 0;
    for (size_t tried = 0; open_now >= OPEN_SERIES && tried < s->nseries; tried++) {
        fqpi_series *next = &s->series[s->next_parked++ % s->nseries];
        open_now -= next->fd >= 0;
        fqpi_series_park(next);
    }
}

static void forget(fqp_store *s, fqpi_series *series) {
    fqpi_series_release(series);
    *series = s->series[--s->nseries];
}

/* The series of this name, opened or (like v) made. */
static fqp_status obtain(fqp_store *s, const char *name, const fqp_view *like, fqpi_series **out) {
    *out = find(s, name);
    if (!*out || (*out)->fd < 0)
        make_room(s);
    if (*out)
        return FQP_OK;
    if (s->nseries == s->cap_series) {
        size_t cap = s->cap_series ? 2 * s->cap_series : 16;
        fqpi_series *grown = fqpi_resize(s->ctx, s->series, cap, sizeof *grown);
        if (!grown)
            return FQP_E_NOMEM;
        s->series = grown;
        s->cap_series = cap;
    }
    fqpi_series *series = &s->series[s->nseries];
    *series = (fqpi_series){.fd = -1, .name = fqpi_strdup(s->ctx, name), .path = path_of(s, name, ".npy")};
    s->nseries++;
    fqp_status status = series->name && series->path ? FQP_OK : FQP_E_NOMEM;
    if (!status)
        status = like && access(series->path, F_OK) != 0 ? fqpi_series_create(s->ctx, series, *like)
                                                         : fqpi_series_open(s->ctx, series);
    if (status)
        forget(s, series);
    else
        *out = series;
    return status;
}

fqp_status fqp_store_append(fqp_store *s, const char *name, fqp_view v) {
    size_t bytes;
    fqpi_series *series;
    fqp_status status = check_writable(s, name);
    if (!status)
        status = fqpi_view_check(s->ctx, v, &bytes);
    if (!status && v.ndim == FQP_MAX_DIM)
        status = fqpi_fail(s->ctx, FQP_E_SHAPE, &(fqp_origin){.source = s->dir},
                           "\"%s\": a frame has at most %d dimensions", name, FQP_MAX_DIM - 1);
    if (!status)
        status = obtain(s, name, &v, &series);
    return status ? status : fqpi_series_append(s->ctx, series, v);
}

fqp_status fqp_store_truncate(fqp_store *s, const char *name, int64_t frames) {
    fqpi_series *series;
    fqp_status status = check_writable(s, name);
    if (!status)
        status = obtain(s, name, NULL, &series);
    return status ? status : fqpi_series_truncate(s->ctx, series, frames);
}

static size_t folder_length(const fqpi_series *series) {
    return (size_t)(strrchr(series->path, '/') - series->path);
}

/* Renames become durable with their folder. */
static fqp_status sync_folder(const fqp_store *s, const fqpi_series *series) {
    char *folder = fqpi_strndup(s->ctx, series->path, folder_length(series));
    int fd = folder ? fqpi_os_open(folder, O_RDONLY | O_DIRECTORY) : -1;
    fqp_status status = folder ? FQP_OK : FQP_E_NOMEM;
    if (fd >= 0 && fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
        status = fqpi_os_fail(s->ctx, folder, "make durable");
    if (fd >= 0)
        close(fd);
    fqpi_free(folder);
    return status;
}

/* Is there a series before i that was synchronised and lies in the same folder? */
static bool folder_done(const fqp_store *s, size_t i) {
    size_t n = folder_length(&s->series[i]);
    for (size_t k = 0; k < i; k++)
        if (s->series[k].synced && folder_length(&s->series[k]) == n &&
            memcmp(s->series[k].path, s->series[i].path, n) == 0)
            return true;
    return false;
}

/* The system begins to write all files before it is asked to finish the first. */
fqp_status fqp_store_sync(fqp_store *s) {
    fqp_status status = FQP_OK;
    for (size_t i = 0; i < s->nseries; i++)
        fqpi_series_sync_begin(&s->series[i]);
    for (size_t i = 0; i < s->nseries; i++) {
        if (s->series[i].fd < 0 && s->series[i].dirty)
            make_room(s);
        fqp_status one = fqpi_series_sync(s->ctx, &s->series[i]);
        status = status ? status : one;
    }
    for (size_t i = 0; i < s->nseries; i++) {
        fqp_status one = s->series[i].synced && !folder_done(s, i) ? sync_folder(s, &s->series[i]) : FQP_OK;
        status = status ? status : one;
    }
    for (size_t i = 0; i < s->nseries; i++)
        s->series[i].synced = false;
    return status;
}

/* ---- whole arrays and texts ------------------------------------------------------------------------------------ */

fqp_status fqp_store_put(fqp_store *s, const char *name, fqp_view v) {
    fqp_status status = check_writable(s, name);
    if (status)
        return status;
    char *path = path_of(s, name, ".npy");
    status = path ? fqpi_os_mkparents(s->ctx, path) : FQP_E_NOMEM;
    if (!status)
        status = fqp_npy_write(s->ctx, path, v);
    fqpi_free(path);
    fqpi_series *series = status ? NULL : find(s, name);
    if (series) /* its descriptor belongs to the file that was replaced */
        forget(s, series);
    return status;
}

fqp_status fqp_store_get(const fqp_store *s, const char *name, fqp_array *out) {
    fqp_status status = check_name(s, name);
    if (status)
        return status;
    char *path = path_of(s, name, ".npy");
    status = path ? fqp_npy_read(s->ctx, path, out) : FQP_E_NOMEM;
    fqpi_free(path);
    return status;
}

bool fqp_store_has(const fqp_store *s, const char *file) {
    if (!file || !*file)
        return false;
    char *path = path_of(s, file, "");
    bool there = path && access(path, F_OK) == 0;
    fqpi_free(path);
    return there;
}

fqp_status fqp_store_put_text(fqp_store *s, const char *file, const char *text) {
    fqp_status status = check_writable(s, file);
    if (status)
        return status;
    if (!text)
        return fqpi_fail(s->ctx, FQP_E_ARG, &(fqp_origin){.source = s->dir}, "\"%s\": no text", file);
    char *path = path_of(s, file, "");
    status = path ? fqpi_os_mkparents(s->ctx, path) : FQP_E_NOMEM;
    if (!status)
        status = fqpi_os_replace(s->ctx, path, text, strlen(text), NULL, 0);
    fqpi_free(path);
    return status;
}

/* Read in full, then handed over in a block of the C library, which is what free() takes. */
static fqp_status read_text(fqp_ctx *ctx, const char *path, char **out) {
    fqpi_stream stream;
    unsigned char *bytes = NULL;
    size_t n = 0;
    fqp_status status = fqpi_stream_open(ctx, path, &stream);
    if (status)
        return status;
    status = fqpi_stream_all(&stream, &bytes, &n);
    fqpi_stream_close(&stream);
    if (status)
        return status;
    char *text = malloc(n + 1);
    if (text)
        memcpy(text, bytes, n + 1);
    fqpi_free(bytes);
    if (!text)
        return fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory: %zu bytes were asked for", n + 1);
    *out = text;
    return FQP_OK;
}

fqp_status fqp_store_get_text(const fqp_store *s, const char *file, char **out) {
    fqp_status status = check_name(s, file);
    if (status)
        return status;
    if (!out)
        return fqpi_fail(s->ctx, FQP_E_ARG, &(fqp_origin){.source = s->dir}, "\"%s\": no place for the text", file);
    char *path = path_of(s, file, "");
    status = path ? read_text(s->ctx, path, out) : FQP_E_NOMEM;
    fqpi_free(path);
    return status;
}
