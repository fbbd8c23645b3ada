/* parse.c - a domain's text:
 *
 *   sum     := product (("+" | "-") product)*          union, difference
 *   product := factor ("&" factor)*                    intersection, which binds tighter
 *   factor  := "(" sum ")" | shape "(" argument ("," argument)* ")"
 *
 * Arguments are constant expressions or a file in quotes.  A wrong shape is reported and reading goes on behind it; a
 * text whose structure is wrong is given up there. */
#include "parse.h"
#include "expr_i.h"
#include "readers.h"
#include "shape.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH = 100, HINT = 256 };

typedef struct reader {
    fqp_ctx *ctx;
    const char *text;
    fqpi_where where;
    size_t at;
    int depth;
    fqp_domain *domain;
    fqp_status status; /* of the first mistake */
    bool lost;         /* the structure is wrong, or memory ran out */
} reader;

typedef struct span {
    size_t begin, end; /* bytes of the text */
} span;

static void wrong(reader *r, size_t at, const char *hint, const char *fmt, ...) FQP_PRINTF(4, 5);

static void wrong(reader *r, size_t at, const char *hint, const char *fmt, ...) {
    char message[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    fqp_status status = fqpi_text_blame(r->ctx, FQP_E_CONFIG, r->text, r->where, at, hint, "%s", message);
    r->status = r->status ? r->status : status;
}

static void lose(reader *r, fqp_status status) {
    r->status = r->status ? r->status : status;
    r->lost = true;
}

static void blanks(reader *r) {
    while (isspace((unsigned char)r->text[r->at]))
        r->at++;
}

static bool take(reader *r, char c) {
    blanks(r);
    if (r->lost || r->text[r->at] != c)
        return false;
    r->at++;
    return true;
}

/* ---- nodes ------------------------------------------------------------------------------------------------------ */

static int add_node(reader *r, fqpi_node node) {
    if (r->lost)
        return 0;
    r->domain->node[r->domain->nnodes] = node;
    return r->domain->nnodes++;
}

/* ---- arguments ----------------------------------------------------------------------------------------------------
 */

/* From the opening parenthesis, which was taken, to the comma or parenthesis that ends the argument. */
static span argument(reader *r) {
    blanks(r);
    span s = {r->at, r->at};
    int depth = 0;
    for (char quote = 0, c = 0; (c = r->text[r->at]) != 0; r->at++) {
        if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? 0 : c;
        else if (!quote && depth == 0 && (c == ',' || c == ')'))
            break;
        else if (!quote)
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    s.end = r->at;
    while (s.end > s.begin && isspace((unsigned char)r->text[s.end - 1]))
        s.end--;
    return s;
}

/* The text with all but the argument blanked, so that columns of messages are those of the text. */
static bool number(reader *r, span s, double *value) {
    if (s.begin == s.end) {
        wrong(r, s.begin, "", "a number is missing");
        return false;
    }
    char *only = fqpi_strndup(r->ctx, r->text, s.end);
    fqp_expr *e = NULL;
    if (!only) {
        lose(r, FQP_E_NOMEM);
        return false;
    }
    for (size_t i = 0; i < s.begin; i++)
        only[i] = only[i] == '\n' ? '\n' : ' ';
    fqp_status status = fqpi_expr_create_at(r->ctx, only, &(fqp_expr_opts){.origin = r->where.origin}, NULL, &e);
    if (!status)
        status = fqpi_expr_eval(r->ctx, e, 1, NULL, NULL, value);
    fqp_expr_destroy(e);
    fqpi_free(only);
    if (status == FQP_E_NOMEM)
        lose(r, status);
    else if (status)
        r->status = r->status ? r->status : FQP_E_CONFIG;
    else if (!isfinite(*value) || fabs(*value) > 1e100)
        wrong(r, s.begin, "", "a number must be finite, and at most 1e100");
    else
        return true;
    return false;
}

static fqp_status read_file(reader *r, const char *path, fqpi_shape *s) {
    fqp_array a = {0}, real = {0};
    fqpi_note note = {0};
    fqp_status status = fqpi_read_noted(r->ctx, path, &a, &note);
    fqpi_free(note.header);
    if (!status)
        status = fqp_array_convert(r->ctx, fqp_array_view(&a), FQP_F64, &real);
    fqp_array_free(&a);
    fqp_origin at = {.source = path};
    if (!status && (real.ndim != 2 || real.shape[0] == 0 || real.shape[1] > 64))
        status = fqpi_fail(r->ctx, FQP_E_DATA, &at, "the file must hold a table: rows of numbers");
    int64_t n = status ? 0 : real.shape[0] * real.shape[1];
    for (int64_t i = 0; !status && i < n; i++)
        if (!isfinite(((double *)real.data)[i]))
            status = fqpi_fail(r->ctx, FQP_E_DATA, &at, "row %lld: a number is not finite",
                               (long long)(i / real.shape[1]) + 1);
    if (!status && !(s->p = fqpi_alloc(r->ctx, (size_t)n, sizeof *s->p)))
        status = FQP_E_NOMEM;
    if (!status) {
        memcpy(s->p, real.data, (size_t)n * sizeof *s->p);
        s->n = n;
        s->columns = (int)real.shape[1];
        status = s->row->make(r->ctx, s, path);
    }
    fqp_array_free(&real);
    return status;
}

/* ---- shapes -------------------------------------------------------------------------------------------------------
 */

static const fqpi_shape_row *find_row(const char *name) {
    const fqpi_shape_row *row;
    for (size_t i = 0; (row = fqpi_shape_at(i)) && strcmp(row->name, name) != 0;)
        i++;
    return row;
}

static void unknown(reader *r, size_t at, const char *name) {
    enum { KNOWN = 32 };
    const char *known[KNOWN];
    size_t n = 0;
    for (const fqpi_shape_row *row; n < KNOWN && (row = fqpi_shape_at(n)); n++)
        known[n] = row->name;
    char hint[HINT];
    const char *near = fqpi_nearest(name, known, n);
    size_t used = (size_t)(near ? snprintf(hint, sizeof hint, "did you mean \"%s\"? known:", near)
                                : snprintf(hint, sizeof hint, "known:"));
    for (size_t i = 0; i < n && used < sizeof hint - 16; i++)
        used += (size_t)snprintf(hint + used, sizeof hint - used, " %s", known[i]);
    wrong(r, at, hint, "there is no shape \"%s\"", name);
}

static void say_axes(const fqpi_shape_row *row, char *to, size_t size) {
    size_t used = 0, n = 0;
    for (int d = 1; d <= FQP_DOMAIN_AXES; d++)
        n += row->wants[d - 1] != NULL;
    for (int d = 1; d <= FQP_DOMAIN_AXES; d++)
        if (row->wants[d - 1])
            used += (size_t)snprintf(to + used, size - used, "%s%d", used == 0 ? "" : --n > 1 ? ", " : " or ", d);
    snprintf(to + used, size - used, " coordinate%s", strcmp(to, "1") == 0 ? "" : "s");
}

/* Commas at this level, and one more. */
static int64_t count_arguments(reader r) {
    int64_t n = 0;
    do {
        argument(&r);
        n++;
    } while (take(&r, ','));
    return n;
}

static void numbers(reader *r, fqpi_shape *s, size_t name) {
    int want = s->row->numbers[s->d - 1];
    int64_t n = count_arguments(*r);
    bool good = want > 0 ? n == want : n >= -want && n % 2 == 0;
    if (!good)
        wrong(r, name, "", "%s has %s%d numbers (%s) in %d coordinate%s, not %lld", s->row->name,
              want > 0 ? "" : "pairs, at least ", want > 0 ? want : -want, s->row->wants[s->d - 1], s->d,
              s->d == 1 ? "" : "s", (long long)n);
    size_t *place = fqpi_alloc(r->ctx, (size_t)n, sizeof *place);
    s->p = fqpi_calloc(r->ctx, (size_t)n, sizeof *s->p);
    if (!place || !s->p)
        lose(r, FQP_E_NOMEM);
    for (; !r->lost && s->n < n; s->n++) {
        span a = argument(r);
        place[s->n] = a.begin;
        good = number(r, a, s->p + s->n) && good;
        take(r, ',');
    }
    int64_t which = 0;
    const char *problem = good && !r->lost && s->row->wrong ? s->row->wrong(s, &which) : NULL;
    if (problem)
        wrong(r, place[which], "", "%s: %s", s->row->name, problem);
    else if (good && !r->lost && s->row->make && s->row->make(r->ctx, s, NULL))
        lose(r, FQP_E_NOMEM);
    fqpi_free(place);
}

static void file(reader *r, fqpi_shape *s) {
    span a = argument(r);
    char quote = r->text[a.begin];
    bool quoted = a.end - a.begin > 2 && (quote == '"' || quote == '\'') && r->text[a.end - 1] == quote;
    if (!quoted) {
        wrong(r, a.begin, "", "%s has a file in quotes: %s(\"centres.csv\")", s->row->name, s->row->name);
        while (take(r, ','))
            argument(r);
        return;
    }
    char *path = fqpi_strndup(r->ctx, r->text + a.begin + 1, a.end - a.begin - 2);
    fqp_status status = path ? read_file(r, path, s) : FQP_E_NOMEM;
    fqpi_free(path);
    if (status == FQP_E_NOMEM)
        lose(r, status);
    r->status = r->status ? r->status : status;
}

static int shape(reader *r) {
    size_t name = r->at;
    while (isalnum((unsigned char)r->text[r->at]) || r->text[r->at] == '_')
        r->at++;
    char word[32];
    snprintf(word, sizeof word, "%.*s", (int)(r->at - name < 31 ? r->at - name : 31), r->text + name);
    if (r->at == name) {
        wrong(r, r->at, "", "%s", r->text[r->at] ? "a shape is expected here" : "a shape is missing at the end");
        lose(r, FQP_E_CONFIG);
        return 0;
    }
    size_t opened = r->at;
    if (!take(r, '(')) {
        wrong(r, opened, "", "\"(\" and the numbers of %s are expected here", word);
        lose(r, FQP_E_CONFIG);
        return 0;
    }
    if (r->domain->nshapes == FQPI_DOMAIN_SHAPES) {
        wrong(r, name, "", "more than %d shapes", FQPI_DOMAIN_SHAPES);
        lose(r, FQP_E_CONFIG);
        return 0;
    }
    const fqpi_shape_row *row = find_row(word);
    int d = r->domain->d;
    if (row && row->wants[d - 1]) {
        fqpi_shape *s = &r->domain->shape[r->domain->nshapes++];
        *s = (fqpi_shape){.row = row, .d = d};
        if (row->numbers[d - 1])
            numbers(r, s, name);
        else
            file(r, s);
    } else {
        char axes[48];
        if (row)
            say_axes(row, axes, sizeof axes);
        if (row)
            wrong(r, name, "", "%s is a shape of %s, but the domain has %d", word, axes, d);
        else
            unknown(r, name, word);
        do
            argument(r);
        while (take(r, ','));
    }
    if (!r->lost && !take(r, ')')) {
        wrong(r, opened, "", "this \"(\" is never closed");
        lose(r, FQP_E_CONFIG);
    }
    return add_node(r, (fqpi_node){.left = r->domain->nshapes - 1});
}

/* ---- joins ------------------------------------------------------------------------------------------------------ */

static int sum(reader *r);

static int factor(reader *r) {
    blanks(r);
    size_t opened = r->at;
    if (!take(r, '('))
        return r->lost ? 0 : shape(r);
    if (++r->depth > DEPTH) {
        wrong(r, opened, "", "more than %d parentheses in each other", DEPTH);
        lose(r, FQP_E_CONFIG);
        return 0;
    }
    int node = sum(r);
    if (!r->lost && !take(r, ')')) {
        wrong(r, opened, "", "this \"(\" is never closed");
        lose(r, FQP_E_CONFIG);
    }
    r->depth--;
    return node;
}

static int product(reader *r) {
    int node = factor(r);
    while (take(r, '&')) {
        int right = factor(r);
        node = add_node(r, (fqpi_node){.join = '&', .left = node, .right = right});
    }
    return node;
}

static int sum(reader *r) {
    int node = product(r);
    for (;;) {
        char join = take(r, '+') ? '+' : '-';
        if (join == '-' && !take(r, '-'))
            return node;
        int right = product(r);
        node = add_node(r, (fqpi_node){.join = join, .left = node, .right = right});
    }
}

/* Every shape has a parenthesis. */
static fqp_status make_room(reader *r) {
    size_t n = 1;
    for (const char *c = r->text; *c; c++)
        n += *c == '(';
    r->domain->shape = fqpi_calloc(r->ctx, n, sizeof *r->domain->shape);
    r->domain->node = fqpi_calloc(r->ctx, 2 * n, sizeof *r->domain->node);
    return r->domain->shape && r->domain->node ? FQP_OK : FQP_E_NOMEM;
}

static bool cloud_is_joined(const fqp_domain *domain) {
    bool cloud = false;
    for (int i = 0; i < domain->nshapes; i++)
        cloud = cloud || domain->shape[i].cloud;
    return cloud && domain->nshapes > 1;
}

fqp_status fqpi_domain_parse(fqp_ctx *ctx, const char *text, int d, fqp_origin origin, fqp_domain *domain) {
    reader r = {.ctx = ctx, .text = text, .where = {.origin = origin}, .domain = domain};
    domain->d = d;
    fqp_status status = make_room(&r);
    if (status)
        return status;
    domain->root = sum(&r);
    blanks(&r);
    if (!r.lost && text[r.at])
        wrong(&r, r.at, "", "\"+\", \"-\" or \"&\" and another shape are expected here");
    if (!r.status && cloud_is_joined(domain))
        wrong(&r, 0, "", "points cannot be joined with other shapes: leave out of the file what is not in the domain");
    return r.status;
}
