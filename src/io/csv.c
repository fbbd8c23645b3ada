/* csv.c - tables of numbers as people write them: f64 [rows, columns].
 *
 * The separator is what the first line of numbers uses: semicolon, comma, tab, or blanks.  A first line in which no
 * field is a number is a header and is left out.  Every field must be a number; nothing is guessed or filled in. */
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "os.h"
#include "readers.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct table {
    fqp_ctx *ctx;
    const char *path;
    const char *at, *end; /* what is left of the text, which a 0 byte ends */
    locale_t c;           /* numbers have points whatever the program's locale says */
    char separator;       /* ' ' stands for any number of blanks */
    int line, first;      /* of the text, from 1; the line that set the number of columns */
    double *value;
    size_t n, cap;
    int64_t rows, columns;
    char *header; /* the line of names */
} table;

typedef struct span {
    const char *begin, *end;
} span;

static fqp_status wrong(const table *t, const char *line, const char *at, const char *fmt, ...) FQP_PRINTF(4, 5);

static fqp_status wrong(const table *t, const char *line, const char *at, const char *fmt, ...) {
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    int column = at - line < INT_MAX ? (int)(at - line) + 1 : 0;
    return fqpi_fail(t->ctx, FQP_E_DATA, &(fqp_origin){.source = t->path, .line = t->line, .column = at ? column : 0},
                     "%s", text);
}

/* ---- lines and fields -------------------------------------------------------------------------------------- */

static bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static span trim(span s) {
    while (s.begin < s.end && blank(*s.begin))
        s.begin++;
    while (s.end > s.begin && blank(s.end[-1]))
        s.end--;
    return s;
}

/* The next line that holds something besides blanks and a comment; line->begin NULL at the end. *start: its first byte.
 */
static span next_line(table *t, const char **start) {
    while (t->at < t->end) {
        const char *newline = memchr(t->at, '\n', (size_t)(t->end - t->at));
        span line = {t->at, newline ? newline : t->end};
        *start = t->at;
        t->at = newline ? newline + 1 : t->end;
        t->line++;
        const char *comment = memchr(line.begin, '#', (size_t)(line.end - line.begin));
        if (comment)
            line.end = comment;
        while (line.end > line.begin && (line.end[-1] == '\r' || (comment && blank(line.end[-1]))))
            line.end--;
        if (trim(line).begin < trim(line).end)
            return line;
    }
    return (span){NULL, NULL};
}

/* The field at *rest, trimmed; *rest moves behind its separator, or becomes NULL after the last. */
static span next_field(char separator, const char **rest, const char *end) {
    const char *p = *rest;
    if (separator == ' ') {
        while (p < end && blank(*p))
            p++;
        span field = {p, p};
        while (field.end < end && !blank(*field.end))
            field.end++;
        for (p = field.end; p < end && blank(*p);)
            p++;
        *rest = p < end ? p : NULL;
        return field;
    }
    const char *q = memchr(p, separator, (size_t)(end - p));
    *rest = q ? q + 1 : NULL;
    span field = {p, q ? q : end};
    while (field.begin < field.end && blank(*field.begin))
        field.begin++;
    while (field.end > field.begin && blank(field.end[-1]))
        field.end--;
    return field;
}

static char separator_of(span line) {
    static const char known[] = ";,\t";
    line = trim(line);
    for (const char *s = known; *s; s++)
        if (memchr(line.begin, *s, (size_t)(line.end - line.begin)))
            return *s;
    return ' ';
}

/* ---- numbers -------------------------------------------------------------------------------------------------- */

static bool number(const table *t, span field, double *value) {
    char *stop;
    if (field.begin == field.end || memchr(field.begin, 'x', (size_t)(field.end - field.begin)) ||
        memchr(field.begin, 'X', (size_t)(field.end - field.begin)) || isspace((unsigned char)*field.begin))
        return false; /* hexadecimal is a typing error in a table */
    *value = strtod_l(field.begin, &stop, t->c);
    return stop == field.end;
}

static fqp_status no_number(const table *t, const char *start, span field) {
    if (field.begin == field.end)
        return wrong(t, start, field.begin, "the field is empty");
    char text[40];
    size_t n = (size_t)(field.end - field.begin), k = 0;
    for (; k < n && k < sizeof text - 1; k++)
        text[k] = isprint((unsigned char)field.begin[k]) || field.begin[k] < 0 ? field.begin[k] : '?';
    text[k] = '\0';
    bool comma = memchr(field.begin, ',', n) != NULL;
    return wrong(t, start, field.begin, "\"%s\" is not a number%s", text,
                 comma ? " (decimals are written with a point)" : "");
}

