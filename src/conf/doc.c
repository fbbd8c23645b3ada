/* doc.c - from YAML text to a tree of nodes that know where they stand.
 *
 * libyaml's events are turned into nodes without recursion, so that nesting is bounded by a number and not by the
 * stack. Refused with a sentence: anchors, aliases, tags, several documents, keys that are not plain words, repeated
 * keys. After a syntax error the part before it is kept, so that its other problems are reported as well.
 */
#include "fail.h"
#include "problems.h"
#include "utf8.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

typedef struct fqpi_block {
    struct fqpi_block *next;
    size_t used, size;
    char bytes[];
} block;

enum { BLOCK = 4096 };

/* Bytes that live as long as the document. */
static void *take(fqpi_doc *doc, size_t n) {
    n = (n + 15) / 16 * 16;
    block *b = doc->blocks;
    if (!b || b->size - b->used < n) {
        size_t size = n > BLOCK ? n : BLOCK;
        b = fqpi_alloc(doc->ctx, 1, sizeof *b + 16 + size);
        if (!b)
            return NULL;
        *b =
            (block){.next = doc->blocks, .used = (16 - sizeof *b % 16) % 16, .size = size + (16 - sizeof *b % 16) % 16};
        doc->blocks = b;
    }
    void *p = b->bytes + b->used;
    b->used += n;
    memset(p, 0, n);
    return p;
}

void fqpi_doc_destroy(fqpi_doc *doc) {
    if (!doc)
        return;
    for (block *b = doc->blocks, *next; b; b = next) {
        next = b->next;
        fqpi_free(b);
    }
    fqpi_free(doc->source);
    fqpi_free(doc->text);
    fqpi_free(doc);
}

const fqpi_node *fqpi_doc_root(const fqpi_doc *doc) {
    return doc->root;
}

/* Length of the line break at p: LF, CR, CR LF, NEL, LS, PS, as YAML 1.1 counts lines; 0: none. */
static size_t line_break(const char *p, size_t n) {
    if (n >= 2 && memcmp(p, "\r\n", 2) == 0)
        return 2;
    if (*p == '\n' || *p == '\r')
        return 1;
    if (n >= 2 && memcmp(p, "\xC2\x85", 2) == 0)
        return 2;
    if (n >= 3 && (memcmp(p, "\xE2\x80\xA8", 3) == 0 || memcmp(p, "\xE2\x80\xA9", 3) == 0))
        return 3;
    return 0;
}

const char *fqpi_doc_line(const fqpi_doc *doc, int line, size_t *n) {
    const char *p = doc->text, *end = doc->text + doc->n;
    for (int at = 1;; at++) {
        const char *q = p;
        size_t step = 0;
        while (q < end && (step = line_break(q, (size_t)(end - q))) == 0)
            q++;
        if (at == line) {
            *n = (size_t)(q - p);
            return p;
        }
        if (q == end)
            return NULL;
        p = q + step;
    }
}

static fqpi_place place_of_byte(const fqpi_doc *doc, size_t at) {
    fqpi_place place = {doc, 1, 1};
    for (size_t i = 0; i < at;) {
        size_t step = line_break(doc->text + i, doc->n - i);
        if (step > 0) {
            place.line++;
            place.column = 1;
        } else if (((unsigned char)doc->text[i] & 0xC0) != 0x80) {
            place.column++;
        }
        i += step > 0 ? step : 1;
    }
    return place;
}

/* ---- building ------------------------------------------------------------------------------------------------- */

typedef struct builder {
    fqpi_doc *doc;
    fqpi_problems *ps;
    yaml_parser_t parser;
    fqpi_node *top; /* the container being filled */
    int depth;
    char *key; /* waiting for its value */
    yaml_mark_t key_mark;
    int documents;
    bool nomem, stop;
} builder;

static fqpi_place place_of_mark(const builder *b, yaml_mark_t mark) {
    return (fqpi_place){b->doc, (int)mark.line + 1, (int)mark.column + 1};
}

