/* node.c - looking around in a document: children, paths, typed values, and the way back to text. */
#include "fail.h"
#include "number.h"
#include "problems.h"
#include "utf8.h"
#include "value.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const fqpi_node *fqpi_node_get(const fqpi_node *map, const char *key) {
    if (!map || map->kind != FQPI_NODE_MAP)
        return NULL;
    for (const fqpi_node *c = map->first; c; c = c->next)
        if (strcmp(c->key, key) == 0)
            return c;
    return NULL;
}

const fqpi_node *fqpi_node_at(const fqpi_node *list, size_t i) {
    const fqpi_node *c = list ? list->first : NULL;
    while (c && i-- > 0)
        c = c->next;
    return c;
}

const fqpi_node *fqpi_node_find(const fqpi_node *root, const char *path) {
    const fqpi_node *node = root;
    while (node && *path) {
        size_t n = strcspn(path, "/");
        const fqpi_node *c = node->kind == FQPI_NODE_MAP ? node->first : NULL;
        while (c && (strlen(c->key) != n || memcmp(c->key, path, n) != 0))
            c = c->next;
        node = c;
        path += n + (path[n] == '/');
    }
    return node;
}

bool fqpi_node_null(const fqpi_node *node) {
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (node->kind != FQPI_NODE_SCALAR || node->quoted)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(node->text, words[i]) == 0)
            return true;
    return false;
}

const char *fqpi_node_noun(const fqpi_node *node) {
    static const char *const nouns[] = {
        [FQPI_NODE_SCALAR] = "a single value", [FQPI_NODE_LIST] = "a list", [FQPI_NODE_MAP] = "a mapping"};
    return fqpi_node_null(node) ? "no value" : nouns[node->kind];
}

fqp_origin fqpi_node_origin(const fqpi_node *node) {
    if (node->doc->argument)
        return (fqp_origin){.source = node->doc->source};
    return (fqp_origin){node->doc->source, node->line, node->column};
}

void fqpi_node_path(fqp_ctx *ctx, const fqpi_node *node, fqpi_text *out) {
    const fqpi_node *up[FQPI_CONF_MAX_DEPTH + 1];
    size_t n = 0;
    for (const fqpi_node *p = node; p->parent && n <= FQPI_CONF_MAX_DEPTH; p = p->parent)
        up[n++] = p;
    while (n-- > 0) {
        const fqpi_node *p = up[n];
        if (p->key) {
            fqpi_text_add(ctx, out, "%s%s", p->parent->parent ? "." : "", p->key);
        } else {
            size_t index = 0;
            for (const fqpi_node *c = p->parent->first; c != p; c = c->next)
                index++;
            fqpi_text_add(ctx, out, "[%zu]", index);
        }
    }
}

/* ---- problems ------------------------------------------------------------------------------------------------- */

static fqp_status fail_at(fqp_ctx *ctx, const fqpi_node *node, fqpi_place at, const char *what) {
    fqpi_problems ps = {.ctx = ctx};
    fqpi_text path = {0};
    fqpi_node_path(ctx, node, &path);
    if (path.failed)
        ps.failed = true;
    else
        fqpi_problem_add(&ps, at, NULL, "%s%s%s", path.n ? path.s : "", path.n ? ": " : "", what);
    fqpi_text_free(&path);
    return fqpi_problems_report(&ps);
}