static fqp_status keep(table *t, double value) {
    if (t->n == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 256;
        double *grown = fqpi_resize(t->ctx, t->value, cap, sizeof *grown);
        if (!grown)
            return FQP_E_NOMEM;
        t->value = grown;
        t->cap = cap;
    }
    t->value[t->n++] = value;
    return FQP_OK;
}

/* No field is a number, and one does not even begin like a number: a mistyped row is no header. */
static bool is_header(const table *t, span line) {
    double value;
    bool words = false;
    for (const char *rest = line.begin; rest;) {
        span field = next_field(t->separator, &rest, line.end);
        if (number(t, field, &value))
            return false;
        words = words || (field.begin < field.end && !strchr("+-.0123456789", *field.begin));
    }
    return words;
}

static fqp_status read_row(table *t, const char *start, span line) {
    int64_t columns = 0;
    for (const char *rest = line.begin; rest; columns++) {
        span field = next_field(t->separator, &rest, line.end);
        double value;
        if (!number(t, field, &value))
            return no_number(t, start, field);
        if (isinf(value) && !isalpha((unsigned char)field.end[-1]))
            return wrong(t, start, field.begin, "\"%.*s\" is beyond the largest number (1.8e308)",
                         (int)(field.end - field.begin < 60 ? field.end - field.begin : 60), field.begin);
        fqp_status s = keep(t, value);
        if (s)
            return s;
    }
    if (t->rows == 0) {
        t->columns = columns;
        t->first = t->line;
    } else if (columns != t->columns)
        return wrong(t, start, NULL, "%lld number%s, but line %d has %lld", (long long)columns, columns == 1 ? "" : "s",
                     t->first, (long long)t->columns);
    t->rows++;
    return FQP_OK;
}

/* ---- the file -------------------------------------------------------------------------------------------------- */

static fqp_status read_rows(table *t) {
    const char *start;
    span line = next_line(t, &start);
    if (line.begin) {
        t->separator = separator_of(line);
        if (is_header(t, line)) {
            line = trim(line);
            t->header = fqpi_strndup(t->ctx, line.begin, (size_t)(line.end - line.begin));
            if (!t->header)
                return FQP_E_NOMEM;
            line = next_line(t, &start);
            t->separator = line.begin ? separator_of(line) : ' ';
        }
    }
    for (; line.begin; line = next_line(t, &start)) {
        fqp_status s = read_row(t, start, line);
        if (s)
            return s;
    }
    return t->rows ? FQP_OK : fqpi_data_fail(t->ctx, t->path, "holds no numbers");
}

static fqp_status parse(fqpi_stream *s, const unsigned char *bytes, size_t n, fqp_array *out) {
    table t = {.ctx = s->ctx, .path = s->name, .at = (const char *)bytes, .end = (const char *)bytes + n};
    const unsigned char *zero = memchr(bytes, 0, n);
    if (zero)
        return fqpi_data_fail(s->ctx, s->name, "byte %zu is 0: not a text", (size_t)(zero - bytes));
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        t.at += 3;
    t.c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!t.c)
        return fqpi_fail(s->ctx, FQP_E_NOMEM, NULL, "out of memory");
    fqp_array a;
    fqp_status status = read_rows(&t);
    freelocale(t.c);
    if (!status)
        status = fqpi_array_make(s->ctx, FQP_F64, 2, (int64_t[]){t.rows, t.columns}, &a);
    if (!status) {
        memcpy(a.data, t.value, t.n * sizeof *t.value);
        *out = a;
        s->note.header = t.header;
    } else
        fqpi_free(t.header);
    fqpi_free(t.value);
    return status;
}

static fqp_status read_csv(fqpi_stream *s, fqp_array *out) {
    unsigned char *bytes;
    size_t n;
    fqp_status status = fqpi_stream_all(s, &bytes, &n);
    if (status)
        return status;
    status = parse(s, bytes, n, out);
    fqpi_free(bytes);
    return status;
}

/* Printable, or blank, or beyond ASCII. */
static bool begins_text(const unsigned char *head, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (head[i] == 127 || (head[i] < 32 && head[i] != '\t' && head[i] != '\n' && head[i] != '\r'))
            return false;
    return n > 0;
}

const fqpi_reader fqpi_reader_csv = {"csv", " .csv .txt .tsv .dat ", FQPI_TABLE, begins_text, read_csv};

fqp_status fqp_csv_read(fqp_ctx *ctx, const char *path, fqp_array *out) {
    return fqpi_read_as(ctx, path, &fqpi_reader_csv, out);
}
