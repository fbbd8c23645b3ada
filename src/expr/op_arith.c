/* op_arith.c - sums, products, quotients, powers.
 *
 * Each row: value, partial derivatives over a tile, and the same partial derivatives as terms.  Simplifications keep
 * derivatives small; a factor that is the constant 0 removes its product whatever the other factor is. */
#include "op.h"

#include <math.h>

static void add_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = a[0][i] + a[1][i];
}

static void sub_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = a[0][i] - a[1][i];
}

static void mul_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = a[0][i] * a[1][i];
}

static void div_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = a[0][i] / a[1][i];
}

static void neg_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = -a[0][i];
}

static void gate_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = a[0][i] == 0 || a[1][i] == 0 ? 0 : a[0][i] * a[1][i];
}

/* ---- a + b, a - b, -a ------------------------------------------------------------------------------------- */

static void add_partial(const fqpi_op *op, int n, int which, const double *const *a, const double *y, double *d) {
    (void)op, (void)which, (void)a, (void)y;
    for (int i = 0; i < n; i++)
        d[i] = 1;
}

static void sub_partial(const fqpi_op *op, int n, int which, const double *const *a, const double *y, double *d) {
    (void)op, (void)a, (void)y;
    for (int i = 0; i < n; i++)
        d[i] = which ? -1 : 1;
}

static void neg_partial(const fqpi_op *op, int n, int which, const double *const *a, const double *y, double *d) {
    (void)op, (void)which, (void)a, (void)y;
    for (int i = 0; i < n; i++)
        d[i] = -1;
}

static int add_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)a, (void)self, (void)which;
    return fqpi_graph_number(g, 1);
}

static int sub_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)a, (void)self;
    return fqpi_graph_number(g, which ? -1 : 1);
}

static int neg_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)a, (void)self, (void)which;
    return fqpi_graph_number(g, -1);
}

/* t = -s: its argument, else -1. */
static int negated(const fqpi_graph *g, int t) {
    return g->term[t].op == &fqpi_op_neg ? g->term[t].arg[0] : -1;
}

static int add_simplify(fqpi_graph *g, const int *a) {
    if (fqpi_graph_equals(g, a[0], 0))
        return a[1];
    if (fqpi_graph_equals(g, a[1], 0))
        return a[0];
    if (a[0] == a[1])
        return fqpi_graph_2(g, &fqpi_op_mul, fqpi_graph_number(g, 2), a[0]);
    if (negated(g, a[1]) >= 0)
        return fqpi_graph_2(g, &fqpi_op_sub, a[0], negated(g, a[1]));
    if (negated(g, a[0]) >= 0)
        return fqpi_graph_2(g, &fqpi_op_sub, a[1], negated(g, a[0]));
    return -1;
}

static int sub_simplify(fqpi_graph *g, const int *a) {
    if (fqpi_graph_equals(g, a[0], 0))
        return fqpi_graph_1(g, &fqpi_op_neg, a[1]);
    if (fqpi_graph_equals(g, a[1], 0))
        return a[0];
    if (negated(g, a[1]) >= 0)
        return fqpi_graph_2(g, &fqpi_op_add, a[0], negated(g, a[1]));
    return -1;
}

static int neg_simplify(fqpi_graph *g, const int *a) {
    return negated(g, a[0]);
}

const fqpi_op fqpi_op_add = {.name = "+",
                             .arity = 2,
                             .doc = "sum",
                             .tile = add_tile,
                             .partial = add_partial,
                             .rule = add_rule,
                             .simplify = add_simplify,
                             .commutes = true};
const fqpi_op fqpi_op_sub = {.name = "-",
                             .arity = 2,
                             .doc = "difference",
                             .tile = sub_tile,
                             .partial = sub_partial,
                             .rule = sub_rule,
                             .simplify = sub_simplify};
const fqpi_op fqpi_op_neg = {.name = "-",
                             .arity = 1,
                             .doc = "negative",
                             .tile = neg_tile,
                             .partial = neg_partial,
                             .rule = neg_rule,
                             .simplify = neg_simplify};

