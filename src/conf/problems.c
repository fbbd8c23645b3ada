/* problems.c - gather, sort by place, report: message, excerpt with caret, hint. */
#include "problems.h"
#include "fail.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SHOWN = 100, EXCERPT = 96, WRAP = 100 };

/* A copy of the place: the document may be gone when the problem is reported. */
typedef struct fqpi_problem_item {
    int order, line, column;
    size_t nth;
    char *source, *message;
} item;

fqpi_place fqpi_place_of(const fqpi_node *node) {
    return (fqpi_place){node->doc, node->line, node->column};
}

fqpi_place fqpi_place_of_key(const fqpi_node *node) {
    return node->key ? (fqpi_place){node->doc, node->key_line, node->key_column} : fqpi_place_of(node);
}

/* Bytes of the character at p; *shown tells whether it may be printed: controls would act on the reader's terminal. */
static size_t character(const char *p, size_t left, bool *shown) {
    uint32_t c = 0;
    size_t n = fqpi_utf8_next(p, left, &c);
    *shown = n > 0 && c >= 0x20 && !(c >= 0x7F && c < 0xA0);
    return n > 0 ? n : 1;
}

const char *fqpi_quoted(const char *text, char buf[FQPI_QUOTED_SIZE]) {
    size_t left = strlen(text), at = 0, shown = 0;
    buf[at++] = '"';
    while (left > 0 && shown < 60) {
        bool plain = false;
        size_t n = character(text, left, &plain);
        if (plain) {
            memcpy(buf + at, text, n);
            at += n;
        } else {
            buf[at++] = *text == '\n' ? ' ' : '?';
        }
        text += n;
        left -= n;
        shown++;
    }
    snprintf(buf + at, FQPI_QUOTED_SIZE - at, "%s\"", left > 0 ? "..." : "");
    return buf;
}

/* The line with the problem, without its indentation, and a caret below the column.  Of a long line a window. */
static void add_excerpt(fqp_ctx *ctx, fqpi_text *t, fqpi_place at) {
    size_t n = 0;
    const char *line = fqpi_doc_line(at.doc, at.line, &n);
    if (!line || n == 0)
        return;
    size_t first = 0, caret = at.column > 0 ? (size_t)at.column - 1 : 0;
    for (size_t i = 0; i < n && (line[i] == ' ' || line[i] == '\t') && first < caret; i++)
        first++;
    if (caret > first + EXCERPT - 10)
        first = caret - (EXCERPT - 20);
    fqpi_text_add(ctx, t, "\n    ");
    size_t column = 0, length = 0;
    for (size_t i = 0; i < n; column++) {
        bool plain = false;
        length = character(line + i, n - i, &plain);
        if (column >= first && column < first + EXCERPT)
            fqpi_text_put(ctx, t, plain ? line + i : line[i] == '\t' ? " " : "?", plain ? length : 1);
        i += length;
    }
    fqpi_text_add(ctx, t, "\n    %*s^", (int)(caret - first), "");
}

/* Words of the hint in lines of at most WRAP columns, indented by four. */
static void add_hint(fqp_ctx *ctx, fqpi_text *t, const char *hint) {
    size_t column = 0;
    while (*hint) {
        size_t n = strcspn(hint, " ");
        if (column == 0 || column + 1 + n > WRAP) {
            fqpi_text_add(ctx, t, "\n    ");
            column = 4;
        } else {
            fqpi_text_add(ctx, t, " ");
            column++;
        }
        fqpi_text_put(ctx, t, hint, n);
        column += n;
        hint += n;
        while (*hint == ' ')
            hint++;
    }
}

static bool room_for_one(fqpi_problems *ps) {
    if (ps->n < ps->cap)
        return true;
    size_t cap = ps->cap ? 2 * ps->cap : 8;
    item *grown = fqpi_resize(ps->ctx, ps->item, cap, sizeof *grown);
    if (!grown)
        return false;
    ps->item = grown;
    ps->cap = cap;
    return true;
}

