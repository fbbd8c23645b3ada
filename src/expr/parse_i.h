/* parse_i.h - the parser, shared by operators (parse.c) and names (name.c). */
#ifndef FQPI_PARSE_I_H
#define FQPI_PARSE_I_H

#include "parse.h"

typedef struct fqpi_parser {
    fqpi_graph *g;
    const char *text;
    fqpi_where where;
    const fqpi_names *names;
    fqpi_hosts *hosts;
    fqpi_token token; /* at hand, not yet used */
    int depth;
    struct {
        size_t start, length; /* name, in the text */
        double value;
    } index[FQPI_EXPR_MAX_INDICES]; /* of the sums around, the innermost last */
    int nindices;
    long range;        /* index values used up */
    fqp_status status; /* sticky */
} fqpi_parser;

void fqpi_parser_advance(fqpi_parser *p);
bool fqpi_parser_at(const fqpi_parser *p, const char *sign);
void fqpi_parser_close(fqpi_parser *p, size_t opened);
void fqpi_parser_stray(fqpi_parser *p);
int fqpi_parser_expression(fqpi_parser *p, int bind);
int fqpi_parser_name(fqpi_parser *p); /* variable, constant, call; the name at hand */

/* The first failure is reported, later ones are not. */
#define fqpi_parser_fail(p, at, hint, ...)                                                                             \
    ((void)((p)->status || ((p)->status = fqpi_expr_blame((p)->g->ctx, (p)->text, (p)->where, at, hint, __VA_ARGS__))))

#endif
