/* expr_i.h - the doors of the layer for the layers above: as the public functions, but problems found before are kept,
 * and messages may begin with a key. */
#ifndef FQPI_EXPR_I_H
#define FQPI_EXPR_I_H

#include <fqp/expr.h>

/* Where a text stands, for messages. */
typedef struct fqpi_where {
    fqp_origin origin;
    const char *key; /* "data.target" in front of the message; NULL: nothing */
} fqpi_where;

fqp_status fqpi_expr_create(fqp_ctx *ctx, const char *text, const fqp_expr_opts *opts, fqp_expr **out);
/* Problems begin with the key; NULL: nothing. */
fqp_status fqpi_expr_create_at(fqp_ctx *ctx, const char *text, const fqp_expr_opts *opts, const char *key,
                               fqp_expr **out);
fqp_status fqpi_expr_create_coords(fqp_ctx *ctx, const char *text, int d, const char *const *parameters,
                                   size_t nparameters, fqpi_where where, fqp_expr **out);
fqp_status fqpi_expr_eval(fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *x, const double *parameters,
                          double *out);

#endif
