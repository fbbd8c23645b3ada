/* op_angle.c - trigonometric and hyperbolic functions and their inverses.
 *
 * Each function stands with its derivative twice: as a number (x the argument, y the value) and as a term. */
#include "rule.h"

#include <math.h>

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