void fqpi_problem_addv(fqpi_problems *ps, fqpi_place at, const char *hint, const char *fmt, va_list args) {
    if (ps->n == MOST_SHOWN) {
        ps->left_out++;
        return;
    }
    char message[1024];
    vsnprintf(message, sizeof message, fmt, args);
    fqpi_text t = {0};
    fqpi_text_add(ps->ctx, &t, "%s", message);
    if (at.doc && !at.doc->argument && at.line > 0)
        add_excerpt(ps->ctx, &t, at);
    if (hint)
        add_hint(ps->ctx, &t, hint);
    char *source = at.doc ? fqpi_strdup(ps->ctx, at.doc->source) : NULL;
    if (t.failed || (at.doc && !source) || !room_for_one(ps)) {
        fqpi_text_free(&t);
        fqpi_free(source);
        ps->failed = true;
        return;
    }
    bool shown = at.doc && !at.doc->argument;
    ps->item[ps->n] = (item){.order = at.doc ? at.doc->order : 0,
                             .line = shown ? at.line : 0,
                             .column = shown ? at.column : 0,
                             .nth = ps->n,
                             .source = source,
                             .message = t.s};
    ps->n++;
}

void fqpi_problem_add(fqpi_problems *ps, fqpi_place at, const char *hint, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fqpi_problem_addv(ps, at, hint, fmt, args);
    va_end(args);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool hint_known(fqpi_problems *ps, fqpi_text *t, const char *word, const char *const *known, size_t n) {
    const char **sorted = fqpi_alloc(ps->ctx, n, sizeof *sorted);
    if (!sorted)
        return false;
    if (n > 0) {
        memcpy(sorted, known, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, by_name);
    }
    const char *nearest = fqpi_nearest(word, known, n);
    if (nearest)
        fqpi_text_add(ps->ctx, t, "did you mean \"%s\"? ", nearest);
    fqpi_text_add(ps->ctx, t, "known:");
    for (size_t i = 0; i < n; i++)
        fqpi_text_add(ps->ctx, t, " %s", sorted[i]);
    fqpi_free(sorted);
    return !t->failed;
}

void fqpi_problem_add_known(fqpi_problems *ps, fqpi_place at, const char *word, const char *const *known, size_t n,
                            const char *fmt, ...) {
    fqpi_text hint = {0};
    va_list args;
    va_start(args, fmt);
    if (hint_known(ps, &hint, word, known, n))
        fqpi_problem_addv(ps, at, hint.s, fmt, args);
    else
        ps->failed = true;
    va_end(args);
    fqpi_text_free(&hint);
}

static int by_place(const void *a, const void *b) {
    const item *p = a, *q = b;
    int order = p->order - q->order;
    if (order == 0)
        order = p->line - q->line;
    if (order == 0)
        order = p->column - q->column;
    return order != 0 ? order : (p->nth > q->nth) - (p->nth < q->nth);
}

fqp_status fqpi_problems_report(fqpi_problems *ps) {
    fqp_status kind = ps->status ? ps->status : FQP_E_CONFIG;
    fqp_status status = ps->failed ? FQP_E_NOMEM : ps->n > 0 ? kind : FQP_OK;
    if (ps->n > 0)
        qsort(ps->item, ps->n, sizeof *ps->item, by_place);
    for (size_t i = 0; i < ps->n; i++) {
        const item *p = &ps->item[i];
        fqp_origin origin = {p->source, p->line, p->column};
        fqpi_fail(ps->ctx, kind, &origin, "%s", p->message);
        fqpi_free(p->source);
        fqpi_free(p->message);
    }
    if (ps->left_out > 0)
        fqpi_fail(ps->ctx, kind, NULL, "%zu more problems are not shown", ps->left_out);
    fqpi_free(ps->item);
    *ps = (fqpi_problems){.ctx = ps->ctx};
    return status;
}
