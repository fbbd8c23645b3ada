/* wait.h - sleep until files change: the system tells where it can (inotify), the clock does where it cannot. */
#ifndef FQPI_WATCH_WAIT_H
#define FQPI_WATCH_WAIT_H

#include <fqp/base.h>

typedef struct fqpi_waiter {
    int fd; /* -1: the clock alone */
} fqpi_waiter;

void fqpi_waiter_open(fqpi_waiter *w);
void fqpi_waiter_add(fqpi_waiter *w,
                     const char *path); /* a folder or file; again does no harm, so does a missing one */
/* True: something changed.  Also ends after `seconds`, and soon after the context is interrupted. */
bool fqpi_waiter_sleep(fqpi_waiter *w, const fqp_ctx *ctx, double seconds);
void fqpi_waiter_close(fqpi_waiter *w);

#endif