fqp_status fqpi_node_fail(fqp_ctx *ctx, const fqpi_node *node, const char *fmt, ...) {
    char what[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return fail_at(ctx, node, fqpi_place_of(node), what);
}

fqp_status fqpi_node_only(fqp_ctx *ctx, const fqpi_node *map, const char *const *known, size_t n) {
    if (map->kind != FQPI_NODE_MAP)
        return fqpi_node_fail(ctx, map, "expected a mapping, found %s", fqpi_node_noun(map));
    fqpi_problems ps = {.ctx = ctx};
    fqpi_text path = {0};
    fqpi_node_path(ctx, map, &path);
    ps.failed = path.failed;
    for (const fqpi_node *c = map->first; c && !ps.failed; c = c->next) {
        size_t i = 0;
        while (i < n && strcmp(known[i], c->key) != 0)
            i++;
        char word[FQPI_QUOTED_SIZE];
        if (i == n)
            fqpi_problem_add_known(&ps, fqpi_place_of_key(c), c->key, known, n, "%s%sunknown key %s",
                                   path.n ? path.s : "", path.n ? ": " : "", fqpi_quoted(c->key, word));
    }
    fqpi_text_free(&path);
    return fqpi_problems_report(&ps);
}

/* ---- typed values: the same readers as for keys of tables -------------------------------------------------------- */

static fqp_status typed(fqp_ctx *ctx, const fqpi_node *node, fqp_key_type type, void *out) {
    fqpi_problems ps = {.ctx = ctx};
    fqpi_text path = {0};
    fqpi_node_path(ctx, node, &path);
    fqp_key key = {.name = node->key ? node->key : "", .type = type, .deflt = ""};
    if (path.failed)
        ps.failed = true;
    else
        fqpi_value_read(&ps, path.n ? path.s : "value", &key, node, out);
    fqpi_text_free(&path);
    return fqpi_problems_report(&ps);
}

fqp_status fqpi_node_to_real(fqp_ctx *ctx, const fqpi_node *node, double *out) {
    return typed(ctx, node, FQP_KEY_REAL, out);
}

fqp_status fqpi_node_to_int(fqp_ctx *ctx, const fqpi_node *node, int64_t *out) {
    return typed(ctx, node, FQP_KEY_INT, out);
}

fqp_status fqpi_node_to_bool(fqp_ctx *ctx, const fqpi_node *node, bool *out) {
    return typed(ctx, node, FQP_KEY_BOOL, out);
}

fqp_status fqpi_node_to_text(fqp_ctx *ctx, const fqpi_node *node, const char **out) {
    if (node->kind != FQPI_NODE_SCALAR || fqpi_node_null(node))
        return fqpi_node_fail(ctx, node, "expected a text, found %s", fqpi_node_noun(node));
    *out = node->text;
    return FQP_OK;
}

/* ---- back to text ------------------------------------------------------------------------------------------------ */

static bool plain_safe(const char *s) {
    fqpi_node as_plain = {.kind = FQPI_NODE_SCALAR, .text = s};
    if (fqpi_node_null(&as_plain) || !(isalnum((unsigned char)*s) || *s == '.' || *s == '-' || *s == '/'))
        return false;
    if (*s == '-' && !isdigit((unsigned char)s[1]) && s[1] != '.')
        return false;
    if (strcmp(s, "...") == 0 || strncmp(s, "... ", 4) == 0)
        return false;
    for (; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr("._+-*/^()=<>", *s))
            return false;
    return true;
}

/* Characters that a reader would refuse or fold into a blank are written as \u escapes. */
static bool must_escape(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c == 0xFFFE ||
           c == 0xFFFF;
}

void fqpi_scalar_write(fqp_ctx *ctx, const char *text, fqpi_text *out) {
    if (plain_safe(text)) {
        fqpi_text_add(ctx, out, "%s", text);
        return;
    }
    size_t left = strlen(text);
    fqpi_text_put(ctx, out, "\"", 1);
    while (left > 0) {
        uint32_t c = '?';
        size_t n = fqpi_utf8_next(text, left, &c);
        if (n == 0)
            n = 1;
        if (c == '"' || c == '\\')
            fqpi_text_add(ctx, out, "\\%c", (int)c);
        else if (c == '\n')
            fqpi_text_put(ctx, out, "\\n", 2);
        else if (must_escape(c))
            fqpi_text_add(ctx, out, "\\u%04X", (unsigned)c);
        else
            fqpi_text_put(ctx, out, text, n);
        text += n;
        left -= n;
    }
    fqpi_text_put(ctx, out, "\"", 1);
}

void fqpi_real_write(fqp_ctx *ctx, double v, fqpi_text *out) {
    if (isnan(v)) {
        fqpi_text_put(ctx, out, "nan", 3);
        return;
    }
    void *locale = fqpi_locale_begin();
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    fqpi_locale_end(locale);
    fqpi_text_add(ctx, out, "%s", text);
}

/* The tree is at most FQPI_CONF_MAX_DEPTH deep, so that recursion is safe here. */
void fqpi_node_write(fqp_ctx *ctx, const fqpi_node *node, fqpi_text *out) {
    if (node->kind == FQPI_NODE_SCALAR) {
        if (fqpi_node_null(node))
            fqpi_text_put(ctx, out, "null", 4);
        else
            fqpi_scalar_write(ctx, node->text, out);
        return;
    }
    bool map = node->kind == FQPI_NODE_MAP;
    fqpi_text_put(ctx, out, map ? "{" : "[", 1);
    for (const fqpi_node *c = node->first; c; c = c->next) {
        if (c != node->first)
            fqpi_text_put(ctx, out, ", ", 2);
        if (map) {
            fqpi_scalar_write(ctx, c->key, out);
            fqpi_text_put(ctx, out, ": ", 2);
        }
        fqpi_node_write(ctx, c, out);
    }
    fqpi_text_put(ctx, out, map ? "}" : "]", 1);
}
