/* said.h - what a context was told, as one text; for tests of messages. */
#ifndef TEST_CONF_SAID_H
#define TEST_CONF_SAID_H

#include <fqp/base.h>
#include <stdio.h>
#include <string.h>

/* All problems as a user sees them, one after the other; borrowed until the next call. */
static const char *said(const fqp_ctx *ctx) {
    static char all[1 << 16];
    size_t at = 0;
    all[0] = '\0';
    for (size_t i = 0; i < fqp_ctx_problem_count(ctx) && at < sizeof all; i++) {
        fqp_problem p = fqp_ctx_problem(ctx, i);
        at += fqp_problem_text(&p, all + at, sizeof all - at);
        if (at + 1 < sizeof all)
            at += (size_t)snprintf(all + at, sizeof all - at, "\n");
    }
    return all;
}

#endif
