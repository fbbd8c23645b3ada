/* fail.c - problems, log lines, progress, the clock, and the nearest spelling. */
#include "fail.h"
#include "ctx.h"
#include "mem.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Owned by malloc, not mem.h: reporting must work when mem.h is told to fail. */
typedef struct fqpi_problem {
    fqp_problem p;
    char *source, *message;
} fqpi_problem;

static bool room_for_one(fqp_ctx *ctx) {
    if (ctx->nproblems < ctx->cap_problems)
        return true;
    size_t cap = ctx->cap_problems ? 2 * ctx->cap_problems : 8;
    fqpi_problem *grown = realloc(ctx->problems, cap * sizeof *grown);
    if (!grown)
        return false;
    ctx->problems = grown;
    ctx->cap_problems = cap;
    return true;
}

fqp_status fqpi_fail(fqp_ctx *ctx, fqp_status status, const fqp_origin *origin, const char *fmt, ...) {
    if (!ctx || !room_for_one(ctx))
        return status;
    va_list args;
    va_start(args, fmt);
    char *message = NULL;
    if (vasprintf(&message, fmt, args) < 0)
        message = NULL;
    va_end(args);
    fqpi_problem *q = &ctx->problems[ctx->nproblems];
    *q = (fqpi_problem){.message = message, .source = origin && origin->source ? strdup(origin->source) : NULL};
    q->p = (fqp_problem){.status = status,
                         .source = q->source,
                         .line = origin ? origin->line : 0,
                         .column = origin ? origin->column : 0,
                         .message = message ? message : "out of memory"};
    ctx->nproblems++;
    return status;
}

size_t fqp_ctx_problem_count(const fqp_ctx *ctx) {
    return ctx->nproblems;
}

fqp_problem fqp_ctx_problem(const fqp_ctx *ctx, size_t i) {
    if (i >= ctx->nproblems)
        return (fqp_problem){.status = FQP_OK, .message = ""};
    return ctx->problems[i].p;
}

void fqp_ctx_problems_clear(fqp_ctx *ctx) {
    for (size_t i = 0; i < ctx->nproblems; i++) {
        free(ctx->problems[i].source);
        free(ctx->problems[i].message);
    }
    ctx->nproblems = 0;
}

size_t fqp_problem_text(const fqp_problem *p, char *buf, size_t size) {
    int n;
    if (!p->source)
        n = snprintf(buf, size, "%s", p->message);
    else if (p->line > 0 && p->column > 0)
        n = snprintf(buf, size, "%s:%d:%d: %s", p->source, p->line, p->column, p->message);
    else if (p->line > 0)
        n = snprintf(buf, size, "%s:%d: %s", p->source, p->line, p->message);
    else
        n = snprintf(buf, size, "%s: %s", p->source, p->message);
    return n < 0 ? 0 : (size_t)n;
}

void fqpi_log(fqp_ctx *ctx, fqp_log_level level, const char *fmt, ...) {
    if (!ctx || !ctx->log)
        return;
    char line[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    ctx->log(ctx->user, level, line);
}

double fqpi_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- nearest spelling ------------------------------------------------------------------------- */

enum { WORD_MAX_LENGTH = 48 };

static size_t smallest(size_t a, size_t b, size_t c) {
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours. */
static size_t distance(const char *a, const char *b) {
    size_t na = strlen(a), nb = strlen(b);
    if (na > WORD_MAX_LENGTH || nb > WORD_MAX_LENGTH)
        return na > nb ? na : nb;
    size_t d[3][WORD_MAX_LENGTH + 1];
    for (size_t j = 0; j <= nb; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *row = d[i % 3], *up = d[(i + 2) % 3], *up2 = d[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            int p = tolower((unsigned char)a[i - 1]), q = tolower((unsigned char)b[j - 1]);
            row[j] = smallest(up[j] + 1, row[j - 1] + 1, up[j - 1] + (p != q));
            if (i > 1 && j > 1 && p == tolower((unsigned char)b[j - 2]) && tolower((unsigned char)a[i - 2]) == q &&
                up2[j - 2] + 1 < row[j])
                row[j] = up2[j - 2] + 1;
        }
    }
    return d[na % 3][nb];
}

static size_t length_gap(const char *a, const char *b) {
    size_t na = strlen(a), nb = strlen(b);
    return na > nb ? na - nb : nb - na;
}

const char *fqpi_nearest(const char *word, const char *const *known, size_t n) {
    const char *best = NULL;
    size_t least = strlen(word) / 3 + 1; /* a third of the word may differ, and at least one letter */
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, known[i]);
        if (d > least)
            continue;
        /* of equally near words the one of like length: swapped letters are the commonest slip */
        if (!best || d < least || length_gap(word, known[i]) < length_gap(word, best)) {
            least = d;
            best = known[i];
        }
    }
    return best;
}

/* ---- progress ---------------------------------------------------------------------------------- */

void fqpi_progress_begin(fqpi_progress *p, fqp_ctx *ctx, const char *task, const char *unit, double total) {
    *p = (fqpi_progress){.ctx = ctx, .task = task, .unit = unit, .total = total, .began = fqpi_clock(), .last = -1};
}

bool fqpi_progress_due(const fqpi_progress *p) {
    return p->ctx->progress && (p->last < 0 || fqpi_clock() - p->last >= 0.1);
}

void fqpi_progress_report(fqpi_progress *p, double done, const char *detail) {
    if (!p->ctx->progress || (done < p->total && !fqpi_progress_due(p)))
        return;
    p->last = fqpi_clock();
    fqp_progress report = {.task = p->task,
                           .unit = p->unit,
                           .done = done,
                           .total = p->total,
                           .seconds = p->last - p->began,
                           .detail = detail ? detail : ""};
    p->ctx->progress(p->ctx->user, &report);
}
