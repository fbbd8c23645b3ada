/* lock.h - one writing process per run directory. */
#ifndef FQPI_LOCK_H
#define FQPI_LOCK_H

#include <fqp/base.h>

/* Hold DIR/.lock; its descriptor into *fd.  FQP_E_LOCKED names the process that has it. */
fqp_status fqpi_lock_take(fqp_ctx *ctx, const char *dir, int *fd);
void fqpi_lock_release(int fd); /* -1 is legal */

#endif
