/* name.c - what names mean: indices of sums, variables, parameters, coordinates, constants, calls. */
#include "fail.h"
#include "mem.h"
#include "op.h"
#include "parse_i.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    double value;
} CONSTANT[] = {{"pi", 3.14159265358979323846}, {"e", 2.71828182845904523536}, {"inf", INFINITY}};

enum { NCONSTANTS = sizeof CONSTANT / sizeof *CONSTANT, NAME_MAX_LENGTH = 63 };

static int find(const char *const *list, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], name) == 0)
            return (int)i;
    return -1;
}

int fqpi_names_variable(const fqpi_names *names, const char *name) {
    int i = find(names->variable, names->nvariables, name);
    if (i < 0 && names->coords > 0 && names->coords <= 3 && strlen(name) == 1 && strchr("xyz", name[0]))
        i = name[0] - 'x' < names->coords ? name[0] - 'x' : -1;
    return i;
}

int fqpi_names_parameter(const fqpi_names *names, const char *name) {
    return find(names->parameter, names->nparameters, name);
}

/* r2 = sum x_i^2, and r by hypot, whose derivative is finite everywhere. */
static int radius(fqpi_graph *g, int coords, bool squared) {
    int t = fqpi_graph_leaf(g, &fqpi_op_variable, 0);
    t = squared ? fqpi_graph_2(g, &fqpi_op_mul, t, t) : t;
    for (int i = 1; i < coords; i++) {
        int x = fqpi_graph_leaf(g, &fqpi_op_variable, i);
        t = squared ? fqpi_graph_2(g, &fqpi_op_add, t, fqpi_graph_2(g, &fqpi_op_mul, x, x))
                    : fqpi_graph_2(g, &fqpi_op_hypot, t, x);
    }
    return coords == 1 && !squared ? fqpi_graph_1(g, &fqpi_op_abs, t) : t;
}

/* Term of a plain name, -1 when it has no meaning. */
static int meaning(fqpi_parser *p, const char *name) {
    size_t length = strlen(name);
    for (int i = p->nindices; i-- > 0;)
        if (p->index[i].length == length && memcmp(p->text + p->index[i].start, name, length) == 0)
            return fqpi_graph_number(p->g, p->index[i].value);
    int i = fqpi_names_variable(p->names, name);
    if (i >= 0)
        return fqpi_graph_leaf(p->g, &fqpi_op_variable, i);
    i = fqpi_names_parameter(p->names, name);
    if (i >= 0)
        return fqpi_graph_leaf(p->g, &fqpi_op_parameter, i);
    if (p->names->coords > 0 && (strcmp(name, "r") == 0 || strcmp(name, "r2") == 0))
        return radius(p->g, p->names->coords, length == 2);
    for (i = 0; i < NCONSTANTS; i++)
        if (strcmp(CONSTANT[i].name, name) == 0)
            return fqpi_graph_number(p->g, CONSTANT[i].value);
    return -1;
}

/* ---- names without meaning ------------------------------------------------------------------------------------ */

typedef struct name_list {
    fqp_ctx *ctx;
    const char **name;
    size_t n, cap;
} name_list;

static void note(name_list *l, const char *name) {
    if (l->n == l->cap) {
        const char **grown = fqpi_resize(l->ctx, l->name, 2 * l->cap + 64, sizeof *grown);
        if (!grown)
            return;
        l->name = grown;
        l->cap = 2 * l->cap + 64;
    }
    l->name[l->n++] = name;
}

static void note_values(name_list *l, const fqpi_names *names) {
    static const char *const coordinate[] = {"x", "y", "z"};
    for (int i = 0; names->coords <= 3 && i < names->coords; i++)
        note(l, coordinate[i]);
    for (size_t i = 0; i < names->nvariables; i++)
        note(l, names->variable[i]);
    for (size_t i = 0; i < names->nparameters; i++)
        note(l, names->parameter[i]);
    if (names->coords > 0) {
        note(l, "r");
        note(l, "r2");
    }
    for (int i = 0; i < NCONSTANTS; i++)
        note(l, CONSTANT[i].name);
    for (size_t i = 0; names->words && names->words->list(names->words->user, i); i++)
        note(l, names->words->list(names->words->user, i));
}

static void note_functions(name_list *l, const fqpi_names *names) {
    for (size_t i = 0; fqpi_op_row(i); i++)
        note(l, fqpi_op_row(i)->name);
    for (size_t i = 0; names->host && names->host->list && names->host->list(names->host->user, i); i++)
        note(l, names->host->list(names->host->user, i));
}

/* 'did you mean "sin"?', or what is known. */
static void suggest(const name_list *l, size_t nfirst, const char *name, char *hint, size_t size) {
    const char *near = l->n ? fqpi_nearest(name, l->name, l->n) : NULL;
    if (near) {
        snprintf(hint, size, "did you mean \"%s\"?", near);
        return;
    }
    size_t used = (size_t)snprintf(hint, size, "known:");
    for (size_t i = 0; i < nfirst && i < 24 && used + NAME_MAX_LENGTH + 8 < size; i++)
        used += (size_t)snprintf(hint + used, size - used, " %s", l->name[i]);
    snprintf(hint + used, size - used, "%s", nfirst > 24 ? " ..." : "");
}

