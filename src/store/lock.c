/* lock.c - one writing process per run directory: flock(2) on DIR/.lock, which the system drops with the process, and
 * the number of the process in it for the message. */
#include "lock.h"
#include "fail.h"
#include "mem.h"
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static fqp_status taken(fqp_ctx *ctx, const char *dir, int fd) {
    char text[32] = "";
    ssize_t n = fqpi_os_read(fd, text, sizeof text - 1, 0);
    long pid = n > 0 ? strtol(text, NULL, 10) : 0;
    if (pid > 0)
        return fqpi_fail(ctx, FQP_E_LOCKED, NULL, "%s is being written by process %ld", dir, pid);
    return fqpi_fail(ctx, FQP_E_LOCKED, NULL, "%s is being written by another process", dir);
}

static fqp_status hold(fqp_ctx *ctx, const char *dir, const char *path, int fd) {
    int r;
    do
        r = flock(fd, LOCK_EX | LOCK_NB);
    while (r != 0 && errno == EINTR);
    if (r != 0 && errno == EWOULDBLOCK)
        return taken(ctx, dir, fd);
    if (r != 0) /* some network file systems know no locks; the run is worth more */
        fqpi_log(ctx, FQP_LOG_WARN, "%s: this file system knows no locks; take care that one process writes here", dir);
    char text[32];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || !fqpi_os_write(fd, text, (size_t)n, 0))
        return fqpi_os_fail(ctx, path, "write");
    return FQP_OK;
}

fqp_status fqpi_lock_take(fqp_ctx *ctx, const char *dir, int *fd) {
    char *path = fqpi_format(ctx, "%s/.lock", dir);
    if (!path)
        return FQP_E_NOMEM;
    int f = fqpi_os_open(path, O_RDWR | O_CREAT);
    fqp_status s = f < 0 ? fqpi_os_fail(ctx, path, "write") : hold(ctx, dir, path, f);
    fqpi_free(path);
    if (s && f >= 0)
        close(f);
    if (!s)
        *fd = f;
    return s;
}

void fqpi_lock_release(int fd) {
    if (fd < 0)
        return;
    /* An empty lock file names nobody; when it cannot be emptied the number in it is merely old. */
    int ignored = ftruncate(fd, 0);
    (void)ignored;
    close(fd);
}
