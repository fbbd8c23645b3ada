/* blame.c - a problem of an expression, shown with its line and a caret. */
#include "fail.h"
#include "mem.h"
#include "parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 72 }; /* columns of the excerpt */

/* Characters, not bytes: continuation bytes of UTF-8 do not count. */
static int columns(const char *s, size_t n) {
    int c = 0;
    for (size_t i = 0; i < n; i++)
        c += ((unsigned char)s[i] & 0xC0) != 0x80;
    return c;
}

static bool inside_character(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* The part of the line [from, to) around byte `at` that fits the page. */
static void window(const char *text, size_t at, size_t *from, size_t *to) {
    if (at - *from > SHOWN / 2 && *to - *from > SHOWN) {
        *from = at - SHOWN / 2;
        while (inside_character(text[*from]))
            ++*from;
    }
    if (*to - *from > SHOWN) {
        *to = *from + SHOWN;
        while (inside_character(text[*to]))
            --*to;
    }
}

static fqp_status show(fqp_ctx *ctx, fqp_status status, const fqp_origin *where, const char *message, const char *text,
                       size_t at, const char *hint) {
    size_t from = at, to = at;
    while (from > 0 && text[from - 1] != '\n')
        from--;
    while (text[to] && text[to] != '\n')
        to++;
    if (from == to && from == 0)
        return fqpi_fail(ctx, status, where, "%s%s%s", message, *hint ? "\n    " : "", hint);
    window(text, at, &from, &to);
    return fqpi_fail(ctx, status, where, "%s\n    %.*s\n    %*s^%s%s", message, (int)(to - from), text + from,
                     columns(text + from, at - from), "", *hint ? "\n    " : "", hint);
}

static fqp_status blame(fqp_ctx *ctx, fqp_status status, const char *text, fqpi_where place, size_t at,
                        const char *hint, const char *fmt, va_list args) {
    char message[512];
    if (vsnprintf(message, sizeof message, fmt, args) < 0)
        message[0] = 0;
    size_t line = at;
    while (line > 0 && text[line - 1] != '\n')
        line--;
    int column = 1 + columns(text + line, at - line);
    fqp_origin where = place.origin;
    for (size_t i = 0; i < line; i++)
        where.line += where.line > 0 && text[i] == '\n';
    where.column = line == 0 && where.column > 0 ? where.column + column - 1 : column;
    char full[700], numbered[32] = "";
    if (where.line <= 0)
        snprintf(numbered, sizeof numbered, "column %d: ", column);
    snprintf(full, sizeof full, "%s%s%s%s", place.key ? place.key : "", place.key ? ": " : "", numbered, message);
    return show(ctx, status, &where, full, text, at, hint);
}

fqp_status fqpi_expr_blame(fqp_ctx *ctx, const char *text, fqpi_where place, size_t at, const char *hint,
                           const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fqp_status status = blame(ctx, FQP_E_EXPR, text, place, at, hint, fmt, args);
    va_end(args);
    return status;
}

fqp_status fqpi_text_blame(fqp_ctx *ctx, fqp_status status, const char *text, fqpi_where place, size_t at,
                           const char *hint, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    blame(ctx, status, text, place, at, hint, fmt, args);
    va_end(args);
    return status;
}
