/* room.h - a context and a clean folder for the tests of the experiment layer. */
#ifndef FQP_TEST_ROOM_H
#define FQP_TEST_ROOM_H

#include "exp.h"
#include "fail.h"
#include "folder.h"
#include "mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static inline void put_file(const char *name, const char *text) {
    FILE *f = fopen(in_room(name), "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    fclose(f);
}

/* All problems of ctx, one a line. */
static inline const char *said(void) {
    static char text[4096];
    text[0] = 0;
    for (size_t i = 0, at = 0; i < fqp_ctx_problem_count(ctx) && at < sizeof text; i++) {
        const fqp_problem p = fqp_ctx_problem(ctx, i);
        at += fqp_problem_text(&p, text + at, sizeof text - at);
        if (at + 1 < sizeof text) {
            text[at++] = '\n';
            text[at] = 0;
        }
    }
    return text;
}

#define works(call)                                                                                                    \
    do {                                                                                                               \
        const fqp_status works_status = (call);                                                                        \
        if (works_status)                                                                                              \
            fail_msg("%s: %s", fqp_status_name(works_status), said());                                                 \
    } while (0)

static inline fqp_config *configured(const char *text) {
    fqp_config *c = NULL;
    works(fqp_config_parse(ctx, "test", text, 0, NULL, &c));
    return c;
}

#endif