static int unknown(fqpi_parser *p, size_t at, const char *name, bool call) {
    name_list l = {.ctx = p->g->ctx};
    char hint[512];
    (call ? note_functions : note_values)(&l, p->names);
    size_t nfirst = l.n;
    (call ? note_values : note_functions)(&l, p->names);
    suggest(&l, nfirst, name, hint, sizeof hint);
    fqpi_free(l.name);
    fqpi_parser_fail(p, at, hint, "unknown %s \"%s\"", call ? "function" : "name", name);
    return 0;
}

/* ---- host functions -------------------------------------------------------------------------------------------- */

/* Number of the host function in the expression's list, added when new; -1: out of memory. */
static int host_index(fqpi_parser *p, const char *name) {
    fqpi_hosts *h = p->hosts;
    for (int i = 0; i < h->n; i++)
        if (strcmp(h->name[i], name) == 0)
            return i;
    if (h->n == h->cap) {
        char **grown = fqpi_resize(p->g->ctx, h->name, (size_t)h->cap + 16, sizeof *grown);
        if (!grown)
            return -1;
        h->name = grown;
        h->cap += 16;
    }
    h->name[h->n] = fqpi_strdup(p->g->ctx, name);
    return h->name[h->n] ? h->n++ : -1;
}

static bool host_knows(const fqpi_parser *p, const char *name, int nargs) {
    const fqp_expr_host *host = p->names->host;
    return host && host->known && host->known(host->user, name, nargs);
}

static int host_call(fqpi_parser *p, const char *name, int nargs, const int *args) {
    int i = host_index(p, name);
    if (i < 0) {
        p->status = FQP_E_NOMEM;
        return 0;
    }
    return fqpi_graph_host(p->g, i, nargs, args);
}

/* ---- sum(k, a, b, term) ---------------------------------------------------------------------------------------- */

static void comma(fqpi_parser *p, const fqpi_op *op) {
    if (!p->status && !fqpi_parser_at(p, ","))
        fqpi_parser_fail(p, p->token.start, op->doc, "%s needs four arguments: index, first, last, term", op->name);
    fqpi_parser_advance(p);
}

static long bound(fqpi_parser *p, const fqpi_op *op) {
    size_t at = p->token.start;
    int t = fqpi_parser_expression(p, 0);
    double v = 0;
    if (p->status)
        return 0;
    if (!fqpi_graph_constant(p->g, t, &v) || v != floor(v) || fabs(v) > 1e6)
        fqpi_parser_fail(p, at, "", "the bounds of %s must be whole constant numbers", op->name);
    return (long)v;
}

/* The term once for every index value, parsed anew with the index as a constant; once for none, to check it. */
static int repeated(fqpi_parser *p, const fqpi_op *op, int slot, long first, long last) {
    fqpi_token body = p->token;
    int total = fqpi_graph_number(p->g, op->fold_start);
    for (long k = first; !p->status && !p->g->status && (k <= last || k == first); k++) {
        if (++p->range > FQPI_EXPR_MAX_RANGE)
            fqpi_parser_fail(p, body.start, "", "sums and products run over more than %d index values",
                             FQPI_EXPR_MAX_RANGE);
        p->token = body;
        p->index[slot].value = (double)k;
        int t = fqpi_parser_expression(p, 0);
        if (k <= last)
            total = fqpi_graph_2(p->g, op->fold, total, t);
    }
    return total;
}

