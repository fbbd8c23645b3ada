/* os.h - files as the operating system gives them: short transfers finished, refusals named. */
#ifndef FQPI_OS_H
#define FQPI_OS_H

#include <fqp/base.h>
#include <sys/types.h>

/* "PATH: cannot <verb>: <reason of the system>", from errno.  A missing file that was to be opened (the
 * verb begins with "open") also brings its nearest neighbour. */
fqp_status fqpi_os_fail(fqp_ctx *ctx, const char *path, const char *verb);
/* FQP_E_DATA about a file. */
fqp_status fqpi_data_fail(fqp_ctx *ctx, const char *path, const char *fmt, ...) FQP_PRINTF(3, 4);

/* open(2), repeated when interrupted; -1 and errno.  Close-on-exec. */
int fqpi_os_open(const char *path, int flags);
/* Bytes read, less than n only at the end; -1 and errno. offset < 0: from where the file stands. */
ssize_t fqpi_os_read(int fd, void *buf, size_t n, off_t offset);
/* All n bytes, or false and errno. */
bool fqpi_os_write(int fd, const void *buf, size_t n, off_t offset);

/* The file becomes head followed by body, as one: written to a neighbour and renamed over path, so that a reader, a
 * kill or a full disk never leaves half of it.  A device or pipe is written straight.  Links are followed. */
fqp_status fqpi_os_replace(fqp_ctx *ctx, const char *path, const void *head, size_t nhead, const void *body,
                           size_t nbody);
/* The same of what `write` puts into the open file; it reports its own problems. */
typedef fqp_status fqpi_os_writer(void *self, int fd);
fqp_status fqpi_os_replace_by(fqp_ctx *ctx, const char *path, fqpi_os_writer *write, void *self);
/* A new empty neighbour of path, opened for writing; its name into *temporary (fqpi_free). */
fqp_status fqpi_os_neighbour(fqp_ctx *ctx, const char *path, char **temporary, int *fd);

/* Make a directory and those above it. */
fqp_status fqpi_os_mkdirs(fqp_ctx *ctx, const char *dir);
/* Make the directories above the last component of path. */
fqp_status fqpi_os_mkparents(fqp_ctx *ctx, const char *path);

#endif
