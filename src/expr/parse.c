/* parse.c - operator precedence (Pratt 1973) from tokens to terms.
 *
 * Binding, from loose to tight:  ?:  ||  &&  comparisons  + -  * /  unary - + !  ^ (from the right).
 * Comparisons chain: a < b <= c means a < b && b <= c. */
#include "fail.h"
#include "mem.h"
#include "op.h"
#include "parse_i.h"

#include <string.h>

enum { BIND_CHOICE = 5, BIND_COMPARE = 30, BIND_SIGN = 60, BIND_POWER = 70 };

static const struct infix {
    const char *sign;
    int bind;
    const fqpi_op *op;
} INFIX[] = {
    {"?", BIND_CHOICE, &fqpi_op_if},   {"||", 10, &fqpi_op_or},           {"&&", 20, &fqpi_op_and},
    {"<", BIND_COMPARE, &fqpi_op_lt},  {"<=", BIND_COMPARE, &fqpi_op_le}, {">", BIND_COMPARE, &fqpi_op_gt},
    {">=", BIND_COMPARE, &fqpi_op_ge}, {"==", BIND_COMPARE, &fqpi_op_eq}, {"!=", BIND_COMPARE, &fqpi_op_ne},
    {"+", 40, &fqpi_op_add},           {"-", 40, &fqpi_op_sub},           {"*", 50, &fqpi_op_mul},
    {"/", 50, &fqpi_op_div},           {"^", BIND_POWER, &fqpi_op_pow},   {"**", BIND_POWER, &fqpi_op_pow},
};

void fqpi_parser_advance(fqpi_parser *p) {
    if (!p->status)
        p->status = fqpi_token_read(p->g->ctx, p->text, p->where, p->token.start + p->token.length,
                                    p->names->host != NULL, &p->token);
    if (p->status)
        p->token = (fqpi_token){.kind = FQPI_TOKEN_END, .start = strlen(p->text)};
}

bool fqpi_parser_at(const fqpi_parser *p, const char *sign) {
    return p->token.kind == FQPI_TOKEN_SIGN && strlen(sign) == p->token.length &&
           memcmp(p->text + p->token.start, sign, p->token.length) == 0;
}

/* A closing parenthesis; when it is missing, blame the one that was opened at byte `opened`. */
void fqpi_parser_close(fqpi_parser *p, size_t opened) {
    if (p->status)
        return;
    if (fqpi_parser_at(p, ")")) {
        fqpi_parser_advance(p);
    } else if (p->token.kind == FQPI_TOKEN_END) {
        fqpi_parser_fail(p, opened, "", "the parenthesis opened here is not closed");
    } else {
        fqpi_parser_stray(p);
    }
}

/* The token at hand continues nothing: say what was expected instead. */
void fqpi_parser_stray(fqpi_parser *p) {
    const char *s = p->text + p->token.start;
    int n = (int)p->token.length;
    if (p->token.kind == FQPI_TOKEN_END)
        fqpi_parser_fail(p, p->token.start, "", "the expression ends too early");
    else if (fqpi_parser_at(p, ")"))
        fqpi_parser_fail(p, p->token.start, "", "this parenthesis was never opened");
    else if (fqpi_parser_at(p, ","))
        fqpi_parser_fail(p, p->token.start, "", "a comma stands outside the arguments of a function");
    else if (fqpi_parser_at(p, ":"))
        fqpi_parser_fail(p, p->token.start, "write c ? a : b", "\":\" without \"?\"");
    else
        fqpi_parser_fail(p, p->token.start, "a product needs its sign: 2*x", "an operator is missing before \"%.*s\"",
                         n < 40 ? n : 40, s);
}

static const struct infix *infix_at(const fqpi_parser *p) {
    for (size_t i = 0; i < sizeof INFIX / sizeof *INFIX; i++)
        if (fqpi_parser_at(p, INFIX[i].sign))
            return &INFIX[i];
    return NULL;
}

static int parenthesis(fqpi_parser *p) {
    size_t opened = p->token.start;
    fqpi_parser_advance(p);
    int t = fqpi_parser_expression(p, 0);
    fqpi_parser_close(p, opened);
    return t;
}

static int operand_missing(fqpi_parser *p) {
    const char *s = p->text + p->token.start;
    if (p->token.kind == FQPI_TOKEN_END)
        fqpi_parser_fail(p, p->token.start, "", "the expression ends where a value should follow");
    else
        fqpi_parser_fail(p, p->token.start, "", "a value is missing before \"%.*s\"", (int)p->token.length, s);
    return 0;
}

