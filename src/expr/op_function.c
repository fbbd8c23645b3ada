/* op_function.c - roots, exponentials, logarithms, error functions, hypot.
 *
 * Each function stands with its derivative twice: as a number (x the argument, y the value) and as a term. */
#include "rule.h"

#include <math.h>

static const double LN2 = 0.69314718055994530942, LN10 = 2.30258509299404568402,
                    TWO_OVER_ROOT_PI = 1.12837916709551257390;

/* exp(-x^2) */
static int bell(fqpi_graph *g, int x) {
    return fn(g, &fqpi_op_exp, neg(g, mul(g, x, x)));
}

static double sqrt_d(double x, double y) {
    (void)x;
    return 0.5 / y;
}

static int sqrt_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)a;
    return quotient(g, num(g, 0.5), self);
}

const fqpi_op fqpi_op_sqrt = {.name = "sqrt",
                              .arity = 1,
                              .doc = "square root",
                              .tile = fqpi_tile_map1,
                              .partial = fqpi_partial_map1,
                              .rule = sqrt_rule,
                              .f1 = sqrt,
                              .d1 = sqrt_d,
                              .gated = true};

static double cbrt_d(double x, double y) {
    (void)x;
    return 1 / (3 * y * y);
}

static int cbrt_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)a;
    return quotient(g, num(g, 1), mul(g, num(g, 3), mul(g, self, self)));
}

const fqpi_op fqpi_op_cbrt = {.name = "cbrt",
                              .arity = 1,
                              .doc = "cube root",
                              .tile = fqpi_tile_map1,
                              .partial = fqpi_partial_map1,
                              .rule = cbrt_rule,
                              .f1 = cbrt,
                              .d1 = cbrt_d,
                              .gated = true};

static double exp_d(double x, double y) {
    (void)x;
    return y;
}

static int exp_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)a, (void)g;
    return self;
}

const fqpi_op fqpi_op_exp = {.name = "exp",
                             .arity = 1,
                             .doc = "exponential",
                             .tile = fqpi_tile_map1,
                             .partial = fqpi_partial_map1,
                             .rule = exp_rule,
                             .f1 = exp,
                             .d1 = exp_d};

static double expm1_d(double x, double y) {
    (void)x;
    return y + 1;
}

static int expm1_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)a;
    return add(g, self, num(g, 1));
}

const fqpi_op fqpi_op_expm1 = {.name = "expm1",
                               .arity = 1,
                               .doc = "exp(x) - 1, exact for small x",
                               .tile = fqpi_tile_map1,
                               .partial = fqpi_partial_map1,
                               .rule = expm1_rule,
                               .f1 = expm1,
                               .d1 = expm1_d};

static double log_d(double x, double y) {
    (void)y;
    return 1 / x;
}

static int log_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return quotient(g, num(g, 1), a[0]);
}

const fqpi_op fqpi_op_log = {.name = "log",
                             .arity = 1,
                             .doc = "natural logarithm",
                             .tile = fqpi_tile_map1,
                             .partial = fqpi_partial_map1,
                             .rule = log_rule,
                             .f1 = log,
                             .d1 = log_d,
                             .gated = true};

static double log2_d(double x, double y) {
    (void)y;
    return 1 / (x * LN2);
}

static int log2_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return quotient(g, num(g, 1), mul(g, num(g, LN2), a[0]));
}

const fqpi_op fqpi_op_log2 = {.name = "log2",
                              .arity = 1,
                              .doc = "logarithm to base 2",
                              .tile = fqpi_tile_map1,
                              .partial = fqpi_partial_map1,
                              .rule = log2_rule,
                              .f1 = log2,
                              .d1 = log2_d,
                              .gated = true};

static double log10_d(double x, double y) {
    (void)y;
    return 1 / (x * LN10);
}

static int log10_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return quotient(g, num(g, 1), mul(g, num(g, LN10), a[0]));
}

const fqpi_op fqpi_op_log10 = {.name = "log10",
                               .arity = 1,
                               .doc = "logarithm to base 10",
                               .tile = fqpi_tile_map1,
                               .partial = fqpi_partial_map1,
                               .rule = log10_rule,
                               .f1 = log10,
                               .d1 = log10_d,
                               .gated = true};

static double log1p_d(double x, double y) {
    (void)y;
    return 1 / (1 + x);
}

static int log1p_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return quotient(g, num(g, 1), add(g, num(g, 1), a[0]));
}

const fqpi_op fqpi_op_log1p = {.name = "log1p",
                               .arity = 1,
                               .doc = "log(1 + x), exact for small x",
                               .tile = fqpi_tile_map1,
                               .partial = fqpi_partial_map1,
                               .rule = log1p_rule,
                               .f1 = log1p,
                               .d1 = log1p_d,
                               .gated = true};

static double erf_d(double x, double y) {
    (void)y;
    return TWO_OVER_ROOT_PI * exp(-x * x);
}

static int erf_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return mul(g, num(g, TWO_OVER_ROOT_PI), bell(g, a[0]));
}

const fqpi_op fqpi_op_erf = {.name = "erf",
                             .arity = 1,
                             .doc = "error function",
                             .tile = fqpi_tile_map1,
                             .partial = fqpi_partial_map1,
                             .rule = erf_rule,
                             .f1 = erf,
                             .d1 = erf_d};

static double erfc_d(double x, double y) {
    (void)y;
    return -TWO_OVER_ROOT_PI * exp(-x * x);
}

static int erfc_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return mul(g, num(g, -TWO_OVER_ROOT_PI), bell(g, a[0]));
}

const fqpi_op fqpi_op_erfc = {.name = "erfc",
                              .arity = 1,
                              .doc = "1 - erf(x), exact for large x",
                              .tile = fqpi_tile_map1,
                              .partial = fqpi_partial_map1,
                              .rule = erfc_rule,
                              .f1 = erfc,
                              .d1 = erfc_d};

/* ---- made of others --------------------------------------------------------------------------------------- */

static int ln_expand(fqpi_graph *g, const int *a) {
    return fn(g, &fqpi_op_log, a[0]);
}

static int gauss_expand(fqpi_graph *g, const int *a) {
    return bell(g, a[0]);
}

const fqpi_op fqpi_op_ln = {.name = "ln", .arity = 1, .doc = "natural logarithm, the same as log", .expand = ln_expand};
const fqpi_op fqpi_op_gauss = {.name = "gauss", .arity = 1, .doc = "exp(-x^2)", .expand = gauss_expand};

/* ---- hypot(a, b): a/y, b/y, and 0 at the origin --------------------------------------------------------------- */

static double hypot_da(double a, double b, double y) {
    (void)b;
    return a == 0 ? 0 : a / y;
}

static double hypot_db(double a, double b, double y) {
    (void)a;
    return b == 0 ? 0 : b / y;
}

static int hypot_rule(fqpi_graph *g, const int *a, int self, int which) {
    return fqpi_graph_2(g, &fqpi_op_gate, a[which], quotient(g, num(g, 1), self));
}

const fqpi_op fqpi_op_hypot = {.name = "hypot",
                               .arity = 2,
                               .doc = "sqrt(a^2 + b^2); its derivative at the origin is taken as 0",
                               .tile = fqpi_tile_map2,
                               .partial = fqpi_partial_map2,
                               .rule = hypot_rule,
                               .f2 = hypot,
                               .d2 = {hypot_da, hypot_db},
                               .commutes = true,
                               .gated = true};
