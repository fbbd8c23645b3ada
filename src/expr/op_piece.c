/* op_piece.c - functions in pieces, truth values, and the choice between branches.
 *
 * Conventions.  A number is true when it is neither 0 nor NaN; comparisons with NaN are false.  Derivatives are those
 * of the piece at hand: 0 for steps, sign(x) for abs (0 at 0), the first argument of min and max where both are equal,
 * the branch taken of if(c, a, b). */
#include "op.h"

#include <math.h>

static bool truth(double v) {
    return v != 0 && v == v;
}

/* ---- steps -------------------------------------------------------------------------------------------------- */

static double sign(double x) {
    return x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x;
}

static double heaviside(double x) {
    return x > 0 ? 1 : x < 0 ? 0 : x == 0 ? 0.5 : x;
}

static double finite_(double x) {
    return isfinite(x) ? 1 : 0;
}

static double abs_d(double x, double y) {
    (void)y;
    return sign(x);
}

static int abs_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)self, (void)which;
    return fqpi_graph_1(g, &fqpi_op_sign, a[0]);
}

const fqpi_op fqpi_op_abs = {.name = "abs",
                             .arity = 1,
                             .doc = "absolute value; its derivative at 0 is taken as 0",
                             .tile = fqpi_tile_map1,
                             .partial = fqpi_partial_map1,
                             .rule = abs_rule,
                             .f1 = fabs,
                             .d1 = abs_d};
const fqpi_op fqpi_op_sign = {.name = "sign",
                              .arity = 1,
                              .doc = "-1, 0 or 1",
                              .tile = fqpi_tile_map1,
                              .partial = fqpi_partial_zero,
                              .rule = fqpi_rule_zero,
                              .f1 = sign};
const fqpi_op fqpi_op_floor = {.name = "floor",
                               .arity = 1,
                               .doc = "largest whole number not above x",
                               .tile = fqpi_tile_map1,
                               .partial = fqpi_partial_zero,
                               .rule = fqpi_rule_zero,
                               .f1 = floor};
const fqpi_op fqpi_op_ceil = {.name = "ceil",
                              .arity = 1,
                              .doc = "smallest whole number not below x",
                              .tile = fqpi_tile_map1,
                              .partial = fqpi_partial_zero,
                              .rule = fqpi_rule_zero,
                              .f1 = ceil};
const fqpi_op fqpi_op_round = {.name = "round",
                               .arity = 1,
                               .doc = "nearest whole number, halves away from 0",
                               .tile = fqpi_tile_map1,
                               .partial = fqpi_partial_zero,
                               .rule = fqpi_rule_zero,
                               .f1 = round};
const fqpi_op fqpi_op_heaviside = {.name = "heaviside",
                                   .arity = 1,
                                   .doc = "0 below 0, 1/2 at 0, 1 above",
                                   .tile = fqpi_tile_map1,
                                   .partial = fqpi_partial_zero,
                                   .rule = fqpi_rule_zero,
                                   .f1 = heaviside};
const fqpi_op fqpi_op_isfinite = {.name = "isfinite",
                                  .arity = 1,
                                  .doc = "1 where x is neither infinite nor NaN, else 0",
                                  .tile = fqpi_tile_map1,
                                  .partial = fqpi_partial_zero,
                                  .rule = fqpi_rule_zero,
                                  .f1 = finite_};

static int step_expand(fqpi_graph *g, const int *a) {
    return fqpi_graph_2(g, &fqpi_op_ge, a[0], fqpi_graph_number(g, 0));
}

const fqpi_op fqpi_op_step = {.name = "step", .arity = 1, .doc = "1 where x >= 0, else 0", .expand = step_expand};

/* ---- mod(a, b) = a - b floor(a/b) ------------------------------------------------------------------------------ */

/* fmod is exact; its result is moved to the sign of b. */
static double mod(double a, double b) {
    double r = fmod(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

static double mod_da(double a, double b, double y) {
    (void)a, (void)b, (void)y;
    return 1;
}

static double mod_db(double a, double b, double y) {
    (void)y;
    return -floor(a / b);
}

static int mod_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)self;
    if (which == 0)
        return fqpi_graph_number(g, 1);
    return fqpi_graph_1(g, &fqpi_op_neg, fqpi_graph_1(g, &fqpi_op_floor, fqpi_graph_2(g, &fqpi_op_div, a[0], a[1])));
}

const fqpi_op fqpi_op_mod = {.name = "mod",
                             .arity = 2,
                             .doc = "mod(a, b) = a - b*floor(a/b), with the sign of b",
                             .tile = fqpi_tile_map2,
                             .partial = fqpi_partial_map2,
                             .rule = mod_rule,
                             .f2 = mod,
                             .d2 = {mod_da, mod_db}};

/* ---- comparisons and logic: 1 or 0 ------------------------------------------------------------------------------ */

static void lt_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = a[0][i] < a[1][i];
}

static void le_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = a[0][i] <= a[1][i];
}

static void gt_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = a[0][i] > a[1][i];
}

static void ge_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = a[0][i] >= a[1][i];
}

static void eq_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = a[0][i] == a[1][i];
}

static void ne_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = a[0][i] != a[1][i];
}

static void and_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = truth(a[0][i]) && truth(a[1][i]);
}

static void or_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = truth(a[0][i]) || truth(a[1][i]);
}

static void not_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = !truth(a[0][i]);
}

const fqpi_op fqpi_op_lt = {
    .name = "<", .arity = 2, .doc = "less", .tile = lt_tile, .partial = fqpi_partial_zero, .rule = fqpi_rule_zero};
