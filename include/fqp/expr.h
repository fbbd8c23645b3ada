/* expr.h - expressions as users write them, compiled once, evaluated over many points, with exact
 * derivatives.
 *
 *   sin(x) + sin(3*x)      exp(-r2/0.1)*cos(20*pi*x)      if(x < 0, 0, x^2)      a*x1 + b*x2
 *
 * Grammar: numbers, variables, parameters, constants pi e inf, + - * / ^ (right associative, also written **;
 * unary minus binds looser than ^), comparisons < <= > >= == != (which chain: a < b <= c), && || !, c ? a : b and
 * if(c,a,b), calls of the functions listed by fqp_expr_function, sum(k, a, b, term) and prod(k, a, b, term) over whole
 * k between constants.  u(3) with a constant is the parameter or variable u3, so that sums run over numbered names.
 * Errors point at the column.
 *
 * Comparisons and logic give 1 or 0; a number is true when it is neither 0 nor NaN.  All branches and arguments are
 * evaluated; what a branch not taken gives (NaN, infinity, its derivative) is dropped.  A factor that is the constant 0
 * removes its product.  Derivatives are those of the piece at hand: 0 for steps, 0 for abs, hypot and r at the origin,
 * the first argument of min and max where both are equal, the branch taken of if.  Where a derivative does not exist
 * (sqrt at 0) it is infinite or NaN, and the three ways to it may differ.  A result does not depend on how many points
 * are evaluated together.
 */
#ifndef FQP_EXPR_H
#define FQP_EXPR_H

#include <fqp/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fqp_expr fqp_expr;

/* A function the host supplies, called by name with number arguments: t(5), gap(), swapped.t(3).
 * eval answers a number; it may report a problem on ctx and answer NaN.  Expressions with host
 * functions have no derivatives through them (FQP_E_EXPR when one is asked for). */
typedef struct fqp_expr_host {
    bool (*known)(void *user, const char *name, int nargs); /* is there such a function? */
    double (*eval)(void *user, const char *name, int nargs, const double *args);
    const char *(*list)(void *user, size_t i); /* names for "did you mean", NULL past the end */
    void *user;
} fqp_expr_host;

typedef struct fqp_expr_opts {
    const char *const *variables; /* names of input columns, in order */
    size_t nvariables;
    const char *const *parameters; /* names of scalars set at evaluation */
    size_t nparameters;
    fqp_origin origin;         /* where the text stands, for messages; column of its first character */
    const fqp_expr_host *host; /* NULL: none */
} fqp_expr_opts;

/* Compile.  The text and the names are copied. */
FQP_API fqp_status fqp_expr_create(fqp_ctx *ctx, const char *text, const fqp_expr_opts *opts, fqp_expr **out);
FQP_API void fqp_expr_destroy(fqp_expr *e);

/* Coordinates of a d-dimensional domain as variables: x1..xd, and x y z for d <= 3, r2 = sum x_i^2, r
 * as derived names.  Inputs are the d columns. */
FQP_API fqp_status fqp_expr_create_coords(fqp_ctx *ctx, const char *text, int d, const char *const *parameters,
                                          size_t nparameters, fqp_origin origin, fqp_expr **out);

FQP_API const char *fqp_expr_text(const fqp_expr *e);
FQP_API bool fqp_expr_uses(const fqp_expr *e, size_t variable);

/* x [n, nvariables] row-major, parameters [nparameters] (may be NULL when there are none), out [n].
 * Thread-safe on one expression: scratch is the caller's stack and the context's memory. */
FQP_API fqp_status fqp_expr_eval(fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *x, const double *parameters,
                                 double *out);

/* Value out [n] (may be NULL) and reverse-mode gradient grad [n, nvariables]. */
FQP_API fqp_status fqp_expr_gradient(fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *x,
                                     const double *parameters, double *out, double *grad);

/* Forward mode: value, and directional derivative along dx [n, nvariables] into dout [n]. */
FQP_API fqp_status fqp_expr_forward(fqp_ctx *ctx, const fqp_expr *e, int64_t n, const double *x, const double *dx,
                                    const double *parameters, double *out, double *dout);

/* A new expression: the exact symbolic derivative with respect to a variable or parameter name;
 * apply again for higher orders. */
FQP_API fqp_status fqp_expr_derivative(fqp_ctx *ctx, const fqp_expr *e, const char *name, fqp_expr **out);

/* A number written as an expression of constants ("2*pi/3"). */
FQP_API fqp_status fqp_expr_number(fqp_ctx *ctx, const char *text, fqp_origin origin, double *out);

/* Name and help of built-in function i; NULL past the end. */
FQP_API const char *fqp_expr_function(size_t i, const char **doc);

#ifdef __cplusplus
}
#endif
#endif
