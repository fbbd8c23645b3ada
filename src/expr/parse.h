/* parse.h - from text to terms. */
#ifndef FQPI_PARSE_H
#define FQPI_PARSE_H

#include "expr_i.h"
#include "graph.h"

enum {
    FQPI_EXPR_MAX_LENGTH = 1 << 16, /* bytes of text */
    FQPI_EXPR_MAX_DEPTH = 200,      /* nested parentheses, signs, powers */
    FQPI_EXPR_MAX_RANGE = 100000,   /* index values of all sums and products together */
    FQPI_EXPR_MAX_INDICES = 8       /* sums inside sums */
};

/* Names and calls to which a layer above gives a meaning: derivatives of unknowns, differential operators.  Each
 * answers a term of g, FQPI_WORD_UNKNOWN, or FQPI_WORD_REFUSED with the reason in why. */
enum { FQPI_WORD_UNKNOWN = -1, FQPI_WORD_REFUSED = -2, FQPI_WORD_WHY = 200 };
typedef struct fqpi_words {
    int (*name)(void *user, fqpi_graph *g, const char *name, char why[FQPI_WORD_WHY]);
    int (*call)(void *user, fqpi_graph *g, const char *name, int nargs, const int *args, char why[FQPI_WORD_WHY]);
    const char *(*list)(void *user, size_t i); /* for "did you mean", NULL past the end */
    void *user;
} fqpi_words;

/* What names mean. */
typedef struct fqpi_names {
    const char *const *variable;
    size_t nvariables;
    const char *const *parameter;
    size_t nparameters;
    int coords; /* variables are the coordinates x1..xd of a d-dimensional domain; 0: they are not */
    const fqp_expr_host *host;
    const fqpi_words *words; /* asked after all others */
} fqpi_names;

/* Host functions called by the expression, in order of appearance; names owned. */
typedef struct fqpi_hosts {
    char **name;
    int n, cap;
} fqpi_hosts;

/* Terms of text into g.  Errors are reported on g->ctx with column, excerpt and caret. */
fqp_status fqpi_parse(fqpi_graph *g, const char *text, fqpi_where where, const fqpi_names *names, fqpi_hosts *hosts,
                      int *root);

/* The same of bytes [from, to) of text, columns counted in the whole text; no host functions. */
fqp_status fqpi_parse_part(fqpi_graph *g, const char *text, size_t from, size_t to, fqpi_where where,
                           const fqpi_names *names, int *root);

/* Index of a variable by its name or its short name x, y, z; -1: none. */
int fqpi_names_variable(const fqpi_names *names, const char *name);
int fqpi_names_parameter(const fqpi_names *names, const char *name);

/* ---- tokens ---------------------------------------------------------------------------------------------- */
typedef enum fqpi_token_kind { FQPI_TOKEN_END, FQPI_TOKEN_NUMBER, FQPI_TOKEN_NAME, FQPI_TOKEN_SIGN } fqpi_token_kind;

typedef struct fqpi_token {
    fqpi_token_kind kind;
    size_t start, length; /* bytes of the text */
    double value;         /* of a number */
} fqpi_token;

/* The token at byte `at`.  Reports what cannot begin a token. */
fqp_status fqpi_token_read(fqp_ctx *ctx, const char *text, fqpi_where where, size_t at, bool dots, fqpi_token *out);

/* Report a problem at byte `at` of text: message, the line with a caret, and a hint ("": none).  FQP_E_EXPR. */
fqp_status fqpi_expr_blame(fqp_ctx *ctx, const char *text, fqpi_where where, size_t at, const char *hint,
                           const char *fmt, ...) FQP_PRINTF(6, 7);
/* The same of a text that is no expression, with its own status. */
fqp_status fqpi_text_blame(fqp_ctx *ctx, fqp_status status, const char *text, fqpi_where where, size_t at,
                           const char *hint, const char *fmt, ...) FQP_PRINTF(7, 8);

#endif
