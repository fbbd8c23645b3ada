/* op_function.c - elementary functions of one number, atan2 and hypot.
 *
 * Each function stands with its derivative twice: as a number (x the argument, y the value) and as a term. */
#include "op.h"

#include <math.h>

static const double LN2 = 0.69314718055994530942, LN10 = 2.30258509299404568402,
                    TWO_OVER_ROOT_PI = 1.12837916709551257390;

static int num(fqpi_graph *g, double v) {
    return fqpi_graph_number(g, v);
}

static int fn(fqpi_graph *g, const fqpi_op *op, int a) {
    return fqpi_graph_1(g, op, a);
}

static int neg(fqpi_graph *g, int a) {
    return fqpi_graph_1(g, &fqpi_op_neg, a);
}

static int add(fqpi_graph *g, int a, int b) {
    return fqpi_graph_2(g, &fqpi_op_add, a, b);
}

static int sub(fqpi_graph *g, int a, int b) {
    return fqpi_graph_2(g, &fqpi_op_sub, a, b);
}

static int mul(fqpi_graph *g, int a, int b) {
    return fqpi_graph_2(g, &fqpi_op_mul, a, b);
}

static int quotient(fqpi_graph *g, int a, int b) {
    return fqpi_graph_2(g, &fqpi_op_div, a, b);
}

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

static double sin_d(double x, double y) {
    (void)y;
    return cos(x);
}

static int sin_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return fn(g, &fqpi_op_cos, a[0]);
}

const fqpi_op fqpi_op_sin = {.name = "sin",
                             .arity = 1,
                             .doc = "sine of an angle in radians",
                             .tile = fqpi_tile_map1,
                             .partial = fqpi_partial_map1,
                             .rule = sin_rule,
                             .f1 = sin,
                             .d1 = sin_d};

static double cos_d(double x, double y) {
    (void)y;
    return -sin(x);
}

static int cos_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return neg(g, fn(g, &fqpi_op_sin, a[0]));
}

const fqpi_op fqpi_op_cos = {.name = "cos",
                             .arity = 1,
                             .doc = "cosine of an angle in radians",
                             .tile = fqpi_tile_map1,
                             .partial = fqpi_partial_map1,
                             .rule = cos_rule,
                             .f1 = cos,
                             .d1 = cos_d};

static double tan_d(double x, double y) {
    (void)x;
    return 1 + y * y;
}

static int tan_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)a;
    return add(g, num(g, 1), mul(g, self, self));
}

const fqpi_op fqpi_op_tan = {.name = "tan",
                             .arity = 1,
                             .doc = "tangent of an angle in radians",
                             .tile = fqpi_tile_map1,
                             .partial = fqpi_partial_map1,
                             .rule = tan_rule,
                             .f1 = tan,
                             .d1 = tan_d,
                             .gated = true};

static double asin_d(double x, double y) {
    (void)y;
    return 1 / sqrt(1 - x * x);
}

static int asin_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return quotient(g, num(g, 1), fn(g, &fqpi_op_sqrt, sub(g, num(g, 1), mul(g, a[0], a[0]))));
}

const fqpi_op fqpi_op_asin = {.name = "asin",
                              .arity = 1,
                              .doc = "inverse sine [radians]",
                              .tile = fqpi_tile_map1,
                              .partial = fqpi_partial_map1,
                              .rule = asin_rule,
                              .f1 = asin,
                              .d1 = asin_d,
                              .gated = true};

static double acos_d(double x, double y) {
    (void)y;
    return -1 / sqrt(1 - x * x);
}

static int acos_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return quotient(g, num(g, -1), fn(g, &fqpi_op_sqrt, sub(g, num(g, 1), mul(g, a[0], a[0]))));
}

const fqpi_op fqpi_op_acos = {.name = "acos",
                              .arity = 1,
                              .doc = "inverse cosine [radians]",
                              .tile = fqpi_tile_map1,
                              .partial = fqpi_partial_map1,
                              .rule = acos_rule,
                              .f1 = acos,
                              .d1 = acos_d,
                              .gated = true};

static double atan_d(double x, double y) {
    (void)y;
    return 1 / (1 + x * x);
}

static int atan_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return quotient(g, num(g, 1), add(g, num(g, 1), mul(g, a[0], a[0])));
}

const fqpi_op fqpi_op_atan = {.name = "atan",
                              .arity = 1,
                              .doc = "inverse tangent [radians]",
                              .tile = fqpi_tile_map1,
                              .partial = fqpi_partial_map1,
                              .rule = atan_rule,
                              .f1 = atan,
                              .d1 = atan_d};

