/* os.c - files as the operating system gives them: short transfers finished, refusals named. */
#include "os.h"
#include "fail.h"
#include "mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- refusals -------------------------------------------------------------------------------------- */

enum { NEIGHBOURS = 2000 }; /* a suggestion is not worth reading a larger folder */

/* Names of a folder, and the same without extension, which is what people misspell. */
typedef struct listing {
    size_t n;
    char *name[NEIGHBOURS], *stem[NEIGHBOURS];
} listing;

static size_t stem_length(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && dot != name ? (size_t)(dot - name) : strlen(name);
}

/* Allocated without a context: a hint must not become a second problem. */
static void list(const char *path, listing *l) {
    const char *slash = strrchr(path, '/');
    char *folder = slash ? fqpi_strndup(NULL, path, (size_t)(slash - path) + 1) : fqpi_strdup(NULL, ".");
    DIR *d = folder ? opendir(folder) : NULL;
    struct dirent *e;
    while (d && l->n < NEIGHBOURS && (e = readdir(d))) {
        if (e->d_name[0] == '.')
            continue;
        l->name[l->n] = fqpi_strdup(NULL, e->d_name);
        l->stem[l->n] = fqpi_strndup(NULL, e->d_name, stem_length(e->d_name));
        if (!l->name[l->n] || !l->stem[l->n++])
            break;
    }
    if (d)
        closedir(d);
    fqpi_free(folder);
}

/* The file of the listing whose name is nearest, one of the same extension before others; NULL: none is near. */
static const char *nearest(const listing *l, const char *base) {
    size_t k = stem_length(base);
    char *word = fqpi_strndup(NULL, base, k);
    const char *best = word ? fqpi_nearest(word, (const char *const *)l->stem, l->n) : NULL, *name = NULL;
    for (size_t i = 0; best && i < l->n; i++)
        if (strcmp(l->stem[i], best) == 0 && (!name || strcmp(l->name[i] + strlen(best), base + k) == 0))
            name = l->name[i];
    fqpi_free(word);
    return name;
}

static void missing(fqp_ctx *ctx, const fqp_origin *at, const char *verb, const char *reason) {
    listing *l = fqpi_calloc(NULL, 1, sizeof *l);
    const char *slash = strrchr(at->source, '/'), *base = slash ? slash + 1 : at->source, *near = NULL;
    if (l) {
        list(at->source, l);
        near = nearest(l, base);
    }
    if (near)
        fqpi_fail(ctx, FQP_E_IO, at, "cannot %s: %s\n    did you mean \"%.*s%s\"?", verb, reason,
                  (int)(base - at->source), at->source, near);
    else
        fqpi_fail(ctx, FQP_E_IO, at, "cannot %s: %s", verb, reason);
    for (size_t i = 0; l && i < NEIGHBOURS; i++) {
        fqpi_free(l->name[i]);
        fqpi_free(l->stem[i]);
    }
    fqpi_free(l);
}

fqp_status fqpi_os_fail(fqp_ctx *ctx, const char *path, const char *verb) {
    int why = errno;
    char buf[128];
    const char *reason = strerror_r(why, buf, sizeof buf);
    fqp_origin at = {.source = path};
    if (why == ENOENT && ctx && strncmp(verb, "open", 4) == 0)
        missing(ctx, &at, verb, reason);
    else
        fqpi_fail(ctx, FQP_E_IO, &at, "cannot %s: %s", verb, reason);
    return FQP_E_IO;
}