static int over_index(fqpi_parser *p, const fqpi_op *op, size_t opened) {
    fqpi_token name = p->token;
    if (p->nindices == FQPI_EXPR_MAX_INDICES)
        fqpi_parser_fail(p, name.start, "", "more than %d sums inside each other", FQPI_EXPR_MAX_INDICES);
    else if (name.kind != FQPI_TOKEN_NAME)
        fqpi_parser_fail(p, name.start, op->doc, "%s begins with the name of its index", op->name);
    fqpi_parser_advance(p);
    comma(p, op);
    long first = bound(p, op);
    comma(p, op);
    long last = bound(p, op);
    comma(p, op);
    if (p->status)
        return 0;
    int slot = p->nindices++;
    p->index[slot].start = name.start;
    p->index[slot].length = name.length;
    int t = repeated(p, op, slot, first, last);
    p->nindices--;
    if (!p->status && fqpi_parser_at(p, ","))
        fqpi_parser_fail(p, p->token.start, op->doc, "%s takes four arguments", op->name);
    fqpi_parser_close(p, opened);
    return t;
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

enum { CALL_MAX_ARGS = 32 };

/* Arguments up to and with the closing parenthesis. */
static int arguments(fqpi_parser *p, size_t opened, int *args) {
    int n = 0;
    if (fqpi_parser_at(p, ")")) {
        fqpi_parser_advance(p);
        return 0;
    }
    for (;;) {
        size_t at = p->token.start;
        int t = fqpi_parser_expression(p, 0);
        if (p->status)
            return 0;
        if (n == CALL_MAX_ARGS) {
            fqpi_parser_fail(p, at, "", "more than %d arguments", CALL_MAX_ARGS);
            return 0;
        }
        args[n++] = t;
        if (!fqpi_parser_at(p, ","))
            break;
        fqpi_parser_advance(p);
    }
    fqpi_parser_close(p, opened);
    return n;
}

static int builtin(fqpi_parser *p, const fqpi_op *op, size_t at, int n, const int *args) {
    if (op->variadic && n >= op->arity) {
        int t = args[0];
        for (int i = 1; i < n; i++)
            t = fqpi_graph_2(p->g, op, t, args[i]);
        return t;
    }
    if (n != op->arity) {
        fqpi_parser_fail(p, at, op->doc, "%s takes %s%d argument%s, %d %s given", op->name,
                         op->variadic ? "at least " : "", op->arity, op->arity == 1 ? "" : "s", n,
                         n == 1 ? "is" : "are");
        return 0;
    }
    return fqpi_graph_op(p->g, op, args);
}

/* u(3) is u3: the variable or parameter of that number. */
static int indexed(fqpi_parser *p, const char *name, size_t at, int n, const int *args) {
    char full[NAME_MAX_LENGTH + 24], first[NAME_MAX_LENGTH + 24];
    snprintf(first, sizeof first, "%s1", name);
    double k;
    if (meaning(p, first) < 0 && meaning(p, name) >= 0)
        fqpi_parser_fail(p, at, "a product needs its sign: a*(b + c)", "\"%s\" is not a function", name);
    if (meaning(p, first) < 0)
        return unknown(p, at, name, true);
    if (n != 1 || !fqpi_graph_constant(p->g, args[0], &k) || k != floor(k) || fabs(k) > 1e9) {
        fqpi_parser_fail(p, at, "", "%s(...) needs one whole constant number", name);
        return 0;
    }
    snprintf(full, sizeof full, "%s%.0f", name, k);
    int t = meaning(p, full);
    if (t < 0)
        fqpi_parser_fail(p, at, "", "%s(%.0f): there is no \"%s\"", name, k, full);
    return t < 0 ? 0 : t;
}

/* A term, or FQPI_WORD_UNKNOWN; what is refused is reported, with term 0. */
static int word(fqpi_parser *p, const char *name, size_t at, int nargs, const int *args) {
    const fqpi_words *words = p->names->words;
    char why[FQPI_WORD_WHY] = "";
    if (!words)
        return FQPI_WORD_UNKNOWN;
    int t = args ? words->call(words->user, p->g, name, nargs, args, why) : words->name(words->user, p->g, name, why);
    if (t == FQPI_WORD_REFUSED)
        fqpi_parser_fail(p, at, "", "%s", why);
    return t == FQPI_WORD_REFUSED ? 0 : t;
}

static int call(fqpi_parser *p, const char *name, size_t at) {
    size_t opened = p->token.start;
    fqpi_parser_advance(p);
    const fqpi_op *op = fqpi_op_find(name, strlen(name));
    if (op && op->fold)
        return over_index(p, op, opened);
    int args[CALL_MAX_ARGS] = {0};
    int n = arguments(p, opened, args);
    if (p->status)
        return 0;
    if (op)
        return builtin(p, op, at, n, args);
    if (host_knows(p, name, n) && n <= FQPI_MAX_ARGS)
        return host_call(p, name, n, args);
    for (int other = 0; other <= FQPI_MAX_ARGS; other++)
        if (host_knows(p, name, other)) {
            fqpi_parser_fail(p, at, "", "%s takes %d argument%s, %d %s given", name, other, other == 1 ? "" : "s", n,
                             n == 1 ? "is" : "are");
            return 0;
        }
    int t = word(p, name, at, n, args);
    if (t >= 0)
        return t;
    return indexed(p, name, at, n, args);
}

int fqpi_parser_name(fqpi_parser *p) {
    char name[NAME_MAX_LENGTH + 1];
    fqpi_token token = p->token;
    if (token.length > NAME_MAX_LENGTH) {
        fqpi_parser_fail(p, token.start, "", "a name of more than %d letters", NAME_MAX_LENGTH);
        return 0;
    }
    memcpy(name, p->text + token.start, token.length);
    name[token.length] = 0;
    fqpi_parser_advance(p);
    if (fqpi_parser_at(p, "("))
        return call(p, name, token.start);
    int t = meaning(p, name);
    if (t >= 0)
        return t;
    t = word(p, name, token.start, 0, NULL);
    if (t >= 0)
        return t;
    if (host_knows(p, name, 0))
        return host_call(p, name, 0, &t);
    const fqpi_op *op = fqpi_op_find(name, token.length);
    if (!op && !host_knows(p, name, 1))
        return unknown(p, token.start, name, false);
    fqpi_parser_fail(p, token.start, op ? op->doc : "", "\"%s\" is a function: its arguments are missing", name);
    return 0;
}
