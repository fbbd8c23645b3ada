/* folder.h - a context, and a clean folder for files, around every test. */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include "support.h"

#include <stdlib.h>
#include <unistd.h>

static fqp_ctx *ctx;
static char room[64];

static int enter(void **state) {
    (void)state;
    snprintf(room, sizeof room, "/tmp/fqp-test-XXXXXX");
    return !mkdtemp(room) || fqp_ctx_create(&(fqp_ctx_opts){.threads = 2}, &ctx) != FQP_OK;
}

static int leave(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", room);
    fqp_ctx_destroy(ctx);
    return system(command) != 0;
}

static inline const char *in_room(const char *name) {
    static char path[4][256];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", room, name);
    return path[turn];
}

#endif
