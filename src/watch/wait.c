/* wait.c - sleep until files change. */
#include "wait.h"
#include "fail.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/inotify.h>
#endif

static const double SLICE = 0.25; /* an interrupt may come just before the sleep begins */

void fqpi_waiter_open(fqpi_waiter *w) {
#if defined(__linux__)
    w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
#else
    w->fd = -1;
#endif
}

void fqpi_waiter_add(fqpi_waiter *w, const char *path) {
#if defined(__linux__)
    if (w->fd >= 0)
        (void)inotify_add_watch(w->fd, path,
                                IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |
                                    IN_DELETE_SELF | IN_MOVE_SELF);
#else
    (void)w;
    (void)path;
#endif
}

static void drain(int fd) {
    char events[4096];
    while (read(fd, events, sizeof events) > 0) {
    }
}

bool fqpi_waiter_sleep(fqpi_waiter *w, const fqp_ctx *ctx, double seconds) {
    const double end = fqpi_clock() + seconds;
    for (double left = seconds; left > 0 && !fqp_ctx_interrupted(ctx); left = end - fqpi_clock()) {
        struct pollfd p = {.fd = w->fd, .events = POLLIN};
        const int ms = (int)(1000 * (left < SLICE ? left : SLICE)) + 1;
        if (poll(&p, w->fd >= 0 ? 1 : 0, ms) > 0) {
            drain(w->fd);
            return true;
        }
    }
    return false;
}

void fqpi_waiter_close(fqpi_waiter *w) {
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}