/* ---- a b, gate(a, b) ----------------------------------------------------------------------------------------- */

static void mul_partial(const fqpi_op *op, int n, int which, const double *const *a, const double *y, double *d) {
    (void)op, (void)y;
    for (int i = 0; i < n; i++)
        d[i] = a[1 - which][i];
}

static int mul_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)g, (void)self;
    return a[1 - which];
}

/* c (k s) = (c k) s for constants c, k; -1 when the factors are not of this form. */
static int join_constants(fqpi_graph *g, int c, int t) {
    const fqpi_term *s = &g->term[t];
    if (!fqpi_graph_constant(g, c, NULL) || s->op != &fqpi_op_mul)
        return -1;
    int first = s->arg[0], second = s->arg[1];
    if (fqpi_graph_constant(g, first, NULL))
        return fqpi_graph_2(g, &fqpi_op_mul, fqpi_graph_2(g, &fqpi_op_mul, c, first), second);
    if (fqpi_graph_constant(g, second, NULL))
        return fqpi_graph_2(g, &fqpi_op_mul, fqpi_graph_2(g, &fqpi_op_mul, c, second), first);
    return -1;
}

static int unit_factor(fqpi_graph *g, int c, int t) {
    if (fqpi_graph_equals(g, c, 0))
        return fqpi_graph_number(g, 0);
    if (fqpi_graph_equals(g, c, 1))
        return t;
    return fqpi_graph_equals(g, c, -1) ? fqpi_graph_1(g, &fqpi_op_neg, t) : -1;
}

static int mul_simplify(fqpi_graph *g, const int *a) {
    int s = unit_factor(g, a[0], a[1]);
    s = s >= 0 ? s : unit_factor(g, a[1], a[0]);
    if (s >= 0)
        return s;
    int p = negated(g, a[0]), q = negated(g, a[1]);
    if (p >= 0 && q >= 0)
        return fqpi_graph_2(g, &fqpi_op_mul, p, q);
    if (p >= 0 || q >= 0)
        return fqpi_graph_1(g, &fqpi_op_neg, fqpi_graph_2(g, &fqpi_op_mul, p >= 0 ? p : a[0], q >= 0 ? q : a[1]));
    s = join_constants(g, a[0], a[1]);
    return s >= 0 ? s : join_constants(g, a[1], a[0]);
}

/* A finite constant factor needs no gate. */
static int gate_simplify(fqpi_graph *g, const int *a) {
    double p = INFINITY, q = INFINITY;
    fqpi_graph_constant(g, a[0], &p);
    fqpi_graph_constant(g, a[1], &q);
    return isfinite(p) || isfinite(q) ? fqpi_graph_2(g, &fqpi_op_mul, a[0], a[1]) : -1;
}

const fqpi_op fqpi_op_mul = {.name = "*",
                             .arity = 2,
                             .doc = "product",
                             .tile = mul_tile,
                             .partial = mul_partial,
                             .rule = mul_rule,
                             .simplify = mul_simplify,
                             .commutes = true};
const fqpi_op fqpi_op_gate = {.name = "",
                              .arity = 2,
                              .doc = "product in which an exact 0 wins",
                              .tile = gate_tile,
                              .partial = mul_partial,
                              .rule = mul_rule,
                              .simplify = gate_simplify,
                              .commutes = true,
                              .gated = true};

/* ---- a / b:  d/da = 1/b,  d/db = -y/b --------------------------------------------------------------------- */

static void div_partial(const fqpi_op *op, int n, int which, const double *const *a, const double *y, double *d) {
    (void)op;
    for (int i = 0; i < n; i++)
        d[i] = which ? -y[i] / a[1][i] : 1 / a[1][i];
}

static int div_rule(fqpi_graph *g, const int *a, int self, int which) {
    if (which == 0)
        return fqpi_graph_2(g, &fqpi_op_div, fqpi_graph_number(g, 1), a[1]);
    return fqpi_graph_1(g, &fqpi_op_neg, fqpi_graph_2(g, &fqpi_op_div, self, a[1]));
}