static int prefix(fqpi_parser *p) {
    fqpi_token token = p->token;
    if (token.kind == FQPI_TOKEN_NUMBER) {
        fqpi_parser_advance(p);
        return fqpi_graph_number(p->g, token.value);
    }
    if (token.kind == FQPI_TOKEN_NAME)
        return fqpi_parser_name(p);
    if (fqpi_parser_at(p, "("))
        return parenthesis(p);
    bool minus = fqpi_parser_at(p, "-"), plus = fqpi_parser_at(p, "+"), not = fqpi_parser_at(p, "!");
    if (!minus && !plus && !not )
        return operand_missing(p);
    fqpi_parser_advance(p);
    int t = fqpi_parser_expression(p, BIND_SIGN);
    if (plus || p->status)
        return t;
    return fqpi_graph_1(p->g, minus ? &fqpi_op_neg : &fqpi_op_not, t);
}

/* a < b < c ... */
static int comparisons(fqpi_parser *p, int left) {
    int all = -1;
    for (const struct infix *row; (row = infix_at(p)) && row->bind == BIND_COMPARE;) {
        fqpi_parser_advance(p);
        int right = fqpi_parser_expression(p, BIND_COMPARE + 1);
        int one = fqpi_graph_2(p->g, row->op, left, right);
        all = all < 0 ? one : fqpi_graph_2(p->g, &fqpi_op_and, all, one);
        left = right;
    }
    return all;
}

/* c ? a : b, the question mark at hand */
static int choice(fqpi_parser *p, int condition) {
    size_t asked = p->token.start;
    fqpi_parser_advance(p);
    int a = fqpi_parser_expression(p, BIND_CHOICE);
    if (!p->status && !fqpi_parser_at(p, ":")) {
        fqpi_parser_fail(p, asked, "write c ? a : b", "\"?\" without \":\"");
        return 0;
    }
    fqpi_parser_advance(p);
    int b = fqpi_parser_expression(p, BIND_CHOICE);
    return fqpi_graph_3(p->g, &fqpi_op_if, condition, a, b);
}

static int continued(fqpi_parser *p, const struct infix *row, int left) {
    if (row->bind == BIND_COMPARE)
        return comparisons(p, left);
    if (row->bind == BIND_CHOICE)
        return choice(p, left);
    fqpi_parser_advance(p);
    int right = fqpi_parser_expression(p, row->bind + (row->bind == BIND_POWER ? 0 : 1));
    return fqpi_graph_2(p->g, row->op, left, right);
}

int fqpi_parser_expression(fqpi_parser *p, int bind) {
    if (p->depth >= FQPI_EXPR_MAX_DEPTH)
        fqpi_parser_fail(p, p->token.start, "", "more than %d levels of nesting", FQPI_EXPR_MAX_DEPTH);
    if (p->status)
        return 0;
    p->depth++;
    int left = prefix(p);
    for (const struct infix *row; !p->status && (row = infix_at(p)) && row->bind >= bind;)
        left = continued(p, row, left);
    p->depth--;
    return p->status ? 0 : left;
}

/* The text from the byte at which p->token stands. */
static fqp_status parse(fqpi_parser *p, int *root) {
    const fqpi_where where = p->where;
    size_t length = strlen(p->text);
    const char *key = where.key ? where.key : "", *colon = where.key ? ": " : "";
    if (length > FQPI_EXPR_MAX_LENGTH)
        return fqpi_fail(p->g->ctx, FQP_E_EXPR, &where.origin,
                         "%s%sthe expression is %zu characters long, at most %d are accepted", key, colon, length,
                         FQPI_EXPR_MAX_LENGTH);
    fqpi_parser_advance(p);
    if (!p->status && p->token.kind == FQPI_TOKEN_END)
        return fqpi_fail(p->g->ctx, FQP_E_EXPR, &where.origin, "%s%sthe expression is empty", key, colon);
    int t = fqpi_parser_expression(p, 0);
    if (!p->status && p->token.kind != FQPI_TOKEN_END)
        fqpi_parser_stray(p);
    if (!p->status)
        p->status = p->g->status;
    if (!p->status)
        *root = t;
    return p->status;
}

fqp_status fqpi_parse(fqpi_graph *g, const char *text, fqpi_where where, const fqpi_names *names, fqpi_hosts *hosts,
                      int *root) {
    fqpi_parser p = {.g = g, .text = text, .where = where, .names = names, .hosts = hosts};
    return parse(&p, root);
}

fqp_status fqpi_parse_part(fqpi_graph *g, const char *text, size_t from, size_t to, fqpi_where where,
                           const fqpi_names *names, int *root) {
    char *head = fqpi_strndup(g->ctx, text, to);
    if (!head)
        return FQP_E_NOMEM;
    fqpi_parser p = {.g = g, .text = head, .where = where, .names = names, .token = {.start = from}};
    fqp_status status = parse(&p, root);
    fqpi_free(head);
    return status;
}