/* A problem of the document as such, not of a key in it. */
static void add(fqpi_problems *ps, fqpi_place at, const char *hint, const char *fmt, ...) FQP_PRINTF(4, 5);
static void add(fqpi_problems *ps, fqpi_place at, const char *hint, const char *fmt, ...) {
    char what[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    fqpi_problem_add(ps, at, hint, "%s%s%s", ps->subject ? ps->subject : "", ps->subject ? ": " : "", what);
}

static void refuse(builder *b, yaml_mark_t mark, const char *what) {
    add(b->ps, place_of_mark(b, mark), NULL, "%s", what);
    b->doc->broken = true;
    b->stop = true;
}

static char *keep_text(builder *b, const char *s, size_t n) {
    char *copy = take(b->doc, n + 1);
    if (copy)
        memcpy(copy, s, n);
    else
        b->nomem = true;
    return copy;
}

/* A new node below the current container (or the root), carrying the waiting key. */
static fqpi_node *add_node(builder *b, fqpi_node_kind kind, yaml_mark_t mark) {
    fqpi_node *node = take(b->doc, sizeof *node);
    if (!node) {
        b->nomem = true;
        return NULL;
    }
    *node = (fqpi_node){.kind = kind,
                        .text = "",
                        .line = (int)mark.line + 1,
                        .column = (int)mark.column + 1,
                        .key = b->key,
                        .parent = b->top,
                        .doc = b->doc};
    if (b->key) {
        node->key_line = (int)b->key_mark.line + 1;
        node->key_column = (int)b->key_mark.column + 1;
        b->key = NULL;
    }
    if (!b->top) {
        b->doc->root = node;
        return node;
    }
    if (b->top->last)
        b->top->last->next = node;
    else
        b->top->first = node;
    b->top->last = node;
    b->top->count++;
    return node;
}

static void on_scalar(builder *b, const yaml_event_t *e) {
    const char *s = (const char *)e->data.scalar.value;
    size_t n = e->data.scalar.length;
    if (memchr(s, '\0', n)) {
        refuse(b, e->start_mark, "a text cannot hold a zero byte");
        return;
    }
    char *text = keep_text(b, s, n);
    if (!text)
        return;
    if (b->top && b->top->kind == FQPI_NODE_MAP && !b->key) {
        b->key = text;
        b->key_mark = e->start_mark;
        return;
    }
    fqpi_node *node = add_node(b, FQPI_NODE_SCALAR, e->start_mark);
    if (!node)
        return;
    node->text = text;
    node->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
}

static void on_start(builder *b, fqpi_node_kind kind, yaml_mark_t mark) {
    if (b->top && b->top->kind == FQPI_NODE_MAP && !b->key) {
        refuse(b, mark, "a key must be a word, not a list or a mapping");
        return;
    }
    if (b->depth == FQPI_CONF_MAX_DEPTH) {
        char text[80];
        snprintf(text, sizeof text, "nested more than %d levels deep", FQPI_CONF_MAX_DEPTH);
        refuse(b, mark, text);
        return;
    }
    fqpi_node *node = add_node(b, kind, mark);
    if (!node)
        return;
    node->open = true;
    b->top = node;
    b->depth++;
}

static int by_key_then_place(const void *x, const void *y) {
    const fqpi_node *p = *(fqpi_node *const *)x, *q = *(fqpi_node *const *)y;
    int order = strcmp(p->key, q->key);
    if (order == 0)
        order = p->key_line - q->key_line;
    return order != 0 ? order : p->key_column - q->key_column;
}

/* Report every key that was given before in the same mapping. */
static void find_repeated(builder *b, fqpi_node *map) {
    if (map->count < 2)
        return;
    fqpi_node **sorted = fqpi_alloc(b->doc->ctx, map->count, sizeof(void *));
    if (!sorted) {
        b->nomem = true;
        return;
    }
    size_t n = 0;
    for (fqpi_node *c = map->first; c; c = c->next)
        sorted[n++] = c;
    qsort(sorted, n, sizeof(void *), by_key_then_place);
    for (size_t i = 1, first = 0; i < n; i++) {
        if (strcmp(sorted[i]->key, sorted[first]->key) != 0) {
            first = i;
            continue;
        }
        sorted[i]->repeated = true;
        char word[FQPI_QUOTED_SIZE];
        add(b->ps, fqpi_place_of_key(sorted[i]), NULL, "the key %s was given before, on line %d",
            fqpi_quoted(sorted[i]->key, word), sorted[first]->key_line);
    }
    fqpi_free(sorted);
}

static void on_end(builder *b) {
    if (b->top->kind == FQPI_NODE_MAP)
        find_repeated(b, b->top);
    b->top->open = false;
    b->top = b->top->parent;
    b->depth--;
}

static const char *decorated(const yaml_event_t *e) {
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (e->type == YAML_SCALAR_EVENT) {
        anchor = e->data.scalar.anchor;
        tag = e->data.scalar.tag;
    } else if (e->type == YAML_SEQUENCE_START_EVENT) {
        anchor = e->data.sequence_start.anchor;
        tag = e->data.sequence_start.tag;
    } else if (e->type == YAML_MAPPING_START_EVENT) {
        anchor = e->data.mapping_start.anchor;
        tag = e->data.mapping_start.tag;
    }
    if (e->type == YAML_ALIAS_EVENT)
        return "aliases (*name) are not supported: write the value out, in quotes if it begins with *";
    if (anchor)
        return "anchors (&name) are not supported: write the value out, in quotes if it begins with &";
    if (tag)
        return "tags (!name) are not supported: write the value alone, in quotes if it begins with !";
    return NULL;
}

static void on_event(builder *b, const yaml_event_t *e) {
    const char *refused = decorated(e);
    if (refused) {
        refuse(b, e->start_mark, refused);
        return;
    }
    switch ((int)e->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (b->documents++ > 0)
            refuse(b, e->start_mark, "a second document: only one is read");
        break;
    case YAML_SCALAR_EVENT:
        on_scalar(b, e);
        break;
    case YAML_SEQUENCE_START_EVENT:
        on_start(b, FQPI_NODE_LIST, e->start_mark);
        break;
    case YAML_MAPPING_START_EVENT:
        on_start(b, FQPI_NODE_MAP, e->start_mark);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        on_end(b);
        break;
    case YAML_STREAM_END_EVENT:
        b->stop = true;
        break;
    default:
        break;
    }
}

/* libyaml says what it met; the hint says what most people had in mind. */
static const char *syntax_hint(const builder *b, fqpi_place at, const char *problem) {
    static const char *const hints[][2] = {
        {"mapping values are not allowed",
         "a key is followed by a colon and a blank; a text with \": \" in it needs quotes"},
        {"found character that cannot start", "a text that begins with @ ` or % needs quotes"},
        {"did not find expected key", "keys of one mapping begin in the same column"},
        {"found unexpected end of stream", "a quote is not closed"},
        {"found unknown escape character",
         "a backslash in double quotes is written twice; single quotes take it as it is"}};
    size_t n = 0;
    const char *line = fqpi_doc_line(b->doc, at.line, &n);
    if (line && memchr(line, '\t', n))
        return "a tab cannot indent: use blanks";
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (strncmp(problem, hints[i][0], strlen(hints[i][0])) == 0)
            return hints[i][1];
    return NULL;
}

static void on_syntax_error(builder *b) {
    const yaml_parser_t *p = &b->parser;
    if (p->error == YAML_MEMORY_ERROR) {
        fqpi_fail(b->doc->ctx, FQP_E_NOMEM, NULL, "out of memory while reading YAML");
        b->nomem = true;
        return;
    }
    b->doc->broken = true;
    fqpi_place at = place_of_mark(b, p->problem_mark);
    const char *problem = p->problem ? p->problem : "not YAML";
    const char *hint = syntax_hint(b, at, problem);
    if (p->context && p->context_mark.line != p->problem_mark.line && !b->doc->argument)
        add(b->ps, at, hint, "%s %s that begins on line %zu", problem, p->context, p->context_mark.line + 1);
    else if (p->context)
        add(b->ps, at, hint, "%s %s", problem, p->context);
    else
        add(b->ps, at, hint, "%s", problem);
}

static void build(builder *b) {
    while (!b->stop && !b->nomem) {
        yaml_event_t e;
        if (!yaml_parser_parse(&b->parser, &e)) {
            on_syntax_error(b);
            for (fqpi_node *open = b->top; open && !b->nomem; open = open->parent)
                if (open->kind == FQPI_NODE_MAP)
                    find_repeated(b, open);
            return;
        }
        on_event(b, &e);
        yaml_event_delete(&e);
    }
}

static fqpi_doc *create(fqp_ctx *ctx, const char *source, const char *text, size_t n) {
    fqpi_doc *doc = fqpi_calloc(ctx, 1, sizeof *doc);
    if (!doc)
        return NULL;
    doc->ctx = ctx;
    doc->source = fqpi_strdup(ctx, source);
    doc->text = fqpi_strndup(ctx, text, n);
    doc->n = n;
    if (doc->source && doc->text)
        return doc;
    fqpi_doc_destroy(doc);
    return NULL;
}

fqp_status fqpi_doc_build(fqp_ctx *ctx, const char *source, int order, bool argument, const char *text, size_t n,
                          fqpi_problems *ps, fqpi_doc **out) {
    size_t mark = n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    bool large = n > FQPI_CONF_MAX_BYTES;
    fqpi_doc *doc = create(ctx, source, text + mark, large ? 0 : n - mark);
    if (!doc) {
        ps->failed = true;
        return FQP_E_NOMEM;
    }
    doc->order = order;
    doc->argument = argument;
    *out = doc;
    size_t at = 0;
    const char *fault = fqpi_utf8_fault(doc->text, doc->n, &at);
    doc->broken = large || fault;
    if (large) {
        add(ps, (fqpi_place){doc, 0, 0}, NULL, "%zu bytes are more than the %u that are read", n, FQPI_CONF_MAX_BYTES);
    } else if (fault) {
        add(ps, place_of_byte(doc, at), NULL, "%s (byte 0x%02x)", fault, (unsigned char)doc->text[at]);
    } else {
        builder b = {.doc = doc, .ps = ps};
        if (yaml_parser_initialize(&b.parser)) {
            yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
            yaml_parser_set_input_string(&b.parser, (const unsigned char *)doc->text, doc->n);
            build(&b);
            yaml_parser_delete(&b.parser);
        } else {
            fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory while reading YAML");
            b.nomem = true;
        }
        ps->failed = ps->failed || b.nomem;
    }
    return ps->failed ? FQP_E_NOMEM : FQP_OK;
}

/* ---- files and documents by themselves ----------------------------------------------------------------------------
 */

fqp_status fqpi_doc_read(fqp_ctx *ctx, const char *source, const char *text, size_t n, fqpi_doc **out) {
    fqpi_problems ps = {.ctx = ctx};
    fqpi_doc *doc = NULL;
    fqp_status status = fqpi_doc_build(ctx, source, 0, false, text, n, &ps, &doc);
    fqp_status found = fqpi_problems_report(&ps);
    if (status == FQP_OK)
        status = found;
    if (status == FQP_OK)
        *out = doc;
    else
        fqpi_doc_destroy(doc);
    return status;
}

fqp_status fqpi_doc_load(fqp_ctx *ctx, const char *path, fqpi_doc **out) {
    char *text = NULL;
    size_t n = 0;
    fqp_status status = fqpi_file_read(ctx, path, &text, &n);
    if (status == FQP_OK)
        status = fqpi_doc_read(ctx, path, text, n, out);
    fqpi_free(text);
    return status;
}

void *fqpi_locale_begin(void) {
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return c ? (void *)uselocale(c) : NULL;
}

void fqpi_locale_end(void *before) {
    if (!before)
        return;
    locale_t c = uselocale((locale_t)before);
    freelocale(c);
}