const fqpi_op fqpi_op_le = {.name = "<=",
                            .arity = 2,
                            .doc = "less or equal",
                            .tile = le_tile,
                            .partial = fqpi_partial_zero,
                            .rule = fqpi_rule_zero};
const fqpi_op fqpi_op_gt = {
    .name = ">", .arity = 2, .doc = "greater", .tile = gt_tile, .partial = fqpi_partial_zero, .rule = fqpi_rule_zero};
const fqpi_op fqpi_op_ge = {.name = ">=",
                            .arity = 2,
                            .doc = "greater or equal",
                            .tile = ge_tile,
                            .partial = fqpi_partial_zero,
                            .rule = fqpi_rule_zero};
const fqpi_op fqpi_op_eq = {
    .name = "==", .arity = 2, .doc = "equal", .tile = eq_tile, .partial = fqpi_partial_zero, .rule = fqpi_rule_zero};
const fqpi_op fqpi_op_ne = {.name = "!=",
                            .arity = 2,
                            .doc = "not equal",
                            .tile = ne_tile,
                            .partial = fqpi_partial_zero,
                            .rule = fqpi_rule_zero};
const fqpi_op fqpi_op_and = {.name = "&&",
                             .arity = 2,
                             .doc = "both true",
                             .tile = and_tile,
                             .partial = fqpi_partial_zero,
                             .rule = fqpi_rule_zero};
const fqpi_op fqpi_op_or = {.name = "||",
                            .arity = 2,
                            .doc = "one or both true",
                            .tile = or_tile,
                            .partial = fqpi_partial_zero,
                            .rule = fqpi_rule_zero};
const fqpi_op fqpi_op_not = {
    .name = "!", .arity = 1, .doc = "not true", .tile = not_tile, .partial = fqpi_partial_zero, .rule = fqpi_rule_zero};

/* ---- min, max ---------------------------------------------------------------------------------------------------- */

static double min(double a, double b) {
    return a <= b || a != a ? a : b;
}

static double max(double a, double b) {
    return a >= b || a != a ? a : b;
}

static double min_da(double a, double b, double y) {
    (void)y;
    return a <= b;
}

static double min_db(double a, double b, double y) {
    (void)y;
    return !(a <= b);
}

static double max_da(double a, double b, double y) {
    (void)y;
    return a >= b;
}

static double max_db(double a, double b, double y) {
    (void)y;
    return !(a >= b);
}

static int pick(fqpi_graph *g, int first, int which) {
    return which ? fqpi_graph_1(g, &fqpi_op_not, first) : first;
}

static int min_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)self;
    return pick(g, fqpi_graph_2(g, &fqpi_op_le, a[0], a[1]), which);
}

static int max_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)self;
    return pick(g, fqpi_graph_2(g, &fqpi_op_ge, a[0], a[1]), which);
}

const fqpi_op fqpi_op_min = {.name = "min",
                             .arity = 2,
                             .doc = "smallest of two or more numbers",
                             .tile = fqpi_tile_map2,
                             .partial = fqpi_partial_map2,
                             .rule = min_rule,
                             .f2 = min,
                             .d2 = {min_da, min_db},
                             .variadic = true,
                             .gated = true};
const fqpi_op fqpi_op_max = {.name = "max",
                             .arity = 2,
                             .doc = "largest of two or more numbers",
                             .tile = fqpi_tile_map2,
                             .partial = fqpi_partial_map2,
                             .rule = max_rule,
                             .f2 = max,
                             .d2 = {max_da, max_db},
                             .variadic = true,
                             .gated = true};

static int clamp_expand(fqpi_graph *g, const int *a) {
    return fqpi_graph_2(g, &fqpi_op_min, fqpi_graph_2(g, &fqpi_op_max, a[0], a[1]), a[2]);
}

const fqpi_op fqpi_op_clamp = {
    .name = "clamp", .arity = 3, .doc = "clamp(x, low, high): x kept between low and high", .expand = clamp_expand};

/* ---- if(c, a, b) ---------------------------------------------------------------------------------------------------
 */

static void if_tile(const fqpi_op *op, int n, const double *const *a, double *restrict y) {
    (void)op;
    for (int i = 0; i < n; i++)
        y[i] = truth(a[0][i]) ? a[1][i] : a[2][i];
}

static void if_partial(const fqpi_op *op, int n, int which, const double *const *a, const double *y, double *d) {
    (void)op, (void)y;
    for (int i = 0; i < n; i++)
        d[i] = which == 0 ? 0 : truth(a[0][i]) == (which == 1);
}

static int if_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)self;
    if (which == 0)
        return fqpi_graph_number(g, 0);
    int one = fqpi_graph_number(g, 1), zero = fqpi_graph_number(g, 0);
    return fqpi_graph_3(g, &fqpi_op_if, a[0], which == 1 ? one : zero, which == 1 ? zero : one);
}

static int if_simplify(fqpi_graph *g, const int *a) {
    double c;
    if (fqpi_graph_constant(g, a[0], &c))
        return truth(c) ? a[1] : a[2];
    return a[1] == a[2] ? a[1] : -1;
}

const fqpi_op fqpi_op_if = {.name = "if",
                            .arity = 3,
                            .doc = "if(c, a, b): a where c is true, else b; also c ? a : b",
                            .tile = if_tile,
                            .partial = if_partial,
                            .rule = if_rule,
                            .simplify = if_simplify,
                            .gated = true};
