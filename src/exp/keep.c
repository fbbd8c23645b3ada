/* keep.c - carry the problems of a failed call over the calls that clean up after it. */
#include "exp.h"
#include "fail.h"
#include "mem.h"

struct fqpi_kept_problem {
    fqp_status status;
    char *source, *message;
    int line, column;
};

void fqpi_keep_more(fqp_ctx *ctx, fqp_status status, fqpi_kept *k) {
    const size_t n = fqp_ctx_problem_count(ctx);
    if (!k->status)
        k->status = status;
    struct fqpi_kept_problem *grown = fqpi_resize(NULL, k->problem, k->n + n, sizeof *grown);
    for (size_t i = 0; grown && i < n; i++) {
        const fqp_problem p = fqp_ctx_problem(ctx, i);
        grown[k->n++] = (struct fqpi_kept_problem){.status = p.status,
                                                   .source = fqpi_strdup(NULL, p.source),
                                                   .message = fqpi_strdup(NULL, p.message),
                                                   .line = p.line,
                                                   .column = p.column};
    }
    if (grown)
        k->problem = grown;
    fqp_ctx_problems_clear(ctx);
}

fqpi_kept fqpi_keep(fqp_ctx *ctx, fqp_status status) {
    fqpi_kept k = {.status = FQP_OK};
    fqpi_keep_more(ctx, status, &k);
    return k;
}

fqp_status fqpi_restore(fqp_ctx *ctx, fqpi_kept *k) {
    const fqp_status status = k->status;
    for (size_t i = 0; i < k->n; i++) {
        const struct fqpi_kept_problem *p = &k->problem[i];
        const fqp_origin o = {.source = p->source, .line = p->line, .column = p->column};
        fqpi_fail(ctx, p->status, &o, "%s", p->message ? p->message : "out of memory");
    }
    fqpi_kept_free(k);
    return status;
}

const char *fqpi_kept_first(const fqpi_kept *k) {
    return k->n && k->problem[0].message ? k->problem[0].message : "";
}

void fqpi_kept_free(fqpi_kept *k) {
    for (size_t i = 0; i < k->n; i++) {
        fqpi_free(k->problem[i].source);
        fqpi_free(k->problem[i].message);
    }
    fqpi_free(k->problem);
    *k = (fqpi_kept){.status = FQP_OK};
}
