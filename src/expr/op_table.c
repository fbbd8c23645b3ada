/* op_table.c - the list of operations, and rows that map a scalar function over a tile. */
#include "op.h"

#include <string.h>

static const fqpi_op *const ROWS[] = {
    &fqpi_op_sin,   &fqpi_op_cos,   &fqpi_op_tan,   &fqpi_op_asin, &fqpi_op_acos,      &fqpi_op_atan,
    &fqpi_op_atan2, &fqpi_op_sinh,  &fqpi_op_cosh,  &fqpi_op_tanh, &fqpi_op_asinh,     &fqpi_op_acosh,
    &fqpi_op_atanh, &fqpi_op_exp,   &fqpi_op_expm1, &fqpi_op_log,  &fqpi_op_ln,        &fqpi_op_log2,
    &fqpi_op_log10, &fqpi_op_log1p, &fqpi_op_sqrt,  &fqpi_op_cbrt, &fqpi_op_pow,       &fqpi_op_hypot,
    &fqpi_op_abs,   &fqpi_op_sign,  &fqpi_op_floor, &fqpi_op_ceil, &fqpi_op_round,     &fqpi_op_mod,
    &fqpi_op_min,   &fqpi_op_max,   &fqpi_op_clamp, &fqpi_op_step, &fqpi_op_heaviside, &fqpi_op_sinc,
    &fqpi_op_gauss, &fqpi_op_erf,   &fqpi_op_erfc,  &fqpi_op_if,   &fqpi_op_isfinite,  &fqpi_op_sum,
    &fqpi_op_prod,
};

const fqpi_op *fqpi_op_row(size_t i) {
    return i < sizeof ROWS / sizeof ROWS[0] ? ROWS[i] : NULL;
}

const fqpi_op *fqpi_op_find(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        if (strncmp(ROWS[i]->name, name, length) == 0 && ROWS[i]->name[length] == 0)
            return ROWS[i];
    return NULL;
}

const char *fqp_expr_function(size_t i, const char **doc) {
    const fqpi_op *op = fqpi_op_row(i);
    if (op && doc)
        *doc = op->doc;
    return op ? op->name : NULL;
}

void fqpi_tile_map1(const fqpi_op *op, int n, const double *const *a, double *y) {
    double (*f)(double) = op->f1;
    for (int i = 0; i < n; i++)
        y[i] = f(a[0][i]);
}

void fqpi_tile_map2(const fqpi_op *op, int n, const double *const *a, double *y) {
    double (*f)(double, double) = op->f2;
    for (int i = 0; i < n; i++)
        y[i] = f(a[0][i], a[1][i]);
}

void fqpi_partial_map1(const fqpi_op *op, int n, int which, const double *const *a, const double *y, double *d) {
    (void)which;
    for (int i = 0; i < n; i++)
        d[i] = op->d1(a[0][i], y[i]);
}

void fqpi_partial_map2(const fqpi_op *op, int n, int which, const double *const *a, const double *y, double *d) {
    for (int i = 0; i < n; i++)
        d[i] = op->d2[which](a[0][i], a[1][i], y[i]);
}

void fqpi_partial_zero(const fqpi_op *op, int n, int which, const double *const *a, const double *y, double *d) {
    (void)op, (void)which, (void)a, (void)y;
    for (int i = 0; i < n; i++)
        d[i] = 0;
}

int fqpi_rule_zero(fqpi_graph *g, const int *a, int self, int which) {
    (void)a, (void)self, (void)which;
    return fqpi_graph_number(g, 0);
}
