/* stated.h - problems as text for tests. */
#ifndef FQP_TEST_STATED_H
#define FQP_TEST_STATED_H

#include <fqp/problem.h>

#include "support.h"

enum { STATED_TEXTS = 8 };

/* Lists end with NULL; from = to: no time. */
typedef struct stated {
    const char *coordinates[STATED_TEXTS], *unknowns[STATED_TEXTS], *domain;
    double from, to;
    const char *equations[STATED_TEXTS], *conditions[STATED_TEXTS], *exact[STATED_TEXTS];
} stated;

static fqp_texts stated_texts(const char *const *v) {
    fqp_texts t = {.v = (char **)(uintptr_t)v};
    while (t.n < STATED_TEXTS && v[t.n])
        t.n++;
    return t;
}

static fqp_pde *stated_open(fqp_ctx *ctx, const stated *s) {
    static const char *const only_u[STATED_TEXTS] = {"u"};
    static int64_t grid[] = {11};
    double time[2] = {s->from, s->to};
    const fqp_problem_opts o = {.name = "",
                                .coordinates = stated_texts(s->coordinates),
                                .unknowns = stated_texts(s->unknowns[0] ? s->unknowns : only_u),
                                .domain = (char *)(uintptr_t)s->domain,
                                .time = {time, s->to > s->from ? 2 : 0},
                                .operator_ = "",
                                .equations = stated_texts(s->equations),
                                .conditions = stated_texts(s->conditions),
                                .exact = stated_texts(s->exact),
                                .reference = "",
                                .energy = "",
                                .data = "",
                                .grid = {grid, 1}};
    fqp_pde *p = NULL;
    assert_ok(ctx, fqp_problem_create(ctx, &o, NULL, &p));
    return p;
}

#endif