static double sinh_d(double x, double y) {
    (void)y;
    return cosh(x);
}

static int sinh_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return fn(g, &fqpi_op_cosh, a[0]);
}

const fqpi_op fqpi_op_sinh = {.name = "sinh",
                              .arity = 1,
                              .doc = "hyperbolic sine",
                              .tile = fqpi_tile_map1,
                              .partial = fqpi_partial_map1,
                              .rule = sinh_rule,
                              .f1 = sinh,
                              .d1 = sinh_d};

static double cosh_d(double x, double y) {
    (void)y;
    return sinh(x);
}

static int cosh_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return fn(g, &fqpi_op_sinh, a[0]);
}

const fqpi_op fqpi_op_cosh = {.name = "cosh",
                              .arity = 1,
                              .doc = "hyperbolic cosine",
                              .tile = fqpi_tile_map1,
                              .partial = fqpi_partial_map1,
                              .rule = cosh_rule,
                              .f1 = cosh,
                              .d1 = cosh_d};

static double tanh_d(double x, double y) {
    (void)x;
    return 1 - y * y;
}

static int tanh_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)a;
    return sub(g, num(g, 1), mul(g, self, self));
}

const fqpi_op fqpi_op_tanh = {.name = "tanh",
                              .arity = 1,
                              .doc = "hyperbolic tangent",
                              .tile = fqpi_tile_map1,
                              .partial = fqpi_partial_map1,
                              .rule = tanh_rule,
                              .f1 = tanh,
                              .d1 = tanh_d};

static double asinh_d(double x, double y) {
    (void)y;
    return 1 / sqrt(x * x + 1);
}

static int asinh_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return quotient(g, num(g, 1), fn(g, &fqpi_op_sqrt, add(g, mul(g, a[0], a[0]), num(g, 1))));
}

const fqpi_op fqpi_op_asinh = {.name = "asinh",
                               .arity = 1,
                               .doc = "inverse hyperbolic sine",
                               .tile = fqpi_tile_map1,
                               .partial = fqpi_partial_map1,
                               .rule = asinh_rule,
                               .f1 = asinh,
                               .d1 = asinh_d};

static double acosh_d(double x, double y) {
    (void)y;
    return 1 / sqrt(x * x - 1);
}

static int acosh_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return quotient(g, num(g, 1), fn(g, &fqpi_op_sqrt, sub(g, mul(g, a[0], a[0]), num(g, 1))));
}

const fqpi_op fqpi_op_acosh = {.name = "acosh",
                               .arity = 1,
                               .doc = "inverse hyperbolic cosine",
                               .tile = fqpi_tile_map1,
                               .partial = fqpi_partial_map1,
                               .rule = acosh_rule,
                               .f1 = acosh,
                               .d1 = acosh_d,
                               .gated = true};

static double atanh_d(double x, double y) {
    (void)y;
    return 1 / (1 - x * x);
}

static int atanh_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)which, (void)self;
    return quotient(g, num(g, 1), sub(g, num(g, 1), mul(g, a[0], a[0])));
}

const fqpi_op fqpi_op_atanh = {.name = "atanh",
                               .arity = 1,
                               .doc = "inverse hyperbolic tangent",
                               .tile = fqpi_tile_map1,
                               .partial = fqpi_partial_map1,
                               .rule = atanh_rule,
                               .f1 = atanh,
                               .d1 = atanh_d,
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

/* ---- atan2(y, x): d/dy = x/(x^2+y^2), d/dx = -y/(x^2+y^2) ----------------------------------------------------- */

static double atan2_dy(double b, double a, double y) {
    (void)y;
    return a / (a * a + b * b);
}

static double atan2_dx(double b, double a, double y) {
    (void)y;
    return -b / (a * a + b * b);
}

static int atan2_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)self;
    int square = add(g, mul(g, a[1], a[1]), mul(g, a[0], a[0]));
    return which ? neg(g, quotient(g, a[0], square)) : quotient(g, a[1], square);
}

const fqpi_op fqpi_op_atan2 = {.name = "atan2",
                               .arity = 2,
                               .doc = "atan2(y, x): angle of the point (x, y) [radians]",
                               .tile = fqpi_tile_map2,
                               .partial = fqpi_partial_map2,
                               .rule = atan2_rule,
                               .f2 = atan2,
                               .d2 = {atan2_dy, atan2_dx},
                               .gated = true};

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
