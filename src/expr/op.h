/* op.h - the rows of the operation table. */
#ifndef FQPI_OP_H
#define FQPI_OP_H

#include "graph.h"

/* All rows, in the order of the reference page; NULL past the end. */
const fqpi_op *fqpi_op_row(size_t i);
const fqpi_op *fqpi_op_find(const char *name, size_t length); /* a function users may call; NULL: none */

/* op_arith.c */
extern const fqpi_op fqpi_op_add, fqpi_op_sub, fqpi_op_mul, fqpi_op_div, fqpi_op_neg, fqpi_op_pow;
extern const fqpi_op fqpi_op_gate; /* product in which an exact 0 wins over infinity and NaN */
extern const fqpi_op fqpi_op_sum, fqpi_op_prod;

/* op_function.c */
extern const fqpi_op fqpi_op_sqrt, fqpi_op_cbrt, fqpi_op_exp, fqpi_op_expm1, fqpi_op_log, fqpi_op_ln, fqpi_op_log2,
    fqpi_op_log10, fqpi_op_log1p, fqpi_op_erf, fqpi_op_erfc, fqpi_op_gauss, fqpi_op_hypot;

/* op_angle.c */
extern const fqpi_op fqpi_op_sin, fqpi_op_cos, fqpi_op_tan, fqpi_op_asin, fqpi_op_acos, fqpi_op_atan, fqpi_op_atan2,
    fqpi_op_sinh, fqpi_op_cosh, fqpi_op_tanh, fqpi_op_asinh, fqpi_op_acosh, fqpi_op_atanh;
extern const fqpi_op fqpi_op_sinc, fqpi_op_sinc_derivative; /* op_sinc.c */

/* op_piece.c: steps, pieces and truth values */
extern const fqpi_op fqpi_op_abs, fqpi_op_sign, fqpi_op_floor, fqpi_op_ceil, fqpi_op_round, fqpi_op_heaviside,
    fqpi_op_step, fqpi_op_mod, fqpi_op_min, fqpi_op_max, fqpi_op_clamp, fqpi_op_if, fqpi_op_isfinite;
extern const fqpi_op fqpi_op_lt, fqpi_op_le, fqpi_op_gt, fqpi_op_ge, fqpi_op_eq, fqpi_op_ne, fqpi_op_and, fqpi_op_or,
    fqpi_op_not;

/* Tile and partial of rows given by scalar functions. */
void fqpi_tile_map1(const fqpi_op *op, int n, const double *const *a, double *y);
void fqpi_tile_map2(const fqpi_op *op, int n, const double *const *a, double *y);
void fqpi_partial_map1(const fqpi_op *op, int n, int which, const double *const *a, const double *y, double *d);
void fqpi_partial_map2(const fqpi_op *op, int n, int which, const double *const *a, const double *y, double *d);
/* Of functions that are constant in pieces. */
void fqpi_partial_zero(const fqpi_op *op, int n, int which, const double *const *a, const double *y, double *d);
int fqpi_rule_zero(fqpi_graph *g, const int *a, int self, int which);

#endif