fqp_status fqpi_data_fail(fqp_ctx *ctx, const char *path, const char *fmt, ...) {
    char text[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return fqpi_fail(ctx, FQP_E_DATA, &(fqp_origin){.source = path}, "%s", text);
}

/* ---- transfers ------------------------------------------------------------------------------------- */

int fqpi_os_open(const char *path, int flags) {
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

ssize_t fqpi_os_read(int fd, void *buf, size_t n, off_t offset) {
    size_t done = 0;
    while (done < n) {
        char *to = (char *)buf + done;
        ssize_t k = offset < 0 ? read(fd, to, n - done) : pread(fd, to, n - done, offset + (off_t)done);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return -1;
        if (k == 0)
            break;
        done += (size_t)k;
    }
    return (ssize_t)done;
}

bool fqpi_os_write(int fd, const void *buf, size_t n, off_t offset) {
    size_t done = 0;
    while (done < n) {
        const char *from = (const char *)buf + done;
        ssize_t k = offset < 0 ? write(fd, from, n - done) : pwrite(fd, from, n - done, offset + (off_t)done);
        if (k < 0 && errno != EINTR)
            return false;
        done += k > 0 ? (size_t)k : 0;
    }
    return true;
}

/* ---- whole files ----------------------------------------------------------------------------------- */

fqp_status fqpi_os_neighbour(fqp_ctx *ctx, const char *path, char **temporary, int *fd) {
    for (int i = 0;; i++) {
        char *name = fqpi_format(ctx, "%s.tmp-%ld-%d", path, (long)getpid(), i);
        if (!name)
            return FQP_E_NOMEM;
        *fd = fqpi_os_open(name, O_WRONLY | O_CREAT | O_EXCL);
        if (*fd >= 0) {
            *temporary = name;
            return FQP_OK;
        }
        fqpi_free(name);
        if (errno != EEXIST)
            return fqpi_os_fail(ctx, path, "write");
    }
}

static fqp_status write_and_close(fqp_ctx *ctx, const char *path, int fd, fqpi_os_writer *write, void *self) {
    fqp_status s = write(self, fd);
    if (close(fd) != 0 && !s)
        s = fqpi_os_fail(ctx, path, "write");
    return s;
}

static fqp_status replace(fqp_ctx *ctx, const char *path, fqpi_os_writer *write, void *self) {
    char *temporary;
    int fd;
    fqp_status s = fqpi_os_neighbour(ctx, path, &temporary, &fd);
    if (s)
        return s;
    s = write_and_close(ctx, path, fd, write, self);
    if (!s && rename(temporary, path) != 0)
        s = fqpi_os_fail(ctx, path, "write");
    if (s)
        unlink(temporary);
    fqpi_free(temporary);
    return s;
}

fqp_status fqpi_os_replace_by(fqp_ctx *ctx, const char *path, fqpi_os_writer *write, void *self) {
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        int fd = fqpi_os_open(path, O_WRONLY);
        return fd < 0 ? fqpi_os_fail(ctx, path, "write") : write_and_close(ctx, path, fd, write, self);
    }
    char *target = lstat(path, &st) == 0 && S_ISLNK(st.st_mode) ? realpath(path, NULL) : NULL;
    fqp_status s = replace(ctx, target ? target : path, write, self);
    free(target);
    return s;
}

typedef struct parts {
    fqp_ctx *ctx;
    const char *path;
    const void *head, *body;
    size_t nhead, nbody;
} parts;

static fqp_status write_parts(void *self, int fd) {
    const parts *p = self;
    bool fine = fqpi_os_write(fd, p->head, p->nhead, -1) && fqpi_os_write(fd, p->body, p->nbody, -1);
    return fine ? FQP_OK : fqpi_os_fail(p->ctx, p->path, "write");
}

fqp_status fqpi_os_replace(fqp_ctx *ctx, const char *path, const void *head, size_t nhead, const void *body,
                           size_t nbody) {
    parts p = {.ctx = ctx, .path = path, .head = head, .nhead = nhead, .body = body, .nbody = nbody};
    return fqpi_os_replace_by(ctx, path, write_parts, &p);
}

/* ---- directories ----------------------------------------------------------------------------------- */

static bool is_directory(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* mkdir of every prefix of dir that ends before a slash, then of dir. */
static fqp_status make_each(fqp_ctx *ctx, char *dir) {
    for (char *p = dir + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char keep = *p;
        *p = '\0';
        int why = mkdir(dir, 0777) == 0 ? 0 : errno;
        if (why && !is_directory(dir)) { /* a directory that is there is fine, however the system refuses to make it */
            errno = why == EEXIST ? ENOTDIR : why;
            return fqpi_os_fail(ctx, dir, "make directory");
        }
        *p = keep;
        if (!keep)
            return FQP_OK;
    }
}

fqp_status fqpi_os_mkdirs(fqp_ctx *ctx, const char *dir) {
    if (!*dir || is_directory(dir))
        return FQP_OK;
    char *copy = fqpi_strdup(ctx, dir);
    fqp_status s = copy ? make_each(ctx, copy) : FQP_E_NOMEM;
    fqpi_free(copy);
    return s;
}

fqp_status fqpi_os_mkparents(fqp_ctx *ctx, const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return FQP_OK;
    char *parent = fqpi_strndup(ctx, path, (size_t)(slash - path));
    fqp_status s = parent ? fqpi_os_mkdirs(ctx, parent) : FQP_E_NOMEM;
    fqpi_free(parent);
    return s;
}