static int div_simplify(fqpi_graph *g, const int *a) {
    if (fqpi_graph_equals(g, a[0], 0))
        return a[0];
    if (fqpi_graph_equals(g, a[1], 1))
        return a[0];
    if (fqpi_graph_equals(g, a[1], -1))
        return fqpi_graph_1(g, &fqpi_op_neg, a[0]);
    if (negated(g, a[0]) >= 0)
        return fqpi_graph_1(g, &fqpi_op_neg, fqpi_graph_2(g, &fqpi_op_div, negated(g, a[0]), a[1]));
    return -1;
}

const fqpi_op fqpi_op_div = {.name = "/",
                             .arity = 2,
                             .doc = "quotient",
                             .tile = div_tile,
                             .partial = div_partial,
                             .rule = div_rule,
                             .simplify = div_simplify,
                             .gated = true};

/* ---- a^b:  d/da = b a^(b-1),  d/db = y log a (0 where y is 0) ------------------------------------------------ */

static double pow_base(double a, double b, double y) {
    (void)y;
    return b == 0 ? 0 : b * pow(a, b - 1);
}

static double pow_exponent(double a, double b, double y) {
    (void)b;
    return y == 0 ? 0 : y * log(a);
}

static int pow_rule(fqpi_graph *g, const int *a, int self, int which) {
    if (which == 1)
        return fqpi_graph_2(g, &fqpi_op_gate, self, fqpi_graph_1(g, &fqpi_op_log, a[0]));
    int less = fqpi_graph_2(g, &fqpi_op_sub, a[1], fqpi_graph_number(g, 1));
    return fqpi_graph_2(g, &fqpi_op_gate, a[1], fqpi_graph_2(g, &fqpi_op_pow, a[0], less));
}

/* Whole powers up to 8 by products of squares. */
static int small_power(fqpi_graph *g, int base, int n) {
    int y = -1;
    for (int square = base; n; n >>= 1) {
        if (n & 1)
            y = y < 0 ? square : fqpi_graph_2(g, &fqpi_op_mul, y, square);
        if (n > 1)
            square = fqpi_graph_2(g, &fqpi_op_mul, square, square);
    }
    return y;
}

static int pow_simplify(fqpi_graph *g, const int *a) {
    double b;
    if (fqpi_graph_equals(g, a[0], 1))
        return a[0];
    if (!fqpi_graph_constant(g, a[1], &b))
        return -1;
    if (b == 0)
        return fqpi_graph_number(g, 1);
    if (b >= 1 && b <= 8 && b == floor(b))
        return small_power(g, a[0], (int)b);
    if (b == 0.5)
        return fqpi_graph_1(g, &fqpi_op_sqrt, a[0]);
    return b == -1 ? fqpi_graph_2(g, &fqpi_op_div, fqpi_graph_number(g, 1), a[0]) : -1;
}

const fqpi_op fqpi_op_pow = {.name = "pow",
                             .arity = 2,
                             .doc = "a to the power b, also written a^b",
                             .tile = fqpi_tile_map2,
                             .partial = fqpi_partial_map2,
                             .rule = pow_rule,
                             .f2 = pow,
                             .d2 = {pow_base, pow_exponent},
                             .simplify = pow_simplify,
                             .gated = true};

/* ---- over an index ---------------------------------------------------------------------------------------------- */

const fqpi_op fqpi_op_sum = {.name = "sum",
                             .arity = 4,
                             .fold = &fqpi_op_add,
                             .fold_start = 0,
                             .doc = "sum(k, a, b, term): sum of the term over whole k from a to b, both constants"};
const fqpi_op fqpi_op_prod = {.name = "prod",
                              .arity = 4,
                              .fold = &fqpi_op_mul,
                              .fold_start = 1,
                              .doc = "prod(k, a, b, term): product of the term over whole k from a to b"};
