/* problem_support.h - problems from the text below "problem:", for the tests of src/pde. */
#ifndef PROBLEM_SUPPORT_H
#define PROBLEM_SUPPORT_H

#include "support.h"

#include "conf.h"

#include <fqp/problem.h>

#include <stdio.h>

/* The problem of these lines (each below "problem:"), NULL with its status in *status. */
static inline fqp_pde *problem_try(fqp_ctx *ctx, const char *lines, fqp_status *status) {
    static const fqp_section *const sections[] = {&fqp_problem_section, NULL};
    char text[4096];
    fqp_config *config = NULL;
    fqp_pde *p = NULL;
    size_t n = (size_t)snprintf(text, sizeof text, "problem:\n  ");
    for (const char *s = lines; *s && n + 8 < sizeof text; s++) {
        text[n++] = *s;
        if (*s == '\n')
            n += (size_t)snprintf(text + n, sizeof text - n, "  ");
    }
    text[n] = '\0';
    *status = fqpi_config_parse(ctx, sections, "problem.yaml", text, 0, NULL, &config);
    if (!*status)
        *status = fqp_problem_create(ctx, fqp_config_section(config, "problem"), config, &p);
    fqp_config_destroy(config);
    return p;
}

static inline fqp_pde *problem_make(fqp_ctx *ctx, const char *lines) {
    fqp_status status;
    fqp_pde *p = problem_try(ctx, lines, &status);
    assert_ok(ctx, status);
    return p;
}

#endif
